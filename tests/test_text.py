"""The embedded book: whole, split by chapters, and reproducible from what its README says."""

import gzip
import hashlib
import re
from importlib.resources import files

import pytest

from dgmlib.data.text import LETTERS, letters, load_alice, words

FOLDER = files("dgmlib.data.assets").joinpath("text")


def test_contents_are_those_the_readme_names():
    text = gzip.decompress(FOLDER.joinpath("alice.txt.gz").read_bytes())
    named = re.search(r"unpacked text `([0-9a-f]{64})`", FOLDER.joinpath("README.md").read_text("utf-8"))[1]
    assert hashlib.sha256(text).hexdigest() == named
    assert len(FOLDER.joinpath("alice.txt.gz").read_bytes()) <= 100_000


def test_split_is_by_chapters_and_complete():
    train, held_out = load_alice("train"), load_alice("held-out")
    assert (len(train), len(held_out)) == (10, 2)
    assert train + held_out == load_alice()
    assert train[0].title == "Down the Rabbit-Hole" and held_out[-1].title == "Alice’s Evidence"


def test_unknown_part_is_refused():
    with pytest.raises(ValueError, match="got 'test', expected one of 'all'"):
        load_alice("test")


def test_letters_use_exactly_shannons_alphabet():
    text = letters(load_alice())
    assert set(text) == set(LETTERS) and len(LETTERS) == 27
    assert "  " not in text and text.startswith("alice was beginning to get very tired")


def test_words_keep_inner_apostrophes_and_sentence_ends():
    tokens = words(load_alice()[:1])
    assert tokens[:4] == ["alice", "was", "beginning", "to"]
    assert "didn’t" in tokens and {".", "!", "?"} <= set(tokens)
    assert not any("‘" in token or token.startswith("’") or token.endswith("’") for token in tokens)
