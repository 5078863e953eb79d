"""The sigmoid belief net beside the same network written as a table-by-table sum."""

import math

import pytest
import torch

from dgmlib.latent.elbo import elbo
from dgmlib.latent.enumeration import all_bits, exact_log_prob, exact_posterior
from dgmlib.latent.importance import importance_sampling, uniform_monte_carlo
from tests.latent.models import generator, random_belief_net

MODEL = random_belief_net(4, 3)


def test_the_joint_is_the_product_of_its_coins():
    """Every z and x, one coin at a time, in plain floating numbers."""
    a, b, w = MODEL.prior_logits.tolist(), MODEL.bias.tolist(), MODEL.weight.tolist()

    def coin(value, logit):
        p = 1 / (1 + math.exp(-logit))
        return p if value else 1 - p

    x, z = all_bits(4, dtype=torch.float64), all_bits(3, dtype=torch.float64)
    joint = MODEL.log_joint(x, z[:, None]).exp()
    for i, causes in enumerate(z.tolist()):
        for j, pixels in enumerate(x.tolist()):
            p = math.prod(coin(c, logit) for c, logit in zip(causes, a, strict=True))
            for k, pixel in enumerate(pixels):
                p *= coin(pixel, b[k] + sum(weight * c for weight, c in zip(w[k], causes, strict=True)))
            assert abs(float(joint[i, j]) - p) < 1e-12


def test_latents_of_each_example_and_shared_ones_agree():
    x, z = MODEL.sample(6, generator=generator()), MODEL.prior.sample(9, generator=generator(1))
    shared = MODEL.log_joint(x, z)
    torch.testing.assert_close(shared, MODEL.log_joint(x, z.expand(-1, 6, -1).contiguous()))
    torch.testing.assert_close(shared[4, 2:3], MODEL.log_joint(x[2:3], z[4]))


def test_causes_explain_each_other_away():
    """Independent before x is seen, the causes depend on each other after: the posterior is no product."""
    p = exact_posterior(MODEL, torch.ones(1, 4, dtype=torch.float64)).log_probs[:, 0].exp()
    z = all_bits(3, dtype=torch.float64)
    mean = p @ z
    product = torch.where(z == 1, mean, 1 - mean).prod(1)
    assert (p - product).abs().sum() > 0.02


@pytest.mark.parametrize("dtype", [torch.uint8, torch.bool, torch.int64, torch.float64])
def test_the_type_of_the_data_changes_nothing(dtype):
    """Every estimate is in the network's own single precision, whatever type the bits come in."""
    net = random_belief_net(4, 3).float()
    x = net.sample(5, generator=generator())
    for estimate in (
        lambda x: net.log_joint(x, net.prior.sample(2, generator=generator()).to(x.dtype)),
        net.log_prob,
        lambda x: exact_log_prob(net, x),
        lambda x: exact_posterior(net, x).log_probs,
        lambda x: elbo(net, x, net.prior, 3, generator=generator()),
        lambda x: importance_sampling(net, x, net.prior, 5000, generator=generator()).log_weights,
        lambda x: uniform_monte_carlo(net, x, 5000, generator=generator()).log_weights,
    ):
        state = torch.get_rng_state()
        expected, given = estimate(x), estimate(x.to(dtype))
        assert given.dtype == torch.float32
        assert torch.equal(given, expected)
        assert torch.equal(state, torch.get_rng_state())


def test_no_samples_are_an_empty_batch():
    assert MODEL.sample(0).shape == (0, 4)
    with pytest.raises(ValueError, match="n: got -1, expected an integer ≥ 0"):
        MODEL.sample(-1)
