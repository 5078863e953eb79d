"""What an explorable is defined by, checked at once: later a fault could not name the argument it came from."""

import dataclasses
import keyword
import re
import reprlib
import unicodedata
from collections.abc import Callable, Collection, Mapping
from typing import Any

import altair

from dgmlib.explorable.controls import Control

_PARTS: dict[str, tuple[Any, str]] = {
    "title": (str, "text"),
    "controls": (Mapping, "a mapping from names to controls, such as {'mu': slider(-3, 3, stops=41)}"),
    "tables": (Callable, "a function from the values of the controls to {table: {column: values}}"),
    "view": (altair.TopLevelMixin, "one Altair chart"),
    "caption": (Callable, "a function from the values of the controls, and t=tables, to a sentence"),
}


def check_parts(**parts: Any) -> None:
    """Raise ValueError for the first of the named arguments that is of the wrong kind."""
    for name, part in parts.items():
        kind, expected = _PARTS[name]
        if not isinstance(part, kind):
            raise ValueError(f"{name} is {reprlib.repr(part)}; expected {expected}")


def labelled(controls: Mapping[str, Control]) -> dict[str, Control]:
    """The controls, each with a label for a screen reader to say: its name, where it has none."""
    for name, control in controls.items():
        if not isinstance(control, Control):
            raise ValueError(
                f"control {name!r} is {control!r}; expected slider(…), choice(…), toggle(…), reseed(…) or pad(…)"
            )
    return {name: c if c.label else dataclasses.replace(c, label=str(name)) for name, c in controls.items()}


def check_names(controls: Mapping[str, Control], taken: Collection[str]) -> None:
    """Raise ValueError unless every control can be an argument of `tables` and an attribute of the figure."""
    for name in controls:
        usable = isinstance(name, str) and name.isidentifier() and not name.startswith("_")
        if not usable or keyword.iskeyword(name) or name in taken or name == "t":
            raise ValueError(
                f"{name!r} cannot name a control: it is taken by the widget itself, or by Python; choose another name"
            )


def identity(id: str | None, title: str) -> str:
    """The name of a figure on the page, in links and files: `id`, or else made from the title."""
    name = _slug(title) if id is None else id
    if not name and id is None:
        raise ValueError(f"title {title!r} has no Latin letter or digit to make an id of; give one, such as id='bell'")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise ValueError(f"id is {name!r}; expected small Latin letters, digits and hyphens, such as 'two-bells'")
    return name


def _slug(title: str) -> str:
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_title.lower()).strip("-")
