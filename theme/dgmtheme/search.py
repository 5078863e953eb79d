"""The search index: MyST's records, without what a reader does not search for, one entry per section."""

from typing import Any

from .links import Links
from .words import readable


def compact(index: dict[str, Any], links: Links) -> list[list[str]]:
    """MyST's records -> `[address, page title, section title, text]` per section, in reading order."""
    sections: dict[str, list[str]] = {}
    for record in index.get("records", []):
        levels = [readable(record["hierarchy"][key]) for key in sorted(record["hierarchy"])]
        url = record["url"]
        if url not in sections:
            sections[url] = [links.page(url), levels[0], " › ".join(levels[1:]), ""]
        words = readable(record.get("content") or "")
        sections[url][3] = f"{sections[url][3]} {words}".strip()
    return list(sections.values())
