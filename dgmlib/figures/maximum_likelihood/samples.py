"""What a finite sample can and cannot say: the law of large numbers, and overfitting."""

import altair as alt
import numpy as np

from dgmlib.divergences import cross_entropy, entropy, gaussian_cross_entropy
from dgmlib.explorable import Explorable, choice, colour, reseed, slider
from dgmlib.figures.captions import number
from dgmlib.likelihood import Categorical, Gaussian, mean_log_likelihood

# -- The law of large numbers ------------------------------------------------------------------------------------------

DATA, MODEL = Gaussian(0.0, 1.0), Gaussian(0.5, 1.3)
TRUE_MEAN = -float(gaussian_cross_entropy(DATA.mu, DATA.sigma, MODEL.mu, MODEL.sigma))
"""E log p_θ(x) for x from p_data, in nats: closed form."""
_SIZES = [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096]
_STEPS = np.unique(np.geomspace(2, _SIZES[-1], 100).astype(int))


def _average_tables(m: int, seed: int) -> dict:
    scores = MODEL.log_prob(DATA.sample(_SIZES[-1], rng=np.random.default_rng(seed)))
    steps = np.union1d(_STEPS[_STEPS <= m], [m])
    means = np.array([scores[:n].mean() for n in steps])
    errors = np.array([scores[:n].std(ddof=1) / np.sqrt(n) for n in steps])
    return {
        "path": {"m": steps, "mean": means, "low": means - 2 * errors, "high": means + 2 * errors},
        "now": {"m": [m], "mean": means[-1:], "error": errors[-1:]},
        "truth": {"value": [TRUE_MEAN], "label": ["true value"]},
    }


def _average_chart() -> alt.LayerChart:
    x = alt.X(
        "m:Q",
        title="samples m",
        scale=alt.Scale(type="log", domain=[2, _SIZES[-1]], nice=False),
        axis=alt.Axis(values=_SIZES, format="d"),
    )
    scale = alt.Scale(domain=[-2.6, -0.9], nice=False)
    path = alt.Chart(alt.NamedData("path")).encode(x=x)
    band = path.mark_area(clip=True, color=colour.GAP_SOFT).encode(
        y=alt.Y("low:Q", title="nats per sample", scale=scale), y2="high:Q"
    )
    line = path.mark_line(clip=True, color=colour.MODEL).encode(y=alt.Y("mean:Q", scale=scale))
    truth = alt.Chart(alt.NamedData("truth")).encode(y=alt.Y("value:Q", scale=scale))
    rule = truth.mark_rule(color=colour.DATA, strokeDash=[6, 4], strokeWidth=1.75)
    name = truth.mark_text(color=colour.DATA, align="right", dx=-4, dy=-9).encode(x=alt.value("width"), text="label:N")
    now = (
        alt.Chart(alt.NamedData("now"))
        .mark_point(clip=True, filled=True, size=90, color=colour.MODEL)
        .encode(x=x, y=alt.Y("mean:Q", scale=scale))
    )
    return alt.layer(band, rule, name, line, now).properties(height=260)


def _average_caption(m: int, seed: int, t: dict) -> str:
    mean, error = t["now"]["mean"][0], t["now"]["error"][0]
    return (
        f"The [average of {m:,} log-likelihoods]{{.model}} is {number(mean, 3)} ± {error:.3f} nats (one standard "
        f"error); the [true value is {number(TRUE_MEAN, 3)}]{{.data}}, {abs(mean - TRUE_MEAN) / error:.1f} standard "
        f"errors away. The [band]{{.gap}} is ± 2 standard errors."
    )


law_of_large_numbers = Explorable(
    id="law-of-large-numbers",
    title="An average in place of an expectation",
    controls={
        "m": slider(values=_SIZES, start=64, label="Samples m", play=True, role="data"),
        "seed": reseed(stops=8, label="New sample"),
    },
    tables=_average_tables,
    view=_average_chart(),
    caption=_average_caption,
)


# -- Overfitting a table -----------------------------------------------------------------------------------------------

STATES = 50
ZIPF = Categorical((1 / np.arange(1, STATES + 1)) / np.sum(1 / np.arange(1, STATES + 1)))
"""p_data over 50 states, the j-th with probability proportional to 1/j."""
_TRAIN = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]
_FLOOR = -7.0  # where −∞ is drawn


def fitted_table(m: int, pseudocount: float, seed: int) -> tuple[np.ndarray, Categorical]:
    """m samples of ZIPF and the categorical fitted to them; larger samples extend smaller ones."""
    x = ZIPF.sample(_TRAIN[-1], rng=np.random.default_rng(seed))[:m]
    return x, Categorical.fit(x, STATES, pseudocount=pseudocount)


