"""The k-sample bound: how the average of log p̂ climbs towards log p(x), and why it starts below."""

from functools import cache

import altair as alt
import numpy as np
import torch

from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.captions import number
from dgmlib.figures.estimating_likelihood.panels import histogram
from dgmlib.figures.estimating_likelihood.proposals import LINE, POSTERIOR, SEEN, gaussian
from dgmlib.latent.importance import log_weights
from dgmlib.monte_carlo import Estimate, estimate_mean, log_mean_exp

PROPOSALS = {
    "halfway": (0.8, 0.7),
    "beside": (1.0, POSTERIOR.sigma),
    "wide": (POSTERIOR.mu, 2 * POSTERIOR.sigma),
    "narrow": (POSTERIOR.mu, 0.5 * POSTERIOR.sigma),
    "posterior": (POSTERIOR.mu, POSTERIOR.sigma),
}
_NAMES = {
    "halfway": "between prior and posterior",
    "beside": "right width, wrong place",
    "wide": "twice too wide",
    "narrow": "twice too narrow",
    "posterior": "the posterior",
}
SIZES = [2**i for i in range(10)]
_DRAWS, _MOST = 2**18, 4000
EXACT = float(LINE.log_prob(SEEN))
"""log p(x = 2) in nats."""
_LOW, _HIGH = -5.5, -1.5
_EDGES = np.linspace(-8, 0, 41)


@cache
def estimates(name: str, k: int) -> np.ndarray:
    """log p̂ in nats from k draws each, repeated 4,000 times or as often as 2¹⁸ draws allow."""
    generator = torch.Generator().manual_seed(0)
    repeats = min(_MOST, _DRAWS // k)
    weights = log_weights(LINE, SEEN, gaussian(*PROPOSALS[name]), k * repeats, generator=generator)
    return log_mean_exp(weights.view(k, repeats)).numpy()


@cache
def bound(name: str, k: int) -> Estimate:
    """The k-sample bound in nats with its standard error."""
    return estimate_mean(estimates(name, k))


def _tables(name: str, k: int) -> dict:
    values = np.array([bound(name, size).mean for size in SIZES])
    counts, _ = np.histogram(np.clip(estimates(name, k), _EDGES[0], _EDGES[-1] - 1e-9), _EDGES)
    return {
        "curve": {"k": SIZES, "bound": np.maximum(values, _LOW), "truth": np.full(len(SIZES), EXACT)},
        "now": {"k": [k], "bound": [max(bound(name, k).mean, _LOW)], "truth": [EXACT]},
        "estimates": {
            "low": _EDGES[:-1],
            "high": _EDGES[1:],
            "share": counts / counts.sum(),
        },
        "truth": {"nats": [EXACT], "label": ["log p(x)"]},
    }


def _chart() -> alt.ConcatChart:
    height = alt.Scale(domain=[_LOW, _HIGH], nice=False)
    k = alt.X(
        "k:Q",
        title="draws k",
        scale=alt.Scale(type="log", base=2, domain=[0.9, 570], nice=False),
        axis=alt.Axis(values=[1, 4, 16, 64, 256], format="d"),
    )
    y = alt.Y("bound:Q", title="nats", scale=height)
    truth = alt.Chart(alt.NamedData("truth")).encode(y=alt.Y("nats:Q", scale=height))
    level = truth.mark_rule(color=colour.MODEL, strokeDash=[5, 3], strokeWidth=1.75)
    name = truth.mark_text(color=colour.MODEL, align="left", dx=4, dy=-9).encode(x=alt.value(0), text="label:N")
    curve = alt.Chart(alt.NamedData("curve")).encode(x=k, y=y)
    between = curve.mark_area(clip=True, color=colour.GAP_SOFT).encode(y2="truth:Q")
    line = curve.mark_line(clip=True, color=colour.LATENT, point={"color": colour.LATENT, "size": 35})
    now = alt.Chart(alt.NamedData("now")).encode(x=k, y=y)
    gap = now.mark_rule(color=colour.GAP, strokeWidth=3).encode(y2="truth:Q")
    here = now.mark_point(filled=True, opacity=1, size=110, color=colour.LATENT)
    left = alt.layer(between, level, name, line, gap, here, title="The bound against k").properties(
        width=290, height=230
    )
    nats = alt.X("low:Q", title="log p̂(x), nats", scale=alt.Scale(domain=[-8, 0], nice=False))
    bars = histogram(nats, fill=colour.LATENT_SOFT, stroke=colour.LATENT)
    exact = alt.Chart(alt.NamedData("truth")).mark_rule(color=colour.MODEL, strokeDash=[5, 3], strokeWidth=1.75)
    mean = alt.Chart(alt.NamedData("now")).mark_rule(color=colour.LATENT, strokeWidth=2.5)
    right = alt.layer(
        bars,
        exact.encode(x=alt.X("nats:Q")),
        mean.encode(x=alt.X("bound:Q")),
        title="Repeated estimates, their mean (solid)",
    ).properties(width=290, height=230)
    return alt.concat(left, right, columns=2)


def _caption(name: str, k: int, t: dict) -> str:
    value = bound(name, k)
    return (
        f"[q: {_NAMES[name]}, {k} {'draw' if k == 1 else 'draws'}]{{.latent}}: the bound is {number(value.mean, 3)} ± "
        f"{value.standard_error:.3f} nats, [{number(EXACT - value.mean, 3)} below]{{.gap}} "
        f"[log p(x) = {number(EXACT, 3)}]{{.model}}; single estimates spread by {estimates(name, k).std():.2f} nats."
    )


iwae_bound = Explorable(
    id="iwae-bound",
    title="More draws, a tighter bound",
    controls={
        "name": choice(_NAMES, start="halfway", label="Proposal q"),
        "k": slider(values=SIZES, start=1, label="Draws k", play=True, role="latent"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
