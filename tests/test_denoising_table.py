"""What `make reproduce` keeps of the denoising table while it runs for an hour."""

import pytest

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
