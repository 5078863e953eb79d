"""The kitchen sink in a browser: tabs, widgets, search, colour mode, drawer, previews, paper."""

import re

import pytest
from playwright.sync_api import expect

from tests.site.browser import PHONE

pytestmark = pytest.mark.browser


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


def test_a_widget_of_the_books_own_runs(address, page):
    page.goto(f"{address}/notebook")
    button = page.locator("[data-widget] button")
    expect(button).to_have_text("count is 3")
    button.click()
    expect(button).to_have_text("count is 4")


def test_a_widget_whose_module_is_missing_says_so(address, page):
    page.route("**/*.mjs", lambda route: route.abort())
    page.goto(f"{address}/notebook")
    expect(page.locator("[data-widget]")).to_contain_text("This widget could not start")


def test_tabs_have_their_titles_on_paper(address, page):
    page.goto(f"{address}/blocks")
    expect(page.locator(".tab-title").first).to_be_hidden()
    page.emulate_media(media="print")
    for title in page.locator(".tab-title").all():
        expect(title).to_be_visible()
    expect(page.get_by_role("tablist")).to_be_hidden()


@pytest.fixture
def field(page):
    """The search field of the page."""
    return page.get_by_role("combobox", name="Search the book")


@pytest.mark.parametrize(
    ("query", "section"),
    [
        ("Kullback-Leibler", "Mathematics"),
        ("kullback–leibler", "Mathematics"),
        ("q(z|x)", "Mathematics"),
        (r"q(z \mid x)", "Mathematics"),
        ("q(z mid x)", "Mathematics"),
        ("θ-dependent", "Mathematics"),
        (r"\theta-dependent", "Mathematics"),
        (r"\log p_{\theta}(y)", "Mathematics"),
        ("D(pdata ∣ pmodel)", "Mathematics"),
    ],
)
def test_search_finds_words_however_they_are_typed(address, page, field, query, section):
    page.goto(f"{address}/text")
    page.keyboard.press("/")
    field.fill(query)
    expect(page.get_by_role("option").first).to_contain_text(section)
    expect(page.locator("mark").first).to_be_visible()


def test_what_is_found_is_marked_as_it_is_written(address, page, field):
    page.goto(f"{address}/text")
    page.keyboard.press("/")
    field.fill("kullback-leibler het")
    expect(page.locator("mark")).to_have_text(["Kullback–Leibler", "θ", "het"])
    expect(page.locator(".search-context")).to_contain_text("Kullback–Leibler divergence is θ-dependent")


def test_search_says_how_many_it_does_not_show(address, page, field):
    page.goto(address)
    page.keyboard.press("/")
    field.fill("a")
    status = page.locator(".search-status")
    expect(page.get_by_role("option")).to_have_count(12)
    expect(status).to_have_text(re.compile(r"^12 of (1[3-9]|[2-9]\d) results$"))


def test_the_search_takes_the_first_letter(address, page, field):
    page.goto(address)
    opens = """open => {
        open.click();
        return document.activeElement.matches("dialog[open] input");
    }"""
    assert page.get_by_role("button", name="Search").evaluate(opens)
    page.keyboard.type("likelihood")
    expect(page.locator("#hit-0 mark").first).to_be_visible()


def test_typing_before_the_index_has_come_waits_for_it(address, page, field):
    errors, held = [], []
    page.on("pageerror", lambda error: errors.append(error))
    page.route("**/search.json", lambda route: held.append(route))
    page.goto(address)
    page.keyboard.press("/")
    field.fill("likelihood")
    expect(page.locator(".search-status")).to_have_text("Loading…")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    assert len(held) == 1 and errors == []
    held[0].continue_()
    field.fill("likelihood")
    expect(page.get_by_role("option").first).to_be_visible()
    assert errors == []


