"""Room for what the player will add: unseen buttons and controls as large as its own, so that the text below a
figure does not jump when the figure comes alive. Without JavaScript and on paper they take no room."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from .context import tag, void

Control = Mapping[str, Any]


def head(title: str) -> str:
    """The title, and room for "Reset" and "Copy link" beside it."""
    buttons = tag("button", "Reset", type="button") + tag("button", "Copy link", type="button")
    tools = tag("div", buttons, class_="explorable-tools explorable-room", inert=True, aria_hidden="true")
    return tag("div", tag("p", escape(title), class_="explorable-title") + tools, class_="explorable-head")


def stage(drawing: str, title: str, height: Mapping[str, int] | None) -> str:
    """The frozen chart, in as much room as the live one takes on wide screens (`row`) and on phones (`column`)."""
    style = "; ".join(f"--{layout}: {height[layout]:d}px" for layout in ("row", "column")) if height else None
    return tag("div", drawing, class_="explorable-frozen", role="img", aria_label=title, style=style)


def controls(described: Sequence[Control]) -> str:
    """Room for the row of controls, as the player will lay it out."""
    if not described:
        return ""
    parts = "".join(_KINDS[control["kind"]](control) for control in described)
    return tag("div", parts, class_="explorable-controls explorable-room", inert=True, aria_hidden="true")


def _track(label: str, value: str, extra: str = "") -> str:
    """A slider: what it is called and shows, its track, marks or a play button."""
    words = tag("span", escape(label)) + tag("output", escape(value))
    inner = tag("div", words, class_="explorable-label") + void("input", type="range") + extra
    return tag("div", inner, class_="explorable-slider")


def _slider(control: Control) -> str:
    play = tag("button", "Play", type="button", class_="explorable-play") if control.get("play") else ""
    marks = tag("div", "", class_="explorable-marks") if control.get("marks") else ""
    return _track(control["label"], control["labels"][control["start"]], marks + play)


def _choice(control: Control) -> str:
    label, names = escape(control["label"]), [escape(name) for name in control["labels"]]
    if len(names) > 4:
        menu = tag("select", "".join(tag("option", name) for name in names))
        return tag("label", tag("span", label, class_="explorable-label") + menu, class_="explorable-choice")
    options = "".join(tag("label", tag("span", name)) for name in names)
    return tag(
        "fieldset",
        tag("legend", label, class_="explorable-label") + tag("div", options, class_="explorable-options"),
        class_="explorable-choice",
    )


def _toggle(control: Control) -> str:
    words = tag("span", escape(control["label"]))
    return tag("label", void("input", type="checkbox") + words, class_="explorable-toggle")


def _reseed(control: Control) -> str:
    button = tag("button", escape(control["label"]), type="button")
    return tag("div", button + tag("output", f"no. {control['start'] + 1}"), class_="explorable-reseed")


def _pad(control: Control) -> str:
    label = tag("div", tag("span", escape(control["label"])), class_="explorable-label")
    area = tag("div", "", class_="explorable-pad-area")
    return tag("div", label + area + "".join(_track(axis, "0") for axis in control["axes"]), class_="explorable-pad")


_KINDS = {"slider": _slider, "choice": _choice, "toggle": _toggle, "reseed": _reseed, "pad": _pad}
