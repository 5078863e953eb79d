"""A Gaussian mixture that asks few of its components, and of each only its main directions.

**Flat tails.** Of the spectrum of Σ_k only the leading eigenvalues are kept, up to a share of the variance; the others
become equal to their mean τ. With R_k the kept directions v_j in rows, each times √(½ (1/(τ+σ²) − 1/(λ_j+σ²))),

    log π_k N(y; μ_k, C_k) = |R_k (y − μ_k)|² − |y − μ_k|² / 2(τ_k + σ²) + c_k

**A search tree.** Components are merged in pairs, the two of least divergence first, until few are left; a merged node
has the weight, mean and covariance of its pair. A patch starts at the root and at each level goes on to the two nodes
that are likeliest to have made it: with K = 200 it meets about 40 Gaussians instead of 200.

Both lose a little: the component found is usually, not always, the likeliest.
Source: S. Parameswaran, C.-A. Deledalle, L. Denis, T. Nguyen, IEEE TIP 28(2), 2019.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from dgmlib.patches.blocks import by_component
from dgmlib.patches.prior import as_rows, check_sigma

SHARE = 0.99  # of the variance that the kept directions carry
BEAM = 2  # nodes of each level whose children a patch meets
ROUNDS = 4  # of merging pairs between one level and the next: at most sixteen children a node


@dataclass(frozen=True)
class Nodes:
    """One level of the tree: N Gaussians, and where each one's parent stands in the level above."""

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    parents: np.ndarray

    def merged(self, group: np.ndarray) -> "Nodes":
        """Weight, mean and covariance of each group of nodes; ``group`` (N,) numbers them."""
        n, d = group.max() + 1, self.means.shape[1]
        weights, means, covariances = np.bincount(group, self.weights), np.zeros((n, d)), np.zeros((n, d, d))
        share = self.weights / weights[group]
        np.add.at(means, group, share[:, None] * self.means)
        apart = self.means - means[group]
        spread = self.covariances + apart[:, :, None] * apart[:, None]
        np.add.at(covariances, group, share[:, None, None] * spread)
        return Nodes(weights, means, covariances, np.zeros(n, int))


class FastMixture:
    """The approximation of a mixture: weights (K,), means (K, d), covariances (K, d, d)."""

    def __init__(
        self, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray, *, share: float = SHARE, beam: int = BEAM
    ) -> None:
        if not 0 < share <= 1:
            raise ValueError(f"share: got {share}, expected a share of the variance, above 0 and at most 1.")
        self.share, self.beam, self.n_dims = share, beam, means.shape[1]
        self.levels = build_tree(Nodes(weights, means, covariances, np.zeros(len(weights), int)))
        self._spectra = [np.linalg.eigh(level.covariances) for level in self.levels]
        self.at_noise = lru_cache(8)(self._at_noise)

    def map_estimate(self, y: np.ndarray, sigma: float) -> np.ndarray:
        """The Wiener estimate of the component that the tree leads to, (n, d) -> (n, d)."""
        check_sigma(sigma)
        columns = as_rows(y, self.n_dims, "y").T
        return by_component(columns, self._descend(columns, sigma), self.at_noise(float(sigma))[-1].wiener).T

    def likeliest(self, y: np.ndarray, sigma: float) -> np.ndarray:
        """The component that the tree leads to, (n, d) -> (n,)."""
        check_sigma(sigma)
        return self._descend(as_rows(y, self.n_dims, "y").T, sigma)

    def _descend(self, columns: np.ndarray, sigma: float) -> np.ndarray:
        """From the root to a leaf, level by level, all patches of a node at once."""
        open_nodes = np.ones((1, columns.shape[1]), bool)  # which nodes of a level each patch goes through
        for level, flat in zip(self.levels, self.at_noise(float(sigma)), strict=True):
            table = np.full((len(level.weights), columns.shape[1]), -np.inf, np.float32)
            for node, row in enumerate(open_nodes):
                members, children = np.flatnonzero(row), np.flatnonzero(level.parents == node)
                if len(members):
                    table[children[:, None], members] = flat.scores(children, columns[:, members])
            worst = max(len(table) - self.beam, 0)
            open_nodes = table >= np.partition(table, worst, axis=0)[worst]
        return table.argmax(0)

    def _at_noise(self, sigma: float) -> list["FlatTails"]:
        pairs = zip(self.levels, self._spectra, strict=True)
        return [FlatTails(level, *spectra, sigma, self.share) for level, spectra in pairs]


