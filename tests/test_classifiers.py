"""Naive Bayes against enumeration and scikit-learn; learning curves and reliability against known answers."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats
from sklearn.naive_bayes import BernoulliNB

from dgmlib.classifiers import (
    MISSING,
    BernoulliNaiveBayes,
    LearningCurve,
    learning_curves,
    log_loss,
    logistic_regression,
    neural_network,
    reliability,
)
from dgmlib.data import BagOfWords, load_messages, load_mnist_subset, load_sms, load_spambase


def random_model(n_features=4, n_classes=3, *, seed=0, **options):
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.arange(n_classes), rng.integers(n_classes, size=30)])
    x = rng.integers(2, size=(len(y), n_features))
    return BernoulliNaiveBayes(**{"pseudocount": 0.5} | options).fit(x, y)


def every(n_features):
    return np.array(list(itertools.product((0, 1), repeat=n_features)))


def full_joint(model):
    """p(y, x) of every label and every x, (K, 2, …, 2), multiplied out factor by factor."""
    n_classes, n_features = model.log_on.shape
    table = np.empty((n_classes,) + (2,) * n_features)
    for y, *x in itertools.product(range(n_classes), *[(0, 1)] * n_features):
        theta = np.exp(model.log_on[y])
        table[(y, *x)] = np.exp(model.log_prior[y]) * np.prod(np.where(x, theta, 1 - theta))
    return table


# -- A density --------------------------------------------------------------------------------------------------------


def test_log_joint_is_the_product_and_sums_to_one():
    model = random_model()
    joint, table = np.exp(model.log_joint(every(4))), full_joint(model)
    np.testing.assert_allclose(joint.T.ravel(), table.ravel(), rtol=1e-12)
    assert joint.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(np.exp(model.log_prob(every(4))), table.sum(0).ravel(), rtol=1e-12)


def test_num_parameters_counts_the_free_numbers():
    model = random_model(n_features=4, n_classes=3)
    assert model.num_parameters == 2 + 3 * 4
    assert random_model(n_features=7, n_classes=2).num_parameters == 1 + 2 * 7


def test_samples_follow_the_joint():
    model, n = random_model(n_features=3, n_classes=2), 20_000
    x, y = model.sample_joint(n, rng=np.random.default_rng(1))
    seen = np.zeros((2,) * 4)
    np.add.at(seen, (y, *x.T), 1)
    assert stats.chisquare(seen.ravel(), n * full_joint(model).ravel()).pvalue > 1e-3
    again = model.sample(n, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(x, again)


def test_values_do_not_depend_on_batch_or_type():
    model, x = random_model(), every(4)
    single = np.concatenate([model.log_joint(row[None]) for row in x])
    for kind in (bool, np.uint8, float):
        np.testing.assert_allclose(model.log_joint(x.astype(kind)), single, rtol=1e-13)


def test_fit_without_pseudocount_is_maximum_likelihood():
    x, y = np.array([[1, 0], [1, 1], [0, 0], [1, 0]]), np.array([0, 0, 0, 1])
    model = BernoulliNaiveBayes(pseudocount=0).fit(x, y)
    np.testing.assert_allclose(np.exp(model.log_prior), [3 / 4, 1 / 4])
    np.testing.assert_allclose(np.exp(model.log_on), [[2 / 3, 1 / 3], [1, 0]])
    assert model.log_joint([[0, 0]])[0, 1] == -np.inf  # class 1 never saw x_0 = 0
    assert model.log_joint([[1, 0]])[0, 1] == pytest.approx(np.log(1 / 4))


def test_pseudocounts_enter_features_and_labels():
    x, y = np.array([[1], [0], [0]]), np.array([0, 0, 1])
    model = BernoulliNaiveBayes(pseudocount=2, class_pseudocount=1).fit(x, y)
    np.testing.assert_allclose(np.exp(model.log_on), [[3 / 6], [2 / 5]])
    np.testing.assert_allclose(np.exp(model.log_prior), [3 / 5, 2 / 5])


def test_an_unseen_class_needs_pseudocounts():
    x, y = np.zeros((2, 1), int), np.zeros(2, int)
    with pytest.raises(ValueError, match=r"no example of class \[1\]"):
        BernoulliNaiveBayes().fit(x, y, n_classes=2)
    model = BernoulliNaiveBayes(class_pseudocount=1).fit(x, y, n_classes=2)
    np.testing.assert_allclose(np.exp(model.log_on[1]), 0.5)


# -- Anything from anything -------------------------------------------------------------------------------------------


def test_missing_features_are_summed_out():
    model = random_model()
    table = full_joint(model)
    for x in itertools.product((0, 1, MISSING), repeat=4):
        observed = (slice(None), *(slice(None) if v == MISSING else slice(v, v + 1) for v in x))
        expected = table[observed].sum(axis=(1, 2, 3, 4))
        np.testing.assert_allclose(np.exp(model.log_joint([x])[0]), expected, rtol=1e-12)


def test_conditionals_equal_enumeration_whatever_is_known():
    model = random_model()
    table = full_joint(model)
    for y, *x in itertools.product((MISSING, 0, 1, 2), *[(0, 1, MISSING)] * 4):
        found = model.conditionals([x], np.array([y]))[0]
        for i in range(4):
            known = [v if v != MISSING and j != i else slice(None) for j, v in enumerate(x)]
            part = table[(slice(None) if y == MISSING else y, *known)]
            axis = (y == MISSING) + sum(x[j] == MISSING for j in range(i))
            on, all_ = np.take(part, 1, axis=axis).sum(), part.sum()
            assert found[i] == pytest.approx(on / all_, rel=1e-11)


def test_conditionals_without_labels_mean_unknown_labels():
    model = random_model()
    unknown = model.conditionals(every(4), np.full(16, MISSING))
    np.testing.assert_array_equal(model.conditionals(every(4)), unknown)


def test_linear_form_is_the_log_odds():
    model = random_model(n_features=5, n_classes=2)
    weights, bias = model.linear_form()
    log_posterior = model.log_posterior(every(5))
    np.testing.assert_allclose(every(5) @ weights + bias, log_posterior[:, 1] - log_posterior[:, 0], atol=1e-12)
    with pytest.raises(ValueError, match="3 classes"):
        random_model().linear_form()


# -- Against scikit-learn ----------------------------------------------------------------------------------------------


def embedded_messages():
    texts, y = load_messages()
    return BagOfWords(texts).encode(texts), y


def embedded_digits():
    images, labels = load_mnist_subset(binarized=True)
    return images.reshape(len(images), -1), labels.astype(int)


def sms():
    texts, y = load_sms()
    return BagOfWords(texts).encode(texts), y


def spambase():
    x, y, _ = load_spambase()
    return (x > 0).astype(np.uint8), y.astype(int)


def assert_equals_scikit_learn(x, y):
    order = np.random.default_rng(0).permutation(len(y))
    train, test = np.split(order, [len(y) // 2])
    for alpha in (1.0, 0.1):
        ours = BernoulliNaiveBayes(pseudocount=alpha).fit(x[train], y[train])
        theirs = BernoulliNB(alpha=alpha).fit(x[train], y[train])
        expected = theirs.predict_joint_log_proba(x[test])
        assert np.ptp(expected, axis=1).max() > 1  # else agreement would say little
        np.testing.assert_allclose(ours.log_joint(x[test]), expected, rtol=1e-12, atol=1e-10)
        np.testing.assert_allclose(ours.log_posterior(x[test]), theirs.predict_log_proba(x[test]), rtol=0, atol=1e-10)


@pytest.mark.parametrize("data", [embedded_messages, embedded_digits])
def test_equals_scikit_learn_on_embedded_data(data):
    assert_equals_scikit_learn(*data())


@pytest.mark.parametrize("data", [sms, spambase])
def test_equals_scikit_learn_on_full_data(data, data_dir):
    assert_equals_scikit_learn(*data())


# -- Learning curves and reliability ----------------------------------------------------------------------------------


class Guess:
    """Says p(y = 1) = share of ones in the training set; remembers what it was trained on."""

    seen: list = []  # noqa: RUF012 - the test reads it

    def fit(self, x, y):
        self.p = y.mean()
        self.seen.append((x[:, 0].tolist(), y.tolist()))
        return self

    def predict_proba(self, x):
        return np.tile([1 - self.p, self.p], (len(x), 1))


def test_learning_curves_train_on_nested_prefixes_that_hold_every_class():
    Guess.seen.clear()
    x, y = np.arange(50)[:, None], (np.arange(50) >= 45).astype(int)  # one in ten
    curve = learning_curves({"guess": Guess}, x, y, [2, 4, 30], n_test=10, repeats=3, rng=np.random.default_rng(0))[
        "guess"
    ]
    assert curve.errors.shape == curve.losses.shape == (3, 3)
    rows = [rows for rows, _ in Guess.seen]
    for small, medium, large in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
        assert large[:4] == medium and medium[:2] == small and len(set(large)) == 30
    assert all(set(labels) == {0, 1} for _, labels in Guess.seen)
    assert rows[0] != rows[3]


def test_learning_curves_score_on_unseen_rows_only():
    Guess.seen.clear()

    class Memory(Guess):
        def predict_proba(self, x):
            assert not set(x[:, 0]) & set(self.seen[-1][0])
            return super().predict_proba(x)

    x, y = np.arange(40)[:, None], np.arange(40) % 2
    learning_curves({"memory": Memory}, x, y, [2, 30], n_test=10, repeats=5, rng=np.random.default_rng(0))


def test_learning_curve_error_bars():
    errors = np.array([[0.1, 0.2], [0.3, 0.2], [0.2, 0.5]])
    curve = LearningCurve(np.array([2, 4]), errors, errors)
    np.testing.assert_allclose(curve.mean, [0.2, 0.3])
    np.testing.assert_allclose(curve.standard_error, [0.1 / np.sqrt(3), np.sqrt(0.03) / np.sqrt(3)])


def test_learning_curves_reject_impossible_sizes():
    x, y = np.zeros((10, 1)), np.arange(10) % 2
    for sizes, n_test, repeats, message in [
        ([1], 2, 2, "largest size"),
        ([9], 2, 2, "largest size"),
        ([4], 0, 2, "n_test: got 0"),
        ([4], 2, 1, "repeats: got 1"),
        (4, 2, 2, "sizes: got 4"),
        ([4.0], 2, 2, "expected a sequence of one or more integers"),
    ]:
        with pytest.raises(ValueError, match=message):
            learning_curves({}, x, y, sizes, n_test=n_test, repeats=repeats, rng=np.random.default_rng(0))


def test_a_class_that_is_only_tested_is_named():
    x, y = np.zeros((40, 1)), np.arange(40) == 0
    with pytest.raises(ValueError, match=r"no row of class \[1\] to train on"):
        learning_curves({}, x, y.astype(int), [2], n_test=30, repeats=20, rng=np.random.default_rng(0))


def test_log_loss_is_the_mean_surprise():
    assert log_loss([[0.5, 0.5], [0.2, 0.8]], np.array([0, 1])) == pytest.approx(-(np.log(0.5) + np.log(0.8)) / 2)
    assert np.isfinite(log_loss([[1.0, 0.0]], np.array([1])))


def test_reliability_of_a_known_forecast():
    probability = np.array([0.05, 0.05, 0.55, 0.55, 0.55, 0.55, 1.0])
    outcome = np.array([0, 1, 1, 1, 1, 0, 1])
    diagram = reliability(probability, outcome)
    np.testing.assert_allclose(diagram.confidence, [0.05, 0.55, 1.0])
    np.testing.assert_allclose(diagram.frequency, [0.5, 0.75, 1.0])
    np.testing.assert_array_equal(diagram.count, [2, 4, 1])
    assert diagram.expected_calibration_error == pytest.approx((2 * 0.45 + 4 * 0.2) / 7)
    p = (1 + 1) / (2 + 2)
    assert diagram.standard_error[0] == pytest.approx(np.sqrt(p * (1 - p) / 2))


def test_reliability_sees_calibration_and_its_lack():
    rng = np.random.default_rng(0)
    p = rng.random(40_000)
    y = (rng.random(40_000) < p).astype(int)
    assert reliability(p, y).expected_calibration_error < 0.015
    sharper = p**3 / (p**3 + (1 - p) ** 3)  # three times the log-odds
    assert reliability(sharper, y).expected_calibration_error > 0.1


def test_libraries_fit_what_they_promise():
    x = every(2).repeat(50, axis=0)
    y = x[:, 0] ^ x[:, 1]
    linear, network = logistic_regression().fit(x, y), neural_network(penalty=0.01).fit(x, y)
    assert linear.predict_proba(x)[:, 1] == pytest.approx(0.5, abs=1e-6)  # no line separates an exclusive or
    assert (network.predict_proba(x).argmax(1) == y).all()
    separable = (x[:, 0], x)
    weak, strong = (abs(logistic_regression(strength=s).fit(separable[1], separable[0]).coef_).max() for s in (0.01, 1))
    assert weak < strong


# -- Errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: BernoulliNaiveBayes(pseudocount=-1), "pseudocount: got -1"),
        (lambda m: m.log_joint([0, 1, 0, 1]), r"got shape \(4,\), expected \(batch, 4\)"),
        (lambda m: m.log_joint([[0, 1, 0]]), r"expected \(batch, 4\)"),
        (lambda m: m.log_joint([[0, 1, 0, 2]]), "binarise"),
        (lambda m: m.log_joint([[0, 1, 0, 0.5]]), "binarise"),
        (lambda m: m.conditionals([[0, 1, 0, 1]], np.array([3])), "labels in -1 … 2"),
        (lambda m: BernoulliNaiveBayes().fit([[0], [1]], [0]), "expected 2 integers"),
        (lambda m: BernoulliNaiveBayes().fit([[0], [1]], [0.0, 1.0]), "expected 2 integers"),
        (lambda m: BernoulliNaiveBayes().fit([[0], [MISSING]], [0, 1]), "missing features in fit"),
        (lambda m: BernoulliNaiveBayes().fit([[0], [1]], [0, 2], n_classes=2), "contains the label 2"),
        (lambda m: BernoulliNaiveBayes().log_prob([[0, 1]]), r"call fit\(x, y\) first"),
        (lambda m: reliability([0.5, 1.5], np.array([0, 1])), r"outside \[0, 1\]"),
        (lambda m: reliability([0.5], np.array([0, 1])), "two equal lengths"),
        (lambda m: log_loss([[0.9, 0.1], [0.1, 0.9]], [-1, 1]), r"expected 2 integers 0 … 1"),
    ],
)
def test_bad_input_is_explained(call, message):
    with pytest.raises(ValueError, match=message):
        call(random_model())


def test_impossible_evidence_is_explained():
    model = BernoulliNaiveBayes(pseudocount=0).fit(np.array([[1], [1]]), np.array([0, 1]))
    for call in (lambda: model.log_posterior([[0]]), lambda: model.conditionals([[0]]), model.linear_form):
        with pytest.raises(ValueError, match="pseudocount > 0"):
            call()


def test_importing_does_not_import_torch():
    code = "import sys, dgmlib.classifiers, dgmlib.data; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("n_bins", [0, 2.5])
def test_a_reliability_diagram_has_bins(n_bins):
    with pytest.raises(ValueError, match=f"n_bins: got {n_bins}"):
        reliability([0.5], np.array([1]), n_bins=n_bins)


@pytest.mark.parametrize("probability", [[0.5, 0.5], np.zeros((0, 2))])
def test_a_log_loss_is_of_rows(probability):
    with pytest.raises(ValueError, match=r"expected \(n, K\) with n ≥ 1 rows"):
        log_loss(probability, np.array([], int))
