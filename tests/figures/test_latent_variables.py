"""What the figures of lecture 7 show, besides what its claims check."""

import itertools
import math

import numpy as np
import pytest

from dgmlib.figures import latent_variables as figures


@pytest.mark.parametrize("figure", figures.EXPLORABLES, ids=lambda figure: figure.id)
def test_a_figure_is_recorded_with_few_states(figure):
    assert math.prod(len(control.stops) for control in figure.controls.values()) <= 400


def test_parts_of_the_hidden_cause_add_up_to_the_curve():
    t = figures.hidden_cause.tables(x=0.4, width=0.75)
    parts = np.reshape(t["parts"]["y"], (3, -1))
    np.testing.assert_allclose(parts.sum(0), t["marginal"]["y"], atol=1e-12)
    assert sum(t["shares"]["y"]) == pytest.approx(t["here"]["y"][0])
    assert sum(t["posterior"]["posterior"]) == pytest.approx(1)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_the_drawn_path_rises_to_a_place_where_it_could_stay(k):
    for seed in range(4):
        mixtures, nats = figures.em_path(k, seed)
        assert len(mixtures) == len(nats) == figures.ITERATIONS + 1
        assert np.diff(nats).min() > -1e-12
        assert nats[-1] - nats[0] > 0.5


def test_every_point_is_drawn_once_per_component_that_answers_for_it():
    t = figures.em_step_by_step.tables(iteration=3, k=3, seed=1)
    totals = {}
    for x, y, r in zip(t["points"]["x"], t["points"]["y"], t["points"]["r"], strict=True):
        totals[x, y] = totals.get((x, y), 0) + r
    assert len(totals) == len(figures.clumps())
    assert all(0.89 < total <= 1.002 for total in totals.values())


def test_ellipses_lie_two_standard_deviations_from_their_means():
    mixtures, _ = figures.em_path(3, 0)
    t = figures.em_step_by_step.tables(iteration=5, k=3, seed=0)
    for k in range(3):
        ring = np.array(t["ellipses"]["k"]) == str(k + 1)
        gap = np.array([t["ellipses"]["x"], t["ellipses"]["y"]])[:, ring] - mixtures[5].means[k].numpy()[:, None]
        squares = (gap * np.linalg.solve(mixtures[5].covariances[k].numpy(), gap)).sum(0)
        np.testing.assert_allclose(squares, 4, atol=0.05)  # drawn to three decimals


def test_the_skyline_is_a_density_and_its_sampler_follows_it():
    x = np.arange(-4 + 0.0005, 8, 0.001)
    assert figures.skyline(x).sum() * 0.001 == pytest.approx(1, abs=1e-5)
    edges = np.array([-5, -3, -2, -1, 0, 1, 2, 2.75, 3, 3.25, 9])
    expected = [figures.skyline(x[(x > a) & (x < b)]).sum() * 0.001 for a, b in itertools.pairwise(edges)]
    counts, _ = np.histogram(figures.skyline_sample(100_000, 0), edges)
    error = np.sqrt(np.array(expected) * 1e5) + 1
    assert (abs(counts - 1e5 * np.array(expected)) < 4 * error).all()


def test_the_outline_is_the_density_with_its_jumps():
    t = figures.more_components.tables(k=1, m=100, seed=0)
    x, y = np.array(t["truth"]["x"]), np.array(t["truth"]["y"])
    assert (np.diff(x) > 0).all()
    area = ((y[1:] + y[:-1]) / 2 * np.diff(x)).sum()
    assert area == pytest.approx(1, abs=2e-3)


def test_the_ceiling_is_the_negative_entropy():
    """Block and ramp overlap hardly with the spike: H ≈ H(shares) + Σ shares · H(part)."""
    shares = np.array([0.4, 0.35, 0.25])
    parts = np.array([np.log(2), 0.5 + np.log(2) - np.log(2), 1 + np.log(0.5)])
    assert -figures.ceiling() == pytest.approx(shares @ (parts - np.log(shares)), abs=0.02)


def test_the_decoder_is_the_network_it_is_said_to_be():
    z = np.linspace(-3, 3, 7)
    by_hand = 1.6 * np.tanh(3 * z + 3) - 1.7 * np.tanh(2 * z) + 1.4 * np.tanh(4 * z - 5) + 0.4 * z
    np.testing.assert_allclose(figures.decoder(z), by_hand)


def test_words_agree_with_numbers():
    assert "1 Gaussian of" in figures.infinite_mixture.caption(n=1, sigma=0.2)
    assert "1 component has 2 parameters" in figures.more_components.caption(k=1, m=100, seed=0)
    assert figures.em_step_by_step.caption(iteration=0, k=2, seed=0).startswith("The start")
