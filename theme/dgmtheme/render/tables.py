"""Tables of the text. A wide one scrolls inside its own region, never the page."""

from .context import Node, Renderer, renders, tag


@renders("table")
def table(ctx: Renderer, node: Node) -> str:
    """A table with its heading rows marked as such."""
    rows = node.get("children", [])
    heads = 0
    while heads < len(rows) and all(cell.get("header") for cell in rows[heads].get("children", [])):
        heads += 1
    head = "".join(_row(ctx, row, "col") for row in rows[:heads])
    body = "".join(_row(ctx, row, "row") for row in rows[heads:])
    inner = (f"<thead>{head}</thead>" if head else "") + (f"<tbody>{body}</tbody>" if body else "")
    return tag("div", tag("table", inner), class_="table-scroll", data_scrolls="Table") + "\n"


def _row(ctx: Renderer, row: Node, scope: str) -> str:
    return tag("tr", "".join(_cell(ctx, cell, scope) for cell in row.get("children", [])))


def _cell(ctx: Renderer, cell: Node, scope: str) -> str:
    children = cell.get("children", [])
    single = len(children) == 1 and children[0]["type"] == "paragraph"
    body = ctx.children(children[0]) if single else ctx.children(cell)
    heading = bool(cell.get("header")) and bool(body.strip())  # an empty heading names nothing
    return tag(
        "th" if heading else "td",
        body,
        scope=scope if heading else None,
        class_=f"align-{cell['align']}" if cell.get("align") else None,
        colspan=cell.get("colspan"),
        rowspan=cell.get("rowspan"),
    )


@renders("tableRow")
def table_row(ctx: Renderer, node: Node) -> str:
    """A row that stands outside a table node."""
    return _row(ctx, node, "row")


@renders("tableCell")
def table_cell(ctx: Renderer, node: Node) -> str:
    """A cell that stands outside a row."""
    return _cell(ctx, node, "row")
