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
    assert names_read(specification(chart)) == {"p": {"x", "a", "b"}}


RED = alt.value("red")


def on_p(**encoding):
    return alt.Chart(alt.NamedData("p")).mark_point().encode(**encoding)


@pytest.mark.parametrize(
    ("chart", "columns"),
    [
        (on_p(color=alt.when(alt.datum.kind == "a").then(RED)), {"kind"}),
        (on_p(opacity=alt.when("datum['of all'] > 1 && !datum.gone").then(alt.value(1))), {"of all", "gone"}),
        (on_p(x="x:Q").transform_filter((alt.datum.a > 0) & ~(alt.datum["b"] < 1)), {"x", "a", "b"}),
        (on_p().transform_filter(alt.LogicalOrPredicate(**{"or": ["datum.a", {"field": "b", "gt": 1}]})), {"a", "b"}),
        (on_p(y=alt.value(alt.expr("datum.height / 2"))), {"height"}),
        (on_p(x=alt.X("x:Q", axis=alt.Axis(labelExpr="datum.label + datum.value"))), {"x"}),
        (on_p(x=alt.X("x:Q").axis(gridColor=alt.condition("datum.index", RED, RED))), {"x"}),
        (on_p(x="x:Q").facet("kind:N"), {"x", "kind"}),
    ],
)
def test_columns_read_in_expressions_are_read(chart, columns):
    assert names_read(specification(chart)) == {"p": columns}


@pytest.mark.parametrize(
    ("chart", "columns"),
    [
        (on_p(x="x:Q").transform_calculate(x="datum.x - datum.mean"), {"x", "mean"}),
        (on_p(x="c:Q").transform_calculate(b="datum.a").transform_calculate(c="datum.b"), {"a"}),
        (on_p(x="n:Q", y="g:N").transform_aggregate(n="sum(x)", groupby=["g"]), {"x", "g"}),
        (on_p(y="m:Q").transform_joinaggregate(m="mean(x)"), {"x"}),
        (on_p(y="r:Q").transform_window(r="rank()", sort=[alt.SortField("x")], groupby=["g"]), {"x", "g"}),
        (on_p(x="key:N", y="value:Q").transform_fold(["a", "b"]), {"a", "b"}),
        (on_p(x="value:Q", y="density:Q").transform_density("x", groupby=["g"]), {"x", "g"}),
        (on_p(x="x:Q", y="y:Q").transform_regression("x", "y"), {"x", "y"}),
        (on_p(x="low:Q", x2="high:Q").transform_stack(["low", "high"], "n", ["g"], sort=[]), {"n", "g"}),
        (on_p(y="y:Q").transform_impute("y", key="x", value="none"), {"x", "y"}),
        (on_p(y="of a value of g:Q").transform_pivot("g", value="n"), {"g", "n"}),
    ],
)
def test_a_transform_reads_the_table_and_what_was_made_before_it(chart, columns):
    assert names_read(specification(chart)) == {"p": columns}


def test_a_lookup_reads_its_own_table():
    named = alt.LookupData(data=alt.NamedData("names"), key="id", fields=["name", "hue"])
    chart = on_p(x="x:Q", y="name:N", color="hue:N").transform_lookup("which", named)
    assert names_read(specification(chart)) == {"p": {"x", "which"}, "names": {"id", "name", "hue"}}
    called = on_p(y="called:N", color="name:N").transform_lookup("which", named, as_=["called", "tint"])
    assert names_read(specification(called)) == {"p": {"which", "name"}, "names": {"id", "name", "hue"}}


def test_check_view_names_what_is_missing():
    reads = {"p": {"x", "y"}}
    check_view(reads, {"p": {"x": [], "y": [], "extra": []}}, "start")
    with pytest.raises(ValueError, match=r"reads p\.y, but tables at start returned the columns \['x'\]"):
        check_view(reads, {"p": {"x": []}}, "start")
    with pytest.raises(ValueError, match=r"reads table 'p', but tables at start returned \['q'\]"):
        check_view(reads, {"q": {}}, "start")
