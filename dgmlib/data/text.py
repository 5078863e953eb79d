"""A public-domain book, for models of text: Lewis Carroll, *Alice's Adventures in Wonderland* (1865).

Provenance and terms: ``assets/text/README.md``. Chapters I–X are for training, XI and XII are held out.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

__all__ = ["LETTERS", "Chapter", "letters", "load_alice", "words"]

LETTERS = " abcdefghijklmnopqrstuvwxyz"
"""Shannon's alphabet: 26 letters and the space."""

_TRAINING_CHAPTERS = 10


class Chapter(NamedTuple):
    """A chapter's title and its text, one line a paragraph."""

    title: str
    text: str


def load_alice(part: Literal["all", "train", "held-out"] = "all") -> tuple[Chapter, ...]:
    """The twelve chapters, the first ten (``"train"``, 85 % of its letters) or the last two (``"held-out"``)."""
    parts = {"all": slice(None), "train": slice(_TRAINING_CHAPTERS), "held-out": slice(_TRAINING_CHAPTERS, None)}
    if part not in parts:
        raise ValueError(f"part: got {part!r}, expected one of {', '.join(map(repr, parts))}.")
    return _chapters()[parts[part]]


def letters(chapters: Iterable[Chapter]) -> str:
    """The text in Shannon's 27 symbols: lower case, apostrophes dropped, everything else one space."""
    text = " ".join(chapter.text for chapter in chapters).lower().replace("’", "")
    return re.sub("[^a-z]+", " ", text).strip()


def words(chapters: Iterable[Chapter]) -> list[str]:
    """The words in order, lower case, with inner apostrophes (``don’t``) and every full stop, ! or ? as a word."""
    text = " ".join(chapter.text for chapter in chapters).lower()
    return re.findall(r"[a-z]+(?:’[a-z]+)*|[.!?]", text)


@cache
def _chapters() -> tuple[Chapter, ...]:
    packed = files("dgmlib.data.assets").joinpath("text", "alice.txt.gz").read_bytes()
    parts = re.split(r"^# (.*)\n", gzip.decompress(packed).decode("utf-8"), flags=re.MULTILINE)[1:]
    return tuple(Chapter(title, text) for title, text in zip(parts[::2], parts[1::2], strict=True))
