"""What a Bayesian network refuses: unknown parents, cycles, impossible cardinalities, samples outside their range."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

import numpy as np

Node = Hashable


def check_parents(parents: Mapping[Node, Sequence[Node]]) -> dict[Node, tuple[Node, ...]]:
    """The parents of each node as tuples; raises unless they are known, distinct and free of cycles."""
    if not isinstance(parents, Mapping) or not parents:
        raise ValueError(f"parents: got {parents!r}, expected a mapping from at least one node to its parents.")
    result = {}
    for node, of_node in parents.items():
        if isinstance(of_node, str):
            raise ValueError(f"parents of {node!r}: got the string {of_node!r}, expected a sequence, ({of_node!r},).")
        result[node] = tuple(of_node)
        if unknown := [p for p in result[node] if p not in parents]:
            raise ValueError(
                f"parents of {node!r}: got unknown {unknown}, expected nodes of the network; "
                f"list a node without parents as {unknown[0]!r}: ()."
            )
        if len(set(result[node])) < len(result[node]):
            raise ValueError(f"parents of {node!r}: got {result[node]}, expected each parent once.")
    try:
        TopologicalSorter(result).prepare()
    except CycleError as error:
        cycle = " → ".join(map(str, error.args[1]))
        raise ValueError(f"parents: got the cycle {cycle}, expected none; drop or turn one of its edges.") from None
    return result


def check_cardinalities(cardinalities: int | Mapping[Node, int], nodes: Sequence[Node]) -> dict[Node, int]:
    """Cardinality of each node; raises unless all are given, for these nodes only, and at least 2."""
    if not isinstance(cardinalities, Mapping):
        cardinalities = dict.fromkeys(nodes, cardinalities)
    if set(cardinalities) != set(nodes):
        wrong = sorted(map(str, set(cardinalities) ^ set(nodes)))
        raise ValueError(f"cardinalities: got a missing or unknown node {wrong}, expected one number for every node.")
    for node, k in cardinalities.items():
        if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 2:
            raise ValueError(f"cardinality of {node!r}: got {k!r}, expected an integer ≥ 2.")
    return {node: int(cardinalities[node]) for node in nodes}


def check_samples(samples: np.ndarray, nodes: Sequence[Node], cardinalities: Mapping[Node, int]) -> np.ndarray:
    """Integer rows (batch, n); raises unless every value of node i is 0 … kᵢ−1."""
    x = np.asarray(samples)
    if x.ndim != 2 or x.shape[1] != len(nodes):
        raise ValueError(f"samples: got shape {x.shape}, expected (batch, {len(nodes)}), a column for each node.")
    if x.dtype.kind not in "iub":
        raise ValueError(f"samples: got dtype {x.dtype}, expected integers 0 … k−1; encode categories first.")
    x = x.astype(np.int64, copy=False)
    for column, node in zip(x.T, nodes, strict=True):
        if len(column) and not (0 <= column.min() and column.max() < cardinalities[node]):
            raise ValueError(
                f"samples: got values {column.min()} … {column.max()} for {node!r}, "
                f"expected 0 … {cardinalities[node] - 1}."
            )
    return x
