"""Six mistakes, planted: each is caught by the checks that ought to catch it.

The mutants are as quiet as such mistakes are in real code: shapes are right, nothing crashes, samples look plausible.
"""

import math
from dataclasses import replace

import pytest
import torch

from dgmlib.autoregressive import FVSBN, MADE, NADE, RNADE
from dgmlib.autoregressive.families import GaussianMixture
from tests.conformance import checks
from tests.conformance.models import AUTOREGRESSIVE

CASES = {case.name: case for case in AUTOREGRESSIVE}


class SigmoidTwice(NADE):
    """Returns probabilities where logits are expected: still a density, but no bit is ever surer than σ(1) = 0.73."""

    def conditionals(self, x):
        return super().conditionals(x).sigmoid()

    def steps(self, n):
        walk = super().steps(n)
        logits = next(walk)
        while True:
            x_i = yield logits.sigmoid()
            logits = walk.send(x_i)


class SelfConnection(FVSBN):
    """The diagonal belongs to the mask: pixel i helps to predict itself."""

    @property
    def triangle(self):
        return super().triangle + torch.eye(self.n_dims, dtype=self.weight.dtype)


class MeanForSum(NADE):
    """Averages over the variables, as loss functions do by default."""

    def log_prob(self, x):
        return super().log_prob(x) / self.n_dims


class WrongConstant(GaussianMixture):
    """Forgets the ½ of ½ log 2π."""

    def log_prob(self, parameters, x):
        return super().log_prob(parameters, x) - 0.5 * math.log(2 * math.pi)


class WrongOrder(MADE):
    """Draws the variables as numbered and not as ordered."""

    def steps(self, n):
        x, order = torch.zeros(n, self.n_dims), range(self.n_dims)
        for i in order:
            x[:, i] = yield self.conditionals(x)[:, i]


class DeadParameter(NADE):
    """The hidden bias is registered and counted, and nobody adds it."""

    def steps(self, n):
        a = torch.zeros(n, len(self.hidden_bias))
        for i in range(self.n_dims):
            x_i = yield self.bias[i] + a.sigmoid() @ self.out_weight[i]
            a = a + x_i[:, None] * self.weight[i]

    def conditionals(self, x):
        before = torch.ones(self.n_dims, self.n_dims, dtype=x.dtype).tril(-1)
        a = (x[:, None, :] * before) @ self.weight
        return self.bias + (a.sigmoid() * self.out_weight).sum(-1)


def wrong_constant(generator):
    model = RNADE(2, 5, 2, generator=generator)
    model.family = WrongConstant()
    return model


def shuffled_made(kind):
    return lambda g: kind(6, [20], ordering=torch.randperm(6, generator=g), generator=g)


MUTANTS = {
    "sigmoid twice": (CASES["NADE"], lambda g: SigmoidTwice(7, 5, generator=g)),
    "self-connection": (CASES["FVSBN"], lambda g: SelfConnection(6)),
    "mean for sum": (CASES["NADE"], lambda g: MeanForSum(7, 5, generator=g)),
    "wrong constant": (CASES["RNADE"], wrong_constant),
    "wrong sampling order": (CASES["MADE, shuffled"], shuffled_made(WrongOrder)),
    "dead parameter": (CASES["NADE"], lambda g: DeadParameter(7, 5, generator=g)),
}
CAUGHT_BY = {
    "sigmoid twice": {checks.fitting_reaches_the_known_optimum},
    "self-connection": {checks.probabilities_sum_to_one, checks.conditionals_see_only_the_past},
    "mean for sum": {checks.probabilities_sum_to_one},
    "wrong constant": {checks.probabilities_sum_to_one, checks.samples_follow_the_density},
    "wrong sampling order": {checks.samples_follow_the_density},
    "dead parameter": {checks.every_parameter_matters},
}


def verdicts(case):
    """Return the checks that fail."""
    failed = set()
    for check in (*checks.FOR_ALL, *checks.FOR_MODULES, *checks.FOR_AUTOREGRESSIVE):
        try:
            check(case)
        except AssertionError:
            failed.add(check)
    return failed


@pytest.mark.parametrize("mistake", MUTANTS)
def test_the_mistake_is_caught_and_by_the_right_checks(mistake):
    case, make = MUTANTS[mistake]
    failed = verdicts(replace(case, make=make))
    assert CAUGHT_BY[mistake] <= failed
