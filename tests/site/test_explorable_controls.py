"""The controls of every explorable by keyboard, pointer and finger; what they show; what moves by itself."""

import json

import pytest
from playwright.sync_api import Locator, expect

from dgmlib.figures import catalogue
from tests.site.browser import DESKTOP, PHONE, drag_finger, settle, sticking_out
from tests.site.replay import mounted

pytestmark = pytest.mark.browser

CATALOGUE = catalogue()


def having(kind, **wanted):
    """Parametrise over the controls of one kind, as (explorable, control)."""
    cases = [
        (name, control)
        for name, figure in CATALOGUE.items()
        for control, made in figure.controls.items()
        if made.kind == kind and all(getattr(made, key) == value for key, value in wanted.items())
    ]
    return pytest.mark.parametrize(("name", "control"), cases, ids=[f"{n}-{c}" for n, c in cases])


def wait_for_value(figure: Locator, control: str, expected):
    """Wait until the control has a value (compared as JSON, so that a pad's pair is an array)."""
    figure.page.wait_for_function(
        "([figure, control, text]) => JSON.stringify(figure.explorable.value[control]) === text",
        arg=[figure.element_handle(), control, json.dumps(expected, separators=(",", ":"))],
    )


def slider_of(figure: Locator, label: str) -> Locator:
    return figure.get_by_role("slider", name=label, exact=True)


def readout_of(slider: Locator) -> Locator:
    return slider.locator("xpath=..").locator("output")


@having("slider")
def test_keys_move_a_slider_and_its_readout(site, open_page, page_of, name, control):
    figure, made = mounted(open_page(site + page_of[name]), name), CATALOGUE[name].controls[control]
    slider = slider_of(figure, made.label)
    slider.focus()
    start = made.stops.index(made.start)
    expect(readout_of(slider)).to_have_text(made.labels[start])
    step = 1 if start + 1 < len(made.stops) else -1
    moves = {"ArrowRight" if step > 0 else "ArrowLeft": start + step, "Home": 0, "End": len(made.stops) - 1}
    for key, stop in moves.items():
        slider.press(key)
        wait_for_value(figure, control, made.stops[stop])
        expect(readout_of(slider)).to_have_text(made.labels[stop])
        expect(slider).to_have_attribute("aria-valuetext", made.labels[stop])


@having("choice")
def test_a_choice_is_made_with_the_keyboard(site, open_page, page_of, name, control):
    figure, made = mounted(open_page(site + page_of[name]), name), CATALOGUE[name].controls[control]
    chosen = made.stops.index(made.start)
    select = figure.get_by_label(made.label, exact=True).locator("visible=true").and_(figure.locator("select"))
    group = figure.get_by_role("group", name=made.label, exact=True).get_by_role("radio")
    (select if select.count() else group.nth(chosen)).focus()
    step = 1 if chosen + 1 < len(made.stops) else -1
    figure.page.keyboard.press("ArrowDown" if step > 0 else "ArrowUp")
    wait_for_value(figure, control, made.stops[chosen + step])


@having("toggle")
def test_a_toggle_answers_the_space_bar(site, open_page, page_of, name, control):
    figure, made = mounted(open_page(site + page_of[name]), name), CATALOGUE[name].controls[control]
    box = figure.get_by_role("checkbox", name=made.label, exact=True)
    assert box.is_checked() == made.start
    box.focus()
    box.press("Space")
    wait_for_value(figure, control, not made.start)


@having("reseed")
def test_a_new_sample_is_drawn_with_the_keyboard(site, open_page, page_of, name, control):
    figure, made = mounted(open_page(site + page_of[name]), name), CATALOGUE[name].controls[control]
    button = figure.get_by_role("button", name=made.label, exact=True)
    button.focus()
    for draw in range(1, len(made.stops) + 1):  # … and after the last recorded sample the first comes again
        button.press("Enter")
        wait_for_value(figure, control, made.stops[(made.start + draw) % len(made.stops)])


@having("pad")
def test_keys_move_a_pad_along_each_axis(site, open_page, page_of, name, control):
    figure, made = mounted(open_page(site + page_of[name]), name), CATALOGUE[name].controls[control]
    pad = figure.get_by_role("group", name=made.label, exact=True)
    for which, axis in enumerate(made.axes):
        slider_of(pad, axis).press("End")
        reached = [made.xs[-1], made.ys[-1] if which else made.start[1]]
        wait_for_value(figure, control, reached)


@having("slider", play=True)
def test_play_runs_and_stops(site, open_page, page_of, name, control):
    page = open_page()
    page.clock.install()
    page.goto(site + page_of[name])
    figure, label = mounted(page, name), CATALOGUE[name].controls[control].label
    start = figure.evaluate("(e, control) => e.explorable.value[control]", control)
    figure.get_by_role("button", name=f"Play {label}", exact=True).click()
    page.wait_for_function(
        "([e, control, start]) => e.explorable.value[control] !== start",
        arg=[figure.element_handle(), control, start],
    )
    figure.get_by_role("button", name=f"Pause {label}", exact=True).click()
    expect(figure.get_by_role("button", name=f"Play {label}", exact=True)).to_be_visible()
    stopped = figure.evaluate("(e, control) => e.explorable.value[control]", control)
    page.clock.run_for(5_000)
    assert figure.evaluate("(e, control) => e.explorable.value[control]", control) == stopped


