"""Chromium as the tests drive it: screens, what a page asks for and complains about, what sticks out."""

from dataclasses import dataclass, field
from gzip import compress
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response, TimeoutError

DESKTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
SCREENS = {1440: DESKTOP, 360: PHONE}
MODES = ("light", "dark")


@dataclass
class Watch:
    """Every answer a page received and everything it complained about, from the moment it is made."""

    page: Page
    urls: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.page.on("request", lambda request: self.urls.append(request.url))
        self.page.on("response", lambda response: self.responses.append(response))
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("requestfailed", self._note_failure)
        self.page.on("console", self._note_message)

    def _note_failure(self, request):
        # (A page left while it loads aborts what it still waits for; that is no fault of the page.)
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url} ({request.failure})")

    def _note_message(self, message):
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def strangers(self, origin: str) -> list[str]:
        """Requests that left ``origin`` (``http://host:port``); data inside the page is no request."""
        ours = urlsplit(origin).netloc
        return [u for u in self.urls if urlsplit(u).netloc != ours and urlsplit(u).scheme not in {"data", "blob"}]

    def weights(self) -> dict[str, int]:
        """Bytes of each answer after gzip, by path."""
        return {
            urlsplit(response.url).path: len(compress(response.body(), mtime=0))
            for response in self.responses
            if response.status == 200
        }


# The next frame. A browser that finds nothing to draw may leave it out for ever: then a moment has to do.
FRAME = "Promise.race([new Promise(requestAnimationFrame), new Promise(done => setTimeout(done, 250))])"


def settle(page: Page):
    """Walk down the page until every explorable lives and the network is quiet.

    Chromium without a screen stops for good, on about one long page in a hundred, to make frames; all its threads then
    sleep. A page left so is loaded anew, once. One that misses its explorables while frames are made is at fault.
    """
    try:
        _walk_down(page)
    except TimeoutError:
        if _makes_frames(page):
            raise
        page.reload()
        _walk_down(page)


def _walk_down(page: Page):
    """Bring one explorable after the other into view until it lives, then the rest of the page."""
    for figure in page.locator("[data-explorable]").element_handles():
        figure.evaluate("figure => figure.scrollIntoView({block: 'center', behavior: 'instant'})")
        page.wait_for_function("figure => figure.explorable?.tables", arg=figure, polling=50)
    page.evaluate(
        """async () => {
            for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
                scrollTo({top: y, behavior: "instant"});
                await FRAME;
            }
        }""".replace("FRAME", FRAME)
    )
    page.wait_for_load_state("networkidle")


def _makes_frames(page: Page) -> bool:
    """Whether an animation frame comes within two seconds."""
    return page.evaluate(
        """() => Promise.race([
            new Promise(done => requestAnimationFrame(() => done(true))),
            new Promise(done => setTimeout(done, 2000, false)),
        ])"""
    )


_STICKING_OUT = """() => {
    const clipped = element => {
        for (let e = element.parentElement; e && e !== document.body; e = e.parentElement)
            if (getComputedStyle(e).overflowX !== "visible") return true;
        return false;
    };
    const faults = [];
    for (const e of document.body.querySelectorAll("*")) {
        const box = e.getBoundingClientRect();
        const out = box.right > document.documentElement.clientWidth + 1 || box.left + scrollX < -1;
        const seen = box.width && e.checkVisibility({visibilityProperty: true}) && !e.closest("[inert]");
        if (seen && out && !clipped(e))
            faults.push(`${e.tagName.toLowerCase()}.${e.getAttribute("class")} ${Math.round(box.left)}`
                        + `…${Math.round(box.right)} "${e.textContent.trim().slice(0, 40)}"`);
    }
    const root = document.scrollingElement;
    if (root.scrollWidth > root.clientWidth) faults.push(`page is ${root.scrollWidth} px wide`);
    return faults;
}"""


def sticking_out(page: Page) -> list[str]:
    """Visible elements that reach beyond the page's sides, outside any box that scrolls by itself."""
    return page.evaluate(_STICKING_OUT)


def axe_faults(page: Page) -> list[str]:
    """What axe calls serious or critical: rule, element and reason."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for rule in found
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]


def drag_finger(page: Page, start: tuple[float, float], end: tuple[float, float], steps: int = 8):
    """Put a finger down, move it, let it rest and lift it, one move a frame, as the screen reports it."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, points: list[tuple[float, float]]):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})
        page.evaluate(f"() => {FRAME}")

    touch("touchStart", [start])
    for step in range(1, 2 * steps + 1):  # lifted while still moving, a finger throws: the next tap would stop that
        part = min(1, step / steps)
        touch("touchMove", [tuple(a + part * (b - a) for a, b in zip(start, end, strict=True))])
    touch("touchEnd", [])
    session.detach()
