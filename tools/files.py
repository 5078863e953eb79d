"""Where the repository is, and how its tools write files."""

from pathlib import Path

from dgmlib.files import write

ROOT = Path(__file__).resolve().parents[1]


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` by `text` in one step, so that no reader ever meets half a file."""
    write(path, text.encode())
