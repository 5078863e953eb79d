"""Measure speed on a machine where other work comes and goes: it can only add to a time, so the smallest counts."""

import time
from collections.abc import Callable
from typing import TypeVar

Measured = TypeVar("Measured", float, tuple[float, float])

AT_ONCE = 3  # measurements one after the other; later ones wait
PAUSES = (5, 15, 30, 60)  # s: what disturbs a measurement may last a minute
patience = 600.0  # s of pauses for all tests together, for where everything is slow, waiting is of no use


def quietest(measure: Callable[[], Measured], enough: Callable[[Measured], bool]) -> Measured:
    """The first measurement that is good enough, else the smallest."""
    found = [measure()]
    while not enough(found[-1]) and (len(found) < AT_ONCE or _waited(len(found) - AT_ONCE)):
        found.append(measure())
    return found[-1] if enough(found[-1]) else min(found)


def _waited(turn: int) -> bool:
    """Pause before a later measurement, if there is to be one."""
    global patience
    if turn >= len(PAUSES) or PAUSES[turn] > patience:
        return False
    patience -= PAUSES[turn]
    time.sleep(PAUSES[turn])
    return True
