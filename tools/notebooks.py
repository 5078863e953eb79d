"""Keep the notebook pairs: `NN-slug.md` is what people write, `NN-slug.ipynb` is made from it and executed.

    python -m tools.notebooks            # regenerate and execute every pair
    python -m tools.notebooks 06         # … of the sources whose name starts so

What changes from run to run without meaning (times, widget models, interpreter versions) is left out of the pair.
"""

import hashlib
import json
import os
import re
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import jupytext
import nbformat
import yaml
from nbclient import NotebookClient
from nbformat import NotebookNode

from tools.files import ROOT, write_atomically
from tools.plain_markdown import Translator, citations

NOTEBOOKS = ROOT / "notebooks"
OUTPUT_LIMIT = 1_000_000
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# A notebook's language is named so by every front end; its version belongs to the machine, not to the book.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
}


def sources(prefix: str = "") -> list[Path]:
    """Return the MyST files with jupytext front matter, in the book's order."""
    found = sorted(NOTEBOOKS.glob(f"{prefix}*.md"))
    return [path for path in found if "\njupytext:" in path.read_text(encoding="utf-8")[:2000]]


def pair_of(source: Path) -> Path:
    """Return the notebook file that belongs to a source."""
    return source.with_suffix(".ipynb")


def structure(source: Path) -> NotebookNode:
    """Return the notebook a source describes: its cells in order, without outputs, with reproducible cell IDs."""
    notebook = jupytext.read(source)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    readable(notebook, source.read_text(encoding="utf-8"))
    # The rest of the front matter stays in the source, where the site's builder reads it.
    notebook.metadata = nbformat.from_dict(METADATA)
    seen = Counter()
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        cell.id = f"{digest}-{seen[digest]}" if seen[digest] else digest
        seen[digest] += 1
    return notebook


def readable(notebook: NotebookNode, text: str) -> None:
    """Put a lecture's words into Markdown that every front end shows, under its title."""
    translator = Translator(text, _macros(), _citations())
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = translator.cell(cell.source)
        elif "hide-cell" in cell.metadata.get("tags", []):
            # The site folds the cell by its tag, JupyterLab by this.
            cell.metadata["jupyter"] = {"source_hidden": True, "outputs_hidden": True}
    notebook.cells = [cell for cell in notebook.cells if cell.source]
    if title := notebook.metadata.get("title"):
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(f"# {title}"))


@cache
def _macros() -> dict[str, str]:
    return yaml.safe_load((ROOT / "myst.yml").read_text(encoding="utf-8"))["project"]["math"]


@cache
def _citations() -> dict[str, str]:
    return citations((ROOT / "notebooks" / "references.bib").read_text(encoding="utf-8"))


def execute(notebook: NotebookNode, name: str) -> NotebookNode:
    """Run every cell in a fresh kernel; raise `CellExecutionError` with the traceback at the first error."""
    environment = {key: value for key, value in os.environ.items() if key != "DGMLIB_RECORD"}
    environment |= {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
    # What a cell prints may come in one piece or in several.
    folder = {"metadata": {"path": str(NOTEBOOKS)}}
    NotebookClient(notebook, timeout=600, coalesce_streams=True, resources=folder).execute(env=environment)
    for cell in notebook.cells:
        tidy(cell, name)
    notebook.metadata = nbformat.from_dict(METADATA)
    return notebook


def tidy(cell: NotebookNode, name: str) -> None:
    """Drop what differs from run to run, and refuse what no reader should meet: warnings and oversized outputs."""
    cell.metadata.pop("execution", None)
    if cell.cell_type == "code":
        cell.outputs = [lasting(output) for output in cell.outputs if not is_live_only(output)]
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stderr":
            raise ValueError(f"{name}: this cell writes to stderr, mend its cause:\n{cell.source}\n{output.text}")
        if (size := len(json.dumps(output))) > OUTPUT_LIMIT:
            raise ValueError(
                f"{name}: an output of {size:,} bytes; at most {OUTPUT_LIMIT:,} are kept in a notebook. "
                f"Draw less in this cell:\n{cell.source}"
            )


def is_live_only(output: NotebookNode) -> bool:
    """Tell whether an output is a widget that left no picture: without its kernel it says nothing."""
    return set(output.get("data", {})) == {WIDGET_VIEW, "text/plain"}


def lasting(output: NotebookNode) -> NotebookNode:
    """Return an output without the number of its widget model and the addresses of Python objects."""
    data = output.get("data", {})
    data.pop(WIDGET_VIEW, None)
    if "text/plain" in data:
        data["text/plain"] = re.sub(r" at 0x[0-9a-f]+", "", data["text/plain"])
    return output


def make_pair(source: Path) -> Path:
    """Write a source's executed notebook and return its path."""
    notebook = execute(structure(source), source.name)
    nbformat.validate(notebook)
    write_atomically(pair_of(source), nbformat.writes(notebook) + "\n")
    return pair_of(source)


def differences(source: Path) -> list[str]:
    """Return what a pair on disk has that its source does not say, cell by cell; empty if they are in step."""
    if not pair_of(source).exists():
        return [f"{pair_of(source).name} is missing"]
    expected, found = structure(source), nbformat.read(pair_of(source), as_version=4)
    if len(expected.cells) != len(found.cells):
        return [f"{len(found.cells)} cells, the source has {len(expected.cells)}"]
    return [
        f"cell {number}: {key} differs"
        for number, (want, have) in enumerate(zip(expected.cells, found.cells, strict=True), 1)
        for key in ("cell_type", "id", "source", "metadata")
        if want[key] != have[key]
    ]


def main(prefixes: list[str]) -> None:
    """Make the pairs, two at a time; every failure is reported, not only the first."""
    chosen = sorted({path for prefix in prefixes or [""] for path in sources(prefix)})
    failures = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for source, pair in [(source, pool.submit(make_pair, source)) for source in chosen]:
            try:
                print(pair.result().relative_to(ROOT), flush=True)
            except Exception as error:
                failures += 1
                print(f"{source.relative_to(ROOT)}: {error}", file=sys.stderr, flush=True)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main(sys.argv[1:])
