"""Lecture 4: one variable after the other, by tables, logistic regressions, shared networks, mixtures of Gaussians."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch.utils._python_dispatch import TorchDispatchMode

from dgmlib import pretrained
from dgmlib.autoregressive import FVSBN, NADE, RNADE
from dgmlib.autoregressive.evidence import GibbsRun, gibbs, likelihood_weighting
from dgmlib.figures.autoregressive_models import conditionals, inpainting, switches, toy
from dgmlib.figures.autoregressive_models.digits import digits, small_digits
from dgmlib.figures.autoregressive_models.small import small
from dgmlib.figures.autoregressive_models.width import untied
from dgmlib.monte_carlo import estimate_mean
from tests.conformance.case import randomized


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def all_rows(n):
    """The 2ⁿ rows of n bits, first column slowest."""
    return torch.tensor(list(itertools.product([0.0, 1.0], repeat=n)), dtype=torch.float64)


def posterior(model, evidence):
    """p(x | evidence) of all 2ⁿ rows by enumeration, (2ⁿ,)."""
    rows = all_rows(model.n_dims)
    agrees = ((rows == evidence) | evidence.isnan()).all(1)
    return model.log_prob(rows).detach().masked_fill(~agrees, -math.inf).softmax(0)


def assert_follows(rows, p):
    """Rows of bits fit the probabilities of all 2ⁿ rows: chi-square, cells of expectation under 5 joined."""
    n = rows.shape[1]
    codes = (rows.double() @ 2.0 ** torch.arange(n - 1, -1, -1, dtype=torch.float64)).long()
    counts = torch.bincount(codes, minlength=2**n).double().numpy()
    expected = p.numpy() * len(rows)
    assert counts[expected == 0].sum() == 0
    rare = (expected > 0) & (expected < 5)
    kept = expected >= 5
    observed = np.append(counts[kept], counts[rare].sum())
    wanted = np.append(expected[kept], expected[rare].sum())
    inside = wanted > 0
    assert stats.chisquare(observed[inside], wanted[inside]).pvalue > 1e-4


# -- AR1 ---------------------------------------------------------------------------------------------------------------


def test_ar1_four_descriptions_and_what_they_cost():
    """15 table entries miss nothing; 7 on a graph and 10 logistic weights miss much; 76 of a network miss nothing."""
    found = {way: switches.fitted(way, "1234")[1] for way in switches.WAYS}
    assert found == {"tables": 15, "network": 7, "logistic": 10, "neural": 76}
    for way in switches.WAYS:
        assert switches.fitted(way, "1234")[0].sum() == pytest.approx(1, abs=1e-9)
    gap = {way: switches.divergence(way, "1234") for way in switches.WAYS}
    assert gap["tables"] < 1e-12 and gap["neural"] < 1e-3
    assert gap["network"] > 0.5 and gap["logistic"] > 0.3
    assert all(switches.divergence("neural", order) < 1e-3 for order in switches.ORDERINGS)


def test_ar1_the_graph_misses_exactly_what_its_parents_leave_out():
    """D(p‖best tables on the graph) = Σ_i H(x_i | parents) − H(x₁, …, x₄), each term from the joint itself."""
    joint = switches.truth().joint()

    def entropy(*axes):
        p = joint.sum(tuple(set(range(4)) - set(axes))).ravel()
        return -(p[p > 0] * np.log(p[p > 0])).sum()

    graph = entropy(0) + (entropy(0, 1) - entropy(0)) + (entropy(1, 2) - entropy(1)) + (entropy(0, 3) - entropy(0))
    assert switches.divergence("network", "1234") == pytest.approx(graph - entropy(0, 1, 2, 3), abs=1e-9)


def test_ar1_the_order_matters_to_logistic_conditionals():
    """The buzzer before the lamp makes the lamp nearly linear: 0.15 nats are missed instead of 0.49; tables miss 0."""
    gaps = {order: switches.divergence("logistic", order) for order in switches.ORDERINGS}
    assert gaps["1243"] < 0.2 < 0.4 < gaps["1234"]
    assert all(switches.divergence("tables", order) < 1e-12 for order in gaps)


def test_ar1_the_logistic_optimum_is_one():
    """At the fit x_i − x̂_i has mean 0 and is uncorrelated with all before: no gradient of a concave function."""
    model = switches.best_model(FVSBN(4), "1234")
    x, p = torch.from_numpy(switches.STATES).double(), torch.from_numpy(switches.true_probs())
    residual = (x - model.conditionals(x).sigmoid()) * p[:, None]
    assert residual.sum(0).abs().max() < 1e-5
    assert (residual.T @ x).tril(-1).abs().max() < 1e-5
    np.testing.assert_allclose(switches.probs(model, "1234"), switches.fitted("logistic", "1234")[0], atol=1e-4)


def test_ar1_sizes_on_binary_mnist():
    """784 variables: 2⁷⁸⁴ − 1 table entries against 307,720 and 785,284 parameters."""
    assert FVSBN(784).num_parameters == 307_720
    assert NADE(784, 500, generator=generator()).num_parameters == 785_284
    assert 2**784 - 1 > 10**236


# -- FV1, FV2 ----------------------------------------------------------------------------------------------------------


def test_fv1_probabilities_sum_to_one():
    """All 2ⁿ rows for n = 1 … 10, random parameters of a size that matters."""
    for n in range(1, 11):
        model = randomized(FVSBN(n)).double()
        assert float(model.log_prob(all_rows(n)).logsumexp(0).exp().detach()) == pytest.approx(1, abs=1e-10)


def test_fv1_is_the_formula():
    """log p from the definition, x̂_i = σ(α₀ⁱ + Σ_{j<i} αⱼⁱ xⱼ) with loops over i and j, for the trained small FVSBN."""
    model, x = small("fvsbn"), small_digits().test[0]
    alpha0, alpha, total = model.bias.double().numpy(), model.matrix.double().numpy(), 0.0
    for i in range(196):
        logit = alpha0[i] + sum(alpha[i, j] * float(x[j]) for j in range(i))
        x_hat = 1 / (1 + math.exp(-logit))
        total += math.log(x_hat if x[i] == 1 else 1 - x_hat)
    assert float(model.log_prob(x[None])[0]) == pytest.approx(total, abs=1e-3)


def test_fv2_n_times_n_plus_one_over_two_parameters():
    """Counted for n = 1 … 60 and 784: n(n+1)/2, half of n² in the limit, and pixel i uses exactly i of them."""
    for n in [*range(1, 61), 784]:
        assert FVSBN(n).num_parameters == n * (n + 1) // 2
    assert FVSBN(784).num_parameters / 784**2 == pytest.approx(0.5, abs=0.001)
    model = FVSBN(12)
    x = torch.ones(1, 12)
    for i in range(12):
        bias, weight = torch.autograd.grad(model.conditionals(x)[0, i], [model.bias, model.weight])
        assert int((bias != 0).sum() + (weight != 0).sum()) == i + 1


# -- FV3 ---------------------------------------------------------------------------------------------------------------


def test_fv3_sampling_and_completing_a_prefix_are_exact():
    """20,000 samples, and 20,000 completions of a prefix, against enumeration: chi-square."""
    model = randomized(FVSBN(7)).double()
    prefix = torch.tensor([1.0, 0.0, 1.0])
    evidence = torch.cat([prefix, torch.full((4,), math.nan)]).double()
    assert_follows(model.sample(20_000, generator=generator(1)), model.log_prob(all_rows(7)).exp().detach())
    drawn = model.complete(prefix.expand(20_000, 3), generator=generator(2))
    assert_follows(drawn, posterior(model, evidence))


def test_fv3_likelihood_weighting_is_worth_n_for_a_prefix_and_little_otherwise():
    """3,000 draws of the small FVSBN: the upper half given, worth 3,000; the lower half, worth less than a fifth."""
    for digit in inpainting.DIGITS:
        assert inpainting.weighted("top", digit, 3000).effective_sample_size == pytest.approx(3000, rel=1e-3)
        assert inpainting.weighted("bottom", digit, 3000).effective_sample_size < 600


def test_fv3_likelihood_weighting_collapses_on_whole_digits():
    """1,000 draws of the shipped FVSBN given the lower half of a digit of 784 pixels: fewer than 40 count."""
    model, known = pretrained.load("fvsbn-mnist").requires_grad_(False), torch.arange(784) >= 392
    for place in (3, 55, 38):
        given = torch.where(known, torch.from_numpy(digits()[place]).float(), math.nan)
        assert likelihood_weighting(model, given, 1000, generator=generator()).effective_sample_size < 40


def kept(model, evidence):
    """(E w)² / E w² of likelihood weighting by enumeration: the share of draws that counts."""
    rows, known = all_rows(model.n_dims), ~evidence.isnan()
    agrees = ((rows == evidence) | ~known).all(1)
    log_parts = model.family.log_prob(model.conditionals(rows), rows).detach()
    log_w, log_q = log_parts[:, known].sum(1), log_parts[:, ~known].sum(1)
    q, w = log_q[agrees].exp(), log_w[agrees].exp()
    return float((q @ w) ** 2 / (q @ w**2))


def test_fv3_the_share_that_counts_shrinks_exponentially():
    """m independent copies of a model with late evidence: exactly the m-th power of one copy's share remains."""
    one = randomized(FVSBN(4)).double()
    evidence = torch.tensor([math.nan, math.nan, 1.0, 0.0], dtype=torch.float64)
    share = kept(one, evidence)
    assert share < 0.95
    for m in (2, 3):
        copies = FVSBN(4 * m).double()
        matrix = torch.block_diag(*[one.matrix] * m).detach()
        with torch.no_grad():
            copies.bias.copy_(one.bias.repeat(m))
            copies.weight.copy_(matrix[tuple(torch.tril_indices(4 * m, 4 * m, -1))])
        assert kept(copies, evidence.repeat(m)) == pytest.approx(share**m, rel=1e-9)
    drawn = likelihood_weighting(one.float(), evidence.float(), 20_000, generator=generator(4))
    assert drawn.effective_sample_size / 20_000 == pytest.approx(share, rel=0.05)


