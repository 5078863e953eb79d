"""Mixtures of Gaussians: the density against scikit-learn's, EM on easy and on broken data, sampling, files."""

import math
import tracemalloc

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.mixture import GaussianMixture as Reference
from sklearn.mixture._gaussian_mixture import _compute_precision_cholesky

from dgmlib.latent import expectation
from dgmlib.latent.mixture import GaussianMixture

KINDS = ("full", "diagonal", "spherical", "tied")
THEIR_NAME = {"full": "full", "diagonal": "diag", "spherical": "spherical", "tied": "tied"}


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def random_mixture(kind, n_components=4, d=3, seed=0, offset=0.0):
    """Return a mixture whose components overlap and differ in size and direction."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(n_components, d, d))
    full = a @ a.swapaxes(1, 2) + 0.1 * np.eye(d)
    covariances = {
        "full": full,
        "diagonal": np.diagonal(full, axis1=1, axis2=2).copy(),
        "spherical": full[:, 0, 0],
        "tied": full[0],
    }[kind]
    means = 2 * rng.normal(size=(n_components, d)) + offset
    return GaussianMixture.from_parameters(rng.dirichlet(np.ones(n_components)), means, covariances, kind)


def reference(mixture):
    """Return scikit-learn's mixture with the same parameters."""
    kind = THEIR_NAME[mixture.covariance]
    theirs = Reference(mixture.n_components, covariance_type=kind)
    theirs.weights_, theirs.means_ = mixture.weights.numpy(), mixture.means.numpy()
    theirs.covariances_ = mixture.covariances.numpy()
    theirs.precisions_cholesky_ = _compute_precision_cholesky(theirs.covariances_, kind)
    return theirs


