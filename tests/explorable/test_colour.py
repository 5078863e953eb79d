import pytest

from dgmlib.explorable import colour
from dgmlib.explorable.look import CONFIG


def luminance(value):
    channels = [int(value[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [colour.LIGHT, colour.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", [*colour.ROLES, "ink", "muted"])
def test_text_in_every_colour_is_legible_on_paper(mode, name):
    assert contrast(mode[name], mode["paper"]) >= 4.5  # WCAG 2.2, level AA


def test_every_named_colour_is_defined_and_resolves():
    names = [value for key, value in vars(colour).items() if key.isupper() and isinstance(value, str)]
    assert len(names) == len(colour.LIGHT) == 14
    assert all(colour.resolve(name).startswith("#") for name in names)
    assert colour.resolve(f"fill: {colour.DATA}", "dark") == f"fill: {colour.DARK['data']}"


def test_an_unknown_colour_is_an_error():
    with pytest.raises(ValueError, match=r"unknown colour var\(--dgm-red\)"):
        colour.resolve("var(--dgm-red)")


def test_scale_ranges_become_numbers_and_all_else_stays_symbolic():
    resolved = colour.resolve_ranges({"config": CONFIG, "scale": {"range": [colour.DATA, 3]}})
    assert resolved["config"]["range"]["category"][0] == colour.LIGHT["data"]
    assert resolved["scale"]["range"] == [colour.LIGHT["data"], 3]
    assert resolved["config"]["axis"]["titleColor"] == colour.INK
