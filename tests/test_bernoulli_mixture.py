"""The mixture of independent pixels: a density, fitted by EM, closed under mixing."""

import itertools

import numpy as np
import pytest

from dgmlib.bernoulli_mixture import BernoulliMixture

ALL = np.array(list(itertools.product([0, 1], repeat=5)))


def some(k=3, seed=0):
    rng = np.random.default_rng(seed)
    return BernoulliMixture(rng.dirichlet(np.ones(k)), rng.uniform(0.05, 0.95, (k, 5)))


@pytest.mark.parametrize("k", [1, 2, 7])
def test_sums_to_one_over_all_images(k):
    assert np.exp(some(k).log_prob(ALL)).sum() == pytest.approx(1, abs=1e-12)


def test_log_prob_is_the_sum_over_components_of_products_over_pixels():
    model = some()
    x = ALL[11]
    direct = sum(w * np.prod(np.where(x, p, 1 - p)) for w, p in zip(model.weights, model.probs, strict=True))
    assert model.log_prob(x[None])[0] == pytest.approx(np.log(direct), rel=1e-12)


def test_samples_occur_as_often_as_log_prob_says():
    model, n = some(), 40_000
    seen = np.bincount(model.sample(n, rng=np.random.default_rng(1)) @ (2 ** np.arange(5)[::-1]), minlength=32)
    p = np.exp(model.log_prob(ALL))
    assert np.abs(seen - n * p).max() / np.sqrt(n * p * (1 - p)).max() < 5


def test_responsibilities_are_bayes_rule():
    model = some()
    joint = np.exp(model.log_joint(ALL))
    np.testing.assert_allclose(model.responsibilities(ALL), joint / joint.sum(1, keepdims=True), rtol=1e-12)


def test_num_parameters():
    assert some(3).num_parameters == 2 + 15


def test_em_never_lowers_the_smoothed_likelihood():
    x = some(4).sample(300, rng=np.random.default_rng(2))

    def objective(n_steps):
        model = BernoulliMixture.fit(x, 4, rng=np.random.default_rng(3), n_steps=n_steps)
        prior = np.log(model.weights).sum() + np.log(model.probs * (1 - model.probs)).sum()
        return model.log_prob(x).sum() + 0.1 * prior

    trace = [objective(n) for n in range(25)]
    assert np.diff(trace).min() > -1e-9
    assert trace[-1] > trace[0] + 1


def test_one_component_is_the_frequency_of_ink():
    x = some().sample(50, rng=np.random.default_rng(4))
    model = BernoulliMixture.fit(x, 1, rng=np.random.default_rng(0), pseudocount=1.0)
    np.testing.assert_allclose(model.probs[0], (x.sum(0) + 1) / 52)


def test_the_kernel_estimate_depends_on_hamming_distances_only():
    x, flip = ALL[[3, 17, 20]], 0.1
    distance = (ALL[:, None] != x).sum(-1)
    expected = np.mean(flip**distance * (1 - flip) ** (5 - distance), axis=1)
    np.testing.assert_allclose(np.exp(BernoulliMixture.around(x, flip).log_prob(ALL)), expected, rtol=1e-12)


def test_noise_is_uniform_over_all_images():
    np.testing.assert_allclose(BernoulliMixture.noise(5).log_prob(ALL), -5 * np.log(2))


def test_mixing_mixes_probabilities():
    a, b = some(2, 5), some(3, 6)
    expected = 0.7 * np.exp(a.log_prob(ALL)) + 0.3 * np.exp(b.log_prob(ALL))
    np.testing.assert_allclose(np.exp(a.mixed_with(b, 0.3).log_prob(ALL)), expected, rtol=1e-12)


def test_sequences_are_parameters():
    listed = BernoulliMixture([0.25, 0.75], [[0.1, 0.2], [0.3, 0.4]])
    arrays = BernoulliMixture(np.array([0.25, 0.75]), np.array([[0.1, 0.2], [0.3, 0.4]]))
    np.testing.assert_array_equal(listed.log_prob(ALL[:, :2]), arrays.log_prob(ALL[:, :2]))


def test_no_samples_are_an_empty_batch():
    assert some().sample(0, rng=np.random.default_rng(0)).shape == (0, 5)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: BernoulliMixture(np.ones(1), np.zeros((1, 3))), "0 < p < 1"),
        (lambda: BernoulliMixture(np.ones(2), np.full((1, 3), 0.5)), "expected"),
        (lambda: BernoulliMixture(np.array([0.4, 0.4]), np.full((2, 3), 0.5)), "sum to 1"),
        (lambda: some().log_prob(np.full((2, 5), 0.5)), "binarise"),
        (lambda: some().log_prob(np.zeros((2, 4))), "4 columns"),
        (lambda: some().mixed_with(some(), 1.0), "share"),
        (lambda: BernoulliMixture.around(ALL, 0.0), "flip: got 0.0"),
        (lambda: BernoulliMixture.fit(ALL, 33, rng=np.random.default_rng(0)), "n_components"),
        (lambda: BernoulliMixture.fit(ALL, 2, rng=np.random.default_rng(0), pseudocount=0), "pseudocount"),
        (lambda: BernoulliMixture.fit(ALL, 2, rng=np.random.default_rng(0), n_steps=-3), "n_steps: got -3"),
        (lambda: BernoulliMixture.fit(ALL, 2, rng=np.random.default_rng(0), n_steps=1.5), "n_steps: got 1.5"),
        (lambda: BernoulliMixture.fit(ALL, 1.5, rng=np.random.default_rng(0)), "n_components: got 1.5"),
        (lambda: some().sample(-1, rng=np.random.default_rng(0)), "n: got -1"),
    ],
)
def test_bad_input_is_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()
