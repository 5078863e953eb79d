"""Listings and code cells."""

from markupsafe import escape

from ..highlight import highlighted
from .context import Node, Renderer, renders, tag


@renders("code")
def code(ctx: Renderer, node: Node) -> str:
    """A listing: highlighted, with line numbers, emphasis, file name, as the author asked."""
    if node.get("visibility") == "remove":
        return ""
    lang, listing = node.get("lang"), _lines(node)
    name = node.get("filename")
    head = tag("div", escape(name), class_="code-filename") if name else ""
    css = "code numbered" if node.get("showLineNumbers") else "code"
    pre = tag("pre", tag("code", listing), data_scrolls="Code", data_language=lang)
    block = tag("div", head + pre, class_=css, id=ctx.anchor(node)) + "\n"
    return fold("Show the code", block) if node.get("visibility") == "hide" else block


def _lines(node: Node) -> str:
    first, marked = node.get("startingLineNumber") or 1, set(node.get("emphasizeLines") or ())
    lines = []
    for number, line in enumerate(highlighted(node.get("value", ""), node.get("lang")), start=first):
        css = "line marked" if number - first + 1 in marked else "line"
        label = number if node.get("showLineNumbers") else None
        lines.append(tag("span", line, class_=css, data_line=label))
    return "\n".join(lines)


def fold(title: str, body: str, is_open: bool = False) -> str:
    """A quiet disclosure around part of a cell."""
    return tag("details", tag("summary", title) + body, class_="cell-fold", open=is_open) + "\n"


def cell(ctx: Renderer, node: Node) -> str:
    """A code cell: its input, then its outputs."""
    source = next((child for child in node.get("children", []) if child["type"] == "code"), {})
    ctx.find_line(source.get("value", ""))
    ctx.may_raise = "raises-exception" in ((node.get("data") or {}).get("tags") or [])
    body, name = ctx.children(node), ctx.anchor(node)
    if not body.strip():
        return tag("div", "", id=name) if name else ""
    if node.get("visibility") == "hide":
        body = fold("Show the code and its output", body)
    css = " ".join(filter(None, ["cell", node.get("class")]))
    return tag("div", body, class_=css, id=name) + "\n"


@renders("mermaid")
def mermaid(ctx: Renderer, node: Node) -> str:
    """Diagrams in Mermaid need a large script; the book shows their source and says so at build time."""
    ctx.find_line(node.get("value", ""))
    ctx.warn("a Mermaid diagram is shown as source; draw it as an SVG figure instead")
    return code(ctx, {"type": "code", "lang": "text", "value": node.get("value", "")})
