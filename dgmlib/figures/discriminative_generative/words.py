"""Eight words on and off: what naive Bayes and logistic regression make of each, and what the messages say."""

from functools import cache

import altair as alt
import numpy as np
from scipy.special import expit

from dgmlib.data import BagOfWords, load_messages
from dgmlib.explorable import Explorable, colour, toggle
from dgmlib.figures.captions import counted, number
from dgmlib.figures.discriminative_generative.experiments import logistic, naive_bayes

WORDS = {"free": "free", "call": "call", "reply": "reply", "your": "your", "i": "I", "my": "my", "the": "the", "q": "?"}
"""Control name -> the word as printed; all are common enough for 410 messages to say something about them."""
_TOKENS = [shown.lower() for shown in WORDS.values()]
_WHO = ["naive Bayes", "logistic regression", "messages"]
_SHADE = alt.Scale(domain=_WHO, range=[colour.MODEL, colour.INK, colour.DATA])
_SHAPE = alt.Scale(domain=_WHO, range=["circle", "square", "diamond"])


@cache
def _fitted() -> tuple[np.ndarray, np.ndarray, dict[str, tuple[np.ndarray, float]]]:
    """The eight columns, the labels, and weights and bias of both models fitted to them."""
    texts, y = load_messages()
    bag = BagOfWords(texts)
    x = bag.encode(texts)[:, [bag.index[token] for token in _TOKENS]]
    regression = logistic().fit(x, y)
    lines = {
        "naive Bayes": naive_bayes().fit(x, y).linear_form(),
        "logistic regression": (regression.coef_[0], float(regression.intercept_[0])),
    }
    return x, y, lines


def _tables(**on: bool) -> dict:
    x, y, lines = _fitted()
    chosen = np.array([on[name] for name in WORDS])
    same = (x == chosen).all(1)
    rows = [
        (word, model, weight * present, 0.0)
        for model, (weights, _) in lines.items()
        for word, weight, present in zip(WORDS.values(), weights, chosen, strict=True)
    ]
    rows += [("no word", model, bias, 0.0) for model, (_, bias) in lines.items()]
    spam = [(model, float(expit(bias + weights @ chosen))) for model, (weights, bias) in lines.items()]
    spam += [("messages", float(y[same].mean()))] if same.any() else []
    return {
        "evidence": dict(zip(("word", "model", "log_odds", "zero"), map(list, zip(*rows, strict=True)), strict=True)),
        "spam": dict(zip(("model", "probability"), map(list, zip(*spam, strict=True)), strict=True)),
        "seen": {"messages": [int(same.sum())], "spam": [int(y[same].sum())]},
    }


def _chart() -> alt.ConcatChart:
    shade = alt.Color("model:N", scale=_SHADE, legend=None)
    shape = alt.Shape("model:N", scale=_SHAPE, legend=None)
    row = alt.Y(
        "word:N", title=None, sort=["no word", *WORDS.values()], scale=alt.Scale(domain=["no word", *WORDS.values()])
    )
    offset = alt.YOffset("model:N", scale=alt.Scale(domain=_WHO[:2], paddingOuter=0.3))
    whole = alt.Axis(tickMinStep=1, format="d")
    x = alt.X("log_odds:Q", title="nats for spam", scale=alt.Scale(domain=[-3.2, 3.6], nice=False), axis=whole)
    evidence = alt.Chart(alt.NamedData("evidence")).encode(y=row, yOffset=offset, color=shade)
    zero = alt.Chart(alt.NamedData("seen")).mark_rule(color=colour.MUTED).encode(x=alt.XDatum(0))
    bars = evidence.mark_rule(strokeWidth=5).encode(x=x, x2="zero:Q")
    heads = evidence.mark_point(filled=True, size=40, opacity=1).encode(x=x, shape=shape)
    left = alt.layer(zero, bars, heads, title="Evidence of each word").properties(width=270, height=260)
    model = alt.Y("model:N", title=None, scale=alt.Scale(domain=_WHO))
    p = alt.X("probability:Q", title="p(spam)", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5))
    spam = alt.Chart(alt.NamedData("spam")).encode(y=model, x=p)
    line = alt.Chart(alt.NamedData("seen")).mark_rule(color=colour.GRID).encode(x=alt.XDatum(0.5))
    dots = spam.mark_point(filled=True, size=110, opacity=1).encode(color=shade, shape=shape)
    text = spam.mark_text(dy=-14).encode(text=alt.Text("probability:Q", format=".0%"))
    right = alt.layer(line, dots, text, title="Is it spam?").properties(width=200, height=260)
    return alt.concat(left, right, columns=2)


def _caption(t: dict, **on: bool) -> str:
    words = [f"“{WORDS[name]}”" for name, present in on.items() if present]
    bayes, regression = t["spam"]["probability"][:2]
    seen, spam = t["seen"]["messages"][0], t["seen"]["spam"][0]
    says = f"{spam} of the {counted(seen, 'message')}" if seen else "None of the 410 messages"
    what = "with exactly these of the eight words are spam." if seen else "has exactly these of the eight words."
    return (
        f"{' '.join(words) or 'None of the words'}: naive Bayes says [{number(100 * bayes, 1)} % spam]{{.model}}, "
        f"logistic regression {number(100 * regression, 1)} %. [{says}]{{.data}} {what}"
    )


naive_bayes_vs_logistic = Explorable(
    id="naive-bayes-vs-logistic",
    title="Which words make a message spam?",
    controls={name: toggle(start=name in ("call", "your"), label=shown) for name, shown in WORDS.items()},
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
