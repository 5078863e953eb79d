import itertools
import json
import re
from importlib.resources import files

import altair as alt
import jsonschema
import numpy as np
import pytest

from dgmlib.explorable import Explorable, choice, frozen, pad, reseed, slider, toggle
from dgmlib.explorable.columns import decode, recorded


def chart(*tables):
    layers = [alt.Chart(alt.NamedData(name)).mark_line().encode(x="x:Q", y="y:Q") for name in tables]
    return alt.layer(*layers)


def explorable(controls, tables, **more):
    parts = {"title": "A test", "view": chart("p"), "caption": lambda t, **values: str(values)} | more
    return Explorable(controls=controls, tables=tables, **parts)


def everything():
    """One control of each kind; table p depends on all, q on the slider alone, r on none."""
    x = np.linspace(0, 1, 5)

    def tables(a, kind, on, seed, z):
        noise = np.random.default_rng(seed).normal(size=5)
        level = a + (kind == "up") + 10 * on + z[0] - z[1]
        return {"p": {"x": x, "y": level + noise}, "q": {"x": x, "y": a * x}, "r": {"x": x, "y": x}}

    controls = {
        "a": slider(0, 1, stops=3),
        "kind": choice({"up": "Upwards", "down": "Downwards"}),
        "on": toggle(),
        "seed": reseed(3),
        "z": pad((0, 1), (-1, 1), stops=(2, 3)),
    }
    return explorable(controls, tables, view=chart("p", "q", "r"))


def replay(recording, values):
    """What a player shows: an independent reading of the documented format."""
    places = {}
    for control in recording["controls"]:
        value = values[control["name"]]
        if control["kind"] == "pad":
            stops = [[x, y] for y in control["ys"] for x in control["xs"]]
            assert len(stops) == control["stops"]
            value = list(value)
        else:
            stops = control["stops"]
        places[control["name"]] = stops.index(value)
    sizes = {c["name"]: c["stops"] if c["kind"] == "pad" else len(c["stops"]) for c in recording["controls"]}

    def look_up(entry):
        at = (
            np.ravel_multi_index([places[n] for n in entry["by"]], [sizes[n] for n in entry["by"]])
            if entry["by"]
            else 0
        )
        return entry["of"][at]

    tables = {
        name: {column: decode(recording["columns"][i]) for column, i in recording["tables"][look_up(entry)].items()}
        for name, entry in recording["index"].items()
    }
    return tables, recording["captions"]["texts"][look_up(recording["captions"])]


def test_every_state_replays_what_python_computes():
    figure = everything()
    recording = json.loads(json.dumps(figure.record()))
    for state in itertools.product(*(control.stops for control in figure.controls.values())):
        values = dict(zip(figure.controls, state, strict=True))
        tables, caption = replay(recording, values)
        expected = {
            name: {column: recorded(entries) for column, entries in table.items()}
            for name, table in figure.tables(**values).items()
        }
        assert tables == expected
        assert caption == figure.caption(**values)


def test_a_recording_follows_the_published_schema():
    schema = json.loads(files("dgmlib.explorable").joinpath("schema-v1.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    recording = json.loads(json.dumps(everything().record()))
    jsonschema.validate(recording, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(recording | {"version": 2}, schema)


def test_tables_are_indexed_by_the_controls_they_depend_on():
    recording = everything().record()
    assert recording["index"]["p"]["by"] == ["a", "kind", "on", "seed", "z"]
    assert recording["index"]["q"]["by"] == ["a"]
    assert recording["index"]["r"] == {"by": [], "of": recording["index"]["r"]["of"]}
    assert len(recording["index"]["r"]["of"]) == 1


def test_equal_columns_and_tables_are_stored_once():
    recording = explorable({"a": slider(0, 9, step=1)}, lambda a: {"p": {"x": [1.5, 2.5], "y": [a % 2, 0]}}).record()
    assert len(recording["columns"]) == 3
    assert len(recording["tables"]) == 2
    assert recording["index"]["p"]["of"] == [0, 1] * 5


def test_too_many_states_are_refused_when_defined():
    controls = {"a": slider(0, 1, stops=65), "b": slider(0, 1, stops=65)}
    with pytest.raises(ValueError, match=r"65 \(a\) × 65 \(b\) = 4225 states, more than 4096"):
        explorable(controls, lambda a, b: {})


def test_a_recording_too_large_for_a_page_is_refused():
    def tables(seed):
        return {"p": {"x": range(9000), "y": np.random.default_rng(seed).normal(size=9000)}}

    with pytest.raises(ValueError, match=r"'a-test' takes .* more than 600,000; use fewer stops or rows \(table 'p'"):
        explorable({"seed": reseed(40)}, tables).record()


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        (lambda a: {"p": {"x": [1.0], "y": [0.0, 1.0]}}, "ragged"),
        (lambda a: {"p": {"x": [1.0], "y": [float("nan") if a else 0.0]}}, "column p.y at a=1 is nan"),
        (lambda a: {"p": {"x": [1.0], "z": [1.0]}}, r"reads p\.y"),
        (lambda a: {"p": {"x": [1], "y": [1]}} | ({"late": {}} if a else {}), "but before"),
    ],
)
def test_faulty_tables_are_refused_when_recorded(tables, words):
    with pytest.raises(ValueError, match=words):
        explorable({"a": slider(0, 1, step=1)}, tables).record()


@pytest.mark.parametrize("role", ["bogus", "Model", "model-soft"])
def test_a_caption_in_a_colour_without_a_meaning_is_refused(role):
    figure = explorable(
        {"a": slider(0, 1, step=1)},
        lambda a: {"p": {"x": [1], "y": [a]}},
        caption=lambda a, t: f"A [line]{{.{role if a else 'model'}}}.",
    )
    assert figure.caption() == "A line."
    words = re.escape(f"caption at {{'a': 1}} has '[line]{{.{role}}}'; expected one of {{.data}}, {{.model}}")
    for evaluate in (figure.record, lambda: figure.caption(a=1)):
        with pytest.raises(ValueError, match=words):
            evaluate()


def test_frozen_figure_holds_the_start_state_in_the_books_colours():
    still = everything().record()["frozen"]
    assert still["svg"].startswith("<svg")
    assert "var(--dgm-muted)" in still["svg"]
    assert still["caption"] == everything().caption()


def test_frozen_figure_tells_how_tall_the_live_one_will_be():
    single = everything()
    still = single.record()["frozen"]
    drawn = int(re.search(r' height="(\d+)"', still["svg"])[1])
    assert still["height"] == {"row": drawn, "column": drawn}
    panel = {
        "mark": "line",
        "width": 200,
        "height": 100,
        "data": {"values": [{"x": 0}]},
        "encoding": {"x": {"field": "x"}},
    }
    spec = {"hconcat": [panel, panel | {"title": "A title that no telephone is wide enough for"}]}
    pair = frozen.heights(spec)
    alone = frozen.heights(panel)
    assert 2 * alone["row"] < pair["column"] < 2 * alone["row"] + 80  # a gap and a title of two lines
    assert alone["row"] < pair["row"] < alone["row"] + 40  # the same title, in one line
