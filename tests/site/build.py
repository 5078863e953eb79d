"""Build the site when it is missing or older than what it is made from."""

import fcntl
import os
import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BASES = ("", "/dgm")
_SOURCES = ("myst.yml", "notebooks", "theme", "dgmlib")
_MADE = {"_build", "build", "node_modules", "__pycache__", ".ipynb_checkpoints", "claims.md"}


def _newest_source() -> float:
    """Modification time of the newest file the site is made from."""
    newest = 0.0
    for source in _SOURCES:
        for folder, subfolders, files in os.walk(ROOT / source):
            subfolders[:] = [name for name in subfolders if name not in _MADE]
            times = (os.stat(Path(folder, name)).st_mtime for name in files if name not in _MADE)
            newest = max([newest, *times])
    return max(newest, (ROOT / "myst.yml").stat().st_mtime)


@cache
def built_site(base: str) -> Path:
    """Folder of the site for a base path (`""` or `"/dgm"`), built now if need be; other test processes wait.

    mystmd builds every site in `_build/html`, so the one that lies there is away for minutes while another is built.
    Where several processes share the tests, none may look at it meanwhile: all sites are made before one is given out.
    """
    (ROOT / "_build").mkdir(exist_ok=True)
    with (ROOT / "_build" / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for each in _BASES if "PYTEST_XDIST_WORKER" in os.environ else (base,):
            _make(each)
    return _folder(base)


def _folder(base: str) -> Path:
    return ROOT / "_build" / (f"html-{base.strip('/')}" if base else "html")


def _make(base: str):
    """Build the site for a base path unless it is there and younger than its sources."""
    folder = _folder(base)
    front = folder / "index.html"
    if not front.exists() or front.stat().st_mtime < _newest_source():
        command = ["make", "site", f"BASE_URL={base}", f"SITE={folder.relative_to(ROOT)}"]
        subprocess.run(command, cwd=ROOT, check=True)


def page_paths(folder: Path) -> list[str]:
    """Paths below the base of every page of the contents in a built folder, the front page first."""
    found = (f"/{file.parent.relative_to(folder).as_posix()}/" for file in folder.rglob("index.html"))
    return sorted((path.replace("/./", "/") for path in found), key=lambda path: (path != "/", path))


def explorables_of(folder: Path, path: str) -> list[str]:
    """IDs of the explorables that a page of a built folder shows, from top to bottom."""
    file = folder / path.lstrip("/")
    html = (file / "index.html" if path.endswith("/") else file).read_text(encoding="utf-8")
    return re.findall(r'data-explorable="([^"]+)"', html)
