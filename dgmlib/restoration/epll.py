"""Restore a picture such that all its patches are likely: expected patch log-likelihood.

    F(x) = 1/2σ² Σ_j c_j (A x − y)_j² − EPLL(x),      EPLL(x) = Σ_i log p(P_i x)

P_i x is the i-th of all overlapping patches, p a prior on patches, and c_j the number of patches that look at a pixel:
64 of them for 8×8 patches, fewer along the rim. For A = I, F adds up the posterior energies of all patches, but for one
and the same picture. It is minimised by half-quadratic splitting, with a second copy p_i of each patch,

    F_β(x, p) = 1/2σ² Σ_j c_j (A x − y)_j² + Σ_i [ β/2 |P_i x − p_i|² − log p(p_i) ]

    patches   p_i = MAP estimate of P_i x in noise of variance 1/β
    picture   (Aᵀ C A / σ² + β Σ P_iᵀP_i) x = Aᵀ C y / σ² + β Σ P_iᵀ p_i

while β rises. Priors know a patch up to its mean (``dgmlib.patches.plane``), which stays as it is in x.
Source: D. Zoran, Y. Weiss, ICCV 2011, with λ = 64/σ².
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy.ndimage import laplace
from scipy.sparse.linalg import LinearOperator as SparseOperator
from scipy.sparse.linalg import cg
from tqdm.auto import tqdm

from dgmlib._arrays import check_counts
from dgmlib.patches import PatchPrior, aggregate, coverage, extract, from_plane, to_plane
from dgmlib.patches.extraction import Places, jittered_places
from dgmlib.restoration.checks import check_problem
from dgmlib.restoration.colour import from_channels, to_channels
from dgmlib.restoration.metrics import psnr
from dgmlib.restoration.operators import Identity, LinearOperator

SCHEDULE = (1.0, 4.0, 8.0, 16.0, 32.0)
STIFFEST_START = 250.0  # of β where A is not the identity: 16 grey levels of 255, for the start is far from the end
SLOPE = 0.05  # typical difference of neighbouring grey values, for the picture to start from
STEP = 5  # pixels from patch to patch, in the mean, in fast mode


class Step(NamedTuple):
    """The picture after one round of estimating patches and picture, within [0, 1], and the β of that round."""

    image: np.ndarray
    beta: float


def epll(
    y: np.ndarray,
    operator: LinearOperator | None,
    prior: PatchPrior,
    *,
    sigma: float,
    mode: str = "exact",
    betas: Sequence[float] | None = None,
    n_inner: int | None = None,
    rng: np.random.Generator | None = None,
    truth: np.ndarray | None = None,
    progress: bool = False,
) -> np.ndarray:
    """The restored picture: grey (height, width) or colour (height, width, 3), in [0, 1].

    y: what was observed, A x in white noise of standard deviation ``sigma``; grey values run from 0 to 1, and noise may
    carry them beyond. operator: A, None for the identity; in colour it acts on each channel.
    mode: "exact" takes all patches and all of a mixture's components; "fast" takes some patches, at random (``rng``),
    and finds components by a search tree. betas: the schedule, default 1/σ² · (1, 4, 8, 16, 32), starting no higher
    than 250 unless A = I. n_inner: rounds per β. truth: shows the running PSNR in the progress bar.
    """
    steps = epll_steps(y, operator, prior, sigma=sigma, mode=mode, betas=betas, n_inner=n_inner, rng=rng)
    total = n_rounds(operator, sigma, betas, n_inner)
    with tqdm(total=total, desc="EPLL", unit="round", disable=not progress) as bar:
        for step in steps:
            if truth is not None:
                bar.set_postfix(PSNR=f"{psnr(step.image, truth):.2f} dB")
            bar.update()
    return step.image


def epll_steps(
    y: np.ndarray,
    operator: LinearOperator | None,
    prior: PatchPrior,
    *,
    sigma: float,
    mode: str = "exact",
    betas: Sequence[float] | None = None,
    n_inner: int | None = None,
    rng: np.random.Generator | None = None,
) -> Iterator[Step]:
    """The pictures on the way, one per round; arguments as for ``epll``, checked before the first is asked for."""
    y, size = check_problem(y, operator, prior.n_dims, sigma, mode), math.isqrt(prior.n_dims + 1)
    a = Identity(y.shape[:2]) if operator is None else operator
    channels = to_channels(y, sigma)
    runs = [
        _restore(c, a, prior, s, size, mode, _schedule(operator, s, betas, n_inner), rng or np.random.default_rng(0))
        for c, s in channels
    ]
    return (
        Step(from_channels([image for image, _ in steps]).clip(0, 1), steps[0][1]) for steps in zip(*runs, strict=True)
    )


def n_rounds(
    operator: LinearOperator | None, sigma: float, betas: Sequence[float] | None = None, n_inner: int | None = None
) -> int:
    """How many steps ``epll_steps`` takes."""
    return len(_schedule(operator, sigma, betas, n_inner))


def _schedule(
    operator: LinearOperator | None, sigma: float, betas: Sequence[float] | None, n_inner: int | None
) -> list[float]:
    """Every round's β."""
    denoising = operator is None or isinstance(operator, Identity)
    if betas is None:
        start = 1 / sigma**2 if denoising else min(1 / sigma**2, STIFFEST_START)
        betas = [start * factor for factor in SCHEDULE]
    if not len(betas) or not all(0 < beta < math.inf for beta in betas):
        raise ValueError(f"betas: got {betas}, expected one or more finite numbers > 0, usually rising.")
    n_inner = (1 if denoising else 2) if n_inner is None else n_inner
    check_counts(n_inner=n_inner)
    return [float(beta) for beta in betas for _ in range(n_inner)]


