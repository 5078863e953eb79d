"""Still figures keep the palette's variables in SVG, and turn into an opaque picture elsewhere."""

import base64
import io

import altair as alt
import pytest
from PIL import Image

from dgmlib.explorable import colour
from dgmlib.plotting import NAME, draw, use_book_look


@pytest.fixture
def book_look():
    """Switch the look on, and Altair's own settings back on afterwards."""
    theme, renderer = alt.theme.active, alt.renderers.active
    use_book_look()
    yield
    alt.theme.enable(theme)
    alt.renderers.enable(renderer)


def chart():
    data = alt.Data(values=[{"x": 0, "y": 1}, {"x": 1, "y": 3}])
    line = alt.Chart(data).mark_line(color=colour.MODEL).encode(x="x:Q", y="y:Q")
    return line.properties(description="A line that rises from 1 to 3.")


def test_a_chart_becomes_svg_and_png(book_look):
    bundle = chart()._repr_mimebundle_()
    assert 'stroke="var(--dgm-model)"' in bundle["image/svg+xml"]
    picture = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).convert("RGBA")
    assert picture.getpixel((0, 0)) == (*bytes.fromhex(colour.LIGHT["paper"][1:]), 255)
    assert bundle["text/plain"] == "A line that rises from 1 to 3."
    assert not any("vega" in mime for mime in bundle)


def test_the_look_sets_fonts_and_colours(book_look):
    assert alt.theme.active == alt.renderers.active == NAME
    assert chart().to_dict()["config"]["axis"]["gridColor"] == colour.GRID


def test_a_chart_without_description_still_says_what_it_is():
    spec = {"data": {"values": []}, "mark": "point", "encoding": {}}
    assert draw(spec)["text/plain"] == "A chart."
