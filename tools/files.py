"""Where the repository is, and how its tools write files."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` by `text` in one step, so that no reader ever meets half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.{os.getpid()}.new")
    scratch.write_text(text, encoding="utf-8")
    os.replace(scratch, path)
