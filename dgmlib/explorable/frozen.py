"""A chart where nothing runs: SVG that follows the page's colours, PNG with a background for all other places."""

import json
import math
import re
import textwrap
from io import BytesIO
from typing import Any

import vl_convert
from PIL import Image

from dgmlib.explorable.colour import LIGHT, resolve, resolve_ranges


def render_svg(spec: dict[str, Any]) -> str:
    """Draw a Vega-Lite specification; fills and strokes stay `var(--dgm-…)`, so the page's colour mode applies.

    The page's letters may be wider than those the drawing was measured with: titles are broken to the width of their
    panels, and the sides have room for longer labels.
    """
    return _drawn(_parts_wrapped(spec) | {"padding": _PADDING})


def _drawn(spec: dict[str, Any]) -> str:
    svg = _renumbered(vl_convert.vegalite_to_svg(json.dumps(resolve_ranges(spec))))
    hexadecimal = {value: f"var(--dgm-{name})" for name, value in reversed(LIGHT.items())}
    return re.sub(r'(?<=")#[0-9a-f]{6}(?=")', lambda match: hexadecimal.get(match[0], match[0]), svg)


def _renumbered(svg: str) -> str:
    """The drawing with its clips and gradients numbered from one: Vega goes on counting from one chart to the next."""
    numbers: dict[str, int] = {}
    numbered = r"((?<= id=\")|(?<=url\(#))(clip|gradient_)(\d+)"
    return re.sub(numbered, lambda m: f"{m[2]}{numbers.setdefault(m[2] + m[3], len(numbers) + 1)}", svg)


_PANELS = ("hconcat", "vconcat", "concat")
_PHONE, _LETTER, _INDENT = 323, 7.2, 48  # px: a phone's column, a letter of a title, where titles begin (explorable.js)
_PADDING = {"left": 12, "right": 12, "top": 4, "bottom": 4}  # px; above and below as the live chart (look.py)


def heights(spec: dict[str, Any]) -> dict[str, int]:
    """How tall the live chart will be, in px, so that a page can keep the room free: `row` with panels side by side,
    and `column` on a phone, one below the other. The player measures letters itself and has more width: a row's titles
    take one line."""
    row, column = (_height(_drawn(laid_out)) for laid_out in (spec, _stacked(spec)))
    return {"row": row, "column": column}


def _height(svg: str) -> int:
    found = re.search(r'<svg[^>]*? height="([\d.]+)"', svg)
    return math.ceil(float(found[1])) if found else 0


def _stacked(spec: dict[str, Any]) -> dict[str, Any]:
    """The specification as the player lays it out on a phone (`fitted` in explorable.js)."""
    key = next((key for key in _PANELS if key in spec), None)
    if key is None:
        return _wrapped(spec, _PHONE - _INDENT)
    rest = {name: item for name, item in spec.items() if name != key}
    return rest | {"concat": [_wrapped(part, _PHONE - _INDENT) for part in spec[key]], "columns": 1}


def _parts_wrapped(spec: dict[str, Any]) -> dict[str, Any]:
    """The specification with every title broken to the width of its own panel, as far as that is known."""
    key = next((key for key in _PANELS if key in spec), None)
    if key is not None:
        return spec | {key: [_parts_wrapped(part) for part in spec[key]]}
    width = spec.get("width", 300)
    return _wrapped(spec, width) if isinstance(width, int | float) else spec


def _wrapped(chart: dict[str, Any], width: float) -> dict[str, Any]:
    """The chart with its title broken into lines of at most `width` px."""
    title = chart.get("title")
    text = title.get("text") if isinstance(title, dict) else title
    if not isinstance(text, str) or len(text) * _LETTER <= width:
        return chart
    lines = textwrap.wrap(text, max(1, int(width / _LETTER)), break_long_words=False, break_on_hyphens=False)
    return chart | {"title": (title if isinstance(title, dict) else {}) | {"text": lines}}


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
