"""The site as the templates see it: title, contents, neighbours of each page."""

from dataclasses import dataclass, field
from typing import Any

from .links import Links


def slug_url(slug: str, index: str) -> str:
    """MyST's slug (`folder.page`) -> path of the page below the root."""
    return "/" if slug == index else "/" + slug.removesuffix(".index").replace(".", "/")


@dataclass
class Entry:
    """A line of the contents: a page, or a part that groups pages."""

    title: str
    url: str | None
    slug: str | None
    part: str = ""
    children: list["Entry"] = field(default_factory=list)

    @property
    def is_page(self) -> bool:
        """Whether the line leads somewhere."""
        return self.slug is not None


class Site:
    """Title, contents and order of pages, read from MyST's `config.json`."""

    def __init__(self, config: dict[str, Any], links: Links):
        self.config, self.links = config, links
        self.options = config.get("options") or {}
        self.project = (config.get("projects") or [{}])[0]
        self.index = self.project.get("index", "index")
        self.title = config.get("title") or self.project.get("title") or "Untitled"
        self.description = config.get("description") or self.project.get("description") or ""
        self.language = self.options.get("language") or "en"
        self.tree = self._tree()
        self.pages = [self.front, *(entry for entry in _walk(self.tree) if entry.is_page)]

    def _tree(self) -> list[Entry]:
        """Entries nested by level. The front page stands first, outside the tree."""
        front = self.project.get("front") or {}
        title = front.get("short_title") or front.get("title") or self.title
        self.front = Entry(title, self.links.page("/"), self.index)
        roots: list[Entry] = []
        stack: list[tuple[int, Entry]] = []
        for page in self.project.get("pages", []):
            slug, level = page.get("slug"), page.get("level", 1)
            while stack and stack[-1][0] >= level:
                stack.pop()
            parent = stack[-1][1] if stack else None
            entry = Entry(
                page.get("short_title") or page.get("title") or slug or "",
                self.links.page(slug_url(slug, self.index)) if slug else None,
                slug,
                parent.title if parent else "",
            )
            (parent.children if parent else roots).append(entry)
            stack.append((level, entry))
        return roots

    def entry(self, slug: str) -> Entry | None:
        """The contents line of a page."""
        return next((page for page in self.pages if page.slug == slug), None)

    def neighbours(self, slug: str) -> tuple[Entry | None, Entry | None]:
        """Pages before and after."""
        position = next((i for i, page in enumerate(self.pages) if page.slug == slug), None)
        if position is None:
            return None, None
        before = self.pages[position - 1] if position else None
        after = self.pages[position + 1] if position + 1 < len(self.pages) else None
        return before, after

    def macros(self) -> dict[str, str]:
        """KaTeX macros of the project."""
        return {name: macro["macro"] for name, macro in (self.project.get("math") or {}).items()}

    @property
    def github(self) -> str | None:
        """The repository, from `myst.yml`."""
        return self.project.get("github")

    @property
    def address(self) -> str:
        """Where the site will be published (`site.options.address`), for addresses that must be absolute."""
        return str(self.options.get("address") or "").rstrip("/")

    def absolute(self, path: str) -> str:
        """A published address of a path of this site; the path itself when the place is not known."""
        return self.address + path.removeprefix(self.links.base) if self.address else path


def _walk(entries: list[Entry]) -> list[Entry]:
    return [found for entry in entries for found in (entry, *_walk(entry.children))]
