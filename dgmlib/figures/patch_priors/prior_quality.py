"""Do priors that know patches better restore better? Eleven of them, measured in ``study``."""

from functools import cache

import altair as alt
import numpy as np
from scipy.stats import pearsonr, spearmanr

from dgmlib.explorable import Explorable, choice, colour
from dgmlib.figures.patch_priors.pictures import noisy, panel, square, url
from dgmlib.figures.patch_priors.recorded import read, squares
from dgmlib.restoration import psnr

MEASURES = {
    "patches, map": "patches, MAP",
    "patches, mean": "patches, mean",
    "pictures, averaged": "pictures, averaged",
    "pictures, epll": "pictures, EPLL",
}
"""Column of the study's table: how it is called in the figure."""


@cache
def table() -> dict[str, np.ndarray]:
    """The study's table, column by column."""
    rows = read("priors")["rows"]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def correlation(measure: str) -> tuple[float, float]:
    """Linear and rank correlation of a measure with the nats, over all priors."""
    nats, found = table()["nats"], table()[measure]
    return float(pearsonr(nats, found).statistic), float(spearmanr(nats, found).statistic)


def prior_table() -> str:
    """The study's table in Markdown; correlations with the nats in the last two rows."""
    head = ["prior", "size", "nats", *(name.split(", ")[1] for name in MEASURES.values())]
    lines = [head, ["---", *["--:"] * (len(head) - 1)]]
    for row in read("priors")["rows"]:
        values = [f"{row[name]:.2f}" for name in MEASURES]
        lines.append([row["prior"], f"{row['parameters']:,}", f"{row['nats']:.1f}", *values])
    for name, which in (("linear correlation", 0), ("rank correlation", 1)):
        lines.append([f"*{name}*", "", "", *(f"{correlation(measure)[which]:.2f}" for measure in MEASURES)])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def restored(prior: str) -> np.ndarray:
    """The noisy photograph as EPLL restored it with this prior, (96, 96) uint8."""
    return squares("priors")[0, list(table()["prior"]).index(prior)]


def _tables(measure: str, prior: str) -> dict:
    columns = table()
    nats, found, one = columns["nats"], columns[measure], columns["prior"] == prior
    # The label of a point in the right half goes to its left, and below it where a point on that side is higher.
    left = nats[one] > 115
    below = left & (found[nats < nats[one]].max(initial=0) > found[one])
    label = {"nats": nats[one], "psnr": found[one] + np.where(below, -0.55, 0.4), "label": [prior]}
    nowhere = {name: [] for name in label}
    return {
        "points": {"nats": nats, "psnr": found},
        "here": {"nats": nats[one], "psnr": found[one]},
        "left": label if left else nowhere,
        "right": nowhere if left else label,
        "picture": url(restored(prior)),
        "noisy": url(noisy(square("camera"), 25 / 255)),
    }


def _chart() -> alt.ConcatChart:
    values = np.concatenate([table()[name] for name in MEASURES])
    low, high = np.floor(values.min()), np.ceil(values.max())
    x = alt.X("nats:Q", title="nats per unseen patch", scale=alt.Scale(domain=[75, 162], nice=False)).axis(
        values=[80, 100, 120, 140, 160]
    )
    y = alt.Y("psnr:Q", title="PSNR, dB", scale=alt.Scale(domain=[low, high], nice=False))
    points = alt.Chart(alt.NamedData("points")).mark_point(size=45, color=colour.MODEL, strokeWidth=1.7)
    here = alt.Chart(alt.NamedData("here")).mark_point(size=110, filled=True, opacity=1, color=colour.MODEL)
    names = [
        alt.Chart(alt.NamedData(side))
        .mark_text(align=align, dx=shift, color=colour.MODEL, fontWeight="bold")
        .encode(x=x, y=y, text="label:N")
        for side, align, shift in (("left", "right", -4), ("right", "left", 4))
    ]
    scatter = alt.layer(
        points.encode(x=x, y=y), here.encode(x=x, y=y), *names, title=f"{len(table()['nats'])} priors, σ = 25"
    )
    return alt.concat(
        scatter.properties(width=260, height=210),
        panel("noisy", "Noisy", 230),
        panel("picture", "EPLL with this prior", 230),
        columns=3,
    )


def _caption(measure: str, prior: str, t: dict) -> str:
    linear, rank = correlation(measure)
    nats, found = t["here"]["nats"][0], t["here"]["psnr"][0]
    own = psnr(restored(prior) / 255, square("camera"))
    return (
        f"[{prior}: {nats:.1f} nats]{{.model}}, {MEASURES[measure]}: {found:.2f} dB; the photograph: {own:.2f} dB. "
        f"Over all priors, nats and this PSNR have a [linear correlation of {linear:.2f}]{{.gap}} and a rank "
        f"correlation of {rank:.2f}."
    )


prior_quality = Explorable(
    id="prior-quality",
    title="Better priors, better restorations?",
    controls={
        "measure": choice(MEASURES, start="pictures, epll", label="Measured on"),
        "prior": choice(table()["prior"].tolist(), start="Gaussian", label="Prior"),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
