"""The explorables of lecture 3 show what the models and the messages say."""

import itertools
import json

import numpy as np
import pytest
from scipy.special import expit

from dgmlib.classifiers import reliability
from dgmlib.data import BagOfWords, load_messages, load_sms
from dgmlib.figures.discriminative_generative import double_counting, learning_curves, naive_bayes_vs_logistic
from dgmlib.figures.discriminative_generative.double_counting import MESSAGES
from dgmlib.figures.discriminative_generative.experiments import curves, forecasts, logistic, naive_bayes
from dgmlib.figures.discriminative_generative.words import WORDS

FIGURES = (naive_bayes_vs_logistic, double_counting, learning_curves)


@pytest.fixture(scope="module")
def eight():
    """The eight columns of the toggles and the labels."""
    texts, y = load_messages()
    bag = BagOfWords(texts)
    return bag.encode(texts)[:, [bag.index[shown.lower()] for shown in WORDS.values()]], y


def test_posteriors_are_those_of_the_fitted_models(eight):
    x, y = eight
    bayes, regression = naive_bayes().fit(x, y), logistic().fit(x, y)
    for state in itertools.product((0, 1), repeat=8):
        shown = naive_bayes_vs_logistic.tables(**{name: bool(on) for name, on in zip(WORDS, state, strict=True)})
        expected = [model.predict_proba([state])[0, 1] for model in (bayes, regression)]
        np.testing.assert_allclose(shown["spam"]["probability"][:2], expected, rtol=1e-9)


def test_evidence_adds_up_to_the_posterior():
    for on in ({}, {"free": True, "the": True}, dict.fromkeys(WORDS, True)):
        shown = naive_bayes_vs_logistic.tables(**(dict.fromkeys(WORDS, False) | on))
        evidence = shown["evidence"]
        for model, probability in list(zip(*shown["spam"].values(), strict=True))[:2]:
            total = sum(v for m, v in zip(evidence["model"], evidence["log_odds"], strict=True) if m == model)
            assert expit(total) == pytest.approx(probability)


def test_every_message_is_counted_in_exactly_one_state(eight):
    seen, spam = 0, 0
    for state in itertools.product((False, True), repeat=8):
        shown = naive_bayes_vs_logistic.tables(**dict(zip(WORDS, state, strict=True)))
        seen, spam = seen + shown["seen"]["messages"][0], spam + shown["seen"]["spam"][0]
        assert ("messages" in shown["spam"]["model"]) == (shown["seen"]["messages"][0] > 0)
    assert (seen, spam) == (len(eight[1]), eight[1].sum())


def test_evidence_stays_inside_the_picture(eight):
    evidence = naive_bayes_vs_logistic.tables(**dict.fromkeys(WORDS, True))["evidence"]
    assert -3.2 < min(evidence["log_odds"]) and max(evidence["log_odds"]) < 3.6


@pytest.mark.parametrize("word", MESSAGES)
def test_copies_move_naive_bayes_in_equal_steps(word):
    shown = double_counting.tables(word=word, copies=1)["odds"]
    steps = np.diff(shown["log_odds"][:8])
    np.testing.assert_allclose(steps, steps[0], atol=1e-9)
    assert np.abs(np.diff(shown["log_odds"][8:])).max() < 0.6 < 1.5 < abs(steps[0])
    assert max(map(abs, shown["log_odds"])) < 22  # the axis ends there


def test_each_message_holds_its_word_and_changes_sides():
    texts, labels = load_messages()
    for word, message in MESSAGES.items():
        bag = BagOfWords(texts)
        assert bag.encode([message])[0, bag.index[word]] == 1
        truth = labels[texts.index(message)]
        odds = double_counting.tables(word=word, copies=1)["odds"]["log_odds"]
        assert (odds[0] > 0) == truth and (odds[7] > 0) != truth


def test_diagram_is_the_reliability_of_the_forecasts():
    forecast, y = forecasts("call", 3)
    shown = double_counting.tables(word="call", copies=3)
    expected = [reliability(expit(forecast[m]), y, n_bins=5) for m in ("naive Bayes", "logistic regression")]
    np.testing.assert_allclose(shown["diagram"]["frequency"], np.concatenate([e.frequency for e in expected]))
    np.testing.assert_allclose(shown["scores"]["calibration_error"], [e.expected_calibration_error for e in expected])


def test_forecasts_are_made_without_their_own_message():
    texts, y = load_messages()
    bag = BagOfWords(texts, min_count=3)
    x = bag.encode(texts)
    own = np.arange(len(y)) % 5 == 2
    expected = naive_bayes().fit(x[~own], y[~own]).predict_proba(x[own])[:, 1]
    np.testing.assert_allclose(expit(forecasts("call", 1)[0]["naive Bayes"][own]), expected)


def test_learning_curves_mark_the_nearest_size():
    sizes = curves("spambase")["sizes"]
    for size, expected in ((4, 4), (16, 16), (4000, 3500)):
        assert learning_curves.tables(data="spambase", size=size)["here"]["size"] == [expected] * 2
    assert learning_curves.tables(data="messages", size=4000)["here"]["size"] == [256] * 2
    shown = learning_curves.tables(data="spambase", measure="error")["curves"]
    assert shown["size"] == sizes * 2
    np.testing.assert_allclose(
        shown["score"][: len(sizes)], 100 * np.array(curves("spambase")["naive Bayes"]["error"]["mean"])
    )


def test_caption_says_who_is_ahead_only_when_it_is_clear():
    said = {size: learning_curves.caption(data="spambase", size=size) for size in (16, 64, 1024)}
    assert "naive Bayes is ahead" in said[16]
    assert "too close to call" in said[64]
    assert "logistic regression is ahead" in said[1024]


def test_recordings_hold_no_private_message(data_dir):
    private = set(load_sms()[0]) - set(load_messages()[0])
    for figure in FIGURES:
        text = json.dumps(figure.record(), ensure_ascii=False)
        assert not any(message in text for message in private if len(message) > 25)
