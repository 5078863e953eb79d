"""What a reader can move: `slider`, `choice`, `toggle`, `reseed`, `pad`.

A control is a small immutable description. Its `stops` are the values recorded for the page; in Jupyter a slider, a
reseed or a pad also takes the values in between, unless only its stops have been measured (`check` says which).
`describe` is the JSON that the player reads.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dgmlib.explorable.colour import ROLES
from dgmlib.explorable.scale import inside, items, number, number_labels, plain, position, scale, whole

Scalar = bool | int | float | str
Value = Scalar | tuple[float, float]


@dataclass(frozen=True)
class Control:
    """The part common to all controls: a kind, a label, the recorded values and the one it starts with."""

    kind: str
    label: str
    stops: tuple[Value, ...]
    labels: tuple[str, ...]
    start: Value
    role: str | None = None

    def __post_init__(self) -> None:
        for text in (self.label, *self.labels):
            _text("label", text)
        if self.role is not None and self.role not in ROLES:
            raise ValueError(f"role is {self.role!r}; expected one of {', '.join(ROLES)}, or None")

    def check(self, value: Any) -> Value:
        """Return `value` as the control's own type, or raise a ValueError that says what is allowed."""
        stop = _meant(value, self.stops)
        if stop is None:
            raise ValueError(f"{value!r} is not one of {', '.join(map(repr, self.stops))}")
        return stop

    def describe(self) -> dict[str, Any]:
        """The control as the JSON object that the player builds an input from."""
        return {
            "kind": self.kind,
            "label": self.label,
            "stops": [list(stop) if isinstance(stop, tuple) else stop for stop in self.stops],
            "labels": list(self.labels),
            "start": self.stops.index(self.start),
            "role": self.role,
        }


@dataclass(frozen=True)
class Slider(Control):
    """One number from an ordered list of stops."""

    play: bool = False
    marks: tuple[tuple[float, str], ...] = ()
    measured: bool = False

    def check(self, value: Any) -> int | float:
        """Any number between the first and the last stop; whole if all stops are whole; a stop if `measured`."""
        if self.measured:
            return super().check(value)
        integers = all(isinstance(stop, int) for stop in self.stops)
        found = number(value)
        low, high = self.stops[0], self.stops[-1]
        if not low <= found <= high:
            raise ValueError(f"{value!r} is outside [{low}, {high}]")
        if integers and found != int(found):
            raise ValueError(f"{value!r} is not whole, but every stop of this slider is")
        return int(found) if integers else found

    def describe(self) -> dict[str, Any]:
        """The control with its play button and the marked points of its scale."""
        marks = [{"at": position(self.stops, at), "text": text} for at, text in self.marks]
        return super().describe() | {"play": self.play, "marks": marks}


@dataclass(frozen=True)
class Reseed(Control):
    """A button that draws again; the value is the seed."""

    def check(self, value: Any) -> int:
        """Any seed from 0 on."""
        seed = number(value)
        if seed < 0 or seed != int(seed):
            raise ValueError(f"{value!r} is not a seed; expected a whole number from 0 on")
        return int(seed)


@dataclass(frozen=True)
class Pad(Control):
    """A point in the plane, `(x, y)`; the stops form a grid, row by row from the bottom."""

    xs: tuple[float, ...] = ()
    ys: tuple[float, ...] = ()
    axes: tuple[str, str] = ("x", "y")

    def check(self, value: Any) -> tuple[float, float]:
        """Any point inside the rectangle."""
        x, y = map(number, _pair("the point", value, "(x, y)"))
        if not (self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]):
            raise ValueError(f"{value!r} is outside [{self.xs[0]}, {self.xs[-1]}] × [{self.ys[0]}, {self.ys[-1]}]")
        return (x, y)

    def describe(self) -> dict[str, Any]:
        """The control with its two axes; the grid is their product, so its stops need not be listed."""
        grid = {"xs": list(self.xs), "ys": list(self.ys), "axes": list(self.axes)}
        return super().describe() | grid | {"stops": len(self.stops), "labels": []}


def slider(
    low: float | None = None,
    high: float | None = None,
    *,
    stops: int | None = None,
    step: float | None = None,
    values: Sequence[float] | None = None,
    log: bool = False,
    start: float | None = None,
    label: str = "",
    unit: str = "",
    play: bool = False,
    marks: Mapping[float, str] | None = None,
    role: str | None = None,
    measured: bool = False,
) -> Slider:
    """A number on a scale: `slider(low, high, stops=41)`, `slider(1, 10, step=1)` or `slider(values=[1, 2, 5, 10])`.

    `start` defaults to the first stop and must lie in the range; the nearest stop is taken. `log=True` spaces the stops
    evenly in the logarithm. `marks` names points of the scale (`{0.7: "truth"}`); `play=True` adds a play button;
    `measured=True` takes the stops alone, for a figure of measurements that were made at these.
    Raises ValueError when the range is empty, not finite, or does not hold `start` or a mark, and for `values` beside
    a range.
    """
    points = scale(low, high, stops, step, values, log)
    first = points[0] if start is None else inside("start", start, points)
    named = () if marks is None else _named(marks, points)
    return Slider("slider", label, points, number_labels(points, unit, log), first, role, play, named, measured)


