"""Learning as projection: the member of a one-parameter family that is closest to the data, in three distances."""

from functools import cache

import altair as alt
import numpy as np

from dgmlib.data import load_mnist_subset
from dgmlib.divergences import kl_divergence
from dgmlib.explorable import Explorable, choice, colour, reseed, slider
from dgmlib.figures.captions import number
from dgmlib.likelihood import Categorical

DISTANCES = {"kl": "divergence D(p‖p_θ)", "variation": "total variation", "euclid": "Euclidean"}
_SIZES = [5, 20, 100, 1000]
_FINE = np.linspace(0.001, 0.999, 999)
_SHOWN = np.linspace(0.02, 0.98, 49)
_UNITS = {"kl": " nats", "variation": "", "euclid": ""}
_HEIGHT = np.sqrt(3) / 2


@cache
def ink_pairs() -> np.ndarray:
    """Shares of the 5,000 digits in which 0, 1, 2 of two neighbouring pixels (row 12, columns 12, 13) are ink, (3,)."""
    images, _ = load_mnist_subset(binarized=True)
    return np.bincount(images[:, 12, 12] + images[:, 12, 13], minlength=3) / len(images)


def two_coins(theta: np.ndarray | float) -> np.ndarray:
    """The family: two independent pixels, each ink with probability θ, (…) -> (…, 3)."""
    theta = np.asarray(theta, dtype=float)
    return np.stack([(1 - theta) ** 2, 2 * theta * (1 - theta), theta**2], -1)


def distance(kind: str, p: np.ndarray, theta: np.ndarray | float) -> np.ndarray:
    """d(p, p_θ) for each θ: D(p‖p_θ) in nats, ½ Σ|p − p_θ|, or √Σ(p − p_θ)²."""
    q = two_coins(theta)
    if kind == "kl":
        return kl_divergence(p, q)
    return 0.5 * np.abs(p - q).sum(-1) if kind == "variation" else np.sqrt(((p - q) ** 2).sum(-1))


def closest(kind: str, p: np.ndarray) -> float:
    """argmin_θ d(p, p_θ): half the mean number of ink pixels for the divergence, else on a grid of 0.001."""
    return float(p @ [0, 1, 2] / 2) if kind == "kl" else float(_FINE[distance(kind, p, _FINE).argmin()])


@cache
def sampled(m: int, seed: int) -> np.ndarray:
    """Shares among m digits drawn at random, (3,); larger samples extend smaller ones."""
    draws = Categorical(ink_pairs()).sample(_SIZES[-1], rng=np.random.default_rng(seed))[:m]
    return np.bincount(draws, minlength=3) / m


@cache
def _learned(kind: str, m: int, seed: int) -> tuple[float, float]:
    """The closest θ from a sample, and the closest from p_data."""
    return closest(kind, sampled(m, seed)), closest(kind, ink_pairs())


def _place(p: np.ndarray) -> dict:
    """Corner coordinates to the plane: none at the left, both at the right, one at the top."""
    p = np.atleast_2d(p)
    return {"x": p[:, 2] + p[:, 1] / 2, "y": p[:, 1] * _HEIGHT}


def _tables(kind: str, theta: float, m: int, seed: int) -> dict:
    p, truth = sampled(m, seed), ink_pairs()
    best, _ = _learned(kind, m, seed)
    return {
        "family": _place(two_coins(np.linspace(0, 1, 51))),
        "truth": _place(truth),
        "sample": _place(p),
        "guess": _place(two_coins(theta)) | {"theta": [theta], "d": [float(distance(kind, p, theta))]},
        "gap": _place(np.stack([p, two_coins(theta)])),
        "best": _place(two_coins(best)) | {"theta": [best], "d": [float(distance(kind, p, best))]},
        "curve": {"theta": _SHOWN, "d": distance(kind, p, _SHOWN)},
        "aim": {"theta": _SHOWN, "d": distance(kind, truth, _SHOWN)},
    }


