import re

import pytest

from dgmlib.explorable import frozen

FADING = {"gradient": "linear", "stops": [{"offset": 0, "color": "white"}, {"offset": 1, "color": "black"}]}
PANEL = {
    "mark": {"type": "area", "clip": True, "color": FADING},
    "data": {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 2}]},
    "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}},
}
PAIR = {"hconcat": [PANEL, PANEL]}


@pytest.mark.parametrize("spec", [PANEL, PAIR])
def test_a_drawing_does_not_depend_on_what_was_drawn_before(spec):
    first = frozen.render_svg(spec)
    frozen.render_svg({"hconcat": [PANEL, PANEL, PANEL]})
    assert frozen.render_svg(spec) == first


def test_every_clip_and_gradient_keeps_a_name_of_its_own():
    svg = frozen.render_svg(PAIR)
    names, used = re.findall(r' id="([^"]+)"', svg), re.findall(r"url\(#([^)]+)\)", svg)
    assert len(names) == len(set(names)) == 4
    assert set(used) == set(names)


LONG = "Leaves (solid), photographs (dashed), Gaussian noise (dots)"


def lines(svg: str) -> list[str]:
    """The lines of the titles of a drawing."""
    titles = re.findall(r'class="mark-text role-title-text".*?</g>', svg, flags=re.DOTALL)
    return [line for title in titles for line in re.findall(r">([^<>]+)</t", title)]


@pytest.mark.parametrize("arranged", ["hconcat", "concat", None])
def test_a_title_keeps_to_its_panel(arranged):
    panel = PANEL | {"title": {"text": LONG, "anchor": "start"}, "width": 200}
    svg = frozen.render_svg({arranged: [panel, PANEL]} if arranged else panel)
    assert " ".join(lines(svg)) == LONG
    assert len(lines(svg)) > 1
    assert max(map(len, lines(svg))) * 7.2 <= 200


def test_a_title_that_has_room_stays_in_one_line():
    assert lines(frozen.render_svg(PANEL | {"title": LONG, "width": 8 * len(LONG)})) == [LONG]
