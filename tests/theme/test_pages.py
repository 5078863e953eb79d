"""A whole page: its head, its outline, what it offers to download."""

import re

import pytest
from dgmtheme.assets import Assets
from dgmtheme.files import Files
from dgmtheme.links import Links
from dgmtheme.pages import Printer, outline
from dgmtheme.site import Site
from trees import node

CONFIG = {
    "title": "Book",
    "options": {"address": "https://example.org/dgm"},
    "projects": [
        {
            "index": "index",
            "title": "Book",
            "authors": [{"name": "A"}],
            "license": {"content": {"id": "CC-BY-4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}},
            "pages": [{"title": "Lectures", "level": 1}, {"slug": "likelihood", "title": "Likelihood", "level": 2}],
        }
    ],
}
TREE = node(
    "root",
    node("paragraph", "The first “words” of the page. " * 12),
    node("heading", "One", depth=2, html_id="one"),
    node("heading", "Two", depth=3, html_id="two"),
    node("heading", "Deep", depth=4, html_id="deep"),
)


def page(root, reload_socket="", **frontmatter):
    links = Links("/dgm")
    site = Site(CONFIG, links)
    files = Files(links, {"/likelihood-1a.md": b"source"}.get)
    printer = Printer(site, files, Assets(links), root, reload_socket)
    front = {"title": "Maximum likelihood", **frontmatter}
    content = {"mdast": TREE, "frontmatter": front, "location": "/notebooks/06-likelihood.md", "kind": "Notebook"}
    return printer.page("likelihood", content), files


def test_head_has_title_description_and_published_address(tmp_path):
    html = page(tmp_path)[0].html
    assert "<title>Maximum likelihood · Book</title>" in html
    assert '<link rel="canonical" href="https://example.org/dgm/likelihood/">' in html
    description = re.search(r'<meta name="description" content="([^"]+)"', html)[1]
    assert description.startswith("The first “words”") and description.endswith("…") and len(description) <= 200
    assert 'content="https://example.org/dgm/social.png' in html


def test_contents_mark_this_page_and_hold_its_outline(tmp_path):
    html = page(tmp_path)[0].html
    assert '<a href="/dgm/likelihood/" aria-current="page">Likelihood</a>' in html
    assert 'aria-label="On this page"' in html and 'href="#two"' in html
    assert '<p class="part-name">Lectures</p>' in html


def test_outline_stops_at_the_third_level_and_ends_with_the_works():
    assert [entry["id"] for entry in outline(TREE, True)] == ["one", "two", "bibliography"]


def test_a_formula_in_a_heading_reads_as_words():
    formula = {"type": "inlineMath", "value": r"\z"}
    tree = node("root", node("heading", "Who picks the ", formula, "?", depth=2, html_id="z"))
    assert outline(tree, False)[0]["title"] == "Who picks the z?"


def test_notebook_and_source_can_be_downloaded(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "06-likelihood.ipynb").write_text("{}")
    exports = [{"format": "md", "filename": "06-likelihood.md", "url": "/likelihood-1a.md"}]
    printed, files = page(tmp_path, exports=exports)
    assert 'href="/dgm/build/06-likelihood.ipynb" download="06-likelihood.ipynb"' in printed.html
    assert 'href="/dgm/build/likelihood-1a.md" download="06-likelihood.md"' in printed.html
    assert files.contents["build/06-likelihood.ipynb"] == b"{}"


def test_authors_are_named_only_where_they_differ_from_the_books(tmp_path):
    assert "byline" not in page(tmp_path, authors=[{"name": "A"}])[0].html
    assert "B</p>" in page(tmp_path, authors=[{"name": "B"}])[0].html


def test_a_title_that_the_text_brings_is_not_repeated(tmp_path):
    assert "<h1>" not in page(tmp_path, content_includes_title=True)[0].html


@pytest.mark.parametrize("socket", ["", "ws://localhost:1/socket"])
def test_only_the_live_server_reloads(tmp_path, socket):
    assert ("reload.js" in page(tmp_path, socket)[0].html) == bool(socket)


def test_missing_page_is_not_indexed_and_leads_home(tmp_path):
    links = Links("/dgm")
    html = Printer(Site(CONFIG, links), Files(links, {}.get), Assets(links), tmp_path).missing()
    assert 'content="noindex"' in html and 'href="/dgm/">first page</a>' in html
