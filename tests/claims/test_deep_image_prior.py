"""Lecture 12: what a network without training does to a picture; short fits made here, and the recorded long ones."""

from itertools import islice

import numpy as np
import pytest
import torch

from dgmlib.data import load_natural_images
from dgmlib.figures import deep_image_prior as figures
from dgmlib.figures.deep_image_prior.peers import by_patches, interpolated
from dgmlib.figures.deep_image_prior.recorded import STEPS, unpack
from dgmlib.restoration import Downsample, Identity, Mask, psnr
from dgmlib.restoration.deep_image_prior import Fit, HeldOutStop, energy
from dgmlib.restoration.deep_image_prior.stopping import HOLD_OUT, PATIENCE

SMALL = figures.truth("flower")[::2, ::2]  # 32 × 32
KNOWN = np.random.default_rng(0).random(SMALL.shape) < 0.5
PICTURES = list(figures.CORNERS)


def last(y, operator, n_steps, *, seed=0, **settings):
    fit = Fit(y, operator, generator=torch.Generator().manual_seed(seed), widths=(16, 32, 32), **settings)
    return list(islice(fit, n_steps))[-1]


def by_noise():
    """Tasks of denoising, the least noise first."""
    return sorted(figures.SIGMAS, key=figures.SIGMAS.get)


def curves(task, picture):
    return (figures.curve(task, picture, name) for name in ("psnr", "average", "loss"))


def test_dp1_nothing_but_the_misfit_is_minimised():
    """The step's gradient on the weights is that of ½‖A f(z) − y‖² alone: no term for a prior, no other picture."""
    operator = Mask(KNOWN)
    fit = Fit(operator(SMALL), operator, generator=torch.Generator().manual_seed(0), widths=(8, 8), jitter=0.0)
    loss = energy(fit.network(fit.z)[0], torch.tensor(operator(SMALL), dtype=torch.float32)[None], operator)
    expected = torch.autograd.grad(loss, list(fit.network.parameters()))
    step = next(fit)
    assert step.loss == pytest.approx(2 * loss.item() / KNOWN.sum(), rel=1e-5)
    for weight, gradient in zip(fit.network.parameters(), expected, strict=True):
        torch.testing.assert_close(weight.grad, gradient)


def test_dp1_weights_complete_what_pixels_cannot():
    """Half the pixels are lost: descent on pixels leaves them where they began, descent on weights finds them."""
    operator = Mask(KNOWN)
    x = torch.full((1, *SMALL.shape), 0.5, dtype=torch.float64, requires_grad=True)
    pixels = torch.optim.SGD([x], lr=0.5)
    for _ in range(50):
        pixels.zero_grad()
        energy(x, torch.tensor(operator(SMALL))[None], operator).backward()
        pixels.step()
    by_pixels = x.detach().numpy()[0]
    assert np.abs(by_pixels - SMALL)[KNOWN].max() < 1e-9 and (by_pixels[~KNOWN] == 0.5).all()
    by_weights = last(operator(SMALL), operator, 150).average
    assert psnr(by_weights[~KNOWN], SMALL[~KNOWN]) > psnr(by_pixels[~KNOWN], SMALL[~KNOWN]) + 3


@pytest.mark.parametrize("seed", figures.SEEDS)
def test_dp2_image_before_noisy_image_before_shuffled_before_noise(seed):
    """In the record, for each of three seeds and each misfit: image < image + noise < shuffled < noise."""
    for level in figures.LEVELS:
        image, noisy, shuffled, noise = (figures.steps_needed(name, level, seed) for name in figures.TARGETS)
        assert image < noisy < shuffled < noise < np.inf, level


def test_dp2_a_picture_is_fitted_sooner_than_its_own_shuffled_pixels():
    """Made here, 32 × 32: after 60 steps the picture's misfit is less than a third of that of its shuffled pixels."""
    shuffled = np.random.default_rng(1).permutation(SMALL.ravel()).reshape(SMALL.shape)
    losses = [last(y, None, 60, jitter=0.0).loss for y in (SMALL, shuffled)]
    assert losses[0] < losses[1] / 3


@pytest.mark.parametrize("picture", PICTURES)
def test_dp3_closeness_peaks_while_the_loss_falls_on(picture):
    """From its peak the output's PSNR falls by > 0.5 dB while the loss falls by > 10 %; the average peaks higher."""
    output, average, loss = curves("denoise", picture)
    top = output.argmax()
    assert 20 < top < len(output) - 100
    assert output[-20:].mean() < output.max() - 0.5
    assert loss[-20:].mean() < 0.9 * loss[top - 10 : top + 10].mean()
    assert average.max() > output.max() + 0.5
    assert average[-1] < average.max()


@pytest.mark.parametrize("picture", PICTURES)
def test_dp3_the_more_noise_the_sooner_the_peak(picture):
    """The average is best sooner at σ = 50 than at 25, and there sooner than at 15, by more than a tenth each."""
    quiet, usual, loud = (figures.curve(task, picture, "average").argmax() for task in by_noise())
    assert loud < 0.9 * usual and usual < 0.9 * quiet


