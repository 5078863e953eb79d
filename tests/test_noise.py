"""Noise is drawn where the generator lives and arrives where the model is."""

import pytest
import torch

from dgmlib import noise
from dgmlib.autoregressive.families import Bernoulli, GaussianMixture
from dgmlib.latent.proposals import Bits, DiagonalGaussian
from dgmlib.latent.transitions import Hamiltonian

SHAPE = (3, 2)


def seeded():
    return torch.Generator().manual_seed(7)


@pytest.mark.parametrize(("draw", "torchs"), [(noise.normal, torch.randn), (noise.uniform, torch.rand)])
def test_a_cpu_generator_serves_a_model_elsewhere(draw, torchs):
    """The meta device has no numbers and no generator, so what arrives there was drawn on the CPU."""
    used, expected = seeded(), seeded()
    drawn = draw(SHAPE, torch.empty(1, dtype=torch.float64, device="meta"), used)
    torchs(SHAPE, generator=expected, dtype=torch.float64)
    assert (drawn.shape, drawn.dtype, drawn.device.type) == (SHAPE, torch.float64, "meta")
    assert torch.equal(used.get_state(), expected.get_state())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_on_one_device_the_numbers_are_those_of_torch(dtype):
    like = torch.zeros(1, dtype=dtype)
    assert torch.equal(noise.normal(SHAPE, like, seeded()), torch.randn(SHAPE, generator=seeded(), dtype=dtype))
    assert torch.equal(noise.uniform(SHAPE, like, seeded()), torch.rand(SHAPE, generator=seeded(), dtype=dtype))


def test_without_a_generator_numbers_are_drawn_where_they_are_needed():
    """On the meta device drawing costs nothing, not even a step of the CPU's own generator."""
    before = torch.get_rng_state()
    assert noise.normal(SHAPE, torch.empty(1, device="meta"), None).device.type == "meta"
    assert torch.equal(torch.get_rng_state(), before)


def test_coins_and_choices_follow_their_probabilities():
    p = torch.tensor([0.0, 0.2, 1.0]).expand(20_000, 3)
    means = noise.coins(p, seeded()).mean(0)
    assert means[0] == 0 and means[2] == 1
    assert abs(means[1] - 0.2) < 5 * (0.2 * 0.8 / 20_000) ** 0.5
    drawn = noise.choices(torch.tensor([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5]]), 20_000, seeded())
    assert drawn.shape == (2, 20_000) and set(drawn[0].tolist()) == {1} and set(drawn[1].tolist()) == {0, 2}
    assert abs((drawn[1] == 0).double().mean() - 0.5) < 5 * 0.5 / 20_000**0.5


@pytest.mark.parametrize("generator", [None, seeded()], ids=["global", "seeded"])
def test_a_permutation_visits_each_place_once(generator):
    assert sorted(noise.permutation(9, generator)) == list(range(9))


@pytest.mark.parametrize(
    "draw",
    [
        lambda g: Bernoulli().draw(torch.empty(4, 3, device="meta"), g),
        lambda g: Bits.sample(_unchecked(Bits, logits=torch.empty(4, 3, device="meta")), 5, generator=g),
        lambda g: DiagonalGaussian.sample(
            _unchecked(DiagonalGaussian, mean=torch.empty(4, 3, device="meta"), std=torch.empty(4, 3, device="meta")),
            5,
            generator=g,
        ),
    ],
    ids=["coins of an autoregressive model", "latent bits", "reparameterised Gaussian"],
)
def test_models_draw_through_it(draw):
    used = seeded()
    assert draw(used).device.type == "meta"
    assert not torch.equal(used.get_state(), seeded().get_state())


def test_mixtures_and_trajectories_keep_their_random_numbers():
    """What was drawn before there was one place for it, value by value."""
    parameters = torch.randn(6, 3, 4, generator=seeded())
    log_weight, mu, log_sigma = parameters.unbind(-2)
    g = seeded()
    k = torch.multinomial(log_weight.softmax(-1), 1, generator=g)
    expected = (mu.gather(-1, k) + log_sigma.gather(-1, k).exp() * torch.randn(6, 1, generator=g))[..., 0]
    assert torch.equal(GaussianMixture().draw(parameters, seeded()), expected)
    used, stepped = seeded(), seeded()
    Hamiltonian()(torch.zeros(5, 1, 2), lambda z: -0.5 * z.square().sum(-1), generator=used)
    torch.randn(5, 1, 2, generator=stepped), torch.rand(5, 1, generator=stepped)
    assert torch.equal(used.get_state(), stepped.get_state())


def _unchecked(kind, **fields):
    """An instance without its checks: the meta device has no values to check."""
    made = object.__new__(kind)
    for name, value in fields.items():
        object.__setattr__(made, name, value)
    return made
