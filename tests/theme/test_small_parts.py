"""Terminal colours, cleaning of HTML, picture sizes, links, search index, contents."""

import pytest
from dgmtheme import ansi, feeds
from dgmtheme.imagesize import size
from dgmtheme.links import Links, edit_links
from dgmtheme.sanitize import clean, clean_svg
from dgmtheme.search import compact
from dgmtheme.site import Site
from dgmtheme.words import readable


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a < b", "a &lt; b"),
        ("\x1b[31mred\x1b[0m.", '<span class="ansi-red">red</span>.'),
        ("\x1b[1;32mx\x1b[39my\x1b[m", '<span class="ansi-bold ansi-green">x</span><span class="ansi-bold">y</span>'),
        ("\x1b[38;5;196mx\x1b[0m", '<span class="ansi-red">x</span>'),
        ("\x1b[38;2;0;0;250mx\x1b[0m", '<span class="ansi-blue">x</span>'),
        ("\x1b[91;43mx", '<span class="ansi-red ansi-bg-yellow">x</span>'),
        ("\x1b[2Kx\x1b]0;title\x07y", "xy"),
    ],
)
def test_terminal_colours(text, html):
    assert ansi.to_html(text) == html


def test_cleaning_keeps_text_and_entities():
    html, dropped = clean("<p class='a'>x &lt; y &#8212; <br><a href='javascript:x()'>z</a></p>")
    assert html == '<p class="a">x &lt; y &#8212; <br><a>z</a></p>'
    assert dropped == {"href='javascript:x()'"}


def test_cleaning_drops_whole_scripts_but_not_what_follows():
    html, dropped = clean("<script>if (a < b) { '<p>' }</script><link href='x'>kept")
    assert html == "kept" and dropped == {"<script>", "<link>"}


@pytest.mark.parametrize("name", ["href", "src", "xlink:href", "action", "formaction", "poster"])
@pytest.mark.parametrize(
    "address",
    ["java\tscript:x()", "java&Tab;script:x()", " \x01JavaScript&colon;x()", "vbscript:x", "data:text/html,x"],
)
def test_an_address_that_runs_something_is_dropped(name, address):
    html, dropped = clean(f'<a {name}="{address}">z</a>')
    assert html == "<a>z</a>" and len(dropped) == 1


@pytest.mark.parametrize(
    "address", ["https://a.org/b", "mailto:a@b.org", "#here", "../x/?q=a:b", "data:image/png;base64,A"]
)
def test_a_plain_link_stays(address):
    assert clean(f'<a href="{address}">z</a>') == (f'<a href="{address}">z</a>', set())


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://a.org/x.png">',
        '<img src="//a.org/x.png">',
        '<img src="\\\\a.org/x.png">',
        '<img srcset="x.png, https://a.org/x.png 2x">',
        '<form action="https://a.org/">',
        '<p style="background: url( &quot;https://a.org/x.png&quot;)">',
        '<p style="background: u\\72l(https://a.org/x.png)">',
        '<svg><image href="https://a.org/x.png"/></svg>',
        '<svg><path fill="url(//a.org/x.svg#a)"/></svg>',
        '<video poster="https://a.org/x.png">',
        '<svg><a><animate attributeName="href"/></a></svg>',
        '<p onclick="x()">',
    ],
)
def test_what_would_be_loaded_from_elsewhere_or_run_is_dropped_and_named(html):
    cleaned, dropped = clean(html)
    assert len(dropped) == 1 and not any(word in cleaned for word in ("a.org", "href", "onclick"))


@pytest.mark.parametrize(
    "html",
    [
        '<img src="data:image/png;base64,A" alt="">',
        '<p style="color: red; background: url(#a)">x</p>',
        '<svg><g clip-path="url(#c)"><use href="#u"/></g></svg>',
        "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>",
    ],
)
def test_what_is_the_pages_own_stays_as_it_is(html):
    assert clean(html) == (html, set())


