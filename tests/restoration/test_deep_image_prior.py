"""The deep image prior: network, energy, average, stopping rule, and a fit that can be left and taken up again."""

from functools import partial
from itertools import islice

import numpy as np
import pytest
import torch

from dgmlib.restoration.deep_image_prior import (
    EncoderDecoder,
    ExponentialAverage,
    Fit,
    HeldOutStop,
    Step,
    apply,
    deep_image_prior,
    energy,
)
from dgmlib.restoration.deep_image_prior.energy import observed
from dgmlib.restoration.operators import Blur, Downsample, Identity, Mask, gaussian_kernel

KNOWN = np.random.default_rng(0).random((12, 8)) < 0.6
OPERATORS = [Identity((12, 8)), Mask(KNOWN), Downsample((12, 8), 4), Blur((12, 8), gaussian_kernel(1.0))]
SMALL = {"widths": (4, 4)}
DEVICES = ["cpu", *["cuda"] * torch.cuda.is_available(), *["mps"] * torch.backends.mps.is_available()]


def pixels(*shape, seed=1):
    return np.random.default_rng(seed).random(shape)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def steps(n, y=None, **settings):
    y = pixels(12, 9) if y is None else y
    return list(islice(Fit(y, generator=seeded(), **SMALL, **settings), n))


# -- Network -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("height", "width"), [(32, 32), (17, 40), (33, 31), (64, 18)])
@pytest.mark.parametrize(("n_out", "n_skip"), [(1, 4), (3, 4), (1, 0)])
def test_any_size_in_grey_and_colour(height, width, n_out, n_skip):
    net = EncoderDecoder(5, n_out, n_skip=n_skip, generator=seeded())
    x = net(torch.rand(1, 5, height, width, generator=seeded()))
    assert x.shape == (1, n_out, height, width)
    assert 0 < x.min() < x.max() < 1


def test_parameters_are_counted_term_by_term():
    down = (3 * 9 * 4 + 8) + (4 * 9 * 4 + 8)
    skip = 3 * 2 + 4
    up = ((4 + 2) * 9 * 4 + 8) + (4 * 4 + 8)
    assert EncoderDecoder(3, 1, widths=(4,), n_skip=2).num_parameters == down + skip + up + (4 + 1)


def test_the_skip_and_every_scale_reach_the_picture():
    net = EncoderDecoder(2, 1, widths=(4, 4, 4), generator=seeded())
    net(torch.rand(1, 2, 24, 24, generator=seeded())).var().backward()
    assert all(weight.grad.abs().max() > 0 for weight in net.parameters())


def test_weights_come_from_the_generator():
    one, two, other = (EncoderDecoder(2, 1, generator=seeded(seed)) for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert not torch.equal(one.out.weight, other.out.weight)


def test_a_picture_too_small_for_the_scales_is_refused():
    with pytest.raises(ValueError, match=r"expected sides ≥ 17 for 4 scales"):
        EncoderDecoder(2, 1)(torch.rand(1, 2, 16, 40))
    with pytest.raises(ValueError, match="one or more ≥ 1"):
        EncoderDecoder(2, 1, widths=())


# -- Energy ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda a: type(a).__name__)
def test_gradient_of_the_energy_is_that_of_finite_differences(operator):
    x = torch.rand(3, 12, 8, dtype=torch.float64, generator=seeded(), requires_grad=True)
    y = torch.rand(3, *operator.shape_out, dtype=torch.float64, generator=seeded(1))
    counted = (torch.rand(operator.shape_out, generator=seeded(2)) < 0.7).double()
    assert torch.autograd.gradcheck(lambda x: energy(x, y, operator, counted), x)


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda a: type(a).__name__)
def test_energy_is_half_the_squared_misfit(operator):
    x, y = pixels(12, 8), pixels(*operator.shape_out, seed=2)
    found = energy(torch.from_numpy(x)[None], torch.from_numpy(y)[None], operator)
    assert float(found) == pytest.approx(0.5 * ((operator(x) - y) ** 2).sum())


def test_observed_pixels_are_those_that_the_mask_knows():
    assert np.array_equal(observed(Mask(KNOWN)), KNOWN)
    assert observed(Downsample((12, 8), 4)).all()


def test_a_picture_of_another_size_than_the_operator_is_refused():
    with pytest.raises(ValueError, match=r"expected \(channels, 12, 8\)"):
        apply(OPERATORS[0], torch.zeros(1, 8, 12))


# -- Average and stopping rule -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.99])
def test_average_is_the_weighted_sum_of_its_formula(decay):
    pictures, average = pixels(30, 4, 4), ExponentialAverage(decay)
    found = [average.add(x) for x in pictures]
    for t in (1, 2, 30):
        weights = decay ** np.arange(t - 1, -1, -1.0)
        np.testing.assert_allclose(found[t - 1], np.tensordot(weights / weights.sum(), pictures[:t], 1), rtol=1e-12)


def test_average_needs_a_decay_below_one():
    with pytest.raises(ValueError, match="expected 0 ≤ γ < 1"):
        ExponentialAverage(1.0)


