import base64
import io

import altair as alt
import ipywidgets
import numpy as np
import pytest
from PIL import Image, ImageColor

from dgmlib.explorable import MIME, Explorable, choice, colour, pad, slider, toggle

LINE = alt.Chart(alt.NamedData("p")).mark_line().encode(x="x:Q", y="y:Q")


def line(**more):
    parts = {
        "title": "A line through the origin",
        "controls": {"slope": slider(-1, 1, stops=21, start=0.5), "kind": choice(["thin", "thick"])},
        "tables": lambda slope, kind: {"p": {"x": [0, 1], "y": [0.0, slope]}},
        "view": LINE,
        "caption": lambda slope, kind, t: f"A [{kind} line]{{.model}} ends at {t['p']['y'][-1]:.2f}.",
    }
    return Explorable(**(parts | more))


def point():
    return line(
        controls={"p": pad((0, 1), (0, 1), stops=(3, 3))},
        tables=lambda p: {"p": {"x": [p[0]], "y": [p[1]]}},
        caption=lambda p, t: f"At {p}.",
    )


def test_id_comes_from_the_title():
    assert line().id == "a-line-through-the-origin"
    assert line(title="直線", id="line-2").id == "line-2"


@pytest.mark.parametrize(
    ("faulty", "words"),
    [
        ({"title": None}, "title is None; expected text"),
        ({"controls": [slider(0, 1, stops=3)]}, r"controls is \[.*\]; expected a mapping from names to controls"),
        ({"controls": {"slope": 3}}, "control 'slope' is 3; expected slider"),
        ({"tables": 3}, "tables is 3; expected a function"),
        ({"view": 3}, "view is 3; expected one Altair chart"),
        ({"caption": "x"}, "caption is 'x'; expected a function"),
        ({"title": "直線"}, "title '直線' has no Latin letter or digit .* give one, such as id='bell'"),
        ({"id": ""}, "id is ''; expected small Latin letters, digits and hyphens"),
        ({"id": "../a b?"}, "id is '../a b\\?'"),
        ({"id": "-a"}, "id is '-a'"),
        ({"id": "line\n"}, "id is 'line"),
        ({"id": 7}, "id is 7"),
    ],
)
def test_a_faulty_definition_says_which_argument_is_wrong(faulty, words):
    with pytest.raises(ValueError, match=words):
        line(**faulty)


def test_a_control_without_a_label_is_called_by_its_name():
    figure = line(controls={"slope": slider(-1, 1, stops=3), "kind": toggle(label="Thick")})
    assert [control.label for control in figure.controls.values()] == ["slope", "Thick"]
    assert [control["label"] for control in figure.record()["controls"]] == ["slope", "Thick"]


def test_tables_and_caption_take_the_start_for_what_is_not_given():
    assert line().tables()["p"]["y"] == [0.0, 0.5]
    assert line().tables(slope=0.123)["p"]["y"] == [0.0, 0.123]
    assert line().caption(kind="thick") == "A thick line ends at 0.50."


def test_traits_and_value_move_together():
    figure, seen = line(), []
    figure.observe(lambda change: seen.append(change["new"]), "slope")
    figure.slope = np.float64(0.25)
    assert figure.value == {"slope": 0.25, "kind": "thin"}
    figure.value = {"slope": -1}
    assert (figure.slope, figure.kind) == (-1.0, "thin")
    assert seen == [0.25, -1.0]


def test_two_figures_can_be_linked():
    a, b = line(), line()
    ipywidgets.link((a, "slope"), (b, "slope"))
    a.slope = -0.7
    assert b.slope == -0.7
    b.value = {"slope": 0.1}
    assert a.slope == 0.1


def test_a_value_that_is_not_allowed_changes_nothing():
    figure = line()
    with pytest.raises(ValueError, match=r"control 'slope': 3 is outside \[-1.0, 1.0\]"):
        figure.slope = 3
    with pytest.raises(ValueError, match="control 'kind': 'dotted' is not one of 'thin', 'thick'"):
        figure.value = {"kind": "dotted", "slope": 0}
    with pytest.raises(ValueError, match="no control named colour; this figure has slope, kind"):
        figure.tables(colour="red")
    assert (figure.slope, figure.kind) == (0.5, "thin")
    assert figure.value == {"slope": 0.5, "kind": "thin"}


