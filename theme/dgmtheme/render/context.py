"""What the renderer knows while it prints one page: handlers, links, files to ship, notes and warnings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from markupsafe import escape

from ..files import Files
from ..links import Links
from ..words import readable
from .punctuation import hold

Node = dict[str, Any]
Handler = Callable[["Renderer", Node], str]
HANDLERS: dict[str, Handler] = {}


def renders(*types: str) -> Callable[[Handler], Handler]:
    """Register a function as the printer of these node types."""

    def register(handler: Handler) -> Handler:
        for type_ in types:
            HANDLERS[type_] = handler
        return handler

    return register


def attributes(**values: Any) -> str:
    """HTML attributes, escaped; `None` and `False` are left out, `True` prints the bare name, `class_` is `class`."""
    parts = []
    for name, value in values.items():
        name = name.rstrip("_").replace("_", "-")
        if value is True:
            parts.append(f" {name}")
        elif value is not None and value is not False:
            parts.append(f' {name}="{escape(value)}"')
    return "".join(parts)


def plain_text(node: Node) -> str:
    """The words of a node without markup: for labels, titles and descriptions."""
    if "children" not in node:
        words = node.get("value", "") if node.get("type") in {"text", "inlineCode", "inlineMath"} else ""
        return readable(words) if node.get("type") == "inlineMath" else words
    return "".join(plain_text(child) for child in node["children"])


@dataclass
class Renderer:
    """Prints the nodes of one page. `location` (`/notebooks/x.md`) and its `source` name the place of defects."""

    links: Links
    files: Files
    location: str = ""
    source: str = ""
    macros: dict[str, str] = field(default_factory=dict)
    references: dict[str, Any] = field(default_factory=dict)
    footnotes: dict[str, Node] = field(default_factory=dict)
    cited: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    features: set[str] = field(default_factory=set)
    used_ids: set[str] = field(default_factory=set)
    line: int | None = None
    may_raise: bool = False
    _serial: int = 0

    def render(self, node: Node) -> str:
        """HTML of one node; an unknown type prints its children and warns."""
        if start := node.get("position", {}).get("start", {}).get("line"):
            self.line = start
        handler = HANDLERS.get(node["type"])
        if handler is None:
            self.warn(f"the theme cannot print a node of type {node['type']!r}; its content is printed plainly")
            return self.children(node) or str(escape(node.get("value", "")))
        return handler(self, node)

    def children(self, node: Node) -> str:
        """HTML of a node's children, in order."""
        return "".join(self.render(child) for child in hold(node.get("children", [])))

    def anchor(self, node: Node) -> str | None:
        """The node's `id`, once per page: an embedded copy must not repeat it."""
        name = node.get("html_id") or node.get("identifier")
        if not name or name in self.used_ids:
            return None
        self.used_ids.add(name)
        return name

    def fresh_id(self, stem: str) -> str:
        """A new `id` for controls that the theme itself makes."""
        self._serial += 1
        return f"{stem}-{self._serial}"

    def warn(self, message: str) -> None:
        """Note a defect of this page with file and, where MyST still knows it, line."""
        place = self.location.lstrip("/") + (f":{self.line}" if self.line else "")
        self.warnings.append(f"{place} {message}")

    def find_line(self, code: str) -> None:
        """Set the line from the page's source: MyST forgets where code cells stand."""
        at = self.source.find(code) if code else -1
        if at >= 0:
            self.line = self.source.count("\n", 0, at) + 1

    def take(self, node: Node, *types: str) -> tuple[Node | None, Node]:
        """Split off the first child of one of these types: (child or None, node without it)."""
        children = node.get("children", [])
        found = next((child for child in children if child["type"] in types), None)
        return found, {**node, "children": [child for child in children if child is not found]}


def tag(name: str, body: str, **values: Any) -> str:
    """One element with attributes around ready HTML."""
    return f"<{name}{attributes(**values)}>{body}</{name}>"


def void(name: str, **values: Any) -> str:
    """One element that has no content."""
    return f"<{name}{attributes(**values)}>"
