"""Exercises and their solutions, which stay folded until asked for."""

from markupsafe import escape

from .blocks import classes
from .context import Node, Renderer, renders, tag


@renders("exercise")
def exercise(ctx: Renderer, node: Node) -> str:
    """A task for the reader, numbered, with an optional title."""
    title, rest = ctx.take(node, "admonitionTitle")
    number = node.get("enumerator")
    head = f'<span class="exercise-number">Exercise{f" {escape(number)}" if number else ""}</span>'
    if title:
        head += f' <span class="exercise-name">{ctx.children(title)}</span>'
    body = tag("p", head, class_="box-title") + tag("div", ctx.children(rest), class_="box-body")
    return tag("section", body, class_="box exercise", id=ctx.anchor(node)) + "\n"


@renders("solution")
def solution(ctx: Renderer, node: Node) -> str:
    """A solution is always a disclosure. Its title names the exercise without linking: a link inside a
    summary could not be told from the control that opens it."""
    title, rest = ctx.take(node, "admonitionTitle")
    words = _without_links(ctx, title) if title else "Solution"
    summary = tag("summary", words, class_="box-title")
    css = " ".join(["box", "solution", *(name for name in classes(node) if name != "dropdown")])
    inner = tag("div", ctx.children(rest), class_="box-body")
    return tag("details", summary + inner, class_=css, id=ctx.anchor(node)) + "\n"


def _without_links(ctx: Renderer, node: Node) -> str:
    return "".join(
        _without_links(ctx, child) if child["type"] in {"crossReference", "link"} else ctx.render(child)
        for child in node.get("children", [])
    )
