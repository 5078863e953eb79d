"""How mystmd is run for this book: environment, Jupyter's configuration, the cache of executed notebooks."""

import hashlib
import importlib.metadata
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .assets import explorable_folder

PAGES = {".md", ".ipynb"}
UNREAD = {"references.bib", "claims.yml"}  # for mystmd and for the tests; no cell opens them


def command(*arguments: str) -> list[str]:
    """mystmd of this very Python."""
    return [sys.executable, "-m", "mystmd_py.main", *arguments]


@contextmanager
def environment(root: Path) -> Iterator[dict[str, str]]:
    """Variables under which mystmd executes and prints the book.

    Explorables record themselves (`DGMLIB_RECORD`), kernels are those of this Python, and Jupyter may run as
    root, as it does in containers: mystmd starts the server itself and passes no options on.
    """
    with tempfile.TemporaryDirectory(prefix="dgm-jupyter-") as folder:
        config = Path(folder) / "jupyter_server_config.py"
        config.write_text(f"c.ServerApp.allow_root = {hasattr(os, 'geteuid') and os.geteuid() == 0}\n")
        inherited = os.environ.get("JUPYTER_CONFIG_PATH")
        yield {
            **os.environ,
            "DGMLIB_RECORD": "1",
            "DGM_BOOK_ROOT": str(root),
            "JUPYTER_CONFIG_PATH": os.pathsep.join([folder, *([inherited] if inherited else [])]),
            "JUPYTER_PREFER_ENV_PATH": "1",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "NO_COLOR": "1",
        }


def fingerprint(root: Path) -> str:
    """A digest of all that notebooks depend on and mystmd's cache does not know.

    mystmd keys its cache by the cells' source alone; outputs also change with `dgmlib`, with the versions of
    the installed packages, and with the data files that lie beside the notebooks.
    """
    digest = hashlib.sha256(sys.version.encode())
    for distribution in sorted(f"{d.name}=={d.version}" for d in importlib.metadata.distributions()):
        digest.update(distribution.encode())
    package = explorable_folder().parent
    beside = [path for path in (root / "notebooks").rglob("*") if path.suffix not in PAGES and path.name not in UNREAD]
    beside = [path for path in beside if "api" not in path.parts]
    for path in sorted([*package.rglob("*"), *beside]):
        if path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts:
            digest.update(str(path).encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def refresh_cache(root: Path) -> bool:
    """Forget executed notebooks when what they depend on has changed; says whether it did."""
    folder, stamp = root / "_build" / "execute", root / "_build" / "execute.fingerprint"
    now = fingerprint(root)
    if stamp.is_file() and stamp.read_text() == now:
        return False
    stale = folder.is_dir()
    shutil.rmtree(folder, ignore_errors=True)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(now)
    return stale