def test_a_pad_takes_an_array_for_a_point_and_stays_where_it_is_for_anything_else():
    figure = point()
    figure.p = np.array([0.5, 0.25])
    assert figure.p == figure.value["p"] == (0.5, 0.25)
    figure.value = {"p": np.array([1, 0])}
    assert figure.p == figure.value["p"] == (1.0, 0.0)
    for wrong in (np.array([0.5, 7]), np.array([0.5, 0.5, 0.5]), np.array(0.5), None):
        with pytest.raises(ValueError, match="control 'p': "):
            figure.p = wrong
        assert figure.p == figure.value["p"] == (1.0, 0.0)


INSTANCE = ["id", "title", "spec", "controls"]  # what only an instance has, not its class
PYTHON = ["t", "not a name", "lambda", "_compute", "_x", 3]


@pytest.mark.parametrize("name", ["value", "layout", "tables", "close", *INSTANCE, *PYTHON])
def test_control_names_that_the_widget_needs_are_refused(name):
    with pytest.raises(ValueError, match="cannot name a control"):
        line(controls={name: slider(0, 1, stops=3)})


def test_an_exception_in_tables_is_shown_as_a_message():
    figure = line(tables=lambda slope, kind: {"p": {"x": [1], "y": [1 / slope]}})
    figure.slope = 0
    assert figure._shown["value"] == figure.value
    assert figure._shown["error"] == "ZeroDivisionError: float division by zero"
    figure.slope = 0.5
    assert figure._shown["tables"]["p"]["y"] == [2.0]


def test_an_observer_that_fails_does_not_leave_the_figure_waiting():
    def refuse(change):
        raise RuntimeError("not now")

    figure = line()
    figure.observe(refuse, "slope")
    with pytest.raises(RuntimeError, match="not now"):
        figure.value = {"slope": 0.1}
    assert figure._shown["value"] == {"slope": 0.1, "kind": "thin"}


def test_an_observer_that_takes_a_move_back_is_an_answer_too():
    """The view waits for something new: the value alone would be what it was."""
    figure = line()
    figure._show()
    figure.observe(lambda change: figure.set_trait("value", {"slope": 0.5}), "value")
    before = figure._shown
    figure.value = {"slope": 0.1}
    assert figure._shown["value"] == before["value"]
    assert figure._shown != before


def test_a_faulty_figure_is_shown_all_the_same_in_jupyter_and_refused_while_the_book_is_built(monkeypatch):
    figure = line(tables=lambda slope, kind: {"p": {"x": [1], "y": [float("nan")]}})
    monkeypatch.delenv("DGMLIB_RECORD", raising=False)
    data, _ = figure._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "column p.y" in data["text/plain"]
    monkeypatch.setenv("DGMLIB_RECORD", "1")
    with pytest.raises(ValueError, match="is nan in row 0") as caught:
        figure._repr_mimebundle_()
    assert caught.value.__notes__ == ["Explorable 'a-line-through-the-origin', shown by Python"]


def test_shown_in_jupyter_it_is_a_widget_with_a_picture_for_other_places(monkeypatch):
    monkeypatch.delenv("DGMLIB_RECORD", raising=False)
    data, _ = line()._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"]
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert picture.format == "PNG"
    assert picture.convert("RGB").getpixel((0, 0)) == ImageColor.getrgb(colour.LIGHT["paper"])
    assert data["text/plain"] == "A line through the origin. A thin line ends at 0.50."


def test_shown_while_the_book_is_built_it_is_a_recording(monkeypatch):
    monkeypatch.setenv("DGMLIB_RECORD", "1")
    data, metadata = line()._repr_mimebundle_()
    assert set(data) == {MIME, "text/plain"}
    assert data[MIME]["id"] == "a-line-through-the-origin"
    assert metadata == {}
