"""Parametric or not: what a fit keeps, and the error that is left, as the sample grows."""

from functools import cache

import altair as alt
import numpy as np
from sklearn.mixture import GaussianMixture

from dgmlib.explorable import Explorable, choice, colour, reseed, slider
from dgmlib.figures.captions import number
from dgmlib.kernel_density import KernelDensity
from dgmlib.likelihood import Gaussian

WEIGHTS = np.array([0.5, 0.3, 0.2])
PARTS = (Gaussian(-1.5, 0.5), Gaussian(0.6, 0.35), Gaussian(2.4, 0.7))
"""The truth, known here and never in practice: three bumps."""
FITS = {"gaussian": "one Gaussian", "mixture": "two Gaussians", "kernel": "kernel estimate"}
SIZES = [10, 30, 100, 300, 1000, 3000, 10000]

_ASIDE = {"gaussian": 1.35, "mixture": 1.35, "kernel": 0.8}  # names stand above or below the end of their line
_NAMED_AT = [10000, 10000, 7500]
_FINE = np.linspace(-7, 9, 401)  # quadrature: step 0.04, tails below 1e-12
_SHOWN = np.linspace(-4, 5, 91)


def true_log_prob(x: np.ndarray) -> np.ndarray:
    """log p_data(x) in nats, (n,) -> (n,)."""
    return np.logaddexp.reduce([np.log(w) + part.log_prob(x) for w, part in zip(WEIGHTS, PARTS, strict=True)])


def true_sample(m: int, seed: int) -> np.ndarray:
    """m numbers from the three bumps, (m,); larger samples extend smaller ones."""
    rng = np.random.default_rng(seed)
    z = rng.choice(len(WEIGHTS), size=SIZES[-1], p=WEIGHTS)
    mu, sigma = (np.array([getattr(part, name) for part in PARTS]) for name in ("mu", "sigma"))
    return rng.normal(mu[z], sigma[z])[:m]


class TwoGaussians:
    """scikit-learn's mixture of two Gaussians on the line, asked as every density of the book is."""

    num_parameters = 5

    def __init__(self, x: np.ndarray) -> None:
        self._model = GaussianMixture(2, max_iter=500, random_state=0).fit(x[:, None])

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """log p(x) in nats, (n,) -> (n,)."""
        return self._model.score_samples(x[:, None])


def fit(kind: str, x: np.ndarray) -> Gaussian | TwoGaussians | KernelDensity:
    """One of ``FITS``, fitted to the numbers x."""
    return {"gaussian": Gaussian.fit, "mixture": TwoGaussians, "kernel": KernelDensity.fit}[kind](x)


def error(model: Gaussian | TwoGaussians | KernelDensity) -> float:
    """D(p_data‖p_θ) in nats by quadrature."""
    log_p = true_log_prob(_FINE)
    return float(np.sum(np.exp(log_p) * (log_p - model.log_prob(_FINE))) * (_FINE[1] - _FINE[0]))


@cache
def gaussian_floor() -> float:
    """The least D(p_data‖N(μ, σ²)) in nats: at p_data's own mean and variance, whatever the sample."""
    p = np.exp(true_log_prob(_FINE)) * (_FINE[1] - _FINE[0])
    mean = np.sum(p * _FINE)
    return error(Gaussian(mean, np.sqrt(np.sum(p * (_FINE - mean) ** 2))))


@cache
def _errors(kind: str, seed: int) -> tuple[float, ...]:
    return tuple(error(fit(kind, true_sample(m, seed))) for m in SIZES)


