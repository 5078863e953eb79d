"""Every explorable, as a reader moves it on the page: the numbers are Python's, the controls work for all."""

import gzip
import json
from itertools import islice

import numpy as np
import pytest
from playwright.sync_api import expect

from dgmlib.explorable.tables import names_read
from dgmlib.figures import catalogue
from tests.site.browser import FRAME
from tests.site.replay import all_values, differences, mounted, replay

pytestmark = pytest.mark.browser

CATALOGUE = catalogue()
HEAVIEST = 600_000  # bytes after gzip

every_explorable = pytest.mark.parametrize("name", CATALOGUE)

# What the stage shows as soon as `set` resolves, beside what it shows before, and once all has come to rest.
_DRAWINGS = """async (figure, states) => {
    const stage = figure.querySelector(".explorable-stage"), drawings = [];
    for (const state of states) {
        const before = stage.innerHTML;
        await figure.explorable.set(state);
        const drawn = stage.innerHTML;
        await FRAME;
        await FRAME;
        await new Promise(rested => setTimeout(rested));
        drawings.push({changed: drawn !== before, finished: drawn === stage.innerHTML});
    }
    return drawings;
}""".replace("FRAME", FRAME)


def first_change(name):
    """A recorded state that differs from the start in every control."""
    figure = CATALOGUE[name]
    return {key: next(s for s in c.stops if s != c.start) for key, c in figure.controls.items()}


def redrawn_states(name, count):
    """Recorded states in a drawn order, each with other tables for the view than the one before it."""

    def seen(**values):
        tables = figure.tables(**values)
        return {table: tables[table] for table in names_read(figure.spec)}

    figure = CATALOGUE[name]
    values, before = all_values(figure), seen()

    def differing():
        nonlocal before
        for at in np.random.default_rng(0).permutation(len(values)):
            if (now := seen(**values[at])) != before:
                before = now
                yield values[at]

    return list(islice(differing(), count))


def as_json(values):
    """Control values as JavaScript sees them: a pad's pair is an array."""
    return json.loads(json.dumps(values))


def test_the_site_shows_the_whole_catalogue(page_of):
    assert set(page_of) == set(CATALOGUE)


@every_explorable
def test_every_recorded_state_shows_what_python_computes(site, open_page, page_of, name):
    figure, computed = mounted(open_page(site + page_of[name]), name), CATALOGUE[name]
    states = all_values(computed)
    faults, seen = {}, 0
    for values, (tables, caption, value) in zip(states, replay(figure, states), strict=True):
        found = differences(tables, computed.tables(**values))
        if caption != computed.caption(**values):
            found.append(f"caption {caption!r} on the page, {computed.caption(**values)!r} in Python")
        if value != as_json(values):
            found.append(f"value is {value}")
        if found:
            faults[str(values)] = found
        seen += 1
    assert faults == {}
    assert seen == len(states)


def test_an_explorable_shown_again_lives_on_every_page(site, open_page, shown_again):
    faults = {}
    for path, name in shown_again:
        page = open_page(site + path)
        figure, computed = mounted(page, name), CATALOGUE[name]
        found = differences(figure.evaluate("e => e.explorable.tables"), computed.tables())
        if figure.evaluate("e => e.explorable.caption") != computed.caption():
            found.append("another caption than in Python")
        if not figure.locator(".explorable-stage svg").count():
            found.append("no drawing")
        page.close()
        if found:
            faults[path, name] = found
    assert shown_again
    assert faults == {}


@every_explorable
def test_a_set_resolves_when_all_is_drawn(site, open_page, page_of, name):
    figure, states = mounted(open_page(site + page_of[name]), name), redrawn_states(name, 8)
    drawings = figure.evaluate(_DRAWINGS, states)
    late = [state for state, drawing in zip(states, drawings, strict=True) if not drawing["finished"]]
    assert late == []
    assert any(drawing["changed"] for drawing in drawings)


@every_explorable
def test_the_recording_is_light(book, site, open_page, page_of, name):
    source = open_page(site + page_of[name]).locator(f'[data-explorable="{name}"]').get_attribute("data-src")
    (recording,) = book.rglob(source.rsplit("/", 1)[-1])
    assert len(gzip.compress(recording.read_bytes(), mtime=0)) <= HEAVIEST


@every_explorable
def test_the_address_restores_the_state(site, open_page, page_of, name):
    page = open_page(site + page_of[name])
    figure, values = mounted(page, name), first_change(name)
    figure.evaluate("(e, values) => e.explorable.set(values)", values)
    page.wait_for_function("name => location.hash.startsWith(`#${name}?`)", arg=name)
    again = mounted(open_page(page.url), name)
    assert again.evaluate("e => e.explorable.value") == as_json(values)
    assert again.evaluate("e => e.explorable.caption") == CATALOGUE[name].caption(**values)


@every_explorable
def test_a_change_is_announced(site, open_page, page_of, name):
    figure = mounted(open_page(site + page_of[name]), name)
    heard = figure.evaluate(
        """async (figure, values) => {
            const events = [];
            document.addEventListener("explorable:change", event => events.push(event));
            await figure.explorable.set(values);
            return events.map(event => [event.target === figure, figure.explorable.value]);
        }""",
        first_change(name),
    )
    assert heard and all(event == [True, as_json(first_change(name))] for event in heard)
    live = figure.locator("figcaption")
    expect(live).to_contain_text(CATALOGUE[name].caption(**first_change(name)))
    assert live.evaluate("e => e.closest('[aria-live]') !== null || e.querySelector('[aria-live]') !== null")
