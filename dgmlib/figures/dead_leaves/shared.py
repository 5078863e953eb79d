"""Two components side by side: do they share their eigenvectors, and by what factor do their spectra differ?"""

from functools import cache

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.captions import number
from dgmlib.figures.dead_leaves.components import by_weight
from dgmlib.figures.dead_leaves.recorded import recorded
from dgmlib.figures.dead_leaves.spectra import axes, log10
from dgmlib.patches import GaussianMixturePrior

N_SHOWN, N_PAIRED = 8, 5
FEW, MANY = "few", "many"


@cache
def few() -> GaussianMixturePrior:
    """The recorded mixture of five components, its likeliest first."""
    i, j = np.tril_indices(63)
    covariances = np.empty((5, 63, 63))
    covariances[:, i, j] = covariances[:, j, i] = recorded()["few_triangles"].astype(float)
    return GaussianMixturePrior(recorded()["few_weights"], covariances)


def mixture(which: str) -> GaussianMixturePrior:
    """Five components, or the shipped mixture, the likeliest component first."""
    return few() if which == FEW else by_weight()


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """|v · w| of all pairs of eigenvectors, (d, n), (d, m) -> (n, m)."""
    return abs(a.T @ b)


def factor(spectrum: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """The c for which c · other is closest to spectrum, on a log scale, and what remains: its rms, in factors of e."""
    gap = np.log(spectrum) - np.log(other)
    return float(np.exp(gap.mean())), float(gap.std())


def price_of_sharing(covariance: np.ndarray, basis: np.ndarray) -> float:
    """What a Gaussian loses, in nats, when its eigenvectors have to be those of another: a KL divergence.

    min over spectra D of  KL(N(0, Σ) ‖ N(0, V D Vᵀ)) = ½ (Σ_i log (VᵀΣV)_ii − log |Σ|)
    """
    variances = np.einsum("ij,ik,kj->j", basis, covariance, basis)
    return 0.5 * float(np.log(variances).sum() - np.linalg.slogdet(covariance)[1])


def _tables(which: str, first: int, second: int) -> dict:
    prior = mixture(which)
    a, b = first - 1, second - 1
    rank = np.arange(1, 64)
    c, _ = factor(prior.spectra[a], prior.spectra[b])
    grid = cosines(prior.axes[a][:, :N_SHOWN], prior.axes[b][:, :N_SHOWN])
    rows, columns = np.indices(grid.shape) + 1
    return {
        "cosines": {"i": rows.ravel(), "j": columns.ravel(), "size": np.round(grid.ravel() ** 2, 3)},
        "first": {"rank": rank, "log": log10(prior.spectra[a])},
        "second": {"rank": rank, "log": log10(prior.spectra[b])},
        "scaled": {"rank": rank[::3], "log": log10(c * prior.spectra[b][::3])},
    }


def _chart() -> alt.ConcatChart:
    places = {"scale": alt.Scale(domain=[0.5, N_SHOWN + 0.5], nice=False)}
    places["axis"] = alt.Axis(values=list(range(1, N_SHOWN + 1)), grid=False)
    squares = alt.Chart(alt.NamedData("cosines")).mark_point(
        shape="square", filled=True, opacity=1, color=colour.MUTED, clip=True
    )
    squares = squares.encode(
        x=alt.X("j:Q", title="eigenvector of the second", **places),
        y=alt.Y("i:Q", title="of the first", **{**places, "scale": alt.Scale(domain=[N_SHOWN + 0.5, 0.5], nice=False)}),
        size=alt.Size("size:Q", scale=alt.Scale(domain=[0, 1], range=[0, 520]), legend=None),
    )
    x, y = axes()
    first = alt.Chart(alt.NamedData("first")).mark_line(clip=True, color=colour.INK, strokeWidth=2.5)
    second = alt.Chart(alt.NamedData("second")).mark_line(clip=True, color=colour.MUTED, strokeDash=[6, 3])
    scaled = alt.Chart(alt.NamedData("scaled")).mark_point(clip=True, filled=False, color=colour.MUTED, size=36)
    spectra = alt.layer(
        *(layer.encode(x=x, y=y) for layer in (first, second, scaled)),
        title="First (solid), second (dashed), second times a factor (rings)",
    )
    return alt.concat(
        squares.properties(width=230, height=230, title="Squared cosines of eigenvectors"),
        spectra.properties(width=330, height=230),
        columns=2,
    )


def _caption(which: str, first: int, second: int, t: dict) -> str:
    prior = mixture(which)
    a, b = first - 1, second - 1
    if a == b:
        return f"Component {first} and itself: the same eigenvectors, the same spectrum."
    c, rest = factor(prior.spectra[a], prior.spectra[b])
    shared = price_of_sharing(prior.covariances[a], prior.axes[b])
    pixels = price_of_sharing(prior.covariances[a], np.eye(63))
    return (
        f"Of {len(prior.weights)} components, the {_place(first)} likeliest with the eigenvectors of the "
        f"{_place(second)} would lose [{number(shared, 1)} nats]{{.gap}}; with independent pixels {number(pixels, 1)}. "
        f"The spectra differ by a factor of {c:.3g}, give or take one of {number(np.exp(rest), 2)}."
    )


def _place(k: int) -> str:
    return {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}[k]


shared_eigenvectors = Explorable(
    id="shared-eigenvectors",
    title="The same shapes, another contrast",
    controls={
        "which": choice({FEW: "5 components", MANY: "200 components"}, start=FEW, label="Mixture of"),
        "first": slider(1, N_PAIRED, stops=N_PAIRED, start=1, label="First component"),
        "second": slider(1, N_PAIRED, stops=N_PAIRED, start=2, label="Second component"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
