"""A crawler that follows every link of a served site and reports what a reader would find broken.

    python -m tests.site.linkcheck http://127.0.0.1:8000/dgm

It starts at the front page, follows each internal link, asset, style sheet and script import, and checks that
the target answers, that the anchor exists, that nothing is fetched from another host, that no path leaves the
base, that no ID appears twice, and that the sitemap lists exactly the pages.
"""

import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.error import HTTPError
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from urllib.request import urlopen

from tests.site.references import Document, Reference, css_urls, index_urls, read_page, script_urls

NOT_FOUND = "/404.html"  # no link leads there: hosts show it for any address without a page
_NOT_FOLLOWED = {"mailto", "tel", "data", "blob", "javascript"}
_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong: where it is written, its kind, and the URL or ID concerned."""

    page: str
    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.page}: {self.kind}: {self.what}"


@dataclass
class Answer:
    """What the server said to one URL: status, type, body, and the URL after redirects."""

    status: int
    url: str
    kind: str
    text: str
    document: Document | None = None


@dataclass
class Crawl:
    """State of one walk over a site below ``root`` (``http://host:port/base``)."""

    root: str
    answers: dict[str, Answer] = field(default_factory=dict)
    faults: set[Fault] = field(default_factory=set)
    queue: list[str] = field(default_factory=list)

    @property
    def pages(self) -> set[str]:
        """Addresses of every HTML page reached, below the root."""
        found = (answer for answer in self.answers.values() if answer.document is not None)
        return {_canonical(answer.url.removeprefix(self.root)) for answer in found} - {_canonical(NOT_FOUND)}

    def run(self) -> "Crawl":
        """Walk from the front page, and the page for lost readers, until nothing new is found."""
        self.queue += [f"{self.root}/", f"{self.root}{NOT_FOUND}"]
        while self.queue:
            self._visit(self.queue.pop())
        self._check_sitemap()
        return self

    def _visit(self, url: str):
        answer = self._get(url)
        if answer.status != 200:
            return
        if answer.document is not None:
            self._check_ids(answer)
        for reference in _references(answer):
            self._follow(answer, reference)

    def _get(self, url: str) -> Answer:
        if url not in self.answers:
            self.answers[url] = _fetch(url)
        return self.answers[url]

    def _fault(self, answer: Answer, kind: str, what: str):
        self.faults.add(Fault(urlsplit(answer.url).path, kind, what))

    def _check_ids(self, answer: Answer):
        for name, count in Counter(answer.document.ids).items():
            if count > 1:
                self._fault(answer, "duplicate ID", name)

    def _follow(self, answer: Answer, reference: Reference):
        scheme = urlsplit(reference.url).scheme
        if scheme in _NOT_FOLLOWED:
            return
        base = urljoin(answer.url, (answer.document and answer.document.base_href) or "")
        target, fragment = urldefrag(urljoin(base, reference.url))
        if urlsplit(target).netloc != urlsplit(self.root).netloc:
            if reference.fetched:
                self._fault(answer, "external resource", reference.url)
        elif not f"{urlsplit(target).path}/".startswith(f"{urlsplit(self.root).path}/"):
            self._fault(answer, "escapes the base path", reference.url)
        else:
            self._check_target(answer, reference, target, fragment)

    def _check_target(self, answer: Answer, reference: Reference, target: str, fragment: str):
        known = target in self.answers
        found = self._get(target)
        if found.status != 200:
            self._fault(answer, "broken link", f"{reference.url} ({found.status})")
        elif fragment and found.document is not None and not reference.fetched:
            # `#id?mu=1` names an explorable's state; the element is what stands before the question mark.
            name = unquote(fragment).split("?")[0]
            if name and name not in found.document.ids:
                self._fault(answer, "broken anchor", reference.url)
        if not known:
            self.queue.append(target)

    def _check_sitemap(self):
        sitemap = self._get(f"{self.root}/sitemap.xml")
        if sitemap.status != 200:
            return self._fault(sitemap, "no sitemap", "sitemap.xml")
        listed = {entry.text.strip() for entry in ET.fromstring(sitemap.text).iter(_SITEMAP)}
        published = min(listed, key=len).rstrip("/")  # where the site will be: the address of its front page
        listed = {_canonical(address.removeprefix(published)) for address in listed}
        for path in self.pages - listed:
            self._fault(sitemap, "page not in the sitemap", path)
        for path in listed - self.pages:
            self._fault(sitemap, "sitemap lists no page", path)


def _canonical(path: str) -> str:
    """``/a/index.html``, ``/a.html`` and ``/a/`` all name page ``/a``."""
    return path.removesuffix("index.html").removesuffix(".html").rstrip("/") or "/"


def _fetch(url: str) -> Answer:
    try:
        with urlopen(url) as response:  # (redirects of folders to `folder/` are followed)
            kind, body = response.headers.get_content_type(), response.read()
            text = body.decode("utf-8") if kind.startswith("text/") or kind.endswith(("script", "xml", "json")) else ""
            document = read_page(text) if kind == "text/html" else None
            return Answer(response.status, response.url, kind, text, document)
    except HTTPError as error:
        error.close()
        return Answer(error.code, url, "", "")


def _references(answer: Answer) -> Iterator[Reference]:
    if answer.document is not None:
        yield from answer.document.references
    elif answer.kind == "text/css":
        yield from (Reference(url, fetched=True) for url in css_urls(answer.text))
    elif answer.kind in {"text/javascript", "application/javascript"}:
        yield from (Reference(url, fetched=True) for url in script_urls(answer.text))
    elif urlsplit(answer.url).path.endswith("/search.json"):
        yield from (Reference(url, fetched=False) for url in index_urls(answer.text))


def check(root: str, expected_pages: Iterable[str] = ()) -> list[Fault]:
    """Every fault of the site at ``root``; the front page must lead to each of ``expected_pages`` (paths)."""
    crawl = Crawl(root.rstrip("/")).run()
    orphans = {path for path in expected_pages if _canonical(path) not in crawl.pages}
    return sorted(crawl.faults | {Fault(path, "unreachable page", "no link leads to it") for path in orphans})


if __name__ == "__main__":
    found = check(sys.argv[1])
    print(*found, sep="\n")
    print(f"{len(found)} faults")
    sys.exit(bool(found))
