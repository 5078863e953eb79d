"""A simple density behind every hidden cause, a complicated one in front: p(x), p(x|z) and p(z|x) on a line."""

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, colour, slider
from dgmlib.figures.captions import number
from dgmlib.latent.mixture import GaussianMixture

CAUSES = ("z = 1", "z = 2", "z = 3")
WEIGHTS, MEANS, WIDTHS = np.array([0.5, 0.3, 0.2]), np.array([-1.5, 0.5, 2.5]), np.array([0.6, 1.0, 0.45])
_X = np.linspace(-5, 5, 121)
_DASHES = [[1, 0], [6, 3], [2, 2]]


def three_causes(width: float) -> GaussianMixture:
    """0.5 N(−1.5, …) + 0.3 N(0.5, …) + 0.2 N(2.5, …), the standard deviations multiplied by ``width``."""
    return GaussianMixture.from_parameters(WEIGHTS, MEANS[:, None], (width * WIDTHS) ** 2, "spherical")


def _tables(x: float, width: float) -> dict:
    mixture = three_causes(width)
    density = np.exp(mixture.log_prob(_X[:, None]).numpy())
    parts = density[:, None] * mixture.responsibilities(_X[:, None]).numpy()  # p(x) p(z|x) = p(z) p(x|z)
    here = np.array([[x]])
    height, posterior = float(mixture.log_prob(here).exp()), mixture.responsibilities(here).numpy()[0]
    return {
        "marginal": {"x": _X, "y": density},
        "parts": {"x": np.tile(_X, 3), "y": parts.T.ravel(), "z": np.repeat(CAUSES, len(_X))},
        "here": {"x": [x], "y": [height]},
        "shares": {"x": [x] * 3, "y": height * posterior},
        "posterior": {
            "z": CAUSES,
            "prior": WEIGHTS,
            "posterior": posterior,
            "label": [f"{value:.2f}" for value in posterior],
        },
    }


def _chart() -> alt.ConcatChart:
    x = alt.X("x:Q", title="x", scale=alt.Scale(domain=[-5, 5], nice=False))
    y = alt.Y("y:Q", title="density", scale=alt.Scale(domain=[0, 0.7], nice=False))

    def at(name: str) -> alt.Chart:
        return alt.Chart(alt.NamedData(name)).encode(x=x, y=y)

    dash = alt.StrokeDash(
        "z:N", scale=alt.Scale(domain=CAUSES, range=_DASHES), legend=alt.Legend(orient="top", title=None)
    )
    parts = at("parts").mark_line(clip=True, color=colour.LATENT, strokeWidth=1.5).encode(strokeDash=dash)
    marginal = at("marginal").mark_line(clip=True, color=colour.MODEL, strokeWidth=2.5)
    here = at("here")
    rule = here.mark_rule(clip=True, color=colour.DATA, strokeWidth=1.5).encode(y2=alt.datum(0))
    dot = here.mark_point(clip=True, filled=True, size=90, opacity=1, color=colour.MODEL)
    shares = at("shares").mark_point(clip=True, filled=True, size=45, opacity=1, color=colour.LATENT)
    left = alt.layer(parts, marginal, rule, shares, dot, title="p(z) p(x|z), thin, and their sum p(x)")

    bars = alt.Chart(alt.NamedData("posterior")).encode(
        x=alt.X("z:N", title=None, scale=alt.Scale(domain=CAUSES), axis=alt.Axis(labelAngle=0))
    )
    share = {"title": "probability", "scale": alt.Scale(domain=[0, 1])}
    filled = bars.mark_bar(color=colour.LATENT, size=34).encode(y=alt.Y("posterior:Q", **share))
    tick = bars.mark_tick(color=colour.INK, thickness=3, size=46).encode(y=alt.Y("prior:Q", **share))
    label = bars.mark_text(color=colour.LATENT).encode(y=alt.value(9), text="label:N")
    right = alt.layer(filled, tick, label, title="p(z|x), bars; p(z), ticks")
    return alt.concat(left.properties(width=360, height=230), right.properties(width=190, height=230), columns=2)


def _caption(x: float, width: float, t: dict) -> str:
    posterior, height = t["posterior"]["posterior"], t["here"]["y"][0]
    likeliest = int(np.argmax(posterior))
    return (
        f"At [x = {number(x, 1)}]{{.data}} the three parts add up to [p(x) = {height:.3f}]{{.model}}. Whoever sees "
        f"this x believes in [{CAUSES[likeliest]} with probability {posterior[likeliest]:.2f}]{{.latent}}; "
        f"before, it was {WEIGHTS[likeliest]:.1f}."
    )


hidden_cause = Explorable(
    id="hidden-cause",
    title="Simple given z, complicated without",
    controls={
        "x": slider(-4, 4, step=0.2, start=-0.4, label="x", role="data"),
        "width": slider(values=[0.5, 0.75, 1.0, 1.5, 2.0], start=1.0, label="Width of p(x|z)", role="latent"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
