"""Iteration by iteration: what the network draws, how well it fits, and how close it is to the truth."""

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.captions import number
from dgmlib.figures.deep_image_prior.panels import clean, given, side_by_side, step_axis
from dgmlib.figures.deep_image_prior.recorded import FRAMES, SHOWN, STEPS, runs, unpack
from dgmlib.figures.deep_image_prior.tasks import SIGMAS
from dgmlib.figures.panels import MIDDLE, centred

_TASKS = {
    "denoise, σ = 15": "noise, σ = 15",
    "denoise": "noise, σ = 25",
    "denoise, σ = 50": "noise, σ = 50",
    "enlarge": "a quarter of the size",
    "fill in": "half the pixels",
}
_SIDE = 270
_DECIBELS = {"title": "dB", "scale": alt.Scale(domain=[8, 41], nice=False)}


def curve(task: str, picture: str, name: str) -> np.ndarray:
    """One number per step: "psnr" and "average" in dB, "loss" (mean squared misfit), in noise also "held out"."""
    return runs()[f"{task}/{picture}/{name}"].astype(float)


def fit_in_decibels(task: str, picture: str) -> np.ndarray:
    """The loss on the scale of PSNR: −10 log₁₀ of the mean squared misfit to what was observed."""
    return -10 * np.log10(curve(task, picture, "loss"))


def _tables(task: str, picture: str, step: int) -> dict:
    last = STEPS[task]
    frames, step = unpack(runs()[f"{task}/{picture}/frames"]), min(step, last)
    i, n_kept = FRAMES.index(step), sum(n <= last for n in FRAMES)
    drawn = np.unique(np.geomspace(1, last, 36).round().astype(int))
    to_truth, average = curve(task, picture, "psnr"), curve(task, picture, "average")
    lines = {"the output": to_truth, "the average": average, "the fit": fit_in_decibels(task, picture)}
    top = int(average.argmax())
    best = f"{'peak' if task in SIGMAS else 'best'} {average[top]:.1f}"  # without noise it may rise to the end
    return {
        "given": {"url": [side_by_side([clean(picture), given(task, picture)], 2)]},
        "drawn": {"url": [side_by_side([frames[i], frames[n_kept + i]], 2)]},
        "curves": {"step": drawn, **{name: np.round(line[drawn - 1], 2) for name, line in lines.items()}},
        "now": {
            "step": [step] * 3,
            "line": list(lines),
            "decibels": np.round([v[step - 1] for v in lines.values()], 2),
        },
        "peak": {"step": [top + 1], "decibels": np.round([average[top]], 2), "label": [best]},
    }


def _chart() -> alt.ConcatChart:
    half = _SIDE / 2
    tops = (18, half + 2 * 18 + 4)
    names = (("the truth", "what is given"), ("the output", "the average"))
    pictures = alt.layer(
        *(centred(table, _SIDE, half, top) for table, top in zip(("given", "drawn"), tops, strict=True)),
        *(_word(names[i][j], (j - 1) * half, tops[i] - 7) for i in range(2) for j in range(2)),
    ).properties(width=_SIDE, height=_SIDE + 44)
    return alt.concat(pictures, _curves(), columns=2)


def _word(text: str, shift: float, y: float) -> alt.Chart:
    """A word that begins ``shift`` pixels from the middle of the panel."""
    mark = alt.Chart(alt.Data(values=[{}])).mark_text(align="left", dx=shift, fontSize=12, color=colour.INK, text=text)
    return mark.encode(x=alt.XDatum(1, **MIDDLE), y=alt.value(y))


def _told(text: str, y: float, paint: str) -> alt.Chart:
    mark = alt.Chart(alt.Data(values=[{}])).mark_text(align="left", fontSize=12, color=paint, text=text)
    return mark.encode(x=alt.value(8), y=alt.value(y))


def _curves() -> alt.LayerChart:
    step = step_axis(max(STEPS.values()), [1, 5, 20, 80, 320, 1280])
    decibels = alt.Y("decibels:Q", **_DECIBELS)
    names = ["the output", "the average", "the fit"]
    paints, dashes = [colour.MODEL, colour.LATENT, colour.NOISE], [[1, 0], [6, 3], [2, 3]]
    paint = alt.Color("line:N", scale=alt.Scale(domain=names, range=paints), legend=None)
    lines = [_line(name, step, *look) for name, *look in zip(names, paints, dashes, strict=True)]
    now = alt.Chart(alt.NamedData("now")).encode(x=step, y=decibels, color=paint)
    peak = alt.Chart(alt.NamedData("peak")).encode(x=step, y=decibels)
    told = ["the output, to the truth", "the average, to the truth (dashed)", "the output, to what is given (dotted)"]
    layers = alt.layer(
        *lines,
        now.mark_point(filled=True, size=60, opacity=1, clip=True),
        peak.mark_point(shape="triangle-down", size=70, yOffset=-8, filled=True, color=colour.LATENT, opacity=1),
        peak.mark_text(dy=-20, dx=6, align="right", color=colour.LATENT).encode(text="label:N"),
        *(_told(text, 12 + 16 * row, paints[row]) for row, text in enumerate(told)),
    )
    return layers.properties(width=290, height=_SIDE, title="How close is")


def _line(name: str, step: alt.X, paint: str, dash: list[int]) -> alt.Chart:
    mark = alt.Chart(alt.NamedData("curves")).mark_line(clip=True, color=paint, strokeDash=dash)
    return mark.encode(x=step, y=alt.Y(f"{name}:Q", **_DECIBELS))


def _caption(task: str, picture: str, step: int, t: dict) -> str:
    output, average, _ = t["now"]["decibels"]
    at, end = t["now"]["step"][0], ", where this record ends" if step >= STEPS[task] else ""
    loss = curve(task, picture, "loss")[at - 1]
    return (
        f"Step {at}{end}: the [output is {number(output, 1)} dB]{{.model}} close to the truth, the [average so far "
        f"{number(average, 1)} dB]{{.latent}} (best: {number(t['peak']['decibels'][0], 1)} dB at step "
        f"{t['peak']['step'][0]}). The [mean squared misfit to what is given]{{.noise}} is {loss:.4f}"
        f"{f'; the noise alone is {SIGMAS[task] ** 2:.4f}.' if task in SIGMAS else '.'}"
    )


iterations = Explorable(
    id="dip-iterations",
    title="A network draws, step by step",
    controls={
        "task": choice(_TASKS, start="denoise", label="Given"),
        "picture": choice(list(SHOWN), start="cat", label="Picture"),
        "step": slider(values=list(FRAMES), start=130, label="Step", play=True, role="model", measured=True),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
