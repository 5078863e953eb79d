"""Commands of others that the build needs, and what they say when they fail."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

SHOWN = 1200  # letters of what a failed command wrote last


def run(command: Sequence[str], folder: Path) -> None:
    """Run a command in a folder, silently; raise ``ValueError`` with its own last words if it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip())[-SHOWN:]
        raise ValueError(f"`{' '.join(command)}` failed in {folder} with status {done.returncode}:\n{words}")
