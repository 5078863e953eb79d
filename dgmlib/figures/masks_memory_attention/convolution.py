"""Which pixels a stack of masked convolutions can see: masks followed from the output back to the image, exactly."""

from functools import cache

import altair as alt
import numpy as np

from dgmlib.autoregressive.gated_pixelcnn import rows_mask
from dgmlib.autoregressive.pixelcnn import raster_mask
from dgmlib.explorable import Explorable, choice, colour, slider

SIZE = 15
PIXEL = (10, 7)
"""The picture has 15 × 15 pixels; the one to be predicted is in row 10, column 7, counted from 0."""
KINDS = {"plain": "one masked stack", "gated": "two gated stacks"}
KERNELS = (3, 5, 7)
DEPTHS = 10
_PARTS = ["to be predicted", "seen", "seen by deeper stacks", "blind spot", "not drawn yet"]


def looked_at(needed: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Inputs of a masked convolution that have a part in the outputs ``needed``, (H, W) of bool -> (H, W)."""
    (height, width), (down, right) = needed.shape, (mask.shape[0] // 2, mask.shape[1] // 2)
    room = np.zeros((height + 2 * down, width + 2 * right), dtype=bool)
    for r, c in np.argwhere(mask):
        room[r : r + height, c : c + width] |= needed
    return room[down : down + height, right : right + width]


def plain_field(needed: np.ndarray, kernel: int, depth: int) -> np.ndarray:
    """Pixels seen through one convolution with mask A and depth − 1 with mask B, (H, W) of bool -> (H, W)."""
    for layer in reversed(range(depth)):
        needed = looked_at(needed, raster_mask((kernel, kernel), "B" if layer else "A").numpy())
    return needed


def gated_field(needed: np.ndarray, kernel: int, depth: int) -> np.ndarray:
    """The same through ``depth`` layers of a vertical and a horizontal stack, which takes from the vertical one."""
    vertical, horizontal = np.zeros_like(needed), needed
    for layer in reversed(range(depth)):
        kind = "B" if layer else "A"
        above = looked_at(vertical | horizontal, rows_mask(kernel, kind).numpy())
        left = looked_at(horizontal, raster_mask((1, kernel), kind).numpy())
        vertical, horizontal = above, left
    return vertical | horizontal


@cache
def field(kind: str, kernel: int, depth: int) -> np.ndarray:
    """What the figure's pixel is computed from, (15, 15) of bool."""
    needed = np.zeros((SIZE, SIZE), dtype=bool)
    needed[PIXEL] = True
    return {"plain": plain_field, "gated": gated_field}[kind](needed, kernel, depth)


EARLIER = np.arange(SIZE * SIZE).reshape(SIZE, SIZE) < PIXEL[0] * SIZE + PIXEL[1]
"""The pixels drawn before the figure's pixel."""


def blind_spot(kind: str, kernel: int) -> np.ndarray:
    """Earlier pixels that no depth reaches, (15, 15) of bool; a layer a pixel is more than enough."""
    return EARLIER & ~field(kind, kernel, SIZE * SIZE)


# -- The figure --------------------------------------------------------------------------------------------------------


def _parts(kind: str, kernel: int, depth: int) -> np.ndarray:
    parts = np.full((SIZE, SIZE), _PARTS[4], dtype=object)
    parts[EARLIER] = _PARTS[2]
    parts[blind_spot(kind, kernel)] = _PARTS[3]
    parts[field(kind, kernel, depth)] = _PARTS[1]
    parts[PIXEL] = _PARTS[0]
    return parts


def _tables(kind: str, kernel: int, depth: int) -> dict:
    row, column = (a.ravel() for a in np.meshgrid(np.arange(SIZE), np.arange(SIZE), indexing="ij"))
    part = _parts(kind, kernel, depth).ravel()
    crossed = part == _PARTS[3]
    depths = np.arange(1, DEPTHS + 1)
    curves = [(name, d, int(field(name, kernel, d).sum())) for name in KINDS for d in depths.tolist()]
    kinds, at, seen = zip(*curves, strict=True)
    return {
        "pixels": {"left": column, "right": column + 1, "top": row, "bottom": row + 1, "part": part.tolist()},
        "blind": {"x": column[crossed] + 0.5, "y": row[crossed] + 0.5},
        "curves": {"kind": kinds, "depth": at, "seen": seen},
        "all": {"seen": [int(EARLIER.sum())]},
        "now": {"depth": [depth], "seen": [int(field(kind, kernel, depth).sum())]},
    }


def _chart() -> alt.ConcatChart:
    x = alt.X("left:Q", axis=None, scale=alt.Scale(domain=[0, SIZE], nice=False))
    y = alt.Y("top:Q", axis=None, scale=alt.Scale(domain=[SIZE, 0], nice=False))
    fills = [colour.MODEL, colour.DATA, colour.DATA_SOFT, colour.GAP_SOFT, colour.PAPER]
    pixels = (
        alt.Chart(alt.NamedData("pixels"))
        .mark_rect(stroke=colour.GRID, strokeWidth=1)
        .encode(
            x=x,
            x2="right:Q",
            y=y,
            y2="bottom:Q",
            fill=alt.Fill("part:N", scale=alt.Scale(domain=_PARTS, range=fills), legend=None),
        )
    )
    crosses = (
        alt.Chart(alt.NamedData("blind"))
        .mark_point(shape="M-.5,-.5L.5,.5M.5,-.5L-.5,.5", size=60, filled=False, color=colour.GAP, strokeWidth=1.5)
        .encode(
            x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, SIZE], nice=False)),
            y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[SIZE, 0], nice=False)),
        )
    )
    left = alt.layer(pixels, crosses, title="Full blue: seen; crossed: blind spot")
    depth = alt.X(
        "depth:Q", title="layers", scale=alt.Scale(domain=[0.5, DEPTHS + 0.5], nice=False), axis=alt.Axis(tickMinStep=1)
    )
    count = alt.Y("seen:Q", title="pixels seen", scale=alt.Scale(domain=[0, 170], nice=False))
    dash = alt.StrokeDash("kind:N", scale=alt.Scale(domain=list(KINDS), range=[[5, 3], [1, 0]]), legend=None)
    lines = alt.Chart(alt.NamedData("curves")).mark_line(color=colour.DATA).encode(x=depth, y=count, strokeDash=dash)
    every = alt.Chart(alt.NamedData("all")).mark_rule(color=colour.NOISE, strokeDash=[2, 3]).encode(y=count)
    now = alt.Chart(alt.NamedData("now")).mark_point(size=110, opacity=1, color=colour.MODEL).encode(x=depth, y=count)
    right = alt.layer(every, lines, now, title="Two stacks (solid), one stack (dashed)")
    return alt.concat(
        left.properties(width=285, height=310), right.properties(width=260, height=240), columns=2
    ).resolve_scale(x="independent", y="independent")


def _caption(kind: str, kernel: int, depth: int, t: dict) -> str:
    seen, blind = int(field(kind, kernel, depth).sum()), int(blind_spot(kind, kernel).sum())
    layers = f"{depth} layer{'s' if depth > 1 else ''}"
    last = f"[{blind} stay unseen at any depth]{{.gap}}." if blind else "None is out of reach for ever."
    return (
        f"{KINDS[kind].capitalize()} of {layers}, {kernel} × {kernel} windows: "
        f"[{seen} of the {int(EARLIER.sum())} earlier pixels]{{.data}} are seen. {last}"
    )


receptive_field = Explorable(
    id="receptive-field",
    title="What a pixel is computed from",
    controls={
        "kind": choice(KINDS, start="plain", label="Network"),
        "kernel": choice({k: f"{k} × {k}" for k in KERNELS}, label="Window"),
        "depth": slider(1, DEPTHS, step=1, start=4, label="Layers", play=True),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
