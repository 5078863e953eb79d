"""Any pixels may be given, not just the first: what two classics make of the rest, at equal cost."""

from functools import cache

import altair as alt
import numpy as np
import torch
from torch import Tensor

from dgmlib.autoregressive.evidence import GibbsRun, WeightedSamples, gibbs, likelihood_weighting
from dgmlib.data.store import read_npz
from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.autoregressive_models.digits import SMALL, pictures, small_digits
from dgmlib.figures.autoregressive_models.panels import UNKNOWN, url
from dgmlib.figures.autoregressive_models.recorded import FOLDER
from dgmlib.figures.autoregressive_models.small import small
from dgmlib.figures.captions import number
from dgmlib.figures.panels import picture

KNOWN = {"top": "the upper half", "left": "the left half", "bottom": "the lower half", "frame": "all but a square"}
DIGITS = {"a three": 3, "a zero": 10, "a four": 24}
"""Digits to complete: their places among the test digits of ``small_digits()``."""
COSTS = (300, 1_000, 3_000, 10_000, 30_000)
"""Images passed through the model."""
CHAINS, SHOWN, POINTS = 8, 8, 25


def known_pixels(region: str) -> np.ndarray:
    """Which of the 196 pixels are given."""
    row, column = np.divmod(np.arange(SMALL**2), SMALL)
    half = SMALL // 2
    if region == "frame":
        return ~((abs(row - half + 0.5) < 4) & (abs(column - half + 0.5) < 4))
    return {"top": row < half, "bottom": row >= half, "left": column < half}[region]


def evidence(region: str, digit: str) -> Tensor:
    """A test digit with NaN for every pixel that is not given, (196,)."""
    row = small_digits().test[DIGITS[digit]]
    return torch.where(torch.from_numpy(known_pixels(region)), row, torch.nan)


def sweeps(region: str, cost: int) -> int:
    """How many Gibbs sweeps of all chains a cost pays for, one at least."""
    return max(1, round(cost / (CHAINS * int((~known_pixels(region)).sum()))))


def weighted(region: str, digit: str, cost: int) -> WeightedSamples:
    """Likelihood weighting with as many draws as the cost pays for."""
    generator = torch.Generator().manual_seed(0)
    return likelihood_weighting(small("fvsbn"), evidence(region, digit), cost, generator=generator)


def chains(region: str, digit: str, cost: int) -> GibbsRun:
    """Gibbs sampling with as many sweeps as the cost pays for; a longer run begins like a shorter one."""
    generator = torch.Generator().manual_seed(0)
    n = sweeps(region, cost)
    return gibbs(small("fvsbn"), evidence(region, digit), n, n_chains=CHAINS, generator=generator)


def record() -> dict[str, np.ndarray]:
    """Everything that the figure shows, under keys ``region/digit/cost/what``."""
    arrays = {}
    for region in KNOWN:
        for digit in DIGITS:
            for cost in COSTS:
                drawn, run = weighted(region, digit, cost), chains(region, digit, cost)
                for what, value in _summary(drawn, run).items():
                    arrays[f"{region}/{digit}/{cost}/{what}"] = value
    return arrays


def _summary(drawn: WeightedSamples, run: GibbsRun) -> dict[str, np.ndarray]:
    rows = drawn.resample(SHOWN, generator=torch.Generator().manual_seed(0))
    return {
        "weighted": _packed(rows),
        "ess": np.float32(drawn.effective_sample_size),
        "chains": _packed(run.samples),
        "trace": run.log_prob.numpy().astype(np.float32),
    }


def _packed(rows: Tensor) -> np.ndarray:
    return np.packbits(rows.numpy().astype(np.uint8), axis=1)


@cache
def _recorded() -> dict[str, np.ndarray]:
    return read_npz(FOLDER / "evidence.npz")


def recorded(region: str, digit: str, cost: int, what: str) -> np.ndarray:
    """One entry of the record, bits unpacked to (m, 196)."""
    value = _recorded()[f"{region}/{digit}/{cost}/{what}"]
    return np.unpackbits(value, axis=1)[:, : SMALL**2] if value.dtype == np.uint8 else value


