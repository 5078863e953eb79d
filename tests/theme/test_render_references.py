"""Links, cross-references, citations, footnotes, formulas."""

import pytest
from dgmtheme.render.math import ROLES, colour_roles
from dgmtheme.render.references import bibliography, footnotes
from trees import node


@pytest.mark.parametrize(
    ("link", "href"),
    [
        ({"url": "/text", "internal": True}, "/dgm/text/"),
        ({"url": "/", "internal": True}, "/dgm/"),
        ({"url": "/text#sec", "internal": True}, "/dgm/text/#sec"),
        ({"url": "https://example.org"}, "https://example.org"),
        ({"url": "#here"}, "#here"),
        ({"url": "/curve.svg", "static": True}, "/dgm/build/curve.svg"),
    ],
)
def test_links(show, link, href):
    assert f'href="{href}"' in show(node("link", "x", **link))


def test_cross_reference_here_and_elsewhere(show):
    here = node("crossReference", "(1)", html_id="eq-a", resolved=True)
    assert show(here) == '<a href="#eq-a" class="xref" data-preview>(1)</a>'
    there = node("crossReference", "(1)", html_id="eq-a", remote=True, url="/text", resolved=True)
    assert 'href="/dgm/text/#eq-a"' in show(there)


def test_unresolved_reference_is_a_defect(ctx):
    ctx.render(node("crossReference", "x", label="nope", resolved=False))
    assert "'nope' has no target" in ctx.warnings[0]


WORKS = {"kingma2014": {"html": "Kingma (2014)."}, "mackay1992": {"html": "<i>MacKay</i>."}}


def test_citations_lead_to_the_works_in_order_of_citation(ctx, show):
    ctx.references = WORKS
    cites = [node("cite", label, label=label) for label in ("mackay1992", "kingma2014", "mackay1992")]
    html = show(node("citeGroup", *cites, kind="parenthetical"))
    assert html.startswith('<span class="cite-group">(<a href="#cite-mackay1992"') and html.count("; ") == 2
    works = bibliography(ctx)
    assert works.index("<i>MacKay</i>") < works.index("Kingma") and works.count("<li") == 2


def test_narrative_citations_stand_in_the_sentence(ctx, show):
    ctx.references = WORKS
    html = show(node("citeGroup", node("cite", "MacKay (1992)", label="mackay1992"), kind="narrative"))
    assert html.startswith("<a ") and "(<a" not in html


def test_unknown_citation_is_a_defect(ctx):
    ctx.render(node("cite", "x", label="nobody1900"))
    assert "'nobody1900' is in no bibliography" in ctx.warnings[0]


def test_no_bibliography_without_citations(ctx):
    assert bibliography(ctx) == ""


def note(identifier, *blocks):
    return node("footnoteDefinition", *blocks, identifier=identifier, enumerator="1")


def test_footnote_in_the_margin_and_at_the_end(ctx, show):
    ctx.footnotes = {"a": note("a", node("paragraph", "A remark."))}
    html = show(node("paragraph", "x", node("footnoteReference", identifier="a", enumerator="1")))
    assert 'href="#fn-a" id="fnref-a"' in html
    assert '<span class="sidenote" role="note"><span class="sidenote-number">1</span> A remark.</span>' in html
    end = footnotes(ctx)
    assert 'class="footnotes in-margin"' in end and '<li id="fn-a"><p>A remark. <a href="#fnref-a"' in end


def test_footnote_with_a_list_stays_at_the_end(ctx, show):
    ctx.footnotes = {"a": note("a", node("list", node("listItem", node("paragraph", "x"))))}
    assert "sidenote" not in show(node("footnoteReference", identifier="a", enumerator="1"))
    assert 'class="footnotes"' in footnotes(ctx)


def test_second_mark_of_a_footnote_repeats_neither_id_nor_note(ctx):
    ctx.footnotes = {"a": note("a", node("paragraph", "x"))}
    mark = node("footnoteReference", identifier="a", enumerator="1")
    ctx.render(mark)
    again = ctx.render(mark)
    assert "id=" not in again and "sidenote" not in again


def test_undefined_footnote_is_a_defect(ctx):
    ctx.render(node("footnoteReference", identifier="a", label="a", enumerator="1"))
    assert "not defined" in ctx.warnings[0]


def test_equation_number_links_to_the_equation(show):
    html = show(node("math", html="<span>x</span>", html_id="eq-a", enumerator="6.1"))
    assert html.startswith('<div class="equation" id="eq-a">')
    assert '<a href="#eq-a" aria-label="Link to equation 6.1">(6.1)</a>' in html


def test_formula_that_was_not_typeset_is_a_defect(ctx):
    assert "<code" in ctx.render(node("inlineMath", value=r"\nope", message="Undefined control sequence"))
    assert "Undefined control sequence" in ctx.warnings[0]


@pytest.mark.parametrize(("name", "role"), ROLES.items())
def test_role_colours_become_the_palettes(name, role):
    html = f'<mstyle mathcolor="{name}"></mstyle><span style="color:{name};">p</span>'
    assert colour_roles(html) == f'<mstyle></mstyle><span style="color:var(--dgm-{role});">p</span>'


def test_other_colours_are_left_alone():
    assert colour_roles('<span style="color:red;">p</span>') == '<span style="color:red;">p</span>'