def _overfit_tables(m: int, pseudocount: float, seed: int) -> dict:
    fits = [fitted_table(size, pseudocount, seed) for size in _TRAIN]
    train = np.array([mean_log_likelihood(model, x).mean for x, model in fits])
    true = np.array([-cross_entropy(ZIPF.probs, model.probs) for _, model in fits])
    finite, i = np.isfinite(true), _TRAIN.index(m)
    model = fits[i][1]
    return {
        "states": {"state": np.arange(1, STATES + 1), "p": ZIPF.probs},
        "fit": {"state": np.arange(1, STATES + 1), "q": model.probs},
        "train": {"m": _TRAIN, "nats": train},
        "true": {"m": np.array(_TRAIN)[finite], "nats": true[finite]},
        "never": {"m": np.array(_TRAIN)[~finite], "nats": np.full((~finite).sum(), _FLOOR + 0.15)},
        "limit": {"nats": [-float(entropy(ZIPF.probs))]},
        "now": {"m": [m]},
    }


def _overfit_chart() -> alt.ConcatChart:
    x = alt.X("state:Q", title="state", scale=alt.Scale(domain=[0, STATES + 1], nice=False))
    share = alt.Scale(domain=[0, 0.4])
    p = (
        alt.Chart(alt.NamedData("states"))
        .mark_bar(size=3, color=colour.DATA)
        .encode(x=x, y=alt.Y("p:Q", title="probability", scale=share, axis=alt.Axis(format="%")))
    )
    q = (
        alt.Chart(alt.NamedData("fit"))
        .mark_point(clip=True, shape="stroke", size=40, filled=False, strokeWidth=2.5, color=colour.MODEL)
        .encode(x=x, y=alt.Y("q:Q", scale=share))
    )
    left = alt.layer(p, q, title="p_data (bars) and the fit (dashes)").properties(width=270, height=210)

    m = alt.X(
        "m:Q",
        title="samples m",
        scale=alt.Scale(type="log", domain=[4, 6000], nice=False),
        axis=alt.Axis(values=[5, 20, 100, 500, 2000], format="d"),
    )
    y = alt.Y("nats:Q", title="nats per sample", scale=alt.Scale(domain=[_FLOOR, -0.5], nice=False))
    now = alt.Chart(alt.NamedData("now")).mark_rule(color=colour.MUTED, strokeDash=[2, 3]).encode(x=m)
    limit = alt.Chart(alt.NamedData("limit")).mark_rule(color=colour.DATA, strokeDash=[6, 4]).encode(y=y)
    train = (
        alt.Chart(alt.NamedData("train"))
        .mark_line(color=colour.NOISE, strokeDash=[3, 3], point={"color": colour.NOISE, "size": 30})
        .encode(x=m, y=y)
    )
    true = (
        alt.Chart(alt.NamedData("true"))
        .mark_line(color=colour.MODEL, point={"color": colour.MODEL, "size": 40})
        .encode(x=m, y=y)
    )
    never = (
        alt.Chart(alt.NamedData("never"))
        .mark_point(shape="triangle-down", filled=True, size=90, color=colour.GAP)
        .encode(x=m, y=y)
    )
    right = alt.layer(now, limit, train, true, never, title="On its own samples (dotted), on new ones").properties(
        width=270, height=210
    )
    return alt.concat(left, right, columns=2)


def _overfit_caption(m: int, pseudocount: float, seed: int, t: dict) -> str:
    x, model = fitted_table(m, pseudocount, seed)
    own, unseen = mean_log_likelihood(model, x).mean, STATES - len(np.unique(x))
    true = -cross_entropy(ZIPF.probs, model.probs)
    told = f"[{number(true)} on new ones]{{.model}}" if np.isfinite(true) else "[−∞ on new ones]{.gap} (triangle)"
    return (
        f"{m:,} samples, {unseen} of {STATES} states never seen: {number(own)} nats per sample on its own "
        f"samples, {told}. No model can do better than [{number(t['limit']['nats'][0])}]{{.data}} on new "
        f"ones, minus the entropy."
    )


overfitting = Explorable(
    id="overfitting",
    title="Fifty states and a handful of samples",
    controls={
        "m": slider(values=_TRAIN, start=50, label="Samples m", play=True, role="data", measured=True),
        "pseudocount": choice({0.0: "0 (maximum likelihood)", 0.1: "0.1", 1.0: "1"}, start=0.0, label="Pseudocount"),
        "seed": reseed(stops=6, label="New sample"),
    },
    tables=_overfit_tables,
    view=_overfit_chart(),
    caption=_overfit_caption,
)
