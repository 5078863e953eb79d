"""Numbers on a scale: what counts as a number, where the stops lie, how they are written."""

import itertools
import math
from collections.abc import Sequence
from typing import Any


def plain(value: Any) -> Any:
    """A single number of NumPy or PyTorch as Python's own, so that whole ones stay whole; all else as it is."""
    return value.item() if getattr(value, "ndim", None) == 0 else value


def items(value: Any) -> list[Any]:
    """What a sequence holds, each item plain; nothing where there is no sequence."""
    try:
        return [plain(item) for item in value]
    except TypeError:
        return []


def number(value: Any) -> float:
    """`value` as a finite float."""
    value = plain(value)
    try:
        if isinstance(value, (bool, str)):
            raise TypeError("float would take it")
        result = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{value!r} is not a number") from None
    if not math.isfinite(result):
        raise ValueError(f"{value!r} is not finite")
    return result


def whole(what: str, value: Any) -> int:
    """`value` as an integer; `what` names it in the error."""
    value = plain(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{what} is {value!r}; expected a whole number")
    return value


def scale(low=None, high=None, stops=None, step=None, values=None, log=False) -> tuple[int | float, ...]:
    """The stops in rising order, rounded to ten significant digits so that 0.1 prints as 0.1."""
    if values is None:
        return _spaced(plain(low), plain(high), stops, plain(step), log)
    parts = {"low": low, "high": high, "stops": stops, "step": step}
    beside = [name for name, part in parts.items() if part is not None]
    if beside:
        raise ValueError(f"got values= and {', '.join(beside)}; values= are the stops themselves, leave out the rest")
    return _listed(values)


def _listed(values: Any) -> tuple[int | float, ...]:
    points = tuple(_tidy(number(value), whole=isinstance(value, int)) for value in items(values))
    if len(points) < 2 or _falls(points):
        raise ValueError(f"values must be at least two rising numbers, got {values!r}")
    return points


def _spaced(low: Any, high: Any, stops: Any, step: Any, log: bool) -> tuple[int | float, ...]:
    if low is None or high is None or not number(low) < number(high):
        raise ValueError(f"the range [{low}, {high}] is empty; give low < high, or values=[…]")
    if log and low <= 0:
        raise ValueError(f"low is {low}; a logarithmic scale starts above 0")
    count = _count(low, high, stops, step, log)
    if log:
        raw = [low * (high / low) ** (index / (count - 1)) for index in range(count)]
    else:
        raw = [low + (step or (high - low) / (count - 1)) * index for index in range(count)]
    integers = isinstance(low, int) and isinstance(high, int) and all(abs(v - round(v)) < 1e-9 for v in raw)
    points = tuple(_tidy(value, integers) for value in raw)
    if _falls(points):
        raise ValueError(f"{count} stops in [{low}, {high}] do not differ in ten significant digits; give fewer")
    return points


def _count(low: float, high: float, stops: Any, step: Any, log: bool) -> int:
    """How many stops a range has, given their number or their distance."""
    if (stops is None) == (step is None):
        raise ValueError("give either stops= (how many) or step= (how far apart)")
    if log and stops is None:
        raise ValueError("a logarithmic scale needs stops=, not step=")
    if stops is None and number(step) <= 0:
        raise ValueError(f"step is {step}; expected a number above 0")
    count = math.floor((high - low) / number(step) * (1 + 1e-12)) + 1 if stops is None else whole("stops", stops)
    if count < 2:
        asked = f"step is {step}, wider than [{low}, {high}]" if stops is None else f"stops is {stops}"
        raise ValueError(f"{asked}; a scale needs at least 2 stops")
    return count


def _falls(points: Sequence[float]) -> bool:
    return any(b <= a for a, b in itertools.pairwise(points))


def _tidy(value: float, whole: bool) -> int | float:
    return round(value) if whole else float(f"{value:.10g}")


def inside(what: str, value: Any, points: Sequence[int | float], snap: bool = True) -> int | float:
    """The nearest stop to `value`, or `value` itself without `snap`; ValueError where the scale does not reach."""
    found = number(value)
    if not points[0] <= found <= points[-1]:
        raise ValueError(f"{what} is {value!r}, outside the range [{points[0]}, {points[-1]}]")
    return min(points, key=lambda point: abs(point - found)) if snap else found


def position(points: Sequence[int | float], value: float) -> float:
    """Where `value` lies between the stops, as a fraction of the track."""
    for index, (a, b) in enumerate(itertools.pairwise(points)):
        if a <= value <= b:
            return (index + (value - a) / (b - a)) / (len(points) - 1)
    raise ValueError(f"{value!r} is outside the scale")


def number_labels(points: Sequence[int | float], unit: str, log: bool) -> tuple[str, ...]:
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
