"""The book's colours by meaning, read from `palette.css`, the one place where they are set.

A chart names a colour as `colour.DATA`, the string `var(--dgm-data)`. Where CSS is at hand (a page, JupyterLab) the
browser resolves it and follows light and dark mode; elsewhere (PNG, other viewers) `resolve` puts in the hex value.
"""

import re
from importlib.resources import files
from typing import Any, Literal

_RULE = re.compile(r"--dgm-([a-z-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
_VARIABLE = re.compile(r"var\(--dgm-([a-z-]+)\)")

LIGHT: dict[str, str] = {}
DARK: dict[str, str] = {}
for _name, LIGHT[_name], DARK[_name] in _RULE.findall(files(__package__).joinpath("palette.css").read_text("utf-8")):
    pass

ROLES = ("data", "model", "latent", "gap", "noise")
"""The meanings a control or a span of a caption can carry."""

DATA = "var(--dgm-data)"
"""The data and p_data: blue."""
MODEL = "var(--dgm-model)"
"""The model p_θ: orange."""
LATENT = "var(--dgm-latent)"
"""Latent variables z and the approximate posterior q: green."""
GAP = "var(--dgm-gap)"
"""A gap or an error: purple."""
NOISE = "var(--dgm-noise)"
"""Noise: grey."""
DATA_SOFT = "var(--dgm-data-soft)"
MODEL_SOFT = "var(--dgm-model-soft)"
LATENT_SOFT = "var(--dgm-latent-soft)"
GAP_SOFT = "var(--dgm-gap-soft)"
NOISE_SOFT = "var(--dgm-noise-soft)"
INK = "var(--dgm-ink)"
MUTED = "var(--dgm-muted)"
GRID = "var(--dgm-grid)"
PAPER = "var(--dgm-paper)"


def resolve(text: str, mode: Literal["light", "dark"] = "light") -> str:
    """Replace every `var(--dgm-NAME)` in `text` by its hex value.

    Raises ValueError for a name that `palette.css` does not define.
    """
    values = LIGHT if mode == "light" else DARK

    def hexadecimal(match: re.Match[str]) -> str:
        try:
            return values[match[1]]
        except KeyError:
            raise ValueError(f"unknown colour {match[0]}; palette.css defines {', '.join(values)}") from None

    return _VARIABLE.sub(hexadecimal, text)


def resolve_ranges(spec: Any) -> Any:
    """Resolve the colours of scale ranges only: an interpolating scale needs numbers, all else can stay symbolic."""
    if isinstance(spec, list):
        return [resolve_ranges(item) for item in spec]
    if not isinstance(spec, dict):
        return spec
    return {key: _resolved(value) if key == "range" else resolve_ranges(value) for key, value in spec.items()}


def _resolved(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _resolved(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item) for item in value]
    return resolve(value) if isinstance(value, str) else value
