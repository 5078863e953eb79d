"""Three queries to one fitted model: how probable is this image, draw me one, what is it made of?"""

from functools import cache

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, choice, colour, reseed
from dgmlib.figures.captions import number
from dgmlib.figures.introduction.digits import (
    FAMILIES,
    digits,
    fitted,
    held_out_log_prob,
    pictures,
    template_labels,
)
from dgmlib.figures.introduction.panels import LEFT, RIGHT, bars, histogram, words
from dgmlib.figures.panels import centred
from dgmlib.figures.pictures import data_url, sheet

_NAMES = ("zeros", "ones", "twos", "threes", "fours", "fives", "sixes", "sevens", "eights", "nines")


@cache
def candidates() -> dict[str, np.ndarray]:
    """Images to ask about, (784,) each: held-out digits as they are and as they should not be."""
    x = digits().held_out
    seven, four, three, two = x[47], x[24], x[43], x[42]
    rng = np.random.default_rng(0)
    return {
        "a seven": seven,
        "a four": four,
        "a three": three,
        "a three, mirrored": pictures(three)[0, :, ::-1].ravel(),
        "a four, upside down": four[::-1],
        "a seven, every tenth pixel flipped": np.where(rng.random(seven.size) < 0.1, 1 - seven, seven),
        "a two, white on black": 1 - two,
        "a seven, pixels shuffled": rng.permutation(seven),
        "an empty page": np.zeros_like(seven),
    }


@cache
def scores(family: str) -> np.ndarray:
    """log p(x) in nats of every candidate, (9,)."""
    return fitted(family).log_prob(np.stack(list(candidates().values())))


@cache
def template(image: str) -> tuple[int, float]:
    """The likeliest template k of a candidate, and p(z = k | x)."""
    r = fitted("mixture").responsibilities(candidates()[image][None])[0]
    return int(r.argmax()), float(r.max())


def _representation(family: str, image: str) -> tuple[list[str], str]:
    """The likeliest template as a picture and in words, from the only family that has any."""
    if family != "mixture":
        return [], "this family offers none"
    k, share = template(image)
    return [data_url(sheet(pictures(fitted(family).probs[[k]]), 1))], f"z = {k}, p(z|x) = {share:.2f}"


def _tables(family: str, image: str, seed: int) -> dict:
    score = scores(family)[list(candidates()).index(image)]
    url, text = _representation(family, image)
    drawn = fitted(family).sample(18, rng=np.random.default_rng(seed))
    return {
        "asked": {"url": [data_url(sheet(pictures(candidates()[image]), 1))]},
        "digits": histogram(held_out_log_prob(family)),
        "score": {"nats": [float(np.clip(score, LEFT, RIGHT))]},
        "sample": {"url": [data_url(sheet(pictures(drawn), 6))]},
        "template": {"url": url},
        "words": {"text": [text]},
    }


def _chart() -> alt.ConcatChart:
    asked = centred("asked", 112, 112).properties(width=150, height=130, title="An image x")
    score = alt.Chart(alt.NamedData("score")).mark_rule(color=colour.MODEL, strokeWidth=3).encode(x="nats:Q")
    density = alt.layer(bars("digits", colour.DATA_SOFT, colour.DATA, [1, 0]), score)
    density = density.properties(width=300, height=130, title="Density: x (line) among held-out digits")
    inside = alt.layer(centred("template", 112, 112), words("words", 132, colour.LATENT))
    inside = inside.properties(width=150, height=145, title="Representation of x")
    sample = centred("sample", 252, 126).properties(width=300, height=150, title="Sampling: 18 new images")
    return alt.concat(asked, density, inside, sample, columns=2)


_NO_SUMMARY = {
    "pixels": " This family can judge and draw, but it has nothing to say about what an image is.",
    "kernel": " This family can judge and draw; of what an image is it can only say which training digit it resembles.",
}


def _caption(family: str, image: str, seed: int, t: dict) -> str:
    score = scores(family)[list(candidates()).index(image)]
    share = float(np.mean(held_out_log_prob(family) < score))
    first = (
        f"[{FAMILIES[family].capitalize()}]{{.model}}: log p = {number(score, 1)} nats for {image}, "
        f"more than {100 * share:.0f} % of the [held-out digits]{{.data}}."
    )
    if family != "mixture":
        return first + _NO_SUMMARY[family]
    k, _ = template(image)
    return (
        first
        + f" It is filed under [template {k}]{{.latent}}, where training put mostly {_NAMES[template_labels()[k]]}."
    )


three_queries = Explorable(
    id="three-queries",
    title="Three questions to one model",
    controls={
        "family": choice(FAMILIES, start="mixture", label="Model"),
        "image": choice(
            (
                "a seven",
                "a four",
                "a three",
                "a three, mirrored",
                "a four, upside down",
                "a seven, every tenth pixel flipped",
                "a two, white on black",
                "a seven, pixels shuffled",
                "an empty page",
            ),
            label="Ask about",
        ),
        "seed": reseed(stops=8, label="Draw again"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
