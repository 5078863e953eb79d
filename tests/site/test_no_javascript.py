"""Without JavaScript a page still reads: text, mathematics, frozen figures, solutions, navigation."""

import pytest

from tests.site.browser import SCREENS

pytestmark = pytest.mark.browser

# A folded solution is drawn when the reader opens it; a footnote stands in the margin or at the end.
WAITING = "xpath=ancestor::details[not(@open)] | ancestor::*[contains(@class, 'note')]"


@pytest.fixture(params=SCREENS, ids=lambda width: f"{width}px")
def still_page(request, open_page):
    """A page of a browser whose JavaScript is off."""
    return open_page(java_script_enabled=False, **SCREENS[request.param])


def test_text_and_mathematics_are_there(site, pages, still_page):
    formulas = 0
    for path in pages:
        still_page.goto(site + path)
        assert still_page.locator("h1").first.is_visible(), path
        assert len(still_page.locator("main").inner_text()) > 200, f"{path}: hardly any text"
        for formula in still_page.locator("main .katex-html").all():
            if formula.locator(WAITING).count() == 0:
                box = formula.bounding_box()
                assert box and box["height"] > 5, f"{path}: {formula.text_content()}"
                formulas += 1
    assert formulas > 0


def test_figures_are_frozen_with_their_captions(site, live_pages, still_page):
    for path in live_pages:
        still_page.goto(site + path)
        for figure in still_page.locator("[data-explorable]").all():
            name = figure.get_attribute("data-explorable")
            box = figure.locator("svg").first.bounding_box()
            assert box["width"] > 200 and box["height"] > 80, f"{path}: {name}: {box}"
            assert box["x"] >= 0 and box["x"] + box["width"] <= still_page.viewport_size["width"], f"{name}: {box}"
            assert len(figure.locator("figcaption").inner_text().strip()) > 10, f"{path}: {name}"


_CUT_OFF = """drawings => drawings.flatMap(svg => {
    const {left, right} = svg.getBoundingClientRect();
    return [...svg.querySelectorAll("text")]
        .map(text => [text.textContent, text.getBoundingClientRect()])
        .filter(([, box]) => box.left < left - 1 || box.right > right + 1)
        .map(([text]) => text);
})"""


def test_no_word_of_a_frozen_figure_is_cut_off(site, live_pages, still_page):
    cut = {}
    for path in live_pages:
        still_page.goto(site + path)
        cut[path] = still_page.locator(".explorable-frozen svg").evaluate_all(_CUT_OFF)
    assert live_pages and not any(cut.values()), cut


def test_solutions_open(site, live_pages, still_page):
    opened = 0
    for path in live_pages:
        still_page.goto(site + path)
        for solution in still_page.locator("main .prose details").all():
            folded = not solution.evaluate("e => e.open")
            solution.locator("summary").first.click()
            assert solution.evaluate("e => e.open") == folded
            opened += folded
    assert opened > 0


def test_every_page_can_be_reached(site, pages, still_page):
    still_page.goto(site + "/")
    links = still_page.locator("nav a")
    reached = {link.evaluate("e => e.pathname.replace(/\\/?$/, '/')") for link in links.all()}
    assert {path.rstrip("/") + "/" for path in pages} <= reached | {"/", "/404.html/"}


def test_navigation_leads_on(site, still_page):
    still_page.goto(site + "/")
    still_page.locator("a[rel~=next]").last.click()
    assert still_page.url.rstrip("/") != site
    assert still_page.locator("h1").first.is_visible()
