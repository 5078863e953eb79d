"""A factorisation as a formula."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence


def product_of_conditionals(parents: Mapping[Hashable, Sequence[Hashable]]) -> str:
    r"""LaTeX of p(all) = ∏ p(node | parents), e.g. ``p(x_{1}, x_{2}) = p(x_{1})\, p(x_{2} \mid x_{1})``."""
    factors = []
    for node, of_node in parents.items():
        condition = rf" \mid {_list(of_node)}" if of_node else ""
        factors.append(f"p({symbol(node)}{condition})")
    return f"p({_list(parents)}) = " + r"\, ".join(factors)


def symbol(node: Hashable) -> str:
    r"""A node's name in LaTeX: ``x12`` → ``x_{12}``, ``y`` → ``y``, ``wet`` → ``\mathrm{wet}``."""
    name = str(node)
    if match := re.fullmatch(r"([A-Za-z])_?(\d+)", name):
        return f"{match[1]}_{{{match[2]}}}"
    if re.fullmatch(r"[A-Za-z]|\d+", name):
        return name
    escaped = re.sub(r"[\\{}$&#_%^~]", _escape, name)
    return rf"\mathrm{{{escaped}}}"


def _escape(match: re.Match[str]) -> str:
    special = {"\\": r"\backslash ", "^": r"\hat{}", "~": r"\sim "}
    return special.get(match[0], "\\" + match[0])


def _list(nodes: Sequence[Hashable]) -> str:
    return ", ".join(map(symbol, nodes))
