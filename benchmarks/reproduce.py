"""Recompute the book's result tables: `make reproduce`, or `python -m benchmarks.reproduce NAME …` for some of them.

Every table is written to `_build/results/NAME.json` with the commit, the seed, the date and the seconds it took, so
that a number in the text can be traced to the run that made it. Tables that a lecture prints are written to
`benchmarks/results/`, too, and kept with the book: readers without the full data see the numbers of the last run. These
name a hash of the sources that they depend on, for a kept table outlives its commit. A run that lacks some of its
methods leaves it as it is.
"""

import argparse
import datetime
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.denoising import bsd68_table, fingerprint
from dgmlib import coding, divergences
from dgmlib.figures.patch_priors.record import priors as patch_priors
from tools.claims import revision
from tools.files import ROOT, write_atomically

Rows = list[dict[str, float | int | str]]


def wrong_code(seed: int) -> Rows:
    """Bits per symbol measured by the arithmetic coder, beside entropy plus divergence, for messages of growing length.

    Messages are drawn from p over 16 symbols and coded for p itself and for a random q.
    """
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.ones(16)), rng.dirichlet(np.ones(16))
    rows: Rows = []
    for length in (100, 1_000, 10_000, 100_000):
        message = rng.choice(16, size=length, p=p).astype(np.uint8).tobytes()
        for name, code in (("p", p), ("q", q)):
            measured = len(coding.encode(message, coding.StaticModel(code))) / length
            expected = float(divergences.bits(divergences.cross_entropy(p, code)))
            rows.append({"symbols": length, "code for": name, "bits measured": measured, "bits expected": expected})
    return rows


TABLES: dict[str, Callable[[int], Rows]] = {
    "wrong-code": wrong_code,
    "patch-priors": patch_priors,  # also renews what the lecture's figure shows
    "denoising-bsd68": bsd68_table,
}
KEPT: dict[str, Callable[[], str]] = {"denoising-bsd68": fingerprint}
"""Tables that are kept with the book, and what hashes their sources."""

RESULTS, KEPT_RESULTS = ROOT / "_build" / "results", ROOT / "benchmarks" / "results"


def reproduce(name: str, seed: int) -> Path:
    """Compute one table, write it with its provenance, and return the file."""
    start = time.perf_counter()
    sources = {"sources": KEPT[name]()} if name in KEPT else {}
    rows = TABLES[name](seed)
    record = {
        "table": name,
        "commit": revision(ROOT),
        **sources,
        "seed": seed,
        "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - start, 2),
        "rows": rows,
    }
    text = json.dumps(record, indent=1) + "\n"
    write_atomically(RESULTS / f"{name}.json", text)
    if name in KEPT:
        keep(KEPT_RESULTS / f"{name}.json", text)
    return RESULTS / f"{name}.json"


def keep(path: Path, text: str) -> None:
    """Replace a kept table, unless the new one lacks some of its methods."""
    if lacking := (methods(path.read_text(encoding="utf-8")) if path.exists() else set()) - methods(text):
        print(f"{path.name} is kept as it was: this run has no {', '.join(sorted(lacking))}; install their packages.")
    else:
        write_atomically(path, text)


def methods(text: str) -> set[str]:
    """Whose rows a table has."""
    return {row["method"] for row in json.loads(text)["rows"]}


def show(rows: Rows) -> None:
    """Print a table with its columns aligned."""
    shown = [list(rows[0]), *([f"{v:.4f}" if isinstance(v, float) else str(v) for v in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Recompute the book's result tables.")
    parser.add_argument("tables", nargs="*", metavar="NAME", help=f"some of: {', '.join(TABLES)} (default: all)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if unknown := sorted(set(options.tables) - set(TABLES)):
        parser.error(f"no table named {', '.join(unknown)}; there are {', '.join(TABLES)}")
    for name in options.tables or TABLES:
        target = reproduce(name, options.seed)
        print(f"\n{name}  ({target.relative_to(ROOT)})")
        show(json.loads(target.read_text(encoding="utf-8"))["rows"])


if __name__ == "__main__":
    main()
