"""What a code built for the wrong distribution costs, measured with an arithmetic coder."""

import altair as alt
import numpy as np

from dgmlib.coding import StaticModel, encode
from dgmlib.divergences import bits, entropy, kl_divergence
from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.captions import number
from dgmlib.figures.maximum_likelihood.texts import ALPHABET, ENGLISH, GERMAN, LETTER, frequencies, symbols

MESSAGE = symbols(LETTER)
CODES = {
    "own": "these very letters",
    "english": "another English text",
    "german": "a German text",
    "uniform": "27 equally likely symbols",
    "mirrored": "English with a and z, b and y … swapped",
}
_LABELS = [*ALPHABET[:-1], "␣"]
_LENGTHS = [5, 10, 20, 50, 100, 200, 400, len(MESSAGE)]


def code_frequencies(code: str, message: bytes) -> np.ndarray:
    """The distribution q that the code is built for, (27,); half a count keeps every symbol codable."""
    english = frequencies(symbols(ENGLISH), pseudocount=0.5)
    return {
        "own": frequencies(message),
        "english": english,
        "german": frequencies(symbols(GERMAN), pseudocount=0.5),
        "uniform": np.full(len(ALPHABET), 1 / len(ALPHABET)),
        "mirrored": np.append(english[-2::-1], english[-1]),
    }[code]


def _tables(code: str, length: int) -> dict:
    message = MESSAGE[:length]
    p, q = frequencies(message), code_frequencies(code, message)
    measured = len(encode(message, StaticModel(q))) / length
    shannon, extra = float(bits(entropy(p))), float(bits(kl_divergence(p, q)))
    return {
        "message": {"letter": _LABELS, "p": p},
        "code": {"letter": _LABELS, "q": q},
        "cost": {
            "part": ["H(p)", "+ D(p‖q)", "coder"],
            "low": [0, shannon, 0],
            "high": [shannon, shannon + extra, measured],
            "label": [f"{shannon:.2f}", f"{extra:.2f}", f"{measured:.2f}"],
        },
    }


def _chart() -> alt.ConcatChart:
    x = alt.X(
        "letter:N",
        title="symbol (␣ is the space)",
        sort=_LABELS,
        axis=alt.Axis(labelAngle=0, labelOverlap=False, labelFontSize=11),
    )
    share = alt.Scale(domain=[0, 0.25])
    p = (
        alt.Chart(alt.NamedData("message"))
        .mark_bar(clip=True, color=colour.DATA_SOFT, stroke=colour.DATA, strokeWidth=1)
        .encode(x=x, y=alt.Y("p:Q", title="frequency", scale=share, axis=alt.Axis(format="%")))
    )
    q = (
        alt.Chart(alt.NamedData("code"))
        .mark_tick(clip=True, color=colour.MODEL, thickness=3, size=13)
        .encode(x=x, y=alt.Y("q:Q", scale=share))
    )
    letters = alt.layer(p, q, title="What is sent (bars) and what the code expects (ticks)").properties(
        width=400, height=210
    )

    names = ["H(p)", "+ D(p‖q)", "coder"]
    bar = alt.Chart(alt.NamedData("cost")).encode(
        x=alt.X("low:Q", title="bits per symbol", scale=alt.Scale(domain=[0, 9], nice=False)),
        y=alt.Y("part:N", title=None, sort=names, scale=alt.Scale(domain=names)),
    )
    colours = alt.Scale(domain=names, range=[colour.DATA, colour.GAP, colour.NOISE])
    length = bar.mark_bar(clip=True, size=30).encode(x2="high:Q", color=alt.Color("part:N", scale=colours, legend=None))
    label = bar.mark_text(align="left", dx=5).encode(x="high:Q", text="label:N")
    costs = alt.layer(length, label, title="Theory, and what the coder spent").properties(width=210, height=210)
    return alt.concat(letters, costs, columns=2)


def _caption(code: str, length: int, t: dict) -> str:
    shannon, total, measured = t["cost"]["high"]
    return (
        f"{length} symbols in a code built for {CODES[code]}: {measured * length:.0f} bits measured, "
        f"{measured:.2f} per symbol. Theory: [{number(shannon)} entropy]{{.data}} + [{number(total - shannon)} "
        f"divergence]{{.gap}} = {number(total)}; the coder added {number((measured - total) * length, 1)} bits in all."
    )


wrong_code = Explorable(
    id="wrong-code",
    title="The price of the wrong code",
    controls={
        "code": choice(CODES, start="german", label="Code built for"),
        "length": slider(values=_LENGTHS, start=len(MESSAGE), label="Symbols sent"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
