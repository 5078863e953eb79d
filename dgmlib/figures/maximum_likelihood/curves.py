"""Likelihood as a function of the parameters: a coin's and a Gaussian's."""

import math

import altair as alt
import numpy as np
from scipy.special import lambertw

from dgmlib.divergences import kl_divergence
from dgmlib.explorable import Explorable, colour, pad, reseed, slider
from dgmlib.figures.captions import counted, number
from dgmlib.likelihood import Gaussian

# -- A coin ------------------------------------------------------------------------------------------------------------

_THETA = np.linspace(0.005, 0.995, 100)


def coin_log_likelihood(heads: int, tails: int, theta: np.ndarray | float) -> np.ndarray:
    """log L(θ) = heads log θ + tails log(1 − θ) in nats, elementwise for 0 < θ < 1."""
    return heads * np.log(theta) + tails * np.log1p(-np.asarray(theta))


def _coin_tables(heads: int, tails: int, theta: float) -> dict:
    tosses = heads + tails
    share = heads / max(tosses, 1)
    best = -tosses * (0.0 if heads * tails == 0 else -share * math.log(share) - (1 - share) * math.log(1 - share))
    curve, guess = coin_log_likelihood(heads, tails, _THETA), float(coin_log_likelihood(heads, tails, theta))
    some = slice(0, 1 if tosses else 0)  # without a toss nothing is the best
    return {
        "curve": {"theta": _THETA, "ratio": np.exp(curve - best), "log": curve},
        "best": {"theta": [share][some], "ratio": [1.0][some], "log": [best][some], "label": ["θ̂"][some]},
        "guess": {"theta": [theta], "ratio": [math.exp(guess - best)], "log": [guess], "best": [best]},
    }


def _coin_chart() -> alt.ConcatChart:
    x = alt.X("theta:Q", title="θ, probability of heads", scale=alt.Scale(domain=[0, 1]))
    panels = []
    for column, title, domain, text in (
        ("ratio", "L(θ) / L(θ̂)", [0, 1.1], "Likelihood, as a share of its maximum"),
        ("log", "nats", [-32, 2], "Log-likelihood"),
    ):
        y = alt.Y(f"{column}:Q", title=title, scale=alt.Scale(domain=domain, nice=False))
        curve = alt.Chart(alt.NamedData("curve")).mark_line(clip=True, color=colour.MODEL).encode(x=x, y=y)
        best = alt.Chart(alt.NamedData("best")).encode(x=x)
        rule = best.mark_rule(color=colour.DATA, strokeDash=[4, 4])
        name = best.mark_text(color=colour.DATA, dx=10, fontWeight="bold").encode(y=alt.value(8), text="label:N")
        guess = alt.Chart(alt.NamedData("guess")).encode(x=x)
        point = guess.mark_point(filled=True, size=90, opacity=1, color=colour.MODEL).encode(y=y)
        layers = [rule, name, curve, point]
        if column == "log":
            layers.insert(3, guess.mark_rule(color=colour.GAP, strokeWidth=3).encode(y=y, y2="best:Q"))
        panels.append(alt.layer(*layers, title=text).properties(width=270, height=210))
    return alt.concat(*panels, columns=2)


def _coin_caption(heads: int, tails: int, theta: float, t: dict) -> str:
    tosses = heads + tails
    if not tosses:
        return "No toss yet: every θ explains nothing equally well, and no θ̂ exists."
    share, guess = heads / tosses, t["guess"]["log"][0]
    per_toss = kl_divergence([1 - share, share], [1 - theta, theta])
    return (
        f"[{counted(heads, 'head')}, {counted(tails, 'tail')}: θ̂ = {share:.2f}]{{.data}}. At "
        f"[θ = {theta:.2f}]{{.model}} the log-likelihood is {number(guess)} nats, "
        f"[{number(tosses * per_toss)} below its maximum]{{.gap}}: D(θ̂‖θ) = {number(per_toss, 3)} nats a toss."
    )


coin_likelihood = Explorable(
    id="coin-likelihood",
    title="What the tosses say about the coin",
    controls={
        "heads": slider(0, 10, step=1, start=7, label="Heads", role="data"),
        "tails": slider(0, 10, step=1, start=3, label="Tails", role="data"),
        "theta": slider(0.05, 0.95, step=0.05, start=0.4, label="θ", role="model"),
    },
    tables=_coin_tables,
    view=_coin_chart(),
    caption=_coin_caption,
)


# -- A Gaussian --------------------------------------------------------------------------------------------------------

_POINTS = 8
_MU, _SIGMA = (-3.0, 3.0), (0.4, 3.0)
_LEVELS = np.array([0.02, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0])  # nats per point below the maximum
_X = np.linspace(-6, 6, 101)


def gaussian_sample(seed: int) -> np.ndarray:
    """Eight points from N(0.5, 1.2²), -> (8,)."""
    return Gaussian(0.5, 1.2).sample(_POINTS, rng=np.random.default_rng(seed))


def gaussian_gradient(x: np.ndarray, mu: float, sigma: float) -> tuple[float, float]:
    """(∂/∂μ, ∂/∂σ) of the mean log-likelihood: ((x̄−μ)/σ², (mean (x−μ)² − σ²)/σ³)."""
    return float((x.mean() - mu) / sigma**2), float((np.mean((x - mu) ** 2) - sigma**2) / sigma**3)


