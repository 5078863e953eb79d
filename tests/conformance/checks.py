"""What every density must pass, each check a function of one case that raises AssertionError.

They are functions, and not tests, so that `test_mutants.py` can run them on models that are wrong on purpose.
"""

import numpy as np
import torch
from safetensors.torch import load, save
from scipy import stats

from tests.conformance.case import Case, log_prob, sample

LEVEL = 1e-3  # of the chi-square test: a right sampler fails for one seed in a thousand, and the seed is fixed
N_SAMPLES = 20_000
ORDERINGS = 5
DRAWS = 10


def parameter_count_is_the_formula(case: Case) -> None:
    assert case.seeded().num_parameters == case.n_parameters


def probabilities_sum_to_one(case: Case) -> None:
    """By enumeration, or by the midpoint rule on a box that holds all but a negligible part."""
    model = case.seeded() if case.is_numpy else case.seeded().double()
    total = np.exp(log_prob(model, case.space.points())).sum() * case.space.volume
    assert abs(total - 1) < (1e-9 if case.space.volume == 1 else 1e-5), total


def samples_follow_the_density(case: Case) -> None:
    """Pearson's chi-square of N_SAMPLES draws; cells expecting fewer than 5 are counted as one."""
    model, space = case.seeded(), case.space
    points = space.points()
    expected = N_SAMPLES * np.bincount(space.cells(points), np.exp(log_prob(model, points)) * space.volume)
    drawn = sample(model, N_SAMPLES, seed=11)
    assert drawn.shape == (N_SAMPLES, *points.shape[1:])
    observed = np.bincount(space.cells(drawn), minlength=len(expected))
    rare = expected < 5
    expected = np.append(expected[~rare], expected[rare].sum())
    observed = np.append(observed[~rare], observed[rare].sum())
    used = expected > 0
    assert observed[~used].sum() == 0, "drew what has probability zero"
    statistic = ((observed[used] - expected[used]) ** 2 / expected[used]).sum()
    p_value = stats.chi2.sf(statistic, used.sum() - 1)
    assert p_value > LEVEL, f"chi-square {statistic:.1f} on {used.sum() - 1} degrees of freedom, p = {p_value:.1e}"


