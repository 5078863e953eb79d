"""HTML and SVG printed by notebook cells, made fit for the page: no scripts, no styles of their own."""

import re
from html.parser import HTMLParser

from markupsafe import escape

_DROPPED = {"script", "style", "link", "meta", "iframe", "object", "embed", "base"}
_VOID = {"area", "br", "col", "hr", "img", "input", "source", "track", "wbr"}
_PRESENTATIONAL = {"border", "cellpadding", "cellspacing", "bgcolor"}
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
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open(tag, attrs, ">")
        if tag in _DROPPED and tag not in {"link", "meta", "base", "embed"}:
            self.depth += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open(tag, attrs, ">" if tag in _VOID else "/>")

    def _open(self, tag: str, attrs: list[tuple[str, str | None]], end: str) -> None:
        if tag in _DROPPED:
            self.dropped.add(tag)
            return
        if self.depth:
            return
        kept = "".join(_attribute(name, value) for name, value in attrs if _allowed(name, value))
        self.parts.append(f"<{_SVG_NAMES.get(tag, tag)}{kept}{end}")

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self.depth = max(0, self.depth - 1)
        elif not self.depth and tag not in _VOID:
            self.parts.append(f"</{_SVG_NAMES.get(tag, tag)}>")

    def handle_data(self, data: str) -> None:
        if not self.depth:
            self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")


def _allowed(name: str, value: str | None) -> bool:
    script = (value or "").replace(" ", "").lower().startswith("javascript:")
    return not name.startswith("on") and name not in _PRESENTATIONAL and not script


def _attribute(name: str, value: str | None) -> str:
    name = _SVG_NAMES.get(name, name)
    return f" {name}" if value is None else f' {name}="{escape(value)}"'


def clean(html: str) -> tuple[str, set[str]]:
    """HTML without scripts, style sheets, frames and event handlers -> (HTML, names of what was dropped)."""
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    return "".join(cleaner.parts), cleaner.dropped


def _mute(opening: str) -> str:
    """The root tag without a role or label of its own."""
    opening = re.sub(r' (?:role|aria-[\w-]+|tabindex)="[^"]*"', "", opening)
    return opening.replace("<svg", '<svg aria-hidden="true"', 1)


def clean_svg(svg: str, prefix: str) -> str:
    """An SVG to stand inside the page: clean, without prolog, its IDs made unique by `prefix`.

    It is hidden from screen readers: the element around it is the picture and carries the words.
    """
    start = svg.find("<svg")
    body, _ = clean(svg[start:] if start > 0 else svg)
    body = re.sub(r"<svg\b[^>]*>", lambda m: _mute(m[0]), body, count=1)
    names = set(re.findall(r'\bid="([^"]+)"', body))
    if not names:
        return body
    body = re.sub(r'\bid="([^"]+)"', lambda m: f'id="{prefix}-{m[1]}"', body)
    body = re.sub(r"url\(#([^)]+)\)", lambda m: f"url(#{prefix}-{m[1]})" if m[1] in names else m[0], body)
    return re.sub(r'href="#([^"]+)"', lambda m: f'href="#{prefix}-{m[1]}"' if m[1] in names else m[0], body)
