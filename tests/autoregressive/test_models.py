"""What each model promises beyond the contract that tests/conformance checks for all of them."""

import copy
import itertools
import math

import numpy as np
import pytest
import torch

from dgmlib.autoregressive import (
    FVSBN,
    MADE,
    NADE,
    RNADE,
    AttentionModel,
    GatedPixelCNN,
    PixelCNN,
    RecurrentModel,
)
from dgmlib.autoregressive.layers import MaskedConv2d, MaskedLinear
from dgmlib.autoregressive.pixelcnn import raster_mask
from tests.conformance.case import randomized
from tests.conformance.checks import dependence
from tests.conformance.models import AUTOREGRESSIVE


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def bits(m, n, seed=1):
    return (torch.rand(m, n, generator=generator(seed)) < 0.4).double()


def stepped(model, x):
    """Parameters of all conditionals, computed one after the other while x arrives."""
    walk, found = model.steps(len(x)), {}
    parameters = next(walk)
    for i in model.ordering.tolist():
        found[i] = parameters
        if len(found) < model.n_dims:
            parameters = walk.send(x[:, i])
    return torch.stack([found[i] for i in range(model.n_dims)], 1)


@pytest.mark.parametrize("case", AUTOREGRESSIVE, ids=lambda case: case.name)
def test_one_step_at_a_time_gives_what_one_pass_gives(case):
    """The incremental walk and the parallel pass are the same conditionals, to rounding."""
    model = randomized(case.make(generator())).double()
    x = bits(9, model.n_dims) if case.is_binary else torch.randn(9, model.n_dims, generator=generator()).double()
    torch.testing.assert_close(stepped(model, x), model.conditionals(x), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("case", AUTOREGRESSIVE, ids=lambda case: case.name)
def test_completion_keeps_the_prefix_and_follows_the_ordering(case):
    model = randomized(case.make(generator()))
    first = model.ordering[:2]
    prefix = torch.tensor([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    x = model.complete(prefix, generator=generator())
    assert x.shape == (3, model.n_dims)
    assert torch.equal(x[:, first], prefix)
    whole = torch.ones(2, model.n_dims)
    assert torch.equal(model.complete(whole), whole)


@pytest.mark.parametrize("kind", [torch.tensor, np.array])
def test_an_ordering_is_the_models_own(kind):
    """Who changes the array that was passed changes no model."""
    given = kind([2, 0, 1])
    model = randomized(MADE(3, [8], ordering=given, generator=generator()))
    x = bits(20, 3).float()
    before, drawn = model.log_prob(x), model.sample(20, generator=generator())
    given[:] = kind([0, 1, 2])
    assert model.ordering.tolist() == [2, 0, 1]
    assert torch.equal(model.log_prob(x), before)
    assert torch.equal(model.sample(20, generator=generator()), drawn)


@pytest.mark.parametrize("make", [lambda g: NADE(70, 6, generator=g), lambda g: MADE(7, [9, 8], generator=g)])
def test_completions_follow_the_conditional_distribution(make):
    """A single next bit, drawn 20,000 times given a prefix, has the frequency that its logit says (5 σ)."""
    model = randomized(make(generator()))
    prefix = bits(1, model.n_dims - 1, seed=7).float()
    p = model.conditionals(torch.cat([prefix, prefix.new_zeros(1, 1)], 1))[0, -1].sigmoid().item()
    drawn = model.complete(prefix.expand(20_000, -1), generator=generator())[:, -1].mean().item()
    assert abs(drawn - p) < 5 * math.sqrt(p * (1 - p) / 20_000)


@pytest.mark.parametrize("density", [0.0, 0.13, 1.0])
def test_nade_skips_only_what_does_not_change(density):
    """Blocks of NADE (n larger than one block) equal the sum over j < i, written out, for sparse and full rows."""
    model = randomized(NADE(61, 5, generator=generator())).double()
    x = (torch.rand(4, 61, generator=generator()) < density).double()
    before = torch.ones(61, 61, dtype=torch.float64).tril(-1)
    a = model.hidden_bias + (x[:, None, :] * before) @ model.weight  # (4, 61, 5)
    expected = model.bias + (a.sigmoid() * model.out_weight).sum(-1)
    torch.testing.assert_close(model.conditionals(x), expected, rtol=1e-12, atol=1e-12)


def test_the_gradient_in_x_is_right_at_zeros_too():
    """NADE skips zeros, but not when asked for the derivative there."""
    model = randomized(NADE(40, 5, generator=generator())).double()
    x = bits(1, 40)[0]
    found = torch.autograd.functional.jacobian(lambda v: model.conditionals(v[None])[0], x)
    for j in range(40):
        step = torch.zeros(40, dtype=torch.float64).index_fill(0, torch.tensor(j), 1e-6)
        numeric = (model.conditionals((x + step)[None]) - model.conditionals((x - step)[None]))[0] / 2e-6
        torch.testing.assert_close(found[:, j], numeric.detach(), rtol=1e-5, atol=1e-7)


def test_fvsbn_starts_as_fair_coins():
    assert FVSBN(5).log_prob(torch.zeros(1, 5)).item() == pytest.approx(-5 * math.log(2))


@pytest.mark.parametrize(("n", "d"), [(784, 500), (1, 1), (20, 3)])
def test_nade_is_linear_in_n_and_d(n, d):
    """784 variables and 500 hidden units: the 785,284 parameters of the literature."""
    assert NADE(n, d, generator=generator()).num_parameters == 2 * n * d + n + d
    assert n != 784 or NADE(n, d, generator=generator()).num_parameters == 785_284


def test_made_of_the_paper_has_its_published_size():
    assert MADE(784, [8000], generator=generator()).num_parameters == 12_552_784


def linear(seed=0):
    degrees = (torch.randint(5, (size,), generator=generator(seed)) for size in (6, 8))
    return randomized(MaskedLinear(*degrees), seed=seed)


def conv(seed=0):
    return randomized(MaskedConv2d(3, 4, raster_mask((3, 5), "AB"[seed])), seed=seed)


@pytest.mark.parametrize("make", [linear, conv])
def test_the_mask_in_use_is_the_mask_that_is_shown(make):
    """In other types, in a copy, and with the weights and the mask of another layer; and it is not stored."""

    def check(layer):
        expected = torch.where(layer.mask, layer.weight, 0)
        assert layer.masked_weight.dtype == layer.weight.dtype
        assert torch.equal(layer.masked_weight, expected)

    layer, buffers = make(), {MaskedLinear: {"degrees_in", "degrees_out"}, MaskedConv2d: {"mask"}}
    stored = {"weight", "bias"} | buffers[type(layer)]
    check(layer)
    for dtype in (torch.float64, torch.bfloat16, torch.float32):
        check(layer.to(dtype))
    twin = copy.deepcopy(layer)
    check(twin)
    twin.load_state_dict(make(1).state_dict())
    assert not torch.equal(twin.mask, layer.mask)
    check(twin)
    check(layer)
    assert set(layer.state_dict()) == stored


@pytest.mark.parametrize("make", [linear, conv])
def test_gradients_stop_at_the_mask_also_of_weights_read_in_inference_mode(make):
    layer = make()
    with torch.inference_mode():
        layer.load_state_dict(make(1).state_dict())
        assert torch.equal(layer.masked_weight, make(1).masked_weight)
    layer.masked_weight.sum().backward()
    assert torch.equal(layer.weight.grad, layer.mask.expand_as(layer.weight).float())


def test_a_recurrent_model_does_not_grow_with_n():
    assert RecurrentModel(5, 7).num_parameters == RecurrentModel(500, 7).num_parameters


def test_attention_weights_are_distributions_over_the_past():
    model = randomized(AttentionModel(6, 8, 2, 3, generator=generator()))
    weights = model.attention_weights(bits(4, 6).float())
    assert weights.shape == (3, 4, 2, 6, 6)
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 4, 2, 6))
    assert (weights.triu(1) == 0).all()
    assert (weights.tril() > 0).sum() == 3 * 4 * 2 * 21


def test_stacked_masked_convolutions_have_a_blind_spot_and_two_stacks_have_none():
    """3×3 windows, many layers, 6×9 pixels: the gated model sees all earlier pixels, the plain one never the cone
    above to the right that a step up-right per row cannot reach."""
    size = {"kernel": 3, "first_kernel": 3, "n_channels": 6, "n_layers": 12}
    gated = dependence(GatedPixelCNN(6, 9, **size, generator=generator()), n_inputs=4)
    plain = dependence(PixelCNN(6, 9, **size, generator=generator()), n_inputs=4)
    assert torch.equal(gated, torch.ones(54, 54, dtype=torch.bool).tril(-1))
    for (r, c), (s, d) in itertools.product(itertools.product(range(6), range(9)), repeat=2):
        blind = d - c > r - s
        earlier = (s, d) < (r, c)
        assert plain[9 * r + c, 9 * s + d] == (earlier and not blind), ((r, c), (s, d))


def test_dilations_let_the_same_weights_see_farther():
    """Rows above that reach the last pixel of a 16×5 image, through a 3×3 window and three layers of dilations δ:
    1 + Σδ, and no more; as many parameters."""
    for dilations, reach in [((1,), 4), ((1, 2), 5), ((1, 2, 4), 8)]:
        net = PixelCNN(16, 5, 4, 3, first_kernel=3, dilations=dilations, generator=generator())
        seen = dependence(randomized(net), n_inputs=4)[-1].view(16, 5)
        assert seen.any(1).tolist() == [15 - r <= reach for r in range(16)]
        assert net.num_parameters == PixelCNN(16, 5, 4, 3, first_kernel=3).num_parameters


def test_an_untied_bias_tells_places_apart():
    """On an empty image, far from the border, a plain PixelCNN gives all pixels the same logit; an untied bias not."""
    plain, placed = (PixelCNN(15, 15, 4, 2, untied_bias=untied, generator=generator()) for untied in (False, True))
    inner = [randomized(net).conditionals(torch.zeros(1, 225)).view(15, 15)[6:, 6:9] for net in (plain, placed)]
    torch.testing.assert_close(inner[0], inner[0][:1, :1].expand_as(inner[0]))
    assert inner[1].std() > 0.01


def test_rnade_scale_is_a_unit_and_not_a_parameter():
    """p of x in other units is p divided by the unit, per dimension."""
    small = randomized(RNADE(3, 4, 2, generator=generator()))
    large = randomized(RNADE(3, 4, 2, scale=100.0, generator=generator()))
    x = torch.randn(5, 3, generator=generator())
    torch.testing.assert_close(large.log_prob(100 * x), small.log_prob(x) - 3 * math.log(100), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FVSBN(0), "n_dims: got 0, expected an integer ≥ 1"),
        (lambda: NADE(3, 0), "n_hidden"),
        (lambda: MADE(3, []), "use FVSBN"),
        (lambda: MADE(3, [4], ordering=[0, 0, 1]), "each once"),
        (lambda: RNADE(3, 4, 2, scale=0.0), "scale"),
        (lambda: AttentionModel(3, 10, 4), "multiple of n_heads = 4"),
        (lambda: FVSBN(3, ordering=[2.0, 1.0, 0.0]), "ordering: got .* expected the integers 0 … 2"),
        (lambda: FVSBN(2, ordering=[True, False]), "ordering: got .* expected the integers 0 … 1"),
        (lambda: PixelCNN(2, 2, kernel=4), "kernel: got 4, expected an odd size, such as 5"),
        (lambda: PixelCNN(2, 2, first_kernel=6), "first_kernel: got 6, expected an odd size"),
        (lambda: GatedPixelCNN(2, 2, kernel=4), "kernel: got 4, expected an odd size"),
        (lambda: GatedPixelCNN(2, 2, first_kernel=0), "first_kernel: got 0, expected an integer ≥ 1"),
        (lambda: raster_mask((4, 4), "B"), r"kernel, kind: got \(4, 4\) and 'B', expected odd sizes"),
        (lambda: FVSBN(3).sample(-1), "n: got -1, expected an integer ≥ 0"),
        (lambda: FVSBN(3).sample(2.5), "n: got 2.5, expected an integer ≥ 0"),
        (lambda: PixelCNN(2, 2, dilations=(1, 0)), r"dilations\[1\]: got 0, expected an integer ≥ 1"),
        (lambda: PixelCNN(2, 2, dilations=()), "dilations: got none"),
        (lambda: FVSBN(3).log_prob(torch.zeros(2, 4)), r"x: got shape \(2, 4\), expected \(batch, 3\)"),
        (lambda: FVSBN(3).log_prob(torch.full((2, 3), 0.5)), "binarise"),
        (lambda: FVSBN(3).complete(torch.zeros(2, 4)), r"prefix: got shape \(2, 4\)"),
        (lambda: RNADE(3, 4, 2).log_prob(torch.full((2, 3), torch.nan)), "finite"),
    ],
)
def test_mistakes_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
