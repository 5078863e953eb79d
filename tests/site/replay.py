"""Explorables on a page, moved through the interface the player gives them, beside what Python computes."""

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from playwright.sync_api import Locator, Page

from dgmlib.explorable import Explorable
from dgmlib.explorable.columns import DIGITS
from dgmlib.explorable.recording import states

BATCH = 256

# Equal tables and captions cross to Python once: the states say which of the distinct ones they show.
_REPLAY = """async (figure, states) => {
    const distinct = [], places = new Map(), shown = [];
    const place = item => {
        const text = JSON.stringify(item);
        if (!places.has(text)) { places.set(text, distinct.length); distinct.push(text); }
        return places.get(text);
    };
    for (const state of states) {
        await figure.explorable.set(state);
        const {tables, caption, value} = figure.explorable;
        const placed = Object.entries(tables).map(([name, table]) => [name, place(table)]);
        shown.push([Object.fromEntries(placed), place(caption), place(value)]);
    }
    return `{"distinct": [${distinct}], "shown": ${JSON.stringify(shown)}}`;
}"""


def mounted(page: Page, name: str) -> Locator:
    """Bring an explorable into view and wait until it can be moved."""
    figure = page.locator(f'[data-explorable="{name}"]')
    figure.scroll_into_view_if_needed()
    page.wait_for_function("name => document.querySelector(`[data-explorable='${name}']`).explorable?.tables", arg=name)
    return figure


def all_values(explorable: Explorable) -> list[dict[str, Any]]:
    """Control values of every recorded state."""
    return [dict(zip(explorable.controls, state, strict=True)) for state in states(explorable.controls)]


def replay(figure: Locator, values: Iterable[Mapping[str, Any]]) -> Iterable[tuple[dict, str, dict]]:
    """Set the figure to each state in turn; yields the tables, caption and value it then has."""
    remaining = iter(values)
    while batch := list(islice(remaining, BATCH)):
        seen = json.loads(figure.evaluate(_REPLAY, batch))
        distinct = seen["distinct"]
        for tables, caption, value in seen["shown"]:
            yield {name: distinct[at] for name, at in tables.items()}, distinct[caption], distinct[value]


def differences(shown: Mapping[str, Any], computed: Mapping[str, Any]) -> list[str]:
    """How tables of the page differ from those of Python; floats are equal within the recorded precision."""
    if set(shown) != set(computed):
        return [f"tables {sorted(shown)} on the page, {sorted(computed)} in Python"]
    found = []
    for name, table in computed.items():
        if set(shown[name]) != set(table):
            found.append(f"{name}: columns {sorted(shown[name])} on the page, {sorted(table)} in Python")
            continue
        for column, values in table.items():
            found += [f"{name}.{column}: {fault}" for fault in _unequal(shown[name][column], values)]
    return found


def _unequal(shown: list[Any], computed: list[Any]) -> Iterable[str]:
    if len(shown) != len(computed):
        return [f"{len(shown)} rows on the page, {len(computed)} in Python"]
    if not any(type(value) is float for value in computed):
        pairs = zip(shown, computed, strict=True)
        return [f"row {i}: {a!r} on the page, {b!r} in Python" for i, (a, b) in enumerate(pairs) if a != b]
    tolerance = _half_unit(computed)
    pairs = zip(shown, computed, strict=True)
    return [
        f"row {i}: {a!r} on the page, {b!r} in Python (tolerance {tolerance:g})"
        for i, (a, b) in enumerate(pairs)
        if not abs(a - b) <= tolerance
    ]


def _half_unit(column: list[float]) -> float:
    """Half of the last digit kept when a column's largest magnitude keeps `DIGITS` of them."""
    largest = max(map(abs, column))
    if largest == 0:
        return 0.0
    magnitude = int(f"{largest:.{DIGITS - 1}e}".partition("e")[2])  # of the rounded number: 0.999999 counts as 1
    return 0.5 * 10.0 ** (magnitude - DIGITS + 1) * (1 + 1e-9)