def test_fv3_gibbs_finds_the_posterior_without_a_prefix():
    """400 chains of 30 sweeps, the last two of six bits known: the end points follow the enumerated posterior."""
    model = randomized(FVSBN(6)).double()
    evidence = torch.tensor([math.nan] * 4 + [0.0, 1.0], dtype=torch.float64)
    run = gibbs(model, evidence, 30, n_chains=400, generator=generator(3))
    assert_follows(run.samples, posterior(model, evidence))


def test_fv3_gibbs_is_slow():
    """A sweep costs a pass per unknown pixel; at the price of 30,000 draws, 38 sweeps, chains still disagree."""
    assert inpainting.sweeps("bottom", 30_000) == 38
    for digit in inpainting.DIGITS:
        trace = torch.from_numpy(inpainting.recorded("bottom", digit, 30_000, "trace"))
        assert trace.shape == (38, inpainting.CHAINS)
        assert GibbsRun(trace, trace[0], trace, trace[:, 0]).r_hat > 1.01
        assert trace[19:].mean() > trace[0].mean() + 3  # they came from coin tosses, and took their time


def test_fv3_gibbs_cannot_cross_between_modes():
    """All bits glued together, two modes: chains stay where they began, and R̂ says so."""
    glued = FVSBN(6)
    with torch.no_grad():
        glued.weight.fill_(40.0)
        glued.bias.copy_(-20.0 * torch.arange(6))
    run = gibbs(glued, torch.full((6,), math.nan), 40, n_chains=30, generator=generator())
    assert {0.0, 6.0} == set(run.samples.sum(1).tolist())
    assert run.r_hat > 2
    assert (
        likelihood_weighting(glued, torch.full((6,), math.nan), 100, generator=generator()).effective_sample_size > 99
    )


