"""The markup of captions: `[text]{.role}` is a span in the colour of its meaning."""

import re

from dgmlib.explorable.colour import ROLES

_SPAN = re.compile(r"\[([^\]]*)\]\{\.([^}]*)\}")


def check_roles(text: str, where: str) -> None:
    """Raise ValueError for a span whose role is none: the page would show it without a colour, or with its marks."""
    for span in _SPAN.finditer(text):
        if span[2] not in ROLES:
            raise ValueError(f"{where} has {span[0]!r}; expected one of {', '.join(f'{{.{role}}}' for role in ROLES)}")


def unmarked(text: str) -> str:
    """The caption as plain text."""
    return _SPAN.sub(r"\1", text)
