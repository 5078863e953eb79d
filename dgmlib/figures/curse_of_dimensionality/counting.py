"""Counting: how many images there are, and how many parameters each assumption leaves."""

import math
from functools import cache

import altair as alt

from dgmlib.bayes_nets import fully_connected, independent, markov_chain
from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.captions import counted

TRAINING_IMAGES = 60_000  # MNIST's
_DIGITS_PER_LINE, _MOST_LINES = 40, 6
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def scientific(n: int) -> str:
    """A positive integer of any size: exact with thin spaces up to nine digits, beyond that like 1.02 × 10²³⁶."""
    if n < 10**9:
        return f"{n:,}".replace(",", "\u202f")
    digits = str(n)
    exponent, lead = len(digits) - 1, (int(digits[:4]) + 5) // 10  # three significant digits, rounded half up
    if lead == 1000:
        exponent, lead = exponent + 1, 100
    return f"{lead / 100:.2f} × 10{str(exponent).translate(_SUPERSCRIPTS)}"


def digit_lines(n: int) -> list[str]:
    """All decimal digits in lines of forty; of a number too long for six lines, its beginning and its end."""
    digits = str(n)
    lines = [digits[i : i + _DIGITS_PER_LINE] for i in range(0, len(digits), _DIGITS_PER_LINE)]
    if len(lines) > _MOST_LINES:
        hidden = sum(map(len, lines[3:-2]))
        lines = [*lines[:3], f"… {hidden:,} more digits …".replace(",", "\u202f"), *lines[-2:]]
    return lines


# -- Images against states ---------------------------------------------------------------------------------------------

_SIDES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 17, 20, 24, 28)
_REFERENCES = {"60 000 images": 4.78, "seconds since the Big Bang": 17.6, "atoms in the universe": 80}


def _states_tables(side: int, levels: int) -> dict:
    exponents = [s * s * math.log10(levels) for s in _SIDES]
    return {
        "curve": {"side": _SIDES, "exponent": exponents},
        "here": {
            "side": [side],
            "exponent": [side * side * math.log10(levels)],
            "label": [scientific(levels ** (side * side))],
        },
        "references": {"exponent": list(_REFERENCES.values()), "label": list(_REFERENCES)},
    }


def _states_chart() -> alt.LayerChart:
    y = alt.Y(
        "exponent:Q",
        title="power of ten",
        scale=alt.Scale(type="log", domain=[0.25, 3000], nice=False),
        axis=alt.Axis(values=[1, 10, 100, 1000]),
    )
    x = alt.X("side:Q", title="side of the image in pixels", scale=alt.Scale(domain=[0, 29], nice=False))
    reference = alt.Chart(alt.NamedData("references")).encode(y=y)
    hue = alt.Color(
        "label:N",
        legend=None,
        scale=alt.Scale(domain=list(_REFERENCES), range=[colour.DATA, colour.MUTED, colour.MUTED]),
    )
    here = alt.Chart(alt.NamedData("here")).encode(x=x, y=y)
    return alt.layer(
        reference.mark_rule(strokeDash=[4, 4]).encode(color=hue),
        reference.mark_text(align="right", baseline="top", dy=5, fontSize=11).encode(
            x=alt.value("width"), text="label:N", color=hue
        ),
        alt.Chart(alt.NamedData("curve")).mark_line(color=colour.GAP).encode(x=x, y=y),
        here.mark_point(filled=True, size=90, opacity=1, color=colour.GAP),
        here.mark_text(color=colour.GAP, baseline="bottom", align="right", dx=6, dy=-10, fontWeight="bold").encode(
            text="label:N"
        ),
    ).properties(width=560, height=300)


