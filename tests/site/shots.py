"""Pictures for people to look at: every page and every explorable, two widths, two colour modes.

    python -m tests.site.shots OUT [ADDRESS]

writes `OUT/page-SLUG-WIDTH-MODE.png` and `OUT/figure-ID-WIDTH-MODE.png`, of the built site or of a served ADDRESS.
"""

import shutil
import sys
from contextlib import nullcontext
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import BROWSER_FLAGS, BROWSERS
from tests.site.browser import MODES, SCREENS, settle
from tests.site.build import built_site, page_paths
from tests.site.serving import serve


def shoot_page(page: Page, path: str, out: Path, suffix: str):
    """One picture of the whole page and one of each explorable on it."""
    page.evaluate("scrollTo(0, 0)")
    slug = path.strip("/").replace("/", "-") or "index"
    page.screenshot(path=out / f"page-{slug}-{suffix}.png", full_page=True)
    for figure in page.locator("[data-explorable]").all():
        name = figure.get_attribute("data-explorable")
        figure.screenshot(path=out / f"figure-{name}-{suffix}.png")


def shoot(browser: Browser, address: str, paths: list[str], out: Path):
    """Every page at every width in every colour mode."""
    for width, screen in SCREENS.items():
        for mode in MODES:
            # A telephone's doubled pixels make full pages too tall for one picture.
            options = {**screen, "device_scale_factor": 1, "color_scheme": mode, "reduced_motion": "reduce"}
            context = browser.new_context(**options)
            page = context.new_page()
            for path in paths:
                page.goto(address + path)
                settle(page)
                shoot_page(page, path, out, f"{width}-{mode}")
            context.close()


def main(out: Path, address: str | None = None):
    """Take the pictures; `address` defaults to the built site, served for the purpose."""
    out.mkdir(parents=True, exist_ok=True)
    book = built_site("")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright, nullcontext(address) if address else serve(book) as root:
        browser = playwright.chromium.launch(executable_path=program, args=BROWSER_FLAGS)
        shoot(browser, root.rstrip("/"), page_paths(book), out)
        browser.close()
    print(f"{len(list(out.glob('*.png')))} pictures in {out}")


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        sys.exit("usage: python -m tests.site.shots OUT [ADDRESS]")
    main(Path(sys.argv[1]), *sys.argv[2:])
