"""Where EM begins: seeds drawn from the data, and one component for the examples nearest to each.

``k-means++`` draws each seed with a probability proportional to its squared distance from the seeds already drawn;
``random`` draws them uniformly. Source: D. Arthur, S. Vassilvitskii, SODA 2007.
"""

import numpy as np
import torch

from dgmlib.latent.covariances import Kind
from dgmlib.latent.expectation import Parameters, Sums
from dgmlib.latent.maximisation import maximise

STARTS = ("k-means++", "random")
_SAMPLE = 100  # examples per component to start from


def uniform(size: int, generator: torch.Generator | None) -> np.ndarray:
    """Numbers in [0, 1) of torch's generator, as NumPy wants them."""
    return torch.rand(size, generator=generator, dtype=torch.float64).numpy()


def subsample(x: np.ndarray, n_components: int, generator: torch.Generator | None) -> np.ndarray:
    """100 rows per component, at least 2,000, if there are so many; drawn without replacement, -> (m, d) float64."""
    size = min(len(x), max(_SAMPLE * n_components, 2000))
    rows = np.sort(torch.randperm(len(x), generator=generator)[:size].numpy())  # sorted, for files read in order
    return np.asarray(x[rows], dtype=float)


def draw_seeds(x: np.ndarray, n_components: int, how: str, generator: torch.Generator | None) -> np.ndarray:
    """K rows of x, -> (K, d); where there are fewer different rows than K, some are drawn twice."""
    if how == "random":
        order = torch.randperm(len(x), generator=generator).numpy()
        return x[np.resize(order, n_components)]
    draws, seeds = uniform(n_components, generator), np.empty((n_components, x.shape[1]))
    distance = np.ones(len(x))
    for k, u in enumerate(draws):
        total = distance.cumsum()
        if not total[-1] > 0:
            total = np.arange(1.0, len(x) + 1)
        seeds[k] = x[min(int(np.searchsorted(total, u * total[-1], side="right")), len(x) - 1)]
        squares = ((x - seeds[k]) ** 2).sum(1)
        distance = squares if k == 0 else np.minimum(distance, squares)
    return seeds


def nearest(x: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Number of the seed nearest to each row, (n, d) and (K, d) -> (n,)."""
    return ((seeds**2).sum(1) - 2 * x @ seeds.T).argmin(1)


def begin(x: np.ndarray, seeds: np.ndarray, kind: Kind, *, floor: float, zero_means: bool) -> Parameters:
    """One M step for examples dealt out to the nearest seed, each component helped by d + 1 examples' worth of all.

    The help, Σ_k = (N_k S_k + (d + 1) S) / (N_k + d + 1) with S the covariance of all examples about their own seeds,
    keeps a component of few examples from starting as a spike on them.
    """
    (n, d), n_components = x.shape, len(seeds)
    centre = np.zeros(d) if zero_means else x.mean(0)
    label = nearest(x - centre, seeds - centre)
    y = np.ascontiguousarray((x - centre).T)
    own = [y[:, label == k] for k in range(n_components)]
    groups = own if kind.n_groups_are_components else [y]
    second = np.stack([kind.scatter(part, np.ones(part.shape[1])) for part in groups])
    counts = np.bincount(label, minlength=n_components).astype(float)
    first = np.stack([part.sum(1) for part in own])
    sums = Sums(np.tile(centre, (n_components, 1)), counts, first, second, n=n)
    nothing = Parameters(kind, sums.counts / n, 0 * seeds if zero_means else seeds, kind.outer(0 * seeds))
    return _helped(maximise(sums, nothing, floor=0.0, zero_means=zero_means), sums.counts, d, floor)


def _helped(hard: Parameters, counts: np.ndarray, d: int, floor: float) -> Parameters:
    """Mix every covariance with the mean one, and every weight with the uniform one."""
    kind, n = hard.kind, counts.sum()
    covariances = hard.covariances
    if kind.n_groups_are_components:
        share = (counts / (counts + d + 1)).reshape(-1, *[1] * (covariances.ndim - 1))
        pooled = np.tensordot(counts / n, covariances, 1)
        covariances = share * covariances + (1 - share) * pooled
    weights = (counts + 1) / (n + len(counts))
    return Parameters(kind, weights, hard.means, kind.raised(covariances, floor))
