"""One component of the mixture at a time: what it is called for, its eigenvectors, its spectrum, its samples."""

from functools import cache

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, colour, slider, toggle
from dgmlib.figures.captions import number
from dgmlib.figures.dead_leaves.sheets import patches_url
from dgmlib.figures.dead_leaves.spectra import axes, log10
from dgmlib.figures.panels import picture
from dgmlib.patches import GaussianMixturePrior, from_plane
from dgmlib.restoration.shipped import shipped_prior

N_SHOWN = 16
# Of the later ones, some of every direction: 36 level, 54 upright, from 62 on oblique.
_STOPS = (*range(1, 13), 15, 18, 21, 27, 30, 36, 44, 47, 50, 54, 62, 71, 73, 81, 84, 87)


@cache
def by_weight() -> GaussianMixturePrior:
    """The shipped mixture, its likeliest component first."""
    prior = shipped_prior()
    order = np.argsort(-prior.weights, kind="stable")
    return GaussianMixturePrior(prior.weights[order], prior.covariances[order], prior.means[order])


def n_live() -> int:
    """How many components have a weight above one in ten thousand; EM leaves some without patches."""
    return int((by_weight().weights > 1e-4).sum())


def eigenvectors(k: int, n: int = N_SHOWN) -> np.ndarray:
    """The first n eigenvectors of the k-th likeliest component, k = 1, 2, …, as patches, (n, 64), of length 1."""
    return from_plane((by_weight().axes[k - 1] * _signs(k)).T[:n].copy())


def samples(k: int, n: int = N_SHOWN, seed: int = 0) -> np.ndarray:
    """n patches without mean, x = V D^½ z with z ~ N(0, I), of the k-th likeliest component, (n, 64)."""
    z = np.random.default_rng(seed).standard_normal((n, by_weight().n_dims))
    v = by_weight().axes[k - 1] * _signs(k)
    return from_plane(z * np.sqrt(by_weight().spectra[k - 1]) @ v.T)


def contrast(k: int) -> float:
    """Root mean squared deviation of a pixel from the mean of its patch, in grey values from 0 to 1."""
    return float(np.sqrt(by_weight().spectra[k - 1].sum() / (by_weight().n_dims + 1)))


def concentration(k: int, n: int = 5) -> float:
    """Share of the variance that the first n eigenvectors carry."""
    spectrum = by_weight().spectra[k - 1]
    return float(spectrum[:n].sum() / spectrum.sum())


@cache
def average_spectrum() -> np.ndarray:
    """Eigenvalues of Σ_k π_k Σ_k, the covariance of all patches, falling, (63,)."""
    prior = by_weight()
    return np.linalg.eigvalsh(np.tensordot(prior.weights, prior.covariances, 1))[::-1]


def _signs(k: int) -> np.ndarray:
    """+1 or −1 for each eigenvector, whatever the library for linear algebra chose."""
    patches = from_plane(by_weight().axes[k - 1].T.copy())
    return np.sign(np.take_along_axis(patches, abs(patches).argmax(1)[:, None], axis=1))[:, 0]


def _tables(k: int, stretch: bool) -> dict:
    rank = np.arange(1, by_weight().n_dims + 1, 2)
    return {
        "axes": {"url": patches_url(eigenvectors(k), 4, stretch=True)},
        "spectrum": {"rank": rank, "log": log10(by_weight().spectra[k - 1][::2])},
        "average": {"rank": rank[::3], "log": log10(average_spectrum()[::6])},
        "samples": {"url": patches_url(samples(k), 4, stretch=stretch)},
    }


def _chart() -> alt.ConcatChart:
    x, y = axes()
    average = alt.Chart(alt.NamedData("average")).mark_line(clip=True, color=colour.NOISE, strokeDash=[5, 3])
    own = alt.Chart(alt.NamedData("spectrum")).mark_line(clip=True, color=colour.MODEL, strokeWidth=2.5)
    spectra = alt.layer(average.encode(x=x, y=y), own.encode(x=x, y=y), title="Spectrum; dashed: of all patches")
    return alt.concat(
        picture("axes", 210, 210, "First 16 eigenvectors"),
        spectra.properties(width=230, height=196),
        picture("samples", 210, 210, "16 samples"),
        columns=3,
    )


def _caption(k: int, stretch: bool, t: dict) -> str:
    n, weight = len(by_weight().weights), by_weight().weights[k - 1]
    return (
        f"Component {k} of {n}, weight [{number(100 * weight, 2)} %]{{.latent}}: its "
        f"[samples]{{.model}} have a contrast of {number(contrast(k), 3)}; the first five of 63 eigenvectors carry "
        f"{100 * concentration(k):.0f} % of the variance."
        + (" Samples are stretched from black to white." if stretch else "")
    )


component_browser = Explorable(
    id="component-browser",
    title="What each component is for",
    controls={
        "k": slider(
            values=list(_STOPS),
            start=1,
            label="Component, by weight",
            role="latent",
            play=True,
        ),
        "stretch": toggle(start=True, label="Stretch samples"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
