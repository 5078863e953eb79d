"""What the figures of lecture 9 show besides what its claims check."""

import gzip
import json

import numpy as np
import pytest

from dgmlib.explorable.recording import MAX_STATES
from dgmlib.figures import variational_autoencoders as figures
from dgmlib.figures.variational_autoencoders import record
from dgmlib.figures.variational_autoencoders.mnist import nearest


@pytest.mark.parametrize("figure", figures.EXPLORABLES, ids=lambda figure: figure.id)
def test_a_figure_keeps_its_budget_and_says_something_everywhere(figure):
    recording = figure.record()
    assert len(gzip.compress(json.dumps(recording).encode())) <= 600_000
    assert len(figure.controls) <= 4
    assert np.prod([len(control.stops) for control in figure.controls.values()]) <= MAX_STATES
    texts = " ".join(json.dumps(recording["captions"], ensure_ascii=False).split())
    assert "nan" not in texts and "inf" not in texts and "−0.00 " not in texts


@pytest.mark.parametrize("figure", figures.EXPLORABLES, ids=lambda figure: figure.id)
def test_every_control_changes_something(figure):
    start = figure.tables()
    for name, control in figure.controls.items():
        assert any(figure.tables(**{name: stop}) != start for stop in control.stops[:3] + control.stops[-1:]), name


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
