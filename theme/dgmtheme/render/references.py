"""Links, cross-references, citations, footnotes, and the list of works at the end of a page."""

import re

from markupsafe import escape

from .context import Node, Renderer, renders, tag

PHRASING = {"paragraph"}  # what a footnote may consist of to be set in the margin too


@renders("link", "linkBlock")
def link(ctx: Renderer, node: Node) -> str:
    """A link: to a page, to a file of the site, or to another place."""
    url, body = node.get("url", ""), ctx.children(node)
    if node.get("internal"):
        href = ctx.links.page(url)
    elif node.get("static") or (url.startswith("/") and "." in url.rsplit("/", 1)[-1]):
        href = ctx.files.use(url, ctx)
    else:
        href = ctx.links.page(url) if url.startswith("/") else url
    download = bool(node.get("static")) or None
    return tag("a", body or escape(url), href=href, class_=node.get("class"), download=download)


@renders("crossReference")
def cross_reference(ctx: Renderer, node: Node) -> str:
    """A reference to a labelled thing, here or on another page, with a preview."""
    body = ctx.children(node) or escape(node.get("label") or node.get("identifier", ""))
    name = node.get("html_id") or node.get("identifier") or ""
    if node.get("resolved") is False:
        ctx.warn(f"the reference {node.get('label') or name!r} has no target")
        return tag("span", body, class_="broken-reference")
    place = ctx.links.page(node["url"].split("#")[0]) if node.get("remote") else ""
    return tag("a", body, href=f"{place}#{name}" if name else place, class_="xref", data_preview=True)


@renders("citeGroup")
def cite_group(ctx: Renderer, node: Node) -> str:
    """Works cited together: (A, 1990; B, 2000), or A (1990) and B (2000) within the sentence."""
    works = [ctx.render(child) for child in node.get("children", [])]
    if node.get("kind") == "narrative":
        return " and ".join(works)
    return f'<span class="cite-group">({"; ".join(works)})</span>'


@renders("cite")
def cite(ctx: Renderer, node: Node) -> str:
    """One work cited, linked to its entry at the end of the page."""
    label = node.get("label") or node.get("identifier", "")
    entry = ctx.references.get(label)
    body = ctx.children(node) or escape(label)
    if entry is None or node.get("error"):
        ctx.warn(f"the citation {label!r} is in no bibliography")
        return tag("span", body, class_="broken-reference")
    if label not in ctx.cited:
        ctx.cited.append(label)
    return tag("a", body, href=f"#cite-{slug(label)}", class_="cite", data_preview=True)


def slug(label: str) -> str:
    """A label as part of an `id`."""
    return re.sub(r"[^\w-]+", "-", label).strip("-").lower()


@renders("bibliography")
def bibliography_here(ctx: Renderer, node: Node) -> str:
    """The list of works always stands at the end of the page, where every citation leads."""
    return ""


def bibliography(ctx: Renderer) -> str:
    """The works that this page cites, in order of first citation."""
    items = []
    for label in ctx.cited:
        entry = ctx.references[label]
        items.append(tag("li", entry.get("html") or escape(label), id=f"cite-{slug(label)}"))
    if not items:
        return ""
    title = '<h2 id="bibliography">References</h2>'
    works = tag("ol", "".join(items))
    return tag("section", title + works, class_="bibliography", aria_labelledby="bibliography")


@renders("footnoteReference")
def footnote_reference(ctx: Renderer, node: Node) -> str:
    """The mark in the text and, when the note is one run of words, its copy for the margin.

    Only one of the two copies, margin or end of page, is displayed at any width, so nothing is read twice.
    """
    number, key = str(node.get("enumerator", "")), slug(str(node.get("identifier", "")))
    definition = ctx.footnotes.get(node.get("identifier", ""))
    if definition is None:
        ctx.warn(f"the footnote {node.get('label')!r} is not defined")
        return ""
    name = f"fnref-{key}" if f"fnref-{key}" not in ctx.used_ids else None
    ctx.used_ids.add(f"fnref-{key}")
    mark = tag("a", escape(number), href=f"#fn-{key}", id=name, aria_label=f"Footnote {number}", data_preview=True)
    note = ""
    if name and in_margin(definition):
        words = " ".join(ctx.children(child) for child in definition["children"])
        note = (
            f'<span class="sidenote" role="note"><span class="sidenote-number">{escape(number)}</span> {words}</span>'
        )
    return f'<sup class="footnote-mark">{mark}</sup>{note}'


def in_margin(definition: Node) -> bool:
    """Whether a note consists of paragraphs only."""
    return all(child["type"] in PHRASING for child in definition.get("children", []))


def footnotes(ctx: Renderer) -> str:
    """The notes at the end of the page; hidden where all of them stand in the margin."""
    items = []
    for identifier, definition in ctx.footnotes.items():
        key = slug(identifier)
        if f"fnref-{key}" not in ctx.used_ids:
            continue
        back = tag("a", "↩", href=f"#fnref-{key}", class_="footnote-back", aria_label="Back to the text")
        body = ctx.children(definition)
        body = f"{body.rstrip()[:-4]} {back}</p>" if body.rstrip().endswith("</p>") else body + back
        items.append(tag("li", body, id=f"fn-{key}"))
    if not items:
        return ""
    everything = all(in_margin(definition) for definition in ctx.footnotes.values())
    css = "footnotes in-margin" if everything else "footnotes"
    title = '<h2 class="footnotes-title">Notes</h2>'
    return tag("section", title + tag("ol", "".join(items)), class_=css, aria_label="Footnotes")
