"""Framed content, exercises, figures, tables."""

import pytest
from trees import node

TITLE = node("admonitionTitle", "Mind this")


@pytest.mark.parametrize(
    "kind", ["note", "tip", "important", "warning", "caution", "danger", "hint", "attention", "error", "seealso"]
)
def test_admonition_has_its_kind_and_its_name(show, kind):
    html = show(node("admonition", TITLE, node("paragraph", "body"), kind=kind))
    assert html.startswith(f'<aside class="box admonition {kind}" aria-label="Mind this">')
    assert "<p>body</p>" in html


def test_admonition_of_class_dropdown_is_a_disclosure(show):
    html = show(node("admonition", TITLE, node("paragraph", "x"), kind="note", **{"class": "dropdown extra"}))
    assert html.startswith('<details class="box admonition note extra">')
    assert "<summary" in html and " open" not in html.split(">")[0]


def test_open_dropdown_is_open(show):
    html = show(node("admonition", TITLE, kind="note", open=True, **{"class": "dropdown"}))
    assert " open" in html.split(">")[0]


def test_details(show):
    html = show(node("details", node("summary", "More"), node("paragraph", "x")))
    assert html.startswith("<details") and "More</summary>" in html


def test_labelled_admonition_can_be_referred_to(show):
    assert 'id="claim-kl1"' in show(node("admonition", TITLE, html_id="claim-kl1", **{"class": "claim"}))


def test_tabs_read_well_without_scripts(ctx, show):
    items = [node("tabItem", node("paragraph", name), title=name, sync=name) for name in ("a", "b")]
    html = show(node("tabSet", *items))
    assert html.count('class="tab-panel"') == 2 and '<p class="tab-title">a</p><p>a</p>' in html
    assert "tabs" in ctx.features


@pytest.mark.parametrize(
    ("columns", "classes"),
    [
        ([3], "cols-s-1 cols-m-2 cols-l-3 cols-x-3"),
        ([1, 2, 2, 3], "cols-s-1 cols-m-2 cols-l-2 cols-x-3"),
        ([1, 2], "cols-s-1 cols-m-2 cols-l-2 cols-x-2"),
    ],
)
def test_grid_columns(show, columns, classes):
    assert show(node("grid", node("grid-item", "x"), columns=columns)).startswith(f'<div class="grid {classes}">')


def test_card_links_to_the_page_below_the_base(show):
    card = node("card", node("cardTitle", "Go"), node("paragraph", "x"), url="/text", internal=True)
    assert '<a href="/dgm/text/" class="card-link">Go</a>' in show(card)


def test_card_parts(show):
    html = show(node("card", node("header", "h"), node("cardTitle", "t"), node("footer", "f")))
    assert [part in html for part in ("card-header", "card-title", "card-footer")] == [True] * 3


def test_proofs_end_with_a_sign_and_theorems_have_numbers(show):
    theorem = show(node("proof", TITLE, kind="theorem", enumerator="6.2", html_id="thm"))
    assert "Theorem 6.2" in theorem and '<span class="proof-name">Mind this</span>' in theorem and 'id="thm"' in theorem
    proof = show(node("proof", node("paragraph", "x"), kind="proof", enumerator="1"))
    assert "∎" in proof and "Proof</p>" in proof


def test_exercise_has_number_and_name(show):
    html = show(node("exercise", TITLE, node("paragraph", "x"), enumerator="6.1", html_id="ex-a"))
    assert "Exercise 6.1</span>" in html and "Mind this" in html and 'id="ex-a"' in html


def test_solution_is_folded_and_its_title_holds_no_link(show):
    title = node("admonitionTitle", "Solution to ", node("crossReference", "Exercise 1", html_id="ex-a"))
    html = show(node("solution", title, node("paragraph", "x"), html_id="sol-a", **{"class": "dropdown"}))
    assert html.startswith(
        '<details class="box solution" id="sol-a"><summary class="box-title">Solution to Exercise 1<'
    )


def test_aside_goes_to_the_margin(show):
    assert show(node("aside", node("paragraph", "x"))).startswith('<aside class="margin-note"><p>x</p>')


def test_figure_with_caption_number_and_place_kept(ctx, show):
    image = node("image", url="/curve.svg", alt="A curve", width="80%")
    number = node("captionNumber", "Figure ", "1", ":")
    caption = node("caption", node("paragraph", number, "A bell."))
    html = show(node("container", image, caption, kind="figure", html_id="fig-a"))
    assert '<figure class="figure figure-figure" id="fig-a"><img src="/dgm/build/curve.svg" alt="A curve"' in html
    assert 'width="40" height="16"' in html and 'style="width:80%"' in html
    assert '<span class="caption-number">Figure 1.</span> A bell.' in html
    assert ctx.files.contents["build/curve.svg"].startswith(b"<svg")


def test_table_caption_stands_above(show):
    html = show(node("container", node("table"), node("caption", "c"), kind="table"))
    assert html.index("figcaption") < html.index("<table")


def test_quotation_names_its_source(show):
    html = show(node("container", node("blockquote", node("paragraph", "q")), node("caption", "me"), kind="quote"))
    assert html.startswith('<figure class="quote"><blockquote>') and "<figcaption>me</figcaption>" in html


def test_subfigures_stand_in_one_frame(show):
    part = node("container", node("image", url="/curve.svg", alt="x"), kind="figure", subcontainer=True)
    assert show(node("container", part, part, kind="figure")).count('class="subfigures"') == 1


@pytest.mark.parametrize(
    ("image", "complaint"),
    [
        ({"url": "/curve.svg"}, "no alternative text"),
        ({"url": "/gone.png", "alt": "x"}, "missing from what MyST built"),
        ({"url": "https://example.org/x.png", "alt": "x"}, "another host"),
    ],
)
def test_image_defects_are_reported(ctx, image, complaint):
    ctx.render(node("image", **image))
    assert len(ctx.warnings) == 1 and complaint in ctx.warnings[0]


def test_film_has_controls(ctx):
    ctx.files.fetch = {"/film.mp4": b"x"}.get
    assert "<video" in ctx.render(node("image", url="/film.mp4", alt="a film"))


def test_frame_of_the_site_is_printed_and_a_foreign_one_is_not(ctx):
    assert 'src="/dgm/frame.html"' in ctx.render(node("iframe", src="/frame.html", title="t"))
    assert ctx.warnings == []
    assert "<iframe" not in ctx.render(node("iframe", src="https://example.org"))
    assert "another host" in ctx.warnings[0]


def test_empty_corner_of_a_table_is_no_heading(show):
    row = node("tableRow", node("tableCell", header=True), node("tableCell", "a", header=True))
    assert '<thead><tr><td></td><th scope="col">a</th></tr></thead>' in show(node("table", row))


def test_table_head_body_alignment_and_spans(show):
    head = node("tableRow", node("tableCell", "n", header=True, align="right"))
    body = node("tableRow", node("tableCell", node("paragraph", "1"), align="right", colspan=2))
    html = show(node("table", head, body))
    assert '<thead><tr><th scope="col" class="align-right">n</th></tr></thead>' in html
    assert '<tbody><tr><td class="align-right" colspan="2">1</td></tr></tbody>' in html
    assert 'data-scrolls="Table"' in html
