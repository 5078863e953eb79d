"""What the divergence measures: two coins, and one Gaussian in front of two bumps."""

import altair as alt
import numpy as np
from scipy.optimize import minimize

from dgmlib.divergences import bits, kl_divergence
from dgmlib.explorable import Explorable, colour, slider
from dgmlib.figures.captions import number
from dgmlib.likelihood import Gaussian

WEIGHTS, CENTRES, WIDTH = np.array([0.6, 0.4]), np.array([-1.6, 1.6]), 0.6
"""The two bumps p = 0.6 N(−1.6, 0.6²) + 0.4 N(1.6, 0.6²)."""

_FINE = np.linspace(-40, 40, 8001)  # quadrature: exact to far more digits than are shown
_SHOWN = np.linspace(-4.5, 4.5, 91)
_CEILING = 3.0  # nats; the longest bar drawn


def two_bumps_log_prob(x: np.ndarray) -> np.ndarray:
    """log p(x) in nats of the two bumps, (m,) -> (m,)."""
    parts = [np.log(w) + Gaussian(c, WIDTH).log_prob(x) for w, c in zip(WEIGHTS, CENTRES, strict=True)]
    return np.logaddexp(*parts)


def both_divergences(mu: float, sigma: float) -> tuple[float, float]:
    """(D(p‖q), D(q‖p)) in nats between the two bumps p and q = N(μ, σ²), by quadrature."""
    log_p, log_q = two_bumps_log_prob(_FINE), Gaussian(mu, sigma).log_prob(_FINE)
    step = _FINE[1] - _FINE[0]
    forward = np.sum(np.exp(log_p) * (log_p - log_q)) * step
    return float(forward), float(np.sum(np.exp(log_q) * (log_q - log_p)) * step)


def best_gaussian(direction: int, start: tuple[float, float]) -> Gaussian:
    """The Gaussian q with the (locally) smallest D(p‖q), direction 0, or D(q‖p), direction 1, from a start (μ, σ)."""
    found = minimize(lambda v: both_divergences(v[0], np.exp(v[1]))[direction], (start[0], np.log(start[1])))
    return Gaussian(float(found.x[0]), float(np.exp(found.x[1])))


COVERING = best_gaussian(0, (0.0, 1.5))
SEEKING = best_gaussian(1, (-1.6, 0.6))
_SMALLEST = (both_divergences(*vars(COVERING).values())[0], both_divergences(*vars(SEEKING).values())[1])


# -- Two coins ---------------------------------------------------------------------------------------------------------


def _coin(theta: float) -> np.ndarray:
    return np.stack([1 - np.asarray(theta), np.asarray(theta)], -1)


def _coin_tables(p: float, q: float) -> dict:
    axis = np.linspace(0.01, 0.99, 99)
    there, back = kl_divergence(_coin(p), _coin(q)), kl_divergence(_coin(q), _coin(p))
    return {
        "curves": {
            "q": axis,
            "forward": kl_divergence(_coin(p), _coin(axis)),
            "reverse": kl_divergence(_coin(axis), _coin(p)),
        },
        "truth": {"p": [p], "label": ["p"]},
        "forward": {"q": [q], "nats": [there], "label": ["D(p‖q)"]},
        "reverse": {"q": [q], "nats": [back], "label": ["D(q‖p)"]},
    }


def _coin_chart() -> alt.LayerChart:
    x = alt.X(
        "q:Q",
        title="q, the other coin's probability of heads",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(values=[0, 0.2, 0.4, 0.6, 0.8, 1]),
    )
    y = {"title": "nats", "scale": alt.Scale(domain=[0, 2])}
    curves = alt.Chart(alt.NamedData("curves")).mark_line(clip=True, color=colour.GAP).encode(x=x)
    forward = curves.encode(y=alt.Y("forward:Q", **y))
    reverse = curves.mark_line(clip=True, color=colour.GAP, strokeDash=[5, 5], strokeWidth=1.5).encode(
        y=alt.Y("reverse:Q", **y)
    )
    truth = alt.Chart(alt.NamedData("truth")).encode(x="p:Q")
    marks = [
        truth.mark_rule(color=colour.DATA, strokeWidth=2),
        truth.mark_text(color=colour.DATA, dx=9, fontWeight="bold").encode(y=alt.value(10), text="label:N"),
    ]
    for name, filled, align, shift in (("forward", True, "left", 1), ("reverse", False, "right", -1)):
        point = alt.Chart(alt.NamedData(name)).encode(x="q:Q", y=alt.Y("nats:Q", **y))
        marks.append(point.mark_point(clip=True, size=110, filled=filled, color=colour.GAP, strokeWidth=2))
        marks.append(
            point.mark_text(clip=True, align=align, dx=11 * shift, dy=9 * shift, color=colour.GAP).encode(
                text="label:N"
            )
        )
    return alt.layer(forward, reverse, *marks).properties(height=260)


