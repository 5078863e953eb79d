"""Three real variables whose conditionals are known: a plateau, two branches, a skewed bump; and RNADEs fitted to them.

x₁ ~ U(−2, 2) + N(0, 0.1²)
x₂ | x₁ ~ π N(m, 0.18²) + (1−π) N(−m, 0.18²),   m = 0.3 + 0.5 |x₁|,   π = σ(1.5 x₁)
x₃ | x₁, x₂ ~ ½ x₁ x₂ + N(0, 0.12²) + Exp(mean 0.7)
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from scipy import stats
from scipy.special import expit

from dgmlib.autoregressive import RNADE
from dgmlib.figures.autoregressive_models.recorded import packed, with_weights
from dgmlib.training import fit

COMPONENTS = (1, 2, 5, 10)
HIDDEN = 32
EDGE, PLATEAU_NOISE = 2.0, 0.1
BRANCH_NOISE = 0.18
SKEW_NOISE, SKEW_MEAN = 0.12, 0.7

Density = Callable[[np.ndarray], np.ndarray]


def _branches(x1: np.ndarray | float) -> tuple[np.ndarray | float, np.ndarray | float]:
    """Where the upper branch lies, and how likely it is."""
    return 0.3 + 0.5 * np.abs(x1), expit(1.5 * np.asarray(x1))


def conditional(i: int, earlier: tuple[float, ...]) -> Density:
    """The true density of x_i, i = 1, 2, 3, given the values before it."""
    if i == 1:
        ends = (stats.norm(-EDGE, PLATEAU_NOISE), stats.norm(EDGE, PLATEAU_NOISE))
        return lambda x: (ends[0].cdf(x) - ends[1].cdf(x)) / (2 * EDGE)
    if i == 2:
        m, share = _branches(earlier[0])
        parts = (stats.norm(m, BRANCH_NOISE), stats.norm(-m, BRANCH_NOISE))
        return lambda x: share * parts[0].pdf(x) + (1 - share) * parts[1].pdf(x)
    return stats.exponnorm(SKEW_MEAN / SKEW_NOISE, loc=0.5 * earlier[0] * earlier[1], scale=SKEW_NOISE).pdf


def true_log_prob(x: np.ndarray) -> np.ndarray:
    """log p_data(x) in nats, (m, 3) -> (m,)."""
    m, share = _branches(x[:, 0])
    branch = share * stats.norm.pdf(x[:, 1], m, BRANCH_NOISE) + (1 - share) * stats.norm.pdf(x[:, 1], -m, BRANCH_NOISE)
    skewed = stats.exponnorm.logpdf(x[:, 2], SKEW_MEAN / SKEW_NOISE, loc=x[:, 0] * x[:, 1] / 2, scale=SKEW_NOISE)
    return np.log(conditional(1, ())(x[:, 0])) + np.log(branch) + skewed


def sample(m: int, *, rng: np.random.Generator) -> np.ndarray:
    """m rows from the truth, (m, 3)."""
    x1 = rng.uniform(-EDGE, EDGE, m) + rng.normal(0, PLATEAU_NOISE, m)
    centre, share = _branches(x1)
    x2 = np.where(rng.random(m) < share, centre, -centre) + rng.normal(0, BRANCH_NOISE, m)
    x3 = 0.5 * x1 * x2 + rng.normal(0, SKEW_NOISE, m) + rng.exponential(SKEW_MEAN, m)
    return np.stack([x1, x2, x3], 1)


def train(n_components: int) -> bytes:
    """An RNADE fitted to 20,000 rows, as the content of a weights file."""
    rows = torch.from_numpy(sample(24_000, rng=np.random.default_rng(0))).float()
    generator = torch.Generator().manual_seed(0)
    model = RNADE(3, HIDDEN, n_components, generator=generator)
    fit(
        model,
        rows[:20_000],
        rows[20_000:],
        optimizer=torch.optim.Adam(model.parameters(), lr=5e-3),
        generator=generator,
        n_epochs=40,
        batch_size=200,
        schedule=lambda done: 1 - done,
        progress=False,
    )
    return packed(model)


@cache
def rnade(n_components: int) -> RNADE:
    """The RNADE with one of ``COMPONENTS`` that ``train`` made."""
    model = RNADE(3, HIDDEN, n_components, generator=torch.Generator().manual_seed(0))
    return with_weights(f"rnade-{n_components}", model)
