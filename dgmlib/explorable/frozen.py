"""A chart where nothing runs: SVG that follows the page's colours, PNG with a background for all other places."""

import json
import re
from io import BytesIO
from typing import Any

import vl_convert
from PIL import Image

from dgmlib.explorable.colour import LIGHT, resolve, resolve_ranges


def render_svg(spec: dict[str, Any]) -> str:
    """Draw a Vega-Lite specification; fills and strokes stay `var(--dgm-…)`, so the page's colour mode applies."""
    svg = vl_convert.vegalite_to_svg(json.dumps(resolve_ranges(spec)))
    hexadecimal = {value: f"var(--dgm-{name})" for name, value in reversed(LIGHT.items())}
    return re.sub(r'(?<=")#[0-9a-f]{6}(?=")', lambda match: hexadecimal.get(match[0], match[0]), svg)


def render_png(spec: dict[str, Any], *, scale: float = 2) -> bytes:
    """Draw a Vega-Lite specification in the light colours on paper; a palette makes it a sixth of the size."""
    opaque = spec | {"background": LIGHT["paper"]}
    drawn = Image.open(BytesIO(vl_convert.vegalite_to_png(resolve(json.dumps(opaque)), scale=scale)))
    packed = BytesIO()
    drawn.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def with_tables(spec: dict[str, Any], tables: dict[str, dict[str, list[Any]]]) -> dict[str, Any]:
    """The specification with the values of its named tables put in."""
    rows = {
        name: [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        for name, columns in tables.items()
    }
    return spec | {"datasets": spec.get("datasets", {}) | rows}