def _restore(
    y: np.ndarray,
    a: LinearOperator,
    prior: PatchPrior,
    sigma: float,
    size: int,
    mode: str,
    betas: list[float],
    rng: np.random.Generator,
) -> Iterator[tuple[np.ndarray, float]]:
    """Half-quadratic splitting for one grey picture, single precision throughout."""
    x = first_picture(y, a, sigma)
    if mode == "fast":
        prior = getattr(prior, "fast", prior)
    for beta in betas:
        places = jittered_places(a.shape, size, min(STEP, size), rng) if mode == "fast" else None
        patches = restore_patches(extract(x, size, places), prior, beta)
        x = solve_picture(y, a, patches, sigma, beta, x, places)
        yield x, beta


def restore_patches(patches: np.ndarray, prior: PatchPrior, beta: float) -> np.ndarray:
    """MAP estimates in noise of variance 1/β, (n, d) -> (n, d)."""
    z, mean = to_plane(patches)
    return from_plane(prior.map_estimate(z, beta**-0.5), mean)


def solve_picture(
    y: np.ndarray,
    a: LinearOperator,
    patches: np.ndarray,
    sigma: float,
    beta: float,
    start: np.ndarray,
    places: Places | None = None,
) -> np.ndarray:
    """The picture that fits data and patches best: a division where A is diagonal, else conjugate gradients."""
    seen = coverage(a.shape, math.isqrt(patches.shape[1]), places)
    weights = a.coverage(seen) / sigma**2
    target = a.adjoint(weights * y) + beta * aggregate(patches, a.shape, places)
    if a.diagonal is not None:
        return (target / (a.diagonal**2 * weights + beta * seen)).astype(np.float32)
    return _solve(lambda x: a.adjoint(weights * a(x)) + beta * seen * x, target, start)


def first_picture(y: np.ndarray, a: LinearOperator, sigma: float) -> np.ndarray:
    """Where to start: argmin |A x − y|² / σ² + |∇x|² / s², s = SLOPE, unless A is diagonal and knows better."""
    guess = a.first_guess(y)
    if a.diagonal is not None:
        return guess.astype(np.float32)
    return _solve(
        lambda x: a.adjoint(a(x)) / sigma**2 - laplace(x) / SLOPE**2, a.adjoint(y).astype(float) / sigma**2, guess
    )


def _solve(normal: Callable[[np.ndarray], np.ndarray], target: np.ndarray, start: np.ndarray) -> np.ndarray:
    """A picture x with normal(x) = target, for a symmetric positive definite map, by conjugate gradients."""
    shape, n = target.shape, target.size
    left = SparseOperator((n, n), matvec=lambda v: normal(v.reshape(shape)).ravel(), dtype=float)
    x, _ = cg(left, target.ravel(), x0=start.ravel().astype(float), rtol=1e-4, maxiter=60)
    return x.reshape(shape).astype(np.float32)
