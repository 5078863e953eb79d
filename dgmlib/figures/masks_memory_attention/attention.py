"""Where attention looks when it copies: every bit of the second half finds its own in the first."""

from functools import cache

import altair as alt
import numpy as np
import torch

from dgmlib.autoregressive import AttentionModel
from dgmlib.explorable import Explorable, colour, reseed, slider
from dgmlib.figures.masks_memory_attention import copying, recorded

_N = 2 * copying.SHOWN


@cache
def copying_model() -> AttentionModel:
    """The attention model that was trained to copy 12 bits."""
    fresh = copying.build("attention", copying.SHOWN, torch.Generator().manual_seed(0))
    return recorded.load_weights("copying", fresh)


@cache
def _copy(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A row of the task, its attention weights, (24, 24), and p(x_i = 1 | x_<i), (24,)."""
    x = copying.copies(1, copying.SHOWN, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        p, w = copying_model().conditionals(x).sigmoid(), copying_model().attention_weights(x)
    return x[0].int().numpy(), w[0, 0, 0].numpy(), p[0].numpy()


def _copy_tables(query: int, seed: int) -> dict:
    x, w, p = _copy(seed)
    i, j = np.tril_indices(_N)
    visible = w[i, j] > 0.02
    place = np.arange(_N)
    seen = place < query
    return {
        "row": {
            "at": place,
            "bit": ["·", *(str(bit) for bit in x[:-1])],
            "weight": np.where(seen, w[query - 1], 0.0),
            "part": np.where(seen, "the past", "still hidden").tolist(),
        },
        "matrix": {
            "left": j[visible] - 0.5,
            "right": j[visible] + 0.5,
            "top": i[visible] + 0.5,
            "bottom": i[visible] + 1.5,
            "weight": w[i, j][visible],
        },
        "query": {"top": [query - 0.5], "bottom": [query + 0.5], "left": [-0.5], "right": [query - 0.5]},
        "edge": {"x": [-0.5, _N - 0.5], "y": [0.5, _N + 0.5]},
        "truth": {"p": [float(p[query - 1])], "bit": [int(x[query - 1])]},
    }


def _copy_chart() -> alt.ConcatChart:
    x = alt.X(
        "at:Q",
        title="key: the start, then bit 1, 2, …",
        scale=alt.Scale(domain=[-0.6, _N - 0.4], nice=False),
        axis=alt.Axis(values=[0, 6, 12, 18, 23], grid=False),
    )
    row = alt.Chart(alt.NamedData("row")).encode(x=x)
    bars = row.mark_bar(size=9, color=colour.MODEL).encode(
        y=alt.Y("weight:Q", title="weight", scale=alt.Scale(domain=[0, 1.2]), axis=alt.Axis(values=[0, 0.5, 1]))
    )
    parts = alt.Scale(domain=["the past", "still hidden"], range=[colour.DATA, colour.NOISE_SOFT])
    bits = row.mark_text(fontSize=13, fontWeight="bold").encode(
        y=alt.value(10), text="bit:N", color=alt.Color("part:N", scale=parts, legend=None)
    )
    left = alt.layer(bars, bits, title="Where the query looks, and what is there")

    across = alt.Scale(domain=[-0.5, _N - 0.5], nice=False)
    down = alt.Scale(domain=[_N + 0.5, 0.5], nice=False)
    keys = alt.X("left:Q", title="key", scale=across, axis=alt.Axis(values=[0, 6, 12, 18], grid=False))
    queries = alt.Y("top:Q", title="query", scale=down, axis=alt.Axis(values=[1, 6, 12, 18, 24], grid=False))
    shade = alt.Scale(domain=[0, 1], range=[0, 1])
    box = {"x": keys, "x2": "right:Q", "y": queries, "y2": "bottom:Q"}
    cells = (
        alt.Chart(alt.NamedData("matrix"))
        .mark_rect(fill=colour.MODEL)
        .encode(**box, fillOpacity=alt.FillOpacity("weight:Q", scale=shade, legend=None))
    )
    edge = alt.Chart(alt.NamedData("edge")).mark_line(color=colour.NOISE, strokeDash=[3, 3], strokeWidth=1)
    edge = edge.encode(x=alt.X("x:Q", scale=across), y=alt.Y("y:Q", scale=down))
    query = alt.Chart(alt.NamedData("query")).mark_rect(fill=None, stroke=colour.INK, strokeWidth=1.5).encode(**box)
    right = alt.layer(cells, edge, query, title="All queries; beyond the line is the future")
    return alt.concat(
        left.properties(width=330, height=230), right.properties(width=230, height=230), columns=2
    ).resolve_scale(x="independent", y="independent")


def _copy_caption(query: int, seed: int, t: dict) -> str:
    _, w, _ = _copy(seed)
    key, p, bit = int(w[query - 1].argmax()), t["truth"]["p"][0], t["truth"]["bit"][0]
    place = "the start" if key == 0 else f"bit {key}"
    told = f"It says p(x = 1) = {p:.2f}; the bit is [{bit}]{{.data}}."
    if query <= copying.SHOWN:
        return f"[Query {query}]{{.model}} is about a fresh coin: no earlier bit helps, wherever it looks. {told}"
    return (
        f"[Query {query}]{{.model}} puts {w[query - 1, key]:.0%} of its weight on {place}, {query - key} back. {told}"
    )


attention_copying = Explorable(
    id="attention-copying",
    title="Attention looks it up",
    controls={
        "query": slider(1, _N, step=1, start=17, label="Query", play=True, role="model"),
        "seed": reseed(stops=4, label="New bits"),
    },
    tables=_copy_tables,
    view=_copy_chart(),
    caption=_copy_caption,
)
