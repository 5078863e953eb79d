"""Half-quadratic splitting: its objective, its two steps, all kinds of pictures, and what it refuses."""

import numpy as np
import pytest

from dgmlib.data import load_natural_images
from dgmlib.patches import (
    FactorialPrior,
    GaussianMixturePrior,
    ScaleMixturePrior,
    aggregate,
    coverage,
    denoise_patches,
    extract,
    gaussian_prior,
    pca_prior,
    to_plane,
)
from dgmlib.patches.marginals import GeneralizedGaussians
from dgmlib.patches.small import small_mixture
from dgmlib.restoration import (
    Blur,
    Downsample,
    Identity,
    Mask,
    epll,
    epll_gradient,
    epll_objective,
    epll_steps,
    gaussian_kernel,
    psnr,
)
from dgmlib.restoration.epll import restore_patches, solve_picture
from dgmlib.restoration.objective import split_objective

CAMERA = load_natural_images()["camera"][40:112, 90:170] / 255
SIGMA = 25 / 255
NOISY = CAMERA + SIGMA * np.random.default_rng(0).standard_normal(CAMERA.shape)
TINY = np.random.default_rng(1).random((9, 12))
SMALL_BLUR = np.random.default_rng(2).random((3, 5))


def tiny_mixture(d=8):
    rng = np.random.default_rng(3)
    a = 0.2 * rng.normal(size=(3, d, d))
    return GaussianMixturePrior(np.array([0.5, 0.3, 0.2]), a @ a.transpose(0, 2, 1) + 0.01 * np.eye(d))


def operators(shape):
    known = np.random.default_rng(4).random(shape) < 0.6
    return {
        "identity": Identity(shape),
        "mask": Mask(known),
        "blur": Blur(shape, SMALL_BLUR),
        "blur, zero": Blur(shape, SMALL_BLUR, boundary="zero"),
        "downsample": Downsample(shape, 3),
    }


@pytest.mark.parametrize("name", operators(TINY.shape))
def test_the_objectives_gradient_is_its_gradient(name):
    """Central differences along random directions, for 3×3 patches and a mixture."""
    a, prior, rng = operators(TINY.shape)[name], tiny_mixture(), np.random.default_rng(5)
    y = a(TINY) + 0.1 * rng.standard_normal(a.shape_out)
    slope = epll_gradient(TINY, y, a, prior, sigma=0.1)
    for _ in range(4):
        way = rng.normal(size=TINY.shape)
        there, back = (epll_objective(TINY + e * way, y, a, prior, sigma=0.1) for e in (1e-5, -1e-5))
        assert (there - back) / 2e-5 == pytest.approx((slope * way).sum(), rel=1e-5)


def test_the_objective_of_denoising_is_the_sum_of_the_patches_energies():
    """F(x) = Σ_i |P_i (x − y)|² / 2σ² − log p(P_i x): what the weights c_j are for."""
    prior, y = tiny_mixture(), TINY + 0.1
    patches = extract(TINY, 3)
    energies = ((patches - extract(y, 3)) ** 2).sum() / (2 * 0.3**2) - prior.log_prob(to_plane(patches)[0]).sum()
    assert epll_objective(TINY, y, Identity(TINY.shape), prior, sigma=0.3) == pytest.approx(energies)


EXACT = {
    "Gaussian": gaussian_prior(np.random.default_rng(6).normal(size=(200, 8)) * np.linspace(0.05, 0.4, 8)),
    "Laplace": FactorialPrior(np.eye(8), GeneralizedGaussians(np.full(8, 0.1), np.ones(8))),
    "heavy tails": FactorialPrior(np.eye(8), GeneralizedGaussians(np.full(8, 0.02), np.full(8, 0.6))),
}


@pytest.mark.parametrize("name", operators(TINY.shape))
@pytest.mark.parametrize("prior", EXACT.values(), ids=EXACT)
def test_each_step_lowers_the_split_objective_at_fixed_beta(name, prior):
    """For priors with exact MAP estimates, alternating minimisation can only go down: 8 rounds, both steps."""
    a, beta, sigma = operators(TINY.shape)[name], 50.0, 0.1
    y = a(TINY) + sigma * np.random.default_rng(7).standard_normal(a.shape_out)
    x = a.first_guess(y)
    values = []
    for _ in range(8):
        patches = restore_patches(extract(x, 3), prior, beta)
        values.append(split_objective(x, patches, y, a, prior, sigma=sigma, beta=beta))
        x = solve_picture(y, a, patches, sigma, beta, x).astype(float)
        values.append(split_objective(x, patches, y, a, prior, sigma=sigma, beta=beta))
    assert (np.diff(values) < 1e-3 + 1e-5 * abs(values[0])).all()
    assert values[-1] < values[0] - 1


