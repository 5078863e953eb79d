"""The results table says what the cards say."""

import json

import pytest

from dgmlib.pretrained import results

CARD = {
    "model": "a network",
    "test_log_likelihood_nats": -90.126,
    "standard_error_nats": 0.25,
    "test_method": "exact",
    "published": "88.40 nats",
    "num_parameters": 12345,
    "seconds": 4000,
    "epochs_run": 7,
    "settings": {},
    "hardware": "CPU, 1 thread",
}


@pytest.fixture
def cards(tmp_path):
    """Cards of two models of digits, the better one last, and of one of patches."""
    for name, nats in (("fvsbn-mnist", -97.0), ("nade-mnist", -90.126), ("rnade-bsds", 151.0)):
        (tmp_path / f"{name}.json").write_text(json.dumps(CARD | {"test_log_likelihood_nats": nats, "model": name}))
        (tmp_path / f"{name}.safetensors").touch()
    return tmp_path


def test_the_best_model_comes_first_and_every_number_is_the_cards(cards):
    lines = results.table("mnist", cards).splitlines()
    assert len(lines) == 4
    assert lines[2] == (
        "| nade-mnist | 90.13\xa0±\xa00.25 | exact | 88.40 nats | 12,345 | 1 h 07 min, 7 epochs | CPU, 1 thread |"
    )
    assert lines[3].startswith("| fvsbn-mnist | 97.00\xa0±")


def test_training_that_began_from_another_model_says_so(cards):
    (cards / "nade-mnist.json").write_text(json.dumps(CARD | {"settings": {"start": "fvsbn-mnist"}}))
    assert "1 h 07 min, 7 epochs, after `fvsbn-mnist` |" in results.table("mnist", cards)


def test_a_log_density_keeps_its_sign(cards):
    assert "| rnade-bsds | 151.00\xa0±\xa00.25 |" in results.table("bsds", cards)


def test_without_cards_it_says_how_to_make_some(tmp_path):
    assert "python -m dgmlib.pretrained" in results.table("mnist", tmp_path)


def test_an_unknown_data_set_is_refused(tmp_path):
    with pytest.raises(ValueError, match="expected one of mnist, bsds"):
        results.table("cifar", tmp_path)


@pytest.mark.parametrize(("seconds", "text"), [(45.4, "45 s"), (59, "59 s"), (720, "12 min"), (11_100, "3 h 05 min")])
def test_durations(seconds, text):
    assert results.duration(seconds) == text
