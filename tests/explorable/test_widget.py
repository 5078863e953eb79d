import base64
import io

import altair as alt
import ipywidgets
import numpy as np
import pytest
from PIL import Image, ImageColor

from dgmlib.explorable import MIME, Explorable, choice, colour, slider

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


def test_id_comes_from_the_title():
    assert line().id == "a-line-through-the-origin"


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


@pytest.mark.parametrize("name", ["value", "layout", "tables", "close", "t", "not a name"])
def test_control_names_that_the_widget_needs_are_refused(name):
    with pytest.raises(ValueError, match="cannot name a control"):
        line(controls={name: slider(0, 1, stops=3)})


def test_something_else_than_a_control_is_refused():
    with pytest.raises(ValueError, match="control 'slope' is 3; expected slider"):
        line(controls={"slope": 3})


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
