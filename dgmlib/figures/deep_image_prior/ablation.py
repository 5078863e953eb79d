"""Depth and skips: which parts of the network make it a prior."""

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.captions import number
from dgmlib.figures.deep_image_prior.panels import clean, given, side_by_side, step_axis
from dgmlib.figures.deep_image_prior.recorded import ABLATION_STEPS, DEPTHS, SKIPS, recorded, unpack
from dgmlib.figures.panels import centred
from dgmlib.restoration.deep_image_prior.fitting import N_INPUT
from dgmlib.restoration.deep_image_prior.network import WIDTHS, EncoderDecoder

_N = np.unique(np.geomspace(1, ABLATION_STEPS, 22).round().astype(int))
_WORDS = {1: "one scale", 2: "two scales", 4: "four scales"}


def average(depth: int, skip: int) -> np.ndarray:
    """PSNR in dB of the average after each step of denoising the cat."""
    return recorded("ablation")[f"{depth}/{skip}/average"].astype(float)


def weights(depth: int, skip: int) -> int:
    """How many weights the network has."""
    return EncoderDecoder(N_INPUT, 1, widths=WIDTHS[:depth], n_skip=skip).num_parameters


def _tables(depth: int, skip: int) -> dict:
    chosen, others = average(depth, skip), [(d, s) for d in DEPTHS for s in SKIPS if (d, s) != (depth, skip)]
    picture = unpack(recorded("ablation")[f"{depth}/{skip}/frames"])[0]
    top = int(chosen.argmax())
    return {
        "pictures": {"url": [side_by_side([given("denoise", "cat"), picture, clean("cat")], 1)]},
        "others": {
            "step": np.tile(_N, len(others)),
            "line": np.repeat([f"{d}/{s}" for d, s in others], len(_N)),
            "decibels": np.round(np.concatenate([average(d, s)[_N - 1] for d, s in others]), 2),
        },
        "chosen": {"step": _N, "decibels": np.round(chosen[_N - 1], 2)},
        "peak": {"step": [top + 1], "decibels": np.round([chosen[top]], 2), "label": [f"{chosen[top]:.1f} dB"]},
    }


def _chart() -> alt.ConcatChart:
    step = step_axis(ABLATION_STEPS, [1, 5, 20, 80, 320])
    decibels = alt.Y(
        "decibels:Q",
        title="PSNR of the average, dB",
        scale=alt.Scale(domain=[8, 30], nice=False),
        axis=alt.Axis(values=[10, 15, 20, 25]),
    )
    others = alt.Chart(alt.NamedData("others")).mark_line(clip=True, color=colour.NOISE, strokeWidth=1, opacity=0.7)
    chosen = alt.Chart(alt.NamedData("chosen")).mark_line(clip=True, color=colour.MODEL, strokeWidth=3)
    peak = alt.Chart(alt.NamedData("peak")).encode(x=step, y=decibels)
    left = alt.layer(
        others.encode(x=step, y=decibels, detail="line:N"),
        chosen.encode(x=step, y=decibels),
        peak.mark_point(filled=True, size=70, opacity=1, color=colour.MODEL),
        peak.mark_text(dy=-14, color=colour.MODEL, fontWeight="bold").encode(text="label:N"),
    ).properties(width=330, height=300, title="This network (thick) and the others")
    right = centred("pictures", 100, 300, 0).properties(width=160, height=300, title="Given, restored, true")
    return alt.concat(left, right, columns=2)


def _caption(depth: int, skip: int, t: dict) -> str:
    curve = average(depth, skip)
    bridges = "with skips" if skip else "without skips"
    return (
        f"A network of [{_WORDS[depth]} {bridges}]{{.model}}, {weights(depth, skip):,} weights: its average is best at "
        f"step {t['peak']['step'][0]}, {number(curve.max(), 1)} dB, and ends at {number(curve[-1], 1)} dB. The middle "
        f"picture is the one that held-out pixels chose."
    )


depth_and_skips = Explorable(
    id="dip-ablation",
    title="Which part of the network is the prior?",
    controls={
        "depth": slider(values=list(DEPTHS), start=4, label="Scales", role="model", measured=True),
        "skip": choice({4: "four channels", 0: "none"}, start=4, label="Skips"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
