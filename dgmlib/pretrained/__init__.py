"""Small trained models that the lectures load, each with a card and the command that makes it again.

model = load("nade-mnist")          weights/nade-mnist.safetensors, half precision on disk, single in memory
card("nade-mnist")                  weights/nade-mnist.json: data, settings, seed, test score, time, command
python -m dgmlib.pretrained NAME    trains it: resumable, with a progress bar, on a GPU where there is one
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch

from dgmlib.pretrained import mixtures
from dgmlib.pretrained.recipes import RECIPES, MixtureRecipe, Model, Recipe, find
from dgmlib.pretrained.storage import from_bytes

__all__ = ["RECIPES", "WEIGHTS", "MixtureRecipe", "Recipe", "available", "card", "load"]

WEIGHTS = Path(__file__).parent / "weights"


def available(folder: Path = WEIGHTS) -> list[str]:
    """Names of the models whose weights are here."""
    return [name for name in RECIPES if (Path(folder) / f"{name}.safetensors").exists()]


def load(name: str, *, folder: Path = WEIGHTS) -> Model:
    """The trained model: a network in single precision, on the CPU, in evaluation mode, or a mixture of Gaussians.

    Raises ``ValueError`` for an unknown name, for weights that are not here (with the command that makes them), and for
    weights that are not those of the card.
    """
    recipe = find(name)
    content = _read(recipe, Path(folder) / f"{name}.safetensors")
    if (found := hashlib.sha256(content).hexdigest()) != card(name, folder=folder)["sha256"]:
        raise ValueError(f"{name}: got weights with SHA-256 {found}, expected those of the card; {_remedy(recipe)}")
    if isinstance(recipe, MixtureRecipe):
        return mixtures.from_bytes(content)
    model = recipe.build(torch.Generator().manual_seed(recipe.seed))
    from_bytes(content, model)
    return model.eval()


def card(name: str, *, folder: Path = WEIGHTS) -> dict[str, Any]:
    """What is known about the trained model."""
    return json.loads(_read(find(name), Path(folder) / f"{name}.json"))


def _read(recipe: Recipe | MixtureRecipe, path: Path) -> bytes:
    if not path.exists():
        raise ValueError(f"{recipe.name}: {path.name} is not here; {_remedy(recipe)}")
    return path.read_bytes()


def _remedy(recipe: Recipe | MixtureRecipe) -> str:
    return f"make it with `{recipe.command}`."
