"""Density at work: flag what the model finds improbable, and count how often that is right."""

from functools import cache

import altair as alt
import numpy as np

from dgmlib.data import load_natural_images
from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.captions import number
from dgmlib.figures.introduction.digits import FAMILIES, SIDE, digits, fitted, held_out_log_prob, pictures
from dgmlib.figures.introduction.panels import bars, histogram
from dgmlib.figures.panels import centred
from dgmlib.figures.pictures import data_url, sheet

ODDITIES = {
    "rotated": "digits upside down",
    "mirrored": "mirrored digits",
    "specks": "digits with 3 % of their pixels flipped",
    "photographs": "pieces of photographs",
    "halved": "digits without their lower half",
}


@cache
def oddities(kind: str) -> np.ndarray:
    """What should not pass for a digit, (n, 784) zeros and ones; made of held-out digits or of photographs."""
    images, rng = pictures(digits().held_out), np.random.default_rng(0)
    if kind == "photographs":
        images = np.stack([_piece(photo, rng) for photo in load_natural_images().values() for _ in range(20)])
    elif kind == "specks":
        images = np.where(rng.random(images.shape) < 0.03, 1 - images, images)
    elif kind == "halved":
        images = images * (np.arange(SIDE) < SIDE // 2)[:, None]
    else:
        images = images[:, :, ::-1] if kind == "mirrored" else images[:, ::-1, ::-1]
    return images.reshape(len(images), -1)


def _piece(photo: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random 28×28 piece of a grey image, its darkest eighth as ink: as much ink as in a digit."""
    row, column = rng.integers(0, len(photo) - SIDE, size=2)
    piece = photo[row : row + SIDE, column : column + SIDE]
    return (piece < np.quantile(piece, 1 / 8)).astype(np.uint8)


@cache
def odd_log_prob(family: str, kind: str) -> np.ndarray:
    """log p(x) in nats of every oddity, (n,)."""
    return fitted(family).log_prob(oddities(kind))


def flagged(nats: np.ndarray, threshold: float) -> float:
    """Share of images whose log p lies below the threshold."""
    return float(np.mean(nats < threshold))


def auc(normal: np.ndarray, odd: np.ndarray) -> float:
    """Area under the ROC curve: how often a random oddity scores below a random digit; 0.5 is guessing."""
    normal = np.sort(normal)
    below, upto = np.searchsorted(normal, odd, "left"), np.searchsorted(normal, odd, "right")
    return float(1 - np.mean(below + upto) / 2 / len(normal))


def area_under_curve(family: str, kind: str) -> float:
    """``auc`` of one of the families on one of ``ODDITIES`` against held-out digits."""
    return auc(held_out_log_prob(family), odd_log_prob(family, kind))


def _curve(normal: np.ndarray, odd: np.ndarray) -> dict:
    """The ROC curve at 61 false-alarm rates: both shares flagged as the threshold rises."""
    thresholds = [-np.inf, *np.quantile(normal, np.linspace(0, 1, 60)), np.inf]
    return {"false": [flagged(normal, c) for c in thresholds], "true": [flagged(odd, c) for c in thresholds]}


@cache
def _examples(kind: str) -> str:
    """A dozen of the oddities as one picture."""
    return data_url(sheet(pictures(oddities(kind)[3:15]), 12))


def _tables(kind: str, family: str, threshold: int) -> dict:
    normal, odd = held_out_log_prob(family), odd_log_prob(family, kind)
    return {
        "examples": {"url": [_examples(kind)]},
        "digits": histogram(normal),
        "odd": histogram(odd),
        "threshold": {"nats": [threshold]},
        "roc": _curve(normal, odd),
        "guessing": {"false": [0, 1], "true": [0, 1]},
        "now": {"false": [flagged(normal, threshold)], "true": [flagged(odd, threshold)], "auc": [auc(normal, odd)]},
    }


def _chart() -> alt.ConcatChart:
    threshold = alt.Chart(alt.NamedData("threshold")).mark_rule(color=colour.INK, strokeWidth=2).encode(x="nats:Q")
    both = alt.layer(
        bars("digits", colour.DATA_SOFT, colour.DATA, [1, 0]),
        bars("odd", colour.GAP_SOFT, colour.GAP, [3, 2]),
        threshold,
        title="Digits (solid), oddities (dashed)",
    )
    x = alt.X("false:Q", title="digits flagged", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=3))
    y = alt.Y(
        "true:Q", title="oddities flagged", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=3)
    )
    guessing = alt.Chart(alt.NamedData("guessing")).mark_line(color=colour.NOISE, strokeDash=[2, 3], strokeWidth=1.5)
    roc = alt.Chart(alt.NamedData("roc")).mark_line(color=colour.MODEL).encode(order="false:Q")
    now = alt.Chart(alt.NamedData("now")).mark_point(filled=True, size=100, opacity=1, color=colour.INK)
    layers = [layer.encode(x=x, y=y) for layer in (guessing, roc, now)]
    right = alt.layer(*layers, title="Every threshold")
    examples = centred("examples", 264, 22).properties(width=300, height=32, title="What should be flagged")
    return alt.concat(
        both.properties(width=300, height=200), right.properties(width=200, height=200), examples, columns=2
    )


def _caption(kind: str, family: str, threshold: int, t: dict) -> str:
    false, true, area = (t["now"][name][0] for name in ("false", "true", "auc"))
    return (
        f"[{FAMILIES[family].capitalize()}]{{.model}}, flagging whatever gets less than {number(threshold, 0)} nats: "
        f"[{100 * true:.0f} % of the {ODDITIES[kind]}]{{.gap}} and [{100 * false:.0f} % of the digits]{{.data}}. "
        f"Over all thresholds the area under the curve is {area:.2f}; guessing has 0.5."
    )


anomaly_detection = Explorable(
    id="anomaly-detection",
    title="Flag what is improbable",
    controls={
        "threshold": slider(-400, -40, step=10, start=-220, label="Threshold", unit="nats"),
        "kind": choice(ODDITIES, start="rotated", label="Not digits"),
        "family": choice(FAMILIES, start="mixture", label="Model"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
