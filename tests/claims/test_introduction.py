"""Lecture 1: what learning is, what it costs, what may be asked of a model, and how its answers can disagree."""

import math
import time

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from dgmlib.bernoulli_mixture import BernoulliMixture
from dgmlib.data import load_mnist_subset
from dgmlib.figures.introduction import anomalies, families, projection, quality, queries
from dgmlib.figures.introduction.digits import FAMILIES, digits, fitted, held_out_log_prob, template_labels
from dgmlib.kernel_density import KernelDensity
from dgmlib.likelihood import Bernoulli, Gaussian

THETA = np.linspace(0.001, 0.999, 4991)


@pytest.mark.parametrize("kind", projection.DISTANCES)
@pytest.mark.parametrize("seed", range(4))
def test_int1_learning_is_the_closest_member_of_the_family(kind, seed):
    """In each distance, from each sample, no θ of a fine grid comes closer than the θ̂ that the figure marks."""
    p = projection.sampled(100, seed)
    best = projection.closest(kind, p)
    assert projection.distance(kind, p, best) <= projection.distance(kind, p, THETA).min() + 2e-3


def test_int1_closest_in_divergence_is_maximum_likelihood():
    """The divergence's closest θ is the share of ink among all pixels: the coin's maximum-likelihood estimate."""
    p = projection.sampled(100, 0)
    none, one, both = np.rint(100 * p).astype(int)
    pixels = np.repeat([0, 1], [2 * none + one, one + 2 * both])
    assert projection.closest("kl", p) == pytest.approx(float(Bernoulli.fit(pixels).theta), abs=1e-12)
    assert THETA[projection.distance("kl", p, THETA).argmin()] == pytest.approx(projection.closest("kl", p), abs=2e-4)


def test_int1_the_distance_decides_the_answer():
    """Three distances pick three members of the family, each at least 0.03 from the others, though p_data is one."""
    answers = sorted(projection.closest(kind, projection.ink_pairs()) for kind in projection.DISTANCES)
    assert np.diff(answers).min() > 0.03


def test_int1_finitely_many_samples_give_an_approximate_answer():
    """The answer from m samples misses that from p_data; fifty times the samples cut the miss by about √50 ≈ 7."""
    truth = projection.closest("kl", projection.ink_pairs())

    def miss(m):
        return np.std([projection.closest("kl", projection.sampled(m, seed)) - truth for seed in range(200)])

    assert 0.05 < miss(20) < 0.12
    assert 5 < miss(20) / miss(1000) < 10


def test_int2_the_gaussian_family_has_a_floor():
    """No Gaussian is closer to p_data than its own mean and variance; that divergence is H(N) − H(p_data) > 0."""
    x = np.linspace(-8, 10, 20001)
    log_p = families.true_log_prob(x)
    p = np.exp(log_p) * (x[1] - x[0])
    mean = np.sum(p * x)
    variance = np.sum(p * (x - mean) ** 2)
    exact = 0.5 * math.log(2 * math.pi * math.e * variance) + np.sum(p * log_p)
    assert families.gaussian_floor() == pytest.approx(exact, abs=1e-8)
    for start in ([0, 0], [-1.5, -0.7], [2, 1]):
        found = minimize(lambda v: families.error(Gaussian(v[0], np.exp(v[1]))), start)
        assert found.fun == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_int2_bias_stays_and_the_kernel_estimates_error_falls(seed):
    """With 10,000 samples one and two Gaussians are stuck at their floors; the kernel estimate is below both."""
    samples = {m: families.true_sample(m, seed) for m in (100, 1000, 10000)}
    errors = {kind: [families.error(families.fit(kind, x)) for x in samples.values()] for kind in families.FITS}
    assert min(errors["gaussian"]) >= families.gaussian_floor()
    assert errors["gaussian"][-1] == pytest.approx(families.gaussian_floor(), abs=1e-3)
    assert 0.07 < errors["mixture"][-1] < errors["mixture"][0]
    assert errors["kernel"][0] > 2 * errors["kernel"][1] > 6 * errors["kernel"][2]
    assert errors["kernel"][2] < errors["mixture"][2] / 4


def test_int2_what_is_kept_grows_for_the_kernel_estimate_only():
    """2 and 5 numbers for the fits, m + 1 for the kernel estimate."""
    for m in (10, 1000):
        x = families.true_sample(m, 0)
        assert [families.fit(kind, x).num_parameters for kind in families.FITS] == [2, 5, m + 1]


def test_int2_the_time_of_a_query_grows_for_the_kernel_estimate_only():
    """A hundred times the data: a query to the kernel estimate takes ≥ 10 times as long, to the Gaussian < 5 times."""
    queries_ = np.linspace(-3, 4, 200)

    def seconds(model):
        times = []
        for _ in range(5):
            start = time.process_time()
            for _ in range(20 if isinstance(model, Gaussian) else 1):
                model.log_prob(queries_)
            times.append(time.process_time() - start)
        return max(min(times), 1e-5)

    small, large = (np.random.default_rng(0).normal(size=m) for m in (1000, 100_000))
    assert seconds(KernelDensity.fit(large)) > 10 * seconds(KernelDensity.fit(small))
    assert seconds(Gaussian.fit(large)) < 5 * seconds(Gaussian.fit(small))


def test_int3_images_outnumber_samples():
    """2^784 has 237 digits, starts with 1017; 60,000 images are fewer than one in 10^231."""
    states = 2**784
    assert len(str(states)) == 237 and str(states).startswith("1017")
    assert states // 60_000 > 10**231
    assert 784 * math.log10(2) - math.log10(60_000) == pytest.approx(231.23, abs=0.01)


