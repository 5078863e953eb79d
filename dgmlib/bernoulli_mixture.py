"""Mixture of independent-pixel models for binary data: the simplest family with a latent variable.

    p(x) = Σ_k w_k Π_j p_kj^{x_j} (1 − p_kj)^{1 − x_j}

One component is the model of independent pixels. One component around each training example, with every pixel flipped
with a small probability, is the kernel density estimate on binary data (Aitchison and Aitken, 1976).
Source: Bishop (2006), section 9.3.3.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import logsumexp

from dgmlib._arrays import check_counts

__all__ = ["BernoulliMixture"]


@dataclass(frozen=True)
class BernoulliMixture:
    """Weights w, shape (K,), and pixel probabilities p, shape (K, d), positive; 0 < p < 1."""

    weights: np.ndarray
    probs: np.ndarray

    def __post_init__(self) -> None:
        for name in ("weights", "probs"):
            object.__setattr__(self, name, np.asarray(getattr(self, name)))
        if self.probs.ndim != 2 or self.weights.shape != self.probs.shape[:1]:
            raise ValueError(
                f"weights, probs: got shapes {self.weights.shape} and {self.probs.shape}, expected (K,) and (K, d)."
            )
        if not ((self.probs > 0) & (self.probs < 1)).all():
            raise ValueError(
                f"probs: got values from {self.probs.min():g} to {self.probs.max():g}, expected 0 < p < 1; "
                f"a pixel that can never change makes unseen images impossible, so fit with pseudocount > 0."
            )
        if not (self.weights > 0).all() or abs(self.weights.sum() - 1) > 1e-9:
            raise ValueError(f"weights: got sum {self.weights.sum():g}, expected positive weights that sum to 1.")

    @property
    def num_parameters(self) -> int:
        """K − 1 weights and K·d probabilities."""
        return len(self.weights) - 1 + self.probs.size

    def log_joint(self, x: np.ndarray) -> np.ndarray:
        """log p(x, z = k) = log w_k + Σ_j log p(x_j | k) in nats, (m, d) -> (m, K)."""
        x = self._checked(x)
        on, off = np.log(self.probs), np.log1p(-self.probs)
        return np.log(self.weights) + off.sum(1) + x @ (on - off).T

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """log p(x) in nats, (m, d) of zeros and ones -> (m,)."""
        return logsumexp(self.log_joint(x), axis=1)

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        """Pick a component, then every pixel on its own, -> (n, d) uint8."""
        check_counts(least=0, n=n)
        z = rng.choice(len(self.weights), size=n, p=self.weights)
        return (rng.random((n, self.probs.shape[1])) < self.probs[z]).astype(np.uint8)

    def responsibilities(self, x: np.ndarray) -> np.ndarray:
        """p(z = k | x): which component x came from, (m, d) -> (m, K), rows sum to 1."""
        joint = self.log_joint(x)
        return np.exp(joint - logsumexp(joint, axis=1, keepdims=True))

    def mixed_with(self, other: Self, share: float) -> Self:
        """(1 − share)·self + share·other, for 0 < share < 1: again a mixture."""
        if not 0 < share < 1:
            raise ValueError(f"share: got {share}, expected a number strictly between 0 and 1.")
        weights = np.concatenate([(1 - share) * self.weights, share * other.weights])
        return type(self)(weights, np.concatenate([self.probs, other.probs]))

    @classmethod
    def noise(cls, n_dims: int) -> Self:
        """Fair coins: every one of the 2^d images has probability 2^−d."""
        return cls(np.ones(1), np.full((1, n_dims), 0.5))

    @classmethod
    def around(cls, x: np.ndarray, flip: float) -> Self:
        """Kernel density estimate: copy a row of x, shape (m, d), flip every pixel with probability 0 < flip < 1."""
        if not 0 < flip < 1:
            raise ValueError(f"flip: got {flip}, expected a probability strictly between 0 and 1.")
        x = _binary(x)
        return cls(np.full(len(x), 1 / len(x)), np.where(x == 1, 1 - flip, flip))

    @classmethod
    def fit(
        cls,
        x: np.ndarray,
        n_components: int,
        *,
        rng: np.random.Generator,
        n_steps: int = 40,
        pseudocount: float = 0.1,
    ) -> Self:
        """EM from a random assignment of the rows of x, (m, d), to components; exact after one step if K = 1.

        ``pseudocount`` heads and tails are added to every count, so that no probability becomes 0 or 1.
        """
        check_counts(n_components=n_components)
        check_counts(least=0, n_steps=n_steps)
        x = _binary(x)
        if n_components > len(x):
            raise ValueError(f"n_components: got {n_components}, expected 1 to {len(x)}, the number of examples.")
        if not pseudocount > 0:
            raise ValueError(f"pseudocount: got {pseudocount}, expected a number > 0; 0.1 hardly smooths.")
        model = cls._m_step(x, np.eye(n_components)[rng.integers(n_components, size=len(x))], pseudocount)
        for _ in range(n_steps if n_components > 1 else 0):
            model = cls._m_step(x, model.responsibilities(x), pseudocount)
        return model

    @classmethod
    def _m_step(cls, x: np.ndarray, r: np.ndarray, pseudocount: float) -> Self:
        """w_k ∝ N_k + pseudocount and p_kj = (ones in pixel j + pseudocount) / (N_k + 2 pseudocount), N_k = Σᵢ r_ik."""
        counts = r.sum(0)
        weights = (counts + pseudocount) / (len(x) + pseudocount * r.shape[1])
        return cls(weights, (r.T @ x + pseudocount) / (counts[:, None] + 2 * pseudocount))

    def _checked(self, x: np.ndarray) -> np.ndarray:
        x = _binary(x)
        if x.shape[1] != self.probs.shape[1]:
            raise ValueError(f"x: got {x.shape[1]} columns, expected {self.probs.shape[1]} as the model has.")
        return x


def _binary(x: np.ndarray) -> np.ndarray:
    x = np.asarray(x)
    if x.ndim != 2 or len(x) == 0 or not ((x == 0) | (x == 1)).all():
        raise ValueError(f"x: got shape {x.shape}, expected (m, d) zeros and ones; flatten and binarise images first.")
    return x.astype(float)
