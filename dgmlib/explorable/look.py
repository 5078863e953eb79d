"""How every chart of the book looks: one Vega configuration in the book's colours, for page, JupyterLab and print."""

from typing import Any

import altair

from dgmlib.explorable import colour

SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"

CONFIG: dict[str, Any] = {
    "aria": False,  # a figure is one image with a caption, not a thousand described marks
    "background": "transparent",
    "font": SANS,
    "padding": 4,
    "view": {"stroke": None, "continuousWidth": 560, "continuousHeight": 260},
    "axis": {
        "domainColor": colour.MUTED,
        "domainWidth": 1,
        "gridColor": colour.GRID,
        "gridWidth": 1,
        "labelColor": colour.MUTED,
        "labelFontSize": 12,
        "labelPadding": 6,
        "tickColor": colour.MUTED,
        "tickSize": 4,
        "titleColor": colour.INK,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "titlePadding": 8,
        "titleAnchor": "middle",
    },
    "axisY": {"domain": False, "ticks": False, "minExtent": 36},
    "axisX": {"grid": False},
    "legend": {
        "labelColor": colour.INK,
        "labelFontSize": 12,
        "titleColor": colour.MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "orient": "top",
        "symbolStrokeWidth": 2.5,
    },
    "title": {
        "color": colour.INK,
        "fontSize": 13,
        "fontWeight": 600,
        "anchor": "start",
        "frame": "group",
        "offset": 10,
        "subtitleColor": colour.MUTED,
        "subtitleFontSize": 12,
    },
    "header": {"labelColor": colour.INK, "titleColor": colour.MUTED, "labelFontSize": 12},
    "line": {"strokeWidth": 2.25, "strokeCap": "round", "color": colour.MODEL},
    "area": {"fillOpacity": 0.75, "color": colour.MODEL_SOFT},
    "bar": {"color": colour.MODEL},
    "rule": {"color": colour.MUTED, "strokeWidth": 1.25},
    "point": {"filled": True, "size": 40, "color": colour.DATA},
    "circle": {"color": colour.DATA, "opacity": 1},
    "tick": {"color": colour.DATA, "thickness": 1.5},
    "rect": {"color": colour.MODEL},
    "trail": {"color": colour.MODEL},
    "text": {"color": colour.INK, "fontSize": 12},
    "range": {
        "category": [colour.DATA, colour.MODEL, colour.LATENT, colour.GAP, colour.NOISE],
        "heatmap": [colour.PAPER, colour.MODEL_SOFT, colour.MODEL],
        "ramp": [colour.PAPER, colour.DATA_SOFT, colour.DATA],
        "diverging": [colour.MODEL, colour.PAPER, colour.DATA],
    },
}
"""Vega-Lite `config`; a chart's own `configure_…` settings win over it."""


def specification(chart: altair.TopLevelMixin) -> dict[str, Any]:
    """The Vega-Lite specification of an Altair chart, dressed in the book's configuration (the chart's own wins)."""
    with altair.theme.enable("none"):
        spec = chart.to_dict()
    return spec | {"config": _merged(CONFIG, spec.get("config", {}))}


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for key, value in over.items():
        both[key] = _merged(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
    return both
