"""Error against the number of training messages: who is ahead with few, who with many."""

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.captions import number
from dgmlib.figures.discriminative_generative.experiments import MODELS, curves

NAMES = {"messages": "messages of this book", "spambase": "Spambase e-mails", "sms": "SMS collection"}
_SIZES = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4000)
_SHADE = alt.Scale(domain=list(MODELS), range=[colour.MODEL, colour.INK])
_SHAPE = alt.Scale(domain=list(MODELS), range=["circle", "square"])


def _tables(data: str, measure: str, size: int) -> dict:
    record = curves(data)
    chosen = int(np.abs(np.log(record["sizes"]) - np.log(size)).argmin())  # a small data set ends early
    columns = {name: [] for name in ("size", "model", "score", "low", "high")}
    for model in MODELS:
        score = np.array(record[model][measure]["mean"])
        error = np.array(record[model][measure]["standard_error"])
        unit = 100 if measure == "error" else 1
        columns["size"] += record["sizes"]
        columns["model"] += [model] * len(score)
        columns["score"] += (unit * score).tolist()
        columns["low"] += (unit * (score - error)).tolist()
        columns["high"] += (unit * (score + error)).tolist()
    here = slice(chosen, None, len(record["sizes"]))
    return {
        "curves": columns,
        "here": {name: values[here] for name, values in columns.items()},
        "unit": {"text": ["test error, %" if measure == "error" else "log loss, nats"]},
    }


def _chart() -> alt.LayerChart:
    shade = alt.Color("model:N", title=None, scale=_SHADE)
    shape = alt.Shape("model:N", title=None, scale=_SHAPE)
    ticks = alt.Axis(values=_SIZES[::2], format="d", grid=False)
    x = alt.X("size:Q", title="training examples", scale=alt.Scale(type="log", domain=[3.5, 4600]), axis=ticks)
    y = alt.Scale(type="log", nice=False, padding=12)  # both measures span a factor of ten and more
    base = alt.Chart(alt.NamedData("curves")).encode(x=x, color=shade)
    lines = base.mark_line().encode(y=alt.Y("score:Q", title=None, scale=y, axis=alt.Axis(tickCount=5)))
    bars = base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", title=None, scale=y), y2="high:Q")
    dots = base.mark_point(filled=True, size=35, opacity=1).encode(y="score:Q", shape=shape)
    here = alt.Chart(alt.NamedData("here")).encode(x=x)
    rule = here.mark_rule(color=colour.MUTED, strokeDash=[4, 4])
    rings = here.mark_point(size=160, filled=False, strokeWidth=2).encode(y="score:Q", color=shade, shape=shape)
    unit = alt.Chart(alt.NamedData("unit")).mark_text(align="right", baseline="top", color=colour.MUTED)
    unit = unit.encode(x=alt.value("width"), y=alt.value(6), text="text:N")
    return alt.layer(rule, lines, bars, dots, rings, unit).properties(width=560, height=280)


def _caption(data: str, measure: str, size: int, t: dict) -> str:
    record, here = curves(data), t["here"]
    unit, digits = ("%", 1) if measure == "error" else ("nats", 3)
    errors = [(high - low) / 2 for low, high in zip(here["low"], here["high"], strict=True)]
    (bayes, regression), (a, b) = here["score"], errors
    apart = abs(bayes - regression) > 2 * np.hypot(a, b)
    leader = "naive Bayes is ahead" if bayes < regression else "logistic regression is ahead"
    return (
        f"{NAMES[data][0].upper() + NAMES[data][1:]}, {here['size'][0]} training examples: "
        f"[naive Bayes {number(bayes, digits)} ± {number(a, digits)} {unit}]{{.model}}, logistic regression "
        f"{number(regression, digits)} ± {number(b, digits)} {unit} "
        f"({record['repeats']} random splits, ± standard error): {leader if apart else 'too close to call'}."
    )


learning = Explorable(
    id="learning-curves",
    title="Few examples, many examples",
    controls={
        "data": choice({"messages": "this book", "spambase": "Spambase", "sms": "SMS"}, start="spambase", label="Data"),
        "measure": choice({"error": "test error", "log loss": "log loss"}, start="error", label="Measure"),
        "size": slider(values=_SIZES, start=16, label="Examples", play=True, measured=True),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