@pytest.mark.parametrize("task", figures.SIGMAS)
@pytest.mark.parametrize("picture", PICTURES)
def test_dp3_the_rule_lands_within_half_a_decibel(task, picture):
    """Held-out pixels alone stop the fit before the record ends, within 0.5 dB of a peak that lies well inside it."""
    _, average, _ = curves(task, picture)
    at = figures.stopped_at(task, picture)
    assert STEPS[task] - at >= PATIENCE
    assert average.argmax() < len(average) - 100
    assert average.max() - average[at - 1] < 0.5
    assert average[at - 1] > average[-1] - 0.05


@pytest.mark.parametrize(
    ("picture", "sigma", "within"), [("coffee", 25, 0.5), ("coins", 25, 0.5), ("rocket", 25, 0.5), ("rocket", 50, 0.75)]
)
def test_dp3_where_the_rule_lands_on_pictures_not_recorded(picture, sigma, within):
    """Made here, the middle of pictures that the lecture does not show; in more noise, more than half a dB is lost."""
    x = load_natural_images()[picture][96:160, 96:160] / 255
    y = x + sigma / 255 * np.random.default_rng(0).standard_normal(x.shape)
    fit, stop, found = Fit(y, generator=torch.Generator().manual_seed(0), hold_out=HOLD_OUT), HeldOutStop(), []
    for step in islice(fit, 600):
        found.append(psnr(step.average, x))
        if stop(step):
            break
    assert stop.best.number + PATIENCE == len(found)
    assert max(found) - found[stop.best.number - 1] < within
    assert np.argmax(found) < len(found) - 50  # the peak is behind us


def test_dp3_averaging_helps_and_held_out_pixels_tell_the_error():
    """Made here: the average beats the output, and its held-out misfit is its error plus σ², within sampling error."""
    y = SMALL + figures.SIGMA * np.random.default_rng(2).standard_normal(SMALL.shape)
    step = last(y, None, 200, hold_out=0.25)
    assert psnr(step.average, SMALL) > psnr(step.image, SMALL) + 0.3
    assert psnr(step.average, SMALL) > psnr(y, SMALL) + 2
    n_held = round(0.25 * SMALL.size)
    error, variance = np.mean((step.average - SMALL) ** 2), figures.SIGMA**2
    spread = variance * np.sqrt(2 / n_held) + 2 * figures.SIGMA * np.sqrt(error / n_held) + error
    assert abs(step.held_out - error - variance) < 4 * spread


OPERATORS = {"denoise": Identity((32, 32)), "enlarge": Downsample((32, 32), 2), "fill in": Mask(KNOWN)}


@pytest.mark.parametrize("task", OPERATORS)
def test_dp4_another_operator_is_another_task(task):
    """Made here with the same settings: the picture explains what was seen, and beats the plain first guess."""
    operator = OPERATORS[task]
    noise = np.random.default_rng(3).standard_normal(operator.shape_out)
    y = operator(SMALL) + (figures.SIGMA * noise if task == "denoise" else 0)
    step = last(y, operator, 150)
    assert step.loss < 0.012
    plain = y if task == "denoise" else operator.adjoint(y) / operator.adjoint(np.ones(operator.shape_out)).max()
    assert psnr(step.average, SMALL) > psnr(plain, SMALL) + 1


@pytest.mark.parametrize("task", figures.TASKS)
def test_dp5_beside_other_methods_on_the_same_pictures(task):
    """Means over three pictures: within 0.75 dB of total variation in each task, best of all in enlarging."""
    scores = np.array([list(figures.decibels(task, picture).values()) for picture in PICTURES]).mean(0)
    first, total_variation, epll, own = scores
    assert own > total_variation - 0.75
    if task == "enlarge":
        assert own > max(first, total_variation, epll)
    if task == "denoise":
        noisy = [psnr(figures.problem(task, picture).y, figures.truth(picture)) for picture in PICTURES]
        assert np.mean(noisy) + 5 < own < min(first, epll)


@pytest.mark.parametrize("task", figures.TASKS)
def test_dp5_the_recorded_numbers_are_those_of_the_recorded_pictures(task):
    """The errors again, from the pictures kept; interpolation and EPLL made anew."""
    for picture in PICTURES:
        scores = list(figures.decibels(task, picture).values())
        others = unpack(figures.recorded("comparison")[f"{task}/{picture}/frames"])
        own = unpack(figures.recorded("tasks")[f"{task}/{picture}/frames"])[-1]
        errors = [np.sqrt(np.mean((x / 255.0 - figures.truth(picture)) ** 2)) for x in (*others, own)]
        np.testing.assert_allclose(errors, 10 ** (-np.array(scores) / 20), atol=0.005)  # JPEG: a grey level or two
        given = figures.problem(task, picture)
        assert psnr(by_patches(given), given.truth) == pytest.approx(scores[2], abs=0.02)
        if not given.sigma:
            assert psnr(interpolated(given).clip(0, 1), given.truth) == pytest.approx(scores[0], abs=0.02)
