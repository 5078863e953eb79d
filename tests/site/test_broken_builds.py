"""A defect in a page fails the build and is named with file and line; the same page without it builds."""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.site.build import ROOT

PROJECT = f"""version: 1
project:
  title: Small
  bibliography: [references.bib]
  toc:
    - file: index.md
    - file: page.md
site:
  template: {ROOT / "theme"}
"""
LIBRARY = "@book{bishop2006, title={Pattern recognition}, author={Bishop, C.}, year={2006}, publisher={Springer}}\n"
PAGE = """---
title: A page
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
---

(here)=
# A page

See [](#here) and @bishop2006.

```{code-cell} python
6 * 7
```
"""
EXPLORABLE = """import altair as alt
from dgmlib.explorable import Explorable, slider
chart = alt.Chart(alt.NamedData("line")).mark_line().encode(x="x:Q", y="y:Q")
Explorable(
    title="A line",
    controls=dict(slope=slider(0, 1, stops=3, label="slope")),
    tables=lambda slope: dict(line=dict(x=[0, 1], y=[0, slope])),
    view=chart,
    caption=lambda slope, t: f"The slope is {slope}.",
)
"""
# What is broken, where it stands, and a word that names it.
BROKEN = {
    "cell": ("6 * 7", "6 / 0", 13, "ZeroDivisionError"),
    "reference": ("[](#here)", "[](#nowhere)", 10, "nowhere"),
    "citation": ("@bishop2006", "[@nobody1900]", 10, "nobody1900"),
    "explorable": ("6 * 7", EXPLORABLE.replace("y=[0, slope]", "y=[0, slope, 2]"), 13, "ragged"),
}
# The explorable is shown by the expression that ends its cell, in this line of the cell.
SHOWN = {"explorable": EXPLORABLE[: EXPLORABLE.index("Explorable(\n")].count("\n")}


def build(folder: Path, page: str) -> subprocess.CompletedProcess:
    """Build a project of a front page and one more page with the book's own theme."""
    front = "# Small\n\nA book of [one page](page.md).\n"
    files = {"myst.yml": PROJECT, "references.bib": LIBRARY, "index.md": front, "page.md": page}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "dgmtheme.build", str(folder)]
    return subprocess.run(
        command, cwd=ROOT / "theme", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def test_a_sound_page_builds(tmp_path):
    built = build(tmp_path, PAGE.replace("6 * 7", EXPLORABLE))
    assert built.returncode == 0, built.stdout
    html = (tmp_path / "_build/html/page/index.html").read_text(encoding="utf-8")
    assert 'data-explorable="a-line"' in html
    assert wait_for(lambda: not processes_in(tmp_path)), processes_in(tmp_path)


def processes_in(folder: Path) -> list[str]:
    """Command lines of the running processes that name a folder, as Linux lists them."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has just ended
            lines.append(file.read_text(errors="replace").replace("\0", " "))
    return [line for line in lines if str(folder) in line]


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether a condition comes true in time."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


@pytest.mark.parametrize("defect", BROKEN)
def test_a_defect_fails_the_build_and_is_located(tmp_path, defect):
    sound, broken, line, name = BROKEN[defect]
    assert PAGE.splitlines()[line - 1].find(sound) >= 0, "the line that will be broken"
    built = build(tmp_path, PAGE.replace(sound, broken))
    assert built.returncode != 0, built.stdout
    located = [text for text in built.stdout.splitlines() if "page.md" in text]
    line += SHOWN.get(defect, 0)
    assert any(f"page.md:{at}" in text for text in located for at in (line, line - 1)), built.stdout
    assert name in built.stdout
    assert not (tmp_path / "_build/html").exists(), "a broken site must not look like a whole one"
