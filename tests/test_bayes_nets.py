"""Bayesian networks: counts against enumeration and pgmpy, tables, sampling, d-separation, refusals."""

import itertools
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest
from scipy import stats

from dgmlib.bayes_nets import BayesNet, active_trail, fully_connected, independent, markov_chain, naive_bayes

CARDINALITIES = (2, 3, 4, 2)


def every_dag(n: int):
    """Every labelled DAG on n nodes: 1, 3, 25, 543 for n = 1 … 4."""
    pairs = list(itertools.combinations(range(n), 2))
    for directions in itertools.product((None, 0, 1), repeat=len(pairs)):
        edges = [pair if d == 0 else pair[::-1] for pair, d in zip(pairs, directions, strict=True) if d is not None]
        graph = nx.DiGraph(edges)
        graph.add_nodes_from(range(n))
        if nx.is_directed_acyclic_graph(graph):
            yield {node: tuple(graph.predecessors(node)) for node in range(n)}


def random_net(rng: np.random.Generator, n: int = 5, edge_probability: float = 0.4, most: int = 3) -> BayesNet:
    """Random edges along a random order, random cardinalities 2 … most, generic tables."""
    order = rng.permutation(n).tolist()
    parents = {}
    for node in range(n):
        before = order[: order.index(node)]
        parents[node] = tuple(p for p in before if rng.random() < edge_probability)
    cardinalities = {node: int(rng.integers(2, most + 1)) for node in range(n)}
    return BayesNet(parents, cardinalities).randomize(rng=rng)


def queries(net: BayesNet):
    """Every (a, b, given) with a < b and given any set of the other nodes."""
    for a, b in itertools.combinations(net.nodes, 2):
        others = [node for node in net.nodes if node not in (a, b)]
        for size in range(len(others) + 1):
            yield from ((a, b, given) for given in itertools.combinations(others, size))


def conditional_mutual_information(joint: np.ndarray, a: int, b: int, given: tuple[int, ...]) -> float:
    """I(a; b | given) in nats from a table with one axis a variable."""

    def entropy(axes: tuple[int, ...]) -> float:
        p = joint.sum(axis=tuple(i for i in range(joint.ndim) if i not in axes)).ravel()
        return float(stats.entropy(p))

    return entropy((a, *given)) + entropy((b, *given)) - entropy((a, b, *given)) - entropy(given)


def enumerated_count(net: BayesNet) -> int:
    """Free parameters by listing every row of every table."""
    rows = (
        (node, values)
        for node in net.nodes
        for values in itertools.product(*(range(net.cardinalities[p]) for p in net.parents[node]))
    )
    return sum(len(range(net.cardinalities[node])) - 1 for node, _ in rows)


# -- Counting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "n_dags"), [(1, 1), (2, 3), (3, 25), (4, 543)])
def test_counts_equal_enumeration_for_every_small_dag(n, n_dags):
    nets = [BayesNet(parents, dict(enumerate(CARDINALITIES[:n]))) for parents in every_dag(n)]
    assert len(nets) == n_dags
    assert [net.num_parameters for net in nets] == [enumerated_count(net) for net in nets]


@pytest.mark.parametrize("n", [1, 2, 3, 10, 100, 784])
@pytest.mark.parametrize("k", [2, 3, 256])
def test_closed_forms(n, k):
    assert fully_connected(n, k).num_parameters == k**n - 1
    assert independent(n, k).num_parameters == n * (k - 1)
    assert naive_bayes(n, k, 10).num_parameters == 9 + 10 * n * (k - 1)
    for order in {0, 1, min(2, n), min(7, n)}:
        expected = k**order - 1 + (n - order) * k**order * (k - 1)
        assert markov_chain(n, k, order).num_parameters == expected


@pytest.mark.parametrize("seed", range(20))
def test_pgmpy_counts_and_multiplies_the_same(seed):
    """From pgmpy's own random network: its graph, its tables, its product of them."""
    from pgmpy.factors import factor_product
    from pgmpy.models import DiscreteBayesianNetwork

    k = {f"x{i}": 2 + (seed + i) % 3 for i in range(5)}
    theirs = DiscreteBayesianNetwork.get_random(5, edge_prob=0.5, node_names=list(k), n_states=k, seed=seed)
    tables = {node: theirs.get_cpds(node) for node in k}  # axes: the node itself, then its parents
    net = BayesNet({node: tuple(tables[node].variables[1:]) for node in k}, k)
    assert set(net.graph.edges) == set(theirs.edges)
    assert net.num_parameters == sum(t.values.size - t.values[0].size for t in tables.values())

    net.set_tables({node: np.moveaxis(t.values, 0, -1) for node, t in tables.items()})
    joint = factor_product(*(t.to_factor() for t in tables.values()))
    order = [joint.variables.index(node) for node in net.nodes]
    np.testing.assert_allclose(net.joint(), joint.values.transpose(order), rtol=1e-9, atol=1e-15)


