"""The deep image prior beside other methods that learn nothing from examples of the task."""

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, choice, colour
from dgmlib.figures.captions import number
from dgmlib.figures.deep_image_prior.iterations import curve
from dgmlib.figures.deep_image_prior.panels import clean, given, side_by_side
from dgmlib.figures.deep_image_prior.recorded import METHODS, STEPS, recorded, unpack
from dgmlib.figures.deep_image_prior.tasks import CORNERS, SIGMAS, TASKS
from dgmlib.figures.panels import MIDDLE, centred
from dgmlib.restoration.deep_image_prior import HeldOutStop, Step

_ROWS = 4


def stopped_at(task: str, picture: str) -> int:
    """The step whose average is returned: the rule's where there is noise, else the last."""
    if task not in SIGMAS:
        return STEPS[task]
    stop, nothing = HeldOutStop(), np.zeros(0)
    misfits = enumerate(curve(task, picture, "held out"), 1)
    next((n for n, misfit in misfits if stop(Step(n, 0.0, nothing, nothing, float(misfit)))), None)
    return stop.best.number


def decibels(task: str, picture: str) -> dict[str, float]:
    """PSNR in dB of each method."""
    others = recorded("comparison")[f"{task}/{picture}/psnr"].astype(float)
    own = curve(task, picture, "average")[stopped_at(task, picture) - 1]
    return dict(zip(METHODS[task], (*others, own), strict=True))


def _tables(task: str, picture: str) -> dict:
    others = unpack(recorded("comparison")[f"{task}/{picture}/frames"])
    own = unpack(recorded("tasks")[f"{task}/{picture}/frames"])[-1]
    scores = decibels(task, picture)
    return {
        "pictures": {"url": [side_by_side([clean(picture), given(task, picture), *others, own], 3)]},
        "names": {
            "above": [f"the truth  ·  what is given  ·  {METHODS[task][0]}"],
            "below": ["  ·  ".join(METHODS[task][1:])],
        },
        "scores": {
            "row": list(range(_ROWS)),
            "method": list(scores),
            "decibels": np.round(list(scores.values()), 2),
            "label": [f"{v:.1f}" for v in scores.values()],
        },
    }


def _chart() -> alt.ConcatChart:
    left = alt.layer(
        centred("pictures", 300, 200, 20),
        _words(10, "above"),
        _words(234, "below"),
    ).properties(width=310, height=244)
    x = alt.X(
        "decibels:Q",
        title="PSNR, dB",
        scale=alt.Scale(domain=[15, 38], nice=False),
        axis=alt.Axis(values=[15, 20, 25, 30, 35]),
    )
    y = alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[-0.7, 3.5], reverse=True, nice=False))
    base = alt.Chart(alt.NamedData("scores")).encode(y=y)
    own = alt.condition("datum.row == 3", alt.value(colour.MODEL), alt.value(colour.NOISE))
    bars = base.mark_bar(size=20, clip=True).encode(x=x, x2=alt.datum(15), color=own)
    name = base.mark_text(align="left", dy=-20).encode(x=alt.value(2), text="method:N")
    label = base.mark_text(align="left", dx=5).encode(x=x, text="label:N")
    right = alt.layer(bars, name, label).properties(width=230, height=210, title="How close to the truth")
    return alt.concat(left, right, columns=2)


def _words(y: int, column: str) -> alt.Chart:
    mark = alt.Chart(alt.NamedData("names")).mark_text(color=colour.INK, fontSize=12)
    return mark.encode(x=alt.XDatum(1, **MIDDLE), y=alt.value(y), text=f"{column}:N")


def _caption(task: str, picture: str, t: dict) -> str:
    scores = decibels(task, picture)
    *others, own = scores
    rest = ", ".join(f"{name} {number(scores[name], 1)}" for name in others)
    best = max(scores, key=scores.__getitem__)
    return (
        f"{task.capitalize()}, from {TASKS[task]}: the [{own} reaches {number(scores[own], 1)} dB]{{.model}}; {rest}. "
        f"Best here: {best}."
    )


comparison = Explorable(
    id="dip-comparison",
    title="Four ways to restore, none trained for the task",
    controls={
        "task": choice(list(TASKS), start="denoise", label="Task"),
        "picture": choice(list(CORNERS), start="camera", label="Picture"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
