"""Build the site when it is missing or older than what it is made from."""

import fcntl
import os
import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_SOURCES = ("myst.yml", "notebooks", "theme", "dgmlib")
_MADE = {"_build", "build", "node_modules", "__pycache__", ".ipynb_checkpoints"}


def _newest_source() -> float:
    """Modification time of the newest file the site is made from."""
    newest = 0.0
    for source in _SOURCES:
        for folder, subfolders, files in os.walk(ROOT / source):
            subfolders[:] = [name for name in subfolders if name not in _MADE]
            newest = max([newest, *(os.stat(Path(folder, name)).st_mtime for name in files)])
    return max(newest, (ROOT / "myst.yml").stat().st_mtime)


@cache
def built_site(base: str) -> Path:
    """Folder of the site for a base path (`""` or `"/dgm"`), built now if need be; other test processes wait."""
    folder = ROOT / "_build" / (f"html-{base.strip('/')}" if base else "html")
    front = folder / "index.html"
    (ROOT / "_build").mkdir(exist_ok=True)
    with (ROOT / "_build" / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not front.exists() or front.stat().st_mtime < _newest_source():
            command = ["make", "site", f"BASE_URL={base}", f"SITE={folder.relative_to(ROOT)}"]
            subprocess.run(command, cwd=ROOT, check=True)
    return folder


def page_paths(folder: Path) -> list[str]:
    """Paths below the base of every page of the contents in a built folder, the front page first."""
    found = (f"/{file.parent.relative_to(folder).as_posix()}/" for file in folder.rglob("index.html"))
    return sorted((path.replace("/./", "/") for path in found), key=lambda path: (path != "/", path))


def explorables_of(folder: Path, path: str) -> list[str]:
    """IDs of the explorables that a page of a built folder shows, from top to bottom."""
    file = folder / path.lstrip("/")
    html = (file / "index.html" if path.endswith("/") else file).read_text(encoding="utf-8")
    return re.findall(r'data-explorable="([^"]+)"', html)
