"""Finding one's way through the book: contents, search, outline, previews, neighbours, downloads."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.site.browser import PHONE, settle, sticking_out
from tests.site.build import explorables_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def lecture(book, live_pages) -> str:
    """Path of the page with most explorables."""
    return max(live_pages, key=lambda path: len(explorables_of(book, path)))


def unique_phrase(index: list[list[str]]) -> tuple[str, str]:
    """Four words in a row that one section of the book alone holds, and its address; the longest section's middle."""
    address, _, _, text = max(index, key=lambda section: len(section[3]))
    words = re.findall(r"[A-Za-z]{3,}", text)
    for at in range(len(words) // 2, len(words) - 3):
        phrase = words[at : at + 4]
        holders = [s for s in index if all(w.lower() in " ".join(s[1:]).lower() for w in phrase)]
        if len(holders) == 1:
            return " ".join(phrase), address
    raise AssertionError(f"no phrase of four words is found only in {address}")


def test_search_finds_a_phrase_and_goes_there_by_keyboard(site, book, open_page):
    phrase, address = unique_phrase(json.loads((book / "search.json").read_text(encoding="utf-8")))
    page = open_page(site + "/")
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Search the book")
    expect(field).to_be_focused()
    page.keyboard.type("qqxxzzqq")
    expect(page.get_by_role("status").filter(has_text="Nothing found")).to_be_visible()
    field.fill(phrase)
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(site + address)
    assert page.locator("main").inner_text()


def test_search_results_are_walked_with_the_arrows(site, open_page):
    page = open_page(site + "/")
    page.get_by_role("button", name="Search").click()
    field = page.get_by_role("combobox", name="Search the book")
    expect(field).to_be_focused()
    page.keyboard.type("the")
    options = page.get_by_role("option")
    expect(options.nth(1)).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.nth(1).get_attribute("id"))
    wanted = options.nth(1).evaluate("link => link.href")
    page.keyboard.press("Enter")
    page.wait_for_url(wanted)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search the book")).to_be_focused()
    page.keyboard.press("Escape")  # takes back the words, as in any search field,
    page.keyboard.press("Escape")  # then closes
    expect(page.get_by_role("dialog")).to_have_count(0)


def darkness(page) -> bool:
    """Whether the page's paper is dark: the background of the body, or where that is clear of the root."""
    papers = page.evaluate("[document.body, document.documentElement].map(e => getComputedStyle(e).backgroundColor)")
    paper = next((p for p in papers if p != "rgba(0, 0, 0, 0)"), "rgb(255, 255, 255)")
    return sum(map(int, re.findall(r"\d+", paper)[:3])) < 3 * 128


def test_the_colour_mode_cycles_and_is_remembered(site, open_page, pages):
    page = open_page(site + "/", color_scheme="dark")
    button = page.locator("[data-colour-mode]")
    expect(button).to_have_accessible_name("Colour mode: system")
    assert darkness(page)
    for mode, dark in (("light", False), ("dark", True)):
        button.click()
        expect(button).to_have_accessible_name(f"Colour mode: {mode}")
        page.emulate_media(color_scheme="light" if dark else "dark")
        assert darkness(page) == dark
        page.goto(site + pages[-1])
        expect(button).to_have_accessible_name(f"Colour mode: {mode}")
        assert darkness(page) == dark
    button.click()
    expect(button).to_have_accessible_name("Colour mode: system")
    assert not darkness(page)


def test_an_explorable_follows_the_colour_mode(site, open_page, lecture):
    page = open_page(site + lecture, color_scheme="light")
    settle(page)
    ink = """() => getComputedStyle(document.querySelector(
        ".explorable-stage svg .role-axis-label text, .explorable-stage svg text")).fill"""
    light = page.evaluate(ink)
    page.locator("[data-colour-mode]").click()
    page.locator("[data-colour-mode]").click()
    page.wait_for_function(f"light => ({ink})() !== light", arg=light)


def test_the_outline_marks_the_section_being_read(site, open_page, lecture):
    page = open_page(site + lecture)
    settle(page)
    links = page.locator(".outline a")
    assert links.count() > 3
    for link in links.all():
        anchor = link.get_attribute("href").removeprefix("#")
        reached = page.evaluate(
            """id => {
                const heading = document.getElementById(id);
                scrollTo({top: heading.getBoundingClientRect().top + scrollY - 80, behavior: "instant"});
                return heading.getBoundingClientRect().top < innerHeight / 4;
            }""",
            anchor,
        )
        if reached:  # (the last sections of a page may be too short to come up so far)
            expect(link).to_have_attribute("aria-current", "true")
            expect(page.locator(".outline a[aria-current]")).to_have_count(1)


def test_next_and_previous_walk_through_every_page(site, open_page, pages):
    page = open_page(site + "/")
    walked = ["/"]
    while page.locator(".neighbours a[rel=next]").count():
        page.locator(".neighbours a[rel=next]").click()
        page.wait_for_load_state()
        walked.append(page.evaluate("location.pathname"))
    assert sorted(walked) == sorted(pages)
    for path in reversed(walked[:-1]):
        page.locator(".neighbours a[rel=prev]").click()
        page.wait_for_url(site + path)


