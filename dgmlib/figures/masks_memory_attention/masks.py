"""MADE's masks: drawn from degrees, read as a network, and multiplied to count the ways from input to output."""

from functools import cache

import altair as alt
import numpy as np
import torch

from dgmlib.autoregressive import MADE
from dgmlib.explorable import Explorable, choice, colour, reseed, slider

N = 6
HIDDEN = {
    "4": (4,),
    "8": (8,),
    "12": (12,),
    "6+6": (6, 6),
    "6+6+6": (6, 6, 6),
}
"""Widths of the hidden layers, first to last."""
ORDERINGS = {"raster": "1 2 3 4 5 6", "reversed": "6 5 4 3 2 1", "random": "random"}
_WIDE, _HIGH, _GAP = 12, 4, 2


@cache
def network(hidden: str, ordering: str, seed: int) -> MADE:
    """The masked autoencoder of a setting; the seed draws the hidden units' degrees, and the random ordering."""
    turns = {
        "raster": torch.arange(N),
        "reversed": torch.arange(N).flip(0),
        "random": torch.randperm(N, generator=torch.Generator().manual_seed(100 + seed)),
    }[ordering]
    return MADE(N, HIDDEN[hidden], ordering=turns, generator=torch.Generator().manual_seed(seed))


def mask_matrices(model: MADE) -> list[np.ndarray]:
    """The masks from the first layer to the last, (n_out, n_in) of 0 and 1 each."""
    return [layer.mask.int().numpy() for layer in (*model.hidden, model.out)]


def paths(model: MADE) -> np.ndarray:
    """How many ways lead from input j to output i: the product of all masks, (n, n)."""
    product = np.eye(model.n_dims, dtype=int)
    for mask in mask_matrices(model):
        product = mask @ product
    return product


def free_parameters(model: MADE) -> int:
    """Weights that a mask lets through, and the biases."""
    return sum(int(mask.sum()) + len(mask) for mask in mask_matrices(model))


def on_the_way(model: MADE, output: int) -> list[np.ndarray]:
    """Which units of each layer have a part in an output, inputs first, as arrays of True and False."""
    needed = [np.arange(model.n_dims) == output]
    for mask in reversed(mask_matrices(model)):
        needed.insert(0, mask[needed[0]].any(0))
    return needed


# -- The figure --------------------------------------------------------------------------------------------------------


def _places(count: int) -> np.ndarray:
    """Horizontal places of a layer's units, evenly spread over the layout, (count,)."""
    return (np.arange(count) + 0.5) * _WIDE / count


def _units(model: MADE, needed: list[np.ndarray]) -> dict:
    degrees = [model.hidden[0].degrees_in, *(layer.degrees_out for layer in model.hidden), model.out.degrees_out]
    top = len(degrees) - 1
    rows = [
        (x, layer * _HIGH / top, str(int(degree) + 1), _part(layer, top, bool(part)))
        for layer, (units, parts) in enumerate(zip(degrees, needed, strict=True))
        for x, degree, part in zip(_places(len(units)), units, parts, strict=True)
    ]
    return dict(zip(("x", "y", "degree", "part"), zip(*rows, strict=True), strict=True))


def _part(layer: int, top: int, needed: bool) -> str:
    if not needed:
        return "no part in it"
    return "sees" if layer == 0 else "chosen output" if layer == top else "on the way"


def _edges(model: MADE, needed: list[np.ndarray]) -> dict:
    columns: dict[str, list] = {"x": [], "y": [], "x2": [], "y2": [], "used": []}
    step = _HIGH / len(mask_matrices(model))
    for layer, mask in enumerate(mask_matrices(model)):
        to, start = np.nonzero(mask)
        columns["x"] += _places(mask.shape[1])[start].tolist()
        columns["x2"] += _places(mask.shape[0])[to].tolist()
        columns["y"] += [layer * step] * len(to)
        columns["y2"] += [(layer + 1) * step] * len(to)
        columns["used"] += (needed[layer][start] & needed[layer + 1][to]).tolist()
    return columns


def _cells(model: MADE, needed: list[np.ndarray]) -> tuple[dict, dict]:
    """All masks to one scale, the last on top as in the network: their ones as cells, their outlines as boxes."""
    cells: dict[str, list] = {"x": [], "x2": [], "y": [], "y2": [], "used": []}
    boxes: dict[str, list] = {"x": [], "x2": [], "y": [], "y2": [], "label": []}
    top = 0
    for layer, mask in reversed(list(enumerate(mask_matrices(model)))):
        height, width = mask.shape
        row, column = np.nonzero(mask)
        cells["x"] += column.tolist()
        cells["x2"] += (column + 1).tolist()
        cells["y"] += (top + row).tolist()
        cells["y2"] += (top + row + 1).tolist()
        cells["used"] += (needed[layer][column] & needed[layer + 1][row]).tolist()
        boxes["label"].append(f"M{layer + 1}")
        for name, value in zip(("x", "x2", "y", "y2"), (0, width, top, top + height), strict=True):
            boxes[name].append(value)
        top += height + _GAP
    return cells, boxes


def _tables(hidden: str, ordering: str, seed: int, output: int) -> dict:
    model = network(hidden, ordering, seed)
    needed, ways = on_the_way(model, output - 1), paths(model)
    cells, boxes = _cells(model, needed)
    i, j = (a.ravel() for a in np.meshgrid(np.arange(N), np.arange(N), indexing="ij"))
    return {
        "edges": _edges(model, needed),
        "units": _units(model, needed),
        "names": {
            "x": np.concatenate([_places(N), _places(N)]),
            "y": [-0.34] * N + [_HIGH + 0.34] * N,
            "label": [f"x{k + 1}" for k in range(N)] * 2,
        },
        "cells": cells,
        "boxes": boxes,
        "paths": {
            "i": i + 1,
            "j": j + 1,
            "text": [str(count) if count else "·" for count in ways.ravel()],
            "row": i == output - 1,
            "some": np.minimum(ways.ravel(), 1),
        },
    }


