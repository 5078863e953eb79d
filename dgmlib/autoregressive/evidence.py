"""Conditioning on anything: what is known need not come first.

Given x_E, draw the rest from p(x_U | x_E). A prefix is easy (``complete``). For other evidence two classics:

* likelihood weighting: walk through the model, take known values as they are, and weight the result by
  w = ∏_{i ∈ E} p(x_i | x_<i), the part of p(x) that was not drawn from. Unbiased, and soon a handful of rows has all
  the weight;
* Gibbs sampling: draw one unknown variable after the other from p(x_i | all others), which is p(x with x_i = 1)
  against p(x with x_i = 0). Exact in the limit, and slow.

Evidence is one row of ``n_dims`` numbers with NaN where unknown. Source: R. Fung and K.-C. Chang, UAI 1989;
S. Geman and D. Geman, 1984; diagnostics: A. Vehtari et al., Bayesian Analysis 2021.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from dgmlib._arrays import check_counts
from dgmlib.autoregressive.base import AutoregressiveModel
from dgmlib.autoregressive.families import Bernoulli
from dgmlib.monte_carlo import effective_sample_size, log_mean_exp
from dgmlib.noise import choices, permutation


@dataclass(frozen=True)
class WeightedSamples:
    """Rows ``samples``, (n, n_dims), that stand for p(x_U | x_E) with weights ∝ exp(``log_weights``), (n,)."""

    samples: Tensor
    log_weights: Tensor

    @property
    def weights(self) -> Tensor:
        """Weights that sum to one, (n,)."""
        return self.log_weights.softmax(0)

    @property
    def effective_sample_size(self) -> float:
        """(Σw)² / Σw²: n when all weights are equal, 1 when one row has everything."""
        return float(effective_sample_size(self.log_weights))

    @property
    def log_evidence(self) -> float:
        """Estimate of log p(x_E) in nats: log of the mean weight."""
        return float(log_mean_exp(self.log_weights))

    def mean(self) -> Tensor:
        """Estimate of E[x | x_E], (n_dims,)."""
        return self.weights @ self.samples

    def resample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """n rows, each drawn with its weight, -> (n, n_dims); many will be the same row."""
        return self.samples[choices(self.weights, n, generator)]


def likelihood_weighting(
    model: AutoregressiveModel, evidence: Tensor, n: int, *, generator: torch.Generator | None = None
) -> WeightedSamples:
    """n weighted rows given ``evidence``, (n_dims,); each costs as much as one sample."""
    check_counts(n=n)
    known = _checked(model, evidence)
    values, known = evidence[model.ordering].tolist(), known[model.ordering].tolist()
    log_weights: list[Tensor] = []

    def choose(t: int, parameters: Tensor) -> Tensor:
        if not known[t]:
            return model.family.draw(parameters, generator)
        x_i = parameters.new_full((n,), values[t])
        log_weights.append(model.family.log_prob(parameters, x_i))
        return x_i

    samples = model.unroll(n, choose)
    return WeightedSamples(samples, sum(log_weights, samples.new_zeros(n)))


@dataclass(frozen=True)
class GibbsRun:
    """Chains after their last sweep, ``samples`` (n_chains, n_dims), and how they got there.

    ``mean``, (n_dims,): E[x | x_E] over the second half of all sweeps. ``log_prob``, (n_sweeps, n_chains): log p(x) in
    nats after each sweep. ``flips``, (n_sweeps,): share of unknown variables that changed in a sweep.
    """

    samples: Tensor
    mean: Tensor
    log_prob: Tensor
    flips: Tensor

    @property
    def r_hat(self) -> float:
        """Split-R̂ of log p over the second half: near 1 when chains agree; above 1.01, sweep longer."""
        trace = self.log_prob[len(self.log_prob) // 2 :]
        half = len(trace) // 2
        if half < 2:
            raise ValueError(f"n_sweeps: got {len(self.log_prob)}, expected at least 8 to compare halves of chains.")
        parts = torch.cat([trace[:half], trace[-half:]], 1)  # (half, 2 · n_chains)
        within, between = parts.var(0).mean(), parts.mean(0).var()
        if not within > 0:
            return 1.0 if between == 0 else math.inf
        return float(((half - 1) / half + between / within).sqrt())


@torch.no_grad()
def gibbs(
    model: AutoregressiveModel,
    evidence: Tensor,
    n_sweeps: int,
    *,
    n_chains: int = 8,
    generator: torch.Generator | None = None,
) -> GibbsRun:
    """Sweep over the unknown bits of ``evidence``, (n_dims,); one log_prob of n_chains rows for every bit and sweep.

    Chains start from random bits. Each sweep visits the unknown variables in a fresh random order.
    """
    check_counts(n_sweeps=n_sweeps, n_chains=n_chains)
    known = _checked(model, evidence)
    if not isinstance(model.family, Bernoulli):
        raise ValueError(f"model: got {type(model).__name__}, expected a model of bits; use likelihood_weighting.")
    if known.all():
        raise ValueError("evidence: got no NaN, expected at least one value unknown; of a whole row use log_prob.")
    x, unknown = _random_start(model, evidence, known, n_chains, generator)
    current, traces, flips, means = model.log_prob(x), [], [], []
    for _ in range(n_sweeps):
        before = x.clone()
        for j in permutation(len(unknown), generator):
            x, current = _redraw(model, x, current, int(unknown[j]), generator)
        traces.append(current)
        means.append(x.mean(0))
        flips.append((x != before)[:, ~known].double().mean())
    settled = torch.stack(means[n_sweeps // 2 :]).mean(0)
    return GibbsRun(x, settled, torch.stack(traces), torch.stack(flips))


def _redraw(
    model: AutoregressiveModel, x: Tensor, current: Tensor, i: int, generator: torch.Generator | None
) -> tuple[Tensor, Tensor]:
    """Draw x_i given all others in every chain; ``current`` is log p(x). One of the two cases is known already."""
    other = x.clone()
    other[:, i] = 1 - x[:, i]
    proposed = model.log_prob(other)
    # p(flip | others) = p(other) / (p(other) + p(x)) = σ(log p(other) − log p(x))
    flip = model.family.draw(proposed - current, generator).bool()
    return torch.where(flip[:, None], other, x), torch.where(flip, proposed, current)


def _random_start(
    model: AutoregressiveModel, evidence: Tensor, known: Tensor, n_chains: int, generator: torch.Generator | None
) -> tuple[Tensor, Tensor]:
    """Known values with fair coins between them, (n_chains, n_dims), and the unknown columns."""
    logits = next(model.parameters()).new_zeros(n_chains, model.n_dims)
    coins = model.family.draw(logits, generator)
    return torch.where(known, evidence.nan_to_num().to(coins.dtype), coins), (~known).nonzero()[:, 0]


def _checked(model: AutoregressiveModel, evidence: Tensor) -> Tensor:
    """Which entries of the evidence are known, (n_dims,) of True and False."""
    if evidence.shape != (model.n_dims,) or not evidence.is_floating_point():
        raise ValueError(
            f"evidence: got {tuple(evidence.shape)} {evidence.dtype}, expected ({model.n_dims},) floating numbers, "
            f"with NaN where unknown."
        )
    known = ~evidence.isnan()
    model.family.check(evidence[known], "evidence")
    return known