@pytest.mark.parametrize("name", operators(TINY.shape))
def test_the_picture_step_solves_the_normal_equations(name):
    """Against the dense matrix, column by column of the identity."""
    a, sigma, beta = operators(TINY.shape)[name], 0.1, 30.0
    y, patches = a(TINY), np.random.default_rng(8).random((70, 9))
    seen = coverage(a.shape, 3)
    weights = a.coverage(seen) / sigma**2
    matrix = np.stack([a(e.reshape(a.shape)).ravel() for e in np.eye(TINY.size)], 1)
    normal = matrix.T @ (weights.reshape(-1, 1) * matrix) + beta * np.diag(seen.ravel())
    target = matrix.T @ (weights * y).ravel() + beta * aggregate(patches, a.shape).ravel()
    expected = np.linalg.solve(normal, target).reshape(a.shape)
    found = solve_picture(y, a, patches, sigma, beta, a.first_guess(y))
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_one_gaussian_is_restored_to_the_minimum_of_the_objective():
    """With a quadratic objective and β far up, splitting must reach the solution of ∇F = 0."""
    prior, sigma, a = EXACT["Gaussian"], 0.2, Identity(TINY.shape)
    y = TINY + sigma * np.random.default_rng(9).standard_normal(TINY.shape)
    betas = np.geomspace(10, 1e4, 30)
    for step in epll_steps(y, a, prior, sigma=sigma, betas=betas, n_inner=60):
        found = step.image
    zero = epll_gradient(np.zeros_like(y), y, a, prior, sigma=sigma)
    matrix = np.stack(
        [(epll_gradient(e.reshape(y.shape), y, a, prior, sigma=sigma) - zero).ravel() for e in np.eye(y.size)], 1
    )
    best = np.linalg.solve(matrix, -zero.ravel()).reshape(y.shape)
    np.testing.assert_allclose(found, best.clip(0, 1), atol=0.01)


def test_epll_beats_averaged_patches_and_these_the_noise():
    averaged = aggregate(denoise_patches(extract(NOISY), small_mixture(), sigma=SIGMA), NOISY.shape)
    averaged /= coverage(NOISY.shape)
    restored = epll(NOISY, None, small_mixture(), sigma=SIGMA)
    assert psnr(NOISY, CAMERA) + 5 < psnr(averaged, CAMERA) < psnr(restored, CAMERA) - 0.1


def test_fast_mode_loses_little_and_takes_its_randomness_from_rng():
    exact = epll(NOISY, None, small_mixture(), sigma=SIGMA)
    fast, again, other = (
        epll(NOISY, None, small_mixture(), sigma=SIGMA, mode="fast", rng=np.random.default_rng(seed))
        for seed in (0, 0, 1)
    )
    assert psnr(fast, CAMERA) > psnr(exact, CAMERA) - 0.35
    assert np.array_equal(fast, again)
    assert not np.array_equal(fast, other)
    assert not np.array_equal(fast, exact)


@pytest.mark.parametrize(("name", "gain"), [("mask", 12), ("blur", 1.5), ("downsample", 0.2)])
@pytest.mark.parametrize("mode", ["exact", "fast"])
def test_another_operator_is_another_task(name, gain, mode):
    """Half of the pixels, a blur, half the resolution: closer to the truth than what was observed, or enlarged."""
    shape, sigma = CAMERA.shape, 2 / 255
    a = {
        "mask": Mask(np.random.default_rng(10).random(shape) < 0.5),
        "blur": Blur(shape, gaussian_kernel(1.0)),
        "downsample": Downsample(shape, 2),
    }[name]
    y = a(CAMERA) + sigma * np.random.default_rng(11).standard_normal(a.shape_out)
    plain = np.kron(y, np.ones((2, 2))) if name == "downsample" else a.adjoint(y) if name == "mask" else y
    assert psnr(epll(y, a, small_mixture(), sigma=sigma, mode=mode), CAMERA) > psnr(plain, CAMERA) + gain


FEW_PATCHES = 0.1 * np.random.default_rng(12).normal(size=(300, 63))
OTHERS = {
    "GSM": lambda: ScaleMixturePrior.fit(FEW_PATCHES, 1, rng=np.random.default_rng(0), n_steps=2),
    "Gaussian": lambda: gaussian_prior(FEW_PATCHES),
    "PCA": lambda: pca_prior(FEW_PATCHES),
}


