"""Projects to build: the kitchen sink, or pages of a test's own with its settings."""

import re
import shutil
from pathlib import Path

SINK = Path(__file__).parent / "kitchen_sink"
THEME = Path(__file__).resolve().parents[2] / "theme"


def project(target, **files):
    """A copy of the kitchen sink (or of its settings, with pages of its own) whose template is this theme."""
    shutil.copytree(SINK, target, ignore=shutil.ignore_patterns("_build"))
    settings = (target / "myst.yml").read_text().replace("../../../theme", str(THEME))
    if files:
        toc = "".join(f"    - file: {name}\n" for name in files)
        settings = re.sub(r"  toc:\n(?:    .*\n)+", f"  toc:\n{toc}", settings)
    (target / "myst.yml").write_text(settings)
    for name, text in files.items():
        (target / name).write_text(text)
    return target