# -- Densities ---------------------------------------------------------------------------------------------------------


def test_joint_sums_to_one_and_log_prob_reads_it():
    rng = np.random.default_rng(1)
    for _ in range(50):
        net = random_net(rng)
        joint = net.joint()
        assert joint.sum() == pytest.approx(1, abs=1e-12)
        x = np.array(list(np.ndindex(joint.shape)))
        np.testing.assert_allclose(np.exp(net.log_prob(x)), joint.ravel(), rtol=1e-12)


def test_samples_follow_the_joint():
    net = random_net(np.random.default_rng(2), n=4, most=2, edge_probability=0.6)
    samples = net.sample(20_000, rng=np.random.default_rng(3))
    observed = np.bincount(np.ravel_multi_index(tuple(samples.T), (2,) * 4), minlength=16)
    assert stats.chisquare(observed, 20_000 * net.joint().ravel()).pvalue > 1e-3


def test_sampling_repeats_with_the_seed_and_respects_zeros():
    tables = {"a": [0.0, 1.0], "b": [[1.0, 0.0], [0.25, 0.75]]}
    net = BayesNet({"b": ("a",), "a": ()}).set_tables(tables)
    x = net.sample(500, rng=np.random.default_rng(0))
    assert (x == net.sample(500, rng=np.random.default_rng(0))).all()
    assert (x[:, 1] == 1).all() and 0 < x[:, 0].mean() < 1
    assert net.log_prob(np.array([[0, 0], [1, 1]])) == pytest.approx([-np.inf, np.log(0.75)])


def test_fit_counts_and_smooths():
    net = BayesNet({"a": (), "b": ("a",)}, {"a": 2, "b": 3})
    x = np.array([[0, 0], [0, 0], [0, 2], [0, 1]])
    net.fit(x)
    np.testing.assert_allclose(net.tables["a"], [1, 0])
    np.testing.assert_allclose(net.tables["b"], [[1 / 2, 1 / 4, 1 / 4], [1 / 3] * 3])
    net.fit(x, pseudocount=1)
    np.testing.assert_allclose(net.tables["a"], [5 / 6, 1 / 6])
    np.testing.assert_allclose(net.tables["b"], [[3 / 7, 2 / 7, 2 / 7], [1 / 3] * 3])


def test_fit_is_the_maximum_of_the_likelihood():
    rng = np.random.default_rng(4)
    net = random_net(rng, n=4)
    x = net.sample(300, rng=rng)
    best = net.fit(x).log_prob(x).sum()
    for _ in range(20):
        mixed = {n: 0.9 * t + 0.1 * rng.dirichlet(np.ones(t.shape[-1]), t.shape[:-1]) for n, t in net.tables.items()}
        assert BayesNet(net.parents, net.cardinalities).set_tables(mixed).log_prob(x).sum() < best


def test_fit_recovers_the_tables_from_many_samples():
    rng = np.random.default_rng(5)
    net = random_net(rng, n=4, most=2)
    again = BayesNet(net.parents, net.cardinalities).fit(net.sample(200_000, rng=rng))
    assert abs(again.joint() - net.joint()).max() < 0.01


# -- Independence ------------------------------------------------------------------------------------------------------


def test_d_separation_agrees_with_networkx_and_shows_a_real_trail():
    rng = np.random.default_rng(6)
    for _ in range(40):
        net = random_net(rng, n=6)
        for a, b, given in queries(net):
            trail = active_trail(net, a, b, given)
            assert (trail is None) == nx.is_d_separator(net.graph, {a}, {b}, set(given))
            assert (trail is None) == net.is_independent(b, a, given)
            if trail is not None:
                assert (trail[0], trail[-1]) == (a, b) and len(set(trail)) == len(trail)
                assert all(net.graph.has_edge(u, v) or net.graph.has_edge(v, u) for u, v in itertools.pairwise(trail))


@pytest.mark.parametrize(
    ("parents", "given", "independent"),
    [
        ({"a": (), "v": ("a",), "b": ("v",)}, (), False),
        ({"a": (), "v": ("a",), "b": ("v",)}, ("v",), True),
        ({"v": (), "a": ("v",), "b": ("v",)}, (), False),
        ({"v": (), "a": ("v",), "b": ("v",)}, ("v",), True),
        ({"a": (), "b": (), "v": ("a", "b")}, (), True),
        ({"a": (), "b": (), "v": ("a", "b")}, ("v",), False),
        ({"a": (), "b": (), "v": ("a", "b"), "w": ("v",)}, ("w",), False),
    ],
)
def test_chain_fork_collider(parents, given, independent):
    assert BayesNet(parents).is_independent("a", "b", given) is independent


# -- Notation and drawing ----------------------------------------------------------------------------------------------


def test_factorization():
    net = BayesNet({"y": (), "x1": ("y",), "x12": ("y", "x1"), "wet_road": ()})
    assert net.factorization() == (
        r"p(y, x_{1}, x_{12}, \mathrm{wet\_road}) = "
        r"p(y)\, p(x_{1} \mid y)\, p(x_{12} \mid y, x_{1})\, p(\mathrm{wet\_road})"
    )


