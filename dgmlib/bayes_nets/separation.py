"""d-separation: which independences hold in every distribution that factorises along a graph.

A trail between a and b is *active* given a set Z when each of its inner nodes lets information through:

    chain  → v →  or  fork  ← v →     open unless v ∈ Z
    collider  → v ←                   open only if v or a descendant of v is in Z

a and b are independent given Z, whatever the tables, exactly if no trail is active. Source: Geiger, Verma & Pearl
(1990); the search is Koller & Friedman (2009), algorithm 3.1. Our own rather than networkx's yes/no, because a lecture
wants to *show* the trail; the tests compare the two.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Iterator
from typing import TYPE_CHECKING

import networkx as nx

if TYPE_CHECKING:
    from dgmlib.bayes_nets.network import BayesNet

Node = Hashable
Step = tuple[Node, bool]  # a node, and whether the trail reaches it from one of its children


def active_trail(net: BayesNet, a: Node, b: Node, given: Collection[Node] = ()) -> list[Node] | None:
    """Nodes of a shortest active trail from a to b given ``given``, or None when d-separation holds."""
    observed = _check_query(net, a, b, given)
    opened = set().union(observed, *(nx.ancestors(net.graph, z) for z in observed))
    start: Step = (a, True)
    came_from: dict[Step, Step | None] = {start: None}
    queue = deque([start])
    while queue:
        step = queue.popleft()
        if step[0] == b:
            return _trace(step, came_from)
        for following in _continuations(net, step, observed, opened):
            if following not in came_from:
                came_from[following] = step
                queue.append(following)
    return None


def _continuations(net: BayesNet, step: Step, observed: set[Node], opened: set[Node]) -> Iterator[Step]:
    """Where an active trail may go on: ``opened`` holds the observed nodes and their ancestors."""
    node, from_child = step
    if node not in observed:  # chain and fork
        yield from ((child, False) for child in net.graph.successors(node))
        if from_child:
            yield from ((parent, True) for parent in net.parents[node])
    if not from_child and node in opened:  # collider, or a chain whose collider lies further down
        yield from ((parent, True) for parent in net.parents[node])


def _trace(step: Step, came_from: dict[Step, Step | None]) -> list[Node]:
    trail = [step[0]]
    while (step := came_from[step]) is not None:
        trail.append(step[0])
    return trail[::-1]


def _check_query(net: BayesNet, a: Node, b: Node, given: Collection[Node]) -> set[Node]:
    if isinstance(given, str):
        raise ValueError(f"given: got the string {given!r}, expected a collection of nodes, ({given!r},).")
    if unknown := [node for node in (a, b, *given) if node not in net.parents]:
        raise ValueError(f"got unknown node {unknown[0]!r}, expected nodes of the network: {list(net.nodes)[:12]}.")
    if a == b or a in given or b in given:
        raise ValueError(f"got a={a!r}, b={b!r}, given={list(given)}, expected two different nodes outside given.")
    return set(given)
