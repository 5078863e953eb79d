import altair as alt
import numpy as np
import pytest

from dgmlib.explorable.look import specification
from dgmlib.explorable.tables import check_view, names_read, normalise


def test_arrays_become_lists():
    tables = normalise({"p": {"x": np.arange(3), "y": (0.5, 1.0, 2.0), "name": ["a", "b", "c"]}}, "start")
    assert tables == {"p": {"x": [0, 1, 2], "y": [0.5, 1.0, 2.0], "name": ["a", "b", "c"]}}


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ([1, 2], "returned list; expected"),
        ({"p": [1, 2]}, "table 'p' at mu=1 is list"),
        ({"p": {"x": [1, 2], "y": [1]}}, r"ragged: \{'x': 2, 'y': 1\}"),
        ({"p": {"x": [1.0, float("nan")]}}, "column p.x at mu=1 is nan in row 1"),
        ({"p": {"x": [float("-inf")]}}, "is -inf in row 0"),
        ({"p": {"x": 3.0}}, "wrap a single one in a list"),
        ({"p": {"x": "abc"}}, "expected a sequence"),
        ({"p": {"x": np.zeros((2, 2))}}, r"shape \(2, 2\)"),
        ({"p": {"x": [None, 1]}}, "expected numbers, booleans or text"),
    ],
)
def test_faulty_tables_say_where(tables, words):
    with pytest.raises(ValueError, match=words):
        normalise(tables, "mu=1")


def test_names_read_finds_tables_and_columns_of_layers_and_panels():
    p = alt.Chart(alt.NamedData("p")).mark_line().encode(x="x:Q", y="density:Q")
    q = alt.Chart(alt.NamedData("q")).mark_bar().encode(x="sum(n):Q", y=alt.Y("name:N", sort=alt.SortField("rank")))
    assert names_read(specification(alt.hconcat(p + p, q))) == {"p": {"x", "density"}, "q": {"n", "name", "rank"}}


def test_columns_made_by_the_chart_itself_are_not_read():
    chart = (
        alt.Chart(alt.NamedData("p"))
        .transform_calculate(twice="2 * datum.x")
        .transform_fold(["a", "b"], as_=["key", "height"])
        .mark_line()
        .encode(x="twice:Q", y="height:Q", color="key:N")
    )
    assert names_read(specification(chart)) == {"p": {"a", "b"}}


def test_check_view_names_what_is_missing():
    reads = {"p": {"x", "y"}}
    check_view(reads, {"p": {"x": [], "y": [], "extra": []}}, "start")
    with pytest.raises(ValueError, match=r"reads p\.y, but tables at start returned the columns \['x'\]"):
        check_view(reads, {"p": {"x": []}}, "start")
    with pytest.raises(ValueError, match=r"reads table 'p', but tables at start returned \['q'\]"):
        check_view(reads, {"q": {}}, "start")