# -- FV4 ---------------------------------------------------------------------------------------------------------------


def test_fv4_nade_beats_fvsbn_on_new_digits():
    """500 test digits, scored by both trained models: the paired difference is above a nat and ten standard errors."""
    x = small_digits().test
    gain = estimate_mean((small("nade").log_prob(x) - small("fvsbn").log_prob(x)).double().numpy())
    assert gain.mean > max(1.0, 10 * gain.standard_error)


def test_fv4_logistic_conditionals_cannot_learn_a_parity():
    """Three bits, the third the parity of two fair coins: the best FVSBN misses log 2 nats, a NADE of 4 units none."""
    x = all_rows(3)[[0, 3, 5, 6]]
    missed = {}
    for name, model in (("fvsbn", FVSBN(3)), ("nade", NADE(3, 4, generator=generator(2)))):
        model = model.double()
        climb = torch.optim.LBFGS(model.parameters(), max_iter=60, line_search_fn="strong_wolfe")

        def loss(model=model, climb=climb):
            climb.zero_grad()
            value = -model.log_prob(x).mean()
            value.backward()
            return value

        climb.step(loss)
        missed[name] = float(loss().detach()) - math.log(4)
    assert missed["fvsbn"] == pytest.approx(math.log(2), abs=1e-6)
    assert missed["nade"] < 1e-3


