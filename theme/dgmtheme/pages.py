"""One page, from MyST's JSON to HTML."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .assets import Assets
from .files import Files
from .links import edit_links
from .render import Node, Renderer, plain_text
from .render.references import bibliography, footnotes
from .site import Site, slug_url

TEMPLATES = Path(__file__).parent / "templates"


@dataclass
class Page:
    """A printed page: its HTML and what is wrong with it."""

    html: str
    warnings: list[str]


class Printer:
    """Prints the pages of one site. `reload_socket` is where mystmd announces changes while writing."""

    def __init__(self, site: Site, files: Files, assets: Assets, root: Path | None, reload_socket: str = ""):
        self.site, self.files, self.assets, self.root = site, files, assets, root
        self.jinja = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.jinja.globals.update(site=site, links=site.links, asset=assets.url, reload_socket=reload_socket)

    def page(self, slug: str, content: dict[str, Any]) -> Page:
        """A page of the book."""
        front, location = content.get("frontmatter") or {}, content.get("location") or ""
        ctx = self._renderer(slug, content)
        body = ctx.render(content["mdast"])
        tail = bibliography(ctx) + footnotes(ctx)
        before, after = self.site.neighbours(slug)
        is_front = slug == self.site.index
        own_url = self.site.links.page(slug_url(slug, self.site.index))
        html = self.jinja.get_template("page.html").render(
            slug=slug,
            title=front.get("title") or self.site.title,
            shows_title=not front.get("content_includes_title"),
            subtitle=front.get("subtitle"),
            description=front.get("description") or _lead(content["mdast"]) or self.site.description,
            part=getattr(self.site.entry(slug), "part", ""),
            is_front=is_front,
            authors=_own_authors(front, self.site),
            date=front.get("date"),
            keywords=front.get("keywords") or [],
            body=Markup(body + tail),
            outline=outline(content["mdast"], bool(ctx.cited)),
            before=before,
            after=after,
            downloads=self._downloads(front, location, ctx),
            sources=edit_links(front, location, content.get("kind") == "Notebook"),
            features=ctx.features,
            canonical=self.site.absolute(own_url),
            picture=self._picture(front, ctx),
        )
        return Page(html, ctx.warnings)

    def missing(self) -> str:
        """The page shown for an address that leads nowhere."""
        return self.jinja.get_template("404.html").render(features=set(), slug=None)

    def _renderer(self, slug: str, content: dict[str, Any]) -> Renderer:
        cite = (content.get("references") or {}).get("cite") or {}
        return Renderer(
            links=self.site.links,
            files=self.files,
            location=content.get("location") or slug,
            source=self._source(content.get("location") or ""),
            macros=self.site.macros() | _macros(content.get("frontmatter") or {}),
            references=cite.get("data") or {},
            footnotes={node["identifier"]: node for node in find(content["mdast"], "footnoteDefinition")},
        )

    def _source(self, location: str) -> str:
        """The page's source, to name lines by."""
        path = self.root / location.lstrip("/") if self.root and location else None
        return path.read_text(encoding="utf-8") if path and path.is_file() else ""

    def _downloads(self, front: dict, location: str, ctx: Renderer) -> list[dict[str, str]]:
        """The page's source, and the notebook that is its pair."""
        found = []
        for export in front.get("exports") or []:
            if url := export.get("url"):
                suffix = "." + export["filename"].rsplit(".", 1)[-1]
                href = self.files.use(url, ctx)
                found.append({"label": suffix, "url": href, "filename": export["filename"]})
        pair = self.root / location.lstrip("/") if self.root and location.endswith(".md") else None
        if pair and pair.with_suffix(".ipynb").is_file():
            name = pair.with_suffix(".ipynb").name
            href = self.files.write(f"build/{name}", pair.with_suffix(".ipynb").read_text(encoding="utf-8"))
            found.insert(0, {"label": ".ipynb", "url": href, "filename": name})
        return found

    def _picture(self, front: dict, ctx: Renderer) -> str | None:
        """The picture that social networks show; the book's own when the page has none they can read."""
        thumbnail = front.get("thumbnail")
        if thumbnail and thumbnail.lower().endswith((".png", ".jpg", ".jpeg", ".webp")):
            return self.site.absolute(self.files.use(thumbnail, ctx))
        return self.site.absolute(self.assets.url("social.png"))


def find(node: Node, type_: str) -> list[Node]:
    """All nodes of a type, in order."""
    here = [node] if node["type"] == type_ else []
    return here + [found for child in node.get("children", []) for found in find(child, type_)]


def outline(tree: Node, has_bibliography: bool) -> list[dict[str, Any]]:
    """Sections and subsections of a page that can be linked to."""
    headings = [
        {"id": node["html_id"], "title": plain_text(node), "depth": node.get("depth", 2)}
        for node in find(tree, "heading")
        if node.get("html_id") and node.get("depth", 2) <= 3
    ]
    if has_bibliography:
        headings.append({"id": "bibliography", "title": "References", "depth": 2})
    return headings


def _macros(front: dict) -> dict[str, str]:
    return {name: macro["macro"] for name, macro in (front.get("math") or {}).items()}


def _own_authors(front: dict, site: Site) -> list[str]:
    """Names of the page's authors where they are not simply the book's."""
    names = [author.get("name", "") for author in front.get("authors") or []]
    book = [author.get("name", "") for author in site.project.get("authors") or []]
    return [] if names == book else names


def _lead(tree: Node) -> str:
    """The first paragraph, shortened to what a search engine shows."""
    paragraph = next(iter(find(tree, "paragraph")), None)
    words = re.sub(r"\s+", " ", plain_text(paragraph)).strip() if paragraph else ""
    return words if len(words) <= 200 else words[:199].rsplit(" ", 1)[0] + "…"
