"""Running prose: paragraphs, headings, lists, inline marks."""

from markupsafe import escape

from .context import Node, Renderer, plain_text, renders, tag
from .punctuation import keep_per_cent

INLINE = {
    "emphasis": "em",
    "strong": "strong",
    "subscript": "sub",
    "superscript": "sup",
    "keyboard": "kbd",
    "underline": "u",
    "delete": "del",
}
SILENT = ("comment", "mystTarget", "mystComment", "footnoteDefinition", "abbreviationDefinition", "indexEntry")


@renders(*SILENT)
def silent(ctx: Renderer, node: Node) -> str:
    """Nothing is printed where these stand."""
    return ""


@renders("root", "mystDirective", "mystRole", "inlineExpression", "include", "embed", "captionNumberText")
def transparent(ctx: Renderer, node: Node) -> str:
    """Only the children are printed."""
    return ctx.children(node)


@renders("block")
def block(ctx: Renderer, node: Node) -> str:
    """A MyST block: a code cell, or a run of prose that may carry a class."""
    if node.get("visibility") == "remove":
        return ""
    if node.get("kind") == "notebook-code":
        from .code import cell

        return cell(ctx, node)
    body, classes, name = ctx.children(node), node.get("class"), ctx.anchor(node)
    return tag("div", body, id=name, class_=classes) if classes or name else body


@renders("text")
def text(ctx: Renderer, node: Node) -> str:
    """Plain characters."""
    return str(escape(keep_per_cent(node["value"])))


@renders("unbroken")
def unbroken(ctx: Renderer, node: Node) -> str:
    """A formula and the punctuation behind it (see `punctuation.hold`)."""
    return tag("span", "".join(map(ctx.render, node["children"])), class_="unbroken")


@renders("paragraph")
def paragraph(ctx: Renderer, node: Node) -> str:
    """A paragraph; one that holds nothing is dropped."""
    body = ctx.children(node)
    return f"<p>{body}</p>\n" if body.strip() else ""


@renders(*INLINE)
def inline(ctx: Renderer, node: Node) -> str:
    """Inline marks that HTML has an element for."""
    return tag(INLINE[node["type"]], ctx.children(node))


@renders("smallcaps")
def smallcaps(ctx: Renderer, node: Node) -> str:
    """Small capitals."""
    return tag("span", ctx.children(node), class_="smallcaps")


@renders("span", "div")
def generic(ctx: Renderer, node: Node) -> str:
    """A span or div that only carries a class."""
    return tag(node["type"], ctx.children(node), class_=node.get("class"), id=ctx.anchor(node))


@renders("abbreviation")
def abbreviation(ctx: Renderer, node: Node) -> str:
    """An abbreviation with its expansion."""
    return tag("abbr", ctx.children(node), title=node.get("title"))


@renders("inlineCode")
def inline_code(ctx: Renderer, node: Node) -> str:
    """Code in the line."""
    return tag("code", escape(node["value"]))


@renders("break")
def line_break(ctx: Renderer, node: Node) -> str:
    """A forced line break."""
    return "<br>"


@renders("thematicBreak")
def thematic_break(ctx: Renderer, node: Node) -> str:
    """A change of subject."""
    return "<hr>\n"


@renders("heading")
def heading(ctx: Renderer, node: Node) -> str:
    """A heading with a link to itself. The page title is the only `h1`."""
    depth = min(max(node.get("depth", 2), 2), 6)
    name, body = ctx.anchor(node), ctx.children(node)
    if number := node.get("enumerator"):
        body = f'<span class="heading-number">{escape(number)}</span> {body}'
    if not name:
        return f"<h{depth}>{body}</h{depth}>\n"
    label = f"Link to the section “{plain_text(node)}”"
    link = tag("a", "#", class_="heading-anchor", href=f"#{name}", aria_label=label)
    return f'<h{depth} id="{escape(name)}">{body}{link}</h{depth}>\n'


@renders("list")
def list_(ctx: Renderer, node: Node) -> str:
    """Bullets, numbers, or a list of tasks."""
    tasks = any("checked" in item for item in node.get("children", []))
    kind = "task-list" if tasks else None
    if not node.get("ordered"):
        return tag("ul", ctx.children(node), class_=kind) + "\n"
    start = node.get("start", 1)
    return tag("ol", ctx.children(node), class_=kind, start=start if start != 1 else None) + "\n"


@renders("listItem")
def list_item(ctx: Renderer, node: Node) -> str:
    """One item. A single paragraph is unwrapped, so that short lists stay tight."""
    children = node.get("children", [])
    lead = children[0] if children and children[0]["type"] == "paragraph" else None
    if lead and not any(child["type"] == "paragraph" for child in children[1:]):
        body = ctx.children(lead) + "".join(ctx.render(child) for child in children[1:])
    else:
        body = ctx.children(node)
    if "checked" not in node:
        return tag("li", body, id=ctx.anchor(node))
    done = bool(node["checked"])
    box = f'<span class="task-box" role="img" aria-label="{"done" if done else "open"}">{"✓" if done else ""}</span>'
    return tag("li", box + f"<span>{body}</span>", class_="done" if done else None)


@renders("definitionList")
def definition_list(ctx: Renderer, node: Node) -> str:
    """Terms with their descriptions."""
    return tag("dl", ctx.children(node)) + "\n"


@renders("definitionTerm")
def definition_term(ctx: Renderer, node: Node) -> str:
    """A term; a glossary's terms can be linked to."""
    return tag("dt", ctx.children(node), id=ctx.anchor(node))


@renders("definitionDescription")
def definition_description(ctx: Renderer, node: Node) -> str:
    """What a term means."""
    return tag("dd", ctx.children(node))


@renders("glossary")
def glossary(ctx: Renderer, node: Node) -> str:
    """A list of terms that the book refers to."""
    return tag("div", ctx.children(node), class_="glossary", id=ctx.anchor(node))


@renders("blockquote")
def blockquote(ctx: Renderer, node: Node) -> str:
    """A quotation."""
    return tag("blockquote", ctx.children(node)) + "\n"
