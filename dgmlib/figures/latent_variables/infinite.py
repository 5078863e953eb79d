"""A continuous latent variable makes a mixture of infinitely many Gaussians: the limit of finite ones."""

from functools import cache

import altair as alt
import numpy as np
from scipy.stats import norm

from dgmlib.explorable import Explorable, colour, slider
from dgmlib.figures.captions import number
from dgmlib.latent.mixture import GaussianMixture

COUNTS = [1, 2, 4, 8, 16, 32, 64, 128]
WIDTHS = [0.1, 0.2, 0.4, 0.8]
_STEP = 0.01
_X = np.arange(-8, 8 + _STEP / 2, _STEP)
_SHOWN = slice(300, 1301, 8)  # −5 … 5
_Z = np.linspace(-8, 8, 3201)  # trapezia on a smooth function that vanishes at both ends: exact to rounding
_CURVE = np.linspace(-3, 3, 91)

_IN, _BIAS, _OUT = np.array([3.0, 2.0, 4.0]), np.array([3.0, 0.0, -5.0]), np.array([1.6, -1.7, 1.4])


def decoder(z: np.ndarray) -> np.ndarray:
    """μ(z), a network with three hidden units: Σ_j v_j tanh(a_j z + b_j) + 0.4 z, elementwise."""
    z = np.asarray(z, dtype=float)
    return np.tanh(z[..., None] * _IN + _BIAS) @ _OUT + 0.4 * z


@cache
def marginal(sigma: float) -> np.ndarray:
    """p(x) = ∫ N(z; 0, 1) N(x; μ(z), σ²) dz on the grid, by the trapezium rule."""
    weights = norm.pdf(_Z) * (_Z[1] - _Z[0])
    return norm.pdf(_X[:, None], decoder(_Z), sigma) @ weights


@cache
def finite_mixture(n: int, sigma: float) -> GaussianMixture:
    """n equal shares of the prior, each stood for by its median z_i: 1/n Σ_i N(x; μ(z_i), σ²)."""
    means = decoder(latent_medians(n))
    return GaussianMixture.from_parameters(np.full(n, 1 / n), means[:, None], np.full((1, 1), sigma**2), "tied")


def latent_medians(n: int) -> np.ndarray:
    """Medians of n equally probable intervals of N(0, 1), (n,)."""
    return norm.ppf((np.arange(n) + 0.5) / n)


@cache
def distance(n: int, sigma: float) -> float:
    """Total variation ½ ∫ |p_n − p| between the finite mixture and the infinite one, by quadrature."""
    finite = np.exp(finite_mixture(n, sigma).log_prob(_X[:, None]).numpy())
    return float(0.5 * np.abs(finite - marginal(sigma)).sum() * _STEP)


def _tables(n: int, sigma: float) -> dict:
    mixture, x, z = finite_mixture(n, sigma), _X[_SHOWN], latent_medians(n)
    mu = decoder(_CURVE)
    parts = norm.pdf(x[:, None], mixture.means.numpy()[:, 0], sigma) / n if n <= 16 else np.zeros((len(x), 0))
    place, component = np.nonzero(parts > 2e-3)
    order = np.lexsort((place, component))
    return {
        "curve": {"z": _CURVE, "mu": mu, "low": mu - 2 * sigma, "high": mu + 2 * sigma},
        "chosen": {"z": z, "mu": decoder(z)},
        "limit": {"x": x, "y": marginal(sigma)[_SHOWN]},
        "finite": {"x": x, "y": np.exp(mixture.log_prob(x[:, None]).numpy())},
        "parts": {"x": x[place[order]], "y": parts[place[order], component[order]], "k": component[order]},
        "errors": {"n": COUNTS, "d": [distance(count, sigma) for count in COUNTS]},
        "now": {"n": [n], "d": [distance(n, sigma)]},
    }


def _chart() -> alt.ConcatChart:
    z = alt.X("z:Q", title="z", scale=alt.Scale(domain=[-3, 3], nice=False))
    vertical = {"title": "x", "scale": alt.Scale(domain=[-5, 5], nice=False)}
    curve = alt.Chart(alt.NamedData("curve")).encode(x=z)
    band = curve.mark_area(clip=True, color=colour.MODEL_SOFT).encode(y=alt.Y("low:Q", **vertical), y2="high:Q")
    line = curve.mark_line(clip=True, color=colour.MODEL).encode(y=alt.Y("mu:Q", **vertical))
    dots = alt.Chart(alt.NamedData("chosen")).mark_point(
        clip=True, filled=True, size=45, opacity=1, color=colour.LATENT
    )
    left = alt.layer(band, line, dots.encode(x=z, y=alt.Y("mu:Q", **vertical)), title="μ(z) ± 2σ, and chosen z")

    x = alt.X("x:Q", title="x", scale=alt.Scale(domain=[-5, 5], nice=False))
    y = alt.Y("y:Q", title="density", scale=alt.Scale(domain=[0, 0.8], nice=False))

    def at(name: str) -> alt.Chart:
        return alt.Chart(alt.NamedData(name)).encode(x=x, y=y)

    parts = at("parts").mark_line(clip=True, color=colour.LATENT, strokeWidth=1).encode(detail="k:N")
    limit = at("limit").mark_area(clip=True, color=colour.NOISE_SOFT, line={"color": colour.NOISE, "strokeWidth": 1})
    finite = at("finite").mark_line(clip=True, color=colour.MODEL, strokeWidth=2.5)
    middle = alt.layer(limit, parts, finite, title="Infinite mixture (area), finite one (line)")

    count = alt.X(
        "n:Q",
        title="components",
        scale=alt.Scale(type="log", domain=[1, COUNTS[-1]], nice=False),
        axis=alt.Axis(values=COUNTS, format="d"),
    )
    d = alt.Y(
        "d:Q",
        title="total variation",
        scale=alt.Scale(type="log", domain=[1e-4, 1], nice=False),
        axis=alt.Axis(values=[1e-4, 1e-3, 1e-2, 0.1, 1], format="~g"),
    )
    errors = alt.Chart(alt.NamedData("errors")).mark_line(clip=True, color=colour.GAP).encode(x=count, y=d)
    now = alt.Chart(alt.NamedData("now")).mark_point(clip=True, filled=True, size=100, opacity=1, color=colour.GAP)
    right = alt.layer(errors, now.encode(x=count, y=d), title="Distance between the two")
    return alt.concat(
        left.properties(width=180, height=220),
        middle.properties(width=250, height=220),
        right.properties(width=150, height=200),
        columns=3,
    )


def _caption(n: int, sigma: float, t: dict) -> str:
    noun, d = "Gaussian" if n == 1 else "Gaussians", distance(n, sigma)
    verdict = "Between the dots, some of the [prior]{.latent} is missing" if d > 0.01 else "The eye sees no difference"
    return (
        f"[{n} {noun} of width σ = {sigma:g}]{{.model}} in place of infinitely many: "
        f"[total variation {number(d, 4)}]{{.gap}}. {verdict}."
    )


infinite_mixture = Explorable(
    id="infinite-mixture",
    title="From finitely many Gaussians to a decoder",
    controls={
        "n": slider(values=COUNTS, start=8, label="Components", play=True, role="latent"),
        "sigma": slider(values=WIDTHS, start=0.2, label="σ", role="model"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
