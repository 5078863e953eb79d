"""The controls of every explorable by keyboard, pointer and finger; what they show; what moves by itself."""

import pytest
from playwright.sync_api import Locator, expect

from dgmlib.explorable.controls import Control
from dgmlib.figures import catalogue
from tests.site.browser import DESKTOP, PHONE, drag_finger, settle, sticking_out
from tests.site.replay import mounted

pytestmark = pytest.mark.browser

CATALOGUE = catalogue()


every_explorable = pytest.mark.parametrize("name", CATALOGUE)


def wait_for_value(figure: Locator, control: str, expected):
    """Wait until the control has a value (compared as JSON, so that a pad's pair is an array)."""
    figure.page.wait_for_function(
        "([e, control, value]) => JSON.stringify(e.explorable.value[control]) === JSON.stringify(value)",
        arg=[figure.element_handle(), control, expected],
    )


def slider_of(figure: Locator, label: str) -> Locator:
    return figure.get_by_role("slider", name=label, exact=True)


def button_of(figure: Locator, label: str) -> Locator:
    return figure.get_by_role("button", name=label, exact=True)


def shows(slider: Locator, text: str):
    """The read-out beside a slider, and what a screen reader says of it."""
    expect(slider.locator("xpath=..").locator("output")).to_have_text(text)
    expect(slider).to_have_attribute("aria-valuetext", text)


def keys_move_a_slider(figure: Locator, control: str, made: Control):
    slider = slider_of(figure, made.label)
    slider.focus()
    start = made.stops.index(made.start)
    shows(slider, made.labels[start])
    step = 1 if start + 1 < len(made.stops) else -1
    moves = {"ArrowRight" if step > 0 else "ArrowLeft": start + step, "Home": 0, "End": len(made.stops) - 1}
    for key, stop in moves.items():
        slider.press(key)
        wait_for_value(figure, control, made.stops[stop])
        shows(slider, made.labels[stop])


def keys_make_a_choice(figure: Locator, control: str, made: Control):
    chosen = made.stops.index(made.start)
    options = figure.get_by_role("group", name=made.label, exact=True).get_by_role("radio")
    box = figure.get_by_role("combobox", name=made.label, exact=True)
    (box if box.count() else options.nth(chosen)).focus()
    step = 1 if chosen + 1 < len(made.stops) else -1
    figure.page.keyboard.press("ArrowDown" if step > 0 else "ArrowUp")
    wait_for_value(figure, control, made.stops[chosen + step])


def space_bar_toggles(figure: Locator, control: str, made: Control):
    box = figure.get_by_role("checkbox", name=made.label, exact=True)
    assert box.is_checked() == made.start
    box.focus()
    box.press("Space")
    wait_for_value(figure, control, not made.start)


def enter_draws_again(figure: Locator, control: str, made: Control):
    button = button_of(figure, made.label)
    button.focus()
    for draw in range(1, len(made.stops) + 1):  # after the last recorded sample the first comes again
        button.press("Enter")
        wait_for_value(figure, control, made.stops[(made.start + draw) % len(made.stops)])


def keys_move_a_pad(figure: Locator, control: str, made: Control):
    pad = figure.get_by_role("group", name=made.label, exact=True)
    for which, axis in enumerate(made.axes):
        slider_of(pad, axis).press("End")
        wait_for_value(figure, control, [made.xs[-1], made.ys[-1] if which else made.start[1]])


BY_KEYBOARD = {
    "slider": keys_move_a_slider,
    "choice": keys_make_a_choice,
    "toggle": space_bar_toggles,
    "reseed": enter_draws_again,
    "pad": keys_move_a_pad,
}


@every_explorable
def test_every_control_answers_the_keyboard(site, open_page, page_of, name):
    figure = mounted(open_page(site + page_of[name]), name)
    for control, made in CATALOGUE[name].controls.items():
        BY_KEYBOARD[made.kind](figure, control, made)


def finger_drags_a_slider(figure: Locator, control: str, made: Control):
    slider = slider_of(figure, made.label)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box["height"] >= 24, f"{made.label}: too low for a finger"
    middle = box["y"] + box["height"] / 2
    share = made.stops.index(made.start) / (len(made.stops) - 1)
    thumb = 8  # px: half of the smallest thumb a browser draws
    start = box["x"] + thumb + share * (box["width"] - 2 * thumb)
    end = box["x"] + (box["width"] - 2 if share < 0.5 else 2)
    drag_finger(figure.page, (start, middle), (end, middle))
    wait_for_value(figure, control, made.stops[-1 if share < 0.5 else 0])


def finger_taps_and_drags_a_pad(figure: Locator, control: str, made: Control):
    area = figure.get_by_role("group", name=made.label, exact=True).locator(".explorable-pad-area")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    area.tap(position={"x": 2, "y": box["height"] - 2})
    wait_for_value(figure, control, [made.xs[0], made.ys[0]])
    left, low = box["x"] + 2, box["y"] + box["height"] - 2
    drag_finger(figure.page, (left, low), (left + box["width"] - 4, box["y"] + 2))
    wait_for_value(figure, control, [made.xs[-1], made.ys[-1]])