def test_code_is_copied_as_written(site, open_page, lecture):
    page = open_page(site + lecture, permissions=["clipboard-read", "clipboard-write"])
    block = page.locator("main .code").first
    block.scroll_into_view_if_needed()
    block.hover()
    block.get_by_role("button", name="Copy the code").click()
    expect(block.get_by_role("button", name="Copy the code")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == block.locator("code").text_content()


def test_a_reference_is_previewed_on_hover_and_on_focus(site, open_page, lecture):
    page = open_page(site + lecture)
    links = page.locator("main a[data-preview]").locator("visible=true")
    assert links.count() > 0
    preview = page.get_by_role("tooltip")
    for link in links.all()[:6]:
        link.scroll_into_view_if_needed()
        link.hover()
        expect(preview).to_be_visible()
        assert preview.inner_text().strip()
        page.keyboard.press("Escape")
        expect(preview).to_be_hidden()
        page.mouse.move(0, 0)
        link.focus()  # the last key pressed makes this a keyboard's focus
        expect(preview).to_be_visible()
        expect(link).to_have_attribute("aria-describedby", "preview")
        link.blur()
        expect(preview).to_be_hidden()


def test_the_contents_are_a_drawer_on_a_telephone(site, open_page, pages):
    page = open_page(site + "/", **PHONE)
    contents, button = page.get_by_role("navigation", name="Contents"), page.locator("[data-drawer]")
    expect(contents).to_be_hidden()
    button.tap()
    expect(contents).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    assert page.evaluate("document.getElementById('contents').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(contents).to_be_hidden()
    expect(button).to_be_focused()
    button.tap()
    contents.get_by_role("link").last.tap()
    page.wait_for_url(lambda url: url != site + "/")
    expect(contents).to_be_hidden()


def test_on_paper_everything_is_open_and_nothing_is_a_button(site, open_page, lecture):
    page = open_page(site + lecture, color_scheme="dark")
    settle(page)
    solutions = page.locator("main details:not(.outline-inline)")
    assert solutions.count() > 0
    folded = solutions.evaluate_all("all => all.map(e => e.open)")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for solution in solutions.all():
        assert solution.evaluate("e => e.open && e.lastElementChild.checkVisibility()")
    for hidden in (".topbar", ".sidebar", ".explorable-controls", ".copy-button", ".neighbours"):
        for element in page.locator(hidden).all():
            expect(element).to_be_hidden()
    assert not darkness(page), "white paper, whatever the screen's mode"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert solutions.evaluate_all("all => all.map(e => e.open)") == folded


def test_headings_can_be_linked_to(site, open_page, pages):
    page = open_page()
    seen = 0
    for path in pages:
        page.goto(site + path)
        for heading in page.locator("main .prose > :is(h2, h3)").all():
            anchor = heading.locator(".heading-anchor")
            name = heading.get_attribute("id")
            assert name, f"{path}: {heading.inner_text()}"
            assert anchor.get_attribute("href") == f"#{name}"
            seen += 1
    assert seen > 0


def test_a_lecture_can_be_downloaded(site, open_page, lecture):
    page = open_page(site + lecture)
    texts = {}
    for link in page.locator(".page-tools a[download]").all():
        with page.expect_download() as waiting:
            link.click()
        name = waiting.value.suggested_filename
        texts[name.rsplit(".", 1)[-1]] = waiting.value.path().read_text(encoding="utf-8")
    assert set(texts) == {"ipynb", "md"}
    assert len(json.loads(texts["ipynb"])["cells"]) > 5
    assert "```{code-cell}" in texts["md"]


def test_the_first_tab_offers_to_skip_the_contents(site, open_page, lecture):
    page = open_page(site + lecture)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the text")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("width", [360, 768, 1024])
def test_no_page_scrolls_sideways(site, open_page, pages, width):
    page = open_page(**{**PHONE, "viewport": {"width": width, "height": 740}})
    faults = {}
    for path in pages:
        page.goto(site + path)
        settle(page)
        faults[path] = sticking_out(page)
    assert {path: found for path, found in faults.items() if found} == {}


BROKEN = """() => [...document.querySelectorAll(".unbroken")].filter((span) => {
    const mark = document.createRange();
    mark.selectNodeContents(span.lastChild);
    return mark.getBoundingClientRect().left < [...span.querySelectorAll(".base")].pop().getBoundingClientRect().left;
}).map((span) => span.textContent)"""


def test_no_line_begins_with_the_comma_of_a_short_formula(site, open_page, pages):
    page = open_page(**PHONE)
    faults, seen = {}, 0
    for path in pages:
        page.goto(site + path)
        faults[path] = page.evaluate(BROKEN)
        seen += page.locator(".unbroken").count()
    assert {path: found for path, found in faults.items() if found} == {} and seen > 100