# -- ND1 ---------------------------------------------------------------------------------------------------------------


class Work(TorchDispatchMode):
    """Counts the numbers that torch's operations read, views left out: arithmetic in units of its operands."""

    def __init__(self):
        super().__init__()
        self.numbers = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if not func.is_view:
            self.numbers += sum(a.numel() for a in args if isinstance(a, torch.Tensor))
        return func(*args, **(kwargs or {}))


def stepwise(model, x):
    """log p(x) by the walk that adds one row of W per variable, (1, n) -> number."""
    walk, total = model.steps(1), 0.0
    logit = next(walk)
    for i in range(model.n_dims):
        total = total + model.family.log_prob(logit, x[:, i])
        if i + 1 < model.n_dims:
            logit = walk.send(x[:, i])
    return total


def from_scratch(model, x):
    """log p(x) by recomputing every hidden vector: h_i = σ(c + Σ_{j<i} x_j W_j), as n separate networks would."""
    total = 0.0
    for i in range(model.n_dims):
        h = (model.hidden_bias + x[:, :i] @ model.weight[:i]).sigmoid()
        total = total + model.family.log_prob(model.bias[i] + h @ model.out_weight[i], x[:, i])
    return total


def work(compute, model):
    x = (torch.rand(1, model.n_dims, generator=generator(1)) < 0.5).float()
    with torch.no_grad(), Work() as counter:
        compute(model, x)
    return counter.numbers


