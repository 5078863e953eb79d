"""A plain autoencoder beside its masked twin: who looks at whom, and what do the "probabilities" add up to?"""

from functools import cache, partial
from typing import Any

import altair as alt
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import jacrev, vmap

from dgmlib.autoregressive import MADE
from dgmlib.explorable import Explorable, choice, colour, slider, toggle
from dgmlib.figures.captions import number
from dgmlib.figures.masks_memory_attention import recorded
from dgmlib.figures.masks_memory_attention.small_images import N, every_image, thumbnails
from dgmlib.training import fit, mean_loss

WIDTHS = (1, 2, 4, 8, 16, 32)
KINDS = {"plain": "autoencoder", "masked": "masked, raster order", "shuffled": "masked, random order"}


class Autoencoder(nn.Module):
    """Copy the input through a hidden layer: logits = V relu(W x + c) + b, (batch, n) -> (batch, n).

    Trained to give back what it was shown, it scores an image by Σ_i log p(x_i | all of x), which is no log-density.
    """

    def __init__(self, n_dims: int, n_hidden: int, *, generator: torch.Generator) -> None:
        super().__init__()
        unmasked = MADE(n_dims, [n_hidden], generator=generator)  # for weights that start as its twin's do
        self.encoder, self.decoder = nn.Linear(n_dims, n_hidden), nn.Linear(n_hidden, n_dims)
        for layer, twin in ((self.encoder, unmasked.hidden[0]), (self.decoder, unmasked.out)):
            layer.weight, layer.bias = twin.weight, twin.bias

    def conditionals(self, x: Tensor) -> Tensor:
        """Logits of the copy, (batch, n) -> (batch, n)."""
        return self.decoder(self.encoder(x).relu())

    def score(self, x: Tensor) -> Tensor:
        """Minus the cross-entropy of the copy in nats, (batch, n) -> (batch,)."""
        return -F.binary_cross_entropy_with_logits(self.conditionals(x), x, reduction="none").sum(-1)


def build(kind: str, width: int) -> nn.Module:
    """One of ``KINDS``, fresh."""
    generator = torch.Generator().manual_seed(width)
    if kind == "plain":
        return Autoencoder(N, width, generator=generator)
    ordering = torch.randperm(N, generator=torch.Generator().manual_seed(3)) if kind == "shuffled" else None
    return MADE(N, [width], ordering=ordering, generator=generator)


def score(model: nn.Module, x: Tensor) -> Tensor:
    """What a model says of images, in nats, (batch, 16) -> (batch,): a log-density, if it is one."""
    return model.score(x) if isinstance(model, Autoencoder) else model.log_prob(x)


def record() -> dict[str, Any]:
    """Train every kind in every width, keep the weights, and note the held-out score."""
    train, held_out = thumbnails()
    models, rows = nn.ModuleDict(), []
    for kind in KINDS:
        for width in WIDTHS:
            model = models[f"{kind}-{width}"] = build(kind, width)
            optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
            options = {"n_epochs": 30, "schedule": lambda done: 1 - done, "progress": False}
            generator = torch.Generator().manual_seed(0)
            loss = partial(_loss, model)
            fit(model, train, held_out, optimizer=optimizer, generator=generator, loss=loss, **options)
            rows.append({"kind": kind, "width": width, "held-out nats": round(-mean_loss(model, held_out, loss), 3)})
    recorded.keep_weights("autoencoders", models)
    return {
        "settings": "Adam, rate 0.01 falling to zero, 30 epochs of 4,000 thumbnails in batches of 100",
        "rows": rows,
    }


def _loss(model: nn.Module, x: Tensor) -> Tensor:
    return -score(model, x)


@cache
def trained(kind: str, width: int) -> nn.Module:
    """A trained model, from the recorded weights."""
    return _all_trained()[f"{kind}-{width}"]


@cache
def _all_trained() -> nn.ModuleDict:
    models = nn.ModuleDict({f"{kind}-{width}": build(kind, width) for kind in KINDS for width in WIDTHS})
    return recorded.load_weights("autoencoders", models)


@torch.no_grad()
def total(model: nn.Module) -> float:
    """Σ over all 2¹⁶ images of exp(score): 1 for a density."""
    return float(score(model, every_image()).double().exp().sum())


def jacobian(model: nn.Module, x: Tensor) -> Tensor:
    """|∂ logit_i / ∂ x_j|, averaged over the rows of x, (batch, n) -> (n, n); 0 where no path leads from j to i."""
    one = jacrev(lambda row: model.conditionals(row[None])[0])
    return vmap(one)(x).abs().mean(0).detach()


@cache
def _shown(kind: str, width: int) -> tuple[np.ndarray, float, float]:
    """Jacobian, total and held-out score of a trained model."""
    model, held_out = trained(kind, width), thumbnails()[1]
    with torch.no_grad():
        nats = float(score(model, held_out).mean())
    return jacobian(model, held_out[:200]).numpy(), total(model), nats


