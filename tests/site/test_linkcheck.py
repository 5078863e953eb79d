"""The link checker finds each planted fault, and nothing on a sound site."""

import pytest

from tests.site.linkcheck import Fault, check
from tests.site.serving import serve

PAGE = '<!doctype html><html lang="en"><title>T</title><body>{}</body></html>'
SITEMAP = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'


def sound_site(base: str) -> dict[str, str]:
    """Files of a small site without faults, whose absolute links start with ``base``."""
    front = f"""<link rel="stylesheet" href="{base}/static/book.css"><link rel="canonical" href="https://x.org/">
        <h1 id="top-heading">Front</h1> <a href="two/#a%20b">two</a> <a href="{base}/two">two again</a>
        <a href="#top-heading">up</a> <a href="#fig?mu=1&amp;s=2">state</a> <a href="https://e.org/">out</a>
        <a href="mailto:a@example.org">write</a>
        <img src="dot.svg" alt="dot" srcset="dot.svg 1x, two/big.svg 2x">
        <figure id="fig" data-src="{base}/fig.json"></figure> <a href="#">top</a>
        <script type="module" src="{base}/static/book.js" data-search="{base}/search.json"></script>"""
    return {
        "index.html": PAGE.format(front),
        "two/index.html": PAGE.format('<h2 id="a b">Two</h2><a href="..">home</a><a href="../notes.ipynb">get</a>'),
        "404.html": PAGE.format(f'<a href="{base}/">No such page</a>'),
        "search.json": f'[["{base}/two/#a%20b", "Two", "", "words"]]',
        "two/big.svg": "<svg/>",
        "notes.ipynb": "{}",
        "dot.svg": "<svg/>",
        "fig.json": "{}",
        "static/book.css": '@import "more.css"; /* url(gone.png) */ @font-face { src: url("f.woff2") }',
        "static/more.css": "a { background: url(data:image/png;base64,AA) }",
        "static/f.woff2": "font",
        "static/book.js": 'import { a } from "./part.js"; const b = () => import("./late.js");',
        "static/part.js": 'export const a = new URL("../dot.svg", import.meta.url);',
        "static/late.js": 'export const words = "import from anywhere";',
        "sitemap.xml": SITEMAP.format(
            "".join(f"<url><loc>https://x.org/book{path}</loc></url>" for path in ("/", "/two/"))
        ),
    }


def faults_of(folder, files, base="", expected=()):
    """Write the files, serve them below ``base``, and check."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    with serve(folder, base) as root:
        return check(root, expected)


@pytest.mark.parametrize("base", ["", "/dgm"])
def test_a_sound_site_has_no_faults(tmp_path, base):
    assert faults_of(tmp_path, sound_site(base), base, expected=["/index.html", "/two/index.html"]) == []


PLANTED = [
    ('<a href="gone/">x</a>', "broken link", "gone/ (404)"),
    ('<a href="two/#gone">x</a>', "broken anchor", "two/#gone"),
    ('<a href="#nowhere?mu=1">x</a>', "broken anchor", "#nowhere?mu=1"),
    ('<img src="gone.png" alt="">', "broken link", "gone.png (404)"),
    ('<img srcset="dot.svg 1x, gone.png 2x" alt="">', "broken link", "gone.png (404)"),
    ('<figure data-src="gone.json"></figure>', "broken link", "gone.json (404)"),
    ('<script data-search="gone/search.json"></script>', "broken link", "gone/search.json (404)"),
    ('<p style="background: url(gone.png)">x</p>', "broken link", "gone.png (404)"),
    ("<style>p { background: url('gone.png') }</style>", "broken link", "gone.png (404)"),
    ('<script type="module">import "./gone.js"</script>', "broken link", "./gone.js (404)"),
    ('<svg><use href="gone.svg#mark"/></svg>', "broken link", "gone.svg#mark (404)"),
    ('<a href="/elsewhere">x</a>', "escapes the base path", "/elsewhere"),
    ('<a href="../../">x</a>', "escapes the base path", "../../"),
    ('<b id="fig">x</b>', "duplicate ID", "fig"),
    (
        '<img src="https://cdn.example.org/a.png" alt="">',
        "external resource",
        "https://cdn.example.org/a.png",
    ),
    ('<script src="//cdn.example.org/a.js"></script>', "external resource", "//cdn.example.org/a.js"),
    ('<link rel="stylesheet" href="https://cdn.example.org/a.css">', "external resource", None),
    ('<link rel="preconnect" href="https://cdn.example.org">', "external resource", None),
    ('<style>@import "https://cdn.example.org/a.css";</style>', "external resource", None),
]


@pytest.mark.parametrize(("fragment", "kind", "what"), PLANTED, ids=[row[0] for row in PLANTED])
def test_finds_a_fault_planted_in_a_page(tmp_path, fragment, kind, what):
    files = sound_site("/dgm")
    files["index.html"] = files["index.html"].replace("</body>", f"{fragment}</body>")
    (fault,) = faults_of(tmp_path, files, "/dgm")
    assert (fault.page, fault.kind) == ("/dgm/", kind)
    assert what is None or fault.what == what


@pytest.mark.parametrize(
    ("file", "text", "what"),
    [
        ("static/book.css", 'a { background: url("gone.png") }', "gone.png (404)"),
        ("static/more.css", "@import url(gone.css);", "gone.css (404)"),
        ("static/part.js", 'export * from "./gone.js";', "./gone.js (404)"),
        ("static/late.js", 'fetch(new URL("./gone.json", import.meta.url))', "./gone.json (404)"),
    ],
)
def test_finds_a_fault_planted_in_an_asset(tmp_path, file, text, what):
    files = sound_site("") | {file: sound_site("")[file] + text}
    assert Fault(f"/{file}", "broken link", what) in faults_of(tmp_path, files)


def test_finds_a_fault_in_the_search_index_and_on_the_page_for_lost_readers(tmp_path):
    files = sound_site("") | {"search.json": '[["/two/#gone"]]', "404.html": PAGE.format('<a href="/gone/">x</a>')}
    assert faults_of(tmp_path, files) == [
        Fault("/404.html", "broken link", "/gone/ (404)"),
        Fault("/search.json", "broken anchor", "/two/#gone"),
    ]


def test_finds_pages_no_link_or_sitemap_names(tmp_path):
    files = sound_site("") | {"lost/index.html": PAGE.format("lost")}
    assert faults_of(tmp_path, files, expected=["/lost/"]) == [
        Fault("/lost/", "unreachable page", "no link leads to it")
    ]


def test_compares_the_sitemap_with_the_pages(tmp_path):
    files = sound_site("")
    files["sitemap.xml"] = files["sitemap.xml"].replace("/two/", "/three/")
    assert faults_of(tmp_path, files) == [
        Fault("/sitemap.xml", "page not in the sitemap", "/two"),
        Fault("/sitemap.xml", "sitemap lists no page", "/three"),
    ]
    files.pop("sitemap.xml")
    (tmp_path / "sitemap.xml").unlink()
    assert faults_of(tmp_path, files) == [Fault("/sitemap.xml", "no sitemap", "sitemap.xml")]
