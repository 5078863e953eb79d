"""Lecture 5's claims, by enumeration, by derivatives, and by training where the claim is about training."""

import itertools
import math
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from dgmlib.autoregressive import MADE, AttentionModel, GatedPixelCNN, PixelCNN, RecurrentModel
from dgmlib.autoregressive.attention import attend
from dgmlib.autoregressive.gated_pixelcnn import rows_mask
from dgmlib.autoregressive.layers import MaskedConv2d
from dgmlib.autoregressive.pixelcnn import raster_mask
from dgmlib.autoregressive.recurrent import previous_values
from dgmlib.data import load_digits
from dgmlib.figures import masks_memory_attention as figures
from dgmlib.figures.masks_memory_attention import autoencoder, convolution, copying, probe, recorded
from dgmlib.latent.vae import VAE
from dgmlib.training import fit
from tests.conformance.case import randomized


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def every(n):
    return torch.tensor(list(itertools.product([0.0, 1.0], repeat=n)), dtype=torch.float64)


# -- Autoencoders and masks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", autoencoder.WIDTHS)
def test_ae1_a_trained_autoencoder_is_dense_and_its_total_is_not_one(width):
    """Every output depends on every input and on its own; over all 2¹⁶ images exp(score) adds up to more than 2."""
    model = figures.trained("plain", width)
    assert (figures.jacobian(model, figures.thumbnails()[1][:100]) > 0).all()
    assert figures.total(model) > 2


@pytest.mark.parametrize("kind", ["masked", "shuffled"])
def test_ae1_the_masked_twin_is_a_density(kind):
    """Same layers, same loss, same training: the total is 1, to rounding."""
    for width in autoencoder.WIDTHS:
        assert figures.total(figures.trained(kind, width)) == pytest.approx(1, abs=1e-4)


def test_ae1_training_makes_it_worse():
    """The better it copies, the farther its total is from 1; and no ordering makes its Jacobian triangular."""
    train, held_out = figures.thumbnails()
    model = figures.Autoencoder(16, 8, generator=generator())
    before = figures.total(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    options = {"n_epochs": 4, "optimizer": optimizer, "generator": generator(1), "progress": False}
    fit(model, train, held_out, loss=lambda x: -model.score(x), **options)
    assert figures.total(model) > 20 * max(before, 1)
    seen = figures.jacobian(model, held_out[:100]) > 0
    # Strictly triangular in some ordering means no cycle; here every pixel is a cycle by itself.
    assert seen.diagonal().all() and (seen & seen.T).all()


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 8), st.lists(st.integers(1, 12), min_size=1, max_size=3), st.integers(0, 10**6))
def test_md1_outputs_depend_only_on_inputs_earlier_in_the_ordering(n, sizes, seed):
    """Random n, widths, depths, orderings, weights: no derivative by itself or a later input, and a total of one."""
    g = generator(seed)
    model = randomized(MADE(n, sizes, ordering=torch.randperm(n, generator=g), generator=g), seed=seed).double()
    x = torch.rand(8, n, generator=g, dtype=torch.float64)
    seen, turn = figures.jacobian(model, x) > 0, model.ordering.argsort()
    assert not (seen & (turn[:, None] <= turn[None, :])).any()
    assert model.log_prob(every(n)).exp().sum().item() == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("sizes", [[60], [40, 40], [30, 30, 30]])
def test_md1_wide_enough_every_allowed_pair_is_connected(sizes):
    """With many hidden units the masks forbid nothing but what they must: paths exist exactly for earlier inputs."""
    model = MADE(6, sizes, ordering=[3, 1, 5, 0, 4, 2], generator=generator())
    turn = model.ordering.argsort().numpy()
    assert ((figures.paths(model) > 0) == (turn[None, :] < turn[:, None])).all()


# -- Memory ------------------------------------------------------------------------------------------------------------