# -- The figure --------------------------------------------------------------------------------------------------------


def _tables(kind: str, width: int, sort: bool) -> dict:
    matrix, sum_of_all, _ = _shown(kind, width)
    turn = trained(kind, width).ordering if kind != "plain" else torch.arange(N)
    order = turn.numpy() if sort else np.arange(N)
    when = turn.argsort().numpy()
    i, j = (a.ravel() for a in np.meshgrid(np.arange(N), np.arange(N), indexing="ij"))
    size = matrix[order][:, order].ravel()
    allowed = when[order[j]] < when[order[i]]
    seen = size > 0
    totals = [(k, w, _shown(k, w)[1]) for k in ("plain", "masked") for w in WIDTHS]
    kinds, widths, sums = zip(*totals, strict=True)
    return {
        "jacobian": {
            "i": i[seen] + 1,
            "j": j[seen] + 1,
            "size": 16 + 90 * np.minimum(size[seen] / size.max(), 1),
            "kind": np.where(allowed, "earlier input", "itself or later")[seen],
        },
        "totals": {"kind": kinds, "width": widths, "total": sums},
        "names": {
            "width": [WIDTHS[-1]] * 2,
            "total": [_shown("plain", WIDTHS[-1])[1], 1.0],
            "label": ["autoencoder", "masked"],
        },
        "now": {"width": [width], "total": [sum_of_all]},
    }


def _chart() -> alt.ConcatChart:
    kinds = alt.Scale(domain=["earlier input", "itself or later"], range=[colour.MODEL, colour.GAP])
    shapes = alt.Scale(domain=["earlier input", "itself or later"], range=["square", "diamond"])
    axis = {"scale": alt.Scale(domain=[0, N + 1], nice=False), "axis": alt.Axis(values=[1, 4, 8, 12, 16], grid=False)}
    left = (
        alt.Chart(alt.NamedData("jacobian"))
        .mark_point(filled=True, opacity=1)
        .encode(
            x=alt.X("j:Q", title="input", **axis),
            y=alt.Y("i:Q", title="output", sort="descending", **axis),
            size=alt.Size("size:Q", scale=None, legend=None),
            color=alt.Color("kind:N", title=None, scale=kinds),
            shape=alt.Shape("kind:N", title=None, scale=shapes),
        )
        .properties(width=270, height=250, title="What each output looks at")
    )
    x = alt.X(
        "width:Q",
        title="hidden units",
        scale=alt.Scale(type="log", base=2, domain=[0.8, 160], nice=False),
        axis=alt.Axis(values=list(WIDTHS), format="d"),
    )
    y = alt.Y(
        "total:Q",
        title="sum over all images",
        scale=alt.Scale(type="log", domain=[0.5, 100_000], nice=False),
        axis=alt.Axis(values=[1, 10, 100, 1000, 10_000, 65_536], format=",d"),
    )
    lines = (
        alt.Chart(alt.NamedData("totals"))
        .mark_line(point={"size": 30})
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=["plain", "masked"], range=[colour.GAP, colour.MODEL]),
                legend=None,
            ),
            strokeDash=alt.StrokeDash(
                "kind:N", scale=alt.Scale(domain=["plain", "masked"], range=[[1, 0], [5, 3]]), legend=None
            ),
        )
    )
    names = alt.Chart(alt.NamedData("names")).mark_text(align="left", dx=7).encode(x=x, y=y, text="label:N")
    now = alt.Chart(alt.NamedData("now")).mark_point(size=110, opacity=1, color=colour.INK).encode(x=x, y=y)
    right = alt.layer(lines, names, now, title="Its “probabilities” added up").properties(width=270, height=250)
    return alt.concat(left, right, columns=2).resolve_scale(
        color="independent", shape="independent", size="independent"
    )


def _caption(kind: str, width: int, sort: bool, t: dict) -> str:
    matrix, sum_of_all, nats = _shown(kind, width)
    units = f"{width} hidden unit{'s' if width > 1 else ''}"
    seen = int((matrix > 0).sum())
    first = f"[{KINDS[kind].capitalize()}, {units}]{{.model}}: {seen} of {N * N} input–output pairs are connected, "
    each = f"{number(nats)} nats per held-out image"
    if kind == "plain":
        return (
            f"{first}[outputs look at themselves]{{.gap}}, and the 65,536 images share a total of "
            f"[{_grouped(sum_of_all)} instead of 1]{{.gap}}. It claims {each}, which means nothing."
        )
    return f"{first}none of them forbidden, and the 65,536 images share a total of {sum_of_all:.4f}: a density. {each}."


def _grouped(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"


autoencoder_or_density = Explorable(
    id="autoencoder-or-density",
    title="An autoencoder is not a density",
    controls={
        "kind": choice(KINDS, start="plain", label="Network"),
        "width": slider(values=WIDTHS, start=8, label="Hidden units", role="model", measured=True),
        "sort": toggle(start=False, label="Sort by the ordering"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
