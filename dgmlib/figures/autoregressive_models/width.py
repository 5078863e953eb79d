"""NADEs of growing width on small digits: likelihood, size, samples, epoch by epoch, as ``measure`` recorded them."""

import json
from functools import cache

import altair as alt
import numpy as np
import torch

from dgmlib.autoregressive import NADE
from dgmlib.explorable import Explorable, colour, slider
from dgmlib.figures.autoregressive_models.digits import SMALL, Split, pictures, small_digits
from dgmlib.figures.autoregressive_models.panels import url
from dgmlib.figures.autoregressive_models.recorded import read_bytes
from dgmlib.figures.autoregressive_models.small import small
from dgmlib.figures.captions import number
from dgmlib.figures.panels import picture
from dgmlib.training import fit, mean_loss

N = SMALL**2
WIDTHS = (1, 3, 10, 30, 100, 200)
EPOCHS = (1, 2, 4, 8, 16)
"""After how many epochs a NADE is scored; the record is of one training run per width. The figure leaves out the first:
the narrowest lie far below the others then."""
_SAMPLES = 8


def measure() -> dict:
    """Train a NADE of every width once, -> one entry per width and number of epochs, ready for JSON."""
    return {"fvsbn": round(-mean_loss(small("fvsbn"), small_digits().test), 4), "runs": [_run(d) for d in WIDTHS]}


def _run(n_hidden: int) -> dict:
    split, generator = small_digits(), torch.Generator().manual_seed(0)
    model = NADE(N, n_hidden, generator=generator)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    stages = [
        _stage(model, optimizer, split, generator, epochs=after - before)
        for before, after in zip((0, *EPOCHS), EPOCHS, strict=False)
    ]
    return {"n_hidden": n_hidden, "num_parameters": model.num_parameters, "stages": stages}


def _stage(
    model: NADE, optimizer: torch.optim.Optimizer, split: Split, generator: torch.Generator, *, epochs: int
) -> dict:
    """Go on training for some epochs, then score and sample."""
    options = {"optimizer": optimizer, "generator": generator, "batch_size": 50, "progress": False}
    fit(model, split.train, split.valid, n_epochs=epochs, **options)
    drawn = model.sample(_SAMPLES, generator=torch.Generator().manual_seed(1)).numpy().astype(np.uint8)
    scores = {name: round(-mean_loss(model, part), 4) for name, part in split._asdict().items()}
    return scores | {"samples": [np.packbits(row).tobytes().hex() for row in drawn]}


@cache
def record() -> dict:
    """What ``measure`` found."""
    return json.loads(read_bytes("width.json"))


def stage(width: int, epochs: int) -> tuple[dict, dict]:
    """The run with a width, and its stage after a number of epochs."""
    run = next(run for run in record()["runs"] if run["n_hidden"] == width)
    return run, run["stages"][EPOCHS.index(epochs)]


def samples(found: dict) -> np.ndarray:
    """Eight samples of a stage, (8, 14, 14)."""
    packed = np.array([np.frombuffer(bytes.fromhex(row), np.uint8) for row in found["samples"]])
    return pictures(np.unpackbits(packed, axis=1)[:, :N])