def test_rnn1_parameters_do_not_grow_with_n():
    """3d² + 10d + 1 for any length; MADE's number grows with it."""
    counts = {RecurrentModel(n, 7).num_parameters for n in (2, 50, 3000)}
    assert counts == {3 * 49 + 70 + 1}
    assert MADE(200, [7]).num_parameters > 5 * MADE(20, [7]).num_parameters


def test_rnn1_the_state_is_all_that_is_kept():
    """Cut a row anywhere: from the state at the cut and what follows, the same predictions, to rounding."""
    model = randomized(RecurrentModel(12, 5)).double()
    x = (torch.rand(6, 12, generator=generator(3)) < 0.5).double()
    tokens, whole = previous_values(x)[..., None], model.conditionals(x)
    for cut in range(1, 12):
        _, state = model.cell(tokens[:, :cut])
        assert state.shape == (1, 6, 5)
        rest = model.out(model.cell(tokens[:, cut:], state)[0])[..., 0]
        torch.testing.assert_close(rest, whole[:, cut:], rtol=1e-10, atol=1e-10)


@pytest.mark.timing
def test_rnn1_trains_step_by_step():
    """Processor time of a training step: 6 times or more for rows 16 times as long, then 20 times the masked one."""

    def seconds(model, n):
        x = (torch.rand(8, n, generator=generator()) < 0.5).float()
        times = []
        for _ in range(6):
            start = time.process_time()
            model.log_prob(x).sum().backward()
            times.append(time.process_time() - start)
        return min(times)

    recurrent, masked = ([seconds(make(n), n) for n in (64, 1024)] for make in (_recurrent, _masked))
    assert recurrent[1] > 6 * recurrent[0]
    assert recurrent[1] > 20 * masked[1]


def _recurrent(n):
    return RecurrentModel(n, 64, generator=generator())


def _masked(n):
    return MADE(n, [64], generator=generator())


@pytest.mark.parametrize("values", [2, 5, 16])
def test_rnn1_a_state_of_few_values_must_forget(values):
    """Any map from k bits to S values leaves at least k − log₂ S bits of them unknown; 50 random maps, enumerated."""
    k = 8
    for seed in range(50):
        state = np.random.default_rng(seed).integers(values, size=2**k)
        share = np.bincount(state, minlength=values) / 2**k
        unknown = float((share[share > 0] * np.log2(2**k * share[share > 0])).sum())
        assert unknown >= k - math.log2(values) - 1e-9


@pytest.fixture(scope="module")
def after_400_steps():
    """Bits forgotten out of 12 by a recurrent and an attention model of equal size, equally trained."""
    x, lost = figures.copies(1000, 12, generator=generator(77)), {}
    for name in ("recurrent", "attention"):
        g = generator(0)
        model = figures.build(name, 12, g)
        figures.train(model, 12, rate=copying.RATES[name], steps=400, generator=g)
        lost[name] = figures.bits_per_position(model, x).sum().item() - 12
    return lost


def test_rnn1_a_single_state_forgets(after_400_steps):
    """Copying 12 bits, the recurrent model forgets more than one of them."""
    assert after_400_steps["recurrent"] > 1


def test_rnn1_recorded_runs_forget_more_and_more():
    """With equal parameters (within 7 %), the best of three starts forgets more the longer the row, then all."""
    lost = [figures.forgotten("recurrent", k) for k in copying.LENGTHS]
    assert lost == sorted(lost) and lost[1] < 0.1 and lost[3] > 1 and lost[-1] > 23
    for k in copying.LENGTHS:
        counts = [copying.results()[name, k]["parameters"] for name in ("attention", "masked", "recurrent")]
        assert max(counts) < 1.07 * min(counts)
        assert figures.forgotten("small", k) >= figures.forgotten("recurrent", k)


def test_att1_attention_solves_the_task_that_the_state_fails(after_400_steps):
    """The same rows, size and training: less than a fifth of a bit forgotten; in the recorded runs up to 24 bits."""
    assert after_400_steps["attention"] < 0.2
    assert all(figures.forgotten("attention", k) < 0.1 for k in copying.LENGTHS)