def _tables(known: str, digit: str, cost: int) -> dict:
    true = pictures(small_digits().test[DIGITS[digit]])
    given = np.where(pictures(known_pixels(known)), true, UNKNOWN)
    images = {what: pictures(recorded(known, digit, cost, what)) for what in ("weighted", "chains")}
    trace = recorded(known, digit, cost, "trace")
    worth = [float(recorded(known, digit, c, "ess")) for c in COSTS]
    stops = np.unique(np.geomspace(1, len(trace), POINTS).round().astype(int)) - 1
    return {
        "given": {"url": url(np.concatenate([given, true]).astype(float), 1)},
        "weighted": {"url": url(images["weighted"].astype(float), 4)},
        "chains": {"url": url(images["chains"].astype(float), 4)},
        "worth": {"draws": COSTS, "ess": worth},
        "now": {"draws": [cost], "ess": [float(recorded(known, digit, cost, "ess"))]},
        "all": {"draws": [COSTS[0], COSTS[-1]], "ess": [COSTS[0], COSTS[-1]]},
        "trace": {
            "sweep": np.repeat(stops + 1, CHAINS),
            "chain": np.tile(np.arange(CHAINS), len(stops)),
            "nats": trace[stops].ravel(),
        },
    }


def _chart() -> alt.ConcatChart:
    draws = alt.X("draws:Q", title="draws", scale=alt.Scale(type="log", domain=[200, 45_000], nice=False))
    draws = draws.axis(values=[300, 3_000, 30_000], format="d")
    ess = alt.Y("ess:Q", title="worth, in equal draws", scale=alt.Scale(type="log", domain=[10, 45_000], nice=False))
    ess = ess.axis(values=[10, 100, 1_000, 10_000], format="d")
    equal = alt.Chart(alt.NamedData("all")).mark_line(color=colour.NOISE, strokeDash=[4, 4], strokeWidth=1.5)
    worth = alt.Chart(alt.NamedData("worth")).mark_line(color=colour.GAP, point={"color": colour.GAP, "size": 30})
    now = alt.Chart(alt.NamedData("now")).mark_point(filled=True, size=90, opacity=1, color=colour.GAP)
    curves = alt.layer(*(c.encode(x=draws, y=ess) for c in (equal, worth, now)), title="What its draws are worth")
    curves = curves.properties(width=200, height=110)

    trace = alt.Chart(alt.NamedData("trace"), title="Its chains").mark_line(
        clip=True, color=colour.MODEL, strokeWidth=1.2, opacity=0.8
    )
    sweep = alt.X("sweep:Q", title="sweep", scale=alt.Scale(type="log", domain=[1, 70], nice=False))
    sweep = sweep.axis(values=[1, 10, 100], format="d")
    nats = alt.Y("nats:Q", title="log p(x), nats", scale=alt.Scale(domain=[-75, -20], nice=False)).axis(tickCount=4)
    trace = trace.encode(x=sweep, y=nats, detail="chain:N").properties(width=200, height=110)
    return alt.concat(
        picture("given", 124, 250, "Given, true"),
        alt.vconcat(picture("weighted", 236, 116, "Likelihood weighting"), curves),
        alt.vconcat(picture("chains", 236, 116, "Gibbs sampling"), trace),
        columns=3,
    )


def _caption(known: str, digit: str, cost: int, t: dict) -> str:
    ess, trace = float(recorded(known, digit, cost, "ess")), recorded(known, digit, cost, "trace")
    return (
        f"Given {KNOWN[known]} of {digit}, {cost:,} images passed through the FVSBN either way. [Likelihood weighting]"
        f"{{.gap}}: {cost:,} draws worth {_count(ess)}. [Gibbs sampling]{{.model}}: {CHAINS} chains after "
        f"{len(trace)} sweep{'s' if len(trace) > 1 else ''}, log p between {number(trace[-1].min(), 0)} and "
        f"{number(trace[-1].max(), 0)} nats."
    )


def _count(ess: float) -> str:
    return f"{ess:,.0f} equal ones" if ess >= 10 else f"{ess:.1f}"


any_evidence = Explorable(
    id="any-evidence",
    title="When the known pixels do not come first",
    controls={
        "known": choice(KNOWN, start="bottom", label="Given"),
        "digit": choice(tuple(DIGITS), label="Digit"),
        "cost": slider(values=COSTS, start=10_000, label="Images computed", measured=True),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