def _coin_caption(p: float, q: float, t: dict) -> str:
    forward, reverse = t["forward"]["nats"][0], t["reverse"]["nats"][0]
    if p == q:
        return f"[p = {p:.2f}]{{.data}}, [q = {q:.2f}]{{.model}}: one coin. Both divergences are 0, and only here."
    return (
        f"[p = {p:.2f}]{{.data}}, [q = {q:.2f}]{{.model}}: [D(p‖q) = {forward:.3f} nats]{{.gap}} "
        f"({bits(forward):.3f} bits, solid), [D(q‖p) = {reverse:.3f} nats]{{.gap}} ({bits(reverse):.3f} bits, dashed)."
    )


two_coins = Explorable(
    id="two-coins",
    title="How different are two coins?",
    controls={
        "p": slider(0.05, 0.95, step=0.05, start=0.2, label="p", role="data"),
        "q": slider(0.05, 0.95, step=0.05, start=0.6, label="q", role="model"),
    },
    tables=_coin_tables,
    view=_coin_chart(),
    caption=_coin_caption,
)


# -- Two directions ----------------------------------------------------------------------------------------------------


def _direction_tables(mu: float, sigma: float) -> dict:
    log_p, log_q = two_bumps_log_prob(_SHOWN), Gaussian(mu, sigma).log_prob(_SHOWN)
    p, q = np.exp(log_p), np.exp(log_q)
    nats = both_divergences(mu, sigma)
    return {
        "p": {"x": _SHOWN, "y": p},
        "q": {"x": _SHOWN, "y": q},
        "bill": {
            "x": _SHOWN,
            "forward": np.clip(p * (log_p - log_q), -1, 4),
            "reverse": np.clip(q * (log_q - log_p), -1, 4),
        },
        "divergence": {
            "direction": ["D(p‖q)", "D(q‖p)"],
            "nats": nats,
            "drawn": np.minimum(nats, _CEILING),
            "label": [f"{value:.2f}" for value in nats],
            "smallest": _SMALLEST,
        },
    }


def _direction_chart() -> alt.ConcatChart:
    x = alt.X("x:Q", title="x", scale=alt.Scale(domain=[-4.5, 4.5], nice=False))
    y = alt.Y("y:Q", title="density", scale=alt.Scale(domain=[0, 1.4]))  # the narrowest q is 1.33 high
    p = alt.Chart(alt.NamedData("p")).mark_area(color=colour.DATA_SOFT, line={"color": colour.DATA}).encode(x=x, y=y)
    q = alt.Chart(alt.NamedData("q")).mark_line(clip=True, color=colour.MODEL, strokeWidth=2.5).encode(x=x, y=y)
    densities = alt.layer(p, q, title="p and q").properties(width=230, height=210)

    per = {"title": "nats per unit of x", "scale": alt.Scale(domain=[-0.5, 2])}
    bill = alt.Chart(alt.NamedData("bill")).encode(x=x)
    forward = bill.mark_area(clip=True, color=colour.GAP_SOFT, line={"color": colour.GAP}).encode(
        y=alt.Y("forward:Q", **per)
    )
    reverse = bill.mark_line(clip=True, color=colour.GAP, strokeDash=[5, 4], strokeWidth=1.75).encode(
        y=alt.Y("reverse:Q", **per)
    )
    where = alt.layer(forward, reverse, title="Where the bill is run up").properties(width=230, height=210)

    bar = alt.Chart(alt.NamedData("divergence")).encode(
        x=alt.X("direction:N", title=None, axis=alt.Axis(labelAngle=0), scale=alt.Scale(domain=["D(p‖q)", "D(q‖p)"]))
    )
    height = alt.Scale(domain=[0, _CEILING])
    bars = bar.mark_bar(size=34, color=colour.GAP).encode(y=alt.Y("drawn:Q", title="nats", scale=height))
    labels = bar.mark_text(dy=-8).encode(y=alt.Y("drawn:Q", scale=height), text="label:N")
    least = bar.mark_tick(size=52, thickness=2, color=colour.INK).encode(y=alt.Y("smallest:Q", scale=height))
    totals = alt.layer(bars, labels, least, title="In all").properties(width=130, height=210)
    return alt.concat(densities, where, totals, columns=3)


def _direction_caption(mu: float, sigma: float, t: dict) -> str:
    forward, reverse = t["divergence"]["nats"]
    return (
        f"[q = N({number(mu, 1)}, {sigma:.2f}²)]{{.model}} against the [two bumps p]{{.data}}: "
        f"D(p‖q) = {number(forward)} nats (solid; at best {_SMALLEST[0]:.2f}), "
        f"D(q‖p) = {number(reverse)} nats (dashed; at best {_SMALLEST[1]:.2f}). The ticks mark the best."
    )


forward_reverse_kl = Explorable(
    id="forward-reverse-kl",
    title="One Gaussian, two bumps, two directions",
    controls={
        "mu": slider(
            -3, 3, step=0.2, start=1.0, label="μ", role="model", marks={COVERING.mu: "D(p‖q)", SEEKING.mu: "D(q‖p)"}
        ),
        "sigma": slider(
            0.3,
            3,
            step=0.15,
            start=0.9,
            label="σ",
            role="model",
            marks={COVERING.sigma: "D(p‖q)", SEEKING.sigma: "D(q‖p)"},
        ),
    },
    tables=_direction_tables,
    view=_direction_chart(),
    caption=_direction_caption,
)
