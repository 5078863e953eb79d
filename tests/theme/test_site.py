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
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from dgmtheme import __main__ as live_server
from dgmtheme import assets, serve
from dgmtheme.build import BuildFailure, build
from playwright.sync_api import expect
from projects import project

THEME = Path(__file__).resolve().parents[2] / "theme"


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


def pages(sink):
    return {path: Page(path.read_text()) for path in sorted(sink.rglob("*.html")) if path.name != "frame.html"}


def test_every_link_anchor_and_file_is_there(sink):
    known = pages(sink)
    missing = []
    for path, page in known.items():
        for address in page.addresses:
            parts = urlsplit(address)
            if parts.netloc or parts.scheme == "data":
                continue
            assert not parts.path or parts.path.startswith("/dgm/"), (path, address)
            file = sink / unquote(parts.path).removeprefix("/dgm/") if parts.path else path
            file = file / "index.html" if file.is_dir() else file
            there = file.is_file() and (not parts.fragment or unquote(parts.fragment) in known[file].ids)
            missing += [] if there else [(path.name, address)]
    assert missing == []


def test_ids_are_unique_and_no_script_is_inline(sink):
    for path, page in pages(sink).items():
        assert len(page.ids) == len(set(page.ids)), path
        assert page.inline_scripts == 0, path


def test_nothing_is_loaded_from_elsewhere(sink):
    loads = re.compile(r'<(?:script|img|iframe|video|source|link rel="stylesheet")[^>]+(?:src|href)="https?:')
    assert [path for path in pages(sink) if loads.search(path.read_text())] == []
    for path in sink.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", path.read_text()), path


def test_pages_without_explorables_do_not_load_the_player(sink):
    assert "explorable.js" not in (sink / "text" / "index.html").read_text()
    assert "explorable.js" in (sink / "notebook" / "index.html").read_text()


def test_machine_files(sink):
    index = json.loads((sink / "search.json").read_text())
    assert any(url == "/dgm/text/#sec-lists" for url, *_ in index)
    assert (sink / "sitemap.xml").read_text().count("<loc>") == 6
    for name in ("robots.txt", "404.html", "favicon.ico", "favicon.svg", "sitemap_style.xsl", "frame.html"):
        assert (sink / name).is_file(), name


def test_social_metadata(sink):
    text = (sink / "text" / "index.html").read_text()
    for name in ("og:title", "og:description", "og:image", "twitter:card", 'rel="canonical"', 'name="description"'):
        assert name in text


def test_katex_is_the_version_that_mystmd_renders_with():
    import mystmd_py

    bundle = (Path(mystmd_py.__file__).parent / "myst.cjs").read_text()
    version = re.search(r"\bkatex@(\d+\.\d+\.\d+)/", bundle)[1]
    assert json.loads((THEME / "package.json").read_text())["dependencies"]["katex"] == version


def test_only_woff2_fonts_are_shipped(sink):
    fonts = [path.suffix for path in (sink / "katex" / "fonts").iterdir()]
    css = (sink / "katex" / "katex.css").read_text()
    assert set(fonts) == {".woff2"} and not re.search(r"\.(?:ttf|woff)\b", css)
    assert all((sink / "katex" / name).is_file() for name in re.findall(r"url\(([^)]+)\)", css))


def test_the_lock_file_names_no_addresses():
    assert "http" not in (THEME / "package-lock.json").read_text()


def test_the_built_book_is_served_below_its_base(sink):
    book = serve.server(sink, 0)
    threading.Thread(target=book.serve_forever, daemon=True).start()
    try:
        answers = {path: status(book.server_port, path) for path in ("/", "/dgm/", "/dgm/text/", "/dgm/nope", "/text/")}
    finally:
        book.shutdown()
        book.server_close()
    assert answers == {"/": 302, "/dgm/": 200, "/dgm/text/": 200, "/dgm/nope": 404, "/text/": 404}


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


class HalfABook:
    """A book with one page that can be printed."""

    def answer(self, path):
        if path != "/good":
            raise TypeError("a node of no known shape")
        return 200, "text/plain", b"whole"


@pytest.fixture
def live_port():
    server = ThreadingHTTPServer(("localhost", 0), live_server.handler(HalfABook()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_whatever_goes_wrong_while_writing_is_shown_and_traced(live_port, capsys):
    assert get(live_port, "/bad") == "TypeError: a node of no known shape\n"
    assert "Traceback" in capsys.readouterr().out
    assert get(live_port, "/good") == "whole"


def test_the_live_server_answers_head(live_port):
    connection = http.client.HTTPConnection("localhost", live_port, timeout=20)
    connection.request("HEAD", "/good")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Content-Length"], answer.read()) == (200, "5", b"")
    connection.close()


def test_a_module_is_imported_under_a_mark_that_changes_with_any_module(tmp_path, monkeypatch):
    def imports():
        scripts = assets.scripts()
        return re.findall(rb'from "(\./[^"]+)"', b"".join(scripts.values()))

    before = imports()
    assert before and all(re.fullmatch(rb"\./[\w-]+\.js\?v=[0-9a-f]{8}", name) for name in before)
    shutil.copytree(assets.STATIC, tmp_path / "static")
    with (tmp_path / "static" / "js" / "copy.js").open("a") as script:
        script.write("// changed")
    monkeypatch.setattr(assets, "STATIC", tmp_path / "static")
    assert not set(before) & set(imports())
