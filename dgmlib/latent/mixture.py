"""Mixture of Gaussians: the Bayes net z → x with a categorical z.

    z ~ Categorical(w),   x | z = k ~ N(μ_k, Σ_k)        p(x) = Σ_k w_k N(x; μ_k, Σ_k)

Fitted by expectation maximisation. Everything is in float64: in float32 the covariance of a smooth patch, whose
variances span six orders of magnitude, would drown in rounding. Source: Bishop (2006), chapter 9.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from dgmlib import checkpoints
from dgmlib._arrays import check_counts
from dgmlib.latent import starts
from dgmlib.latent.checks import as_rows, check_above_zero, check_choice, check_mixture
from dgmlib.latent.covariances import KINDS, Kind
from dgmlib.latent.expectation import Evaluator, Parameters
from dgmlib.latent.fitting import Fit, expectation_maximisation, stepwise

Array = Tensor | np.ndarray
_LARGEST = 1e200  # sums of squares, with room to multiply
_LOST_AFTER = 1000  # examples of a stream per component: of fewer a rare component may just not have met its own


class GaussianMixture:
    """A density on ℝᵈ; fitted, or made by ``from_parameters``, it has

    ``weights`` (K,), ``means`` (K, d), ``covariances``: "full" (K, d, d), "tied" (d, d), "diagonal" (K, d), "spherical"
    (K,); and, fitted, ``trace`` (mean log-likelihood in nats per example, before each M step) and ``converged``.

    Args:
        n_components: K.
        covariance: one of the four shapes above.
        zero_means: keep all means at zero, as patch priors do: components then differ by their covariances alone.
        covariance_floor: least eigenvalue of a covariance, in units of the data's mean variance per variable.
    """

    def __init__(
        self,
        n_components: int,
        covariance: str = "full",
        *,
        zero_means: bool = False,
        covariance_floor: float = 1e-6,
    ) -> None:
        check_counts(n_components=n_components)
        check_choice(covariance, KINDS, "covariance")
        check_above_zero(covariance_floor, "covariance_floor")
        self.n_components = int(n_components)  # a NumPy integer could not be saved
        self.covariance = covariance
        self.zero_means = bool(zero_means)
        self.covariance_floor = covariance_floor
        self.trace: list[float] = []
        self.converged = False

    @classmethod
    def from_parameters(cls, weights: Array, means: Array, covariances: Array, covariance: str = "full") -> Self:
        """A mixture with these parameters, copied; tensors that require a gradient pass it on through ``log_prob``."""
        weights, means, covariances = (_kept(v) for v in (weights, means, covariances))
        mixture = cls(len(weights) if weights.ndim else 0, covariance)
        check_mixture(weights, means, covariances, mixture._kind)
        mixture.weights, mixture.means, mixture.covariances = weights, means, covariances
        return mixture

    def log_prob(self, x: Array) -> Tensor:
        """log Σ_k w_k N(x; μ_k, Σ_k) in nats, (batch, d) -> (batch,) float64; differentiable in x and parameters."""
        self._check_fitted()
        tensors = (x, self.weights, self.means, self.covariances)
        if torch.is_grad_enabled() and any(isinstance(v, Tensor) and v.requires_grad for v in tensors):
            return torch.logsumexp(self._log_joint(x), 1)
        rows = as_rows(x, self.n_dims)
        with np.errstate(over="ignore", invalid="ignore"):
            log_prob = torch.from_numpy(self._evaluator().log_prob(rows))
        far = log_prob.isnan()  # squares overflowed, and an infinity was taken from another
        if bool(far.any()):
            log_prob[far] = torch.logsumexp(self._log_joint(rows[far.numpy()]), 1)
        return log_prob

    def responsibilities(self, x: Array) -> Tensor:
        """The posterior p(z = k | x), (batch, d) -> (batch, K); rows sum to one."""
        with np.errstate(over="ignore", invalid="ignore"):
            r = self._evaluator().responsibilities(as_rows(x, self.n_dims))
        if np.isnan(r[:, 0]).any():
            raise ValueError("x: got examples so far away that squares overflow, expected others; choose another unit.")
        return torch.from_numpy(r)

    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Draw z, then x given z: n independent rows, -> (n, d)."""
        return self.sample_given(self.sample_latents(n, generator=generator), generator=generator)

    def sample_latents(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Draw components by their weights, -> (n,) integers 0 … K − 1."""
        self._check_fitted()
        check_counts(least=0, n=n)
        ends = self.weights.detach().cumsum(0)
        u = torch.rand(n, generator=generator, dtype=torch.float64) * ends[-1]
        return torch.searchsorted(ends, u, right=True).clamp(max=self.n_components - 1)

    def sample_given(self, z: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """Draw x ~ N(μ_z, Σ_z) for each z, (n,) -> (n, d)."""
        factors = torch.linalg.cholesky(self.covariance_matrices.detach())
        if z.ndim != 1 or z.is_floating_point() or bool(((z < 0) | (z >= self.n_components)).any()):
            raise ValueError(f"z: got {z}, expected integers 0 … {self.n_components - 1}, (n,).")
        x = torch.randn(len(z), self.n_dims, generator=generator, dtype=torch.float64)
        for k in z.unique().tolist():
            rows = z == k
            x[rows] = x[rows] @ factors[k].T + self.means[k].detach()
        return x

    def fit(
        self,
        x: Array,
        *,
        max_iter: int = 100,
        tol: float = 1e-4,
        init: "str | GaussianMixture | Array" = "k-means++",
        n_starts: int = 1,
        batch_size: int | None = None,
        generator: torch.Generator | None = None,
        progress: bool = False,
    ) -> Self:
        """Maximise the likelihood of x, (n, d), a tensor, an array or a memory-mapped file of numbers, and return self.

        Args:
            x: examples; read in chunks and never copied as a whole.
            max_iter: M steps at most; with ``batch_size``, passes over the data at most.
            tol: stop when an iteration (a pass) gains less than so many nats per example; −math.inf: never.
            init: "k-means++" or "random" seeds, seeds of your own (K, d), or a mixture to go on from, its covariances
                raised to the floor.
            n_starts: fits from so many starts; the likeliest is kept.
            batch_size: stepwise EM on random batches of so many rows; the trace is then no longer sure to rise.
            generator: draws seeds and batches.
            progress: show a bar.
        """
        rows = as_rows(x)
        check_counts(max_iter=max_iter, n_starts=n_starts)
        floor = self._floor(*_moments(rows))
        fits = []
        for _ in range(n_starts):
            start = self._start(starts.subsample(rows, self.n_components, generator), init, floor, generator)
            options = {"floor": floor, "zero_means": self.zero_means, "tol": tol}
            if batch_size is None:
                fits.append(expectation_maximisation(rows, start, max_iter=max_iter, progress=progress, **options))
            else:
                check_counts(batch_size=batch_size)
                passes = (_shuffled(rows, batch_size, generator) for _ in range(max_iter))
                fits.append(stepwise(tqdm(passes, total=max_iter, disable=not progress, unit="pass"), start, **options))
        return self._keep(max(fits, key=lambda fit: fit.trace[-1]))

    def fit_stream(
        self,
        batches: Iterable[Array],
        *,
        init: "str | GaussianMixture | Array" = "k-means++",
        generator: torch.Generator | None = None,
        progress: bool = False,
    ) -> Self:
        """Stepwise EM on batches (n_i, d) that come once and are forgotten, and return self.

        The first batch also gives the start and the unit of the covariance floor: let it be large, and shuffled.
        ``trace`` has one entry per batch, the likelihood of which is measured before the M step learns from it.
        """
        stream = (as_rows(batch) for batch in batches)
        first = next(stream, None)
        if first is None:
            raise ValueError("batches: got none, expected at least one; an iterator can be used only once.")
        floor = self._floor(*_moments(first))
        start = self._start(starts.subsample(first, self.n_components, generator), init, floor, generator)
        one_by_one = ([batch] for batch in tqdm(_chain(first, stream), disable=not progress, unit="batch"))
        options = {"floor": floor, "zero_means": self.zero_means, "tol": -math.inf}
        return self._keep(stepwise(one_by_one, start, lost_after=_LOST_AFTER * self.n_components, **options))

    @property
    def n_dims(self) -> int:
        """d."""
        self._check_fitted()
        return self.means.shape[1]

    @property
    def covariance_matrices(self) -> Tensor:
        """Σ_k as plain matrices, (K, d, d), whatever the kind."""
        d = self.n_dims
        if self.covariance in ("full", "tied"):
            return self.covariances.expand(self.n_components, d, d)
        return torch.diag_embed(self.covariances.reshape(self.n_components, -1).expand(-1, d))

    @property
    def num_parameters(self) -> int:
        """(K − 1) weights, K·d means unless they are zero, and the free entries of the covariances."""
        k, d = self.n_components, self.n_dims
        return k - 1 + (0 if self.zero_means else k * d) + self._kind.n_free(k, d)

    def bic(self, x: Array) -> float:
        """Bayesian information criterion, num_parameters · log n − 2 Σ log p(x), in nats: the lower the better."""
        log_prob = self.log_prob(x).detach()
        if not len(log_prob):
            raise ValueError("x: got no examples, expected at least one row.")
        return self.num_parameters * math.log(len(log_prob)) - 2 * float(log_prob.sum())

    def save(self, path: Path) -> None:
        """Write a ``.safetensors`` file."""
        self._check_fitted()
        settings = ("n_components", "covariance", "zero_means", "covariance_floor", "trace", "converged")
        state = {name: getattr(self, name) for name in settings}
        tensors = {"weights": self.weights, "means": self.means, "covariances": self.covariances}
        checkpoints.save(Path(path), {**state, **tensors})

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what ``save`` wrote."""
        state = checkpoints.load(Path(path))
        if missing := {"covariance", "weights", "means", "covariances"} - state.keys():
            raise ValueError(f"{path}: got no {', '.join(sorted(missing))}, expected a saved GaussianMixture.")
        mixture = cls.from_parameters(state["weights"], state["means"], state["covariances"], state["covariance"])
        for name in ("zero_means", "covariance_floor", "trace", "converged"):
            setattr(mixture, name, state[name])
        return mixture

    @property
    def _kind(self) -> Kind:
        return KINDS[self.covariance]

    def _check_fitted(self) -> None:
        if not hasattr(self, "means"):
            raise ValueError("mixture: got one without parameters, expected a fitted one; call fit first.")

    def _evaluator(self) -> Evaluator:
        return Evaluator(self._parameters())

    def _parameters(self) -> Parameters:
        """The same numbers as the E and M steps hold them."""
        self._check_fitted()
        weights, means, covariances = (v.detach().numpy() for v in (self.weights, self.means, self.covariances))
        stacked = {"tied": lambda c: c[None], "spherical": lambda c: c[:, None]}.get(self.covariance, lambda c: c)
        return Parameters(self._kind, weights, means, stacked(covariances))

    def _keep(self, fit: Fit) -> Self:
        """Take over what a fit found."""
        found = fit.parameters
        shape = self._kind.shape(*found.means.shape)
        self.weights, self.means = torch.tensor(found.weights), torch.tensor(found.means)
        self.covariances = torch.tensor(found.covariances).reshape(shape)
        self.trace, self.converged = fit.trace, bool(fit.converged)
        return self

    def _log_joint(self, x: Array) -> Tensor:
        """log w_k N(x; μ_k, Σ_k) by torch, for gradients, (batch, d) -> (batch, K)."""
        x = torch.as_tensor(x, dtype=torch.float64)
        as_rows(x, self.n_dims)
        factors = torch.linalg.cholesky(self.covariance_matrices)
        gaps = (x[:, None, :] - self.means).permute(1, 2, 0)  # (K, d, batch)
        squares = torch.linalg.solve_triangular(factors, gaps, upper=False).square().sum(1).T
        log_det = 2 * torch.diagonal(factors, dim1=1, dim2=2).log().sum(1)
        return self.weights.log() - 0.5 * (squares + log_det + self.n_dims * math.log(2 * math.pi))

    def _floor(self, mean: np.ndarray, variance: float) -> float:
        """The floor in the unit of x; where all examples are equal, of x itself."""
        if variance > 0:
            return self.covariance_floor * variance
        return self.covariance_floor * (float((mean**2).mean()) or 1.0)

    def _start(
        self, x: np.ndarray, init: "str | GaussianMixture | Array", floor: float, generator: torch.Generator | None
    ) -> Parameters:
        """Parameters to begin from."""
        if isinstance(init, GaussianMixture):
            start = self._start_from(init, x.shape[1])
            # Below the floor it would be likelier than anything that EM may reach, and the first step would fall.
            return replace(start, covariances=self._kind.raised(start.covariances, floor))
        if isinstance(init, str):
            check_choice(init, starts.STARTS, "init")
            seeds = starts.draw_seeds(x, self.n_components, init, generator)
        else:
            seeds = np.asarray(as_rows(init, x.shape[1], name="init"), dtype=float)
            if len(seeds) != self.n_components:
                raise ValueError(f"init: got {len(seeds)} seeds, expected {self.n_components}, one per component.")
        return starts.begin(x, seeds, self._kind, floor=floor, zero_means=self.zero_means)

    def _start_from(self, other: "GaussianMixture", d: int) -> Parameters:
        mine, theirs = (self.n_components, self.covariance, d), (other.n_components, other.covariance, other.n_dims)
        if mine != theirs:
            raise ValueError(
                f"init: got a mixture with (n_components, covariance, d) = {theirs}, expected {mine} as here."
            )
        if self.zero_means and bool((other.means != 0).any()):
            raise ValueError("init: got means other than zero, expected zeros, for zero_means is set.")
        return other._parameters()


def _kept(parameter: Array) -> Tensor:
    """A copy that nobody else can change; what requires a gradient stays itself, for someone is to change it."""
    tensor = torch.as_tensor(parameter, dtype=torch.float64)
    return tensor if tensor.requires_grad else tensor.clone()


def _moments(x: np.ndarray, rows: int = 2**14) -> tuple[np.ndarray, float]:
    """Mean of the rows, (d,), and mean variance per variable, in two passes over chunks."""
    mean = sum(x[i : i + rows].sum(0, dtype=float) for i in range(0, len(x), rows)) / len(x)
    with np.errstate(over="ignore"):
        squares = sum(float(((x[i : i + rows] - mean) ** 2).sum()) for i in range(0, len(x), rows))
    if squares > _LARGEST:
        raise ValueError(
            f"x: got squares that sum to {squares:g}, expected less than {_LARGEST:g}; choose another unit."
        )
    return mean, squares / x.size


def _shuffled(x: np.ndarray, size: int, generator: torch.Generator | None) -> Iterator[np.ndarray]:
    """Random batches that together are x; the last may be smaller."""
    for rows in torch.randperm(len(x), generator=generator).split(size):
        yield x[rows.sort().values.numpy()]


def _chain(first: np.ndarray, rest: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    yield first
    for batch in rest:
        if batch.shape[1] != first.shape[1]:
            raise ValueError(f"batches: got shape {batch.shape}, expected (n, {first.shape[1]}) as the first has.")
        yield batch