def finger_makes_a_choice(figure: Locator, control: str, made: Control):
    other = next(at for at, stop in enumerate(made.stops) if stop != made.start)
    group = figure.get_by_role("group", name=made.label, exact=True)
    if group.count():
        group.get_by_role("radio").nth(other).tap()
    else:
        figure.get_by_role("combobox", name=made.label, exact=True).select_option(index=other)
    wait_for_value(figure, control, made.stops[other])


def finger_toggles(figure: Locator, control: str, made: Control):
    figure.get_by_role("checkbox", name=made.label, exact=True).tap()
    wait_for_value(figure, control, not made.start)


def finger_draws_again(figure: Locator, control: str, made: Control):
    button_of(figure, made.label).tap()
    wait_for_value(figure, control, made.stops[(made.start + 1) % len(made.stops)])


BY_FINGER = {
    "slider": finger_drags_a_slider,
    "choice": finger_makes_a_choice,
    "toggle": finger_toggles,
    "reseed": finger_draws_again,
    "pad": finger_taps_and_drags_a_pad,
}


@every_explorable
def test_every_control_answers_a_finger(site, open_page, page_of, name):
    figure = mounted(open_page(site + page_of[name], **PHONE), name)
    for control, made in CATALOGUE[name].controls.items():
        BY_FINGER[made.kind](figure, control, made)


def playable():
    """Every slider with a play button, as (explorable, control)."""
    controls = [(name, key, made) for name, figure in CATALOGUE.items() for key, made in figure.controls.items()]
    return [(name, key) for name, key, made in controls if getattr(made, "play", False)]


@pytest.mark.parametrize(("name", "control"), playable())
def test_play_runs_and_stops(site, open_page, page_of, name, control):
    page = open_page()
    page.clock.install()
    page.goto(site + page_of[name])
    figure, made = mounted(page, name), CATALOGUE[name].controls[control]
    label, start = made.label, made.stops[0]  # from there it plays longest
    value = "([e, control]) => e.explorable.value[control]"
    handle = figure.element_handle()
    figure.evaluate("(e, values) => e.explorable.set(values)", {control: start})
    button_of(figure, f"Play {label}").click()
    page.wait_for_function(
        "([e, control, start]) => e.explorable.value[control] !== start", arg=[handle, control, start]
    )
    button_of(figure, f"Pause {label}").click()
    expect(button_of(figure, f"Play {label}")).to_be_visible()
    stopped = page.evaluate(value, [handle, control])
    page.clock.run_for(5_000)
    assert page.evaluate(value, [handle, control]) == stopped


@pytest.mark.parametrize(("name", "control"), playable())
def test_play_is_a_step_under_reduced_motion(site, open_page, page_of, name, control):
    page = open_page(reduced_motion="reduce")
    page.clock.install()
    page.goto(site + page_of[name])
    figure, made = mounted(page, name), CATALOGUE[name].controls[control]
    button_of(figure, f"Step {made.label}").click()
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


_SMALL_LETTERS = """svg => [...svg.querySelectorAll("text")]
    .filter(text => text.textContent && text.getBoundingClientRect().height)
    .map(text => {
        const {a, b} = text.getScreenCTM();  // (axis titles are turned)
        return [text.textContent, parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b)];
    })
    .filter(([, size]) => size < 9)"""


# Of the height kept free: a title or the caption may break once more, what cannot shrink is drawn smaller as a whole.
JUMP = 0.2


@every_explorable
def test_a_telephone_shows_all_of_it(site, open_page, page_of, name):
    page, held = open_page(**PHONE), []
    page.route(f"**/explorables/{name}-*.json", lambda route: held.append(route))
    with page.expect_request(f"**/explorables/{name}-*.json"):
        page.goto(f"{site}{page_of[name]}#{name}")
    while not held:  # the request is on its way to be held
        page.wait_for_timeout(20)
    figure = page.locator(f'[data-explorable="{name}"]')
    foreseen = figure.bounding_box()["height"]
    held.pop().continue_()
    mounted(page, name)
    assert figure.bounding_box()["height"] == pytest.approx(foreseen, rel=JUMP), "the text below jumps"
    assert sticking_out(page) == []
    drawn = figure.locator(".explorable-stage svg").first.bounding_box()
    assert drawn["width"] <= 360 and drawn["x"] >= 0 and drawn["x"] + drawn["width"] <= 360
    assert figure.locator(".explorable-stage svg").first.evaluate(_SMALL_LETTERS) == []


@every_explorable
def test_reset_returns_to_the_start(site, open_page, page_of, name):
    page = open_page(site + page_of[name], **DESKTOP)
    figure = mounted(page, name)
    start = figure.evaluate("e => e.explorable.value")
    control, made = next(iter(CATALOGUE[name].controls.items()))
    other = next(stop for stop in made.stops if stop != made.start)
    figure.evaluate("(e, values) => e.explorable.set(values)", {control: other})
    button_of(figure, "Reset").click()
    page.wait_for_function(
        "([e, start]) => JSON.stringify(e.explorable.value) === JSON.stringify(start)",
        arg=[figure.element_handle(), start],
    )