def synthetic(misfits):
    return [Step(n, 0.0, np.zeros(1), np.full(1, n), value) for n, value in enumerate(misfits, 1)]


def test_rule_waits_out_its_patience_and_keeps_the_best():
    stop = HeldOutStop(patience=3)
    decisions = [stop(step) for step in synthetic([5, 4, 4.5, 4.2, 3, 3.5, 3.1, 3.2, 2])]
    assert decisions[:8] == [False] * 7 + [True]
    assert stop.best.number == 9 and HeldOutStop(3).best is None


def test_rule_finds_the_turn_of_a_noisy_valley():
    n = np.arange(1000)
    valley = 1 + ((n - 400) / 400) ** 2 + 0.01 * np.random.default_rng(1).standard_normal(1000)
    stop = HeldOutStop(150)
    at = next(step.number for step in synthetic(valley) if stop(step))
    assert abs(stop.best.number - 400) < 60 and at == stop.best.number + 150


def test_rule_needs_held_out_pixels_and_some_patience():
    with pytest.raises(ValueError, match="hold_out"):
        HeldOutStop()(steps(1)[0])
    with pytest.raises(ValueError, match="patience"):
        HeldOutStop(0)


# -- Fit ---------------------------------------------------------------------------------------------------------------


def test_a_seed_fixes_every_number():
    one, two = steps(4, hold_out=0.1, y=KNOWN.astype(float)), steps(4, hold_out=0.1, y=KNOWN.astype(float))
    assert [(s.loss, s.held_out) for s in one] == [(s.loss, s.held_out) for s in two]
    assert np.array_equal(one[-1].image, two[-1].image) and np.array_equal(one[-1].average, two[-1].average)


@pytest.mark.parametrize("shape", [(12, 9), (13, 10, 3)])
def test_the_loss_falls_and_pictures_have_the_shape_of_y(shape):
    y = np.full(shape, 0.8)
    first, *_, last = steps(40, y=y)
    assert last.image.shape == last.average.shape == shape
    assert (first.number, last.number) == (1, 40)
    assert last.loss < first.loss / 3 and first.held_out is None


def test_loss_and_held_out_misfit_are_mean_squares_on_their_own_pixels():
    y = pixels(12, 8)
    fit = Fit(y, Mask(KNOWN), generator=seeded(), hold_out=0.25, **SMALL)
    step = next(fit)
    fitted, kept = (part.bool().numpy() for part in (fit.fitted, fit.kept))
    assert kept.sum() == round(0.25 * KNOWN.sum()) and not (fitted & kept).any()
    assert np.array_equal(fitted | kept, KNOWN)
    assert step.loss == pytest.approx(((step.image - y)[fitted] ** 2).mean(), rel=1e-5)
    assert step.held_out == pytest.approx(((step.average - y)[kept] ** 2).mean(), rel=1e-5)


def test_held_out_pixels_do_not_influence_the_picture():
    y = pixels(12, 8)
    one = Fit(y, generator=seeded(), hold_out=0.25, **SMALL)
    changed = np.where(one.kept.bool().numpy(), 1 - y, y)
    two = Fit(changed, generator=seeded(), hold_out=0.25, **SMALL)
    a, b = (list(islice(fit, 5))[-1] for fit in (one, two))
    assert np.array_equal(a.image, b.image) and a.held_out != b.held_out


def test_jitter_is_used():
    y = pixels(12, 8)
    still, jittered = steps(3, y=y, jitter=0.0), steps(3, y=y, jitter=0.1)
    assert still[-1].loss != jittered[-1].loss


def test_a_fit_goes_on_where_it_was_left_and_from_a_file(tmp_path):
    y = pixels(12, 9, 3)
    whole = steps(9, y=y, hold_out=0.1)
    left = Fit(y, generator=seeded(), hold_out=0.1, **SMALL)
    first = list(islice(left, 4))
    left.save(tmp_path / "fit.safetensors")
    taken_up = Fit(y, generator=seeded(7), hold_out=0.1, **SMALL).restore(tmp_path / "fit.safetensors")
    for again in (list(islice(left, 5)), list(islice(taken_up, 5))):
        for a, b in zip(whole, first + again, strict=True):
            assert (a.number, a.loss, a.held_out) == (b.number, b.loss, b.held_out)
            assert np.array_equal(a.average, b.average)


@pytest.mark.parametrize("device", DEVICES)
def test_on_any_device_a_fit_goes_on_from_a_file_and_stays_there(device, tmp_path):
    y = pixels(12, 9, 3)
    make = partial(Fit, y, Blur((12, 9), gaussian_kernel(1.0)), hold_out=0.1, device=device, **SMALL)
    whole, left = make(generator=seeded()), make(generator=seeded())
    expected, first = list(islice(whole, 6)), list(islice(left, 3))
    left.save(tmp_path / "fit.safetensors")
    taken_up = make(generator=seeded(7)).restore(tmp_path / "fit.safetensors")
    for a, b in zip(expected, first + list(islice(taken_up, 3)), strict=True):
        assert a.number == b.number
        assert (b.loss, b.held_out) == pytest.approx((a.loss, a.held_out), rel=1e-3)
        np.testing.assert_allclose(b.average, a.average, atol=1e-3)
    moments = [moment for state in taken_up.optimizer.state.values() for moment in state.values()]
    on_device = [taken_up.y, *taken_up.network.parameters(), *(p.grad for p in taken_up.network.parameters()), *moments]
    assert len(moments) == 3 * len(list(taken_up.network.parameters()))
    assert {tensor.device.type for tensor in on_device} == {device}


