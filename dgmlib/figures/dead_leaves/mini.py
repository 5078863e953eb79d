"""One mini dead leaf: two textures, a line, and the natural patches that look most like the result."""

import math
from functools import cache

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, choice, slider
from dgmlib.figures.captions import number
from dgmlib.figures.dead_leaves.leaves import flat, natural_patches
from dgmlib.figures.dead_leaves.sheets import patches_url
from dgmlib.patches.dead_leaves import half_planes

ANGLES = (0, 30, 60, 90, 120, 150)
OFFSETS = (0.0, 1.0, 2.0, 3.0, 6.0)
"""Distances of the line from the centre in pixels; at 6 it misses the patch."""
SCALES = {2.0**-5: "faint", 2.0**1: "strong"}
FRONT, BACK = 0.18, -0.12
"""Brightness of the two sides in grey values from 0 to 1, before the mean of the patch is removed."""
N_NATURAL, N_NEAREST = 20_000, 5
WIDTH = 468
"""Of the pictures in pixels, where there is room."""


def leaf(angle: float, offset: float, scale: float) -> np.ndarray:
    """Front texture, back texture, and the patch that a line cuts from them, (3, 64)."""
    front, back = flat(scale, 11) + FRONT, flat(scale, 7) + BACK
    mask = half_planes(np.radians([angle]), np.array([offset]), 8)[0]
    return np.stack([front, back, np.where(mask, front, back)])


@cache
def _library() -> tuple[np.ndarray, np.ndarray]:
    """Natural patches with some contrast, and the same of length one."""
    patches = natural_patches(N_NATURAL, seed=2)
    patches = patches[patches.std(1) > 0.02]
    return patches, patches / np.linalg.norm(patches, axis=1, keepdims=True)


def nearest(patch: np.ndarray, n: int = N_NEAREST) -> tuple[np.ndarray, np.ndarray]:
    """The n natural patches that correlate most with a patch, likest first, (n, 64), and their correlations (n,)."""
    patches, unit = _library()
    centred = patch - patch.mean()
    correlation = unit @ (centred / np.linalg.norm(centred))
    best = np.argsort(-correlation, kind="stable")[:n]
    return patches[best], correlation[best]


def _tables(angle: int, offset: float, scale: float) -> dict:
    parts = leaf(angle, offset, scale)
    found, _ = nearest(parts[2])
    return {
        "parts": {"url": patches_url(parts - parts[:2].mean(), len(parts))},
        "nature": {"url": patches_url(found, N_NEAREST, stretch=True)},
    }


def _chart() -> alt.ConcatChart:
    return alt.concat(
        _row("parts", 3, "Two textures; cut by a line"),
        _row("nature", N_NEAREST, "The five natural patches most like it"),
        columns=1,
    )


def _row(table: str, n: int, title: str) -> alt.Chart:
    """A picture of n patches side by side that shrinks with its panel, as on a phone, and does not grow with it."""
    height = 8 * WIDTH / (9 * n - 1)  # of patches 8 wide, with hairlines of 1 between
    scale = f"min(1, width / {WIDTH})"
    mark = alt.Chart(alt.NamedData(table)).mark_image(
        width={"expr": f"{WIDTH} * {scale}"},
        height={"expr": f"{height} * {scale}"},
        align="left",
        baseline="top",
        smooth=False,
    )
    panel = mark.encode(x=alt.value(0), y=alt.value(0), url="url:N")
    return panel.properties(width=WIDTH, height=math.ceil(height), title=title)


def _caption(angle: int, offset: float, scale: float, t: dict) -> str:
    patch = leaf(angle, offset, scale)[2]
    share = half_planes(np.radians([angle]), np.array([offset]), 8)[0].mean()
    correlation = nearest(patch)[1]
    unit = "pixel" if offset == 1 else "pixels"
    which = (
        f"An edge at {angle}°, {offset:g} {unit} from the centre: {100 * share:.0f} % of the pixels lie before it."
        if 0 < share < 1
        else "The line misses the patch, which is flat: one texture."
    )
    return (
        f"{which} Among {len(_library()[0]):,} [natural patches]{{.data}} the likest correlates "
        f"{number(correlation[0], 2)} with it, the fifth {number(correlation[-1], 2)}."
    )


mini_leaves = Explorable(
    id="mini-dead-leaves",
    title="A leaf's edge in 64 pixels",
    controls={
        "angle": slider(values=list(ANGLES), start=30, label="Angle", unit="°", role="latent"),
        "offset": slider(
            values=list(OFFSETS), start=1.0, label="Distance of the line", role="latent", marks={6.0: "misses"}
        ),
        "scale": choice(SCALES, start=2.0**-5, label="Texture"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
