"""The same word counted again and again: naive Bayes takes every copy for new evidence."""

from functools import cache

import altair as alt
import numpy as np
from scipy.special import expit

from dgmlib.classifiers import log_loss, reliability
from dgmlib.data import load_messages
from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.captions import number
from dgmlib.figures.discriminative_generative.experiments import forecasts

COPIES = 8
MESSAGES = {  # word: one message that holds it
    "call": "Did the bank ever call you back about the card?",
    "free": "I'm free from two, we could go for a walk by the canal",
    "i": "Hey it's me! I've found a great site to make money, I got 400 already. Try it: www.easy-cash.example",
    "reply": "Reply when you see this please, the nurse needs an answer today",
}
_MODELS = ["naive Bayes", "logistic regression"]
_SHADE = alt.Scale(domain=_MODELS, range=[colour.MODEL, colour.INK])
_SHAPE = alt.Scale(domain=_MODELS, range=["circle", "square"])


@cache
def _odds(word: str) -> dict[str, list[float]]:
    """Log-odds of spam of the word's message for 1 … 8 copies, by each model trained without that message."""
    row = load_messages()[0].index(MESSAGES[word])
    by_copies = [forecasts(word, copies)[0] for copies in range(1, COPIES + 1)]
    return {model: [float(forecast[model][row]) for forecast in by_copies] for model in _MODELS}


def _tables(word: str, copies: int) -> dict:
    odds = _odds(word)
    forecast, y = forecasts(word, copies)
    probability = {model: expit(forecast[model]) for model in _MODELS}
    diagram = {name: [] for name in ("model", "confidence", "frequency", "low", "high", "count")}
    scores = {"model": [], "calibration_error": [], "log_loss": []}
    for model in _MODELS:
        bins = reliability(probability[model], y, n_bins=5)
        diagram["model"] += [model] * len(bins.count)
        for name in ("confidence", "frequency", "count"):
            diagram[name] += getattr(bins, name).tolist()
        diagram["low"] += np.maximum(bins.frequency - bins.standard_error, 0).tolist()
        diagram["high"] += np.minimum(bins.frequency + bins.standard_error, 1).tolist()
        scores["model"].append(model)
        scores["calibration_error"].append(bins.expected_calibration_error)
        scores["log_loss"].append(log_loss(np.stack([1 - probability[model], probability[model]], 1), y))
    return {
        "odds": {
            "copies": [*range(1, COPIES + 1)] * 2,
            "log_odds": odds[_MODELS[0]] + odds[_MODELS[1]],
            "model": np.repeat(_MODELS, COPIES).tolist(),
        },
        "now": {"copies": [copies] * 2, "log_odds": [odds[m][copies - 1] for m in _MODELS], "model": _MODELS},
        "diagram": diagram,
        "perfect": {"x": [0.0, 1.0], "y": [0.0, 1.0]},
        "scores": scores,
    }


def _chart() -> alt.ConcatChart:
    shade = alt.Color("model:N", title=None, scale=_SHADE)
    shape = alt.Shape("model:N", title=None, scale=_SHAPE)
    x = alt.X(
        "copies:Q",
        title="copies of the word",
        axis=alt.Axis(tickCount=8, format="d"),
        scale=alt.Scale(domain=[0.7, 8.3], nice=False),
    )
    y = alt.Y("log_odds:Q", title="nats", scale=alt.Scale(domain=[-22, 22], nice=False))
    odds = alt.Chart(alt.NamedData("odds")).mark_line(clip=True).encode(x=x, y=y, color=shade)
    zero = alt.Chart(alt.NamedData("perfect")).mark_rule(color=colour.MUTED, strokeDash=[4, 4]).encode(y=alt.YDatum(0))
    now = alt.Chart(alt.NamedData("now")).encode(x=x, y=y, color=shade, shape=shape)
    left = alt.layer(zero, odds, now.mark_point(filled=True, size=100, opacity=1, clip=True))
    left = left.properties(width=260, height=240, title="One message: log-odds of spam")
    unit, forecast, share = alt.Scale(domain=[0, 1]), "forecast p(spam)", "share of spam"
    said = alt.X("confidence:Q", title=forecast, scale=unit)
    came = alt.Y("frequency:Q", title=share, scale=unit)
    perfect = alt.Chart(alt.NamedData("perfect")).mark_line(color=colour.DATA, strokeDash=[4, 4], strokeWidth=1.25)
    perfect = perfect.encode(x=alt.X("x:Q", title=forecast, scale=unit), y=alt.Y("y:Q", title=share, scale=unit))
    diagram = alt.Chart(alt.NamedData("diagram")).encode(x=said, color=shade)
    bars = diagram.mark_rule().encode(y=alt.Y("low:Q", title=share, scale=unit), y2="high:Q")
    size = alt.Size("count:Q", legend=None, scale=alt.Scale(domain=[0, 300], range=[20, 260]))
    dots = diagram.mark_point(filled=True, opacity=1).encode(y=came, size=size, shape=shape)
    right = alt.layer(perfect, bars, dots).properties(width=260, height=240, title="All messages: forecast and outcome")
    return alt.concat(left, right, columns=2)


def _caption(word: str, copies: int, t: dict) -> str:
    bayes, regression = t["now"]["log_odds"]
    scores = zip(t["scores"]["calibration_error"], t["scores"]["log_loss"], strict=True)
    (bayes_error, bayes_loss), (regression_error, regression_loss) = scores
    times = "once" if copies == 1 else f"{copies} times"
    return (
        f"“{MESSAGES[word]}”, with “{word}” counted {times}. Log-odds of spam: "
        f"[naive Bayes {number(bayes, 1)}]{{.model}}, logistic regression {number(regression, 1)} nats. "
        f"Over all 410 messages: log loss [{number(bayes_loss)}]{{.model}} and {number(regression_loss)} nats, "
        f"calibration error [{number(100 * bayes_error, 1)} %]{{.model}} and {number(100 * regression_error, 1)} %."
    )


double_counting = Explorable(
    id="double-counting",
    title="Counting the same evidence again",
    controls={
        "word": choice({word: f"“{word}”" for word in MESSAGES}, start="call", label="Word"),
        "copies": slider(1, COPIES, step=1, start=1, label="Copies", play=True),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
