"""Where a line must not break: between a formula and the comma behind it, between a number and its per cent sign."""

import re
from typing import Any

_MARK = re.compile(r"[.,;:!?)\]’”]+")
_PER_CENT = re.compile(r"(?<=\d) (?=%)")
_SHORT = 24  # characters of TeX; a longer formula may have to break itself on a phone


def hold(children: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same nodes, with every short formula and the punctuation right behind it in a node that does not break."""
    held: list[dict[str, Any]] = []
    for child in children:
        before = held[-1] if held else {}
        short = before.get("type") == "inlineMath" and len(before.get("value", "")) <= _SHORT
        if short and child["type"] == "text" and (mark := _MARK.match(child["value"])):
            held[-1] = {"type": "unbroken", "children": [before, {**child, "value": mark[0]}]}
            child = {**child, "value": child["value"][mark.end() :]}
        held.append(child)
    return held


def keep_per_cent(text: str) -> str:
    """The same text, with a space that does not break in `80 %`."""
    return _PER_CENT.sub("\u00a0", text)
