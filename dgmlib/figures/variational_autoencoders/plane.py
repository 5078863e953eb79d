"""The latent plane with the encoded digits, which two figures share, and a line of words in the middle of a panel."""

import altair as alt

from dgmlib.explorable import colour
from dgmlib.figures.panels import MIDDLE
from dgmlib.figures.variational_autoencoders.mnist import LIMIT

X = alt.X("x:Q", title="z₁", scale=alt.Scale(domain=[-LIMIT, LIMIT], nice=False), axis=alt.Axis(tickMinStep=1))
Y = alt.Y("y:Q", title="z₂", scale=alt.Scale(domain=[-LIMIT, LIMIT], nice=False), axis=alt.Axis(tickMinStep=1))


def digits_on_the_map(table: str = "map") -> alt.Chart:
    """Each encoded digit as its own numeral."""
    mark = alt.Chart(alt.NamedData(table)).mark_text(clip=True, fontSize=10, color=colour.MUTED)
    return mark.encode(x=X, y=Y, text="digit:N")


def cross(table: str, size: int = 220) -> alt.Chart:
    """Where z is."""
    mark = alt.Chart(alt.NamedData(table)).mark_point(
        clip=True, shape="circle", filled=True, size=size, opacity=0.9, color=colour.LATENT
    )
    return mark.encode(x=X, y=Y)


def words(text: str, y: int) -> alt.Chart:
    """A line of text in the middle of its panel at height ``y``."""
    mark = alt.Chart(alt.Data(values=[{}])).mark_text(color=colour.INK, fontWeight="bold", fontSize=12, text=text)
    return mark.encode(x=alt.XDatum(1, **MIDDLE), y=alt.value(y))
