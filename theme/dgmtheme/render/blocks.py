"""Framed content: admonitions, dropdowns, tabs, cards, grids, asides, quotations, proofs."""

from markupsafe import escape

from .context import Node, Renderer, plain_text, renders, tag


def classes(node: Node) -> list[str]:
    """The classes that the author gave."""
    return (node.get("class") or "").split()


def foldable(ctx: Renderer, node: Node, kind: str, title: str, body: str, label: str | None = None) -> str:
    """A box with a title; `class: dropdown` makes it a native disclosure."""
    given = classes(node)
    css, name = " ".join(["box", kind, *(c for c in given if c != "dropdown")]), ctx.anchor(node)
    inner = tag("div", body, class_="box-body")
    if "dropdown" in given or node["type"] == "details":
        summary = tag("summary", title, class_="box-title")
        return tag("details", summary + inner, class_=css, id=name, open=bool(node.get("open"))) + "\n"
    head = tag("p", title, class_="box-title") if title else ""
    return tag("aside" if label else "div", head + inner, class_=css, id=name, aria_label=label) + "\n"


@renders("admonition")
def admonition(ctx: Renderer, node: Node) -> str:
    """A note, warning, tip … named by its title as well as by its colour."""
    title, rest = ctx.take(node, "admonitionTitle")
    kind = node.get("kind") or "plain"
    body = ctx.children(rest)
    words = plain_text(title) if title else kind.capitalize()
    heading = ctx.children(title) if title else str(escape(words))
    return foldable(ctx, node, f"admonition {kind}", heading, body, words)


@renders("details")
def details(ctx: Renderer, node: Node) -> str:
    """A dropdown."""
    title, rest = ctx.take(node, "summary")
    return foldable(ctx, node, "dropdown", ctx.children(title) if title else "More", ctx.children(rest))


@renders("tabSet")
def tab_set(ctx: Renderer, node: Node) -> str:
    """Alternatives under tabs. Without JavaScript they stand one after the other, each with its title."""
    ctx.features.add("tabs")
    return tag("div", ctx.children(node), class_="tabs", data_tabs=True) + "\n"


@renders("tabItem")
def tab_item(ctx: Renderer, node: Node) -> str:
    """One alternative."""
    title = tag("p", escape(node.get("title", "")), class_="tab-title")
    panel_id = ctx.anchor(node) or ctx.fresh_id("tab")
    return tag("div", title + ctx.children(node), class_="tab-panel", id=panel_id, data_sync=node.get("sync"))


@renders("grid")
def grid(ctx: Renderer, node: Node) -> str:
    """Cells side by side; MyST gives the columns for phone, tablet, laptop and desktop."""
    columns = (node.get("columns") or [1])[:4]
    css = " ".join(f"cols-{step}-{count}" for step, count in zip("smlx", _spread(columns), strict=True))
    return tag("div", ctx.children(node), class_=f"grid {css}") + "\n"


def _spread(columns: list[int]) -> list[int]:
    """Four column counts from one to four given: a single count means one column on phones."""
    if len(columns) == 1:
        return [1, min(columns[0], 2), columns[0], columns[0]]
    return columns + columns[-1:] * (4 - len(columns))


@renders("grid-item", "gridItem")
def grid_item(ctx: Renderer, node: Node) -> str:
    """A cell without a frame."""
    return tag("div", ctx.children(node), class_="grid-item")


@renders("card")
def card(ctx: Renderer, node: Node) -> str:
    """A card. The title carries the link, stretched over the card by the style sheet."""
    header, rest = ctx.take(node, "header")
    title, rest = ctx.take(rest, "cardTitle")
    footer, rest = ctx.take(rest, "footer")
    head = ctx.children(title) if title else ""
    if url := node.get("url"):
        href = ctx.links.page(url) if node.get("internal") else url
        head = tag("a", head or escape(url), href=href, class_="card-link")
    parts = [
        tag("div", ctx.children(header), class_="card-header") if header else "",
        tag("p", head, class_="card-title") if head else "",
        tag("div", ctx.children(rest), class_="card-body"),
        tag("div", ctx.children(footer), class_="card-footer") if footer else "",
    ]
    return tag("div", "".join(parts), class_="card linked" if url else "card", id=ctx.anchor(node)) + "\n"


@renders("header", "footer", "cardTitle", "admonitionTitle", "summary")
def part(ctx: Renderer, node: Node) -> str:
    """A part that stands outside its usual parent."""
    return ctx.children(node)


@renders("aside")
def aside(ctx: Renderer, node: Node) -> str:
    """A note in the margin where the screen has one."""
    title, rest = ctx.take(node, "admonitionTitle")
    head = tag("p", ctx.children(title), class_="margin-title") if title else ""
    return tag("aside", head + ctx.children(rest), class_="margin-note", id=ctx.anchor(node)) + "\n"


@renders("proof")
def proof(ctx: Renderer, node: Node) -> str:
    """Theorem, definition, algorithm, proof …: numbered, except proofs and remarks nobody refers to."""
    title, rest = ctx.take(node, "admonitionTitle")
    kind = node.get("kind") or "proof"
    head = kind.capitalize()
    if node.get("enumerator") and kind != "proof":
        head += f" {node['enumerator']}"
    label = str(escape(head))
    if title:
        label += f' <span class="proof-name">{ctx.children(title)}</span>'
    body = ctx.children(rest)
    if kind == "proof":
        body += '<p class="qed" aria-label="end of proof">∎</p>'
    return foldable(ctx, node, f"statement {kind}", label, body)
