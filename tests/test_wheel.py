"""The wheel, built from the tree and used without it: what a `pip install` of the package brings."""

import json
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tools.files import ROOT

# Modules that must not pull in torch: their lectures start in a second and run where torch is not installed.
LIGHT = ["coding", "divergences", "likelihood", "explorable", "patches", "restoration"]

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
    assert {"dgmlib/explorable/explorable.js", "dgmlib/explorable/palette.css"} <= packed


@pytest.mark.parametrize("module", LIGHT)
def test_a_light_module_does_not_import_torch(module, clean_python, tmp_path):
    code = f"import sys, dgmlib.{module}; print('torch' in sys.modules)"
    assert run(clean_python, "-c", code, cwd=tmp_path).strip() == "False"
