"""The tables of an explorable: plain columns of finite numbers or text, and the names a chart reads from them."""

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


def names_read(spec: Mapping[str, Any]) -> dict[str, set[str]]:
    """The tables a Vega-Lite specification reads by name, and for each the columns, `{table: {column}}`.

    A column that a transform of the chart itself makes (`as`) is not read from the table.
    """
    reads: dict[str, set[str]] = {}
    _collect(spec, None, frozenset(), reads)
    return reads


def _collect(node: Any, table: str | None, made: frozenset[str], reads: dict[str, set[str]]) -> None:
    """Walk a view and its layers or panels; each inherits the table and the made columns of its parent."""
    data = node.get("data")
    if isinstance(data, Mapping):
        table = data.get("name")
        made = frozenset()
        if table is not None:
            reads.setdefault(table, set())
    made |= set(_outputs(node.get("transform", [])))
    if table is not None:
        fields = _fields([node.get("encoding", {}), node.get("transform", [])])
        reads[table] |= {field for field in fields if field not in made}
    for key in ("layer", "hconcat", "vconcat", "concat"):
        for child in node.get(key, []):
            _collect(child, table, made, reads)
    if isinstance(node.get("spec"), Mapping):
        _collect(node["spec"], table, made, reads)


def _outputs(transforms: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for transform in transforms:
        for made in (transform, *transform.get("aggregate", []), *transform.get("joinaggregate", [])):
            names = made.get("as", []) if isinstance(made, Mapping) else []
            yield from [names] if isinstance(names, str) else names
        yield from transform.get("fold", []) and transform.get("as", ["key", "value"])


def _fields(node: Any) -> Iterable[str]:
    """Every plain column name under a `field`, `groupby` or `fold` key."""
    if isinstance(node, list):
        for item in node:
            yield from _fields(item)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            if key == "field" and isinstance(value, str):
                yield value
            elif key in ("groupby", "fold") and isinstance(value, list):
                yield from (item for item in value if isinstance(item, str))
            else:
                yield from _fields(value)


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
