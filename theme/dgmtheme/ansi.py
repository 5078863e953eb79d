"""Terminal colours (ANSI escape sequences) to HTML classes that follow the page's colour mode."""

import re

from markupsafe import escape

_SEQUENCE = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])|\x1b\][^\x07]*(?:\x07|\x1b\\)")
_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_MARKS = {1: "bold", 2: "dim", 3: "italic", 4: "underline"}
_ENDS = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 39: ("fg",), 49: ("bg",)}


def to_html(text: str) -> str:
    """Escaped text in which every coloured run is a `span` with classes such as `ansi-red ansi-bold`."""
    parts, state, position = [], {}, 0
    for match in _SEQUENCE.finditer(text):
        parts.append(_run(text[position : match.start()], state))
        position = match.end()
        if match[2] == "m":
            state = _next(state, [int(code or 0) for code in match[1].split(";")])
    parts.append(_run(text[position:], state))
    return "".join(parts)


def _run(text: str, state: dict[str, str]) -> str:
    if not text:
        return ""
    if not state:
        return str(escape(text))
    return f'<span class="{" ".join(state.values())}">{escape(text)}</span>'


def _next(state: dict[str, str], codes: list[int]) -> dict[str, str]:
    """The state after one `ESC[…m` sequence."""
    state, codes = dict(state), list(codes)
    while codes:
        code = codes.pop(0)
        if code == 0:
            state = {}
        elif code in _MARKS:
            state[_MARKS[code]] = f"ansi-{_MARKS[code]}"
        elif code in _ENDS:
            for name in _ENDS[code]:
                state.pop(name, None)
        elif code in (38, 48):
            name = _extended(codes)
            key = "fg" if code == 38 else "bg"
            if name:
                state[key] = f"ansi-{name}" if key == "fg" else f"ansi-bg-{name}"
        elif 30 <= code <= 37 or 90 <= code <= 97:
            state["fg"] = f"ansi-{_NAMES[code % 10]}"
        elif 40 <= code <= 47 or 100 <= code <= 107:
            state["bg"] = f"ansi-bg-{_NAMES[code % 10]}"
    return state


def _extended(codes: list[int]) -> str | None:
    """The nearest of the eight colours to `5;n` or `2;r;g;b`; consumes its codes."""
    if not codes:
        return None
    kind = codes.pop(0)
    if kind == 5 and codes:
        return _nearest(_palette(codes.pop(0)))
    if kind == 2 and len(codes) >= 3:
        return _nearest((codes.pop(0), codes.pop(0), codes.pop(0)))
    return None


def _palette(index: int) -> tuple[int, int, int]:
    """RGB of entry 0…255 of the terminal palette."""
    if index < 16:
        level = 255 if index > 7 else 170
        return (level * (index & 1), level * (index >> 1 & 1), level * (index >> 2 & 1))
    if index > 231:
        grey = 8 + 10 * (index - 232)
        return (grey, grey, grey)
    index -= 16
    steps = (0, 95, 135, 175, 215, 255)
    return (steps[index // 36], steps[index // 6 % 6], steps[index % 6])


def _nearest(rgb: tuple[int, int, int]) -> str:
    """Name of the primary whose pattern of strong channels fits best."""
    top = max(rgb)
    if top < 64:
        return "black"
    bits = [channel > 0.55 * top for channel in rgb]
    return _NAMES[bits[0] + 2 * bits[1] + 4 * bits[2]]
