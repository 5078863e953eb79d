"""A Bayesian network: a graph, one conditional probability table a node, and what follows from them.

p(x) = ∏ᵢ p(xᵢ | x_pa(i)),      number of parameters = Σᵢ (kᵢ − 1) ∏_{j ∈ pa(i)} kⱼ
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

import networkx as nx
import numpy as np

from dgmlib._arrays import check_counts, check_probabilities
from dgmlib.bayes_nets.checks import check_cardinalities, check_parents, check_samples
from dgmlib.bayes_nets.notation import product_of_conditionals
from dgmlib.bayes_nets.separation import active_trail

if TYPE_CHECKING:
    import altair

Node = Hashable
MAX_ENTRIES = 2**24  # 128 MiB of float64: beyond this a table is a mistake, and what the lecture warns of


class BayesNet:
    """Categorical variables on a directed acyclic graph.

    Args:
        parents: for each node its parents, e.g. ``{"rain": (), "wet": ("rain",)}``. The order of the mapping is the
            order of the columns of samples and of the axes of ``joint()``; the graph may point either way along it.
        cardinalities: number of values of each node, one integer ≥ 2 for all or a mapping; values are 0 … k−1.

    A new network has no tables: it can be counted and asked about independence at once, while ``log_prob``, ``sample``
    and ``joint`` need ``fit``, ``randomize`` or ``set_tables`` first. Source: Koller & Friedman (2009), chapter 3.
    """

    def __init__(self, parents: Mapping[Node, Sequence[Node]], cardinalities: int | Mapping[Node, int] = 2):
        self.parents = check_parents(parents)
        self.nodes = tuple(self.parents)
        self.cardinalities = check_cardinalities(cardinalities, self.nodes)
        self._column = {node: i for i, node in enumerate(self.nodes)}
        self._tables: dict[Node, np.ndarray] | None = None

    @cached_property
    def graph(self) -> nx.DiGraph:
        """The graph, an edge from every parent to its child."""
        graph = nx.DiGraph()
        graph.add_nodes_from(self.nodes)
        graph.add_edges_from((parent, node) for node in self.nodes for parent in self.parents[node])
        return graph

    @property
    def num_parameters(self) -> int:
        """Free parameters Σᵢ (kᵢ − 1) ∏_{j ∈ pa(i)} kⱼ, an exact integer of any size."""
        return sum(self.parameter_counts().values())

    def parameter_counts(self) -> dict[Node, int]:
        """Free parameters of each node's table: (kᵢ − 1) for every combination of its parents' values."""
        k = self.cardinalities
        return {node: (k[node] - 1) * math.prod(k[p] for p in self.parents[node]) for node in self.nodes}

    def is_independent(self, a: Node, b: Node, given: Sequence[Node] = ()) -> bool:
        """Whether the graph alone (d-separation) guarantees a ⟂ b | given, whatever the tables."""
        return active_trail(self, a, b, given) is None

    def factorization(self) -> str:
        """The joint as a product of conditionals, in LaTeX; a node ``x12`` is set as x₁₂, a word upright."""
        return product_of_conditionals(self.parents)

    @property
    def tables(self) -> Mapping[Node, np.ndarray]:
        """Each node's p(xᵢ | parents), axes: parents in their given order, then the node itself; read-only."""
        if self._tables is None:
            raise ValueError("tables: got none yet; call fit(samples), randomize(rng=…) or set_tables(…) first.")
        return MappingProxyType(self._tables)

    def table_shape(self, node: Node) -> tuple[int, ...]:
        """Shape of a node's table; raises ``ValueError`` where it would not fit in memory."""
        shape = tuple(self.cardinalities[n] for n in (*self.parents[node], node))
        if math.prod(shape) > MAX_ENTRIES:
            raise ValueError(
                f"{node!r}: got a table of {_about(math.prod(shape))} entries, expected at most {MAX_ENTRIES:,}; "
                f"give it fewer than {len(shape) - 1} parents. Counting works at any size."
            )
        return shape

    def set_tables(self, tables: Mapping[Node, np.ndarray]) -> Self:
        """Take over p(xᵢ | parents) of every node: shape ``table_shape(node)``, last axis sums to one, -> self."""
        if set(tables) != set(self.nodes):
            raise ValueError(f"tables: got nodes {sorted(map(str, tables))}, expected {sorted(map(str, self.nodes))}.")
        arrays = {node: np.array(tables[node], dtype=np.float64) for node in self.nodes}
        for node, array in arrays.items():
            if array.shape != self.table_shape(node):
                raise ValueError(
                    f"table of {node!r}: got shape {array.shape}, expected {self.table_shape(node)}: "
                    f"the cardinalities of its parents {self.parents[node]}, then its own."
                )
            check_probabilities(array, f"table of {node!r}")
            array.setflags(write=False)  # `tables` hands them out
        self._tables = arrays
        return self

    def randomize(self, *, rng: np.random.Generator) -> Self:
        """Generic tables, every row drawn uniformly from the simplex: dependent wherever the graph allows it."""
        shapes = {node: self.table_shape(node) for node in self.nodes}
        return self.set_tables({node: rng.dirichlet(np.ones(s[-1]), size=s[:-1]) for node, s in shapes.items()})

    def fit(self, samples: np.ndarray, pseudocount: float = 0) -> Self:
        """Maximum likelihood from integer rows (batch, n): p(v | u) = (count(u, v) + c) / (count(u) + c k), -> self.

        ``pseudocount`` c > 0 smooths. A combination u of parent values that never occurs gets the uniform table, the
        limit c → 0 of the formula.
        """
        if not (np.isfinite(pseudocount) and pseudocount >= 0):
            raise ValueError(f"pseudocount: got {pseudocount}, expected a finite number ≥ 0.")
        x = check_samples(samples, self.nodes, self.cardinalities)
        tables = {}
        for node in self.nodes:
            shape = self.table_shape(node)
            cells = np.ravel_multi_index(tuple(x[:, self._columns(node)].T), shape)
            counts = np.bincount(cells, minlength=math.prod(shape)).reshape(shape) + float(pseudocount)
            total = counts.sum(-1, keepdims=True)
            tables[node] = np.divide(counts, total, out=np.full(shape, 1 / shape[-1]), where=total > 0)
        return self.set_tables(tables)

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        """log p(x) in nats, integer rows (batch, n) -> (batch,); −inf where a table says 0."""
        x = check_samples(x, self.nodes, self.cardinalities)
        total = np.zeros(len(x))
        with np.errstate(divide="ignore"):
            for node in self.nodes:
                total += np.log(self.tables[node][tuple(x[:, self._columns(node)].T)])
        return total

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        """Ancestral sampling, parents before children, -> (n, n_nodes) integers."""
        check_counts(n=n, least=0)
        x = np.zeros((n, len(self.nodes)), dtype=np.int64)
        for node in nx.topological_sort(self.graph):
            parents = tuple(x[:, [self._column[p] for p in self.parents[node]]].T)
            table = np.broadcast_to(self.tables[node][parents], (n, self.cardinalities[node]))
            steps = table.cumsum(-1)[:, :-1]  # the last step is one, whatever rounding made of it
            x[:, self._column[node]] = (rng.random((n, 1)) >= steps).sum(-1)
        return x

    def joint(self) -> np.ndarray:
        """p(x) of every x, one axis a node in the order of ``nodes``; at most 2²⁴ entries."""
        shape = tuple(self.cardinalities[node] for node in self.nodes)
        if math.prod(shape) > MAX_ENTRIES:
            raise ValueError(
                f"joint: got {_about(math.prod(shape))} entries, expected at most {MAX_ENTRIES:,}; "
                f"use log_prob and sample, which never build it."
            )
        joint = np.ones(shape)
        for node in self.nodes:
            columns = self._columns(node)
            table = self.tables[node].transpose(np.argsort(columns))
            joint *= table.reshape([shape[i] if i in columns else 1 for i in range(len(shape))])
        return joint

    def draw(self) -> altair.LayerChart:
        """The graph as an Altair chart, ancestors on the left."""
        from dgmlib.bayes_nets.drawing import draw  # Altair takes half a second, which counting need not pay

        return draw(self)

    def _columns(self, node: Node) -> list[int]:
        """Columns of a node's parents, then its own: the axes of its table."""
        return [self._column[n] for n in (*self.parents[node], node)]


def _about(count: int) -> str:
    """A count in words of a length that does not grow with it."""
    return f"{count:,}" if count < 10**9 else f"about 2^{round(math.log2(count))}"
