"""Spambase: 4,601 e-mails of 1999 described by word, character and capital-letter statistics.

Licence: CC BY 4.0. Source: M. Hopkins, E. Reeber, G. Forman, J. Suermondt, UCI Machine Learning Repository,
doi 10.24432/C53G6X.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np

from dgmlib.data.store import Arrays, Dataset, Download, load

__all__ = ["load_spambase"]


def load_spambase() -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Features (4601, 57) float64, labels (4601,) uint8 (1 = spam) and the 57 feature names.

    Columns 0–47 are word frequencies in percent, 48–53 character frequencies in percent, 54–56 run lengths of capital
    letters. Rows are sorted by label. ``x[:, :54] > 0`` says which words and characters occur.
    """
    arrays = load(SPAMBASE)
    return arrays["X"], arrays["y"], tuple(arrays["feature_names"].tolist())


def _build(paths: list[Path]) -> Arrays:
    with zipfile.ZipFile(paths[0]) as archive:
        table = np.loadtxt(archive.read("spambase.data").decode().splitlines(), delimiter=",")
        description = archive.read("spambase.names").decode("latin-1")
    names = re.findall(r"^(\w+_freq_\S+|capital_run_length_\w+):", description, flags=re.MULTILINE)
    return {"X": table[:, :57], "y": table[:, 57].astype(np.uint8), "feature_names": np.array(names)}


SPAMBASE = Dataset(
    file_name="spambase.npz",
    digest="1fb073a10f4cfed3bdd2841c670b8bc705d2894bff50fdc5c5126c7fe80ffca6",
    downloads=(Download("https://archive.ics.uci.edu/static/public/94/spambase.zip"),),
    build=_build,
)