def _tables(width: int, epochs: int) -> dict:
    run, now = stage(width, epochs)
    every = [(r["n_hidden"], stage(r["n_hidden"], epochs)[1], r["num_parameters"]) for r in record()["runs"]]
    return {
        "scores": {
            "width": [d for d, _, _ in every] * 2,
            "nats": [s["train"] for _, s, _ in every] + [s["test"] for _, s, _ in every],
            "on": ["training digits"] * len(every) + ["new digits"] * len(every),
        },
        "trained": {"width": [WIDTHS[-1]], "nats": [every[-1][1]["train"]], "on": ["training digits"]},
        "tested": {"width": [WIDTHS[-1]], "nats": [every[-1][1]["test"]], "on": ["new digits"]},
        "now": {"width": [run["n_hidden"]] * 2, "nats": [now["train"], now["test"]]},
        "fvsbn": {"nats": [record()["fvsbn"]], "label": ["FVSBN, new digits"]},
        "sizes": {
            "model": ["this NADE", "untied", "FVSBN"],
            "count": [run["num_parameters"], untied(N, run["n_hidden"]), N * (N + 1) // 2],
            "text": [f"{c:,}" for c in (run["num_parameters"], untied(N, run["n_hidden"]), N * (N + 1) // 2)],
        },
        "samples": {"url": url(samples(now).astype(float), 4)},
    }


def untied(n: int, d: int) -> int:
    """Parameters of n separate networks with d hidden units, network i seeing i − 1 inputs: dn(n−1)/2 + 2nd + n."""
    return d * n * (n - 1) // 2 + 2 * n * d + n


def _chart() -> alt.ConcatChart:
    x = alt.X("width:Q", title="hidden units d", scale=alt.Scale(type="log", domain=[0.8, 260], nice=False))
    x = x.axis(values=list(WIDTHS), format="d")
    y = alt.Y("nats:Q", title="nats per digit", scale=alt.Scale(domain=[-64, -34], nice=False)).axis(tickCount=5)
    kinds = ["new digits", "training digits"]
    on = {
        "color": alt.Color("on:N", scale=alt.Scale(domain=kinds, range=[colour.MODEL, colour.NOISE]), legend=None),
        "strokeDash": alt.StrokeDash("on:N", scale=alt.Scale(domain=kinds, range=[[1, 0], [4, 4]]), legend=None),
    }
    lines = alt.Chart(alt.NamedData("scores")).mark_line(clip=True).encode(x=x, y=y, **on)
    above = alt.Chart(alt.NamedData("trained")).mark_text(align="right", dy=-11, color=colour.NOISE)
    below = alt.Chart(alt.NamedData("tested")).mark_text(align="right", dy=29, color=colour.MODEL)
    names = [name.encode(x=x, y=y, text="on:N") for name in (above, below)]
    now = alt.Chart(alt.NamedData("now")).mark_point(filled=True, size=70, opacity=1, color=colour.INK)
    fvsbn = alt.Chart(alt.NamedData("fvsbn")).encode(y=y)
    rule = fvsbn.mark_rule(color=colour.GAP, strokeDash=[6, 4])
    name = fvsbn.mark_text(color=colour.GAP, align="left", dy=-8).encode(x=alt.value(4), text="label:N")
    left = alt.layer(rule, name, lines, *names, now.encode(x=x, y=y), title="Log-likelihood").properties(
        width=250, height=200
    )

    models = ["this NADE", "FVSBN", "untied"]
    count = alt.X("count:Q", title="parameters", scale=alt.Scale(type="log", domain=[100, 3e7], nice=False))
    sizes = alt.Chart(alt.NamedData("sizes")).encode(
        x=count.axis(values=[1e2, 1e4, 1e6], format="~s"),
        y=alt.Y("model:N", title=None, sort=models, scale=alt.Scale(domain=models)),
    )
    shades = alt.Scale(domain=models, range=[colour.MODEL, colour.GAP, colour.NOISE])
    points = sizes.mark_point(filled=True, size=90, opacity=1).encode(
        color=alt.Color("model:N", scale=shades).legend(None)
    )
    middle = alt.layer(points, sizes.mark_text(dy=-14).encode(text="text:N"), title="Size")
    return alt.concat(
        left, middle.properties(width=190, height=170), picture("samples", 236, 118, "Eight samples"), columns=3
    ).resolve_scale(color="independent")


def _caption(width: int, epochs: int, t: dict) -> str:
    run, now = stage(width, epochs)
    units = "unit" if run["n_hidden"] == 1 else "units"
    above = now["test"] - record()["fvsbn"]
    return (
        f"[NADE with {run['n_hidden']} hidden {units}]{{.model}}, {run['num_parameters']:,} parameters, after {epochs} "
        f"epochs: {number(now['test'], 1)} nats per new digit, "
        f"{number(now['train'], 1)} per training digit. That is [{abs(above):.1f} nats "
        f"{'above' if above > 0 else 'below'} the FVSBN]{{.gap}}, which has 19,306 parameters."
    )


nade_width = Explorable(
    id="nade-width",
    title="How wide should a NADE be?",
    controls={
        "width": slider(values=WIDTHS, start=30, label="Hidden units", role="model", play=True, measured=True),
        "epochs": slider(values=EPOCHS[1:], start=8, label="Epochs", measured=True),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
