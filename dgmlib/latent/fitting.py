"""Expectation maximisation: E and M step in turn, over all examples or over one batch after the other.

Over all examples, log p(data) never falls (Dempster, Laird, Rubin 1977), and memory stays bounded, for examples are
visited in chunks. With batches the sums of the E step are averaged over the past with a falling weight,

    s ← (1 − η_t) s + η_t s_batch,    η_t = (t + 2)^−0.6,

and every batch is followed by an M step (Cappé and Moulines 2009; Liang and Klein 2009): faster at first, never exact.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from tqdm import tqdm

from dgmlib.latent.expectation import Evaluator, Parameters, Sums
from dgmlib.latent.maximisation import maximise, revive

_RATE = 0.6  # between ½, which forgets slowly enough to converge, and 1, which never forgets a bad start


@dataclass
class Fit:
    """Where EM ended: parameters, mean log-likelihood in nats per example before each M step, and why it stopped."""

    parameters: Parameters
    trace: list[float] = field(default_factory=list)
    converged: bool = False


def expectation_maximisation(
    x: np.ndarray, start: Parameters, *, floor: float, zero_means: bool, max_iter: int, tol: float, progress: bool
) -> Fit:
    """Until an iteration gains less than ``tol`` nats per example, or ``max_iter`` M steps are done."""
    fit = Fit(start)
    with tqdm(total=max_iter, disable=not progress, unit="iteration") as bar:
        while True:
            sums = Evaluator(fit.parameters).sums(x)
            fit.trace.append(sums.log_prob / sums.n)
            fit.converged = len(fit.trace) > 1 and fit.trace[-1] - fit.trace[-2] < tol
            if fit.converged or len(fit.trace) > max_iter:
                return fit
            # (Means that are to stay zero cannot move to an example.)
            revived = fit.parameters if zero_means else revive(fit.parameters, sums)
            is_same = revived is fit.parameters
            fit.parameters = maximise(sums, revived, floor=floor, zero_means=zero_means) if is_same else revived
            bar.set_postfix_str(f"{fit.trace[-1]:.4f} nats per example")
            bar.update()


def stepwise(
    passes: Iterable[Iterable[np.ndarray]],
    start: Parameters,
    *,
    floor: float,
    zero_means: bool,
    tol: float,
    lost_after: int = 0,
) -> Fit:
    """One M step per batch; until a pass gains less than ``tol`` nats per example, or the passes end.

    After a pass, or as many as it takes to ``lost_after`` examples, a component that none of them belonged to is given
    work as in EM over all examples.
    """
    fit, memory, recent = Fit(start), _expected_sums(start), None
    t = 0
    for batches in passes:
        log_prob, n = 0.0, 0
        for batch in batches:
            sums = Evaluator(fit.parameters, origin=memory.origins[0]).sums(batch)
            _blend(memory, sums, (t + 2.0) ** -_RATE)
            fit.parameters = maximise(memory, fit.parameters, floor=floor, zero_means=zero_means)
            log_prob, n, t = log_prob + sums.log_prob, n + sums.n, t + 1
            recent = sums if recent is None else _together(recent, sums)
        fit.trace.append(log_prob / n)
        if recent.n >= lost_after and not zero_means:
            revived, recent = _revived(fit.parameters, recent), None
            if revived is not fit.parameters:
                fit.parameters, memory = revived, _expected_sums(revived)
                continue
        fit.converged = len(fit.trace) > 1 and fit.trace[-1] - fit.trace[-2] < tol
        if fit.converged:
            break
    return fit


def _together(recent: Sums, sums: Sums) -> Sums:
    """How many examples each component had in both, and the one that was explained worst."""
    worst = min(recent.worst, sums.worst, key=lambda worst: worst[0])
    return replace(sums, counts=recent.counts + sums.counts, n=recent.n + sums.n, worst=worst)


def _revived(parameters: Parameters, recent: Sums) -> Parameters:
    """``revive``, once the worst example, met when the parameters were others, has been looked at with these."""
    x = recent.worst[1]
    return revive(parameters, replace(recent, worst=(float(Evaluator(parameters).log_prob(x[None])[0]), x)))


def _expected_sums(parameters: Parameters) -> Sums:
    """What one example is expected to add to the sums if the parameters are right, around their mean."""
    kind, w = parameters.kind, parameters.weights
    d = parameters.means.shape[1]
    origin = w @ parameters.means
    sums = Evaluator(parameters, origin=origin).sums(origin[None])  # for the shapes only
    gap = parameters.means - origin
    sums.counts, sums.first = w.copy(), w[:, None] * gap
    moments = kind.outer(gap) + parameters.covariances
    moments *= w.reshape(-1, *[1] * (moments.ndim - 1))
    if not kind.n_groups_are_components:
        moments = moments.sum(0, keepdims=True)
    sums.second = kind.sums(moments, d)
    return sums


def _blend(memory: Sums, sums: Sums, rate: float) -> None:
    """Move the averages towards those of a batch."""
    for name in ("counts", "first", "second"):
        average, new = getattr(memory, name), getattr(sums, name)
        average *= 1 - rate
        average += rate / sums.n * new