def test_att1_recorded_training_times_grow_with_the_number_of_pairs():
    """From 256 to 1,024 numbers attention, with 16 times as many pairs, trains 16 times slower or more (its arrays
    outgrow the caches as well); the recurrent model, with 4 times as many steps, and the masked one at most 5 times."""
    seconds = {(row["model"], row["n"]): row["train"] for row in recorded.read("times")["rows"]}
    growth = {model: seconds[model, 1024] / seconds[model, 256] for model in ("attention", "recurrent", "masked")}
    assert growth["attention"] >= 16
    assert growth["masked"] < growth["recurrent"] <= 5


def test_att1_it_compares_queries_with_keys_and_mixes_values():
    """Written out for one query at a time: softmax of q·k/√d over the past, weights that sum to one, future at zero."""
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(3, 9, 4))
    weights = attend(torch.tensor(q), torch.tensor(k))
    for i in range(9):
        scores = np.exp(k[: i + 1] @ q[i] / 2)
        expected = np.append(scores / scores.sum(), np.zeros(8 - i))
        np.testing.assert_allclose(weights[i], expected, atol=1e-12)
        np.testing.assert_allclose((weights @ torch.tensor(v))[i], expected @ v, atol=1e-12)


def test_att1_the_mask_is_causal():
    """No conditional has a derivative by its own or a later variable; every earlier one has an influence."""
    model = randomized(AttentionModel(9, 8, 2, 2)).double()
    x = torch.rand(10, 9, generator=generator(2), dtype=torch.float64)
    seen = figures.jacobian(model, x) > 0
    assert torch.equal(seen, torch.ones(9, 9, dtype=torch.bool).tril(-1))


def test_att1_the_trained_model_looks_at_the_bit_it_must_repeat():
    """For each query of the second half the heaviest key is the one that carries its bit; the copy is free."""
    model, x = figures.copying_model(), figures.copies(500, 12, generator=generator(9))
    weights = model.attention_weights(x)[0].mean((0, 1))
    assert weights[12:].argmax(-1).tolist() == list(range(1, 13))
    cost = figures.bits_per_position(model, x)
    assert cost[12:].sum() < 0.1 < 0.99 < cost[:12].min()


# -- Convolutions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kernel", [(3, 3), (5, 5), (1, 7)])
@pytest.mark.parametrize("kind", ["A", "B"])
def test_cnn1_masked_windows_see_what_comes_before(kernel, kind):
    """Derivatives of one masked convolution: the raster past within the window, and the centre for mask B alone."""
    layer = MaskedConv2d(1, 1, raster_mask(kernel, kind), generator=generator())
    x = torch.rand(1, 1, 9, 9, generator=generator(1)).requires_grad_()
    layer(x)[0, 0, 4, 4].backward()
    for r, c in itertools.product(range(9), repeat=2):
        inside = abs(r - 4) <= kernel[0] // 2 and abs(c - 4) <= kernel[1] // 2
        assert bool(x.grad[0, 0, r, c] != 0) == (inside and ((r, c) < (4, 4) or (kind == "B" and (r, c) == (4, 4))))


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize(
    ("build", "follow"), [(PixelCNN, figures.plain_field), (GatedPixelCNN, figures.gated_field)], ids=["plain", "gated"]
)
def test_cnn1_the_followed_masks_are_the_gradients_of_the_models(build, follow, kernel, layers):
    """Two pixels of a 7×9 picture, differentiated at 30 random inputs: the pixels that the masks lead back to."""
    model = randomized(build(7, 9, 16, layers, kernel=kernel, first_kernel=kernel), 0.3).double()
    for r, c in ((5, 3), (3, 8)):
        x = torch.randn(30, 63, generator=generator(1), dtype=torch.float64).requires_grad_()
        model.conditionals(x)[:, 9 * r + c].sum().backward()
        needed = np.zeros((7, 9), dtype=bool)
        needed[r, c] = True
        np.testing.assert_array_equal((x.grad != 0).any(0).reshape(7, 9), follow(needed, kernel, layers + 1))


