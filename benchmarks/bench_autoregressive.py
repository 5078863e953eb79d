"""Autoregressive models at 784 dimensions: how much the mathematics saves, and how far the machine's bound is.

    make bench          or          python -m pytest benchmarks/bench_autoregressive.py --benchmark-only

Each of our functions runs in turn with a baseline that computes the same numbers in the obvious way, and both are
compared with a bound: the arithmetic at the speed of a large matrix product, or the weights at the speed of memory,
whichever is longer. Weights are random, data are bits with the density of binarised MNIST. Times are the best of a few.
"""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.timing import in_turn
from dgmlib.autoregressive import FVSBN, MADE, NADE, AttentionModel, RecurrentModel

N, D = 784, 500
INK = 0.13  # share of ones in binarised MNIST


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def bits(batch, n=N):
    return (torch.rand(batch, n, generator=generator(1)) < INK).float()


@pytest.fixture(scope="module")
def machine():
    """Floating-point operations a second of a 512³ product, and bytes a second read and written by a copy."""
    a, big, target = torch.randn(512, 512), torch.randn(2**24), torch.empty(2**24)
    product, copy = in_turn(lambda: a @ a, lambda: target.copy_(big), rounds=20)
    return {"flops": 2 * 512**3 / product, "bytes": 2 * 4 * 2**24 / copy}


def bound(machine, flops, weights):
    return max(flops / machine["flops"], 4 * weights / machine["bytes"])


def fvsbn():
    model = FVSBN(N)
    with torch.no_grad():
        model.weight.normal_(0, 0.1, generator=generator())
    return model


MODELS = {
    "FVSBN": (fvsbn, N * N / 2, 10),
    "NADE-500": (lambda: NADE(N, D, generator=generator()), 2 * N * D, 20),
    "MADE-500": (lambda: MADE(N, [D], generator=generator()), 2 * N * D, 10),
}


@pytest.mark.timing
@pytest.mark.parametrize("name", MODELS)
def test_sampling_64_images(name, machine, report, benchmark):
    """Against one call of `conditionals` per pixel: 784 times the time of one, drawing not even counted."""
    make, weights, factor = MODELS[name]
    model, x, drawn = make(), bits(64), generator()
    with torch.no_grad():
        ours, one_pass = in_turn(lambda: model.sample(64, generator=drawn), lambda: model.conditionals(x))
        benchmark.pedantic(lambda: model.sample(64, generator=drawn), rounds=3)
    ratio, least = N * one_pass / ours, bound(machine, 2 * 64 * weights, weights)
    benchmark.extra_info.update(seconds=ours, baseline=N * one_pass, ratio=ratio, bound=least)
    report.append(
        f"{name:9} 64 samples: {ours:.3f} s, baseline {N * one_pass:.2f} s = {ratio:.0f}×, bound {least:.5f} s"
    )
    assert ratio >= factor


def fvsbn_loop(model, x):
    """log p, one logistic regression at a time."""
    w, total = model.matrix, torch.zeros(len(x))
    for i in range(N):
        total += model.family.log_prob(model.bias[i] + x[:, :i] @ w[i, :i], x[:, i])
    return total


def nade_loop(model, x):
    """log p by the O(d) update, one variable at a time."""
    a, total = model.hidden_bias.expand(len(x), -1), torch.zeros(len(x))
    for i in range(N):
        logit = model.bias[i] + a.sigmoid() @ model.out_weight[i]
        total += model.family.log_prob(logit, x[:, i])
        a = a + x[:, i, None] * model.weight[i]
    return total


# With more images the loop, too, does mostly arithmetic, and the ratio falls towards that of the bounds: of 100 images
# NADE's loop computes 78,400 hidden vectors. Ours computes 14,500, but 16 logits for each, and its time is a third each
# sigmoids, products before and products after them.
LOOPS = {"FVSBN": (fvsbn_loop, {25: 10, 100: 5}), "NADE-500": (nade_loop, {25: 4, 100: 3})}


