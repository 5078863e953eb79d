"""What a reader can move: `slider`, `choice`, `toggle`, `reseed`, `pad`.

A control is a small immutable description. Its `stops` are the values recorded for the page; in Jupyter a slider, a
reseed or a pad also takes the values in between, unless only its stops have been measured (`check` says which).
`describe` is the JSON that the player reads.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dgmlib.explorable.colour import ROLES

Value = bool | int | float | str | tuple[float, float]


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
        if self.role is not None and self.role not in ROLES:
            raise ValueError(f"role is {self.role!r}; expected one of {', '.join(ROLES)}, or None")

    def check(self, value: Any) -> Value:
        """Return `value` as the control's own type, or raise a ValueError that says what is allowed."""
        for stop in self.stops:
            # A browser knows one kind of number: 0.0 comes back as 0. But True is not 1.
            if isinstance(stop, bool) == isinstance(value, bool) and stop == value:
                return stop
        raise ValueError(f"{value!r} is not one of {', '.join(map(repr, self.stops))}")

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
        whole = all(isinstance(stop, int) for stop in self.stops)
        number = _number(value)
        low, high = self.stops[0], self.stops[-1]
        if not low <= number <= high:
            raise ValueError(f"{value!r} is outside [{low}, {high}]")
        if whole and number != int(number):
            raise ValueError(f"{value!r} is not whole, but every stop of this slider is")
        return int(number) if whole else number

    def describe(self) -> dict[str, Any]:
        """The control with its play button and the marked points of its scale."""
        marks = [{"at": _position(self.stops, at), "text": text} for at, text in self.marks]
        return super().describe() | {"play": self.play, "marks": marks}


@dataclass(frozen=True)
class Reseed(Control):
    """A button that draws again; the value is the seed."""

    def check(self, value: Any) -> int:
        """Any seed from 0 on."""
        number = _number(value)
        if number < 0 or number != int(number):
            raise ValueError(f"{value!r} is not a seed; expected a whole number from 0 on")
        return int(number)


