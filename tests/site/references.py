"""What a page, a style sheet or a script refers to, read with the standard library alone."""

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

# `<link>`s that name a document rather than fetch one.
_NAMING_RELATIONS = {"canonical", "author", "license", "alternate", "next", "prev", "edit", "search", "help"}
_FETCHED = {"src", "poster", "data", "data-src"}
# Scripts find what they fetch in `data-…` attributes; other values there are no addresses.
_DATA_URL = re.compile(r"(https?:/)?[./\w-]*/[\w./-]*\.\w+")
_CSS_URL = re.compile(r"""url\(\s*(['"]?)(?P<url>[^'")]+)\1\s*\)|@import\s+(['"])(?P<imported>[^'"]+)\3""")
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Only what a browser resolves against the script itself; bare names in a bundle's strings are not imports.
_JS_URL = re.compile(
    r"""(?:\bfrom\s*|\bimport\s*|\bimport\(\s*|new URL\(\s*)(['"])(?P<url>(?:\.{0,2}/|https?:)[^'"\s]*)\1"""
)


@dataclass(frozen=True)
class Reference:
    """One URL as written, and whether the browser fetches it to show the page (or the reader follows it)."""

    url: str
    fetched: bool


@dataclass
class Document:
    """The references and element IDs of one HTML page."""

    references: list[Reference] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    base_href: str | None = None


class _Reader(HTMLParser):
    """Collects a `Document`."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.document = Document()
        self._raw_text_of: str | None = None

    def _add(self, url: str | None, *, fetched: bool):
        if url:
            self.document.references.append(Reference(url.strip(), fetched))

    def handle_starttag(self, tag, attributes):
        """Note the element's ID and everything it points at."""
        given = dict(attributes)
        if "id" in given:
            self.document.ids.append(given["id"] or "")
        if tag == "base":
            self.document.base_href = given.get("href")
        elif tag in {"a", "area"}:
            self._add(given.get("href"), fetched=False)
            self.document.ids += [given["name"]] if given.get("name") and given.get("id") is None else []
        elif tag == "link":
            relations = set((given.get("rel") or "").split())
            self._add(given.get("href"), fetched=not relations & _NAMING_RELATIONS)
        else:
            self._add(given.get("href") or given.get("xlink:href"), fetched=True)  # svg <use>, <image>
        for name, value in given.items():
            if name in _FETCHED or (name.startswith("data-") and _DATA_URL.fullmatch(value or "")):
                self._add(value, fetched=True)
        for candidate in (given.get("srcset") or "").split(","):
            self._add(candidate.split()[0] if candidate.split() else None, fetched=True)
        for url in css_urls(given.get("style") or ""):
            self._add(url, fetched=True)
        if tag in {"style", "script"}:
            self._raw_text_of = tag

    def handle_endtag(self, tag):
        """Leave a `<style>` or `<script>`."""
        if tag == self._raw_text_of:
            self._raw_text_of = None

    def handle_data(self, data):
        """Read the URLs of inline styles and scripts."""
        read = {"style": css_urls, "script": script_urls}.get(self._raw_text_of)
        for url in read(data) if read else ():
            self._add(url, fetched=True)


def read_page(html: str) -> Document:
    """All references and IDs of an HTML page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.document


def css_urls(css: str) -> list[str]:
    """Every `url(…)` and `@import` of a style sheet, comments left out."""
    return [m["url"] or m["imported"] for m in _CSS_URL.finditer(_CSS_COMMENT.sub("", css))]


def index_urls(text: str) -> list[str]:
    """The address of every entry of a search index, `[[address, …], …]`."""
    return [entry[0] for entry in json.loads(text)]


def script_urls(script: str) -> list[str]:
    """Every relative or absolute URL a module imports or builds with `new URL(…)`."""
    return [m["url"] for m in _JS_URL.finditer(script)]
