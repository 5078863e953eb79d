"""The denoising table of all 68 test photographs, as ``python -m benchmarks.reproduce denoising-bsd68`` left it."""

import json
from pathlib import Path

import dgmlib
from dgmlib.figures.captions import number

RESULT = Path(dgmlib.__file__).parents[1] / "benchmarks" / "results" / "denoising-bsd68.json"
"""In a copy of the repository; an installed package has none."""


def denoising_rows(path: Path = RESULT) -> list[dict[str, float | int | str]]:
    """The rows of the last run, none if there was none."""
    return json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []


def denoising_table(path: Path = RESULT) -> str:
    """Markdown: mean PSNR per method and σ beside the published number."""
    if not path.exists():
        return "*Not measured here yet: `python -m benchmarks.reproduce denoising-bsd68` does, in the repository.*"
    record = json.loads(path.read_text(encoding="utf-8"))
    sigmas = sorted({row["sigma"] for row in record["rows"]})
    methods = dict.fromkeys(row["method"] for row in record["rows"])
    cells = {(row["method"], row["sigma"]): row for row in record["rows"]}
    head = ["method", *(text for sigma in sigmas for text in (f"σ = {sigma}", "published"))]
    lines = [head, ["---", *["--:"] * (len(head) - 1)]]
    for method in methods:
        lines.append([method, *(text for sigma in sigmas for text in _texts(cells[method, sigma]))])
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{table}\n\n{_how(record)}"


def _texts(row: dict) -> tuple[str, str]:
    published = f"{row['published']:.2f}" if row["published"] else "–"
    return f"{row['PSNR in dB']:.2f}", published


def _how(record: dict) -> str:
    """Provenance and price."""
    rows = record["rows"]
    seconds = {row["method"]: row["seconds a picture"] for row in rows if row["method"] != "noisy"}
    price = ", ".join(f"{method} {number(value, 1)}" for method, value in seconds.items())
    sources = f", sources {record['sources'][:7]}" if "sources" in record else ""  # older runs did not hash them
    return (
        f"Mean PSNR in dB. Prior of EPLL: {rows[0]['components']} Gaussians. Only EPLL's pictures are cut to the range "
        f"of grey values; that would add up to 0.05 dB to another method's. Seconds of one core a picture: {price}. "
        f"Measured on {record['when'][:10]}, seed {record['seed']}{sources}."
    )
