"""Mixtures of more and more Gaussians in front of a density that is none, judged exactly."""

from functools import cache

import altair as alt
import numpy as np
import torch

from dgmlib.explorable import Explorable, choice, colour, reseed, slider
from dgmlib.figures.captions import number
from dgmlib.latent.mixture import GaussianMixture

SIZES = [1, 2, 3, 4, 6, 8, 12, 16]
_SAMPLES = {100: "100", 1000: "1,000", 10000: "10,000"}
_STEP = 0.005
_FINE = np.arange(-4 + _STEP / 2, 9, _STEP)  # midpoints: no edge of the skyline falls on one
_SHOWN = slice(5, 1800, 12)  # up to 5, where the tail is too low to be seen
_CORNERS = np.array([-3, -1, 2])  # where the density jumps
_OUTLINE = np.sort(np.concatenate([[-4, 0], _CORNERS - 0.002, _CORNERS + 0.002, np.linspace(0.5, 5, 91)]))


def skyline(x: np.ndarray) -> np.ndarray:
    """0.4 U(−3, −1) + 0.35 · a ramp rising from 0 to 2 + 0.25 Laplace(3, 0.25): edges, a slope and a spike."""
    block = 0.4 * ((x > -3) & (x < -1)) / 2
    ramp = 0.35 * np.where((x > 0) & (x < 2), x / 2, 0)
    return block + ramp + 0.25 * np.exp(-np.abs(x - 3) / 0.25) / 0.5


def skyline_sample(m: int, seed: int) -> np.ndarray:
    """m draws: pick a part, then a point of it, -> (m,)."""
    rng = np.random.default_rng(seed)
    part = rng.choice(3, size=m, p=[0.4, 0.35, 0.25])
    draws = [rng.uniform(-3, -1, m), 2 * np.sqrt(rng.random(m)), rng.laplace(3, 0.25, m)]
    return np.choose(part, draws)


@cache
def ceiling() -> float:
    """−H(p_data) in nats: no model has a higher expected log-likelihood."""
    p = skyline(_FINE)
    return float((p * np.log(np.where(p > 0, p, 1))).sum() * _STEP)


@cache
def fitted(k: int, m: int, seed: int) -> GaussianMixture:
    """The best of five EM runs on m samples."""
    x = skyline_sample(m, seed)[:, None]
    generator = torch.Generator().manual_seed(seed)
    mixture = GaussianMixture(k, "spherical", covariance_floor=1e-4)
    return mixture.fit(x, generator=generator, n_starts=5, tol=1e-4, max_iter=200)


@cache
def scores(k: int, m: int, seed: int) -> tuple[float, float]:
    """Mean log-likelihood in nats of the m samples, and of new data: the expectation over p_data, by quadrature."""
    mixture, p = fitted(k, m, seed), skyline(_FINE)
    own = float(mixture.log_prob(skyline_sample(m, seed)[:, None]).mean())
    return own, float((p * mixture.log_prob(_FINE[:, None]).numpy()).sum() * _STEP)


def _tables(k: int, m: int, seed: int) -> dict:
    mixture, x = fitted(k, m, seed), _FINE[_SHOWN]
    density = mixture.log_prob(x[:, None]).exp().numpy()
    parts = mixture.responsibilities(x[:, None]).numpy() * density[:, None]
    own, new = zip(*(scores(size, m, seed) for size in SIZES), strict=True)
    visible = parts > 2e-3
    component, place = np.nonzero(visible.T)
    here = SIZES.index(k)
    return {
        "truth": {"x": _OUTLINE, "y": skyline(_OUTLINE)},
        "model": {"x": x, "y": density},
        "parts": {"x": x[place], "y": parts[place, component], "k": component},
        "scores": {"k": SIZES, "own": own, "new": new},
        "now": {"k": [k], "own": [own[here]], "new": [new[here]]},
        "ceiling": {"nats": [ceiling()], "label": ["−H(p_data)"]},
    }


def _chart() -> alt.ConcatChart:
    x = alt.X("x:Q", title="x", scale=alt.Scale(domain=[-4, 5], nice=False))
    y = alt.Y("y:Q", title="density", scale=alt.Scale(domain=[0, 0.55], nice=False))

    def at(name: str) -> alt.Chart:
        return alt.Chart(alt.NamedData(name)).encode(x=x, y=y)

    truth = at("truth").mark_area(clip=True, color=colour.DATA_SOFT, line={"color": colour.DATA, "strokeWidth": 1.5})
    parts = at("parts").mark_line(clip=True, color=colour.LATENT, strokeWidth=1).encode(detail="k:N")
    model = at("model").mark_line(clip=True, color=colour.MODEL, strokeWidth=2.5)
    left = alt.layer(truth, parts, model, title="p_data (area), mixture (thick), its components (thin)")

    k = alt.X(
        "k:Q",
        title="components K",
        scale=alt.Scale(type="log", domain=[1, SIZES[-1]], nice=False),
        axis=alt.Axis(values=SIZES, format="d"),
    )
    scale = {"title": "nats per sample", "scale": alt.Scale(domain=[-2.6, -1.1], nice=False)}
    curves, now = alt.Chart(alt.NamedData("scores")).encode(x=k), alt.Chart(alt.NamedData("now")).encode(x=k)
    top = alt.Chart(alt.NamedData("ceiling")).encode(y=alt.Y("nats:Q", **scale))
    rule = top.mark_rule(color=colour.DATA, strokeDash=[6, 4], strokeWidth=1.75)
    name = top.mark_text(color=colour.DATA, align="left", dx=6, dy=-9).encode(x=alt.value(0), text="label:N")
    own = curves.mark_line(clip=True, color=colour.NOISE, strokeDash=[4, 3]).encode(y=alt.Y("own:Q", **scale))
    new = curves.mark_line(clip=True, color=colour.MODEL).encode(y=alt.Y("new:Q", **scale))
    ring = now.mark_point(clip=True, size=70, color=colour.NOISE, strokeWidth=2).encode(y=alt.Y("own:Q", **scale))
    dot = now.mark_point(clip=True, filled=True, size=100, opacity=1, color=colour.MODEL).encode(
        y=alt.Y("new:Q", **scale)
    )
    right = alt.layer(rule, name, own, new, ring, dot, title="New data (solid), own sample (dashed)")
    return alt.concat(left.properties(width=340, height=240), right.properties(width=230, height=220), columns=2)


def _caption(k: int, m: int, seed: int, t: dict) -> str:
    own, new = t["now"]["own"][0], t["now"]["new"][0]
    unit = "component has" if k == 1 else "components have"
    return (
        f"{k} {unit} {3 * k - 1} parameters, fitted to [{m:,} samples]{{.data}}: [{number(new, 3)} nats]{{.model}} "
        f"per new sample, {number(own, 3)} per own one. [D(p_data‖p) = {number(ceiling() - new, 3)} nats]{{.gap}}."
    )


more_components = Explorable(
    id="more-components",
    title="A skyline out of Gaussians",
    controls={
        "k": slider(values=SIZES, start=3, label="Components K", play=True, role="latent", measured=True),
        "m": choice(_SAMPLES, start=1000, label="Samples m"),
        "seed": reseed(stops=3, label="New sample"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
