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