@pytest.mark.parametrize(
    ("y", "operator", "settings", "differs"),
    [
        (pixels(18, 17), None, {}, r"'y': '\(1, 18, 19\), .*expected {'y': '\(1, 18, 17\), "),
        (pixels(18, 19) * 0.1, None, {}, r"with {'y': '[^']*'}, expected {'y': '[^']*'}"),
        (pixels(18, 19), Blur((18, 19), gaussian_kernel(1.0)), {}, r"with {'operator': 'Identity'}, expected"),
        (pixels(18, 19), None, {"widths": (4, 8)}, r"with {'widths': \[4, 4\]}, expected {'widths': \[4, 8\]}"),
        (pixels(18, 19), None, {"n_skip": 0}, r"with {'n_skip': 4}, expected {'n_skip': 0}"),
        (pixels(18, 19), None, {"learning_rate": 0.1}, r"with {'learning_rate': 0\.01}, expected"),
        (pixels(18, 19), None, {"jitter": 0.0}, r"with {'jitter': 0\.02}, expected"),
        (pixels(18, 19), None, {"decay": 0.5}, r"with {'decay': 0\.99}, expected"),
        (pixels(18, 19), None, {"hold_out": 0.5}, r"with {'hold_out': 0\.1}, expected {'hold_out': 0\.5}"),
    ],
)
def test_a_file_of_another_fit_is_refused(y, operator, settings, differs, tmp_path):
    path = str(tmp_path / "fit.safetensors")
    fit = Fit(pixels(18, 19), generator=seeded(), hold_out=0.1, **SMALL)
    next(fit)
    fit.save(path)
    other = Fit(y, operator, generator=seeded(), **{"hold_out": 0.1, **SMALL, **settings})
    with pytest.raises(ValueError, match=differs):
        other.restore(path)
    Fit(pixels(18, 19), generator=seeded(), hold_out=0.1, **SMALL).restore(path)


@pytest.mark.parametrize(
    ("y", "operator", "settings", "message"),
    [
        (np.zeros((12, 9), np.uint8), None, {}, "divide by 255"),
        (np.full((12, 9), np.nan), None, {}, "NaN"),
        (np.zeros((12, 9)), Downsample((12, 8), 4), {}, "what Downsample of"),
        (np.zeros((20, 18)), None, {"hold_out": 0.9}, "hold_out"),
        (np.zeros((20, 18)), None, {"decay": 2}, "decay"),
        (np.zeros((16, 40)), None, {}, r"got a picture of 16 × 40 pixels, expected sides ≥ 17"),
    ],
)
def test_mistakes_are_named(y, operator, settings, message):
    with pytest.raises(ValueError, match=message):
        Fit(y, operator, generator=seeded(), **settings)


def test_memory_is_what_the_docstring_says_in_single_precision():
    """1.4 kB for each pixel of a picture, in grey and in colour, of what the gradient needs besides the weights."""
    for shape in [(64, 80), (65, 63, 3)]:
        fit, kept = Fit(pixels(*shape), generator=seeded()), {}

        def keep(t, kept=kept):
            kept[t.untyped_storage().data_ptr()] = t
            return t

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
            next(fit)
        weights = {weight.data_ptr() for weight in fit.network.parameters()}
        n_bytes = sum(t.untyped_storage().nbytes() for pointer, t in kept.items() if pointer not in weights)
        assert n_bytes / (shape[0] * shape[1]) == pytest.approx(1400, rel=0.05)
        assert all(t.dtype == torch.float32 for t in kept.values() if t.is_floating_point())
        assert 4 * 4 * fit.network.num_parameters == pytest.approx(4.2e6, rel=0.01)


# -- In one call -------------------------------------------------------------------------------------------------------


def test_noise_is_fitted_until_the_rule_stops_and_the_rest_to_the_end():
    y = pixels(24, 24)
    stopped = deep_image_prior(y, generator=seeded(), n_steps=200, patience=10, **SMALL)
    assert stopped.number + 10 == len(stopped.losses) < 200
    whole = deep_image_prior(y, generator=seeded(), noisy=False, n_steps=12, **SMALL)
    assert whole.number == len(whole.losses) == 12
    with pytest.raises(ValueError, match="n_steps"):
        deep_image_prior(y, generator=seeded(), n_steps=0)


def test_weights_are_drawn_from_the_generator_and_from_nothing_else():
    before = torch.get_rng_state()
    first, second = (EncoderDecoder(2, 1, generator=torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    for (name, weight), again in zip(first.named_parameters(), second.parameters(), strict=True):
        assert torch.equal(weight, again), name
