"""Pictures as panels of a figure: one that fills its panel under a title, one in the middle with room for words."""

import altair as alt

MIDDLE = {"axis": None, "scale": alt.Scale(domain=[0, 2])}
"""How the x of a mark that stands in the middle of a panel, at 1, is drawn."""


def picture(table: str, width: int, height: int, title: str) -> alt.Chart:
    """A panel with the image in column ``url`` of a table, ``width`` × ``height`` pixels."""
    mark = alt.Chart(alt.NamedData(table)).mark_image(
        width=width, height=height, align="left", baseline="top", smooth=False
    )
    panel = mark.encode(x=alt.value(0), y=alt.value(0), url="url:N")
    return panel.properties(width=width, height=height, title=title)


def centred(table: str, width: int, height: int, top: int = 4) -> alt.Chart:
    """The image in column ``url`` of a table, in the middle of its panel, ``top`` pixels from its upper edge."""
    mark = alt.Chart(alt.NamedData(table)).mark_image(
        width=width, height=height, align="center", baseline="middle", smooth=False
    )
    return mark.encode(x=alt.XDatum(1, **MIDDLE), y=alt.value(top + height / 2), url="url:N")
