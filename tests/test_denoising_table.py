"""What `make reproduce` keeps of the denoising table: while it runs for an hour, and when it is done."""

import json

import pytest

from benchmarks import reproduce
from benchmarks.denoising import Memory


@pytest.fixture
def path(tmp_path):
    memory = Memory(tmp_path / "results" / "table.jsonl", state="first")
    memory.add("BM3D, picture 0", 31.1, 8.0)
    memory.add("BM3D, picture 1", 28.5, 9.0)
    return memory.path


def test_an_interrupted_run_finds_what_it_measured(path):
    assert Memory(path, state="first").done == {"BM3D, picture 0": (31.1, 8.0), "BM3D, picture 1": (28.5, 9.0)}


def test_changed_code_or_weights_measure_again(path):
    assert Memory(path, state="second").done == {}


def test_a_torn_line_is_lost_alone(path):
    path.write_text(path.read_text()[:-7])
    resumed = Memory(path, state="first")
    assert list(resumed.done) == ["BM3D, picture 0"]
    resumed.add("BM3D, picture 1", 28.5, 9.0)
    assert len(Memory(path, state="first").done) == 2


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A function that makes a small kept table of some methods, and returns what is kept then."""
    monkeypatch.setattr(reproduce, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(reproduce, "KEPT_RESULTS", tmp_path / "kept")
    monkeypatch.setitem(reproduce.KEPT, "small", lambda: "0123abc")

    def made(*names):
        monkeypatch.setitem(reproduce.TABLES, "small", lambda seed: [{"method": name, "seed": seed} for name in names])
        reproduce.reproduce("small", seed=len(names))
        return json.loads((tmp_path / "kept" / "small.json").read_text())

    return made


def test_a_kept_table_names_its_sources(run):
    assert run("EPLL", "BM3D")["sources"] == "0123abc"


def test_a_kept_table_never_loses_a_method(run, capsys, tmp_path):
    run("EPLL", "BM3D")
    assert run("EPLL")["seed"] == 2
    assert "has no BM3D" in capsys.readouterr().out
    assert json.loads((tmp_path / "results" / "small.json").read_text())["seed"] == 1
    assert run("EPLL", "BM3D", "total variation")["seed"] == 3