class FlatTails:
    """One level seen through noise of σ: for each node its kept directions and three numbers. Patches are columns."""

    def __init__(self, level: Nodes, spectra: np.ndarray, axes: np.ndarray, sigma: float, share: float) -> None:
        spectra, axes = spectra[:, ::-1], axes[:, :, ::-1]
        self.nodes = [
            _flattened(w, m, s, v, sigma, share)
            for w, m, s, v in zip(level.weights, level.means, spectra, axes, strict=True)
        ]

    def scores(self, numbers: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """log π N(y; μ, C) of some nodes up to a constant of each patch, (d, n) -> (number, n): one product."""
        nodes = [self.nodes[i] for i in numbers]
        rows = np.concatenate([row for node in nodes for row in (node.rows, node.mean[None])])
        ends = np.cumsum([len(node.rows) + 1 for node in nodes])
        along, length = rows @ columns, np.einsum("ij,ij->j", columns, columns)
        scores = np.empty((len(nodes), columns.shape[1]), np.float32)
        for out, node, start, end in zip(scores, nodes, [0, *ends[:-1]], ends, strict=True):
            kept = along[start : end - 1] - node.offset
            apart = length - 2 * along[end - 1] + node.mean @ node.mean
            out[:] = np.einsum("ij,ij->j", kept, kept) - node.tail * apart + node.constant
        return scores

    def wiener(self, k: int, columns: np.ndarray) -> np.ndarray:
        """μ + s (y − μ) + V diag(λ/(λ+σ²) − s) Vᵀ (y − μ),  s = τ/(τ+σ²), (d, n) -> (d, n)."""
        node = self.nodes[k]
        apart = columns - node.mean[:, None]
        return node.mean[:, None] + node.shrink * apart + node.axes @ (node.extra * (node.axes.T @ apart))


@dataclass(frozen=True)
class _Flat:
    """A node with a flat tail; the letters are those above: R, R μ, μ, 1/2(τ+σ²), c, V, s, λ/(λ+σ²) − s."""

    rows: np.ndarray
    offset: np.ndarray
    mean: np.ndarray
    tail: np.float32
    constant: np.float32
    axes: np.ndarray
    shrink: np.float32
    extra: np.ndarray


def _flattened(
    weight: float, mean: np.ndarray, spectrum: np.ndarray, axes: np.ndarray, sigma: float, share: float
) -> _Flat:
    """Keep the leading directions of a falling spectrum; the rest gets its mean variance."""
    d, carried = len(spectrum), np.cumsum(spectrum) / spectrum.sum()
    n_kept = min(int(np.searchsorted(carried, share)) + 1, d)
    tau = float(spectrum[n_kept:].mean()) if n_kept < d else float(spectrum[-1])
    kept, axes, tail = spectrum[:n_kept], axes[:, :n_kept], 1 / (2 * (tau + sigma**2))
    rows = np.sqrt(np.maximum(tail - 0.5 / (kept + sigma**2), 0))[:, None] * axes.T
    constant = np.log(weight) - 0.5 * (np.log(kept + sigma**2).sum() + (d - n_kept) * np.log(tau + sigma**2))
    shrink = tau / (tau + sigma**2)
    extra = (kept / (kept + sigma**2) - shrink)[:, None]
    numbers = rows, (rows @ mean)[:, None], mean, tail, constant, axes, shrink, extra
    return _Flat(*(np.float32(number) for number in numbers))


def build_tree(leaves: Nodes) -> list[Nodes]:
    """Levels from the children of the root down to the leaves."""
    levels = [leaves]
    while len(levels[0].weights) > 2**ROUNDS:
        group, coarse = np.arange(len(levels[0].weights)), levels[0]
        for _ in range(ROUNDS):
            pairs = pair_up(coarse)
            group, coarse = pairs[group], coarse.merged(pairs)
        below = levels[0]
        levels[0] = Nodes(below.weights, below.means, below.covariances, group)
        levels.insert(0, coarse)
    return levels


def pair_up(nodes: Nodes) -> np.ndarray:
    """Number of each node's pair, (N,): the closest two first, then the closest of the others; one may stay alone."""
    n = len(nodes.weights)
    distance = divergences(nodes)
    rows, columns = np.triu_indices(n, 1)
    group, count = np.full(n, -1), 0
    for i in np.argsort(distance[rows, columns], kind="stable"):
        a, b = rows[i], columns[i]
        if group[a] < 0 and group[b] < 0:
            group[a] = group[b] = count
            count += 1
    group[group < 0] = count
    return group


def divergences(nodes: Nodes) -> np.ndarray:
    """D(a‖b) + D(b‖a) in nats between all Gaussians, (N, N).

    ½ tr(C_a⁻¹ C_b + C_b⁻¹ C_a) − d + ½ mᵀ (C_a⁻¹ + C_b⁻¹) m, with m = μ_a − μ_b.
    """
    n, d = nodes.means.shape
    inverse = np.linalg.inv(nodes.covariances)
    traces = inverse.reshape(n, -1) @ nodes.covariances.transpose(0, 2, 1).reshape(n, -1).T
    apart = nodes.means[:, None] - nodes.means
    shift = np.einsum("abi,aij,abj->ab", apart, inverse, apart, optimize=True)
    one_way = 0.5 * (traces + shift)
    return one_way + one_way.T - d
