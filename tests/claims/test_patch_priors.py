"""Lecture 10: priors on patches, what they restore, and how whole pictures are restored with them."""

import math
from functools import cache

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import pearsonr, spearmanr

from dgmlib.data import load_natural_images
from dgmlib.figures import patch_priors as figures
from dgmlib.figures.patch_priors.pictures import averaged, noisy
from dgmlib.patches import (
    GaussianMixturePrior,
    ScaleMixturePrior,
    aggregate,
    coverage,
    denoise_patches,
    extract,
    from_plane,
    gaussian_prior,
    ica_prior,
    independent_pixels,
    pca_prior,
    to_plane,
)
from dgmlib.patches.rnade import RNADEPrior
from dgmlib.patches.small import small_mixture
from dgmlib.pretrained import load
from dgmlib.restoration import (
    Blur,
    Downsample,
    Identity,
    Mask,
    epll,
    epll_gradient,
    gaussian_kernel,
    psnr,
)
from dgmlib.restoration.epll import SCHEDULE, restore_patches, solve_picture
from dgmlib.restoration.objective import split_objective

SIGMA = 25 / 255
PHOTOGRAPHS = ("camera", "cat", "coffee", "palace", "flower", "rocket", "coins")
PUBLISHED = {15: 31.21, 25: 28.68, 50: 25.67}  # EPLL on the 68 photographs, as reported with DnCNN
BM3D = {15: 31.07, 25: 28.57, 50: 25.62}  # there, too
HELD_OUT = ("palace", "coins", "gravel")


def crop(name, side):
    return load_natural_images()[name][96 : 96 + side, 96 : 96 + side] / 255


@cache
def rows():
    """Training patches of seven pictures on the plane, and test patches of the three others."""
    rng = np.random.default_rng(0)
    parts = {True: [], False: []}
    for name, image in load_natural_images().items():
        parts[name in HELD_OUT].append(rng.choice(extract(image.astype(float)), 600))
    train, test = ((np.concatenate(p) + rng.random((len(p) * 600, 64))) / 256 for p in (parts[False], parts[True]))
    return to_plane(train)[0], test


@cache
def priors():
    """Seven priors, learned from the seven pictures."""
    z, rng = rows()[0], np.random.default_rng(1)
    return {
        "independent": independent_pixels(z),
        "Gaussian": gaussian_prior(z),
        "PCA": pca_prior(z),
        "ICA": ica_prior(z, rng=rng),
        "GSM": ScaleMixturePrior.fit(z, rng=rng, n_steps=10),
        "GSMs": ScaleMixturePrior.fit(z, 3, rng=rng, n_steps=10),
        "GMM": ScaleMixturePrior.fit(z, 8, scales=(1.0,), ridge=1e-5, rng=rng, n_steps=25),
    }


@cache
def nats():
    z = to_plane(rows()[1])[0]
    return np.array([prior.log_prob(z).mean() for prior in priors().values()])


@cache
def patches_psnr(method):
    clean = rows()[1]
    y = noisy(clean, SIGMA)
    restored = (denoise_patches(y, prior, sigma=SIGMA, method=method) for prior in priors().values())
    return np.array([psnr(x, clean) for x in restored])


def test_ep1_likelier_priors_restore_patches_better():
    """Seven priors, unseen pictures: nats and PSNR rise together, in line and in rank; less so for MAP."""
    for method, least in (("map", 0.7), ("mean", 0.8)):
        assert pearsonr(nats(), patches_psnr(method)).statistic > least
        assert spearmanr(nats(), patches_psnr(method)).statistic > 0.7


