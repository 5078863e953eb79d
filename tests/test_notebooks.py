"""The notebook pairs: in step with their sources, fit to be read anywhere, and giving the same outputs again."""

import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest

from tools import notebooks
from tools.files import ROOT
from tools.notebooks import differences, lasting, pair_of, sources, structure, tidy

SOURCES = sources()
LECTURES = [source for source in SOURCES if source.name[:2].isdigit()]
# A proxy that nobody answers at: whatever asks the network fails at once.
NO_NETWORK = {name: "http://127.0.0.1:9" for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")} | {"NO_PROXY": ""}
WORDS = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {name: python3, display_name: Python 3}
---

Words.
"""
CELL = "\n```{code-cell}\nprint(40 + 2)\n```\n"


def stem(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("source", SOURCES, ids=stem)
def test_a_pair_is_in_step_with_its_source(source):
    assert not differences(source), f"run `make notebooks` after editing {source.name}"


@pytest.mark.parametrize("source", SOURCES, ids=stem)
def test_a_pair_was_run_from_top_to_bottom_without_errors(source):
    cells = [cell for cell in nbformat.read(pair_of(source), 4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [output for cell in cells for output in cell.outputs if output.output_type == "error"]


@pytest.mark.parametrize("source", SOURCES, ids=stem)
def test_every_explorable_of_a_pair_left_a_picture(source):
    """GitHub and nbviewer run nothing: they show the PNG."""
    for cell in nbformat.read(pair_of(source), 4).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            assert notebooks.WIDGET_VIEW not in data
            assert "Explorable" not in str(data.get("text/plain", "")), "an explorable without its picture"
            assert len(json.dumps(output)) <= notebooks.OUTPUT_LIMIT


class Rerun(NamedTuple):
    """How nbval ended, what it said, and the processor's seconds for it and for the kernel."""

    returncode: int
    said: str
    seconds: float


def rerun(pair: Path) -> Rerun:
    """Run nbval on a notebook: all cells must run, and those tagged `nbval-check-output` give what they gave.

    It has the data that travel with the package and nothing else: no full data sets, no cache, no network.
    """
    environment = {key: value for key, value in os.environ.items() if key not in {"DGMLIB_RECORD", "DGMLIB_DATA"}}
    environment |= {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
    environment |= NO_NETWORK | {name.lower(): value for name, value in NO_NETWORK.items()}
    options = ["--nbval-lax", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(pair.parent), "-q"]
    command = [sys.executable, "-m", "pytest", *options, str(pair)]
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryFile("w+") as output:
        environment["DGMLIB_CACHE"] = empty
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return Rerun(process.returncode, output.read(), usage.ru_utime + usage.ru_stime)


@pytest.fixture(scope="session")
def reruns() -> dict[Path, Future[Rerun]]:
    """Start nbval on every pair, two at a time."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield {source: pool.submit(rerun, pair_of(source)) for source in SOURCES}


@pytest.mark.parametrize("source", SOURCES, ids=stem)
def test_a_pair_gives_its_marked_outputs_again(source, reruns):
    done = reruns[source].result()
    assert done.returncode == 0, done.said[-7000:]
    cells = sum(cell.cell_type == "code" for cell in structure(source).cells)
    assert f"{cells} passed" in done.said


@pytest.mark.parametrize("source", LECTURES, ids=stem)
def test_a_lecture_takes_at_most_a_minute(source, reruns):
    """Of processor time, the start of its kernel included: other work on the machine adds little to that."""
    assert reruns[source].result().seconds <= 60


ASKS = """\
import os
import urllib.error
import urllib.request

assert "DGMLIB_DATA" not in os.environ and not os.listdir(os.environ["DGMLIB_CACHE"])
try:
    urllib.request.urlopen("http://example.org", timeout=5)
except urllib.error.URLError as error:
    assert isinstance(error.reason, ConnectionRefusedError), error
else:
    raise AssertionError("the network answers")
"""


def test_a_rerun_has_neither_full_data_nor_a_cache_nor_a_network(tmp_path, monkeypatch):
    monkeypatch.setenv("DGMLIB_DATA", str(ROOT))
    pair = tmp_path / "asks.ipynb"
    cells = [nbformat.v4.new_code_cell(ASKS)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=notebooks.METADATA), pair)
    done = rerun(pair)
    assert done.returncode == 0, done.said[-5000:]


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Return a function that writes a source and executes its pair, in a folder of its own."""
    monkeypatch.setattr(notebooks, "NOTEBOOKS", tmp_path)

    def make(text: str) -> Path:
        source = tmp_path / "01-words.md"
        source.write_text(text, encoding="utf-8")
        notebooks.make_pair(source)
        return source

    return make


def test_making_a_pair_twice_gives_the_same_bytes(made):
    first = pair_of(made(WORDS + CELL + CELL)).read_bytes()
    assert pair_of(made(WORDS + CELL + CELL)).read_bytes() == first
    assert b"42" in first


def test_what_a_cell_prints_is_kept_in_one_piece(made):
    """However long a cell waits between two lines."""
    slow = CELL.replace("print(40 + 2)", "import time; print(1, flush=True); time.sleep(0.5); print(2)")
    cell = nbformat.read(pair_of(made(WORDS + slow)), 4).cells[-1]
    assert [output.text for output in cell.outputs] == ["1\n2\n"]


def test_a_marked_output_that_changes_is_noticed_and_an_unmarked_one_is_not(made):
    marked = CELL.replace("{code-cell}\n", "{code-cell}\n:tags: [nbval-check-output]\n")
    for cell, passes in [(CELL, True), (marked, False)]:
        pair = pair_of(made(WORDS + cell))
        pair.write_text(pair.read_text().replace('"42\\n"', '"43\\n"'))
        assert (rerun(pair).returncode == 0) is passes


def test_every_way_out_of_step_is_seen(made):
    source = made(WORDS + CELL)
    assert differences(source) == []
    source.write_text(WORDS + CELL.replace("40", "41"))
    assert any("source differs" in line for line in differences(source))
    source.write_text(WORDS + CELL.replace("{code-cell}\n", "{code-cell}\n:tags: [hide-input]\n"))
    assert differences(source) == ["cell 2: metadata differs"]
    source.write_text(WORDS)
    assert differences(source) == ["2 cells, the source has 1"]
    pair_of(source).unlink()
    assert differences(source) == ["01-words.ipynb is missing"]


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import warnings; warnings.warn('old')", "writes to stderr"),
        ("print('x' * 1_100_000)", "at most 1,000,000"),
    ],
)
def test_a_bad_cell_leaves_the_old_pair_alone(made, code, complaint):
    before = pair_of(made(WORDS + CELL)).read_bytes()
    with pytest.raises(Exception, match=re.escape(complaint)):
        made(WORDS + CELL.replace("print(40 + 2)", code))
    assert (notebooks.NOTEBOOKS / "01-words.ipynb").read_bytes() == before


def test_widgets_without_a_picture_are_left_out_and_pictures_stay():
    view = {notebooks.WIDGET_VIEW: {"model_id": "1"}, "text/plain": "VBox()"}
    cell = nbformat.v4.new_code_cell(
        outputs=[
            nbformat.v4.new_output("display_data", view),
            nbformat.v4.new_output("display_data", view | {"image/png": "AAAA"}),
        ]
    )
    tidy(cell, "01-words.md")
    assert [set(output.data) for output in cell.outputs] == [{"image/png", "text/plain"}]


def test_addresses_of_objects_are_left_out():
    output = nbformat.v4.new_output("display_data", {"text/plain": "<object at 0x7f00aa12>"})
    assert lasting(output).data["text/plain"] == "<object>"