def batches_change_nothing(case: Case) -> None:
    """One number per row, the same alone, in company and in another order."""
    model = case.seeded()
    points = case.space.points()
    x = points[np.random.default_rng(5).integers(len(points), size=40)]
    together = log_prob(model, x)
    assert together.shape == (40,)
    alone = np.concatenate([log_prob(model, x[i : i + 1]) for i in range(40)])
    np.testing.assert_allclose(alone, together, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(log_prob(model, x[::-1].copy()), together[::-1], rtol=1e-4, atol=1e-5)


def seed_fixes_samples(case: Case) -> None:
    """Equal seeds, equal samples; other seeds, others; the global generators neither matter nor move."""
    model = case.seeded()
    before = torch.get_rng_state()
    first = sample(model, 50, seed=1)
    assert torch.equal(before, torch.get_rng_state())
    torch.rand(3)
    assert np.array_equal(first, sample(model, 50, seed=1))
    assert not np.array_equal(first, sample(model, 50, seed=2))


def fitting_reaches_the_known_optimum(case: Case) -> None:
    """Trained on a single row, a model of bits must give it all the probability there is."""
    found, best = case.optimum() if case.optimum else (fit_one_row(case), 0.0)
    assert best - 0.02 < found < best + 1e-6, f"reached {found:.4f} nats, optimum {best:.4f}"


def fit_one_row(case: Case) -> float:
    """log p of the row after training on it, until close enough or for at most 1,500 steps."""
    model = case.make(torch.Generator().manual_seed(0))
    row = (torch.rand(1, model.n_dims, generator=torch.Generator().manual_seed(3)) < 0.5).float()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(1500):
        optimizer.zero_grad()
        loss = -model.log_prob(row).mean()
        if loss < 0.015:
            break
        loss.backward()
        optimizer.step()
    return -float(loss.detach())


def conditionals_see_only_the_past(case: Case) -> None:
    """∂ parameters_i / ∂ x_j is exactly zero unless j comes before i; for several random orderings and weights."""
    for seed in range(ORDERINGS):
        model = case.seeded(seed)
        depends = dependence(model, n_inputs=6)[model.ordering][:, model.ordering]
        assert not depends.triu().any(), f"ordering {model.ordering.tolist()}"
        if case.sees_all:
            assert depends.sum() == model.n_dims * (model.n_dims - 1) // 2, "an earlier variable is ignored"


def dependence(model: torch.nn.Module, n_inputs: int) -> torch.Tensor:
    """Whether the parameters of conditional i (row) move with x_j (column) at any of some random inputs, (n, n)."""
    model, found = model.double(), torch.zeros(model.n_dims, model.n_dims, dtype=torch.bool)
    for seed in range(n_inputs):
        x = torch.rand(model.n_dims, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        jacobian = torch.autograd.functional.jacobian(lambda v: model.conditionals(v[None])[0].reshape(len(v), -1), x)
        found |= (jacobian != 0).any(1)
    return found


def every_parameter_matters(case: Case) -> None:
    """Gradients of log p, or its bound, are finite and, but for the stated number of idle ones, non-zero somewhere."""
    influence: dict[str, torch.Tensor] = {}
    for seed in range(DRAWS):  # several, for a unit max(0, ·) may sleep in one of them
        model = case.seeded(seed).double()
        for x in random_rows(case, 6, seed):
            model.zero_grad()
            case.score(model, x[None]).sum().backward()
            for name, p in model.named_parameters():
                assert p.grad is not None, f"{name} has no influence"
                assert p.grad.isfinite().all(), name
                influence[name] = influence.get(name, 0) + p.grad.abs()
    assert not [name for name, total in influence.items() if not total.max() > 1e-9]
    idle = sum(int((total < 1e-9).sum()) for total in influence.values())
    assert case.n_idle is None or idle == case.n_idle, f"{idle} idle parameters"


def random_rows(case: Case, n: int, seed: int) -> torch.Tensor:
    points = torch.as_tensor(case.space.points(), dtype=torch.float64)
    return points[torch.randperm(len(points), generator=torch.Generator().manual_seed(seed))[:n]]


def huge_weights_stay_finite(case: Case) -> None:
    """Logits in the hundreds: log p is finite or hugely negative, never NaN, and so are its gradients."""
    model = case.seeded()
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(case.huge)
    x = torch.as_tensor(case.space.points()[:64]).float()
    score = case.score(model, x)
    score.sum().backward()
    assert model.log_prob(x).isfinite().all() and score.isfinite().all()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def dtype_changes_nothing(case: Case) -> None:
    """Single and double precision agree to rounding, and bits may come as integers or truth values."""
    model = case.seeded()
    points = case.space.points()
    x = points[np.random.default_rng(5).integers(len(points), size=40)]
    single = log_prob(model, x)
    if case.is_binary:
        for dtype in (torch.uint8, torch.int64, torch.bool):
            given = model.log_prob(torch.as_tensor(x).to(dtype)).detach()
            assert np.array_equal(given.double().numpy(), single)
    assert model.log_prob(torch.as_tensor(x).double()).dtype == torch.float32
    np.testing.assert_allclose(log_prob(model.double(), x), single, rtol=2e-4, atol=2e-4)


def weights_survive_saving(case: Case) -> None:
    """Read into a model made with another seed, they give the same numbers and the same samples."""
    model, other = case.seeded(0), case.seeded(1)
    x = case.space.points()[::7]
    assert not np.array_equal(log_prob(other, x), log_prob(model, x))
    state = {name: value.clone() for name, value in model.state_dict().items()}
    other.load_state_dict(load(save(state)))
    assert np.array_equal(log_prob(other, x), log_prob(model, x))
    assert np.array_equal(sample(other, 20, seed=1), sample(model, 20, seed=1))


def no_rows_no_numbers(case: Case) -> None:
    """Zero rows are rows: zero numbers, no crash."""
    model = case.seeded()
    assert model.log_prob(torch.zeros(0, model.n_dims)).shape == (0,)


def no_samples_are_samples(case: Case) -> None:
    """Who asks for none gets none."""
    model = case.seeded()
    assert model.sample(0).shape == (0, model.n_dims)


def arrays_are_rows_too(case: Case) -> None:
    """NumPy's numbers give what the same numbers in a tensor give."""
    model, x = case.seeded(), case.space.points()[::5]
    assert torch.equal(model.log_prob(x), model.log_prob(torch.from_numpy(x)))


FOR_ALL = (
    parameter_count_is_the_formula,
    probabilities_sum_to_one,
    samples_follow_the_density,
    batches_change_nothing,
    seed_fixes_samples,
    fitting_reaches_the_known_optimum,
)
FOR_MODULES = (
    every_parameter_matters,
    huge_weights_stay_finite,
    dtype_changes_nothing,
    weights_survive_saving,
    no_rows_no_numbers,
)
FOR_AUTOREGRESSIVE = (conditionals_see_only_the_past, no_samples_are_samples, arrays_are_rows_too)
