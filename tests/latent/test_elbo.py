"""The bounds: below log p(x), rising with k, tight at the posterior."""

import pytest
import torch

from dgmlib.latent.elbo import elbo, iwae_bound
from dgmlib.latent.enumeration import all_bits, exact_posterior
from dgmlib.latent.importance import log_weights
from dgmlib.latent.proposals import Bits, DiagonalGaussian
from tests.latent.models import generator, random_belief_net, random_ppca

LINEAR, BELIEF = random_ppca(), random_belief_net()
X = LINEAR.sample(4, generator=generator(1))
BITS = BELIEF.sample(4, generator=generator(1))
Q = DiagonalGaussian(torch.zeros(4, 2, dtype=torch.float64), torch.full((4, 2), 0.5, dtype=torch.float64))


def test_the_bound_on_bits_is_expected_log_joint_plus_entropy():
    """By enumeration: E_q log p + H(q) = log p(x) − D(q ‖ posterior), and the sampled bound agrees in the mean."""
    q, z = Bits(torch.full((4, 5), 0.4, dtype=torch.float64)), all_bits(5, dtype=torch.float64)[:, None]
    weight, log_joint = q.log_prob(z).exp(), BELIEF.log_joint(BITS, z)
    exact = (weight * log_joint).sum(0) + q.entropy()
    divergence = (weight * (q.log_prob(z) - exact_posterior(BELIEF, BITS).log_probs)).sum(0)
    torch.testing.assert_close(exact, BELIEF.log_prob(BITS) - divergence, rtol=0, atol=1e-12)
    n = 20_000
    error = log_weights(BELIEF, BITS, q, n, generator=generator(9)).std(0) / n**0.5
    assert ((elbo(BELIEF, BITS, q, n, generator=generator()) - exact).abs() < 4 * error).all()


def test_one_sample_bound_is_the_elbo():
    a = iwae_bound(LINEAR, X, Q, 1, 50, generator=generator())
    torch.testing.assert_close(a, elbo(LINEAR, X, Q, 50, generator=generator()))


def test_the_bound_rises_with_k_and_stays_below():
    """Means of 4,000 estimates each: every doubling of k raises the bound significantly, never above log p(x)."""
    n, values = 4000, []
    for k in (1, 2, 4, 8, 16, 32):
        groups = log_weights(LINEAR, X, Q, k * n, generator=generator(k)).view(k, n, 4)
        values.append(groups.logsumexp(0) - torch.log(torch.tensor(float(k))))
    means = torch.stack([v.mean(0) for v in values])
    errors = torch.stack([v.std(0) / n**0.5 for v in values])
    step_error = (errors[1:].square() + errors[:-1].square()).sqrt()
    assert (means.diff(dim=0) > 3 * step_error).all()
    assert (means < LINEAR.log_prob(X) + 4 * errors).all()
    torch.testing.assert_close(means[3], iwae_bound(LINEAR, X, Q, 8, n, generator=generator(8)))


def test_the_bound_is_tight_at_the_posterior_for_every_k():
    for k in (1, 3, 10):
        bound = iwae_bound(LINEAR, X, LINEAR.posterior(X), k, generator=generator())
        torch.testing.assert_close(bound, LINEAR.log_prob(X), rtol=0, atol=1e-10)


def test_climbing_the_bound_finds_the_posterior():
    """Gradients through the samples: q ends at the posterior's mean, and at its best widths 1/√Λ_jj."""
    mean, log_std = (torch.zeros(4, 2, dtype=torch.float64, requires_grad=True) for _ in range(2))
    optimizer, g = torch.optim.Adam([mean, log_std], lr=0.05, maximize=True), generator()
    late = []
    for step in range(600):
        optimizer.param_groups[0]["lr"] = 0.05 * (1 - step / 600)
        optimizer.zero_grad()
        elbo(LINEAR, X, DiagonalGaussian(mean, log_std.exp()), 200, generator=g).sum().backward()
        optimizer.step()
        late.append(torch.stack([mean, log_std.exp()]).detach())
    found = torch.stack(late[300:]).mean(0)  # the average of noisy iterates is less noisy
    posterior = LINEAR.posterior(X)
    precision = torch.linalg.inv(posterior.covariance()).diagonal(dim1=1, dim2=2)
    torch.testing.assert_close(found[0], posterior.mean, rtol=0, atol=0.01)
    torch.testing.assert_close(found[1], precision.rsqrt().expand(4, 2), rtol=0.02, atol=0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: iwae_bound(LINEAR, X, Q, 0), "k: got 0"),
        (lambda: iwae_bound(LINEAR, X, Q, 2, 0), "n: got 0"),
        (lambda: elbo(LINEAR, X, Q, 1.5), "n: got 1.5"),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
