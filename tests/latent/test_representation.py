"""Active units, information per unit, linear probe: on encoders whose answers are known."""

import numpy as np
import pytest
import torch

from dgmlib.latent.representation import active_units, information_per_unit, linear_probe, unit_activity
from dgmlib.latent.vae import VAE
from tests.latent.models import generator


def known():
    """Unit 0 copies x_0, unit 1 follows it faintly, unit 2 is dead: N(0, 1) whatever x is."""
    vae = VAE(2, 3, hidden=(), decoder="gaussian", generator=generator()).double()
    with torch.no_grad():
        vae.encoder[0].weight.zero_()
        vae.encoder[0].bias.zero_()
        vae.encoder[0].weight[0, 0] = 1
        vae.encoder[0].weight[1, 0] = 0.05
        vae.encoder[0].bias[3] = -1.0
    return vae


def test_units_are_active_where_their_means_move():
    x = torch.randn(4000, 2, generator=generator(), dtype=torch.float64)
    activity = unit_activity(known(), x)
    torch.testing.assert_close(activity, x[:, 0].var() * torch.tensor([1, 0.0025, 0]).double())
    assert active_units(known(), x).tolist() == [True, False, False]
    assert active_units(known(), x, threshold=0.001).tolist() == [True, True, False]


def test_information_is_the_mean_divergence_and_zero_for_a_dead_unit():
    x = torch.randn(500, 2, generator=generator(1), dtype=torch.float64)
    mean_square = float((x[:, 0] ** 2).mean())
    found = information_per_unit(known(), x).tolist()
    assert found[0] == pytest.approx(0.5 * (mean_square + np.exp(-2) - 1) + 1)
    assert found[1] == pytest.approx(0.5 * 0.0025 * mean_square)
    assert found[2] == 0


def test_the_probe_reads_off_what_is_linear_and_nothing_else():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(600, 3)) * [1, 100, 0.01] + [0, 50, 0]
    linear = (features[:, 0] + features[:, 2] * 100 > 0).astype(int)
    product = ((features[:, 0] > 0) ^ (features[:, 2] > 0)).astype(int)
    split = features[:400], features[400:]
    assert linear_probe(split[0], linear[:400], split[1], linear[400:]) > 0.95
    assert 0.35 < linear_probe(split[0], product[:400], split[1], product[400:]) < 0.65


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="x: got 1 examples, expected at least two"):
        unit_activity(known(), torch.zeros(1, 2))
    with pytest.raises(ValueError, match=r"test: got features \(4,\) and 4 labels, expected \(m, d\)"):
        linear_probe(np.zeros((4, 1)), np.zeros(4), np.zeros(4), np.zeros(4))
