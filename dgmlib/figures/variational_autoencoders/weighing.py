"""The weight of the KL term, and the way training begins: what becomes of the latents."""

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.captions import counted, number
from dgmlib.figures.panels import centred
from dgmlib.figures.pictures import data_url, sheet
from dgmlib.figures.variational_autoencoders.plane import words
from dgmlib.figures.variational_autoencoders.recorded import BETAS, N_EPOCHS, RUNS, recorded
from dgmlib.figures.variational_autoencoders.small import N_LATENTS, digits

ALIVE = 0.05
"""A unit is counted as alive from this many nats on."""


def rate_and_distortion(beta: float) -> tuple[float, float]:
    """D(q ‖ p(z)) and −E_q log p(x | z) per held-out digit, in nats."""
    i, kept = BETAS.index(beta), recorded()
    return float(kept["units"][i, -1].sum()), float(kept["distortion"][i])


def _beta_tables(beta: float) -> dict:
    i, kept = BETAS.index(beta), recorded()
    points = np.array([rate_and_distortion(b) for b in BETAS])
    originals = digits().held_out[:10].numpy().reshape(-1, 28, 28)
    pictures = kept["reconstructions"][i] / 255, kept["samples"][i] / 255
    rate, distortion = rate_and_distortion(beta)
    return {
        "digits": {"url": [data_url(sheet(np.concatenate([originals, pictures[0]]), 10))]},
        "samples": {"url": [data_url(sheet(pictures[1], 10))]},
        "frontier": {"rate": points[:, 0], "distortion": points[:, 1], "beta": [f"{b:g}" for b in BETAS]},
        "now": {"rate": [rate], "distortion": [distortion]},
    }


def _beta_chart() -> alt.ConcatChart:
    rate = alt.X(
        "rate:Q", title="KL term, nats", scale=alt.Scale(domain=[-3, 60], nice=False), axis=alt.Axis(values=[0, 20, 40])
    )
    distortion = alt.Y("distortion:Q", title="misfit, nats", scale=alt.Scale(domain=[85, 220], nice=False, zero=False))
    base = alt.Chart(alt.NamedData("frontier")).encode(x=rate, y=distortion)
    names = base.mark_text(dx=12, dy=-8, fontSize=11, color=colour.MUTED).encode(text="beta:N")
    line = base.mark_line(color=colour.NOISE, point={"color": colour.NOISE, "size": 30})
    now = alt.Chart(alt.NamedData("now")).mark_point(filled=True, size=120, opacity=1, color=colour.LATENT)
    right = alt.layer(line, names, now.encode(x=rate, y=distortion)).properties(
        width=220, height=190, title="What is paid, for each β"
    )
    rows = alt.layer(
        centred("digits", 290, 58, 12), words("Samples: z ~ N(0, I), decoded", 110), centred("samples", 290, 29, 128)
    ).properties(width=300, height=190, title="Held-out digits, and what comes back")
    return alt.concat(rows, right, columns=2)


def _beta_caption(beta: float, t: dict) -> str:
    rate, distortion = rate_and_distortion(beta)
    alive = int((recorded()["units"][BETAS.index(beta), -1] > ALIVE).sum())
    return (
        f"β = {beta:g}: the latents carry [{number(rate, 1)} nats]{{.latent}} about a digit, in {alive} of {N_LATENTS} "
        f"units; its pixels then cost [{number(distortion, 1)} nats]{{.model}}. ELBO, with β = 1: "
        f"{number(-rate - distortion, 1)} nats."
    )


reconstructions = Explorable(
    id="beta-reconstructions",
    title="How much may a latent cost?",
    controls={"beta": slider(values=list(BETAS), start=1.0, label="β", play=True, role="latent", measured=True)},
    tables=_beta_tables,
    view=_beta_chart(),
    caption=_beta_caption,
)


# -- Warm-up -----------------------------------------------------------------------------------------------------------