@pytest.mark.parametrize("kind", KINDS)
def test_density_and_counts_are_those_of_scikit_learn(kind):
    mixture = random_mixture(kind)
    x = mixture.sample(500, generator=seeded()).numpy()
    theirs = reference(mixture)
    np.testing.assert_allclose(mixture.log_prob(x), theirs.score_samples(x), rtol=0, atol=1e-8)
    np.testing.assert_allclose(mixture.responsibilities(x), theirs.predict_proba(x), rtol=0, atol=1e-8)
    assert mixture.num_parameters == theirs._n_parameters()
    assert mixture.bic(x) == pytest.approx(theirs.bic(x), abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_density_far_from_zero_is_that_of_scipy(kind):
    """At 10⁶, where formulas that square x itself lose most digits."""
    mixture = random_mixture(kind, offset=1e6)
    x = mixture.sample(200, generator=seeded()).numpy()
    parts = zip(mixture.weights, mixture.means, mixture.covariance_matrices, strict=True)
    exact = logsumexp([float(w.log()) + multivariate_normal(m, c).logpdf(x) for w, m, c in parts], axis=0)
    np.testing.assert_allclose(mixture.log_prob(x), exact, rtol=0, atol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_one_em_iteration_is_scikit_learns(kind):
    """From the same start, both find the same parameters; ours has no floor in the way here."""
    start = random_mixture(kind, seed=1)
    x = random_mixture("full", seed=2).sample(400, generator=seeded()).numpy()
    ours = GaussianMixture(4, kind).fit(x, init=start, max_iter=1, tol=-math.inf)
    theirs = reference(start)
    _, log_r = theirs._e_step(x)
    theirs.reg_covar = 0
    theirs._m_step(x, log_r)
    np.testing.assert_allclose(ours.weights, theirs.weights_, atol=1e-10)
    np.testing.assert_allclose(ours.means, theirs.means_, atol=1e-9)
    np.testing.assert_allclose(ours.covariances, theirs.covariances_, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_narrow_components_far_away_keep_their_digits(kind):
    """x² of 10⁸ would swallow a variance of 10⁻⁶: such components are evaluated around their own means."""
    scale = torch.full({"full": (2, 1, 1), "tied": (1, 1), "diagonal": (2, 1), "spherical": (2,)}[kind], 1e-6)
    means = torch.tensor([[-1e4], [1e4]], dtype=torch.float64)
    mixture = GaussianMixture.from_parameters([0.5, 0.5], means, scale, kind)
    assert len(expectation.Evaluator(mixture._parameters()).careful) == 2
    x = mixture.sample(300, generator=seeded())
    gap = x - torch.where(x < 0, -1e4, 1e4)
    exact = math.log(0.5) - 0.5 * (gap[:, 0] ** 2 / scale.double().flatten()[0] + math.log(2 * math.pi * 1e-6))
    np.testing.assert_allclose(mixture.log_prob(x), exact, atol=1e-5)
    again = GaussianMixture(2, kind, covariance_floor=1e-18).fit(x, init=mixture, max_iter=3)
    np.testing.assert_allclose(again.covariances.numpy().ravel(), 1e-6, rtol=0.2)
    assert np.diff(again.trace).min() > -1e-9


def problem(i):
    """Return the i-th of 200 problems, (x, K, kind): every kind of break is met with every kind of covariance."""
    rng = np.random.default_rng(i)
    n, d, k = int(rng.integers(5, 120)), int(rng.integers(1, 6)), int(rng.integers(1, 8))
    x = rng.normal(size=(n, d)) * 10.0 ** rng.uniform(-3, 3, size=d) + rng.normal(size=d) * 10.0 ** rng.uniform(-3, 3)
    match i // 4 % 5:
        case 0:
            x = x[rng.integers(3, size=n)]  # three points, repeated
        case 1:
            x, k = x[: max(1, k - 2)], k + 2  # fewer points than components
        case 2:
            x[:, rng.integers(d)] = 3.0  # a constant column
        case 3:
            x[n // 2 :] += 100 * np.abs(x).max()  # two distant clumps
    return x, k, KINDS[i % 4]


@pytest.mark.parametrize("block", range(10))
def test_em_is_monotone_on_200_problems_broken_ones_included(block):
    for i in range(20 * block, 20 * block + 20):
        x, k, kind = problem(i)
        start = ("k-means++", "random")[i // 20 % 2]
        mixture = GaussianMixture(k, kind).fit(x, max_iter=30, tol=-math.inf, init=start, generator=seeded(i))
        trace = np.array(mixture.trace)
        assert len(trace) == 31
        assert np.isfinite(trace).all()
        assert np.diff(trace).min() >= -1e-9 * max(1, np.abs(trace).max()), (i, kind, np.diff(trace).min())
        assert abs(float(mixture.weights.sum()) - 1) < 1e-9
        assert torch.linalg.eigvalsh(mixture.covariance_matrices).min() > 0


def test_the_floor_holds_in_the_unit_of_the_data():
    x = np.random.default_rng(0).normal(size=(50, 3)) * 7
    x[:, 1] = 2.0
    for scale in (1.0, 1e-4, 1e5):
        mixture = GaussianMixture(2, covariance_floor=1e-3).fit(scale * x, generator=seeded())
        floor = 1e-3 * (scale * x).var(0).mean()
        lowest = torch.linalg.eigvalsh(mixture.covariances)[:, 0].numpy()
        np.testing.assert_allclose(lowest, floor, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_start_below_the_floor_is_raised_to_it_first(kind):
    """Narrower than the floor allows, and so likelier: the trace, too, begins with what the floor allows, and rises."""
    x = np.random.default_rng(0).normal(size=(40, 2)) / 20
    x[20:] += 10
    narrow = GaussianMixture(2, kind).fit(x, generator=seeded())
    mixture = GaussianMixture(2, kind, covariance_floor=0.1).fit(x, init=narrow, max_iter=20, tol=-math.inf)
    assert np.diff(mixture.trace).min() > -1e-9
    assert mixture.trace[-1] < narrow.trace[-1] - 1
    assert torch.linalg.eigvalsh(mixture.covariance_matrices).min() > 0.099 * x.var(0).mean()
    assert torch.linalg.eigvalsh(narrow.covariance_matrices).min() < 0.01 * x.var(0).mean()


def two_clumps(large=60, small=9):
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(size=(large, 2)), 30 + rng.normal(size=(small, 2))])


@pytest.mark.parametrize("weights", [(1.0, 0.0), (0.5, 0.5)])
@pytest.mark.parametrize("kind", KINDS)
def test_batches_too_give_a_lost_component_work(kind, weights):
    """On passes over random batches, on a stream and on all examples alike it ends on a clump of its own."""
    x = two_clumps(5940, 60)[np.random.default_rng(1).permutation(6000)]
    covariances = {"full": np.stack([np.eye(2)] * 2), "tied": np.eye(2), "diagonal": np.ones((2, 2))}
    means = [[0.0, 0.0], [900.0, 900.0]]
    lost = GaussianMixture.from_parameters(weights, means, covariances.get(kind, np.ones(2)), kind)
    whole, batched = (
        GaussianMixture(2, kind).fit(x, init=lost, batch_size=size, generator=seeded()) for size in (None, 300)
    )
    streamed = GaussianMixture(2, kind).fit_stream((x[i % 20 :: 20] for i in range(400)), init=lost)
    for mixture in (whole, batched, streamed):
        np.testing.assert_allclose(mixture.weights.sort().values, [0.01, 0.99], atol=0.003)
        assert mixture.log_prob(x).mean() > whole.log_prob(x).mean() - 0.01


def test_a_rare_component_is_not_lost_on_batches_without_its_examples():
    """Of 20,000 examples 20 lie far away, so most batches of a stream hold none: their component stays with them."""
    x = two_clumps(19_980, 20)[np.random.default_rng(1).permutation(20_000)]
    start = GaussianMixture.from_parameters([0.999, 0.001], [[0.0, 0.0], [30.0, 30.0]], np.stack([np.eye(2)] * 2))
    mixture = GaussianMixture(2).fit_stream((x[i : i + 100] for i in range(0, 20_000, 100)), init=start)
    np.testing.assert_allclose(mixture.means[1], [30, 30], atol=1.5)


def test_an_empty_component_is_given_work_and_the_likelihood_rises():
    """Two clumps, and one of two components nowhere near either: it ends on a clump of its own."""
    x = two_clumps()
    lost = GaussianMixture.from_parameters([1.0, 0.0], [[0.0, 0.0], [900.0, 900.0]], np.stack([np.eye(2)] * 2))
    mixture = GaussianMixture(2).fit(x, init=lost, max_iter=50)
    assert np.diff(mixture.trace).min() > -1e-9
    np.testing.assert_allclose(mixture.weights.sort().values, [9 / 69, 60 / 69], atol=1e-6)


def test_an_empty_component_without_work_stays_as_it_is():
    """One component explains all: a second one could not pay for its weight, and its parameters stay finite."""
    x = np.random.default_rng(0).normal(size=(60, 2))
    lost = GaussianMixture.from_parameters([1.0, 0.0], [[0.0, 0.0], [900.0, 900.0]], np.stack([np.eye(2)] * 2))
    mixture = GaussianMixture(2).fit(x, init=lost, max_iter=5)
    assert mixture.weights.tolist() == [1.0, 0.0]
    assert mixture.means[1].tolist() == [900.0, 900.0]
    assert mixture.log_prob(x).isfinite().all()


@pytest.mark.parametrize("kind", KINDS)
def test_chunks_change_nothing(kind, monkeypatch):
    x = random_mixture("full", d=4).sample(333, generator=seeded())
    whole = GaussianMixture(3, kind).fit(x, max_iter=5, generator=seeded())
    values = whole.log_prob(x), whole.responsibilities(x)
    monkeypatch.setattr(expectation, "_CHUNK", 200)
    pieces = GaussianMixture(3, kind).fit(x, max_iter=5, generator=seeded())
    np.testing.assert_allclose(pieces.trace, whole.trace, atol=1e-11)
    np.testing.assert_allclose(pieces.means, whole.means, atol=1e-9)
    np.testing.assert_allclose(whole.log_prob(x), values[0], atol=1e-11)
    np.testing.assert_allclose(whole.responsibilities(x), values[1], atol=1e-11)


def test_zero_means_stay_zero_and_are_not_counted():
    """Two zero-mean Gaussians, one narrow and one wide, are told apart by their covariances alone."""
    covariances = np.array([[[1.0, 0.0], [0.0, 1.0]], [[9.0, 8.0], [8.0, 9.0]]])
    truth = GaussianMixture.from_parameters([0.5, 0.5], np.zeros((2, 2)), covariances)
    x = truth.sample(20_000, generator=seeded())
    mixture = GaussianMixture(2, zero_means=True).fit(x, generator=seeded(), tol=1e-7, max_iter=300)
    assert bool((mixture.means == 0).all())
    assert mixture.num_parameters == 1 + 2 * 3
    order = mixture.covariances[:, 0, 0].argsort()
    np.testing.assert_allclose(mixture.covariances[order], truth.covariances, atol=0.4)
    assert mixture.log_prob(x).mean() >= truth.log_prob(x).mean()


@pytest.mark.parametrize("kind", KINDS)
def test_batches_come_close_to_all_data_at_once(kind):
    truth = random_mixture(kind, n_components=3, d=2, seed=4)
    x = truth.sample(6000, generator=seeded())
    moved = truth.means + 0.3 * torch.randn(3, 2, generator=seeded(1), dtype=torch.float64)
    start = GaussianMixture.from_parameters(truth.weights, moved, truth.covariances, kind)  # one hill for all three
    exact = GaussianMixture(3, kind).fit(x, init=start, tol=1e-8, max_iter=300)
    batched = GaussianMixture(3, kind).fit(
        x, init=start, batch_size=300, max_iter=30, tol=-math.inf, generator=seeded()
    )
    streamed = GaussianMixture(3, kind).fit_stream((x[i % 20 :: 20] for i in range(600)), init=start)
    best = float(exact.log_prob(x).mean())
    assert len(batched.trace) == 30
    assert len(streamed.trace) == 600
    assert best - 0.003 < float(batched.log_prob(x).mean()) <= best + 1e-6
    assert best - 0.003 < float(streamed.log_prob(x).mean()) <= best + 1e-6


def test_a_file_larger_than_the_chunks_is_read_in_pieces(tmp_path):
    x = random_mixture("full").sample(1000, generator=seeded()).numpy().astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    from_file = GaussianMixture(3).fit(mapped, generator=seeded())
    from_memory = GaussianMixture(3).fit(torch.from_numpy(x), generator=seeded())
    assert from_file.trace == from_memory.trace


def test_memory_does_not_grow_with_the_data():
    """What fit allocates at its peak for 200,000 rows is what it allocates for 50,000."""

    def peak(x):
        tracemalloc.start()
        GaussianMixture(8).fit(x, max_iter=1, generator=seeded())
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    x = np.random.default_rng(0).normal(size=(200_000, 12)).astype(np.float32)
    peak(x[:1000])  # loads what is loaded once
    assert peak(x) < 1.3 * peak(x[:50_000]) < 150e6


def test_restarts_keep_the_likeliest():
    x = random_mixture("full", n_components=6, d=2).sample(400, generator=seeded())
    single = [GaussianMixture(6).fit(x, generator=g).trace[-1] for g in [seeded(7)] * 4]
    assert len(set(single)) > 1
    assert GaussianMixture(6).fit(x, n_starts=4, generator=seeded(7)).trace[-1] == max(single)


def test_k_means_plus_plus_draws_far_seeds():
    """Four tight clumps: the seeds hit all four, which uniform draws do one time in eleven (4!/4⁴)."""
    x = np.repeat([[0.0, 0.0], [0.0, 50.0], [50.0, 0.0], [50.0, 50.0]], 25, axis=0)
    x += np.random.default_rng(0).normal(size=x.shape)

    def hits(how, seed):
        start = GaussianMixture(4).fit(x, init=how, max_iter=1, tol=math.inf, generator=seeded(seed))
        return len((start.means / 50).round().unique(dim=0)) == 4

    assert sum(hits("k-means++", seed) for seed in range(20)) == 20
    assert sum(hits("random", seed) for seed in range(20)) < 12


def test_seeds_of_ones_own_are_used():
    x = np.array([[0.0], [1.0], [10.0], [11.0]])
    mixture = GaussianMixture(2, "spherical").fit(x, init=np.array([[0.0], [10.0]]), max_iter=200)
    np.testing.assert_allclose(mixture.means[:, 0], [0.5, 10.5], atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_log_prob_is_differentiable_in_everything(kind):
    mixture = random_mixture(kind, d=2, n_components=2)
    x = torch.randn(3, 2, generator=seeded(), dtype=torch.float64, requires_grad=True)
    parameters = [v.clone().requires_grad_() for v in (mixture.weights, mixture.means, mixture.covariances)]

    def density(x, weights, means, covariances):
        w = weights / weights.sum()
        symmetric = (covariances + covariances.mT) / 2 if covariances.ndim > 1 and kind != "diagonal" else covariances
        return GaussianMixture.from_parameters(w, means, symmetric, kind).log_prob(x)

    assert torch.autograd.gradcheck(density, (x, *parameters))
    with torch.no_grad():
        np.testing.assert_allclose(density(x, *parameters), mixture.log_prob(x.detach()), atol=1e-12)


def test_gradient_points_from_x_to_the_responsible_means():
    """∇ log p(x) = Σ_k r_k Σ_k⁻¹ (μ_k − x)."""
    mixture = random_mixture("full")
    x = torch.randn(5, 3, generator=seeded(), dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(mixture.log_prob(x).sum(), x)
    pull = torch.linalg.solve(mixture.covariances, (mixture.means - x.detach()[:, None])[..., None])[..., 0]
    np.testing.assert_allclose(gradient, (mixture.responsibilities(x)[..., None] * pull).sum(1), atol=1e-10)


def test_samples_given_a_component_have_its_mean_and_covariance():
    mixture = random_mixture("full", n_components=2)
    x = mixture.sample_given(torch.ones(200_000, dtype=torch.long), generator=seeded()).numpy()
    cov, n = mixture.covariances[1].numpy(), len(x)
    variances = np.diagonal(cov)
    assert (abs(x.mean(0) - mixture.means[1].numpy()) < 5 * np.sqrt(variances / n)).all()
    error = np.sqrt((np.outer(variances, variances) + cov**2) / n)
    assert (abs(np.cov(x.T) - cov) < 5 * error).all()
    z = mixture.sample_latents(200_000, generator=seeded())
    w = float(mixture.weights[1])
    assert abs(float(z.double().mean()) - w) < 5 * math.sqrt(w * (1 - w) / n)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_gives_the_same_mixture(kind, tmp_path):
    x = random_mixture(kind).sample(100, generator=seeded())
    mixture = GaussianMixture(2, kind, zero_means=True, covariance_floor=1e-3).fit(x, generator=seeded())
    mixture.save(tmp_path / "mixture.safetensors")
    again = GaussianMixture.load(tmp_path / "mixture.safetensors")
    assert torch.equal(again.log_prob(x), mixture.log_prob(x))
    assert torch.equal(again.sample(5, generator=seeded()), mixture.sample(5, generator=seeded()))
    assert vars(again).keys() == vars(mixture).keys()
    assert (again.trace, again.num_parameters, again.covariance_floor) == (mixture.trace, mixture.num_parameters, 1e-3)


def test_counts_and_tolerances_of_numpy_can_be_saved(tmp_path):
    x = random_mixture("full").sample(50, generator=seeded())
    mixture = GaussianMixture(np.int64(2), zero_means=np.bool_(True)).fit(x, tol=np.float64(0.1), generator=seeded())
    mixture.save(tmp_path / "mixture.safetensors")
    again = GaussianMixture.load(tmp_path / "mixture.safetensors")
    assert (again.n_components, again.zero_means, again.converged) == (2, True, mixture.converged)


@pytest.mark.parametrize("kind", KINDS)
def test_where_squares_overflow_the_density_is_zero_with_and_without_gradient(kind):
    mixture = random_mixture(kind)
    x = torch.tensor([[1e160, -2e160, 1e160], [0.0, 1.0, 2.0], [1e200, 1e200, 1e200]], dtype=torch.float64)
    log_prob = mixture.log_prob(x)
    assert (log_prob[[0, 2]] == -math.inf).all()
    np.testing.assert_allclose(log_prob[1], mixture.log_prob(x[1:2])[0], rtol=1e-12)
    torch.testing.assert_close(mixture.log_prob(x.requires_grad_()).detach(), log_prob)
    with pytest.raises(ValueError, match="x: got examples so far away that squares overflow"):
        mixture.responsibilities(x)


def test_in_a_wide_mixture_the_density_stays_finite_where_squares_overflow():
    mixture = GaussianMixture.from_parameters([1.0], [[0.0]], [1e306], "spherical")
    expected = -0.5 * 1e4 - math.log(1e153) - 0.5 * math.log(2 * math.pi)
    np.testing.assert_allclose(mixture.log_prob(np.array([[1e155]])), expected, rtol=1e-12)


def test_parameters_are_copied_unless_they_are_to_learn():
    weights, means, covariances = (torch.tensor(np.array(v)) for v in GOOD)
    for given in ((weights, means, covariances), tuple(v.numpy() for v in (weights, means, covariances))):
        mixture = GaussianMixture.from_parameters(*given)
        before = mixture.log_prob(X)
        covariances *= 4
        assert torch.equal(mixture.log_prob(X), before)
        covariances /= 4
    means.requires_grad_()
    mixture = GaussianMixture.from_parameters(weights, means, covariances)
    with torch.no_grad():
        means += 1
        assert not torch.equal(mixture.log_prob(X), before)


def test_no_samples_are_an_empty_batch():
    assert random_mixture("full").sample(0).shape == (0, 3)


X = np.random.default_rng(0).normal(size=(10, 2))
GOOD = ([0.5, 0.5], np.zeros((2, 2)), np.stack([np.eye(2)] * 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: GaussianMixture(0), "n_components: got 0, expected an integer ≥ 1"),
        (lambda: GaussianMixture(2, "round"), "covariance: got 'round', expected one of full, diagonal"),
        (lambda: GaussianMixture(2, covariance_floor=0), "covariance_floor: got 0"),
        (lambda: GaussianMixture(2).log_prob(X), "call fit first"),
        (lambda: GaussianMixture(2).sample(3), "call fit first"),
        (lambda: GaussianMixture(2).save("nowhere.safetensors"), "call fit first"),
        (lambda: GaussianMixture.from_parameters(*GOOD).sample(-1), "n: got -1, expected an integer ≥ 0"),
        (lambda: GaussianMixture.from_parameters(*GOOD).sample(1.5), "n: got 1.5, expected an integer ≥ 0"),
        (lambda: GaussianMixture.from_parameters(*GOOD).sample_given(torch.tensor([-1])), r"z: got tensor\(\[-1\]\)"),
        (lambda: GaussianMixture.from_parameters(*GOOD).sample_given(torch.tensor([2])), "expected integers 0 … 1"),
        (lambda: GaussianMixture.from_parameters(*GOOD).bic(X[:0]), "x: got no examples"),
        (lambda: GaussianMixture(2).fit(X[:, 0]), r"x: got shape \(10,\), expected \(n, d\).*x\[:, None\]"),
        (lambda: GaussianMixture(2).fit(X[:0]), "got no examples"),
        (lambda: GaussianMixture(2).fit(np.full((3, 2), np.nan)), "NaN or infinite"),
        (lambda: GaussianMixture(2).fit(X * 1e300), "choose another unit"),
        (lambda: GaussianMixture(2).fit(np.array([["a"]])), "expected real numbers"),
        (lambda: GaussianMixture(2).fit(X, init="kmeans"), "init: got 'kmeans'"),
        (lambda: GaussianMixture(2).fit(X, init=X[:3]), "init: got 3 seeds, expected 2"),
        (lambda: GaussianMixture(3).fit(X, init=GaussianMixture.from_parameters(*GOOD)), "init: got a mixture with"),
        (
            lambda: GaussianMixture(2, zero_means=True).fit(X, init=random_mixture("full", 2, 2)),
            "init: got means other than zero",
        ),
        (lambda: GaussianMixture(2).fit(X, max_iter=0), "max_iter: got 0"),
        (lambda: GaussianMixture(2).fit(X, n_starts=0), "n_starts: got 0"),
        (lambda: GaussianMixture(2).fit(X, batch_size=0), "batch_size: got 0"),
        (lambda: GaussianMixture(2).fit_stream([]), "batches: got none"),
        (lambda: GaussianMixture(2).fit_stream([X, X[:, :1]]), r"batches: got shape \(10, 1\), expected \(n, 2\)"),
        (lambda: GaussianMixture.from_parameters([0.5, 0.6], *GOOD[1:]), "miss a sum of 1"),
        (lambda: GaussianMixture.from_parameters([0.5, 0.5], np.zeros((3, 2)), GOOD[2]), r"means: got shape \(3, 2\)"),
        (lambda: GaussianMixture.from_parameters(*GOOD[:2], np.eye(2)), r"covariances: got shape \(2, 2\), expected"),
        (lambda: GaussianMixture.from_parameters(*GOOD[:2], -GOOD[2]), r"covariances\[0\]: got smallest eigenvalue"),
        (lambda: GaussianMixture.from_parameters(*GOOD[:2], np.zeros(2), "spherical"), "covariances: got"),
        (
            lambda: GaussianMixture.from_parameters(*GOOD).log_prob(X[:, :1]),
            r"x: got shape \(10, 1\), expected \(n, 2\)",
        ),
    ],
)
def test_bad_input_says_what_to_do(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_file_of_something_else_is_refused(tmp_path):
    from dgmlib import checkpoints

    checkpoints.save(tmp_path / "x.safetensors", {"a": 1})
    with pytest.raises(ValueError, match="expected a saved GaussianMixture"):
        GaussianMixture.load(tmp_path / "x.safetensors")


def test_means_that_are_to_be_zero_stay_zero_when_a_component_is_empty():
    x = np.random.default_rng(0).normal(size=(50, 2))
    x[0] = 30
    start = GaussianMixture.from_parameters([1.0, 0.0], np.zeros((2, 2)), np.stack([np.eye(2)] * 2), "full")
    for max_iter in (1, 2, 3):
        fitted = GaussianMixture(2, "full", zero_means=True).fit(x, init=start, max_iter=max_iter)
        assert not fitted.means.any()
