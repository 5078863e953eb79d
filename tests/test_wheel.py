"""The wheel, built from the tree and used without it: what a `pip install` of the package brings."""

import ast
import json
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from email import message_from_string
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.files import ROOT

# Modules that must not pull in torch: their lectures start in a second and run where torch is not installed.
LIGHT = ["coding", "divergences", "likelihood", "explorable", "patches", "restoration"]

# Imports that come with an extra only: with which, and where alone they may stand ("" for anywhere).
EXTRAS = {
    "torch": ("torch", ""),
    "safetensors": ("torch", ""),
    "jupyter_server": ("lab", "dgmlib/jupyter.py"),
    "bm3d": ("peers", "dgmlib/figures/deep_image_prior/peers.py"),
    "skimage": ("peers", "dgmlib/figures/deep_image_prior/peers.py"),
}
# The other methods are not in the environment of the tests, so that it cannot say which distribution brings them.
DISTRIBUTIONS = packages_distributions() | {"bm3d": ["bm3d"], "skimage": ["scikit-image"]}

IMPORT_ALL = """
import importlib, json, sys
print(json.dumps({name: importlib.import_module(name).__file__ for name in sys.argv[1:]}))
"""


def run(*command: object, **options) -> str:
    """Run a command, show what it said if it fails, return its standard output."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """Build the wheel as `python -m build` does, with the build backend that is already installed."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def clean_python(wheel, tmp_path_factory) -> Path:
    """Install the wheel in a new virtual environment and return its interpreter.

    The dependencies are borrowed from the present environment by a `.pth` file, so that nothing is downloaded; its
    own editable install of the package stays behind, for a `.pth` file inside a borrowed folder is not read.
    """
    folder = tmp_path_factory.mktemp("clean") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin" / "python"
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def modules() -> list[str]:
    """Return the dotted name of every module of the package, as the tree has them."""
    paths = [path.relative_to(ROOT).with_suffix("") for path in (ROOT / "dgmlib").rglob("*.py")]
    return sorted(".".join(path.parts).removesuffix(".__init__") for path in paths)


def test_every_module_imports_from_the_wheel_alone(clean_python, tmp_path):
    found = json.loads(run(clean_python, "-W", "error", "-c", IMPORT_ALL, *modules(), cwd=tmp_path))
    assert list(found) == modules()
    assert all(Path(file).is_relative_to(clean_python.parents[1]) for file in found.values())


def test_the_wheel_holds_every_data_file_of_the_package_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "dgmlib", cwd=ROOT).splitlines()
    assert packed == {name for name in listed if (ROOT / name).exists()}
    assert {"dgmlib/py.typed", "dgmlib/explorable/explorable.js", "dgmlib/explorable/palette.css"} <= packed


def imports(path: Path) -> Iterator[str]:
    """Yield the top-level names of other projects that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module]
        yield from {name.partition(".")[0] for name in names} - {"dgmlib", *sys.stdlib_module_names}


def declared(wheel: Path) -> list[str]:
    """Return what the wheel says it requires."""
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_string(archive.read(metadata).decode()).get_all("Requires-Dist")


def brought(own: list[str], extra: str) -> set[str]:
    """Return the distributions that installing the package with an extra brings, through any number of others."""
    found, pending = set(), [("dgmlib", extra), ("dgmlib", "")]
    while pending:
        if (wanted := pending.pop()) in found:
            continue
        found.add(wanted)
        try:
            lines = own if wanted[0] == "dgmlib" else requires(wanted[0]) or []
        except PackageNotFoundError:
            continue  # required, not installed here
        for needed in map(Requirement, lines):
            if needed.marker is None or needed.marker.evaluate({"extra": wanted[1]}):
                pending += [(canonicalize_name(needed.name), extra) for extra in ("", *needed.extras)]
    return {name for name, _ in found}


def undeclared(own: list[str]) -> set[str]:
    """Return `file: import` for every import that what the package requires does not bring."""
    available = {extra: brought(own, extra) for extra in ("", "torch", "lab", "peers")}
    missing = set()
    for path in (ROOT / "dgmlib").rglob("*.py"):
        file = path.relative_to(ROOT).as_posix()
        for name in imports(path):
            extra, place = EXTRAS.get(name, ("", ""))
            bringers = {canonicalize_name(bringer) for bringer in DISTRIBUTIONS.get(name, [])}
            if not file.startswith(place) or not bringers & available[extra]:
                missing.add(f"{file}: {name}")
    return missing


def test_the_package_requires_what_it_imports(wheel):
    assert not undeclared(declared(wheel))


@pytest.mark.parametrize(
    ("forgotten", "name"),
    [("anywidget", "anywidget"), ("pooch", "pooch"), ("torch", "torch"), ("scikit-image", "skimage")],
)
def test_what_the_package_forgets_to_require_is_named(wheel, forgotten, name):
    own = [line for line in declared(wheel) if canonicalize_name(Requirement(line).name) != forgotten]
    assert {line.partition(": ")[2] for line in undeclared(own)} >= {name}


@pytest.mark.parametrize("module", LIGHT)
def test_a_light_module_does_not_import_torch(module, clean_python, tmp_path):
    code = f"import sys, dgmlib.{module}; print('torch' in sys.modules)"
    assert run(clean_python, "-c", code, cwd=tmp_path).strip() == "False"
