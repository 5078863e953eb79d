"""What a figure leaves alone: the reader's place, the address of another, ears, paper; and how it fails."""

import json

import pytest
from playwright.sync_api import Page, expect

from dgmlib.figures import catalogue
from tests.site.build import explorables_of
from tests.site.replay import mounted

pytestmark = pytest.mark.browser

FIRST, SECOND = "wrong-code", "forward-reverse-kl"  # one below the other in the lecture on maximum likelihood
PLAYED = "law-of-large-numbers", "m"
FIGURE = "name => document.querySelector(`[data-explorable='${name}']`)"


@pytest.fixture
def lecture(site, book, page_of):
    """Address of a lecture with several explorables."""
    assert {FIRST, SECOND, PLAYED[0]} <= set(explorables_of(book, page_of[FIRST]))
    return site + page_of[FIRST]


def other(name: str) -> dict:
    """A recorded state beside the start, as JSON."""
    controls = catalogue()[name].controls.items()
    return json.loads(json.dumps({key: next(s for s in c.stops if s != c.start) for key, c in controls}))


def move(page: Page, name: str) -> dict:
    """Move a figure elsewhere; returns its state once the address says so."""
    state = other(name)
    mounted(page, name).evaluate("(figure, state) => figure.explorable.set(state)", state)
    page.wait_for_function("name => location.hash.startsWith(`#${name}?`)", arg=name)
    return state


def in_view(page: Page, name: str) -> bool:
    """Whether the middle of a figure is on the screen."""
    box = page.locator(f'[data-explorable="{name}"]').bounding_box()
    return 0 < box["y"] + box["height"] / 2 < page.viewport_size["height"]


def back_by_reload(page: Page):
    page.reload()


def back_by_history(page: Page):
    page.goto(page.url.split("#")[0].rstrip("/").rpartition("/")[0] + "/")
    page.go_back()


@pytest.mark.parametrize("come_back", [back_by_reload, back_by_history])
def test_whoever_comes_back_finds_the_place_and_all_figures_as_they_were(lecture, open_page, come_back):
    page = open_page(lecture)
    states = {name: move(page, name) for name in (FIRST, SECOND)}
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    address = page.url
    come_back(page)
    assert page.url == address
    for name, state in states.items():
        page.wait_for_timeout(300)  # longer than a figure above waits to write its address
        assert page.evaluate("scrollY") < 10 or name == SECOND
        assert mounted(page, name).evaluate("figure => figure.explorable.value") == state
    assert page.url == address


def test_a_link_to_a_figure_leads_there(lecture, open_page):
    first = open_page(lecture)
    state = move(first, SECOND)
    link = first.url
    within = open_page(lecture)
    mounted(within, SECOND)
    within.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    within.goto(link)
    for page in (within, open_page(link)):
        page.wait_for_function(
            f"([name, state]) => JSON.stringify(({FIGURE})(name).explorable?.value) === JSON.stringify(state)",
            arg=[SECOND, state],
        )
        assert in_view(page, SECOND)


def test_half_a_percent_code_in_the_address_harms_no_figure(lecture, open_page):
    page, errors = open_page(), []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(f"{lecture}#%E0%A4%A")
    mounted(page, FIRST)
    page.evaluate("location.hash = '#%E0%A4%B'")
    page.wait_for_timeout(100)
    assert errors == []


@pytest.fixture
def playing(lecture, open_page):
    """Page and figure, while a control of it moves by itself."""
    page = open_page(lecture)
    name, control = PLAYED
    figure, made = mounted(page, name), catalogue()[name].controls[control]
    figure.evaluate("(figure, state) => figure.explorable.set(state)", {control: made.stops[0]})
    page.wait_for_function("name => location.hash.startsWith(`#${name}?`)", arg=name)
    figure.get_by_role("button", name=f"Play {made.label}").click()
    page.wait_for_function(
        f"([name, control, start]) => ({FIGURE})(name).explorable.value[control] !== start",
        arg=[name, control, made.stops[0]],
    )
    return page, figure


def test_play_is_read_out_where_it_ends(playing):
    _, figure = playing
    caption = figure.locator("figcaption")
    expect(caption).to_have_attribute("aria-live", "off")
    words = caption.evaluate_handle("caption => caption.firstChild")
    figure.get_by_role("button", name="Pause").click()
    expect(caption).to_have_attribute("aria-live", "polite")
    assert words.evaluate("words => !words.isConnected"), "screen readers hear only what is written anew"


def test_play_takes_no_address_from_a_reader_gone_on(playing):
    page, figure = playing
    page.evaluate("location.hash = document.querySelector('h2[id], section[id]').id")
    gone = page.url
    figure.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(400)
    assert page.url == gone


def test_play_stops_when_motion_is_no_longer_wanted(playing):
    page, figure = playing
    page.emulate_media(reduced_motion="reduce")
    expect(figure.get_by_role("button", name="Step")).to_be_visible()
    value = figure.evaluate("figure => figure.explorable.value")
    page.wait_for_timeout(500)
    assert figure.evaluate("figure => figure.explorable.value") == value


@pytest.mark.parametrize("lost", ["**/explorables/{name}-*.json", "**/vega.js*"])
def test_a_lost_file_is_asked_for_again(lecture, open_page, lost):
    page = open_page()
    page.route(lost.format(name=FIRST), lambda route: route.abort(), times=1)
    page.goto(f"{lecture}#{FIRST}")
    figure = page.locator(f'[data-explorable="{FIRST}"]')
    expect(figure.get_by_role("alert")).to_contain_text("could not be made live")
    expect(figure.locator(".explorable-frozen")).to_be_visible()
    assert not any(room.bounding_box() for room in figure.locator(".explorable-room").all())
    figure.get_by_role("button", name="Try again").click()
    mounted(page, FIRST)
    expect(figure.get_by_role("alert")).to_have_count(0)


def test_only_the_first_button_moves_a_pad(site, page_of, open_page):
    name = next(n for n, f in catalogue().items() if any(c.kind == "pad" for c in f.controls.values()))
    figure = mounted(open_page(site + page_of[name]), name)
    before = figure.evaluate("figure => figure.explorable.value")
    area = figure.locator(".explorable-pad-area")
    area.click(button="right", position={"x": 3, "y": 3})
    figure.page.wait_for_timeout(200)
    assert figure.evaluate("figure => figure.explorable.value") == before
    area.click(position={"x": 3, "y": 3})
    figure.page.wait_for_function(
        f"([name, before]) => JSON.stringify(({FIGURE})(name).explorable.value) !== JSON.stringify(before)",
        arg=[name, before],
    )


# Colours of one mode that a chart carries with it, in place of names that the style sheet fills in.
_FIXED = """figure => [...figure.querySelectorAll(".explorable-stage svg *")].flatMap(mark =>
    ["fill", "stroke"].map(name => mark.getAttribute(name)).filter(colour => /^(rgb|#)/.test(colour ?? "")))"""


@pytest.mark.parametrize("name", [FIRST, SECOND, "made-masks", "attention-copying", "em-step-by-step"])
def test_a_chart_chosen_dark_is_light_on_paper(site, page_of, open_page, name):
    page = open_page(site + page_of[name])
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    figure = mounted(page, name)
    assert figure.evaluate(_FIXED) == []
