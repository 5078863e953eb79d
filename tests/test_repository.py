"""Mechanical guards: what must hold of the files themselves, whoever edits them."""

import ast
import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
import yaml

from tools.files import ROOT
from tools.notebooks import pair_of

MEGABYTE = 1_000_000
TEXT = {".py", ".md", ".yml", ".yaml", ".toml", ".js", ".mjs", ".css", ".html", ".json", ".cff", ".bib", ".lock", ""}


@cache
def files() -> list[Path]:
    """Return the files that Git tracks or would track."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def python_files() -> list[Path]:
    return [path for path in files() if path.suffix == ".py"]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def matches(pattern: str, paths: list[Path]) -> list[str]:
    """Return `file:line` for every line of text files that the pattern is found in."""
    wanted = re.compile(pattern)
    return [
        f"{name(path)}:{number}: {line.strip()[:80]}"
        for path in paths
        if path.suffix in TEXT
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if wanted.search(line)
    ]


def test_lock_files_name_packages_and_no_addresses():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lock if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9.]+", pin) for pin in pins)
    assert pins == sorted(pins, key=lambda pin: pin.partition("==")[0].lower())
    assert "dgmlib" not in {pin.partition("==")[0] for pin in pins}
    npm_locks = [path for path in files() if path.name == "package-lock.json"]
    assert not [path for path in npm_locks if '"resolved": "http' in path.read_text(encoding="utf-8")]


def test_every_dependency_is_pinned():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").lower()
    pinned = {re.sub(r"[-_.]+", "-", line.partition("==")[0]) for line in lock.splitlines()}
    declared = re.findall(r'^\s*"?([A-Za-z][A-Za-z0-9-]*)(?:\[\w+\])?>=', PYPROJECT, re.MULTILINE)
    inline = re.findall(r'"([A-Za-z][A-Za-z0-9-]*)>=', PYPROJECT)
    assert len(inline) > 20
    assert {re.sub(r"[-_.]+", "-", item.lower()) for item in [*declared, *inline]} <= pinned


PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_no_machine_path_stands_in_the_tree():
    """A path of somebody's home, or of a scratch folder, works for that one machine only."""
    homes = r"(?<![\w.~])/(?:home|root|Users|work|tmp|private/tmp)/\w"
    assert not matches(homes, [path for path in files() if path != Path(__file__)])


def test_no_file_is_larger_than_four_megabytes():
    assert not [name(path) for path in files() if path.stat().st_size > 4 * MEGABYTE]


def test_nothing_is_unpickled():
    """A pickle runs code when it is read: arrays are stored as plain `.npz`, weights as `.safetensors`."""
    others = [path for path in python_files() if path != Path(__file__)]
    assert not matches(r"allow_pickle\s*=\s*True|\bimport pickle|\btorch\.load\(|joblib\.load\(", others)
    assert not [name(path) for path in files() if path.suffix in {".pkl", ".pickle", ".pt", ".pth", ".joblib"}]


def test_one_fixture_decides_what_is_skipped():
    """`require` in tests/conftest.py: skipped on a contributor's machine, failed where CI is set."""
    skips = matches(r"pytest\.skip|mark\.skip|mark\.xfail|importorskip", python_files())
    elsewhere = [line for line in skips if not line.startswith(("tests/conftest.py", "tests/test_repository.py"))]
    assert not elsewhere
    assert len([line for line in skips if line.startswith("tests/conftest.py")]) == 1


def test_no_global_random_state_is_touched():
    seeds = r"\bnp\.random\.seed\(|\btorch\.manual_seed\(|\bnp\.random\.(?:rand|randn|normal|choice)\("
    assert not matches(seeds, [path for path in python_files() if path != Path(__file__)])


def test_every_lecture_has_its_notebook():
    lectures = [path for path in files() if re.fullmatch(r"notebooks/\d\d-.*\.md", name(path))]
    assert not [name(path) for path in lectures if not pair_of(path).exists()]


def test_every_python_file_of_the_package_says_what_it_is():
    package = [path for path in python_files() if name(path).startswith(("dgmlib/", "theme/", "tools/", "benchmarks/"))]
    undocumented = [path for path in package if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert not [name(path) for path in undocumented]


@pytest.mark.parametrize("path", [path for path in files() if path.suffix in {".yml", ".yaml", ".cff"}], ids=name)
def test_yaml_is_valid(path):
    assert yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_citation_file_says_what_citation_tools_need():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)
    assert f'version = "{citation["version"]}"' in PYPROJECT


def test_the_workflow_tests_before_it_publishes():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8"))
    jobs = workflow["jobs"]
    assert jobs["publish"]["needs"] == "test"
    assert any(step.get("run") == "bash .ci/run" for step in jobs["test"]["steps"])
    assert any("BASE_URL" in step.get("env", {}) for step in jobs["publish"]["steps"])
    # YAML 1.1 reads the key `on` as a truth value.
    assert workflow[True]["schedule"]


def test_make_lists_its_commands():
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    wanted = "setup lab site book test notebooks bench reproduce lock clean"
    assert set(wanted.split()) <= set(re.findall(r"make (\w+)", shown))


def test_binder_gets_python_torch_and_the_package():
    wanted = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    names = {re.match(r"[\w-]+", item)[0] for item in wanted if isinstance(item, str)}
    assert {"python", "pytorch-cpu", "nodejs", "pip"} <= names
    assert {"pip": ["-e .[lab]"]} in wanted


def test_notebooks_hold_no_traces_of_the_machine_that_ran_them():
    for path in [path for path in files() if path.suffix == ".ipynb"]:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        assert set(notebook["metadata"]) == {"kernelspec", "language_info"}, name(path)
        assert not re.search(r'"/(?:home|root|Users|work|tmp)/', json.dumps(notebook)), name(path)