def _corners(x: alt.X, y: alt.Y) -> alt.LayerChart:
    """The triangle of all distributions of three outcomes, corners named."""
    points = [(0, 0), (1, 0), (0.5, _HEIGHT), (0, 0)]
    frame = alt.Data(values=[{"x": a, "y": b, "i": i} for i, (a, b) in enumerate(points)])
    texts = [(0, -0.07, "no ink"), (1, -0.07, "both ink"), (0.5, _HEIGHT + 0.06, "one of two")]
    names = alt.Data(values=[{"x": a, "y": b, "t": text} for a, b, text in texts])
    lines = alt.Chart(frame).mark_line(color=colour.MUTED, strokeWidth=1).encode(x=x, y=y, order="i:Q")
    return alt.layer(lines, alt.Chart(names).mark_text(color=colour.MUTED).encode(x=x, y=y, text="t:N"))


def _chart() -> alt.ConcatChart:
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.12, 1.12], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.12, 0.98], nice=False))

    def at(name: str) -> alt.Chart:
        return alt.Chart(alt.NamedData(name)).encode(x=x, y=y)

    family = at("family").mark_line(color=colour.MODEL, strokeWidth=2).encode(order="x:Q")
    gap = at("gap").mark_line(color=colour.GAP, strokeWidth=2, strokeDash=[4, 3])
    truth = at("truth").mark_point(shape="diamond", filled=False, size=120, strokeWidth=2, color=colour.DATA)
    sample = at("sample").mark_point(filled=True, size=100, opacity=1, color=colour.DATA)
    best = at("best").mark_point(filled=False, size=150, strokeWidth=2, color=colour.MODEL)
    guess = at("guess").mark_point(filled=True, size=80, opacity=1, color=colour.MODEL)
    left = alt.layer(_corners(x, y), family, gap, truth, sample, best, guess, title="All distributions, one family")

    t = alt.X("theta:Q", title="θ", scale=alt.Scale(domain=[0, 1]))
    d = alt.Y("d:Q", title="distance (D: nats)", scale=alt.Scale(domain=[0, 1.2]))

    def over(name: str) -> alt.Chart:
        return alt.Chart(alt.NamedData(name)).encode(x=t, y=d)

    aim = over("aim").mark_line(clip=True, color=colour.DATA, strokeDash=[5, 4], strokeWidth=1.75)
    curve = over("curve").mark_line(clip=True, color=colour.GAP)
    ring = over("best").mark_point(clip=True, filled=False, size=150, strokeWidth=2, color=colour.MODEL)
    dot = over("guess").mark_point(clip=True, filled=True, size=80, opacity=1, color=colour.MODEL)
    right = alt.layer(aim, curve, ring, dot, title="From the sample (solid), from p_data (dashed)")
    return alt.concat(left.properties(width=280, height=240), right.properties(width=260, height=210), columns=2)


def _caption(kind: str, theta: float, m: int, seed: int, t: dict) -> str:
    here, best, value = t["guess"]["d"][0], t["best"]["theta"][0], t["best"]["d"][0]
    unit = _UNITS[kind]
    return (
        f"From the [{m:,} samples]{{.data}} (dot), {DISTANCES[kind]}: "
        f"[{number(here, 3)}{unit} at θ = {theta:.2f}]{{.gap}}, "
        f"[{number(value, 3)}{unit} at the best θ̂ = {best:.3f}]{{.model}} (ring). With p_data itself (diamond) "
        f"the best would be {_learned(kind, m, seed)[1]:.3f}."
    )


learning_as_projection = Explorable(
    id="learning-as-projection",
    title="Learning is finding the closest point",
    controls={
        "theta": slider(0.05, 0.95, step=0.03, start=0.5, label="θ", role="model"),
        "kind": choice(DISTANCES, start="kl", label="Distance"),
        "m": slider(values=_SIZES, start=100, label="Samples m", role="data"),
        "seed": reseed(stops=8, label="New sample"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
