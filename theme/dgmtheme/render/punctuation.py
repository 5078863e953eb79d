"""Punctuation after a formula: browsers may break the line between the two, and none should begin with a comma."""

import re
from typing import Any

_MARK = re.compile(r"[.,;:!?)\]’”]+")
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