def _states_caption(side: int, levels: int, t: dict) -> str:
    states = levels ** (side * side)
    start = f"[{scientific(states)} different images]{{.gap}} of {side} × {side} pixels with {levels} grey levels. "
    if states <= TRAINING_IMAGES:
        return (
            start + f"[60\u202f000 examples]{{.data}} could show each of them about {TRAINING_IMAGES // states} times."
        )
    if states < 10 * TRAINING_IMAGES:
        return start + f"[60\u202f000 examples]{{.data}}, all different, are {TRAINING_IMAGES / states:.0%} of them."
    missed = scientific(states // TRAINING_IMAGES)
    return start + f"[60\u202f000 examples]{{.data}}, all different, are one in {missed}."


images_vs_states = Explorable(
    id="images-vs-states",
    title="All images against the images we have",
    controls={
        "side": slider(values=_SIDES, start=28, label="Side", unit="px"),
        "levels": choice({2: "2", 4: "4", 16: "16", 256: "256"}, label="Grey levels"),
    },
    tables=_states_tables,
    view=_states_chart(),
    caption=_states_caption,
)


# -- Parameters --------------------------------------------------------------------------------------------------------

_FAMILIES = {
    "independent": "independent",
    "order 1": "Markov, order 1",
    "order 2": "Markov, order 2",
    "order 5": "Markov, order 5",
    "full": "nothing assumed",
}


@cache
def count_parameters(n: int, k: int, family: str) -> int:
    """Free parameters of n variables with k values in one of the figure's families."""
    if family == "independent":
        return independent(n, k).num_parameters
    if family == "full":
        return fully_connected(n, k).num_parameters
    return markov_chain(n, k, order=int(family.removeprefix("order "))).num_parameters


def _counter_tables(n: int, k: int, family: str) -> dict:
    counts = {key: count_parameters(n, k, key) for key in _FAMILIES}
    lines = digit_lines(counts[family])
    return {
        "families": {
            "family": list(_FAMILIES.values()),
            "digits": [len(str(c)) for c in counts.values()],
            "count": [scientific(c) for c in counts.values()],
        },
        "chosen": {"family": [_FAMILIES[family]], "digits": [len(str(counts[family]))]},
        "exact": {"line": list(range(len(lines))), "text": lines},
    }


def _counter_chart() -> alt.ConcatChart:
    y = alt.Y("family:N", title=None, sort=list(_FAMILIES.values()), axis=alt.Axis(labelLimit=130))
    x = alt.X(
        "digits:Q",
        title="digits of the number of parameters",
        scale=alt.Scale(type="log", domain=[0.8, 20000], nice=False),
        axis=alt.Axis(values=[1, 10, 100, 1000]),
    )
    rows = alt.Chart(alt.NamedData("families"))
    chosen = alt.Chart(alt.NamedData("chosen"))
    bars = alt.layer(
        rows.mark_bar(color=colour.MODEL_SOFT, height=18).encode(x=x, x2=alt.datum(0.8), y=y),
        chosen.mark_bar(color=colour.MODEL, height=18).encode(x=x, x2=alt.datum(0.8), y=y),
        rows.mark_text(align="left", dx=6).encode(x=x, y=y, text="count:N"),
    ).properties(width=430, height=170)
    exact = (
        alt.Chart(alt.NamedData("exact"), title="The chosen number")
        .mark_text(font="monospace", fontSize=12, align="left", x=0)
        .encode(
            y=alt.Y("line:Q", axis=None, scale=alt.Scale(domain=[5.5, -0.5], nice=False)),
            text="text:N",
        )
        .properties(width=310, height=110)
    )
    return alt.concat(bars, exact, columns=1)


def _counter_caption(n: int, k: int, family: str, t: dict) -> str:
    count = count_parameters(n, k, family)
    share = "as many as outcomes, less one" if count == k**n - 1 else "linear in n"
    parameters = scientific(count) + (" parameter" if count == 1 else " parameters")
    return f"{counted(n, 'variable')} with {k} values each, {_FAMILIES[family]}: [{parameters}]{{.model}}, {share}."


parameter_counter = Explorable(
    id="parameter-counter",
    title="What an assumption saves",
    controls={
        "n": slider(values=[1, 2, 3, 5, 10, 20, 50, 100, 200, 400, 784], start=784, label="Variables n"),
        "k": choice({2: "2", 3: "3", 10: "10", 27: "27", 256: "256"}, label="Values k"),
        "family": choice(_FAMILIES, start="full", label="Assumption"),
    },
    tables=_counter_tables,
    view=_counter_chart(),
    caption=_counter_caption,
)