@dataclass(frozen=True)
class Pad(Control):
    """A point in the plane, `(x, y)`; the stops form a grid, row by row from the bottom."""

    xs: tuple[float, ...] = ()
    ys: tuple[float, ...] = ()
    axes: tuple[str, str] = ("x", "y")

    def check(self, value: Any) -> tuple[float, float]:
        """Any point inside the rectangle."""
        try:
            x, y = (_number(part) for part in value)
        except TypeError:
            raise ValueError(f"{value!r} is not a point; expected a pair (x, y)") from None
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
    Raises ValueError when the range is empty, not finite, or does not hold `start` or a mark.
    """
    points = _scale(low, high, stops, step, values, log)
    first = points[0] if start is None else _inside("start", start, points)
    named = tuple((_inside("mark", at, points, snap=False), text) for at, text in (marks or {}).items())
    return Slider("slider", label, points, _number_labels(points, unit, log), first, role, play, named, measured)


def choice(options: Sequence[Value] | Mapping[Value, str], *, start: Value | None = None, label: str = "") -> Control:
    """One of a few named options; a mapping gives each value the text shown for it."""
    texts = options if isinstance(options, Mapping) else {option: str(option) for option in options}
    if len(texts) < 2:
        raise ValueError(f"a choice needs at least two options, got {list(texts)}")
    first = next(iter(texts)) if start is None else start
    if first not in texts:
        raise ValueError(f"start is {start!r}; expected one of {', '.join(map(repr, texts))}")
    return Control("choice", label, tuple(texts), tuple(texts.values()), first)


def toggle(*, start: bool = False, label: str = "") -> Control:
    """A yes or no."""
    if not isinstance(start, bool):
        raise ValueError(f"start is {start!r}; expected True or False")
    return Control("toggle", label, (False, True), ("off", "on"), start)


def reseed(stops: int = 8, *, start: int = 0, label: str = "New sample") -> Reseed:
    """A button that repeats the random part: seeds 0 … stops−1 are recorded, in Jupyter any seed can be set."""
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
    xs, ys = (
        tuple(map(float, _scale(*ends, count, None, None, False))) for ends, count in zip((x, y), stops, strict=True)
    )
    x0, y0 = (xs[0], ys[0]) if start is None else start
    first = (float(_inside("start", x0, xs)), float(_inside("start", y0, ys)))
    grid = tuple((a, b) for b in ys for a in xs)
    return Pad("pad", label, grid, tuple(f"{a:g}, {b:g}" for a, b in grid), first, role, xs, ys, axes)


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is not a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is not finite")
    return number


def _scale(low, high, stops, step, values, log) -> tuple[int | float, ...]:
    """The stops in rising order, rounded to ten significant digits so that 0.1 prints as 0.1."""
    if values is not None:
        points = tuple(_tidy(_number(value), whole=isinstance(value, int)) for value in values)
        if len(points) < 2 or any(b <= a for a, b in itertools.pairwise(points)):
            raise ValueError(f"values must be at least two rising numbers, got {list(values)}")
        return points
    if low is None or high is None or not _number(low) < _number(high):
        raise ValueError(f"the range [{low}, {high}] is empty; give low < high, or values=[…]")
    if (stops is None) == (step is None):
        raise ValueError("give either stops= (how many) or step= (how far apart)")
    if stops is None and _number(step) <= 0:
        raise ValueError(f"step is {step}; expected a number above 0")
    if log and stops is None:
        raise ValueError("a logarithmic scale needs stops=, not step=")
    if stops is not None and stops < 2:
        raise ValueError(f"stops is {stops}; a scale needs at least 2")
    if log and low <= 0:
        raise ValueError(f"low is {low}; a logarithmic scale starts above 0")
    count = stops if stops is not None else math.floor((high - low) / step * (1 + 1e-12)) + 1
    if log:
        raw = [low * (high / low) ** (index / (count - 1)) for index in range(count)]
    else:
        raw = [low + (step or (high - low) / (count - 1)) * index for index in range(count)]
    whole = isinstance(low, int) and isinstance(high, int) and all(abs(v - round(v)) < 1e-9 for v in raw)
    points = tuple(_tidy(value, whole) for value in raw)
    if any(b <= a for a, b in itertools.pairwise(points)):
        raise ValueError(f"{count} stops in [{low}, {high}] do not differ in ten significant digits; give fewer")
    return points


def _tidy(value: float, whole: bool) -> int | float:
    return round(value) if whole else float(f"{value:.10g}")


def _inside(what: str, value: Any, points: Sequence[int | float], snap: bool = True) -> int | float:
    number = _number(value)
    if not points[0] <= number <= points[-1]:
        raise ValueError(f"{what} is {value!r}, outside the range [{points[0]}, {points[-1]}]")
    return min(points, key=lambda point: abs(point - number)) if snap else number


def _position(points: Sequence[int | float], value: float) -> float:
    """Where `value` lies between the stops, as a fraction of the track."""
    for index, (a, b) in enumerate(itertools.pairwise(points)):
        if a <= value <= b:
            return (index + (value - a) / (b - a)) / (len(points) - 1)
    raise ValueError(f"{value!r} is outside the scale")


def _number_labels(points: Sequence[int | float], unit: str, log: bool) -> tuple[str, ...]:
    """Each stop with the fewest decimals that show it to a twentieth of a step, and the unit."""
    suffix = f" {unit}" if unit else ""
    if all(isinstance(point, int) for point in points):
        texts = [f"{point:,}".replace(",", "\u202f") for point in points]
    elif log:
        texts = [f"{point:.3g}" for point in points]
    else:
        finest = min(b - a for a, b in itertools.pairwise(points))
        decimals = next(d for d in range(16) if all(abs(round(p, d) - p) <= 0.05 * finest for p in points))
        texts = [f"{point:.{decimals}f}" for point in points]
    return tuple(text.replace("-", "−") + suffix for text in texts)