@pytest.mark.timing
@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("batch", [25, 100])
def test_log_prob_against_a_loop_over_dimensions(name, batch, machine, report, benchmark):
    make, weights, _ = MODELS[name]
    loop, factors = LOOPS[name]
    model, x = make(), bits(batch)
    with torch.no_grad():
        torch.testing.assert_close(model.log_prob(x), loop(model, x), rtol=1e-4, atol=1e-3)
        ours, baseline = in_turn(lambda: model.log_prob(x), lambda: loop(model, x))
        benchmark.pedantic(lambda: model.log_prob(x), rounds=5)
    ratio, least = baseline / ours, bound(machine, 2 * batch * weights, weights)
    benchmark.extra_info.update(seconds=ours, baseline=baseline, ratio=ratio, bound=least)
    report.append(
        f"{name:9} log p of {batch}: {batch / ours:,.0f} images/s, loop {batch / baseline:,.0f}/s = {ratio:.1f}×, "
        f"bound {batch / least:,.0f}/s"
    )
    assert ratio >= factors[batch]


class PeerMADE(nn.Module):
    """A masked autoencoder as commonly written: masks are numbers, and multiply the weights in every forward pass."""

    def __init__(self, model):
        super().__init__()
        for name, layer in (("hidden", model.hidden[0]), ("out", model.out)):
            setattr(self, name, nn.Linear(layer.weight.shape[1], layer.weight.shape[0]))
            getattr(self, name).load_state_dict({"weight": layer.weight, "bias": layer.bias})
            self.register_buffer(f"{name}_mask", layer.mask.float())

    def forward(self, x):
        """log p(x), (batch, n) -> (batch,)."""
        h = F.relu(F.linear(x, self.hidden.weight * self.hidden_mask, self.hidden.bias))
        logits = F.linear(h, self.out.weight * self.out_mask, self.out.bias)
        return -F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)


@pytest.mark.timing
def test_log_prob_of_made_against_a_plain_one(machine, report, benchmark):
    """One pass by construction, in both, and the same time, but for the 3 % that checking the input takes ours."""
    make, weights, _ = MODELS["MADE-500"]
    model, x = make(), bits(100)
    peer = PeerMADE(model)
    with torch.no_grad():
        torch.testing.assert_close(model.log_prob(x), peer(x), rtol=1e-5, atol=1e-3)
        ours, baseline = in_turn(lambda: model.log_prob(x), lambda: peer(x), rounds=200)
        benchmark.pedantic(lambda: model.log_prob(x), rounds=5)
    ratio, least = baseline / ours, bound(machine, 2 * 100 * weights, weights)
    benchmark.extra_info.update(seconds=ours, baseline=baseline, ratio=ratio, bound=least)
    report.append(
        f"MADE-500  log p of 100: {100 / ours:,.0f} images/s, plain masks {100 / baseline:,.0f}/s = {ratio:.2f}×, "
        f"bound {100 / least:,.0f}/s"
    )
    assert ratio >= 0.9


KINDS = {
    "masked": lambda n: MADE(n, [64], generator=generator()),
    "attention": lambda n: AttentionModel(n, 32, 4, 1, generator=generator()),
    "recurrent": lambda n: RecurrentModel(n, 64, generator=generator()),
}


@pytest.mark.timing
@pytest.mark.parametrize("kind", KINDS)
def test_training_step_as_rows_grow_longer(kind, report, benchmark):
    """log p and its gradient for 4 rows: a pass in parallel, a pass with n² pairs, n passes one after the other."""
    lengths, times = (64, 256, 784), []
    for n in lengths:
        model, x = KINDS[kind](n), bits(4, n)
        times += in_turn(lambda m=model, x=x: m.log_prob(x).sum().backward(), rounds=3)
    benchmark.pedantic(lambda: model.log_prob(x).sum().backward(), rounds=2)
    benchmark.extra_info.update(lengths=lengths, seconds=times)
    shown = ", ".join(f"n = {n}: {1000 * t:.1f} ms" for n, t in zip(lengths, times, strict=True))
    report.append(f"{kind:9} training step, 4 rows: {shown}")


@pytest.mark.timing
@pytest.mark.parametrize("kind", KINDS)
def test_sampling_as_rows_grow_longer(kind, report, benchmark):
    """4 rows, one variable after the other for every kind; only attention's steps grow with what came before."""
    lengths, times, drawn = (64, 256, 784), [], generator()
    for n in lengths:
        model = KINDS[kind](n)
        times += in_turn(lambda m=model: m.sample(4, generator=drawn), rounds=3)
    benchmark.pedantic(lambda: model.sample(4, generator=drawn), rounds=2)
    benchmark.extra_info.update(lengths=lengths, seconds=times)
    shown = ", ".join(f"n = {n}: {1000 * t:.1f} ms" for n, t in zip(lengths, times, strict=True))
    report.append(f"{kind:9} sampling, 4 rows: {shown}")
