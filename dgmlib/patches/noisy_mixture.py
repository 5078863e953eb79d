"""A Gaussian mixture seen through noise of one strength: who made this patch, and what was it?

    log π_k N(y; μ_k, C_k) = ½ yᵀ A_k y + b_kᵀ y + c_k − |y|² / 2σ²
    C_k = Σ_k + σ² I,     A_k = σ⁻² I − C_k⁻¹,     b_k = C_k⁻¹ μ_k

The last term is the same for all k, and goes. What is left is linear in the products y_i y_j, i ≤ j, so that the scores
of K components for n patches are **one matrix product**, (K, d(d+1)/2 + d) times (d(d+1)/2 + d, n); symmetry halves
the work of K products with A_k. It is done in single precision, in blocks that stay in the processor's cache: terms as
large as |y|²/2σ² cancel, so that for grey values from 0 to 1 it is to be trusted for σ ≥ 0.003; what it is off by there
says ``GaussianMixturePrior.responsibilities``.
"""

import numpy as np

from dgmlib.patches.blocks import by_component, in_blocks

BLOCK = 2048  # patches: their 2016 products in single precision are 16 MB


class NoisyMixture:
    """All of one mixture and one σ that does not depend on the patches; these are columns, (d, n).

    weights (K,), means (K, d), spectra (K, d) and axes (K, d, d): Σ_k = V_k D_k V_kᵀ.
    """

    def __init__(
        self, weights: np.ndarray, means: np.ndarray, spectra: np.ndarray, axes: np.ndarray, sigma: float
    ) -> None:
        seen, across = spectra + sigma**2, axes.transpose(0, 2, 1)  # eigenvalues of C_k, V_kᵀ
        gain = (axes * (1 / sigma**2 - 1 / seen)[:, None]) @ across
        linear = np.squeeze((axes / seen[:, None]) @ across @ means[:, :, None], 2)
        self._centred = not means.any()
        self._coefficients = _coefficients(gain, None if self._centred else linear)
        constants = np.log(weights) - 0.5 * (np.log(seen).sum(1) + (linear * means).sum(1))
        self._constants = constants.astype(np.float32)[:, None]
        self._filters = ((axes * (spectra / seen)[:, None]) @ across).astype(np.float32)
        self._means = means.astype(np.float32)[:, :, None]

    def scores(self, columns: np.ndarray) -> np.ndarray:
        """log π_k N(y; μ_k, C_k) up to a constant of each patch, (d, n) -> (K, n)."""
        table = np.empty((len(self._constants), columns.shape[1]), np.float32)

        def score(part: slice) -> None:
            table[:, part] = self._score(columns[:, part])

        in_blocks(score, columns.shape[1], BLOCK)
        return table

    def likeliest(self, columns: np.ndarray) -> np.ndarray:
        """argmax_k of the scores, (d, n) -> (n,); no score outlives its block."""
        winner = np.empty(columns.shape[1], np.intp)

        def score(part: slice) -> None:
            winner[part] = self._score(columns[:, part]).argmax(0)

        in_blocks(score, columns.shape[1], BLOCK)
        return winner

    def wiener(self, columns: np.ndarray, k: np.ndarray) -> np.ndarray:
        """x̂ = μ_k + Σ_k C_k⁻¹ (y − μ_k), each patch with its own k, (d, n), (n,) -> (d, n)."""
        return by_component(columns, k, self.wiener_of)

    def wiener_of(self, k: int, columns: np.ndarray) -> np.ndarray:
        """The Wiener estimate of component k for all patches, (d, n) -> (d, n)."""
        if self._centred:
            return self._filters[k] @ columns
        return self._means[k] + self._filters[k] @ (columns - self._means[k])

    def _score(self, columns: np.ndarray) -> np.ndarray:
        return self._coefficients @ _features(columns, linear=not self._centred) + self._constants


def _features(columns: np.ndarray, *, linear: bool) -> np.ndarray:
    """Products y_i y_j, i ≤ j, and then the y_i themselves if asked for, (d, n) -> (d(d+1)/2 [+ d], n)."""
    columns = columns.astype(np.float32, copy=False)
    d, n = columns.shape
    products = np.empty((d * (d + 1) // 2 + d * linear, n), np.float32)
    start = 0
    for i in range(d):
        np.multiply(columns[i], columns[i:], out=products[start : start + d - i])
        start += d - i
    products[start:] = columns[: len(products) - start]
    return products


def _coefficients(gain: np.ndarray, linear: np.ndarray | None) -> np.ndarray:
    """What the features are multiplied with: ½ A_ii, A_ij for i < j, and b, (K, d, d), (K, d) -> (K, features)."""
    i, j = np.triu_indices(gain.shape[1])
    quadratic = np.where(i == j, 0.5, 1.0) * gain[:, i, j]
    return (quadratic if linear is None else np.hstack([quadratic, linear])).astype(np.float32)
