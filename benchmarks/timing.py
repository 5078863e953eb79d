"""Times on a machine that does other things as well: they only ever add time, so the shortest of a few runs counts."""

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def seconds(function: Callable[[], Result]) -> tuple[float, Result]:
    """How long one call took, and its result."""
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


def fastest(function: Callable[[], Result], rounds: int) -> tuple[float, Result]:
    """The shortest of a few runs, and the result of the first."""
    times, results = zip(*(seconds(function) for _ in range(rounds)), strict=True)
    return min(times), results[0]


def in_turn(*functions: Callable[[], object], rounds: int = 7) -> list[float]:
    """Shortest time of each function, in turn in every round."""
    times = [[seconds(function)[0] for function in functions] for _ in range(rounds + 1)][1:]  # the first warms up
    return [min(column) for column in zip(*times, strict=True)]
