"""What holds for every explorable of the book; what one lecture's figures show besides is tested beside this file."""

import gzip
import json
import re
from importlib.resources import files

import jsonschema
import pytest

from dgmlib.explorable.recording import MAX_BYTES, MAX_STATES, states
from dgmlib.figures import catalogue, collect

# Values that slipped through a format string: not a number, a missing value, a zero with a sign.
SLIPS = re.compile(r"\b(nan|inf)\b|(?<=[^.] )None\b|[-−]0\.0+(?!\d)")
# Where a control changes nothing at the start: the raster order of a plain network is sorted already.
FROM = {("autoencoder-or-density", "sort"): {"kind": "shuffled"}}


@pytest.fixture(scope="module")
def schema():
    """Return a validator of recordings."""
    published = files("dgmlib.explorable").joinpath("schema-v1.json").read_text("utf-8")
    return jsonschema.Draft202012Validator(json.loads(published))


def test_catalogue_lists_every_figure_by_its_id():
    assert all(figure.id == name for name, figure in catalogue().items())


def test_two_figures_with_one_id_are_refused():
    first, second = list(catalogue().values())[:2]
    with pytest.raises(ValueError, match=f"got '{first.id}' for both"):
        collect([first, second, first])


@pytest.mark.parametrize("name", catalogue())
def test_a_recording_is_valid_keeps_its_budget_and_says_something_everywhere(schema, name):
    figure = catalogue()[name]
    recording = json.loads(json.dumps(figure.record()))
    schema.validate(recording)
    assert len(gzip.compress(json.dumps(recording).encode())) <= MAX_BYTES
    assert len(list(states(figure.controls))) <= MAX_STATES
    kinds = [control.kind for control in figure.controls.values()]
    assert sum(kind != "toggle" for kind in kinds) + ("toggle" in kinds) <= 4  # a row of toggles counts as one
    for text in (*recording["captions"]["texts"], recording["frozen"]["caption"]):
        assert text.strip()
        assert not SLIPS.search(" ".join(text.split())), text


@pytest.mark.parametrize("name", catalogue())
def test_every_control_changes_something(name):
    figure = catalogue()[name]
    for control, definition in figure.controls.items():
        start = FROM.get((name, control), {})
        before = figure.tables(**start)
        assert any(figure.tables(**start | {control: stop}) != before for stop in definition.stops), control


def between(control):
    """A number between two stops of a slider that takes such, or None where they are too close for one."""
    whole = all(isinstance(stop, int) for stop in control.stops)
    low, high = max(zip(control.stops, control.stops[1:], strict=False), key=lambda pair: pair[1] - pair[0])
    middle = (low + high) // 2 if whole else (low + high) / 2
    return None if middle in control.stops else middle


@pytest.mark.parametrize("name", catalogue())
def test_between_two_stops_a_slider_says_something_or_refuses(name):
    figure = catalogue()[name]
    for control, definition in figure.controls.items():
        if definition.kind != "slider" or (value := between(definition)) is None:
            continue
        if definition.measured:
            with pytest.raises(ValueError, match=f"control '{control}': .* is not one of"):
                figure.tables(**{control: value})
        else:
            assert figure.tables(**{control: value}) and figure.caption(**{control: value})


@pytest.mark.parametrize(
    "text",
    [
        "It costs nan nats.",
        "It costs inf nats: too many.",
        "Of 5 digits None is right.",
        "A gain of −0.00 nats.",
        "A gain of -0.000.",
        "(−0.0, 1)",
    ],
)
def test_slips_are_seen(text):
    assert SLIPS.search(text)


@pytest.mark.parametrize("text", ["None is left.", "All of it. None is left.", "−0.05 nats of infinitely many", "10.0"])
def test_plain_words_are_no_slips(text):
    assert not SLIPS.search(text)
