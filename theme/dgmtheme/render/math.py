"""Formulas. MyST has typeset them with KaTeX; here they get numbers, scrolling and the palette's colours."""

import re

from markupsafe import escape

from .context import Node, Renderer, renders, tag

# KaTeX allows no classes without trust, so `myst.yml` colours the roles by CSS colour names, which any other
# theme shows as they are. Here each becomes the palette's own colour, in both colour modes.
ROLES = {
    "royalblue": "data",
    "chocolate": "model",
    "seagreen": "latent",
    "darkorchid": "gap",
    "slategray": "noise",
}
_STYLE = re.compile(r"color:(" + "|".join(ROLES) + r");?")
_MATHML = re.compile(r' mathcolor="(?:' + "|".join(ROLES) + r')"')


def colour_roles(html: str) -> str:
    """Replace the role colours in KaTeX's HTML by the palette's custom properties."""
    html = _MATHML.sub("", html)
    return _STYLE.sub(lambda match: f"color:var(--dgm-{ROLES[match[1]]});", html)


def typeset(ctx: Renderer, node: Node) -> str:
    """The formula's HTML; one that KaTeX refused is shown as source and reported."""
    if html := node.get("html"):
        return colour_roles(html)
    ctx.warn(f"a formula is not typeset: {node.get('message') or node.get('value', '')}")
    return tag("code", escape(node.get("value", "")), class_="math-error")


@renders("inlineMath")
def inline_math(ctx: Renderer, node: Node) -> str:
    """A formula in the line."""
    return tag("span", typeset(ctx, node), class_="math", id=ctx.anchor(node))


@renders("math")
def display_math(ctx: Renderer, node: Node) -> str:
    """A displayed formula: a body that scrolls when too wide, and its number as a link to itself."""
    name, number = ctx.anchor(node), node.get("enumerator")
    body = tag("div", typeset(ctx, node), class_="equation-body", data_scrolls="Equation")
    if number and name:
        link = tag("a", f"({escape(number)})", href=f"#{name}", aria_label=f"Link to equation {number}")
        body += tag("span", link, class_="equation-number")
    elif number:
        body += tag("span", f"({escape(number)})", class_="equation-number")
    return tag("div", body, class_="equation", id=name) + "\n"


@renders("mathGroup")
def math_group(ctx: Renderer, node: Node) -> str:
    """Equations that share a number."""
    return tag("div", ctx.children(node), class_="equation-group", id=ctx.anchor(node))
