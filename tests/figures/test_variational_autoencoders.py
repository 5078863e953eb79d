"""What the figures of lecture 9 show besides what its claims check."""

import numpy as np
import pytest

from dgmlib.figures import variational_autoencoders as figures
from dgmlib.figures.variational_autoencoders import record
from dgmlib.figures.variational_autoencoders.mnist import nearest


def test_the_map_is_that_of_held_out_digits():
    mapped = figures.mapped()
    assert len(mapped["x"]) == 200
    assert np.bincount(mapped["digit"]).tolist() == [20] * 10
    at = (float(mapped["x"][7]), float(mapped["y"][7]))
    assert nearest(at)[1] >= 2


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
