"""Conditioning on arbitrary evidence, against enumeration of all 2ⁿ rows."""

import math

import pytest
import torch

from dgmlib.autoregressive import FVSBN, MADE, RNADE
from dgmlib.autoregressive.evidence import gibbs, likelihood_weighting
from tests.conformance.case import randomized

N = 6
NAN = math.nan
EVIDENCE = torch.tensor([NAN, NAN, 1.0, NAN, 0.0, 1.0])


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def model(kind="fvsbn"):
    if kind == "fvsbn":
        return randomized(FVSBN(N))
    return randomized(MADE(N, [12], ordering=[5, 2, 0, 4, 1, 3], generator=generator()))


def posterior(density):
    """p(x | evidence) of all rows, (2ⁿ, n) and (2ⁿ,), and log p(evidence)."""
    rows = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * N)
    agrees = ((rows == EVIDENCE) | EVIDENCE.isnan()).all(1)
    log_p = density.log_prob(rows).detach().masked_fill(~agrees, -math.inf)
    return rows, log_p.softmax(0), float(log_p.logsumexp(0))


@pytest.mark.parametrize("kind", ["fvsbn", "made"])
def test_likelihood_weighting_finds_the_posterior_and_the_evidence(kind):
    density = model(kind)
    rows, p, log_evidence = posterior(density)
    drawn = likelihood_weighting(density, EVIDENCE, 40_000, generator=generator())
    known = ~EVIDENCE.isnan()
    assert (drawn.samples[:, known] == EVIDENCE[known]).all()
    error = 5 / math.sqrt(drawn.effective_sample_size)
    assert drawn.log_evidence == pytest.approx(log_evidence, abs=error)
    torch.testing.assert_close(drawn.mean(), p @ rows, rtol=0, atol=error)
    again = drawn.resample(20_000, generator=generator())
    torch.testing.assert_close(again.mean(0), drawn.mean(), rtol=0, atol=5 / math.sqrt(20_000))


def test_weights_are_equal_exactly_when_the_evidence_comes_first():
    """Given a prefix, likelihood weighting is plain completion: effective sample size n."""
    prefix = torch.tensor([1.0, 0.0, NAN, NAN, NAN, NAN])
    assert likelihood_weighting(model(), prefix, 100, generator=generator()).effective_sample_size == pytest.approx(100)
    late = likelihood_weighting(model(), EVIDENCE, 100, generator=generator())
    assert late.effective_sample_size < 90


def test_real_values_can_be_evidence_too():
    """RNADE with x_2 known: the weighted mean of x_1 against quadrature."""
    density = randomized(RNADE(2, 5, 2, generator=generator()))
    grid = torch.linspace(-12, 12, 4001)
    log_joint = density.log_prob(torch.stack([grid, torch.full_like(grid, 0.7)], 1)).detach()
    expected = float(log_joint.softmax(0) @ grid)
    drawn = likelihood_weighting(density, torch.tensor([NAN, 0.7]), 20_000, generator=generator())
    spread = float((drawn.weights @ (drawn.samples[:, 0] - expected) ** 2).sqrt())
    assert float(drawn.mean()[0]) == pytest.approx(expected, abs=5 * spread / math.sqrt(drawn.effective_sample_size))


@pytest.mark.parametrize("kind", ["fvsbn", "made"])
def test_gibbs_reaches_the_posterior(kind):
    """1,000 chains of 60 sweeps: frequencies of all completions against enumeration, 5 standard errors each."""
    density = model(kind)
    rows, p, _ = posterior(density)
    run = gibbs(density, EVIDENCE, 60, n_chains=1000, generator=generator())
    code = 2 ** torch.arange(N - 1, -1, -1)
    frequency = torch.bincount((run.samples @ code.float()).long(), minlength=2**N) / 1000
    error = 5 * (p * (1 - p) / 1000).sqrt() + 1e-9
    assert ((frequency - p).abs() <= error).all()
    assert frequency[p == 0].sum() == 0
    assert run.r_hat < 1.01
    assert run.log_prob.shape == (60, 1000)
    torch.testing.assert_close(run.log_prob[-1], density.log_prob(run.samples).detach())
    assert (run.flips > 0).all() and (run.flips <= 1).all()
    torch.testing.assert_close(run.mean, p @ rows, rtol=0, atol=0.03)


def test_r_hat_tells_chains_that_disagree():
    """Two far modes that single flips cannot join: bits glued together by huge weights."""
    glued = FVSBN(N)
    with torch.no_grad():
        glued.weight.fill_(40.0)
        glued.bias.copy_(-20.0 * torch.arange(N))
        glued.bias[0] = 0.3
    run = gibbs(glued, torch.full((N,), NAN), 40, n_chains=30, generator=generator())
    assert {0.0, float(N)} == set(run.samples.sum(1).tolist())
    assert run.r_hat > 2


def test_the_seed_fixes_both():
    a, b = (likelihood_weighting(model(), EVIDENCE, 5, generator=generator(3)) for _ in range(2))
    assert torch.equal(a.samples, b.samples) and torch.equal(a.log_weights, b.log_weights)
    c, d = (gibbs(model(), EVIDENCE, 3, generator=generator(3)) for _ in range(2))
    assert torch.equal(c.samples, d.samples)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: likelihood_weighting(model(), torch.zeros(4), 5), r"expected \(6,\) floating"),
        (lambda: likelihood_weighting(model(), torch.full((N,), 0.5), 5), "evidence: got values other than 0 and 1"),
        (lambda: likelihood_weighting(model(), EVIDENCE, 0), "n: got"),
        (lambda: gibbs(RNADE(2, 3, 1), torch.tensor([NAN, 1.0]), 5), "use likelihood_weighting"),
        (lambda: gibbs(model(), EVIDENCE, 4).r_hat, "at least 8"),
        (lambda: gibbs(model(), torch.ones(N), 4), "evidence: got no NaN, expected at least one value unknown"),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
