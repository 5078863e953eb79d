"""The one build command: what it calls a defect, what it leaves behind, what it remembers."""

import sys
import threading
from pathlib import Path

import pytest
from dgmtheme import build, environment
from dgmtheme.build import BuildFailure, problems, replacing
from dgmtheme.locate import code_cells, with_line

LOG = """🌎 Building MyST site
⛔️ text.md:68:12 Invalid color
   D(p)
📖 Built text.md in 5 ms.
⚠️  a.md:22 No target for internal reference "#nope" was found.

text.md
  - ⛔ Invalid color
⛔️ b.md:10 An exception occurred during code execution, halting further execution:

Traceback

ValueError: bad
⚠️ 01-notebook.md:9 the cell raised ValueError: bad
📚 Built 1 page
"""


def test_problems_are_errors_and_warnings_with_their_explanation():
    assert problems(LOG.splitlines()) == [
        "text.md:68:12 Invalid color\n    D(p)",
        'a.md:22 No target for internal reference "#nope" was found.',
        "b.md:10 An exception occurred during code execution, halting further execution:\n"
        "    Traceback\n    ValueError: bad",
        "01-notebook.md:9 the cell raised ValueError: bad",
    ]


def test_a_clean_log_has_no_problems():
    assert problems(["📖 Built text.md in 5 ms.", "  indented", ""]) == []


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "html"
    folder.mkdir()
    (folder / "index.html").write_text("old")
    return folder


def test_a_whole_site_replaces_the_previous_one(site):
    with replacing(site):
        site.mkdir()
        (site / "index.html").write_text("new")
    assert (site / "index.html").read_text() == "new"
    assert [path.name for path in site.parent.iterdir()] == ["html"]


def test_a_failure_leaves_the_previous_site(site):
    with pytest.raises(BuildFailure), replacing(site):
        site.mkdir()
        raise BuildFailure("broken")
    assert (site / "index.html").read_text() == "old"
    assert [path.name for path in site.parent.iterdir()] == ["html"]


def test_a_killed_build_is_mended_by_the_next(site):
    site.rename(site.with_name("html.previous"))
    site.mkdir()
    with pytest.raises(BuildFailure), replacing(site):
        raise BuildFailure("broken")
    assert (site / "index.html").read_text() == "old"


def test_a_folder_without_a_project_is_refused(tmp_path):
    with pytest.raises(BuildFailure, match=r"no myst\.yml"):
        build.build(tmp_path)


@pytest.fixture
def library(tmp_path, monkeypatch):
    engine = tmp_path / "dgmlib" / "explorable"
    engine.mkdir(parents=True)
    (tmp_path / "dgmlib" / "a.py").write_text("x = 1")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setattr(environment, "explorable_folder", lambda: engine)
    return tmp_path


def cached(root):
    folder = root / "_build" / "execute"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "x.json").write_text("{}")
    return folder


def test_the_cache_is_kept_while_nothing_changes(library):
    environment.refresh_cache(library)
    folder = cached(library)
    for name in ("page.md", "references.bib", "claims.yml"):
        (library / "notebooks" / name).write_text("what no cell reads is mystmd's own business")
    assert environment.refresh_cache(library) is False and folder.is_dir()


@pytest.mark.parametrize("change", ["dgmlib/a.py", "dgmlib/new.css", "notebooks/table.csv"])
def test_a_change_of_what_notebooks_use_empties_the_cache(library, change):
    environment.refresh_cache(library)
    folder = cached(library)
    (library / change).write_text("x = 2")
    assert environment.refresh_cache(library) is True and not folder.exists()


def test_the_environment_records_and_finds_this_python(tmp_path):
    with environment.environment(tmp_path) as variables:
        assert variables["DGMLIB_RECORD"] == "1"
        folder = variables["JUPYTER_CONFIG_PATH"].split(":")[0]
        assert "allow_root" in (Path(folder) / "jupyter_server_config.py").read_text()


CELLS = """# T

```{code-cell} python
first = 1
```

````{code-cell} python
:tags: [skip-execution]
never()
````

:::{code-cell} python
---
tags: [hide-input]
---

second = 2
third()
:::
"""


def test_cells_are_found_behind_their_options():
    assert code_cells(CELLS) == [4, 17]


def test_an_exception_gets_its_line(tmp_path):
    (tmp_path / "a.md").write_text(CELLS)
    problem = "a.md An exception occurred during code execution, x:\n    Cell In[2], line 2\n    NameError"
    assert with_line(problem, tmp_path).startswith("a.md:18 An exception")


@pytest.mark.parametrize("problem", ["a.md:3 No target", "a.md An exception occurred during code execution: ?"])
def test_what_cannot_be_placed_stays_as_it_is(tmp_path, problem):
    assert with_line(problem, tmp_path) == problem


def test_a_second_build_waits_for_the_first(tmp_path):
    order, first = [], threading.Event()

    def second():
        first.wait()
        with build.alone(tmp_path):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with build.alone(tmp_path):
        first.set()
        thread.join(timeout=0.3)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


@pytest.mark.parametrize(
    ("failures", "runs", "found"),
    [(0, 1, []), (1, 2, []), (2, 2, ["mystmd ended with status 1; its last words are above"])],
)
def test_a_lost_jupyter_server_gets_a_second_chance(tmp_path, monkeypatch, failures, runs, found):
    stand_in = f"""
from pathlib import Path
log = Path("runs")
count = len(log.read_text()) if log.exists() else 0
log.write_text("x" * (count + 1))
if count < {failures}:
    raise SystemExit("\\x1b[31mfetch failed\\x1b[39m")
"""
    monkeypatch.setattr(build, "command", lambda *arguments: [sys.executable, "-c", stand_in])
    assert build.run(tmp_path, "") == found
    assert len((tmp_path / "runs").read_text()) == runs
