"""What the figures of lecture 9 show besides what its claims check."""

import numpy as np
import pytest

from dgmlib.data import load_mnist_subset
from dgmlib.data.store import read_npz
from dgmlib.figures import variational_autoencoders as figures
from dgmlib.figures.variational_autoencoders import encode, record
from dgmlib.figures.variational_autoencoders.mnist import PATH, nearest


def test_the_map_is_that_of_the_test_set(data_dir):
    mapped, again = figures.mapped(), encode.encoded()
    assert np.bincount(mapped["digit"]).tolist() == [30] * 10
    assert np.array_equal(mapped["digit"], again["digit"])
    assert np.allclose(mapped["x"], again["x"], atol=2e-3) and np.allclose(mapped["y"], again["y"], atol=2e-3)
    at = (float(mapped["x"][7]), float(mapped["y"][7]))
    assert nearest(at)[1] >= 2


def test_the_model_has_not_learned_from_the_unseen_digits(data_dir):
    """Each one's row of bits lies in the validation set. Of digits in general five of six lie in the training set."""
    shown = load_mnist_subset()[0][read_npz(PATH)["places"]]
    assert (encode.lead(shown) > encode.LEAD).all()
    assert (encode.lead(load_mnist_subset()[0][:60]) > 0).mean() < 0.4


def test_unseen_digits_come_in_turns():
    images, labels = load_mnist_subset(binarized=True)
    places = read_npz(PATH)["places"]
    assert labels[places].tolist() == list(range(10)) * (len(places) // 10)
    assert np.array_equal(figures.unseen(), images[places].reshape(-1, 784))


def test_a_climbed_answer_is_on_the_right_hill():
    """What is left to log p(x) after the climb is a Gaussian's misfit; on a lesser hill it would be nats."""
    left = figures.truths() - figures.bounds(300)
    assert (left > -0.05).all() and (left < 0.5).all()


def test_posterior_and_bars_belong_to_the_digit():
    t = figures.amortisation.tables(digit=3, steps=300)
    assert max(t["posterior"]["share"]) == 1
    low = t["bars"]["low"]
    assert low[0] <= low[1] + 0.05 <= 0.1 and low[2] == 0


def test_an_average_of_draws_has_the_spread_that_is_drawn():
    for name in figures.ESTIMATORS:
        measured = figures.averages(name, 10, 20).std() / abs(figures.true_slope(10))
        assert measured == pytest.approx(figures.spread(name, 10, 20), rel=0.1)


def test_recorded_runs_begin_alike_and_keep_every_epoch():
    kept = figures.recorded()
    assert kept["units"].shape == (len(figures.RUNS), 21, 20)
    assert kept["elbo"].shape == (len(figures.RUNS), 21)
    assert np.ptp(kept["elbo"][:, 0]) < 1e-3
    assert kept["reconstructions"].dtype == np.uint8


def test_the_record_can_be_made_again(monkeypatch):
    """Two epochs of one run begin as the kept file does."""
    monkeypatch.setattr(record, "N_EPOCHS", 1)
    again = record.run(1.0, 0.0)
    place = figures.RUNS.index((1.0, 0.0))
    assert again["elbo"][0] == pytest.approx(float(figures.recorded()["elbo"][place, 0]), abs=0.01)
    assert again["reconstructions"].shape == (10, 28, 28)