def _network_panel() -> alt.LayerChart:
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, _WIDE], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.4, 4.4], nice=False))
    width = alt.condition("datum.used", alt.value(1.75), alt.value(1))
    used = {
        "color": alt.Color(
            "used:N", scale=alt.Scale(domain=[False, True], range=[colour.GRID, colour.MODEL]), legend=None
        ),
        "strokeWidth": width,
    }
    edges = alt.Chart(alt.NamedData("edges")).mark_rule().encode(x=x, y=y, x2="x2:Q", y2="y2:Q", **used)
    parts = ["sees", "on the way", "chosen output", "no part in it"]
    units = alt.Chart(alt.NamedData("units")).encode(x=x, y=y)
    fill = alt.Scale(domain=parts, range=[colour.DATA_SOFT, colour.PAPER, colour.MODEL_SOFT, colour.PAPER])
    edge = alt.Scale(domain=parts, range=[colour.DATA, colour.MODEL, colour.MODEL, colour.NOISE])
    circles = units.mark_point(size=330, opacity=1, strokeWidth=1.75).encode(
        fill=alt.Fill("part:N", scale=fill, legend=None), stroke=alt.Stroke("part:N", scale=edge, legend=None)
    )
    degrees = units.mark_text(fontSize=11).encode(text="degree:N")
    names = alt.Chart(alt.NamedData("names")).mark_text(fontSize=11, color=colour.MUTED)
    return alt.layer(edges, circles, degrees, names.encode(x=x, y=y, text="label:N"))


def _masks_panel() -> alt.LayerChart:
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, 16], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[30, 0], nice=False))
    used = alt.Scale(domain=[False, True], range=[colour.NOISE_SOFT, colour.MODEL])
    cells = alt.Chart(alt.NamedData("cells")).mark_rect(stroke=colour.PAPER, strokeWidth=0.75)
    cells = cells.encode(x=x, x2="x2:Q", y=y, y2="y2:Q", color=alt.Color("used:N", scale=used, legend=None))
    boxes = alt.Chart(alt.NamedData("boxes")).encode(x=x, x2="x2:Q", y=y, y2="y2:Q")
    outline = boxes.mark_rect(fill=None, stroke=colour.MUTED, strokeWidth=1)
    names = alt.Chart(alt.NamedData("boxes")).mark_text(align="left", dx=6, dy=7, color=colour.MUTED)
    return alt.layer(cells, outline, names.encode(x=alt.X("x2:Q"), y=y, text="label:N"))


def _paths_panel() -> alt.LayerChart:
    axis = {"scale": alt.Scale(domain=list(range(1, N + 1))), "axis": alt.Axis(labelAngle=0, grid=False)}
    cell = alt.Chart(alt.NamedData("paths")).encode(
        x=alt.X("j:O", title="input", **axis), y=alt.Y("i:O", title="output", **axis)
    )
    squares = cell.mark_rect(stroke=colour.GRID).encode(
        fill=alt.Fill("some:N", scale=alt.Scale(domain=[0, 1], range=[colour.PAPER, colour.MODEL_SOFT]), legend=None)
    )
    row = cell.mark_rect(fill=None, stroke=colour.MODEL, strokeWidth=2).encode(
        strokeOpacity=alt.condition("datum.row", alt.value(1), alt.value(0))
    )
    return alt.layer(squares, row, cell.mark_text().encode(text="text:N"))


def _chart() -> alt.ConcatChart:
    left = _network_panel().properties(width=300, height=270, title="The network; numbers are degrees")
    middle = _masks_panel().properties(width=120, height=270, title="Its masks")
    right = _paths_panel().properties(width=200, height=230, title="Ways from input to output")
    apart = dict.fromkeys(("x", "y", "color", "fill", "stroke"), "independent")
    return alt.concat(left, middle, right, columns=3).resolve_scale(**apart)


def _caption(hidden: str, ordering: str, seed: int, output: int, t: dict) -> str:
    model = network(hidden, ordering, seed)
    turns = [turn + 1 for turn in model.ordering.tolist()]
    seen = np.nonzero(paths(model)[output - 1])[0] + 1
    before = turns[: turns.index(output)]
    missing = [turn for turn in before if turn not in seen]
    first = f"Ordering {' '.join(map(str, turns))}: [output {output}]{{.model}} "
    if not before:
        first += "comes first and sees no input"
    else:
        first += f"sees {_inputs(sorted(seen))}" if len(seen) else "sees no input"
        first += f", of {_inputs(sorted(before))} that come before it" if missing else ", all that come before it"
    weights = sum(int(mask.sum()) for mask in mask_matrices(model))
    return (
        f"{first}. [{free_parameters(model)} free parameters]{{.model}}: {weights} of "
        f"{sum(mask.size for mask in mask_matrices(model))} weights and {free_parameters(model) - weights} biases."
    )


def _inputs(numbers: list[int]) -> str:
    return f"input{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


made_masks = Explorable(
    id="made-masks",
    title="Masks that keep the order",
    controls={
        "hidden": choice({name: name.replace("+", " + ") for name in HIDDEN}, start="8", label="Hidden units"),
        "ordering": choice(ORDERINGS, start="raster", label="Ordering"),
        "output": slider(1, N, step=1, start=4, label="Output", role="model"),
        "seed": reseed(stops=4, label="New masks"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
