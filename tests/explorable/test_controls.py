import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dgmlib.explorable import choice, pad, reseed, slider, toggle


def test_slider_stops_are_evenly_spaced_and_print_short():
    mu = slider(-1, 1, stops=21, start=0.3)
    assert mu.stops == tuple(round(-1 + 0.1 * i, 1) for i in range(21))
    assert mu.start == 0.3
    assert mu.labels[0] == "−1.0"


def test_slider_by_step_keeps_whole_numbers_whole():
    assert slider(1, 10, step=1).stops == tuple(range(1, 11))
    assert all(type(stop) is int for stop in slider(1, 10, step=3).stops)
    assert slider(0, 1, step=0.25).stops == (0.0, 0.25, 0.5, 0.75, 1.0)


def test_logarithmic_slider_has_constant_ratio():
    stops = slider(0.01, 100, stops=5, log=True).stops
    assert stops == (0.01, 0.1, 1.0, 10.0, 100.0)


@given(st.floats(-1e3, 1e3), st.floats(1e-2, 1e6), st.integers(2, 200))
def test_labels_tell_all_stops_apart(low, span, count):
    labels = slider(low, low + span, stops=count).labels
    assert len(set(labels)) == count


def test_start_is_the_nearest_stop():
    assert slider(0, 1, stops=3, start=0.6).start == 0.5


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: slider(-1, 1, stops=5, start=2), r"start is 2, outside the range \[-1.0, 1.0\]"),
        (lambda: slider(-1, 1, stops=5, marks={3: "truth"}), "mark is 3, outside"),
        (lambda: slider(1, 1, stops=5), "is empty"),
        (lambda: slider(0, float("inf"), stops=5), "not finite"),
        (lambda: slider(0, 1), "either stops= .* or step="),
        (lambda: slider(0, 1, step=-1), "above 0"),
        (lambda: slider(0, 1, stops=1), "at least 2"),
        (lambda: slider(0, 1, stops=5, log=True), "starts above 0"),
        (lambda: slider(values=[1, 1, 2]), "rising"),
        (lambda: slider(1e6, 1e6 + 1e-3, stops=100), "do not differ"),
        (lambda: slider(0, 1, stops=3, role="red"), "role is 'red'"),
        (lambda: choice(["a"]), "at least two"),
        (lambda: choice(["a", "b"], start="c"), "start is 'c'; expected one of 'a', 'b'"),
        (lambda: toggle(start=1), "True or False"),
        (lambda: reseed(1), "at least 2"),
        (lambda: reseed(4, start=4), "0 to 3"),
        (lambda: pad((0, 1), (0, 1), start=(0, 2)), "start is 2, outside"),
    ],
)
def test_a_faulty_control_says_what_is_wrong(make, words):
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize(
    ("control", "good", "bad"),
    [
        (slider(0.0, 1.0, stops=3), 0.3, 1.5),
        (slider(values=[1, 10, 100], measured=True), 10.0, 5),
        (slider(1, 5, step=1), 3.0, 2.5),
        (slider(1, 5, step=1), 3, "three"),
        (choice(["a", "b"]), "b", "c"),
        (choice([0.0, 0.1, 1.0]), 0, True),
        (toggle(), True, 1),
        (reseed(4), 99, -1),
        (pad((0, 1), (0, 1)), (0.33, 0.1), (0.33, 7)),
        (pad((0, 1), (0, 1)), [0, 1], 0.5),
    ],
)
def test_check_takes_what_lies_between_the_stops_and_nothing_else(control, good, bad):
    assert control.check(good) == (tuple(good) if isinstance(good, list) else good)
    with pytest.raises(ValueError):
        control.check(bad)


def test_pad_runs_along_x_first():
    z = pad((0, 1), (0, 2), stops=(2, 3))
    assert z.stops == ((0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2))


def test_descriptions_are_json_and_place_marks_between_stops():
    described = slider(values=[1, 2, 10], marks={6: "six"}, start=2, play=True).describe()
    assert json.loads(json.dumps(described)) == described
    assert described["start"] == 1
    assert described["marks"] == [{"at": 0.75, "text": "six"}]
