"""Figures, images, captions, frames and films."""

from urllib.parse import urlsplit

from markupsafe import escape

from .context import Node, Renderer, plain_text, renders, tag, void

FILMS = (".mp4", ".webm", ".ogg", ".mov")


@renders("container")
def container(ctx: Renderer, node: Node) -> str:
    """A figure, table, listing or quotation with its caption."""
    kind, children = node.get("kind", "figure"), node.get("children", [])
    body = "".join(ctx.render(child) for child in children if child["type"] not in {"caption", "legend"})
    notes = "".join(ctx.children(child) for child in children if child["type"] in {"caption", "legend"})
    if kind == "quote":
        source = tag("figcaption", notes) if notes else ""
        return tag("figure", body + source, class_=f"quote {node.get('class') or ''}".strip()) + "\n"
    caption = tag("figcaption", notes) if notes else ""
    parts = sum(bool(child.get("subcontainer")) for child in children)
    if parts:
        body = tag("div", body, class_="subfigures")
    css = " ".join(filter(None, ["figure", f"figure-{kind}", node.get("class")]))
    inner = caption + body if kind == "table" else body + caption
    return tag("figure", inner, class_=css, id=ctx.anchor(node)) + "\n"


@renders("caption", "legend")
def caption(ctx: Renderer, node: Node) -> str:
    """A caption that stands alone."""
    return tag("div", ctx.children(node), class_="caption")


@renders("captionNumber")
def caption_number(ctx: Renderer, node: Node) -> str:
    """“Figure 3:”, set apart from the words of the caption."""
    return tag("span", ctx.children(node).rstrip(":") + ".", class_="caption-number") + " "


@renders("image")
def image(ctx: Renderer, node: Node) -> str:
    """A picture of the site's own; one without words for those who cannot see it is reported."""
    url, alt = node.get("url", ""), node.get("alt")
    if urlsplit(url).netloc:
        ctx.warn(f"the image {url} would be fetched from another host; keep a copy beside the page")
    src = ctx.files.use(url, ctx) if url.startswith("/") else url
    width = node.get("width")
    style = f"width:{width if str(width).endswith(('%', 'px', 'em', 'rem', 'ch')) else f'{width}px'}" if width else None
    if url.lower().endswith(FILMS):
        return tag("video", "", src=src, controls=True, preload="metadata", style=style, aria_label=alt)
    if not alt:
        ctx.warn(f"the image {node.get('urlSource') or url} has no alternative text")
    css = " ".join(filter(None, [node.get("class"), f"align-{node['align']}" if node.get("align") else None]))
    pixels = dict(zip(("width", "height"), ctx.files.size(url), strict=True))
    return void(
        "img", src=src, alt=alt or "", loading="lazy", decoding="async", class_=css or None, style=style, **pixels
    )


@renders("iframe")
def iframe(ctx: Renderer, node: Node) -> str:
    """A frame of the site's own; nothing is loaded from another host."""
    src = node.get("src", "")
    if urlsplit(src).netloc:
        ctx.warn(f"the frame {src} belongs to another host; the book loads nothing from elsewhere: link to it")
        return tag("p", tag("a", escape(src), href=src))
    title = node.get("title") or plain_text(node) or "Embedded page"
    frame = tag("iframe", "", src=ctx.links.file(src) if src.startswith("/") else src, title=title, loading="lazy")
    return tag("div", frame, class_="frame", id=ctx.anchor(node))
