"""From messages to binary features: a tokenizer that hides digits, and a bag of words.

    x_i = 1  if word i of the vocabulary occurs in the message, else 0

No token ever contains a digit of the message: telephone numbers, codes and addresses become classes of tokens, so
that neither a vocabulary nor a printed weight can reveal one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

__all__ = ["LONG_NUMBER", "NUMBER", "BagOfWords", "mask_numbers", "tokenize"]

NUMBER, LONG_NUMBER, LINK, ADDRESS = "‹number›", "‹long-number›", "‹link›", "‹address›"
_PATTERN = re.compile(
    r"(?P<link>(?:https?://|www\.)\S+)"
    r"|(?P<address>[\w.+-]+@[\w-]+\.[\w.]+)"
    r"|(?P<number>\w*\d(?:[\d\s().,:/+-]*\d)?\w*)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)"
    r"|(?P<sign>[£$€!?])"
)


def tokenize(text: str) -> list[str]:
    """Lower-case words, the signs £ $ € ! ?, and classes for everything that could identify somebody.

    A run of digits (with letters, spaces or punctuation inside) becomes ‹number›, one of five digits or more
    ‹long-number›; web addresses become ‹link›, mail addresses ‹address›.
    """
    return [_name(match) for match in _PATTERN.finditer(text.lower())]


def mask_numbers(text: str) -> str:
    """The text with every digit replaced by #, for showing a message."""
    return re.sub(r"\d", "#", text)


class BagOfWords:
    """Binary word features over the vocabulary of a training set.

    Args:
        texts: training messages; only they decide the vocabulary.
        min_count: a word must occur in at least so many of them.
        max_words: keep at most so many words, the most frequent ones (ties alphabetically); None keeps all.

    ``words`` is the vocabulary, most frequent first; ``index`` maps a word to its column.
    """

    def __init__(self, texts: Sequence[str], *, min_count: int = 2, max_words: int | None = None):
        _check_messages(texts)
        counts = Counter(word for text in texts for word in set(tokenize(text)))
        kept = sorted((word for word, n in counts.items() if n >= min_count), key=lambda w: (-counts[w], w))
        if not kept:
            raise ValueError(f"no word occurs in {min_count} of the {len(texts)} texts; lower min_count or add texts.")
        self.words = tuple(kept[:max_words])
        self.index = {word: i for i, word in enumerate(self.words)}

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """One row of 0/1 a message, -> (n, words) uint8; words outside the vocabulary are ignored."""
        _check_messages(texts)
        x = np.zeros((len(texts), len(self.words)), dtype=np.uint8)
        for row, text in zip(x, texts, strict=True):
            row[[self.index[word] for word in tokenize(text) if word in self.index]] = 1
        return x


def _check_messages(texts: Sequence[str]) -> None:
    if isinstance(texts, str):
        raise ValueError("texts: got one string, expected a sequence of messages; wrap it in a list.")


def _name(match: re.Match[str]) -> str:
    """The token of one match."""
    kind = match.lastgroup
    if kind == "number":
        return LONG_NUMBER if sum(c.isdigit() for c in match.group()) >= 5 else NUMBER
    return {"link": LINK, "address": ADDRESS}.get(kind, match.group())
