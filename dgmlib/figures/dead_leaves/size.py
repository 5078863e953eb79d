"""Likelihood of held-out patches against the number of components, and what each mixture thinks a patch is."""

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, colour, slider
from dgmlib.figures.captions import number
from dgmlib.figures.dead_leaves.leaves import natural_patches
from dgmlib.figures.dead_leaves.recorded import SIZES, recorded
from dgmlib.figures.dead_leaves.sheets import patches_url
from dgmlib.figures.panels import picture

COLUMNS = 6


def _drawn(k: int) -> np.ndarray:
    """Recorded samples of the mixture with K components, without mean, (24, 64)."""
    return (recorded()["samples"][SIZES.index(k)].reshape(-1, 64) - 128.0) / 255


def _tables(k: int) -> dict:
    held_out, own = (np.round(recorded()[name], 2) for name in ("held_out", "own"))
    here = held_out[SIZES.index(k)]
    return {
        "curves": {"k": SIZES, "held_out": held_out, "own": own},
        "now": {"k": [k], "held_out": [here]},
        "samples": {"url": patches_url(_drawn(k), COLUMNS)},
        "nature": {"url": patches_url(natural_patches(24, seed=5), COLUMNS)},
    }


def _chart() -> alt.ConcatChart:
    x = alt.X(
        "k:Q",
        title="components K",
        scale=alt.Scale(type="log", domain=[0.9, 230], nice=False),
        axis=alt.Axis(values=list(SIZES), format="d", labelOverlap=True),
    )
    scale = {"title": "nats per patch", "scale": alt.Scale(domain=[90, 165], nice=False)}
    curves, now = alt.Chart(alt.NamedData("curves")), alt.Chart(alt.NamedData("now"))
    held_out = curves.mark_line(clip=True, color=colour.MODEL, point={"color": colour.MODEL, "size": 22})
    own = curves.mark_line(clip=True, color=colour.NOISE, strokeDash=[4, 3])
    ring = now.mark_point(clip=True, size=160, color=colour.MODEL, strokeWidth=2.5)
    scores = alt.layer(
        own.encode(x=x, y=alt.Y("own:Q", **scale)),
        held_out.encode(x=x, y=alt.Y("held_out:Q", **scale)),
        ring.encode(x=x, y=alt.Y("held_out:Q", **scale)),
        title="Held-out (solid), training (dashed)",
    )
    return alt.concat(
        scores.properties(width=300, height=196),
        picture("samples", 216, 144, "24 samples of the mixture"),
        picture("nature", 216, 144, "24 natural patches"),
        columns=3,
    )


def _caption(k: int, t: dict) -> str:
    here = SIZES.index(k)
    nats, error = recorded()["held_out"][here], recorded()["error"][here]
    gain = "" if not here else f", {number(nats - recorded()['held_out'][here - 1], 1)} more than K = {SIZES[here - 1]}"
    return (
        f"K = {k}: [{number(nats, 1)} ± {number(error, 1)} nats]{{.model}} per held-out patch of 63 dimensions{gain}; "
        f"{number(recorded()['own'][here], 1)} on patches of the photographs it learned from."
    )


mixture_size = Explorable(
    id="mixture-size",
    title="How many components?",
    controls={"k": slider(values=list(SIZES), start=1, label="Components K", role="model", play=True, measured=True)},
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
