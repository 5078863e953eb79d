"""A walk over the latent plane, and straight lines between digits: through z, and through the pixels."""

import altair as alt
import numpy as np
import torch

from dgmlib.explorable import Explorable, choice, colour, pad, slider
from dgmlib.figures.captions import number
from dgmlib.figures.panels import centred
from dgmlib.figures.pictures import data_url, sheet
from dgmlib.figures.variational_autoencoders.mnist import LIMIT, decoded, mapped, model, nearest, unseen
from dgmlib.figures.variational_autoencoders.plane import X, Y, cross, digits_on_the_map


def _map_tables(z: tuple[float, float]) -> dict:
    return {
        "map": mapped(),
        "here": {"x": [z[0]], "y": [z[1]]},
        "image": {"url": [data_url(sheet(decoded(z)[None], 1))]},
    }


def _map_chart() -> alt.ConcatChart:
    left = alt.layer(digits_on_the_map(), cross("here")).properties(
        width=300, height=300, title="300 encoded test digits, and your z"
    )
    right = centred("image", 196, 196).properties(width=220, height=204, title="What the decoder makes of z")
    return alt.concat(left, right, columns=2)


def _map_caption(z: tuple[float, float], t: dict) -> str:
    digit, count = nearest(z)
    ink = decoded(z)
    unsure = float(np.mean((ink > 0.1) & (ink < 0.9)))
    return (
        f"[z = ({number(z[0], 1)}, {number(z[1], 1)})]{{.latent}}: of the ten test digits nearest to it {count} are "
        f"{digit}s. In the [decoded image]{{.model}} {100 * unsure:.0f} % of the pixels are grey, with probabilities "
        f"between 0.1 and 0.9."
    )


latent_map = Explorable(
    id="latent-map",
    title="A map of the digits",
    controls={
        "z": pad(
            (-LIMIT, LIMIT),
            (-LIMIT, LIMIT),
            stops=(17, 17),
            start=(0.0, 0.0),
            label="z",
            axes=("z₁", "z₂"),
            role="latent",
        )
    },
    tables=_map_tables,
    view=_map_chart(),
    caption=_map_caption,
)


# -- Interpolation -----------------------------------------------------------------------------------------------------

PAIRS = {"0 to 1": (0, 1), "4 to 9": (4, 9), "6 to 0": (6, 0), "7 to 2": (7, 2)}
"""Which two of the unseen digits, by their place: the i-th shows digit i."""


def ends(pair: str) -> tuple[torch.Tensor, torch.Tensor]:
    """The two images of a pair, (784,) bits each."""
    a, b = PAIRS[pair]
    return unseen()[a], unseen()[b]


@torch.no_grad()
def between(pair: str, share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """z on the straight line between the posterior means, its decoded image, and the blend of the pixels."""
    x = torch.stack(ends(pair))
    mean = model().encode(x).mean
    z = (1 - share) * mean[0] + share * mean[1]
    blend = (1 - share) * x[0] + share * x[1]
    return z.numpy(), model().decode(z[None]).numpy().reshape(28, 28), blend.numpy().reshape(28, 28)


def _between_tables(pair: str, share: float) -> dict:
    z, image, blend = between(pair, share)
    line = np.stack([between(pair, s)[0] for s in (0.0, 1.0)])
    return {
        "map": mapped(),
        "line": {"x": line[:, 0], "y": line[:, 1]},
        "here": {"x": [z[0]], "y": [z[1]]},
        "latent": {"url": [data_url(sheet(image[None], 1))]},
        "pixels": {"url": [data_url(sheet(blend[None], 1))]},
    }


def _between_chart() -> alt.ConcatChart:
    line = alt.Chart(alt.NamedData("line")).mark_line(clip=True, color=colour.LATENT, strokeDash=[5, 3])
    left = alt.layer(digits_on_the_map(), line.encode(x=X, y=Y), cross("here", 130)).properties(
        width=250, height=250, title="A straight line through z"
    )
    latent = centred("latent", 140, 140).properties(width=150, height=148, title="Decoded")
    pixels = centred("pixels", 140, 140).properties(width=150, height=148, title="Pixels blended")
    return alt.concat(left, latent, pixels, columns=3)


def _between_caption(pair: str, share: float, t: dict) -> str:
    z, image, blend = between(pair, share)
    grey = [float(np.mean((picture_ > 0.1) & (picture_ < 0.9))) for picture_ in (image, blend)]
    return (
        f"{100 * share:.0f} % of the way from {pair}: "
        f"[z = ({number(float(z[0]), 1)}, {number(float(z[1]), 1)})]{{.latent}}. "
        f"Grey pixels, between 0.1 and 0.9: {100 * grey[0]:.0f} % [decoded]{{.model}}, "
        f"{100 * grey[1]:.0f} % in the [blend]{{.data}}."
    )


interpolation = Explorable(
    id="latent-interpolation",
    title="Half of one and half of the other",
    controls={
        "pair": choice(list(PAIRS), start="7 to 2", label="From"),
        "share": slider(0, 1, stops=11, start=0.5, label="Share of the way", play=True, role="latent"),
    },
    tables=_between_tables,
    view=_between_chart(),
    caption=_between_caption,
)
