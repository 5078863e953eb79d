"""What takes minutes to compute, kept: measurements as JSON and trained weights as safetensors.

Each file is made again by ``python -m dgmlib.figures.masks_memory_attention.record NAME``; every JSON says with which
settings, software and hardware, and in how many seconds of one core.
"""

import json
import os
import platform
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

from dgmlib.figures.machine import processor
from dgmlib.files import write
from dgmlib.pretrained.storage import from_bytes, round_to_half, to_bytes

FOLDER = Path(__file__).parent


@cache
def read(name: str) -> dict[str, Any]:
    """The measurement called ``name``."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def keep(name: str, record: dict[str, Any], *, seconds: float, folder: Path = FOLDER) -> None:
    """Write a measurement with where, with what and in how many seconds of a core it was made."""
    provenance = {
        "command": f"python -m dgmlib.figures.masks_memory_attention.record {name}",
        "seconds": round(seconds),
        "hardware": f"one core of {processor()} ({os.cpu_count()} cores)",
        "software": f"torch {torch.__version__}, Python {platform.python_version()}",
    }
    text = json.dumps(provenance | record, ensure_ascii=False, separators=(",", ":"))
    write(folder / f"{name}.json", (text.replace('},{"', '},\n{"') + "\n").encode())


def load_weights(name: str, model: nn.Module) -> nn.Module:
    """``model`` with the weights called ``name``, in evaluation mode."""
    from_bytes((FOLDER / f"{name}.safetensors").read_bytes(), model)
    return model.eval()


def keep_weights(name: str, model: nn.Module, *, folder: Path = FOLDER) -> None:
    """Round the weights to half precision, in the model too, and write them."""
    round_to_half(model)
    write(folder / f"{name}.safetensors", to_bytes(model))
