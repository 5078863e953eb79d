"""The tables of an explorable: plain columns of finite numbers or text, and the names a chart reads from them."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

Column = list[Any]
Tables = dict[str, dict[str, Column]]


def normalise(tables: Any, at: str) -> Tables:
    """Turn what a `tables` function returned into `{table: {column: list}}`.

    `at` says for which control values, for the error messages. Raises ValueError for anything but a mapping of mappings
    of equally long one-dimensional columns, for NaN and for infinity.
    """
    if not isinstance(tables, Mapping):
        raise ValueError(f"tables at {at} returned {type(tables).__name__}; expected {{table: {{column: values}}}}")
    return {str(name): _table(str(name), columns, at) for name, columns in tables.items()}


def _table(name: str, columns: Any, at: str) -> dict[str, Column]:
    if not isinstance(columns, Mapping):
        raise ValueError(f"table {name!r} at {at} is {type(columns).__name__}; expected {{column: values}}")
    table = {str(column): _column(values, f"column {name}.{column} at {at}") for column, values in columns.items()}
    lengths = {column: len(values) for column, values in table.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"table {name!r} at {at} is ragged: {lengths}; every column needs the same length")
    return table


def _column(values: Any, where: str) -> Column:
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise ValueError(f"{where} is {values!r}; expected a sequence of values (wrap a single one in a list)")
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    array = np.asarray(values if isinstance(values, np.ndarray) else list(values))
    if array.ndim != 1:
        raise ValueError(f"{where} has shape {array.shape}; expected one dimension")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        index = int(np.flatnonzero(~np.isfinite(array))[0])
        raise ValueError(f"{where} is {array[index]} in row {index}; expected finite numbers (leave such rows out)")
    if array.dtype.kind not in "fiubU":
        raise ValueError(f"{where} holds {array.dtype}; expected numbers, booleans or text")
    return array.tolist()


_EXPRESSIONS = ("test", "filter", "calculate", "expr", "and", "or", "not")
_LABELS = ("axis", "legend", "header")  # there `datum` is a label, not a row
_DATUM = re.compile(r"""(?<![\w.$])datum\s*(?:\.\s*([^\W\d][\w$]*)|\[\s*(["'])(.+?)\2\s*\])""")
# By which keys of its own a transform names columns to read.
_NAMING = ("groupby", "fold", "flatten", "stack", "density", "quantile", "regression", "loess", "on", "impute", "key")
_NAMING += ("pivot", "extent", "lookup")
# The columns that a transform makes when `as` does not name them.
_UNNAMED = {"fold": ["key", "value"], "density": ["value", "density"], "quantile": ["prob", "value"]}


def names_read(spec: Mapping[str, Any]) -> dict[str, set[str]]:
    """The tables a Vega-Lite specification reads by name, and for each the columns, `{table: {column}}`.

    Columns are read by name (`field`, `groupby`, …), in expressions (`datum.x`) and by a lookup in another table. A
    column that a transform of the chart itself makes (`as`) is not read from the table.
    """
    reads: dict[str, set[str]] = {}
    _collect(spec, None, frozenset(), reads)
    return reads


def _collect(node: Any, table: str | None, made: frozenset[str], reads: dict[str, set[str]]) -> None:
    """Walk a view and its layers or panels; each inherits the table and the made columns of its parent."""

    def read(table: str | None, columns: Iterable[str]) -> None:
        if table is not None:
            reads.setdefault(table, set()).update(columns)

    data = node.get("data")
    if isinstance(data, Mapping):
        table, made = data.get("name"), frozenset()
        read(table, ())
    for transform in node.get("transform", []):
        read(table, set(_inputs(transform)) - made)
        read(*_looked_up(transform))
        made |= set(_outputs(transform))
        if "pivot" in transform:
            table = None  # the values of a column have become columns: which there are now nobody can say
    read(table, set(_fields([node.get(part, {}) for part in ("encoding", "facet", "mark")])) - made)
    for key in ("layer", "hconcat", "vconcat", "concat"):
        for child in node.get(key, []):
            _collect(child, table, made, reads)
    if isinstance(node.get("spec"), Mapping):
        _collect(node["spec"], table, made, reads)


def _inputs(transform: Mapping[str, Any]) -> Iterable[str]:
    """The columns that a transform reads from the table of its chart."""
    for key in (*_NAMING, "value") if "pivot" in transform else _NAMING:  # elsewhere `value` is a constant
        yield from _listed(transform.get(key, []))
    yield from _fields({key: item for key, item in transform.items() if key != "from"})


def _looked_up(transform: Mapping[str, Any]) -> tuple[str | None, list[str]]:
    """The table in which a lookup looks, and the columns that it reads there."""
    source = transform.get("from", {})
    return source.get("data", {}).get("name"), [*_listed(source.get("key", [])), *source.get("fields", [])]


def _outputs(transform: Mapping[str, Any]) -> Iterable[str]:
    """The columns that a transform makes."""
    unnamed = next((names for key, names in _UNNAMED.items() if key in transform), [])
    yield from _listed(transform.get("as", transform.get("from", {}).get("fields", unnamed)))
    for key in ("aggregate", "joinaggregate", "window"):
        yield from (part["as"] for part in transform.get(key, []))


def _listed(names: Any) -> list[str]:
    """One name or several, as a list; constants in their place are no names."""
    return [name for name in (names if isinstance(names, list) else [names]) if isinstance(name, str)]


def _fields(node: Any, key: str = "") -> Iterable[str]:
    """Every plain column name under a `field`, and every column that an expression reads from its row."""
    if isinstance(node, Mapping):
        for name, item in node.items():
            yield from _fields(item, name) if name not in _LABELS else ()
    elif isinstance(node, list):
        for item in node:
            yield from _fields(item, key)
    elif key == "field" and isinstance(node, str) and node:  # Altair gives a `rank()` the field ""
        yield node
    elif isinstance(node, str) and key in _EXPRESSIONS:
        yield from (dotted or quoted for dotted, _, quoted in _DATUM.findall(node))


def check_view(reads: Mapping[str, set[str]], tables: Tables, at: str) -> None:
    """Raise ValueError unless `tables` holds every table and column that the view reads."""
    for table, columns in reads.items():
        if table not in tables:
            raise ValueError(f"the view reads table {table!r}, but tables at {at} returned {sorted(tables)}")
        missing = sorted(columns - set(tables[table]))
        if missing:
            raise ValueError(
                f"the view reads {', '.join(f'{table}.{name}' for name in missing)}, "
                f"but tables at {at} returned the columns {sorted(tables[table])}"
            )