def test_int3_no_digit_occurs_twice():
    """The 5,000 binarised digits all differ; a held-out digit's nearest of 4,000 is 48 pixels away (median)."""
    images, _ = load_mnist_subset(binarized=True)
    assert len({image.tobytes() for image in images}) == len(images) == 5000
    train, x = digits().train.astype(float), digits().held_out.astype(float)
    apart = x.sum(1)[:, None] + train.sum(1) - 2 * x @ train.T
    assert apart.min() == 1
    assert np.median(apart.min(1)) == 48


def test_int3_windows_are_covered_only_while_they_are_tiny():
    """All 16 patterns of a 2×2 window occur among the digits, under half of the 3×3 ones, under 2 % at 4×4."""
    images, _ = load_mnist_subset(binarized=True)
    share = {}
    for side in (2, 3, 4):
        window = images[:, 12 : 12 + side, 12 : 12 + side].reshape(len(images), -1)
        share[side] = len(np.unique(window, axis=0)) / 2 ** (side * side)
    assert share[2] == 1
    assert share[3] < 0.5
    assert share[4] < 0.02


@pytest.mark.parametrize("family", FAMILIES)
def test_int4_density_flags_anomalies(family):
    """The figure's area under the curve is scikit-learn's; photographs are told from digits almost always."""
    for kind in anomalies.ODDITIES:
        normal, odd = held_out_log_prob(family), anomalies.odd_log_prob(family, kind)
        labels = np.repeat([0, 1], [len(normal), len(odd)])
        assert anomalies.auc(normal, odd) == pytest.approx(
            roc_auc_score(labels, -np.concatenate([normal, odd])), abs=1e-12
        )
    assert anomalies.auc(held_out_log_prob(family), anomalies.odd_log_prob(family, "photographs")) > 0.95


def test_int4_density_can_be_fooled():
    """Templates beat independent pixels on upside-down digits; half digits and an empty page beat digits."""
    area = {f: anomalies.auc(held_out_log_prob(f), anomalies.odd_log_prob(f, "rotated")) for f in FAMILIES}
    assert area["mixture"] > 0.75 > 0.65 > area["pixels"]
    assert anomalies.auc(held_out_log_prob("pixels"), anomalies.odd_log_prob("pixels", "halved")) < 0.3
    empty = queries.scores("mixture")[list(queries.candidates()).index("an empty page")]
    assert np.mean(held_out_log_prob("mixture") < empty) > 0.7


@pytest.mark.parametrize("family", FAMILIES)
def test_int4_every_family_can_draw(family):
    """Each pixel of 4,000 samples is ink as often as the model says, within 5 standard errors."""
    model = fitted(family)
    ink = model.weights @ model.probs
    seen = model.sample(4000, rng=np.random.default_rng(0)).mean(0)
    assert (np.abs(seen - ink) / np.sqrt(ink * (1 - ink) / 4000 + 1e-6)).max() < 5


def test_int4_only_the_mixture_describes():
    """The likeliest of 50 templates names the digit in 3 of 4 held-out images; one template for all names 1 in 10."""
    r = fitted("mixture").responsibilities(digits().held_out)
    assert np.mean(template_labels()[r.argmax(1)] == digits().held_out_labels) > 0.75
    assert (fitted("pixels").responsibilities(digits().held_out) == 1).all()
    assert np.bincount(digits().held_out_labels).max() == 100


def test_int4_the_families_differ_in_cost():
    """784 numbers for independent pixels, 50·784 + 49 for the mixture, all the data for the kernel estimate."""
    counts = {family: fitted(family).num_parameters for family in FAMILIES}
    assert counts == {"pixels": 784, "mixture": 50 * 784 + 49, "kernel": 4000 * 784 + 3999}


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9, 0.99])
def test_int5_noise_costs_at_most_minus_log_of_what_is_left(share):
    """Image by image log p_noisy ≥ log p + log(1 − share): 4.605 nats at 99 %, and the bound is reached."""
    model, x = fitted("mixture"), digits().held_out
    noisy = model.mixed_with(BernoulliMixture.noise(784), share).log_prob(x)
    loss = model.log_prob(x) - noisy
    assert loss.max() <= -math.log1p(-share) + 1e-9
    assert loss.mean() == pytest.approx(-math.log1p(-share), abs=1e-9)
    assert quality.noisy_log_likelihoods("mixture", share)[1] == pytest.approx(noisy.mean(), abs=1e-9)


def test_int5_the_loss_is_a_small_share_of_the_nats():
    """99 % noise costs under 4 % of the mixture's nats, a tenth of what independent pixels cost."""
    clean, noisy = (quality.noisy_log_likelihoods("mixture", share)[1] for share in (0.0, 0.99))
    assert clean - noisy == pytest.approx(math.log(100), abs=1e-6)
    assert (clean - noisy) / -clean < 0.04
    assert clean - held_out_log_prob("pixels").mean() > 10 * math.log(100)
    ink = quality.noisy_sample("mixture", 0.99, seed=0, n=500).mean((1, 2))
    assert np.mean(ink > 0.4) > 0.96  # noise is half ink; hardly a digit is


def test_int5_copies_look_perfect_and_score_worse_than_noise():
    """The copier's samples are training digits, pixel for pixel; held out, it scores below pure noise."""
    drawn = quality.noisy_sample("copies", 0.0, seed=0).reshape(24, -1)
    known = {row.tobytes() for row in digits().train}
    assert all(row.astype(np.uint8).tobytes() in known for row in drawn)
    train, held_out = quality.noisy_log_likelihoods("copies", 0.0)
    assert held_out < quality.NOISE < quality.noisy_log_likelihoods("mixture", 0.99)[1] < train
    assert quality.noisy_log_likelihoods("copies", 0.99)[1] > held_out + 100
