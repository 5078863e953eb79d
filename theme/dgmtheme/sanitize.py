"""HTML and SVG printed by notebook cells, made fit for the page.

No scripts, no styles of their own, nothing from another host; and what is open at the end is closed, so that an
output never reaches into the page around it.
"""

import re
from html.parser import HTMLParser

from markupsafe import escape

_VOID_DROPPED = {"base", "embed", "frame", "link", "meta"}
_DROPPED = _VOID_DROPPED | set(
    "applet frameset iframe noembed noframes noscript object plaintext script style template xmp".split()
)
_UNWRAPPED = {"html", "head", "body"}  # the page has these already
_VOID = {"area", "br", "col", "hr", "img", "input", "param", "source", "track", "wbr"}
_PRESENTATIONAL = {"border", "cellpadding", "cellspacing", "bgcolor"}
_SCHEMES = {"http", "https", "mailto"}
_ADDRESSES = {"href", "xlink:href", "src", "srcset", "action", "formaction", "poster", "background", "ping"}
_PAINTS = {"style", "fill", "stroke", "filter", "mask", "clip-path", "cursor"}
_FOREIGN = {"svg", "math"}  # in here `<x/>` is a whole element; in HTML it only opens one
# The start of an element may end others, without a word: these, up to the next one of `_BOUNDS`.
_ENDED_BY = {
    start: set(ended.split())
    for starts, ended in (
        ("li", "li"),
        ("dt dd", "dt dd"),
        ("td th", "td th"),
        ("tr", "tr td th caption colgroup"),
        ("thead tbody tfoot caption colgroup", "thead tbody tfoot caption colgroup tr td th"),
        ("option optgroup", "option"),
        ("button", "button"),
        ("address article aside blockquote details div dl fieldset figcaption figure footer form header hr main", "p"),
        ("h1 h2 h3 h4 h5 h6 nav ol p pre section table ul", "p"),
    )
    for start in starts.split()
}
_BOUNDS = {"ul", "ol", "dl", "table", "select", "foreignobject"} | _FOREIGN
# HTML's parser lowers names; SVG needs these as they were.
_SVG_NAMES = {
    name.lower(): name
    for name in (
        "viewBox preserveAspectRatio clipPath linearGradient radialGradient gradientUnits gradientTransform textPath "
        "patternUnits patternTransform clipPathUnits maskUnits maskContentUnits markerWidth markerHeight refX refY "
        "startOffset textLength lengthAdjust stdDeviation feGaussianBlur foreignObject pathLength baseFrequency"
    ).split()
}


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self.dropped: set[str] = set()
        self.open: list[str] = []
        self.skipped: list[str] = []  # elements whose content is dropped, that are still open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._drop(tag, attrs)
            if tag not in _VOID_DROPPED:
                self.skipped.append(tag)
        elif self._print_start(tag, attrs) and tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._drop(tag, attrs)
            return
        if tag in _FOREIGN or self._in_foreign():
            self._print_start(tag, attrs, "/>")
        else:
            self.handle_starttag(tag, attrs)

    def _in_foreign(self) -> bool:
        nearest = next((name for name in reversed(self.open) if name in {*_FOREIGN, "foreignobject"}), None)
        return nearest in _FOREIGN

    def _drop(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # pandas prints a scoped style with every table, matplotlib one in every SVG: both are no loss
        ordinary = tag == "style" and (any(name == "scoped" for name, _ in attrs) or self._in_foreign())
        if not self.skipped and not ordinary:
            self.dropped.add(f"<{tag}>")

    def _print_start(self, tag: str, attrs: list[tuple[str, str | None]], end: str = ">") -> bool:
        """Print a start tag; says whether it is there."""
        if self.skipped or tag in _UNWRAPPED:
            return False
        if tag in _ENDED_BY and not self._in_foreign():
            self._end_implied(_ENDED_BY[tag])
        kept = []
        for name, value in attrs:
            if not _safe(tag, name, value or ""):
                self.dropped.add(f"{name}={(value or '')[:80]!r}")
            elif name not in _PRESENTATIONAL:
                kept.append(_attribute(name, value))
        self.parts.append(f"<{_SVG_NAMES.get(tag, tag)}{''.join(kept)}{end}")
        return True

    def _end_implied(self, names: set[str]) -> None:
        inner = next((at for at in reversed(range(len(self.open))) if self.open[at] in _BOUNDS), -1)
        found = [at for at in range(inner + 1, len(self.open)) if self.open[at] in names]
        if found:
            self._end_to(found[0])

    def _end_to(self, depth: int) -> None:
        """Close the innermost elements until only `depth` are open."""
        while len(self.open) > depth:
            tag = self.open.pop()
            self.parts.append(f"</{_SVG_NAMES.get(tag, tag)}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.skipped:
            while self.skipped.pop() != tag:
                pass
        elif not self.skipped and tag in self.open:
            self._end_to(len(self.open) - 1 - self.open[::-1].index(tag))

    def handle_data(self, data: str) -> None:
        if not self.skipped:  # half a tag arrives here too
            self.parts.append(data.replace("<", "&lt;").replace(">", "&gt;"))

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def finish(self) -> None:
        """Close what is still open."""
        self.close()
        if self.skipped:
            self.dropped.add(f"all behind a <{self.skipped[0]}> without an end")
        self._end_to(0)


def _safe(tag: str, name: str, value: str) -> bool:
    """Whether an attribute runs nothing and loads nothing from another host."""
    if name.startswith("on") or (name == "attributename" and value.lower().endswith("href")):
        return False
    if name in _PAINTS or name.startswith("marker"):
        # An escape could spell `url`, and image sets name addresses without it.
        addresses = re.findall(r"url\(\s*[\"']?([^\"')]*)", value, flags=re.IGNORECASE)
        return not re.search(r"\\|image-set|src\(", value, flags=re.IGNORECASE) and all(map(_is_own, addresses))
    if name == "srcset":
        return all(_is_own(candidate) for candidate in re.split(r",\s+", value))
    if name in _ADDRESSES:
        return _is_own(value) or (tag in {"a", "area"} and name in {"href", "xlink:href"} and _is_link(value))
    return True


def _scheme(address: str) -> str:
    """The scheme as a browser reads it, without the white space that it leaves out; empty for relative addresses."""
    match = re.match(r"([^/?#:]*):", re.sub(r"[\x00-\x20]", "", address).lower())
    return match[1] if match else ""


def _is_link(address: str) -> bool:
    return _scheme(address) in _SCHEMES | {""}


def _is_own(address: str) -> bool:
    """Whether an address lies on the page or beside it, or is a picture in itself."""
    address = re.sub(r"[\x00-\x20]", "", address).lower()
    return address.startswith("data:image/") or not (_scheme(address) or re.match(r"[/\\]{2}", address))


def _attribute(name: str, value: str | None) -> str:
    name = _SVG_NAMES.get(name, name)
    return f" {name}" if value is None else f' {name}="{escape(value)}"'


def clean(html: str) -> tuple[str, set[str]]:
    """HTML without scripts, style sheets, frames, event handlers, foreign pictures -> (HTML, what was dropped)."""
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.finish()
    return "".join(cleaner.parts), cleaner.dropped


def _mute(opening: str) -> str:
    """The root tag without a role or label of its own."""
    opening = re.sub(r' (?:role|aria-[\w-]+|tabindex)="[^"]*"', "", opening)
    return opening.replace("<svg", '<svg aria-hidden="true"', 1)


def clean_svg(svg: str, prefix: str) -> tuple[str, set[str]]:
    """An SVG to stand inside the page, without prolog, its IDs made unique by `prefix` -> (SVG, what was dropped).

    It is hidden from screen readers: the element around it is the picture and carries the words.
    """
    start = svg.find("<svg")
    body, dropped = clean(svg[start:] if start > 0 else svg)
    body = re.sub(r"<svg\b[^>]*>", lambda m: _mute(m[0]), body, count=1)
    names = set(re.findall(r'\bid="([^"]+)"', body))
    if not names:
        return body, dropped
    body = re.sub(r'\bid="([^"]+)"', lambda m: f'id="{prefix}-{m[1]}"', body)
    body = re.sub(r"url\(#([^)]+)\)", lambda m: f"url(#{prefix}-{m[1]})" if m[1] in names else m[0], body)
    body = re.sub(r'href="#([^"]+)"', lambda m: f'href="#{prefix}-{m[1]}"' if m[1] in names else m[0], body)
    return body, dropped
