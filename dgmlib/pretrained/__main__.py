"""Make a trained model: ``python -m dgmlib.pretrained NAME``. Without a name: list what can be made, what is here."""

import argparse
from pathlib import Path

import torch

from dgmlib.data.store import cache_dir
from dgmlib.pretrained import RECIPES, WEIGHTS, available
from dgmlib.pretrained.make import make


def main() -> None:
    """Parse the command line, follow the recipe, print the score."""
    parser = argparse.ArgumentParser(prog="python -m dgmlib.pretrained", description=__doc__)
    parser.add_argument("name", nargs="?", choices=list(RECIPES), metavar="NAME", help=", ".join(RECIPES))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="default: %(default)s")
    parser.add_argument("--folder", type=Path, default=WEIGHTS, help="where weights and card go; default: the package")
    parser.add_argument("--checkpoints", type=Path, default=cache_dir() / "training", help="default: %(default)s")
    options = parser.parse_args()
    if options.name is None:
        print_list(options.folder)
        return
    recipe, checkpoint = RECIPES[options.name], options.checkpoints / f"{options.name}.safetensors"
    entry = make(recipe, folder=options.folder, checkpoint=checkpoint, device=options.device)
    score, error = entry["test_log_likelihood_nats"], entry["standard_error_nats"]
    print(f"{recipe.name}: test log-likelihood {score:.2f} ± {error:.2f} nats; published: {recipe.published}")


def print_list(folder: Path) -> None:
    """One line per recipe."""
    here = available(folder)
    for name, recipe in RECIPES.items():
        print(f"{name:20} {'here' if name in here else 'to be made':11} {recipe.summary}")


if __name__ == "__main__":
    main()