START_NAMES = {
    "1": "β = 1",
    "1 warm": "β from 0 to 1",
    "5": "β = 5",
    "5 warm": "β from 0 to 5",
    "20": "β = 20",
}
_RUNS_SHOWN = ((1.0, 0.0), (1.0, 0.5), (5.0, 0.0), (5.0, 0.5), (20.0, 0.0))
_PLACES = dict(zip(START_NAMES, map(RUNS.index, _RUNS_SHOWN), strict=True))


def _start_tables(start: str, epoch: int) -> dict:
    kept, i = recorded(), _PLACES[start]
    units = np.sort(kept["units"][i, epoch])[::-1]
    curves = [(name, e, max(float(kept["elbo"][i, e]), _FLOOR)) for name, i in _PLACES.items() for e in _SHOWN]
    return {
        "units": {"unit": np.arange(1, N_LATENTS + 1), "nats": np.minimum(units, _TOP)},
        "curves": dict(zip(("start", "epoch", "nats"), map(list, zip(*curves, strict=True)), strict=True)),
        "now": {"epoch": [epoch], "nats": [max(float(kept["elbo"][i, epoch]), _FLOOR)]},
    }


_SHOWN = list(range(N_EPOCHS + 1))
_FLOOR, _TOP = -240.0, 5.0
_COLOURS = [colour.LATENT, colour.LATENT, colour.INK, colour.INK, colour.NOISE]
_DASHES = [[1, 0], [5, 3], [1, 0], [5, 3], [1, 0]]


def _start_chart() -> alt.ConcatChart:
    unit = alt.X("unit:O", title="units, most informative first", axis=alt.Axis(labelAngle=0, labelOverlap=True))
    nats = alt.Y("nats:Q", title="KL, nats", scale=alt.Scale(domain=[0, _TOP]))
    bars = alt.Chart(alt.NamedData("units")).mark_bar(color=colour.LATENT).encode(x=unit, y=nats)
    left = bars.properties(width=280, height=200, title="What each unit tells about x")
    names = list(START_NAMES)
    epoch = alt.X("epoch:Q", title="epoch", scale=alt.Scale(domain=[0, N_EPOCHS], nice=False))
    bound = alt.Y("nats:Q", title="ELBO, nats", scale=alt.Scale(domain=[_FLOOR, -100], nice=False, zero=False))
    line = (
        alt.Chart(alt.NamedData("curves"))
        .mark_line(clip=True)
        .encode(
            x=epoch,
            y=bound,
            color=alt.Color("start:N", scale=alt.Scale(domain=names, range=_COLOURS), legend=None),
            strokeDash=alt.StrokeDash("start:N", scale=alt.Scale(domain=names, range=_DASHES), legend=None),
        )
    )
    now = alt.Chart(alt.NamedData("now")).mark_point(filled=True, size=100, opacity=1, color=colour.INK)
    right = alt.layer(line, now.encode(x=epoch, y=bound)).properties(
        width=280, height=200, title="Held-out bound, always with β = 1"
    )
    return alt.concat(left, right, columns=2)


def _start_caption(start: str, epoch: int, t: dict) -> str:
    units, bound = recorded()["units"][_PLACES[start], epoch], recorded()["elbo"][_PLACES[start], epoch]
    return (
        f"{START_NAMES[start]}{' over the first half' if 'warm' in start else ' throughout'}, "
        f"after {counted(epoch, 'epoch')}: "
        f"[{int((units > ALIVE).sum())} of {N_LATENTS} units tell more than {ALIVE} nats]{{.latent}}, "
        f"{number(float(units.sum()), 1)} nats in all; held-out ELBO {number(float(bound), 1)} nats. Right: β = 1 in "
        f"green, 5 in the colour of the text, 20 in grey; dashed with warm-up."
    )


collapse = Explorable(
    id="posterior-collapse",
    title="Which units live",
    controls={
        "start": choice(START_NAMES, start="1", label="Weight"),
        "epoch": slider(values=_SHOWN, start=_SHOWN[-1], label="Epoch", play=True),
    },
    tables=_start_tables,
    view=_start_chart(),
    caption=_start_caption,
)
