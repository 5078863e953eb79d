"""Running prose: what each small tree is printed as."""

import pytest
from dgmtheme.render import HANDLERS
from trees import node


def test_text_is_escaped(show):
    assert show(node("paragraph", "a < b & c")) == "<p>a &lt; b &amp; c</p>\n"


def test_empty_paragraph_is_dropped(show):
    assert show(node("paragraph", " ")) == ""


@pytest.mark.parametrize(
    ("value", "after", "printed"),
    [
        ("n", ", and", '<p><span class="unbroken"><span class="math">n</span>,</span> and</p>\n'),
        ("n", ").", '<p><span class="unbroken"><span class="math">n</span>).</span></p>\n'),
        ("n", " and", '<p><span class="math">n</span> and</p>\n'),
        ("a" * 25, ", and", '<p><span class="math">n</span>, and</p>\n'),
    ],
)
def test_punctuation_stays_with_a_short_formula(show, value, after, printed):
    assert show(node("paragraph", node("inlineMath", value=value, html="n"), after)) == printed


def test_a_number_stays_with_its_per_cent_sign(show):
    assert show(node("paragraph", "80 % of 100 digits, %")) == "<p>80\u00a0% of 100 digits, %</p>\n"


@pytest.mark.parametrize(
    ("kind", "element"),
    [
        ("emphasis", "em"),
        ("strong", "strong"),
        ("subscript", "sub"),
        ("superscript", "sup"),
        ("keyboard", "kbd"),
        ("underline", "u"),
        ("delete", "del"),
    ],
)
def test_inline_marks_have_their_element(show, kind, element):
    assert show(node(kind, "x")) == f"<{element}>x</{element}>"


def test_heading_links_to_itself_and_says_where(show):
    html = show(node("heading", "Two ", node("emphasis", "bumps"), depth=2, html_id="two-bumps"))
    assert html.startswith('<h2 id="two-bumps">Two <em>bumps</em>')
    assert 'href="#two-bumps"' in html and "Link to the section “Two bumps”" in html


def test_first_level_heading_of_the_body_is_no_second_title(show):
    assert show(node("heading", "x", depth=1, html_id="x")).startswith("<h2")


def test_heading_number_is_printed(show):
    assert '<span class="heading-number">2.1</span>' in show(node("heading", "x", depth=3, enumerator="2.1"))


def test_an_id_is_used_once(ctx):
    heading = node("heading", "x", depth=2, html_id="x")
    assert 'id="x"' in ctx.render(heading) and 'id="x"' not in ctx.render(heading)


def test_list_starts_where_the_author_starts(show):
    items = [node("listItem", node("paragraph", "three"))]
    assert show(node("list", *items, ordered=True, start=3)) == '<ol start="3"><li>three</li></ol>\n'


def test_list_item_with_two_paragraphs_keeps_them(show):
    item = node("listItem", node("paragraph", "a"), node("paragraph", "b"))
    assert show(node("list", item)) == "<ul><li><p>a</p>\n<p>b</p>\n</li></ul>\n"


def test_task_says_whether_it_is_done(show):
    tasks = [node("listItem", node("paragraph", "x"), checked=done) for done in (True, False)]
    html = show(node("list", *tasks))
    assert 'aria-label="done"' in html and 'aria-label="open"' in html


def test_definitions_and_glossary_terms(show):
    term = node("definitionTerm", "Evidence", html_id="term-evidence", identifier="term-evidence")
    html = show(node("glossary", node("definitionList", term, node("definitionDescription", "a sum"))))
    assert '<dt id="term-evidence">Evidence</dt><dd>a sum</dd>' in html


def test_abbreviation_carries_its_expansion(show):
    html = show(node("abbreviation", "ELBO", title="evidence lower bound"))
    assert html == '<abbr title="evidence lower bound">ELBO</abbr>'


def test_small_things(show):
    assert show(node("break")) == "<br>"
    assert show(node("thematicBreak")) == "<hr>\n"
    assert show(node("inlineCode", value="a<b")) == "<code>a&lt;b</code>"
    assert show(node("smallcaps", "x")) == '<span class="smallcaps">x</span>'
    assert show(node("comment", value="x")) == ""


def test_unknown_node_prints_its_children_and_warns_with_file_and_line(ctx):
    odd = node("hologram", node("paragraph", "kept"), position={"start": {"line": 7}})
    assert ctx.render(odd) == "<p>kept</p>\n"
    assert ctx.warnings == [
        "notebooks/page.md:7 the theme cannot print a node of type 'hologram'; its content is printed plainly"
    ]


def test_every_handler_says_what_it_prints():
    assert all(handler.__doc__ for handler in HANDLERS.values())
