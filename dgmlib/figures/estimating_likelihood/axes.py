"""An axis of powers of ten for columns that hold logarithms.

A recording keeps five digits of a column's largest number, so what spans many orders of magnitude is stored as log₁₀.
"""

import json

import altair as alt

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def powers_of_ten(*exponents: int) -> alt.Axis:
    """Ticks at these values of log₁₀, named 10⁻⁴, 0.1, 1, 10, 10⁴ …"""
    names = {str(e): f"{10.0**e:g}" if abs(e) <= 1 else "10" + str(e).translate(_RAISED) for e in exponents}
    return alt.Axis(values=list(exponents), labelExpr=f"({json.dumps(names, ensure_ascii=False)})[datum.value]")