def test_a_lost_index_is_asked_for_again(address, page, field):
    page.route("**/search.json", lambda route: route.abort(), times=1)
    page.goto(address)
    page.keyboard.press("/")
    expect(page.locator(".search-status")).to_contain_text("cannot start")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    field.fill("likelihood")
    expect(page.get_by_role("option").first).to_be_visible()


@pytest.mark.parametrize(("kind", "opens"), [("range", True), ("checkbox", True), ("text", False)])
def test_the_slash_is_a_character_only_where_one_types(address, page, field, kind, opens):
    page.goto(address)
    page.evaluate(
        "kind => { const e = document.createElement('input'); e.type = kind;"
        " document.querySelector('main').prepend(e); e.focus(); }",
        kind,
    )
    page.keyboard.press("/")
    if opens:
        expect(field).to_be_focused()
    else:
        expect(page.locator("main input")).to_have_value("/")


def test_enter_while_composing_follows_nothing_and_with_control_opens_a_tab(address, page, field):
    page.goto(address)
    page.keyboard.press("/")
    field.fill("likelihood")
    expect(page.get_by_role("option").first).to_be_visible()
    field.evaluate(
        "e => e.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    expect(field).to_be_visible()
    with page.context.expect_page() as opened:
        page.keyboard.press("Control+Enter")
    expect(opened.value).to_have_url(re.compile(r"#|text|references"))
    expect(field).to_be_visible()


def test_a_preview_that_failed_is_tried_again(address, page):
    page.goto(f"{address}/references")
    page.evaluate(
        """() => { const a = document.createElement('a'); a.href = '../text/#sec-lists'; a.dataset.preview = '';
                   a.textContent = 'lists'; a.id = 'away'; document.querySelector('main').prepend(a); }"""
    )
    page.route("**/text/", lambda route: route.abort(), times=1)
    link = page.locator("#away")
    with page.expect_event("requestfailed"):
        link.hover()
    page.keyboard.press("Escape")
    page.mouse.move(0, 0)
    link.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("Lists")


def test_half_a_percent_code_in_the_address_is_no_error(address, page):
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(f"{address}/text/#%E0%A4%A")
    page.wait_for_load_state("networkidle")
    assert errors == []


def test_the_open_drawer_keeps_the_focus(address, chromium):
    context = chromium.new_context(**PHONE)
    page = context.new_page()
    page.goto(address)
    page.locator("[data-drawer]").click()
    page.locator("[data-drawer]").focus()
    page.keyboard.press("Shift+Tab")
    assert not page.evaluate("document.activeElement.matches('.skip-link')")
    page.keyboard.press("Escape")
    assert not page.evaluate("document.querySelector('.skip-link').inert")
    context.close()


BAR = """() => [...document.querySelectorAll("meta[name=theme-color]")]
    .filter((meta) => matchMedia(meta.media).matches).map((meta) => meta.content)"""


def test_the_browsers_bar_follows_the_chosen_mode(address, chromium):
    context = chromium.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(address)
    light, dark = ["#fffefb"], ["#17181b"]
    button = page.locator("[data-colour-mode]")
    assert page.evaluate(BAR) == light
    button.click()
    button.click()
    assert page.evaluate(BAR) == dark
    page.reload()
    assert page.evaluate(BAR) == dark
    page.evaluate("localStorage.setItem('colour-mode', 'light')")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert page.evaluate(BAR) == light
    expect(button).to_have_accessible_name("Colour mode: light")
    context.close()


def test_a_second_copy_is_announced_like_the_first(address, chromium):
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}/blocks")
    button = page.get_by_role("button", name="Copy the code").first
    button.click()
    speaker = page.locator("p.visually-hidden[role=status]")
    expect(speaker).to_have_text("Code copied")
    page.evaluate(
        "() => { window.said = []; const p = document.querySelector('p.visually-hidden');"
        " new MutationObserver(() => said.push(p.textContent)).observe(p, {childList: true}); }"
    )
    button.click()
    page.wait_for_timeout(500)
    assert page.evaluate("said") == ["", "Code copied"]
    context.close()
