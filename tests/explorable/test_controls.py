import json

import numpy as np
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


@pytest.mark.parametrize(
    ("made", "like"),
    [
        (slider(values=np.arange(1, 4)), slider(values=[1, 2, 3])),
        (slider(np.int64(1), np.int8(4), step=np.int64(1)), slider(1, 4, step=1)),
        (slider(np.float64(0), 1, stops=np.int64(3), start=np.array(0.5)), slider(0.0, 1, stops=3, start=0.5)),
        (choice(np.array([1, 2]), start=np.int64(2)), choice([1, 2], start=2)),
        (choice({np.int64(1): "one", np.str_("b"): "two"}), choice({1: "one", "b": "two"})),
        (reseed(np.int64(4), start=np.int64(1)), reseed(4, start=1)),
        (pad(np.array([0, 1]), (0, 1), stops=np.array([2, 2])), pad((0, 1), (0, 1), stops=(2, 2))),
    ],
)
def test_numbers_of_numpy_count_as_pythons_own(made, like):
    assert repr(made) == repr(like)  # by ==, 1.0 is 1
    assert json.dumps(made.describe()) == json.dumps(like.describe())


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
        (lambda: slider(0, 1, stops=1), "stops is 1; a scale needs at least 2"),
        (lambda: slider(0, 1, step=2), r"step is 2, wider than \[0, 1\]; a scale needs at least 2"),
        (lambda: slider(0, 1, stops="3"), "stops is '3'; expected a whole number"),
        (lambda: slider(0, 1, stops=2.5), "stops is 2.5; expected a whole number"),
        (lambda: slider("0", 1, stops=3), "'0' is not a number"),
        (lambda: slider(0, True, stops=3), "True is not a number"),
        (lambda: slider(0, 10**400, stops=3), "is not a number"),
        (lambda: slider(0, 1, values=[5, 6], stops=9), "got values= and low, high, stops; .* leave out the rest"),
        (lambda: slider(values=[5, 6], step=1), "got values= and step"),
        (lambda: slider(values=5), "at least two rising numbers, got 5"),
        (lambda: slider(0, 1, stops=3, marks=[0.5]), r"marks is \[0.5\]; expected points of the scale with their"),
        (lambda: slider(0, 1, stops=3, marks={0.5: 1}), "mark 0.5 is 1; expected text, such as '1'"),
        (lambda: slider(0, 1, stops=3, label=7), "label is 7; expected text, such as '7'"),
        (lambda: slider(0, 1, stops=5, log=True), "starts above 0"),
        (lambda: slider(values=[1, 1, 2]), "rising"),
        (lambda: slider(1e6, 1e6 + 1e-3, stops=100), "do not differ"),
        (lambda: slider(0, 1, stops=3, role="red"), "role is 'red'"),
        (lambda: choice(["a"]), r"at least two options, got \['a'\]"),
        (lambda: choice(3), "at least two options, got 3"),
        (lambda: choice([1, "1"]), r"options \[1, '1'\] hold two .* the same in a link; make them differ"),
        (lambda: choice([1.0, "1"]), "the same in a link"),
        (lambda: choice([True, "true"]), "the same in a link"),
        (lambda: choice([1, True]), "hold two that are equal"),
        (lambda: choice(["a", "b", "a"]), "hold two that are equal"),
        (lambda: choice([1, float("nan")]), "option nan cannot be recorded; expected text, a finite number, True or"),
        (lambda: choice([None, 1]), "option None cannot be recorded"),
        (lambda: choice([[1], [2]]), r"option \[1\] cannot be recorded"),
        (lambda: choice({1: 2, 3: "4"}), "label is 2; expected text, such as '2'"),
        (lambda: choice([1, 2], start=True), "start is True; expected one of 1, 2"),
        (lambda: choice(["a", "b"], start=["a"]), r"start is \['a'\]; expected one of"),
        (lambda: choice(["a", "b"], start="c"), "start is 'c'; expected one of 'a', 'b'"),
        (lambda: toggle(start=1), "True or False"),
        (lambda: reseed(1), "at least 2"),
        (lambda: reseed(2.5), "stops is 2.5; expected a whole number"),
        (lambda: reseed(3, start=True), "start is True; expected a whole number"),
        (lambda: reseed(4, start=4), "0 to 3"),
        (lambda: pad(0, (0, 1)), r"x is 0; expected a pair \(low, high\)"),
        (lambda: pad((0, 1), (0, 1, 2)), r"y is \(0, 1, 2\); expected a pair \(low, high\)"),
        (lambda: pad((0, 1), (0, 1), stops=5), r"stops is 5; expected a pair \(21, 21\)"),
        (lambda: pad((0, 1), (0, 1), stops=(5, 2.5)), "stops is 2.5; expected a whole number"),
        (lambda: pad((0, 1), (0, 1), start=3), r"start is 3; expected a pair \(x, y\)"),
        (lambda: pad((0, 1), (0, 1), axes=("x", 2)), "axis is 2; expected text"),
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
        (slider(1, 5, step=1), 3, "3"),
        (slider(1, 5, step=1), 1, True),
        (choice(["a", "b"]), "b", "c"),
        (choice([0.0, 0.1, 1.0]), 0, True),
        (toggle(), True, 1),
        (reseed(4), 99, -1),
        (pad((0, 1), (0, 1)), (0.33, 0.1), (0.33, 7)),
        (pad((0, 1), (0, 1)), [0, 1], 0.5),
        (pad((0, 1), (0, 1)), [0, 1], (0, 1, 0)),
        (choice(["a", "b"]), "a", np.array(["a", "b"])),
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
