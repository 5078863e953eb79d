"""The kitchen sink, built whole: once plainly, once with defects, once live."""

import html.parser
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from dgmtheme import assets, serve
from dgmtheme.build import BuildFailure, build
from playwright.sync_api import expect

from tests.site import serving

SINK = Path(__file__).parent / "kitchen_sink"
THEME = Path(__file__).resolve().parents[2] / "theme"


def project(target, **files):
    """A copy of the kitchen sink (or of its settings, with pages of its own) whose template is this theme."""
    shutil.copytree(SINK, target, ignore=shutil.ignore_patterns("_build"))
    settings = (target / "myst.yml").read_text().replace("../../../theme", str(THEME))
    if files:
        toc = "".join(f"    - file: {name}\n" for name in files)
        settings = re.sub(r"  toc:\n(?:    .*\n)+", f"  toc:\n{toc}", settings)
    (target / "myst.yml").write_text(settings)
    for name, text in files.items():
        (target / name).write_text(text)
    return target


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return build(project(tmp_path_factory.mktemp("sink") / "book"), "/dgm")


class Page(html.parser.HTMLParser):
    """Addresses and IDs of a page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.addresses, self.inline_scripts = [], [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.ids += [values["id"]] if "id" in values else []
        names = ("href", "src", "data-src", "data-widget", "data-search")
        # where the page leads, and what it loads; meta and canonical addresses are published ones
        if tag != "link" or values.get("rel") != "canonical":
            self.addresses += [values[name] for name in names if values.get(name)]
        self.inline_scripts += tag == "script" and "src" not in values


def pages(site):
    return {path: Page(path.read_text()) for path in sorted(site.rglob("*.html")) if path.name != "frame.html"}


def test_every_link_anchor_and_file_is_there(site):
    known = pages(site)
    missing = []
    for path, page in known.items():
        for address in page.addresses:
            parts = urlsplit(address)
            if parts.netloc or parts.scheme == "data":
                continue
            assert not parts.path or parts.path.startswith("/dgm/"), (path, address)
            file = site / unquote(parts.path).removeprefix("/dgm/") if parts.path else path
            file = file / "index.html" if file.is_dir() else file
            there = file.is_file() and (not parts.fragment or unquote(parts.fragment) in known[file].ids)
            missing += [] if there else [(path.name, address)]
    assert missing == []


def test_ids_are_unique_and_no_script_is_inline(site):
    for path, page in pages(site).items():
        assert len(page.ids) == len(set(page.ids)), path
        assert page.inline_scripts == 0, path


def test_nothing_is_loaded_from_elsewhere(site):
    loads = re.compile(r'<(?:script|img|iframe|video|source|link rel="stylesheet")[^>]+(?:src|href)="https?:')
    assert [path for path in pages(site) if loads.search(path.read_text())] == []
    for path in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", path.read_text()), path


def test_pages_without_explorables_do_not_load_the_player(site):
    assert "explorable.js" not in (site / "text" / "index.html").read_text()
    assert "explorable.js" in (site / "notebook" / "index.html").read_text()


def test_machine_files(site):
    index = json.loads((site / "search.json").read_text())
    assert any(url == "/dgm/text/#sec-lists" for url, *_ in index)
    assert (site / "sitemap.xml").read_text().count("<loc>") == 6
    for name in ("robots.txt", "404.html", "favicon.ico", "favicon.svg", "sitemap_style.xsl", "frame.html"):
        assert (site / name).is_file(), name


def test_social_metadata(site):
    text = (site / "text" / "index.html").read_text()
    for name in ("og:title", "og:description", "og:image", "twitter:card", 'rel="canonical"', 'name="description"'):
        assert name in text


def test_katex_is_the_version_that_mystmd_renders_with():
    import mystmd_py

    bundle = (Path(mystmd_py.__file__).parent / "myst.cjs").read_text()
    version = re.search(r"\bkatex@(\d+\.\d+\.\d+)/", bundle)[1]
    assert json.loads((THEME / "package.json").read_text())["dependencies"]["katex"] == version


def test_only_woff2_fonts_are_shipped(site):
    fonts = [path.suffix for path in (site / "katex" / "fonts").iterdir()]
    css = (site / "katex" / "katex.css").read_text()
    assert set(fonts) == {".woff2"} and not re.search(r"\.(?:ttf|woff)\b", css)
    assert all((site / "katex" / name).is_file() for name in re.findall(r"url\(([^)]+)\)", css))


def test_the_lock_file_names_no_addresses():
    assert "http" not in (THEME / "package-lock.json").read_text()


def test_the_built_book_is_served_below_its_base(site):
    book = serve.server(site, 0)
    threading.Thread(target=book.serve_forever, daemon=True).start()
    try:
        answers = {path: status(book.server_port, path) for path in ("/", "/dgm/", "/dgm/text/", "/dgm/nope", "/text/")}
    finally:
        book.shutdown()
        book.server_close()
    assert answers == {"/": 302, "/dgm/": 200, "/dgm/text/": 200, "/dgm/nope": 404, "/text/": 404}


@pytest.fixture(scope="module")
def address(site):
    with serving.serve(site, base="/dgm") as address:
        yield address


@pytest.fixture
def page(chromium):
    page = chromium.new_page()
    yield page
    page.close()


@pytest.mark.browser
def test_tabs_are_walked_with_the_arrows(address, page):
    page.goto(f"{address}/blocks")
    tabs, panels = page.get_by_role("tab"), page.locator(".tab-panel")
    expect(tabs).to_have_text(["NumPy", "PyTorch"])

    def chosen(index):
        for i in range(2):
            expect(tabs.nth(i)).to_have_attribute("aria-selected", str(i == index).lower())
            expect(panels.nth(i)).to_be_visible(visible=i == index)

    chosen(0)
    tabs.nth(1).click()
    chosen(1)
    page.keyboard.press("ArrowRight")  # on from the last is the first
    chosen(0)
    expect(tabs.nth(0)).to_be_focused()
    page.keyboard.press("End")
    chosen(1)
    page.keyboard.press("Tab")
    assert not tabs.nth(0).evaluate("tab => tab === document.activeElement"), "the list is one stop of the Tab key"


@pytest.mark.browser
def test_a_widget_of_the_books_own_runs(address, page):
    page.goto(f"{address}/notebook")
    button = page.locator("[data-widget] button")
    expect(button).to_have_text("count is 3")
    button.click()
    expect(button).to_have_text("count is 4")


@pytest.mark.browser
def test_a_widget_whose_module_is_missing_says_so(address, page):
    page.route("**/*.mjs", lambda route: route.abort())
    page.goto(f"{address}/notebook")
    expect(page.locator("[data-widget]")).to_contain_text("This widget could not start")


def test_serving_nothing_says_what_to_do(tmp_path):
    with pytest.raises(ValueError, match="make site"):
        serve.server(tmp_path, 0)


def status(port, path):
    connection = http.client.HTTPConnection("localhost", port, timeout=20)
    connection.request("GET", path)
    code = connection.getresponse().status
    connection.close()
    return code


KERNEL = "---\ntitle: Broken\nkernelspec:\n  name: python3\n  display_name: Python 3\n---\n\n"


def failure(tmp_path, page):
    with pytest.raises(BuildFailure) as caught:
        build(project(tmp_path / "book", **{"index.md": "# Start\n", "broken.md": page}))
    return str(caught.value)


@pytest.mark.parametrize(
    ("page", "place", "words"),
    [
        ("# T\n\nSee [](#no-such-label).\n", "broken.md:3", "no-such-label"),
        ("# T\n\n\nAs shown by {cite:p}`nobody1900`.\n", "broken.md:4", "nobody1900"),
        ("# T\n\n$\\nosuchmacro$\n", "broken.md:3", "nosuchmacro"),
        ("# T\n\n![](images/curve.svg)\n", "broken.md:3", "alternative text"),
        ("# T\n\n:::{mermaid}\nflowchart LR\n:::\n", "broken.md:4", "Mermaid"),
    ],
    ids=["reference", "citation", "formula", "picture", "unprintable"],
)
def test_a_defect_of_the_text_fails_with_file_and_line(tmp_path, page, place, words):
    message = failure(tmp_path, page)
    assert place in message and words in message


def test_a_cell_that_raises_fails_with_file_and_line(tmp_path):
    message = failure(tmp_path, KERNEL + "Text.\n\n```{code-cell} python\n1 / 0\n```\n")
    assert "broken.md:11 " in message and "ZeroDivisionError" in message


def test_a_broken_explorable_fails_with_file_and_line(tmp_path):
    """IPython swallows errors of display methods: the cell counts as run, only its output tells."""
    broken = (
        "class Broken:\n    def _repr_mimebundle_(self, **_):\n        raise ValueError('ragged columns')\n\nBroken()"
    )
    message = failure(tmp_path, f"{KERNEL}Text.\n\n```{{code-cell}} python\n{broken}\n```\n")
    assert "broken.md:13 " in message and "ValueError: ragged columns" in message


def free_port():
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if condition():
                return True
        except OSError:
            pass
        time.sleep(0.3)
    return False


@pytest.mark.browser
def test_the_live_server_prints_changed_sources_and_the_page_reloads(tmp_path, page):
    book = project(tmp_path / "book", **{"index.md": "---\ntitle: Live\n---\n\nbefore the change\n"})
    port, content_port = free_port(), free_port()
    arguments = [
        sys.executable,
        "-m",
        "mystmd_py.main",
        "start",
        "--port",
        str(port),
        "--server-port",
        str(content_port),
    ]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with subprocess.Popen(
        arguments, cwd=book, env={**os.environ, "PATH": path}, stdout=subprocess.DEVNULL, start_new_session=True
    ) as live:
        try:
            assert wait_for(lambda: "before the change" in get(port, "/"))
            assert f'data-socket="ws://localhost:{content_port}/socket"' in get(port, "/")
            with page.expect_websocket():
                page.goto(f"http://localhost:{port}/")
            (book / "index.md").write_text("---\ntitle: Live\n---\n\nafter the change\n")
            assert wait_for(lambda: "after the change" in get(port, "/"))
            expect(page.get_by_text("after the change")).to_be_visible(timeout=20_000)
            assert "myst-theme.css" in get(port, "/") and status(port, "/nope") == 404
        finally:
            os.killpg(live.pid, 15)


def get(port, path):
    connection = http.client.HTTPConnection("localhost", port, timeout=20)
    connection.request("GET", path)
    body = connection.getresponse().read().decode()
    connection.close()
    return body


def test_a_file_the_theme_has_not_is_named():
    from dgmtheme.links import Links

    with pytest.raises(ValueError, match=r"no file 'nope\.css'"):
        assets.Assets(Links()).url("nope.css")