def _tables(kind: str, m: int, seed: int) -> dict:
    x = true_sample(m, seed)
    model, kinds = fit(kind, x), list(FITS)
    now = _errors(kind, seed)[SIZES.index(m)] if m in SIZES else error(model)
    return {
        "truth": {"x": _SHOWN, "y": np.exp(true_log_prob(_SHOWN))},
        "fit": {"x": _SHOWN, "y": np.exp(model.log_prob(_SHOWN))},
        "ticks": {"x": x[:200]},
        "errors": {
            "fit": [FITS[k] for k in kinds for _ in SIZES],
            "m": SIZES * len(kinds),
            "nats": np.concatenate([_errors(k, seed) for k in kinds]),
        },
        "now": {"m": [m], "nats": [now], "numbers": [model.num_parameters]},
        "names": {
            "m": _NAMED_AT,
            "nats": [_errors(k, seed)[-1] * f for k, f in _ASIDE.items()],
            "fit": list(FITS.values()),
        },
        "floor": {"nats": [gaussian_floor()]},
    }


def _chart() -> alt.ConcatChart:
    x = alt.X("x:Q", title="x", scale=alt.Scale(domain=[-4, 5], nice=False))
    y = alt.Y(
        "y:Q",
        title="density",
        scale=alt.Scale(domain=[-0.04, 0.7], nice=False),
        axis=alt.Axis(values=[0, 0.2, 0.4, 0.6]),
    )
    truth = (
        alt.Chart(alt.NamedData("truth"))
        .mark_area(color=colour.DATA_SOFT, line={"color": colour.DATA})
        .encode(x=x, y=y)
    )
    model = alt.Chart(alt.NamedData("fit")).mark_line(clip=True, color=colour.MODEL, strokeWidth=2.5).encode(x=x, y=y)
    ticks = alt.Chart(alt.NamedData("ticks")).mark_tick(clip=True, color=colour.DATA, opacity=0.5, size=9, yOffset=5)
    ticks = ticks.encode(x=x, y=alt.datum(0))
    left = alt.layer(truth, ticks, model, title="p_data (area) and the fit (line)").properties(width=270, height=220)

    m = alt.X(
        "m:Q",
        title="samples m",
        scale=alt.Scale(type="log", domain=[8, 13000], nice=False),
        axis=alt.Axis(values=[10, 100, 1000, 10000], format="d"),
    )
    nats = alt.Y(
        "nats:Q",
        title="nats",
        scale=alt.Scale(type="log", domain=[0.002, 3], nice=False),
        axis=alt.Axis(values=[0.01, 0.1, 1], format="~g"),
    )
    dashes = alt.Scale(domain=list(FITS.values()), range=[[2, 3], [7, 4], [1, 0]])
    lines = alt.Chart(alt.NamedData("errors")).mark_line(clip=True, color=colour.GAP)
    lines = lines.encode(x=m, y=nats, strokeDash=alt.StrokeDash("fit:N", scale=dashes, legend=None))
    names = alt.Chart(alt.NamedData("names")).mark_text(align="right", color=colour.GAP)
    names = names.encode(x=m, y=nats, text="fit:N")
    floor = alt.Chart(alt.NamedData("floor")).mark_rule(color=colour.INK, strokeWidth=1).encode(y=nats)
    now = (
        alt.Chart(alt.NamedData("now"))
        .mark_point(clip=True, filled=True, size=90, opacity=1, color=colour.MODEL)
        .encode(x=m, y=nats)
    )
    right = alt.layer(floor, lines, names, now, title="Divergence of the fit from p_data").properties(
        width=260, height=220
    )
    return alt.concat(left, right, columns=2)


def _caption(kind: str, m: int, seed: int, t: dict) -> str:
    nats, numbers = t["now"]["nats"][0], t["now"]["numbers"][0]
    return (
        f"From [{m:,} samples]{{.data}}, [{FITS[kind]}]{{.model}}: {numbers:,} numbers to keep, "
        f"[{number(nats, 3)} nats]{{.gap}} away from the truth. One Gaussian can never come closer than "
        f"{gaussian_floor():.3f} (the thin line)."
    )


parametric_or_not = Explorable(
    id="parametric-or-not",
    title="The error that data remove, and the error they do not",
    controls={
        "kind": choice(FITS, start="gaussian", label="Fit"),
        "m": slider(values=SIZES, start=100, label="Samples m", play=True, role="data"),
        "seed": reseed(stops=6, label="New sample"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