def gaussian_contours(x: np.ndarray) -> dict:
    """Level sets of the mean log-likelihood: columns mu, sigma, level (its index), step (drawing order).

    ℓ̄ = const − log σ − (s² + (μ−x̄)²)/2σ² can be solved for μ: (μ−x̄)² = 2σ²(log(s/σ) + ½ + level) − s².
    """
    centre, spread = x.mean(), x.std()
    columns: dict[str, list] = {"mu": [], "sigma": [], "level": [], "step": []}
    for index, level in enumerate(_LEVELS):
        # The curve turns where u = s²/σ² solves u − log u = 1 + 2·level: the two branches of Lambert's W.
        u = -np.real([lambertw(-np.exp(-1 - 2 * level), branch) for branch in (-1, 0)])
        low, high = np.log(spread) - np.log(u) / 2
        angle = np.linspace(0, 2 * np.pi, 73)  # even in log σ near the turning points, where the curve is flat
        s = np.exp((low + high) / 2 - (high - low) / 2 * np.cos(angle))
        half = np.sqrt(np.maximum(2 * s**2 * (np.log(spread / s) + 0.5 + level) - spread**2, 0))
        columns["mu"] += (centre + np.sign(np.sin(angle)) * half).tolist()
        columns["sigma"] += s.tolist()
        columns["level"] += [index] * len(angle)
        columns["step"] += range(len(angle))
    return columns


def _gaussian_tables(seed: int, at: tuple[float, float]) -> dict:
    mu, sigma = at
    x, model, fitted = gaussian_sample(seed), Gaussian(mu, sigma), Gaussian.fit(gaussian_sample(seed))
    slope = np.array(gaussian_gradient(x, mu, sigma))
    size = np.hypot(*slope)
    tip = np.array(at) + 0.6 * slope / (1 + size)  # a bounded length keeps the arrow in the picture
    return {
        "points": {"x": x, "zero": np.zeros(_POINTS), "density": np.exp(model.log_prob(x))},
        "density": {"x": _X, "y": np.exp(model.log_prob(_X))},
        "contours": gaussian_contours(x),
        "best": {"mu": [float(fitted.mu)], "sigma": [float(fitted.sigma)], "label": ["θ̂"]},
        "here": {"mu": [mu], "sigma": [sigma]},
        "uphill": {"mu": [mu, tip[0]], "sigma": [sigma, tip[1]], "width": [5, 1]},
    }


def _gaussian_chart() -> alt.ConcatChart:
    x = alt.X("x:Q", title="x", scale=alt.Scale(domain=[-5, 5], nice=False))
    y = alt.Scale(domain=[0, 1.0])
    points = alt.Chart(alt.NamedData("points")).encode(x=x)
    stems = points.mark_rule(clip=True, color=colour.DATA, strokeWidth=1.5).encode(
        y=alt.Y("zero:Q", title="density", scale=y), y2="density:Q"
    )
    feet = points.mark_point(clip=True, filled=True, size=55, opacity=1, color=colour.DATA).encode(
        y=alt.Y("zero:Q", scale=y)
    )
    curve = (
        alt.Chart(alt.NamedData("density"))
        .mark_line(clip=True, color=colour.MODEL)
        .encode(x=x, y=alt.Y("y:Q", scale=y))
    )
    left = alt.layer(curve, stems, feet, title="Eight points under the density").properties(width=270, height=220)

    mu = alt.X("mu:Q", title="μ", scale=alt.Scale(domain=list(_MU), nice=False))
    sigma = alt.Y("sigma:Q", title="σ", scale=alt.Scale(domain=[0, 3.2], nice=False))
    contours = (
        alt.Chart(alt.NamedData("contours"))
        .mark_line(clip=True, color=colour.NOISE, strokeWidth=1)
        .encode(x=mu, y=sigma, detail="level:N", order="step:Q")
    )
    best = alt.Chart(alt.NamedData("best")).encode(x=mu, y=sigma)
    cross = best.mark_point(clip=True, shape="cross", size=110, filled=True, opacity=1, color=colour.DATA)
    name = best.mark_text(clip=True, dx=13, dy=-8, color=colour.DATA, fontWeight="bold").encode(text="label:N")
    uphill = (
        alt.Chart(alt.NamedData("uphill"))
        .mark_trail(clip=True, color=colour.GAP)
        .encode(x=mu, y=sigma, size=alt.Size("width:Q", scale=None, legend=None))
    )
    here = (
        alt.Chart(alt.NamedData("here"))
        .mark_point(clip=True, filled=True, size=90, opacity=1, color=colour.MODEL)
        .encode(x=mu, y=sigma)
    )
    right = alt.layer(contours, cross, name, uphill, here, title="Mean log-likelihood of every (μ, σ)").properties(
        width=270, height=220
    )
    return alt.concat(left, right, columns=2)


def _gaussian_caption(seed: int, at: tuple[float, float], t: dict) -> str:
    x, (mu, sigma) = gaussian_sample(seed), at
    fitted = Gaussian.fit(x)
    here, best = Gaussian(mu, sigma).log_prob(x).mean(), fitted.log_prob(x).mean()
    slope = gaussian_gradient(x, mu, sigma)
    return (
        f"[μ = {number(mu, 1)}, σ = {sigma:.2f}]{{.model}}: {number(here)} nats per point, "
        f"[{number(best - here)} below the maximum]{{.gap}} at [μ̂ = {number(fitted.mu)}, "
        f"σ̂ = {fitted.sigma:.2f}]{{.data}}. Gradient (∂μ, ∂σ) = ({number(slope[0])}, "
        f"{number(slope[1])}) nats per unit; the pointer shows uphill."
    )


gaussian_likelihood = Explorable(
    id="gaussian-likelihood",
    title="Climbing a Gaussian's likelihood",
    controls={
        "at": pad(_MU, _SIGMA, stops=(21, 14), start=(-1.5, 0.8), label="μ and σ", axes=("μ", "σ"), role="model"),
        "seed": reseed(stops=6, start=4, label="New points"),
    },
    tables=_gaussian_tables,
    view=_gaussian_chart(),
    caption=_gaussian_caption,
)
