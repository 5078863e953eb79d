"""Still figures: Altair charts in a notebook that look like the book's explorables.

    from dgmlib.plotting import use_book_look
    use_book_look()

From then on a chart shown in a notebook becomes an SVG, whose colours follow the page's light or dark mode, and a PNG
on paper for readers that show no SVG. Name colours by meaning, ``dgmlib.explorable.colour``.
"""

import base64
from typing import Any

import altair

from dgmlib.explorable.frozen import render_png, render_svg
from dgmlib.explorable.look import CONFIG

NAME = "dgm"
"""The name of the book's theme and renderer within Altair."""


def use_book_look() -> None:
    """Dress every Altair chart shown from now on in the book's size, fonts and colours, drawn without JavaScript."""
    altair.theme.register(NAME, enable=True)(lambda: altair.theme.ThemeConfig({"config": CONFIG}))
    altair.renderers.register(NAME, draw)
    altair.renderers.enable(NAME)


def draw(spec: dict[str, Any], **_options: Any) -> dict[str, str]:
    """A notebook's MIME bundle for a Vega-Lite specification: SVG, and PNG (base64) for where SVG is not shown."""
    return {
        "image/svg+xml": render_svg(spec),
        "image/png": base64.b64encode(render_png(spec)).decode(),
        "text/plain": spec.get("description", "A chart."),
    }
