"""Lecture 1's figures show what the models say, at the states a reader is sent to."""

import numpy as np
import pytest

from dgmlib.figures.introduction import (
    FAMILIES,
    anomaly_detection,
    learning_as_projection,
    likelihood_vs_samples,
    parametric_or_not,
    three_queries,
)
from dgmlib.figures.introduction.digits import fitted
from dgmlib.figures.introduction.queries import candidates


def test_the_guess_never_beats_the_ring():
    for kind in ("kl", "variation", "euclid"):
        for theta in (0.05, 0.2, 0.5, 0.95):
            t = learning_as_projection.tables(kind=kind, theta=theta)
            assert t["guess"]["d"][0] >= t["best"]["d"][0]


def test_the_marked_error_lies_on_its_line():
    t = parametric_or_not.tables(kind="kernel", m=1000, seed=2)
    line = dict(zip(zip(t["errors"]["fit"], t["errors"]["m"], strict=True), t["errors"]["nats"], strict=True))
    assert t["now"]["nats"][0] == line["kernel estimate", 1000]
    assert t["now"]["numbers"] == [1001]
    assert parametric_or_not.tables(m=700)["now"]["nats"][0] > 0.2  # between the stops, as in Jupyter


@pytest.mark.parametrize("family", FAMILIES)
def test_the_line_is_the_models_answer(family):
    for image, x in candidates().items():
        shown = three_queries.tables(family=family, image=image)["score"]["nats"][0]
        assert shown == pytest.approx(np.clip(fitted(family).log_prob(x[None])[0], -420, -20))


def test_only_the_mixture_shows_a_template():
    shown = {family: three_queries.tables(family=family)["template"]["url"] for family in FAMILIES}
    assert [len(shown[family]) for family in ("pixels", "mixture", "kernel")] == [0, 1, 0]
    assert "template" not in three_queries.caption(family="kernel")


def test_histograms_and_rates_count_everything_once():
    t = anomaly_detection.tables(threshold=-200, kind="halved", family="pixels")
    assert sum(t["digits"]["share"]) == pytest.approx(1) and sum(t["odd"]["share"]) == pytest.approx(1)
    assert sum(t["digits"]["share"][:11]) == pytest.approx(t["now"]["false"][0])  # eleven bins lie below −200
    assert t["roc"]["true"][0] == t["roc"]["false"][0] == 0 and t["roc"]["true"][-1] == t["roc"]["false"][-1] == 1
    assert (np.diff(t["roc"]["true"]) >= 0).all()


def test_captions_say_which_way_noise_works():
    assert "0.69 below" in likelihood_vs_samples.caption(model="mixture", noise=50)
    assert "4.61 below" in likelihood_vs_samples.caption(model="mixture", noise=99)
    assert "above" in likelihood_vs_samples.caption(model="copies", noise=50)
    assert "dashed" in likelihood_vs_samples.caption(noise=0)
