"""Train a mixture of Gaussians by a recipe, and keep it small.

First stepwise EM, which gets near in a few passes over the data, then EM over all examples, which is exact.

In the file a covariance is the Cholesky factor L_k it has once the whole mixture has been whitened,

    Σ_all = Σ_k w_k (Σ_k + μ_k μ_kᵀ) = B Bᵀ,     Σ_k = B L_k L_kᵀ Bᵀ,

because there no direction drowns another, and half precision is enough.
"""

import time
from pathlib import Path

import torch
from safetensors.torch import load as tensors_from
from safetensors.torch import save as bytes_from
from torch import Tensor
from tqdm.auto import tqdm

from dgmlib import checkpoints
from dgmlib.latent.mixture import GaussianMixture
from dgmlib.pretrained.recipes import MixtureRecipe, Splits
from dgmlib.training import History

ROUND = 5  # exact iterations between two checkpoints


def train(
    recipe: MixtureRecipe, splits: Splits, *, checkpoint: Path, progress: bool = True
) -> tuple[GaussianMixture, History]:
    """The fitted mixture; the history has an entry for the stepwise passes, then one for every five iterations."""
    history, mixture = History(), None
    checkpoint = Path(checkpoint)
    settings = {"name": recipe.name, "n_components": recipe.n_components, **recipe.settings}
    if checkpoint.exists():
        state = checkpoints.load(checkpoint)
        checkpoints.check_settings(checkpoint, state, settings)
        history = History(**state["history"])
        mixture = GaussianMixture.from_parameters(state["weights"], state["means"], state["covariances"])
    n_rounds = 1 + -(-recipe.n_iterations // ROUND)
    with tqdm(total=n_rounds, initial=len(history.train), disable=not progress, unit="round") as bar:
        while len(history.train) < n_rounds:
            start = time.perf_counter()
            mixture = _fit(recipe, splits.train, mixture)
            history.train.append(-mixture.trace[-1])
            history.valid.append(-float(mixture.log_prob(splits.valid).mean()))
            history.seconds.append((history.seconds or [0.0])[-1] + time.perf_counter() - start)
            parameters = {name: getattr(mixture, name) for name in ("weights", "means", "covariances")}
            checkpoints.save(checkpoint, {**parameters, "history": vars(history), "settings": settings})
            bar.set_postfix(train=f"{history.train[-1]:.3f}", valid=f"{history.valid[-1]:.3f}")
            bar.update()
    return mixture, history


def _fit(recipe: MixtureRecipe, x: Tensor, before: GaussianMixture | None) -> GaussianMixture:
    """The next round: passes of stepwise EM at first, then exact iterations."""
    mixture = GaussianMixture(recipe.n_components, zero_means=True)
    if before is None:
        generator = torch.Generator().manual_seed(recipe.seed)
        options = {"batch_size": recipe.batch_size, "max_iter": recipe.n_passes, "tol": 0.0}
        return mixture.fit(x, init=recipe.init, generator=generator, **options)
    return mixture.fit(x, init=before, max_iter=ROUND, tol=0.0)


def to_bytes(mixture: GaussianMixture) -> bytes:
    """The file's content: ``basis`` B in single, ``factors`` L_k (packed by rows) and ``means`` in half precision."""
    weights, means = mixture.weights, mixture.means
    moments = mixture.covariance_matrices + means[:, :, None] * means[:, None, :]
    variances, axes = torch.linalg.eigh(torch.einsum("k,kij->ij", weights, moments))
    basis = (axes * variances.sqrt()).float().double()
    whitened = torch.linalg.solve(basis, torch.linalg.solve(basis, mixture.covariance_matrices).mT)
    factors = torch.linalg.cholesky((whitened + whitened.mT) / 2)
    rows, columns = torch.tril_indices(*basis.shape)
    state = {"weights": weights.float(), "means": means.half(), "basis": basis.float().contiguous()}
    return bytes_from({**state, "factors": factors[:, rows, columns].half()})


def from_bytes(content: bytes) -> GaussianMixture:
    """The mixture in such a content, in double precision."""
    state = {name: value.double() for name, value in tensors_from(content).items()}
    n, d = state["means"].shape
    factors = torch.zeros(n, d, d, dtype=torch.float64)
    rows, columns = torch.tril_indices(d, d)
    factors[:, rows, columns] = state["factors"]
    roots = state["basis"] @ factors
    mixture = GaussianMixture.from_parameters(
        state["weights"] / state["weights"].sum(), state["means"], roots @ roots.mT
    )
    mixture.zero_means = not bool(state["means"].any())
    return mixture
