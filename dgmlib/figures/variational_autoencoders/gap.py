"""The encoder's posterior for one digit, the best Gaussian for it, and the true posterior, on the latent plane."""

from functools import cache

import altair as alt
import numpy as np
import torch

from dgmlib.explorable import Explorable, colour, slider
from dgmlib.figures.captions import number
from dgmlib.figures.panels import centred
from dgmlib.figures.pictures import data_url, sheet
from dgmlib.figures.variational_autoencoders.mnist import model, unseen
from dgmlib.latent.proposals import DiagonalGaussian
from dgmlib.latent.refinement import refine

STEPS = (0, 10, 30, 100, 300)
N_DIGITS = 10
_ANGLE = np.linspace(0, 2 * np.pi, 31)
_GRID = 15


@cache
def answers(steps: int) -> DiagonalGaussian:
    """q for ten digits that the model has not learned from: the encoder's, then climbed for so many steps."""
    x = unseen()[:N_DIGITS]
    if steps == 0:
        with torch.no_grad():
            return model().encode(x)
    return refine(model(), x, n_steps=steps, generator=torch.Generator().manual_seed(0))


@cache
@torch.no_grad()
def bounds(steps: int) -> np.ndarray:
    """ELBO in nats for each of the ten, from 1,000 draws with the same noise for all steps, (10,)."""
    generator = torch.Generator().manual_seed(1)
    return model().elbo(unseen()[:N_DIGITS], q=answers(steps), n_samples=1000, generator=generator).numpy()


@cache
def truths() -> np.ndarray:
    """log p(x) in nats of the ten, by quadrature, (10,)."""
    return model().quadrature_log_prob(unseen()[:N_DIGITS], n_points=401, half_width=5.0).numpy()


@cache
@torch.no_grad()
def posterior(digit: int) -> dict[str, np.ndarray]:
    """Share of the true posterior in every cell of a window around the best Gaussian, ±4 of its σ."""
    q = answers(STEPS[-1])
    mean, std = q.mean[digit], q.std[digit].clamp_min(float(q.std[digit].max()) / 3)
    line = torch.linspace(-4, 4, _GRID)
    half = 4 / (_GRID - 1)
    offset = torch.cartesian_prod(line, line)
    z = (mean + std * offset)[:, None]
    share = model().log_joint(unseen()[digit : digit + 1], z)[:, 0].softmax(0).numpy()
    seen = share > 0.05 * share.max()
    x, y = offset.numpy()[seen].T
    return {"x": x - half, "x2": x + half, "y": y - half, "y2": y + half, "share": share[seen] / share.max()}


def _ellipse(digit: int, steps: int) -> dict[str, np.ndarray]:
    """Two standard deviations of q, in the coordinates of the window."""
    best, q = answers(STEPS[-1]), answers(steps)
    unit = best.std[digit].clamp_min(float(best.std[digit].max()) / 3)
    # Rounded here: threads sum in different orders, and a last digit must not decide how a coordinate is rounded later.
    centre = ((q.mean[digit] - best.mean[digit]) / unit).numpy().round(3)
    radius = (2 * q.std[digit] / unit).numpy().round(3)
    x, y = centre[0] + radius[0] * np.cos(_ANGLE), centre[1] + radius[1] * np.sin(_ANGLE)
    return {"x": x, "y": y, "step": np.arange(len(_ANGLE))}


def _tables(digit: int, steps: int) -> dict:
    elbo, truth = bounds(steps)[digit], truths()[digit]
    levels = {"encoder": bounds(0)[digit], "climbed": elbo, "log p(x)": truth}
    image = unseen()[digit].numpy().reshape(1, 28, 28)
    return {
        "image": {"url": [data_url(sheet(image, 1))]},
        "posterior": posterior(digit),
        "encoder": _ellipse(digit, 0),
        "climbed": _ellipse(digit, steps),
        "bars": {
            "part": list(levels),
            "low": [float(value - truth) for value in levels.values()],
            "high": [0.0, 0.0, 0.0],
            "label": [number(float(value), 1) for value in levels.values()],
        },
    }


def _chart() -> alt.ConcatChart:
    x = alt.X("x:Q", title="z₁, in σ of the best q", scale=alt.Scale(domain=[-4, 4], nice=False))
    y = alt.Y("y:Q", title="z₂", scale=alt.Scale(domain=[-4, 4], nice=False))
    cells = (
        alt.Chart(alt.NamedData("posterior"))
        .mark_rect(clip=True, color=colour.MODEL)
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q", opacity=alt.Opacity("share:Q", scale=None))
    )

    def ring(table: str, dash: list[int], width: float) -> alt.Chart:
        mark = alt.Chart(alt.NamedData(table)).mark_line(
            clip=True, color=colour.LATENT, strokeDash=dash, strokeWidth=width
        )
        return mark.encode(x=x, y=y, order="step:Q")

    plane = alt.layer(cells, ring("encoder", [5, 4], 2), ring("climbed", [1, 0], 2.5)).properties(
        width=260, height=260, title="p(z|x); q of encoder (dashed), climbed"
    )
    names = ["encoder", "climbed", "log p(x)"]
    bar = alt.Chart(alt.NamedData("bars")).encode(
        y=alt.Y("part:N", title=None, sort=names, scale=alt.Scale(domain=names)),
        x=alt.X(
            "low:Q",
            title="bound − log p(x), nats",
            scale=alt.Scale(domain=[-31, 9], nice=False),
            axis=alt.Axis(values=[-30, -20, -10, 0]),
        ),
    )
    length = bar.mark_bar(clip=True, size=20, color=colour.GAP).encode(x2="high:Q")
    label = bar.mark_text(align="left", dx=4).encode(x=alt.datum(0), text="label:N")
    costs = alt.layer(length, label).properties(width=230, height=110, title="The bound, and what it misses")
    image = centred("image", 84, 84).properties(width=120, height=92, title="x")
    return alt.concat(image, plane, costs, columns=3)


def _caption(digit: int, steps: int, t: dict) -> str:
    encoder, elbo, truth = bounds(0)[digit], bounds(steps)[digit], truths()[digit]
    climbed = f"after {steps} steps for this x alone {number(float(elbo), 1)}" if steps else "no step taken yet"
    return (
        f"log p(x) = [{number(float(truth), 1)} nats]{{.model}} by quadrature. The encoder's ELBO is "
        f"{number(float(encoder), 1)}, {climbed}. [Amortisation cost {number(max(float(elbo - encoder), 0.0))} "
        f"nats so far]{{.gap}}; {number(max(float(truth - elbo), 0.0))} nats remain."
    )


amortisation = Explorable(
    id="amortisation-gap",
    title="One network for all, or a climb for each",
    controls={
        "digit": slider(0, N_DIGITS - 1, step=1, start=7, label="Digit", role="data"),
        "steps": slider(values=list(STEPS), start=300, label="Steps", play=True, role="latent"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
