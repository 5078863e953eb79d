"""Densities over latents: beside torch.distributions, by enumeration, by the moments of their samples."""

import math

import pytest
import torch
from torch import distributions

from dgmlib.latent.enumeration import Table, all_bits
from dgmlib.latent.proposals import Bits, DiagonalGaussian, FullGaussian
from tests.latent.models import generator

MEAN = torch.tensor([[0.5, -1.0, 2.0], [0.0, 3.0, 1.0]], dtype=torch.float64)
STD = torch.tensor([[0.3, 1.0, 2.0], [1.5, 0.7, 0.1]], dtype=torch.float64)
SCALE = torch.tensor([[[1.0, 0, 0], [0.5, 0.8, 0], [-0.3, 0.2, 0.4]]], dtype=torch.float64)
LOGITS = torch.tensor([[0.3, -2.0, 1.0, 0.0], [4.0, 0.0, -1.0, 0.5]], dtype=torch.float64)


def test_the_diagonal_gaussian_is_torchs():
    q, reference = DiagonalGaussian(MEAN, STD), distributions.Independent(distributions.Normal(MEAN, STD), 1)
    z = torch.randn(4, 2, 3, generator=generator(), dtype=torch.float64)
    torch.testing.assert_close(q.log_prob(z), reference.log_prob(z))
    torch.testing.assert_close(q.entropy(), reference.entropy())
    torch.testing.assert_close(q.covariance(), torch.diag_embed(STD**2))


def test_the_full_gaussian_is_torchs():
    q = FullGaussian(MEAN, SCALE)
    reference = distributions.MultivariateNormal(MEAN, scale_tril=SCALE.expand(2, 3, 3))
    z = torch.randn(4, 2, 3, generator=generator(), dtype=torch.float64)
    torch.testing.assert_close(q.log_prob(z), reference.log_prob(z))
    torch.testing.assert_close(q.entropy(), reference.entropy())
    torch.testing.assert_close(q.covariance(), reference.covariance_matrix[:1])


@pytest.mark.parametrize("q", [DiagonalGaussian(MEAN, STD), FullGaussian(MEAN, SCALE)], ids=["diagonal", "full"])
def test_gaussian_samples_have_their_mean_and_covariance(q):
    """20,000 draws; means within 5 standard errors, covariances within 5 of theirs (at most √2 σσ'/√n)."""
    n = 20_000
    z = q.sample(n, generator=generator())
    covariance = q.covariance().expand(2, 3, 3)
    std = covariance.diagonal(dim1=-2, dim2=-1).sqrt()
    assert ((z.mean(0) - q.mean).abs() < 5 * std / n**0.5).all()
    centred = z - z.mean(0)
    found = torch.einsum("nbi,nbj->bij", centred, centred) / n
    assert ((found - covariance).abs() < 5 * 2**0.5 * std[..., None] * std[..., None, :] / n**0.5).all()


def test_gradients_pass_through_gaussian_samples():
    """d/dμ E[Σz] = 1 and d/dσ of one draw is its ε."""
    mean, std = MEAN.clone().requires_grad_(), STD.clone().requires_grad_()
    z = DiagonalGaussian(mean, std).sample(1, generator=generator())
    z.sum().backward()
    torch.testing.assert_close(mean.grad, torch.ones_like(MEAN))
    torch.testing.assert_close(std.grad, ((z[0] - mean) / std).detach())


def test_bits_sum_to_one_and_are_drawn_so():
    q, rows = Bits(LOGITS), all_bits(4, dtype=torch.float64)
    log_prob = q.log_prob(rows[:, None])
    torch.testing.assert_close(log_prob.logsumexp(0), torch.zeros(2, dtype=torch.float64), atol=1e-12, rtol=0)
    torch.testing.assert_close(q.entropy(), -(log_prob.exp() * log_prob).sum(0))
    n = 20_000
    p = LOGITS.sigmoid()
    assert ((q.sample(n, generator=generator()).mean(0) - p).abs() < 5 * (p * (1 - p) / n).sqrt()).all()


def test_uniform_bits_have_probability_two_to_the_minus_n():
    log_prob = Bits.uniform(5, dtype=torch.float64).log_prob(all_bits(5, dtype=torch.float64)[:, None])
    torch.testing.assert_close(log_prob.exp(), torch.full((32, 1), 1 / 32, dtype=torch.float64))


def test_a_table_gives_and_draws_what_it_holds():
    log_probs = torch.randn(8, 2, generator=generator(), dtype=torch.float64).log_softmax(0)
    q, rows = Table(log_probs), all_bits(3, dtype=torch.float64)
    torch.testing.assert_close(q.log_prob(rows[:, None].expand(-1, 2, -1)), log_probs)
    n = 20_000
    z = q.sample(n, generator=generator())
    assert z.shape == (n, 2, 3)
    p = log_probs.exp()
    for example in range(2):
        counts = torch.bincount((z[:, example] @ torch.tensor([4.0, 2.0, 1.0], dtype=z.dtype)).long(), minlength=8)
        assert ((counts / n - p[:, example]).abs() < 5 * (p[:, example] * (1 - p[:, example]) / n).sqrt()).all()


FAIR = Table(torch.full((4, 2), 0.25, dtype=torch.float64).log())


@pytest.mark.parametrize("q", [DiagonalGaussian(MEAN, STD), FullGaussian(MEAN, SCALE), Bits(LOGITS), FAIR])
def test_no_draws_are_an_empty_batch(q):
    drawn = q.sample(3, generator=generator())
    assert q.sample(0, generator=generator()).shape == (0, *drawn.shape[1:])
    for n in (-1, 1.5, True):
        with pytest.raises(ValueError, match=f"n: got {n}, expected an integer ≥ 0"):
            q.sample(n)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DiagonalGaussian(MEAN, STD[:1]), "mean, std: got shapes"),
        (lambda: DiagonalGaussian(MEAN, -STD), "expected σ > 0"),
        (lambda: FullGaussian(MEAN, SCALE[0]), "batch or 1"),
        (lambda: FullGaussian(MEAN, SCALE.mT), "lower-triangular"),
        (lambda: Bits(LOGITS[0]), "expected finite numbers"),
        (lambda: Bits(LOGITS / 0), "expected finite numbers"),
        (lambda: Bits.uniform(0), "n_latents: got 0"),
        (lambda: DiagonalGaussian(MEAN, STD).log_prob(torch.zeros(2, 4)), "expected .*batch, 3"),
        (lambda: all_bits(40), "use importance sampling"),
        (lambda: Table(torch.zeros(1, 2)), r"log_probs: got shape \(1, 2\), expected \(2ⁿ, batch\)"),
        (lambda: Table(torch.full((3, 2), 1 / 3).log()), r"log_probs: got shape \(3, 2\), expected \(2ⁿ, batch\)"),
        (lambda: Table(FAIR.log_probs[:, 0]), r"log_probs: got shape \(4,\), expected"),
        (lambda: Table(FAIR.log_probs + 0.1), "miss a sum of 1 by 0.105.*use log_softmax"),
        (lambda: Table(FAIR.log_probs * math.nan), "miss a sum of 1 by nan"),
        (lambda: FAIR.log_prob(torch.ones(2, 1)), r"z: got shape \(2, 1\), expected \(…, batch, 2\)"),
        (lambda: FAIR.log_prob(torch.full((2, 2), 2)), "z: got values other than 0 and 1, expected bits"),
    ],
)
def test_mistakes_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