def choice(
    options: Sequence[Scalar] | Mapping[Scalar, str], *, start: Scalar | None = None, label: str = ""
) -> Control:
    """One of a few named options, text, numbers or truth values; a mapping gives each the text shown for it.

    Raises ValueError for fewer than two options, and for two that no link could tell apart (`1` and `"1"`).
    """
    texts = _options(options)
    if len(texts) < 2:
        raise ValueError(f"a choice needs at least two options, got {options!r}")
    first = next(iter(texts)) if start is None else _meant(plain(start), texts)
    if first is None:
        raise ValueError(f"start is {start!r}; expected one of {', '.join(map(repr, texts))}")
    return Control("choice", label, tuple(texts), tuple(texts.values()), first)


def toggle(*, start: bool = False, label: str = "") -> Control:
    """A yes or no."""
    if not isinstance(start, bool):
        raise ValueError(f"start is {start!r}; expected True or False")
    return Control("toggle", label, (False, True), ("off", "on"), start)


def reseed(stops: int = 8, *, start: int = 0, label: str = "New sample") -> Reseed:
    """A button that repeats the random part: seeds 0 … stops−1 are recorded, in Jupyter any seed can be set."""
    stops, start = whole("stops", stops), whole("start", start)
    if stops < 2:
        raise ValueError(f"stops is {stops}; a reseed needs at least 2 recorded seeds")
    if not 0 <= start < stops:
        raise ValueError(f"start is {start}; expected a recorded seed, 0 to {stops - 1}")
    return Reseed("reseed", label, tuple(range(stops)), tuple(map(str, range(stops))), start)


def pad(
    x: tuple[float, float],
    y: tuple[float, float],
    *,
    stops: tuple[int, int] = (21, 21),
    start: tuple[float, float] | None = None,
    label: str = "",
    axes: tuple[str, str] = ("x", "y"),
    role: str | None = None,
) -> Pad:
    """A point in a rectangle, dragged as a whole or moved along one axis; the value is a pair of floats."""
    counts, named = _pair("stops", stops, "(21, 21)"), _pair("axes", axes, "('x', 'y')")
    axes = tuple(_text("axis", name) for name in named)
    ranges = _pair("x", x, "(low, high)"), _pair("y", y, "(low, high)")
    xs, ys = (tuple(map(float, scale(*ends, count))) for ends, count in zip(ranges, counts, strict=True))
    x0, y0 = (xs[0], ys[0]) if start is None else _pair("start", start, "(x, y)")
    first = (float(inside("start", x0, xs)), float(inside("start", y0, ys)))
    grid = tuple((a, b) for b in ys for a in xs)
    return Pad("pad", label, grid, tuple(f"{a:g}, {b:g}" for a, b in grid), first, role, xs, ys, axes)


def _text(what: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{what} is {value!r}; expected text, such as {str(value)!r}")
    return value


def _pair(what: str, value: Any, form: str) -> tuple[Any, Any]:
    pair = tuple(items(value))
    if len(pair) != 2:
        raise ValueError(f"{what} is {value!r}; expected a pair {form}")
    return pair


def _meant(value: Any, stops: Iterable[Scalar]) -> Scalar | None:
    """The stop that `value` is. A browser knows one kind of number: 0.0 comes back as 0. But True is not 1."""
    if not isinstance(value, Scalar):
        return None
    return next((stop for stop in stops if isinstance(stop, bool) == isinstance(value, bool) and stop == value), None)


def _named(marks: Mapping[float, str], points: Sequence[float]) -> tuple[tuple[float, str], ...]:
    if not isinstance(marks, Mapping):
        raise ValueError(f"marks is {marks!r}; expected points of the scale with their names, such as {{0.7: 'truth'}}")
    return tuple((inside("mark", at, points, snap=False), _text(f"mark {at}", text)) for at, text in marks.items())


def _options(options: Any) -> dict[Scalar, str]:
    """Each option with its text; options that a recording cannot hold or a link cannot tell apart are refused."""
    values = items(options)
    for value in values:
        if not isinstance(value, Scalar) or (isinstance(value, float) and not math.isfinite(value)):
            raise ValueError(f"option {value!r} cannot be recorded; expected text, a finite number, True or False")
    if min(len(set(values)), len(set(map(_in_link, values)))) < len(values):
        raise ValueError(f"options {values} hold two that are equal or read the same in a link; make them differ")
    return dict(zip(values, options.values() if isinstance(options, Mapping) else map(str, values), strict=True))


def _in_link(value: Scalar) -> str:
    """How a browser writes an option into a link: 1.0 as 1, True as true."""
    return str(value).lower() if isinstance(value, bool) else str(value).removesuffix(".0")
