"""How a recording stores one column: numbers to five digits of the largest, as differences where that is shorter.

A numeric column becomes `{"e": e, "d": d, "v": [integers]}`: the integers are the d-th differences (d = 0, 1, 2) of the
values counted in units of 10^-e. A smooth curve then takes one or two characters a point. Other columns stay lists.
"""

from typing import Any

import numpy as np

DIGITS = 5
"""Decimal digits kept of a float column's largest magnitude."""
TINY, HUGE = 1e-250, 1e250
"""The largest magnitude of a column lies between these (or is zero): beyond, powers of ten overflow."""


def encode(column: list[Any]) -> list[Any] | dict[str, Any]:
    """The stored form of a column; of the three orders of differences the one with the fewest digits."""
    if not column or isinstance(column[0], (str, bool)):
        return column
    exponent = _exponent(column)
    orders = [_units(column, exponent)]
    for _ in range(2):
        orders.append(np.diff(orders[-1], prepend=0))
    exact = [order for order in orders if np.abs(order).max() < 2**53]
    best = min(exact, key=lambda order: np.log1p(np.abs(order)).sum())
    return {"e": exponent, "d": [order is best for order in orders].index(True), "v": best.tolist()}


def decode(stored: list[Any] | dict[str, Any]) -> list[Any]:
    """The column that the player shows for a stored form."""
    if isinstance(stored, list):
        return stored
    units = np.asarray(stored["v"], dtype=np.int64)
    for _ in range(stored["d"]):
        units = units.cumsum()
    if stored["e"] == 0:
        return units.tolist()
    scale = 10.0 ** abs(stored["e"])
    return [unit / scale if stored["e"] > 0 else unit * scale for unit in units.tolist()]


def recorded(column: list[Any]) -> list[Any]:
    """A column at the precision of a recording: what a page shows where Python computes `column`."""
    return decode(encode(column))


def _exponent(column: list[Any]) -> int:
    """How many decimals to keep: `DIGITS` significant ones of the largest magnitude, none for whole numbers."""
    if all(isinstance(value, int) for value in column):
        return 0
    largest = max(abs(value) for value in column)
    if not TINY < largest < HUGE and largest != 0:
        raise ValueError(f"a column reaches {largest:.3g}, beyond what a page can show; give its logarithm")
    return DIGITS - 1 - int(f"{largest:.{DIGITS - 1}e}".split("e")[1]) if largest else 0


def _units(column: list[Any], exponent: int) -> np.ndarray:
    if exponent == 0 and all(isinstance(value, int) for value in column):
        if max(abs(value) for value in column) >= 2**53:
            raise ValueError(
                "a column holds an integer of 2^53 or more, which a page cannot show exactly; give it as text"
            )
        return np.asarray(column, dtype=np.int64)
    values = np.asarray(column, dtype=np.float64)
    scaled = values * 10.0**exponent if exponent >= 0 else values / 10.0**-exponent
    return np.rint(scaled).astype(np.int64)
