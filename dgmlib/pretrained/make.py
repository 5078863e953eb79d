"""Follow a recipe: train, round to half precision, score what was rounded, write weights and card."""

import hashlib
import json
import platform
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dgmlib import __version__
from dgmlib.autoregressive import AutoregressiveModel
from dgmlib.checkpoints import write
from dgmlib.monte_carlo import Estimate, estimate_mean
from dgmlib.pretrained.recipes import Recipe, Splits
from dgmlib.pretrained.storage import round_to_half, to_bytes
from dgmlib.training import History, Loss, fit


def make(recipe: Recipe, *, folder: Path, checkpoint: Path, device: str, progress: bool = True) -> dict[str, Any]:
    """Train, and write ``NAME.safetensors`` and ``NAME.json`` into ``folder``; returns the card.

    Stopped at any time and started again, it goes on after the last complete epoch.
    """
    splits, generator = recipe.data(), torch.Generator().manual_seed(recipe.seed)
    model = recipe.build(generator).to(device)
    history = train(recipe, model, splits, generator=generator, checkpoint=checkpoint, progress=progress)
    round_to_half(model)
    content = to_bytes(model)
    entry = describe(recipe, model, history, log_likelihood(model, splits.test), device)
    entry["sha256"] = hashlib.sha256(content).hexdigest()
    write(folder / f"{recipe.name}.safetensors", content)
    write(folder / f"{recipe.name}.json", (json.dumps(entry, indent=2, ensure_ascii=False) + "\n").encode())
    return entry


def train(
    recipe: Recipe,
    model: AutoregressiveModel,
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
        optimizer = torch.optim.AdamW(model.parameters(), **options)
    return fit(
        model,
        splits.train,
        splits.valid,
        optimizer=optimizer,
        generator=generator,
        n_epochs=recipe.n_epochs,
        batch_size=recipe.batch_size,
        loss=_in_bfloat16(model) if recipe.bfloat16 else None,
        patience=recipe.patience,
        schedule=lambda done: 1 - done,
        checkpoint=checkpoint,
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
def log_likelihood(model: AutoregressiveModel, x: Tensor, *, batch_size: int = 100) -> Estimate:
    """Mean log p in nats over all rows of x, with its standard error over examples."""
    model.eval()
    device = next(model.parameters()).device
    return estimate_mean(torch.cat([model.log_prob(part.to(device)).double().cpu() for part in x.split(batch_size)]))


def describe(
    recipe: Recipe, model: AutoregressiveModel, history: History, score: Estimate, device: str
) -> dict[str, Any]:
    """The card, but for the checksum."""
    on_gpu = torch.device(device).type == "cuda"
    return {
        "name": recipe.name,
        "model": recipe.summary,
        "num_parameters": model.num_parameters,
        "data": recipe.data_summary,
        "test_log_likelihood_nats": round(score.mean, 4),
        "standard_error_nats": round(score.standard_error, 4),
        "valid_log_likelihood_nats": round(-history.valid[history.best_epoch], 4),
        "train_log_likelihood_nats": round(-history.train[history.best_epoch], 4),
        "published": recipe.published,
        "training": "learning rate falling linearly to zero, early stopping on the validation set",
        "settings": recipe.settings,
        "epochs_run": len(history.train),
        "best_epoch": history.best_epoch,
        "seconds": round(history.seconds[-1], 1),
        "hardware": torch.cuda.get_device_name() if on_gpu else f"CPU, {torch.get_num_threads()} threads",
        "software": f"dgmlib {__version__}, torch {torch.__version__}, Python {platform.python_version()}",
        "command": recipe.command,
        "precision": "parameters stored as float16; the test score is that of the stored parameters",
    }