@pytest.mark.parametrize(
    ("html", "whole"),
    [
        ("</div></div></main>x", "x"),
        ("<div><b>x", "<div><b>x</b></div>"),
        ("<div><b>x</div>y", "<div><b>x</b></div>y"),
        ("<div/>x", "<div>x</div>"),
        ("<br/>a<img alt=''></br>", '<br>a<img alt="">'),
        ("<ul><li>a<li>b<p>c<p>d</ul>", "<ul><li>a</li><li>b<p>c</p><p>d</p></li></ul>"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        (
            "<table><tr><th>a<td>b<tr><td>c<tbody><tr><td>d</table>",
            "<table><tr><th>a</th><td>b</td></tr><tr><td>c</td></tr><tbody><tr><td>d</td></tr></tbody></table>",
        ),
        ("<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>"),
        ("<li><div>a<li>b", "<li><div>a</div></li><li>b</li>"),
        ("<html><body class='a'>x</body></html>", "x"),
        ("a < b <img src=x onerror=x()", "a &lt; b &lt;img src=x onerror=x()"),
    ],
)
def test_an_output_ends_what_it_begins_and_nothing_else(html, whole):
    assert clean(html) == (whole, set())


@pytest.mark.parametrize("tag", ["iframe", "style", "script", "object"])
def test_a_dropped_element_without_an_end_is_said_to_take_the_rest(tag):
    html, dropped = clean(f"<div>a<{tag}>b</p>")
    assert html == "<div>a</div>" and f"all behind a <{tag}> without an end" in dropped


def test_only_the_styles_that_every_table_and_plot_brings_go_without_a_word():
    assert clean("<style scoped>a</style><svg><style>b</style></svg>") == ("<svg></svg>", set())
    assert clean("<style>a</style>") == ("", {"<style>"})


def test_svg_keeps_its_camel_case_and_hides_behind_its_frame():
    svg, _ = clean_svg('<svg role="img" viewBox="0 0 1 1"><linearGradient gradientUnits="x"/></svg>', "p")
    assert svg.startswith('<svg aria-hidden="true" viewBox=') and "linearGradient gradientUnits" in svg


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x08", (16, 8)),
        (b"GIF89a\x05\0\x06\0", (5, 6)),
        (b'<svg viewBox="0 0 40.4 16">', (40, 16)),
        (b"<svg>", None),
        (b"", None),
    ],
)
def test_picture_sizes(content, expected):
    assert size(content) == expected


def test_links_to_the_source():
    front = {
        "source_url": "https://github.com/o/n/blob/main/notebooks/06-x.md",
        "edit_url": "https://github.com/o/n/edit/main/notebooks/06-x.md",
    }
    links = {link["label"]: link["url"] for link in edit_links(front, "/notebooks/06-x.md", True)}
    assert links["Binder"] == "https://mybinder.org/v2/gh/o/n/main?urlpath=lab%2Ftree%2Fnotebooks%2F06-x.ipynb"
    assert links["Colab"] == "https://colab.research.google.com/github/o/n/blob/main/notebooks/06-x.ipynb"
    assert [link["label"] for link in edit_links(front, "/x.md", False)] == ["Edit on GitHub"]
    assert edit_links({}, "/x.md", True) == []


def test_search_index_has_one_entry_per_section():
    records = [
        {"hierarchy": {"lvl1": "Page"}, "url": "/page", "type": "lvl1"},
        {"hierarchy": {"lvl1": "Page"}, "url": "/page", "type": "content", "content": "a\n b"},
        {"hierarchy": {"lvl2": "Sec", "lvl1": "Page"}, "url": "/page#sec", "type": "content", "content": "c"},
    ]
    index = compact({"records": records}, Links("/dgm"))
    assert index == [["/dgm/page/", "Page", "", "a b"], ["/dgm/page/#sec", "Page", "Sec", "c"]]


@pytest.mark.parametrize(
    ("tex", "words"),
    [
        (r"a \log p_{\theta}(x)\, b", "a log p_theta(x) b"),
        (r"\log\pmodel(x)", "log pmodel(x)"),
        (r"q(z \mid x)", "q(z|x)"),
        (r"D(p\,\|\,q)", "D(p|q)"),
        ("q(z ∣ x), p ‖ q", "q(z|x), p|q"),
        (r"\middle", "middle"),
    ],
)
def test_formulas_read_as_words(tex, words):
    assert readable(tex) == words


def test_titles_of_the_search_read_as_words_too():
    records = [{"hierarchy": {"lvl1": "Page", "lvl2": r"Who picks the \z?"}, "url": "/page#z", "content": ""}]
    assert compact({"records": records}, Links()) == [["/page/#z", "Page", "Who picks the z?", ""]]


CONFIG = {
    "title": "Book",
    "options": {"address": "https://example.org/dgm/"},
    "projects": [
        {
            "index": "index",
            "title": "Start",
            "math": {r"\z": {"macro": "z"}},
            "pages": [
                {"title": "Part", "level": 1},
                {"slug": "a", "title": "A", "level": 2},
                {"slug": "api.index", "title": "B", "level": 2},
                {"slug": "c", "title": "C", "level": 1},
            ],
        }
    ],
}


@pytest.fixture
def site():
    return Site(CONFIG, Links("/dgm"))


def test_contents_nest_by_level(site):
    assert [entry.title for entry in site.tree] == ["Part", "C"]
    assert [entry.url for entry in site.tree[0].children] == ["/dgm/a/", "/dgm/api/"]
    assert site.entry("a").part == "Part"


def test_neighbours_skip_parts(site):
    before, after = site.neighbours("a")
    assert (before.slug, after.slug) == ("index", "api.index")
    assert site.neighbours("index")[0] is None and site.neighbours("c")[1] is None


def test_sitemap_and_robots_name_published_addresses(site):
    assert "<loc>https://example.org/dgm/a/</loc>" in feeds.sitemap(site)
    assert feeds.sitemap(site).count("<loc>") == 4
    assert "Sitemap: https://example.org/dgm/sitemap.xml" in feeds.robots(site)


def test_without_an_address_paths_stay_paths():
    site = Site({**CONFIG, "options": {}}, Links())
    assert site.absolute("/a/") == "/a/" and "Sitemap" not in feeds.robots(site)