def test_ep1_is_about_the_posterior_mean_where_a_density_has_narrow_peaks():
    """RNADE on pictures it has not seen: a longer search for the MAP finds likelier patches, and worse ones."""
    clean = rows()[1][:: len(rows()[1]) // 60]
    y, prior = noisy(clean, SIGMA), RNADEPrior(load("rnade-bsds"), protocol=True)
    z, found = to_plane(y)[0], {}
    for prior.n_steps in (30, 100):
        restored = prior.map_estimate(z, SIGMA)
        energy = ((z - restored) ** 2).sum(1) / (2 * SIGMA**2) - prior.log_prob(restored)
        found[prior.n_steps] = energy.mean(), psnr(restored, to_plane(clean)[0])
    mean = psnr(prior.posterior_mean(z, SIGMA), to_plane(clean)[0])
    assert found[100][0] < found[30][0] - 30
    assert found[100][1] < found[30][1] - 0.5 and found[30][1] < mean - 0.5


def test_ep1_holds_for_bsds_patches():
    """The study's table: at least six priors, fitted to and measured on separate photographs."""
    assert len(figures.table()["prior"]) >= 6
    assert np.ptp(figures.table()["nats"]) > 50
    for measure in ("patches, map", "patches, mean"):
        linear, rank = figures.correlation(measure)
        assert linear > 0.85 and rank > 0.8


def test_ep2_likelier_priors_restore_pictures_better():
    """The same seven priors under EPLL, on a crop of each unseen picture."""
    pairs = [(crop(name, 48), noisy(crop(name, 48), SIGMA, i)) for i, name in enumerate(HELD_OUT)]
    found = [np.mean([psnr(epll(y, None, p, sigma=SIGMA), x) for x, y in pairs]) for p in priors().values()]
    assert pearsonr(nats(), found).statistic > 0.85
    assert spearmanr(nats(), found).statistic > 0.7


def test_ep2_holds_for_bsds_pictures():
    """The study's table again: whole pictures, by EPLL and by averaged patches."""
    for measure in ("pictures, averaged", "pictures, epll"):
        linear, rank = figures.correlation(measure)
        assert linear > 0.85 and rank > 0.8


def damaged(x):
    """Operator and observation of four tasks."""
    known = np.random.default_rng(0).random(x.shape) < 0.5
    operators = {
        "denoise": (Identity(x.shape), SIGMA),
        "deblur": (Blur(x.shape, gaussian_kernel(1.5)), 2 / 255),
        "fill in": (Mask(known), 5 / 255),
        "enlarge": (Downsample(x.shape, 2), 2 / 255),
    }
    return {name: (a, sigma, noisy(a(x), sigma, 1)) for name, (a, sigma) in operators.items()}


@pytest.mark.parametrize("task", ["denoise", "deblur", "fill in", "enlarge"])
def test_ep3_both_steps_lower_the_split_objective(task):
    """With a prior whose MAP is exact, F_β falls at every half step of twelve, at a loose and a stiff β."""
    x = crop("camera", 24)
    a, sigma, y = damaged(x)[task]
    prior = priors()["PCA"]
    for beta in (200.0, 5000.0):
        picture, values = a.first_guess(y), []
        for _ in range(6):
            patches = restore_patches(extract(picture), prior, beta)
            values.append(split_objective(picture, patches, y, a, prior, sigma=sigma, beta=beta))
            picture = solve_picture(y, a, patches, sigma, beta, picture).astype(float)
            values.append(split_objective(picture, patches, y, a, prior, sigma=sigma, beta=beta))
        assert (np.diff(values) < 1e-5 * abs(values[0])).all()
        assert values[-1] < values[0] - 10


def test_ep3_splitting_minimises_epll():
    """One Gaussian makes F quadratic: with rising β the picture ends where ∇F = 0, far from where it began."""
    x = crop("cat", 24)
    y, a, prior = noisy(x, SIGMA), Identity(x.shape), priors()["Gaussian"]
    betas = [factor / SIGMA**2 for factor in np.geomspace(1, 1000, 12)]
    found = epll(y, a, prior, sigma=SIGMA, betas=betas, n_inner=40)
    size = [np.linalg.norm(epll_gradient(v, y, a, prior, sigma=SIGMA)) for v in (y, found)]
    assert size[1] < 0.02 * size[0]


def test_ep3_beta_must_rise():
    """In the recorded rounds, rising β ends with a lower objective than loose or stiff springs, and close patches."""
    ends = {name: figures.rounds(name)["F"][-1] for name in figures.SCHEDULES}
    assert ends["rising"] < min(ends["loose"], ends["stiff"]) - 100_000
    apart = {name: figures.rounds(name)["apart"][-1] for name in figures.SCHEDULES}
    assert apart["rising"] < 0.2 * apart["loose"]


@pytest.mark.parametrize(("task", "gain"), [("denoise", 5.0), ("deblur", 1.0), ("fill in", 1.0), ("enlarge", 1.0)])
def test_ep4_changing_the_operator_changes_the_task(task, gain):
    """One call, one prior: each task ends that many dB above its start."""
    x = crop("coffee", 64)
    a, sigma, y = damaged(x)[task]
    restored = epll(y, a, small_mixture(), sigma=sigma, n_inner=1)
    assert psnr(restored, x) > psnr(a.first_guess(y), x) + gain


@pytest.mark.parametrize("task", ["denoise", "deblur", "fill in", "enlarge"])
def test_ep4_adjoints(task):
    """⟨A u, v⟩ = ⟨u, Aᵀ v⟩ for random u and v."""
    rng = np.random.default_rng(3)
    a = figures.operator(task)
    for _ in range(3):
        u, v = rng.standard_normal(a.shape), rng.standard_normal(a.shape_out)
        assert (a(u) * v).sum() == pytest.approx((u * a.adjoint(v)).sum(), rel=1e-9, abs=1e-9)


def test_ep5_epll_beats_averaged_patches():
    """Seven photographs at two noise levels: ahead in the mean by three standard errors, behind almost nowhere."""
    prior, ahead = small_mixture(), []
    for i, name in enumerate(PHOTOGRAPHS):
        for sigma in (25 / 255, 50 / 255):
            x = crop(name, 64)
            y = noisy(x, sigma, i)
            ahead.append(psnr(epll(y, None, prior, sigma=sigma), x) - psnr(averaged(y, prior, sigma), x))
    ahead = np.array(ahead)
    assert ahead.mean() > 3 * ahead.std(ddof=1) / len(ahead) ** 0.5
    assert ahead.mean() > 0.1
    assert (ahead < 0).sum() <= 3


def test_ep5_holds_for_every_mixture_of_the_study():
    """On the test photographs' middles, EPLL is ahead of the average for all mixtures of Gaussians."""
    table = figures.table()
    mixtures = np.char.startswith(table["prior"].astype(str), "GMM")
    assert mixtures.sum() >= 3
    assert (table["pictures, epll"] > table["pictures, averaged"])[mixtures].all()


def test_ep6_the_mixture_beats_simpler_priors():
    """In nats, in patches restored by either estimate, on unseen pictures."""
    names = list(priors())
    simple, mixture = [names.index(name) for name in ("independent", "Gaussian", "PCA", "ICA")], names.index("GMM")
    for scores, margin in ((nats(), 5.0), (patches_psnr("map"), 0.5), (patches_psnr("mean"), 0.2)):
        assert scores[mixture] > scores[simple].max() + margin


def test_ep6_the_posterior_mean_is_the_best_estimate():
    """Patches drawn from the mixture itself: the error of E[z|y] is orthogonal to functions of y, and least."""
    prior, rng, n = small_mixture(), np.random.default_rng(4), 6000
    z = prior.sample(n, rng=rng)
    y = z + SIGMA * rng.standard_normal(z.shape)
    mean, best = prior.posterior_mean(y, SIGMA), prior.map_estimate(y, SIGMA)
    for g in (y, best, mean):
        products = ((z - mean) * g).sum(1)
        assert abs(products.mean()) < 4 * products.std(ddof=1) / math.sqrt(n)
    worse = ((z - best) ** 2).sum(1) - ((z - mean) ** 2).sum(1)
    assert worse.mean() > 4 * worse.std(ddof=1) / math.sqrt(n)


def test_ep6_the_posterior_mean_agrees_with_quadrature():
    """Two dimensions, three components, a fine grid; the formula of the lecture."""
    rng = np.random.default_rng(5)
    roots = rng.normal(size=(3, 2, 2))
    prior = GaussianMixturePrior(np.array([0.5, 0.3, 0.2]), roots @ roots.transpose(0, 2, 1) + 0.05 * np.eye(2))
    axis = np.linspace(-9, 9, 361)
    grid = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    for y in rng.normal(size=(4, 2)):
        log_posterior = prior.log_prob(grid) - ((grid - y) ** 2).sum(1) / (2 * 0.7**2)
        expected = np.exp(log_posterior - logsumexp(log_posterior)) @ grid
        np.testing.assert_allclose(prior.posterior_mean(y[None], 0.7)[0], expected, atol=1e-4)


def test_ep6_the_likeliest_components_wiener_estimate_approximates_the_map():
    """A climb of the posterior from it gains little; it is nearer to the mode than noisy patch or posterior mean."""
    prior = small_mixture()
    y = noisy(rows()[1][::60], SIGMA)
    y = to_plane(y)[0]

    def log_posterior(z):
        return prior.log_prob(z) - ((z - y) ** 2).sum(1) / (2 * SIGMA**2)

    start = prior.map_estimate(y, SIGMA)
    mode, precisions = start, np.linalg.inv(prior.covariances)
    for _ in range(8):  # each round maximises a bound that touches the posterior, as EM does
        joint = prior.log_joint(mode)
        r = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
        system = np.einsum("nk,kij->nij", r, precisions) + np.eye(63) / SIGMA**2
        mode = np.linalg.solve(system, y[:, :, None] / SIGMA**2)[:, :, 0]
    missed = log_posterior(mode) - log_posterior(start)
    assert (missed > -1e-3).all() and np.median(missed) < 1.0
    assert (log_posterior(start) > log_posterior(y)).all()
    assert log_posterior(start).mean() > log_posterior(prior.posterior_mean(y, SIGMA)).mean()


def plain_epll(y, prior, sigma):
    """The published algorithm, patch by patch and component by component, in double precision."""
    x, lam = y, 64 / sigma**2
    for beta in (factor / sigma**2 for factor in (1, 4, 8, 16, 32)):
        z, mean = to_plane(extract(x))
        seen = prior.covariances + np.eye(63) / beta
        q = np.einsum("ni,kij,nj->nk", z, np.linalg.inv(seen), z, optimize=True)
        k = (np.log(prior.weights) - 0.5 * (np.linalg.slogdet(seen)[1] + q)).argmax(1)
        restored = np.stack([prior.covariances[j] @ np.linalg.solve(seen[j], v) for j, v in zip(k, z, strict=True)])
        average = aggregate(from_plane(restored, mean), y.shape) / coverage(y.shape)
        x = (lam * y + 64 * beta * average) / (lam + 64 * beta)
    return x.clip(0, 1)


def test_ep7_the_method_is_the_published_one():
    """Its schedule, λ = 64/σ², its hard choice of a component: a plain version gives the same picture."""
    x = crop("palace", 32)
    y = noisy(x, SIGMA)
    assert SCHEDULE == (1, 4, 8, 16, 32)
    ours, plain = epll(y, None, small_mixture(), sigma=SIGMA), plain_epll(y, small_mixture(), SIGMA)
    assert abs(psnr(ours, x) - psnr(plain, x)) < 0.02
    assert np.sqrt(np.mean((ours - plain) ** 2)) < 1 / 255


def test_ep7_psnr_and_noise_are_those_of_the_tables():
    """White noise that is not cut: 255²/σ² in dB, for each published σ; a constant shift counts as error."""
    x = load_natural_images()["camera"] / 255
    for sigma in PUBLISHED:
        found = psnr(noisy(x, sigma / 255), x)
        error = 10 / math.log(10) * math.sqrt(2 / x.size)  # the standard error of that many squares, in dB
        assert abs(found - 20 * math.log10(255 / sigma)) < 4 * error
    assert psnr(x + 0.1, x) == pytest.approx(20)


def test_ep7_measured_numbers_stand_beside_the_published_ones():
    """All 68 photographs, 200 Gaussians: exact EPLL less than 0.10 dB below the published PSNR, fast 0.20 dB behind."""
    text, found = figures.denoising_table(), {}
    for row in figures.denoising_rows():
        assert (row["pictures"], row["components"]) == (68, 200)
        assert f"| {row['method']} |" in text and f"{row['PSNR in dB']:.2f}" in text
        found[row["method"], row["sigma"]] = row
    for sigma, published in PUBLISHED.items():
        exact, fast, bm3d = (found[method, sigma] for method in ("EPLL, exact", "EPLL, fast", "BM3D"))
        assert exact["published"] == published and f"{published:.2f}" in text
        assert bm3d["published"] == BM3D[sigma]
        assert exact["PSNR in dB"] > published - 0.10
        assert exact["PSNR in dB"] - fast["PSNR in dB"] <= 0.20
