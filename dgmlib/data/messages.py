"""Short messages written for this book, spam and ham: small, harmless, free to print.

No person, firm, address or telephone number in them is real: numbers begin with 0700 900, addresses end in
``.example``.
Licence: CC BY 4.0, like the text of the book.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dgmlib.data.assets import read_text

__all__ = ["load_messages"]


def load_messages() -> tuple[tuple[str, ...], np.ndarray]:
    """The 410 messages and their labels (410,) int, 1 = spam (156), in a fixed mixed order."""
    messages, labels = parse_messages(read_text("messages.tsv").splitlines())
    order = np.random.default_rng(0).permutation(len(labels))  # the file is sorted by label
    return tuple(messages[i] for i in order), labels[order]


def parse_messages(lines: Iterable[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """Messages and labels of lines ``ham<TAB>text`` or ``spam<TAB>text``."""
    pairs = [line.split("\t", 1) for line in lines]
    for number, pair in enumerate(pairs, start=1):
        if len(pair) != 2 or pair[0] not in ("ham", "spam"):
            raise ValueError(f"line {number}: got {pair[0][:20]!r}, expected 'ham' or 'spam', a tab and the message.")
    return tuple(text for _, text in pairs), np.array([label == "spam" for label, _ in pairs], dtype=int)