def test_nd1_updating_gives_the_same_log_p():
    """One pass, the O(d) updates and the definition from scratch agree."""
    model = randomized(NADE(40, 9, generator=generator())).double()
    x = (torch.rand(1, 40, generator=generator(1)) < 0.5).double()
    once = model.log_prob(x)
    torch.testing.assert_close(stepwise(model, x), once, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(from_scratch(model, x), once, rtol=1e-10, atol=1e-10)


def test_nd1_work_is_linear_instead_of_quadratic():
    """Numbers read by torch: doubling n doubles the updates' work and quadruples the recomputation's; d is linear."""
    for compute, by_n in ((stepwise, 2.0), (from_scratch, 4.0)):
        small_n, large_n, wide = (NADE(n, d, generator=generator()) for n, d in ((300, 50), (600, 50), (300, 100)))
        base = work(compute, small_n)
        assert work(compute, large_n) / base == pytest.approx(by_n, rel=0.06)
        assert work(compute, wide) / base == pytest.approx(2.0, rel=0.06)


def test_nd1_parameters_are_tied():
    """2nd + n + d, counted; n separate networks would have dn(n−1)/2 + 2nd + n."""
    for n, d in ((5, 3), (64, 20), (784, 500)):
        assert NADE(n, d, generator=generator()).num_parameters == 2 * n * d + n + d
        # network i: i−1 inputs and a bias for each of d hidden units, d weights and a bias for the output
        assert untied(n, d) == sum(d * (i - 1) + d + d + 1 for i in range(1, n + 1))
    assert untied(784, 500) > 190 * (2 * 784 * 500)


# -- RN1 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", toy.COMPONENTS)
def test_rn1_conditionals_are_densities_and_multiply_to_log_p(k):
    """Each conditional integrates to one over the line; the product of the three is what log_prob returns."""
    for x1, x2, x3 in ((1.0, 0.5, 0.3), (-1.7, -1.0, 2.0), (0.0, 0.0, -0.1)):
        log_p = 0.0
        for i, value in ((1, x1), (2, x2), (3, x3)):
            grid = np.linspace(-15, 20, 70_001)
            assert conditionals.parts(k, i, (x1, x2), grid).sum() * (grid[1] - grid[0]) == pytest.approx(1, abs=1e-4)
            log_p += math.log(conditionals.parts(k, i, (x1, x2), np.array([value])).sum())
        row = torch.tensor([[x1, x2, x3]])
        assert float(toy.rnade(k).log_prob(row)[0]) == pytest.approx(log_p, abs=1e-3)


def test_rn1_more_components_come_closer_to_the_truth():
    """D(p‖p_θ) on 4,000 fresh rows: 1, 2, 5 Gaussians miss about 1.1, 0.13 and 0.01 nats; ten standard errors apart."""
    x = toy.sample(4000, rng=np.random.default_rng(11))
    log_p, rows = toy.true_log_prob(x), torch.from_numpy(x).float()
    missed = [log_p - toy.rnade(k).log_prob(rows).double().numpy() for k in (1, 2, 5)]
    for worse, better in itertools.pairwise(missed):
        gain = estimate_mean(worse - better)
        assert gain.mean > 10 * gain.standard_error
    assert abs(estimate_mean(missed[2]).mean) < 0.05


def test_rn1_the_toy_is_what_it_says():
    """The true conditionals integrate to one, agree with the true joint, and fresh rows follow the first of them."""
    for earlier in ((1.0, 0.5), (-1.7, -1.0)):
        for i in (1, 2, 3):
            grid = np.linspace(-15, 20, 70_001)
            assert toy.conditional(i, earlier)(grid).sum() * (grid[1] - grid[0]) == pytest.approx(1, abs=1e-6)
    x = toy.sample(5, rng=np.random.default_rng(0))
    product = [math.log(math.prod(float(toy.conditional(i, tuple(r))(r[i - 1])) for i in (1, 2, 3))) for r in x]
    np.testing.assert_allclose(toy.true_log_prob(x), product, rtol=1e-9)
    x1 = toy.sample(4000, rng=np.random.default_rng(1))[:, 0]
    grid = np.linspace(-3, 3, 6001)
    cdf = np.cumsum(toy.conditional(1, ())(grid)) * 0.001
    assert stats.kstest(x1, lambda v: np.interp(v, grid, cdf)).pvalue > 1e-3


def test_rn1_nothing_is_discretised():
    """A density, not a table: it differs at neighbouring numbers, and in other units changes by n log of the factor."""
    metres, millimetres = (RNADE(3, 8, 2, scale=s, generator=generator()).double() for s in (1.0, 1000.0))
    x = torch.randn(50, 3, generator=generator(1), dtype=torch.float64)
    difference = metres.log_prob(x) - millimetres.log_prob(1000 * x)
    torch.testing.assert_close(difference, torch.full_like(difference, 3 * math.log(1000)), rtol=0, atol=1e-5)
    assert (metres.log_prob(x + 1e-6) != metres.log_prob(x)).all()