def test_drawing_shows_every_node_and_edge_left_to_right():
    from dgmlib.bayes_nets.drawing import arrow_columns, edge_columns, layout

    net = markov_chain(4, order=2)
    spec = net.draw().to_dict()
    assert len(spec["layer"]) == 4
    positions = layout(net)
    assert all(positions[a][0] < positions[b][0] for a, b in net.graph.edges)
    assert len(set(edge_columns(net.graph.edges, positions)["edge"])) == 5
    assert len(arrow_columns(net.graph.edges, positions)["angle"]) == 5
    assert len(independent(2).draw().to_dict()["layer"]) == 2


def test_drawn_edges_keep_clear_of_other_nodes():
    from dgmlib.bayes_nets.drawing import RADIUS, edge_columns, layout

    net = fully_connected(4)
    positions = layout(net)
    columns = edge_columns(net.graph.edges, positions)
    for x, y, name in zip(columns["x"], columns["y"], columns["edge"], strict=True):
        others = [p for node, p in positions.items() if node not in name.split(" → ")]
        assert all(np.hypot(x - px, y - py) > RADIUS for px, py in others)


# -- Refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: BayesNet({}), "expected a mapping from at least one node"),
        (lambda: BayesNet({"a": ("b",)}), r"parents of 'a': got unknown \['b'\]"),
        (lambda: BayesNet({"a": "bc", "b": ()}), "got the string 'bc'"),
        (lambda: BayesNet({"a": (), "b": ("a", "a")}), "expected each parent once"),
        (lambda: BayesNet({"a": ("c",), "b": ("a",), "c": ("b",)}), "got the cycle .* → .* → "),
        (lambda: BayesNet({"a": ("a",)}), "got the cycle a → a"),
        (lambda: BayesNet({"a": ()}, 1), "cardinality of 'a': got 1, expected an integer ≥ 2"),
        (lambda: BayesNet({"a": (), "b": ()}, {"a": 2}), r"missing or unknown node \['b'\]"),
        (lambda: BayesNet({"a": ()}).set_tables({"b": [0.5, 0.5]}), r"got nodes \['b'\], expected \['a'\]"),
        (lambda: BayesNet({"a": ()}).set_tables({"a": [0.2, 0.3, 0.5]}), r"got shape \(3,\), expected \(2,\)"),
        (lambda: BayesNet({"a": ()}).set_tables({"a": [0.2, 0.3]}), "miss a sum of 1"),
        (lambda: BayesNet({"a": ()}).joint(), "got none yet"),
        (lambda: BayesNet({"a": ()}).fit([[2]]), "got values 2 … 2 for 'a', expected 0 … 1"),
        (lambda: BayesNet({"a": ()}).fit([[0.5]]), "got dtype float64"),
        (lambda: BayesNet({"a": ()}).fit([0]), r"got shape \(1,\), expected \(batch, 1\)"),
        (lambda: BayesNet({"a": ()}).fit([[0]], pseudocount=-1), "got -1, expected a finite number ≥ 0"),
        (lambda: BayesNet({"a": (), "b": ()}).is_independent("a", "a"), "expected two different nodes"),
        (lambda: BayesNet({"a": (), "b": ()}).is_independent("a", "b", "b"), "got the string 'b'"),
        (lambda: BayesNet({"a": (), "b": ()}).is_independent("a", "c"), "unknown node 'c'"),
        (lambda: fully_connected(40).randomize(rng=np.random.default_rng(0)), "expected at most 16,777,216"),
        (lambda: independent(784, 256).joint(), r"got about 2\^6272 entries"),
        (lambda: independent(30).randomize(rng=np.random.default_rng(0)).joint(), "use log_prob and sample"),
        (lambda: independent(2).randomize(rng=np.random.default_rng(0)).sample(-1, rng=None), "got -1"),
        (lambda: markov_chain(0), "n: got 0"),
        (lambda: markov_chain(3, order=-1), "order: got -1"),
        (lambda: naive_bayes(2.5), "n_features: got 2.5"),
        (lambda: markov_chain(2).randomize(rng=np.random.default_rng(0)).sample(2.5, rng=None), "n: got 2.5"),
        (lambda: markov_chain(2).randomize(rng=np.random.default_rng(0)).sample(-1, rng=None), "n: got -1"),
    ],
)
def test_refusals_say_what_and_how(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_imports_without_torch():
    code = "import sys, dgmlib.bayes_nets; sys.exit('torch' in sys.modules or 'altair' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_tables_are_to_be_read():
    net = markov_chain(2).randomize(rng=np.random.default_rng(0))
    node = net.nodes[0]
    with pytest.raises(ValueError, match="read-only"):
        net.tables[node][:] = 5
    with pytest.raises(TypeError):
        net.tables[node] = np.ones(2)
    assert net.joint().sum() == pytest.approx(1)
