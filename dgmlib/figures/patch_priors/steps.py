"""EPLL round by round, beside patches that were restored one by one and averaged."""

import altair as alt
import numpy as np

from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.patch_priors.pictures import averaged, noisy, panel, square, url
from dgmlib.figures.patch_priors.recorded import read, squares
from dgmlib.restoration import epll_steps, psnr
from dgmlib.restoration.shipped import shipped_prior

SHOWN = ("camera", "palace")
SIGMAS = (15, 25, 50)
N_ROUNDS = 5


def record() -> np.ndarray:
    """One row per picture and σ: its five rounds, then its averaged patches, (6, 6, 96, 96)."""
    rows = []
    for name in SHOWN:
        for sigma in SIGMAS:
            y, prior = noisy(square(name), sigma / 255), shipped_prior()
            rounds = [step.image for step in epll_steps(y, None, prior, sigma=sigma / 255)]
            rows.append([*rounds, averaged(y, prior, sigma / 255)])
    return np.array(rows)


def restored(name: str, sigma: int) -> np.ndarray:
    """The noisy picture, its five rounds, and its averaged patches, (7, 96, 96) in [0, 1]."""
    row = squares("steps")[SHOWN.index(name) * len(SIGMAS) + SIGMAS.index(sigma)] / 255
    return np.concatenate([noisy(square(name), sigma / 255).clip(0, 1)[None], row])


def scores(name: str, sigma: int) -> np.ndarray:
    """PSNR in dB of those, (7,); of the noisy picture as it is, not cut to the range of grey values."""
    x = square(name)
    found = [psnr(noisy(x, sigma / 255), x), *(psnr(picture, x) for picture in restored(name, sigma)[1:])]
    return np.round(found, 2)


def _tables(picture: str, sigma: int, round: int) -> dict:
    images, found = restored(picture, sigma), scores(picture, sigma)
    return {
        "now": url(images[round]),
        "averaged": url(images[-1]),
        "curve": {"round": np.arange(N_ROUNDS + 1), "psnr": found[:-1]},
        "here": {"round": [round], "psnr": [found[round]]},
        "level": {"psnr": [found[-1]], "label": ["averaged patches"]},
    }


def _chart() -> alt.ConcatChart:
    x = alt.X("round:Q", title="round", scale=alt.Scale(domain=[0, N_ROUNDS], nice=False)).axis(tickCount=5, format="d")
    y = alt.Y("psnr:Q", title="PSNR, dB", scale=alt.Scale(domain=[13, 33], nice=False))
    curve = alt.Chart(alt.NamedData("curve")).mark_line(color=colour.MODEL, point={"color": colour.MODEL, "size": 25})
    here = alt.Chart(alt.NamedData("here")).mark_point(filled=True, size=110, opacity=1, color=colour.MODEL)
    level = alt.Chart(alt.NamedData("level")).encode(y=y)
    rule = level.mark_rule(color=colour.LATENT, strokeDash=[5, 4], strokeWidth=2)
    name = level.mark_text(color=colour.LATENT, align="left", dy=-9).encode(x=alt.value(6), text="label:N")
    curves = alt.layer(rule, name, curve.encode(x=x, y=y), here.encode(x=x, y=y), title="Closeness to the truth")
    return alt.concat(
        panel("now", "EPLL, this round", 250),
        panel("averaged", "Averaged patches", 250),
        curves.properties(width=230, height=210),
        columns=3,
    )


def _caption(picture: str, sigma: int, round: int, t: dict) -> str:
    found = scores(picture, sigma)
    now = f"Noise of σ = {sigma}: {found[0]:.2f} dB" if round == 0 else f"Round {round}: {found[round]:.2f} dB"
    ahead = found[-2] - found[-1]
    side = "ahead of" if ahead >= 0 else "behind"
    return (
        f"[{now}]{{.model}}. The same prior, each patch restored alone and then averaged: [{found[-1]:.2f} dB]"
        f"{{.latent}}. After five rounds EPLL is [{abs(ahead):.2f} dB {side} it]{{.gap}}. "
        f"Prior: {read('steps')['components']} Gaussians."
    )


epll_rounds = Explorable(
    id="epll-steps",
    title="From patches to a picture, round by round",
    controls={
        "picture": choice(SHOWN, start="camera", label="Picture"),
        "sigma": choice({sigma: f"σ = {sigma}" for sigma in SIGMAS}, start=25, label="Noise"),
        "round": slider(0, N_ROUNDS, step=1, start=2, label="Round", play=True, role="model"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