@pytest.mark.parametrize("prior", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("mode", ["exact", "fast"])
def test_every_prior_serves_both_modes(prior, mode):
    assert psnr(epll(NOISY, None, prior(), sigma=SIGMA, mode=mode), CAMERA) > psnr(NOISY, CAMERA) + 0.5


def test_colour_is_restored_in_colour():
    rng = np.random.default_rng(14)
    truth = np.stack([CAMERA, 0.9 * CAMERA, 0.8 * CAMERA], -1)
    y = truth + SIGMA * rng.standard_normal(truth.shape)
    restored = epll(y, None, small_mixture(), sigma=SIGMA, mode="fast")
    alone = np.stack([epll(y[..., i], None, small_mixture(), sigma=SIGMA, mode="fast") for i in range(3)], -1)
    assert restored.shape == truth.shape
    assert psnr(restored, truth) > psnr(alone, truth) + 0.5


def test_a_grey_picture_in_colour_is_restored_as_grey():
    """Equal channels without colour noise: R = G = B afterwards."""
    y = np.repeat(NOISY[..., None], 3, -1)
    restored = epll(y, None, small_mixture(), sigma=SIGMA * 3**0.5, mode="fast")
    assert abs(restored - restored[..., :1]).max() < 1e-4
    np.testing.assert_allclose(
        restored[..., 0], epll(NOISY, None, small_mixture(), sigma=SIGMA, mode="fast"), atol=1e-4
    )


@pytest.mark.parametrize("shape", [(8, 8), (9, 31), (23, 8)])
@pytest.mark.parametrize("mode", ["exact", "fast"])
def test_any_size_from_one_patch_on(shape, mode):
    y = NOISY[: shape[0], : shape[1]]
    restored = epll(y, None, small_mixture(), sigma=SIGMA, mode=mode)
    assert restored.shape == shape
    assert ((restored >= 0) & (restored <= 1)).all()


def test_the_given_picture_is_left_alone_and_options_are_heeded(capsys):
    before = NOISY.copy()
    default = epll(NOISY, None, small_mixture(), sigma=SIGMA, mode="fast", progress=True, truth=CAMERA)
    assert np.array_equal(NOISY, before)
    assert "dB" in capsys.readouterr().err
    for options in ({"betas": [100.0, 1000.0]}, {"n_inner": 2}, {"sigma": 2 * SIGMA}):
        other = epll(NOISY, None, small_mixture(), **{"sigma": SIGMA, "mode": "fast", **options})
        assert abs(other - default).max() > 1e-3
    steps = list(epll_steps(NOISY, None, small_mixture(), sigma=SIGMA, mode="fast"))
    assert [step.beta * SIGMA**2 for step in steps] == pytest.approx([1, 4, 8, 16, 32])
    assert np.array_equal(steps[-1].image, default)


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        (np.where(CAMERA > 0.9, np.nan, CAMERA), {}, "NaN or infinite pixels.*declare missing pixels with `Mask`"),
        (255 * NOISY, {}, "expected 0 to 1 but for noise; divide by the white value"),
        ((255 * CAMERA).astype(np.uint8), {}, "got uint8, expected floats from 0 to 1; divide by 255"),
        (NOISY[:7], {}, r"sides ≥ 8, that of a patch"),
        (NOISY[..., None].repeat(4, -1), {}, "take transparency off"),
        (NOISY, {"sigma": 0.0}, "sigma: got 0.0, expected a finite standard deviation > 0"),
        (NOISY, {"sigma": -0.1}, "> 0"),
        (NOISY, {"sigma": 25.0}, "25 of 255 is 25/255"),
        (NOISY, {"mode": "quick"}, "expected one of exact, fast"),
        (NOISY, {"betas": [1.0, -1.0]}, "finite numbers > 0"),
        (NOISY, {"betas": []}, "one or more"),
        (NOISY, {"n_inner": 0}, "integer ≥ 1"),
        (NOISY, {"n_inner": 1.5}, "n_inner: got 1.5"),
        (NOISY, {"operator": Mask(np.ones((72, 81)))}, "make the operator, or its mask, for this picture"),
        (NOISY, {"prior": tiny_mixture(7)}, "square patch less one"),
    ],
)
def test_bad_input_is_named(y, options, message):
    call = {"operator": None, "prior": small_mixture(), "sigma": SIGMA, **options}
    problem = y, call.pop("operator"), call.pop("prior")
    with pytest.raises(ValueError, match=message):
        epll(*problem, **call)
    with pytest.raises(ValueError, match=message):
        epll_steps(*problem, **call)  # at once, not when the first picture is asked for


@pytest.mark.parametrize("sigma", [0, -0.1])
@pytest.mark.parametrize("function", [epll_objective, epll_gradient])
def test_an_objective_without_noise_is_refused(function, sigma):
    with pytest.raises(ValueError, match=f"sigma: got {sigma}"):
        function(CAMERA, NOISY, Identity(CAMERA.shape), small_mixture(), sigma=sigma)


def test_a_gradient_needs_a_score():
    with pytest.raises(ValueError, match="FactorialPrior without `score`"):
        prior = pca_prior(np.random.default_rng(0).standard_normal((100, 63)))
        epll_gradient(CAMERA, NOISY, Identity(CAMERA.shape), prior, sigma=SIGMA)