@having("slider", play=True)
def test_play_is_a_step_under_reduced_motion(site, open_page, page_of, name, control):
    page = open_page(reduced_motion="reduce")
    page.clock.install()
    page.goto(site + page_of[name])
    figure, made = mounted(page, name), CATALOGUE[name].controls[control]
    figure.get_by_role("button", name=f"Step {made.label}", exact=True).click()
    following = made.stops[(made.stops.index(made.start) + 1) % len(made.stops)]
    wait_for_value(figure, control, following)
    page.clock.run_for(5_000)
    wait_for_value(figure, control, following)


_MOVING = """longest => [...document.querySelectorAll("*")].flatMap(e => {
    const {transitionDuration, animationName, animationDuration, scrollBehavior} = getComputedStyle(e);
    const lasting = text => Math.max(...text.split(",").map(parseFloat)) > longest;
    const moving = lasting(transitionDuration) || (animationName !== "none" && lasting(animationDuration))
        || (longest < 0.1 && scrollBehavior === "smooth");
    return moving ? [`${e.tagName} ${e.className}`] : [];
})"""


@pytest.mark.parametrize(("motion", "seconds"), [("no-preference", 0.2), ("reduce", 0.01)])
def test_nothing_moves_for_longer_than_wanted(site, open_page, pages, motion, seconds):
    page = open_page(reduced_motion=motion)
    for path in pages:
        page.goto(site + path)
        settle(page)
        assert page.evaluate(_MOVING, seconds) == [], path


def test_sees_what_moves(planted, open_page):
    slow = '<p class="a" style="transition: color 1s">a</p><p style="animation: x 1s">b</p>'
    page = open_page(planted({"index.html": slow}))
    assert len(page.evaluate(_MOVING, 0.2)) == 2


@having("slider")
def test_a_finger_drags_a_slider(site, open_page, page_of, name, control):
    figure, made = mounted(open_page(site + page_of[name], **PHONE), name), CATALOGUE[name].controls[control]
    slider = slider_of(figure, made.label)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box["height"] >= 24, "too low for a finger"
    middle = box["y"] + box["height"] / 2
    share = made.stops.index(made.start) / (len(made.stops) - 1)
    thumb = 8  # px: half of the smallest thumb a browser draws
    start = box["x"] + thumb + share * (box["width"] - 2 * thumb)
    end = box["x"] + (box["width"] - 2 if share < 0.5 else 2)
    drag_finger(figure.page, (start, middle), (end, middle))
    wait_for_value(figure, control, made.stops[-1 if share < 0.5 else 0])


@having("pad")
def test_a_finger_taps_and_drags_a_pad(site, open_page, page_of, name, control):
    figure, made = mounted(open_page(site + page_of[name], **PHONE), name), CATALOGUE[name].controls[control]
    pad = figure.get_by_role("group", name=made.label, exact=True)
    area = pad.locator(".explorable-pad-area")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    area.tap(position={"x": 1, "y": box["height"] - 1})
    wait_for_value(figure, control, [made.xs[0], made.ys[0]])
    low, high = box["y"] + box["height"] - 2, box["y"] + 2
    drag_finger(figure.page, (box["x"] + 2, low), (box["x"] + box["width"] - 2, high))
    wait_for_value(figure, control, [made.xs[-1], made.ys[-1]])


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_telephone_shows_all_of_it(site, open_page, page_of, name):
    page = open_page(site + page_of[name], **PHONE)
    figure = mounted(page, name)
    assert sticking_out(page) == []
    drawn = figure.locator(".explorable-stage svg").first.bounding_box()
    assert drawn["width"] <= 360 and drawn["x"] >= 0 and drawn["x"] + drawn["width"] <= 360
    small = figure.locator(".explorable-stage svg").first.evaluate(
        """svg => [...svg.querySelectorAll("text")].filter(t => t.textContent && t.getBoundingClientRect().height)
            .map(t => [t.textContent, parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a])
            .filter(([, size]) => size < 9)"""
    )
    assert small == [], "letters too small to read"


@pytest.mark.parametrize("name", CATALOGUE)
def test_reset_returns_to_the_start(site, open_page, page_of, name):
    page = open_page(site + page_of[name], **DESKTOP)
    figure = mounted(page, name)
    start = figure.evaluate("e => e.explorable.value")
    control, made = next(iter(CATALOGUE[name].controls.items()))
    other = next(stop for stop in made.stops if stop != made.start)
    figure.evaluate("(e, values) => e.explorable.set(values)", {control: other})
    figure.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_function(
        "([e, start]) => JSON.stringify(e.explorable.value) === JSON.stringify(start)",
        arg=[figure.element_handle(), start],
    )
