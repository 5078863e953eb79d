"""Follow a recipe: train, round to half precision, score what was rounded, write weights and card."""

import hashlib
import json
import platform
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm.auto import tqdm

from dgmlib import __version__
from dgmlib.autoregressive import AutoregressiveModel
from dgmlib.files import write
from dgmlib.latent.objective import Objective
from dgmlib.latent.vae import VAE
from dgmlib.monte_carlo import Estimate, estimate_mean
from dgmlib.pretrained import load, mixtures
from dgmlib.pretrained.recipes import MixtureRecipe, Model, Network, Recipe, Splits
from dgmlib.pretrained.storage import round_to_half, to_bytes
from dgmlib.training import History, Loss, fit

EXACT = "exact"
QUADRATURE = "quadrature, 601 × 601 latents"
IMPORTANCE = "estimate from 5,000 importance samples"


def make(
    recipe: Recipe | MixtureRecipe, *, folder: Path, checkpoint: Path, device: str, progress: bool = True
) -> dict[str, Any]:
    """Train, and write ``NAME.safetensors`` and ``NAME.json`` into ``folder``; returns the card.

    Stopped at any time and started again, it goes on after the last complete epoch; a checkpoint of other settings is
    refused. Mixtures ignore ``device``.
    """
    folder = Path(folder)
    follow = _mixture if isinstance(recipe, MixtureRecipe) else partial(_network, folder=folder, device=device)
    content, entry = follow(recipe, checkpoint=checkpoint, progress=progress)
    entry["sha256"] = hashlib.sha256(content).hexdigest()
    write(folder / f"{recipe.name}.safetensors", content)
    write(folder / f"{recipe.name}.json", (json.dumps(entry, indent=2, ensure_ascii=False) + "\n").encode())
    return entry


def _network(
    recipe: Recipe, *, folder: Path, checkpoint: Path, device: str, progress: bool
) -> tuple[bytes, dict[str, Any]]:
    splits, generator = recipe.data(), torch.Generator().manual_seed(recipe.seed)
    model = recipe.build(generator).to(device)
    if recipe.start is not None:
        model.load_state_dict(load(recipe.start, folder=folder).state_dict())
    history = train(recipe, model, splits, generator=generator, checkpoint=checkpoint, progress=progress)
    round_to_half(model)
    generator.manual_seed(recipe.seed)  # an estimated score must not depend on how training went on
    score = log_likelihood(model, splits.test, generator=generator, progress=progress)
    return to_bytes(model), describe(recipe, model, history, score, device)


def _mixture(recipe: MixtureRecipe, *, checkpoint: Path, progress: bool) -> tuple[bytes, dict[str, Any]]:
    splits = recipe.data()
    mixture, history = mixtures.train(recipe, splits, checkpoint=checkpoint, progress=progress)
    content = mixtures.to_bytes(mixture)
    stored = mixtures.from_bytes(content)
    score = estimate_mean(stored.log_prob(splits.test))
    return content, describe(recipe, stored, history, score, "cpu")


def train(
    recipe: Recipe,
    model: Network,
    splits: Splits,
    *,
    generator: torch.Generator,
    checkpoint: Path,
    progress: bool,
) -> History:
    """The training run of a recipe."""
    options = {"lr": recipe.learning_rate, "weight_decay": recipe.weight_decay}
    if recipe.optimizer == "SGD":
        optimizer = torch.optim.SGD(model.parameters(), momentum=0.9, nesterov=True, **options)
    else:
        # Fused: with batches of twenty, the steps of separate kernels take longer than the gradients.
        optimizer = torch.optim.AdamW(model.parameters(), eps=recipe.epsilon, fused=True, **options)
    objective = None if recipe.objective is None else Objective(model, generator, **recipe.objective)
    return fit(
        model,
        splits.train,
        splits.valid,
        optimizer=optimizer,
        generator=generator,
        n_epochs=recipe.n_epochs,
        batch_size=recipe.batch_size,
        loss=_in_bfloat16(model) if recipe.bfloat16 else objective,
        patience=recipe.patience,
        schedule=lambda done: 1 - done,
        begin_epoch=None if objective is None else objective.begin_epoch,
        checkpoint=checkpoint,
        recipe={"name": recipe.name, **recipe.settings},
        progress=progress,
    )


def _in_bfloat16(model: AutoregressiveModel) -> Loss:
    """The negative log-likelihood with the network's products in bfloat16 and the logarithms in float32."""

    def loss(x: Tensor) -> Tensor:
        x = x.float()
        with torch.autocast(x.device.type, torch.bfloat16):
            parameters = model.conditionals(x)
        return -model.family.log_prob(parameters.float(), x).sum(-1)

    return loss


@torch.no_grad()
def log_likelihood(model: Network, x: Tensor, *, generator: torch.Generator, progress: bool = False) -> Estimate:
    """Mean log p in nats over all rows of x, with its standard error over examples, found by its ``scoring_method``."""
    model.eval()
    device = next(model.parameters()).device
    method, batch_size = scoring_method(model), 100
    if method == EXACT:
        log_prob = model.log_prob
    elif method == QUADRATURE:
        log_prob = partial(model.quadrature_log_prob, n_points=601, half_width=5.0)
        batch_size = 2500  # one decoded grid serves them all
    else:
        log_prob = partial(model.importance_log_prob, n_samples=5000, generator=generator)
    parts = tqdm(x.split(batch_size), desc="test", disable=not progress)
    return estimate_mean(torch.cat([log_prob(part.to(device)).double().cpu() for part in parts]))


def scoring_method(model: Model) -> str:
    """How log p(x) is found: as exactly as the model allows."""
    if not isinstance(model, VAE):
        return EXACT
    return QUADRATURE if model.n_latents <= 2 else IMPORTANCE


def describe(
    recipe: Recipe | MixtureRecipe, model: Model, history: History, score: Estimate, device: str
) -> dict[str, Any]:
    """The card, but for the checksum."""
    on_gpu, threads = torch.device(device).type == "cuda", torch.get_num_threads()
    kept = history.best_epoch if isinstance(recipe, Recipe) else -1  # EM keeps what it ends with
    bound = "bound" if isinstance(model, VAE) else "log_likelihood"
    return {
        "name": recipe.name,
        "model": recipe.summary,
        "num_parameters": model.num_parameters,
        "data": recipe.data_summary,
        "test_log_likelihood_nats": round(score.mean, 4),
        "standard_error_nats": round(score.standard_error, 4),
        "test_method": scoring_method(model),
        f"valid_{bound}_nats": round(-history.valid[kept], 4),
        f"train_{bound}_nats": round(-history.train[kept], 4),
        "published": recipe.published,
        "training": recipe.training,
        "settings": recipe.settings,
        **_passes(recipe, history),
        "seconds": round(history.seconds[-1], 1),
        "hardware": torch.cuda.get_device_name() if on_gpu else f"CPU, {threads} thread{'s' * (threads > 1)}",
        "software": f"dgmlib {__version__}, torch {torch.__version__}, Python {platform.python_version()}",
        "command": recipe.command,
        "precision": "parameters stored as float16; the test score is that of the stored parameters",
    }


def _passes(recipe: Recipe | MixtureRecipe, history: History) -> dict[str, int]:
    """How often the training examples were seen."""
    if isinstance(recipe, MixtureRecipe):
        return {"epochs_run": recipe.n_passes + recipe.n_iterations}
    return {"epochs_run": len(history.train), "best_epoch": history.best_epoch}