@pytest.mark.parametrize("kernel", convolution.KERNELS)
def test_cnn1_one_stack_has_a_blind_spot_and_two_have_none(kernel):
    """One stack misses what lies right by more than (k−1)/2 columns per row above; two stacks miss nothing."""
    (row, column), reach = convolution.PIXEL, kernel // 2
    r, c = np.indices((convolution.SIZE, convolution.SIZE))
    beyond = convolution.EARLIER & (c - column > reach * (row - r))
    np.testing.assert_array_equal(figures.blind_spot("plain", kernel), beyond)
    assert beyond.sum() > 0
    assert not figures.blind_spot("gated", kernel).any()


def test_cnn1_the_vertical_stack_sees_whole_rows_above():
    """Its mask A ends above the centre's row, mask B includes it."""
    assert rows_mask(5, "A").sum() == 10 and rows_mask(5, "B").sum() == 15
    assert rows_mask(5, "A")[:2].all() and not rows_mask(5, "A")[2:].any()


# -- Representations ---------------------------------------------------------------------------------------------------


def test_ar2_hidden_units_see_only_the_beginning():
    """A hidden unit of degree d has derivatives by the first d variables alone: none describes the whole image."""
    model = randomized(MADE(7, [12], generator=generator()))
    x = torch.randn(40, 7, generator=generator(1)).requires_grad_()
    for unit, degree in enumerate(model.hidden[0].degrees_out.tolist()):
        x.grad = None
        model.hidden[0](x)[:, unit].sum().backward()
        assert x.grad.any(0).tolist() == [j <= degree for j in range(7)]
    assert model.hidden[0].degrees_out.max() < 6


def test_ar2_recorded_probes():
    """At eight numbers the VAE's latents beat MADE's hidden units by two standard errors or more; at no size do MADE's
    components beat those of the pixels; and all 500 hidden units together do beat the 20 latents."""
    found = probe.results()

    def gap(first, second, size, labels):
        a, b = found[first, size, labels], found[second, size, labels]
        return (a["accuracy"] - b["accuracy"]) / math.hypot(a["error"], b["error"])

    for labels in (200, 1000, 4000):
        assert gap("vae", "made", "fewer", labels) > 2
        assert gap("vae", "made", "all", labels) < 0
        assert max(gap("made", "pixels", size, labels) for size in ("few", "fewer")) < 1
        assert gap("made", "random", "fewer", labels) > 1


def test_ar2_on_small_digits_five_latents_say_more_than_five_components():
    """Both models trained here on 1,200 digits of 8 × 8 pixels, read by logistic regression, tested on 397 others."""
    images, labels = load_digits(binarized=True)
    x = torch.from_numpy(images.reshape(-1, 64)).float()
    made, vae = MADE(64, [200], generator=generator()), VAE(64, 5, hidden=(100,), generator=generator())
    noise = generator(1)
    for model, score, epochs in ((made, made.log_prob, 30), (vae, lambda b: vae.elbo(b, generator=noise), 100)):
        fit(
            model,
            x[:1200],
            x[1200:1400],
            optimizer=torch.optim.Adam(model.parameters(), lr=3e-3),
            generator=generator(2),
            loss=lambda b, score=score: -score(b),
            n_epochs=epochs,
            schedule=lambda done: 1 - done,
            progress=False,
        )
    with torch.no_grad():
        hidden, latents = made.hidden[0](x).relu().numpy(), vae.encode(x).mean.numpy()
    named = {
        "vae": _read(latents, labels),
        "made": _read(_components(hidden), labels),
        "pixels": _read(_components(x.numpy()), labels),
    }
    assert named["vae"] > named["made"] + 0.02, named
    assert named["made"] < named["pixels"] + 0.03, named


def _components(values):
    return PCA(5, svd_solver="full").fit(values[:1400]).transform(values)


def _read(values, labels):
    values = StandardScaler().fit(values[:1400]).transform(values)
    reader = LogisticRegression(max_iter=500).fit(values[:1200], labels[:1200])
    return reader.score(values[1400:], labels[1400:])
