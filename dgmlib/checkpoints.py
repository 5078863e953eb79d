"""Nested states in one ``.safetensors`` file: tensors as tensors, everything else as JSON in the header. No pickle.

A run killed at any moment leaves the old state or the new one, nothing in between.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor

from dgmlib.files import write

_KEY = "state"
_MARK = "tensor:"  # a string in the JSON that begins so names a tensor
_MISSING = "not recorded"  # in place of a setting that an older file does not tell


def save(path: Path, state: dict[str, Any]) -> None:
    """Write nested dicts and lists of tensors, numbers, strings, None. Keys become strings, tuples become lists."""
    tensors: dict[str, Tensor] = {}
    header = json.dumps(_outline(state, "", tensors))
    write(Path(path), to_bytes(tensors, {_KEY: header}))


def load(path: Path) -> dict[str, Any]:
    """Read what ``save`` wrote; tensors come back on the CPU."""
    try:
        with safe_open(path, framework="pt") as file:
            header = (file.metadata() or {}).get(_KEY)
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except SafetensorError as error:
        raise ValueError(f"{path}: got {error}, expected a .safetensors file; delete it to start again.") from error
    if header is None:
        raise ValueError(f"{path}: got tensors without a state, expected a checkpoint; choose another file name.")
    return _filled(json.loads(header), tensors)


def check_settings(path: Path, state: dict[str, Any], expected: dict[str, Any]) -> None:
    """Raise unless the ``settings`` of a state loaded from ``path`` are the ``expected`` ones, and say which differ."""
    found = state.get("settings", {})
    differ = [name for name in expected | found if found.get(name, _MISSING) != expected.get(name, _MISSING)]
    if differ:
        made, wanted = ({name: settings.get(name, _MISSING) for name in differ} for settings in (found, expected))
        raise ValueError(
            f"checkpoint: {path} was made with {made}, expected {wanted}; go on with what it was made with, or delete "
            f"the file to start again."
        )


def _outline(value: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    """``value`` with every tensor moved into ``tensors`` and its name left in place."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Tensor):
        name = f"{len(tensors)}{name}"  # numbered, for keys may hold a "/" as well
        # A copy, because safetensors refuses tensors that share memory, such as a buffer used in two layers.
        tensors[name] = value.detach().cpu().contiguous().clone()
        return _MARK + name
    if isinstance(value, dict):
        if len(set(map(str, value))) < len(value):
            raise ValueError(f"{name or 'state'}: got keys {list(value)}, expected keys that differ as strings too.")
        return {str(key): _outline(item, f"{name}/{key}", tensors) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_outline(item, f"{name}/{i}", tensors) for i, item in enumerate(value)]
    if isinstance(value, str) and value.startswith(_MARK):
        raise ValueError(f"{name}: got {value!r}, expected a string that does not begin with {_MARK!r}; rename it.")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ValueError(f"{name}: got {type(value).__name__}, expected tensors, numbers, strings, None, dicts and lists.")


def _filled(value: Any, tensors: dict[str, Tensor]) -> Any:
    """The reverse of ``_outline``."""
    if isinstance(value, str) and value.startswith(_MARK):
        return tensors[value.removeprefix(_MARK)]
    if isinstance(value, dict):
        return {key: _filled(item, tensors) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, tensors) for item in value]
    return value
