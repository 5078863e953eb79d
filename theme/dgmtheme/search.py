"""The search index: MyST's records, without what a reader does not search for, one entry per section."""

import re
from typing import Any

from .links import Links


def compact(index: dict[str, Any], links: Links) -> list[list[str]]:
    """MyST's records -> `[address, page title, section title, text]` per section, in reading order."""
    sections: dict[str, list[str]] = {}
    for record in index.get("records", []):
        levels = [record["hierarchy"][key] for key in sorted(record["hierarchy"])]
        url = record["url"]
        if url not in sections:
            sections[url] = [links.page(url), levels[0], " › ".join(levels[1:]), ""]
        words = readable(record.get("content") or "")
        sections[url][3] = f"{sections[url][3]} {words}".strip()
    return list(sections.values())


def readable(text: str) -> str:
    """Text with LaTeX commands reduced to their names: `\\log p_{\\theta}` reads “log p_theta”."""
    text = re.sub(r"\\([a-zA-Z]+)\*?", r"\1", text)
    text = re.sub(r"\\[^a-zA-Z\s]?", " ", text)
    text = re.sub(r"([_^])\{([^{}]*)\}", r"\1\2", text)
    return re.sub(r"\s+", " ", text).strip()
