"""A recording: everything the player needs to replay an explorable without Python, as one JSON object.

Equal things are stored once. `columns` lists the distinct columns (see `dgmlib.explorable.columns`), `tables` the
distinct tables as `{column: index into columns}`. `index` says for each table name which controls it depends on (`by`)
and, for every combination of their stops with the last control varying fastest (`of`), which of `tables` to show.
Captions are stored the same way. The format is described in `schema-v1.json` and on the page "The explorable format".
"""

import gzip
import itertools
import json
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from dgmlib.explorable.columns import encode
from dgmlib.explorable.controls import Control

MIME = "application/vnd.dgmlib.explorable.v1+json"
"""The MIME type of a recording in a notebook output."""
VERSION = 1
MAX_STATES = 4096
"""How many combinations of stops one explorable may record."""
MAX_BYTES = 600_000
"""How large a recording may be, gzipped."""


def check_bytes(recording: dict[str, Any]) -> None:
    """Raise ValueError when a recording is too large, gzipped, for a page."""
    size = len(gzip.compress(json.dumps(recording, ensure_ascii=False).encode(), compresslevel=6))
    if size > MAX_BYTES:
        largest = max(recording["index"], key=lambda name: len(recording["index"][name]["of"]))
        raise ValueError(
            f"the recording of {recording['id']!r} takes {size:,} bytes gzipped, more than {MAX_BYTES:,}; "
            f"use fewer stops or rows (table {largest!r} changes most often)"
        )


class Store:
    """Distinct JSON values in order of first appearance, found again by a hashable key."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._places: dict[Hashable, int] = {}

    def place(self, key: Hashable, make: Callable[[], Any]) -> int:
        """The index of the item known by `key`; a new key adds what `make` returns."""
        if key not in self._places:
            self._places[key] = len(self.items)
            self.items.append(make())
        return self._places[key]


class Tableau:
    """The distinct columns, tables and captions of a recording."""

    def __init__(self) -> None:
        self.columns, self.tables, self.texts = Store(), Store(), Store()

    def column(self, values: list[Any]) -> int:
        """The index of a column; 1, 1.0 and True are equal keys but not equal columns, so the type counts."""
        return self.columns.place((type(values[0]) if values else None, *values), lambda: encode(values))

    def table(self, columns: dict[str, list[Any]]) -> int:
        """The index of a table."""
        entry = {name: self.column(values) for name, values in columns.items()}
        return self.tables.place(tuple(entry.items()), lambda: entry)

    def text(self, text: str) -> int:
        """The index of a caption."""
        return self.texts.place(text, lambda: text)


def states(controls: Mapping[str, Control]) -> itertools.product:
    """Every combination of stops, the last control varying fastest."""
    return itertools.product(*(control.stops for control in controls.values()))


def check_size(controls: Mapping[str, Control]) -> None:
    """Raise ValueError when there are more combinations of stops than a page can hold."""
    sizes = {name: len(control.stops) for name, control in controls.items()}
    total = math.prod(sizes.values())
    if total > MAX_STATES:
        product = " × ".join(f"{size} ({name})" for name, size in sizes.items())
        raise ValueError(f"{product} = {total} states, more than {MAX_STATES}; give some control fewer stops")


def record(
    controls: Mapping[str, Control],
    evaluate: Callable[..., dict[str, dict[str, list[Any]]]],
    caption: Callable[..., str],
) -> dict[str, Any]:
    """Evaluate every state and store what differs: the `columns`, `tables`, `index` and `captions` of a recording.

    `evaluate(**values)` returns normalised tables; `caption(tables, **values)` the text below the figure.
    """
    stored = Tableau()
    shown: dict[str, list[int]] = {}
    said: list[int] = []
    names = list(controls)
    for count, state in enumerate(states(controls)):
        values = dict(zip(names, state, strict=True))
        evaluated = evaluate(**values)
        if count and set(evaluated) != set(shown):
            raise ValueError(f"tables at {values} returned {sorted(evaluated)}, but before {sorted(shown)}")
        for name, table in evaluated.items():
            shown.setdefault(name, []).append(stored.table(table))
        said.append(stored.text(caption(evaluated, **values)))
    sizes = {name: len(control.stops) for name, control in controls.items()}
    return {
        "columns": stored.columns.items,
        "tables": stored.tables.items,
        "index": {name: _depends(places, sizes) for name, places in shown.items()},
        "captions": {"texts": stored.texts.items, **_depends(said, sizes)},
    }


def _depends(places: Sequence[Hashable], sizes: Mapping[str, int]) -> dict[str, Any]:
    """Drop every control that changes nothing from a row-major list of places."""
    by = dict(sizes)
    for name in sizes:
        before = math.prod(list(by.values())[: list(by).index(name)])
        size = by[name]
        after = len(places) // (before * size)
        blocks = [places[block * after : (block + 1) * after] for block in range(before * size)]
        if all(blocks[i] == blocks[i - i % size] for i in range(len(blocks))):
            places = [place for block in blocks[::size] for place in block]
            del by[name]
    return {"by": list(by), "of": list(places)}
