"""Panels that more than one figure of this lecture draws."""

import altair as alt

from dgmlib.explorable import colour


def densities(z: alt.X, highest: float) -> alt.LayerChart:
    """The posterior, filled and dashed, and q over z, from the columns of the table `densities`."""
    density = {"title": "density", "scale": alt.Scale(domain=[0, highest], nice=False)}
    over_z = alt.Chart(alt.NamedData("densities")).encode(x=z)
    posterior = over_z.mark_area(
        clip=True, color=colour.MODEL_SOFT, line={"color": colour.MODEL, "strokeDash": [5, 3]}
    ).encode(y=alt.Y("posterior:Q", **density))
    q = over_z.mark_line(clip=True, color=colour.LATENT).encode(y=alt.Y("q:Q", **density))
    return alt.layer(posterior, q, title="p(z | x), filled, and q")


def histogram(x: alt.X, *, fill: str, stroke: str) -> alt.Chart:
    """Shares of the table `estimates` from its column `low` to `high`, on a root scale that keeps rare ones visible."""
    share = alt.Y(
        "share:Q",
        title="share",
        scale=alt.Scale(type="sqrt", domain=[0, 1], nice=False),
        axis=alt.Axis(format="%", values=[0, 0.05, 0.2, 0.5, 1]),
    )
    bars = alt.Chart(alt.NamedData("estimates")).mark_rect(clip=True, fill=fill, stroke=stroke, strokeWidth=1)
    return bars.encode(x=x, x2="high:Q", y=share, y2=alt.datum(0))
