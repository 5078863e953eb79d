"""Claims CUR1–CUR6, BN1 and BN2: counting parameters, and what each independence assumption costs."""

import itertools
from functools import cache

import networkx as nx
import numpy as np
import pytest
from scipy import stats

from dgmlib.bayes_nets import BayesNet, fully_connected, independent, markov_chain
from dgmlib.data import load_mnist_subset
from dgmlib.data.text import LETTERS, letters, load_alice, words
from dgmlib.ngrams import Additive, KneserNey, NgramModel, replace_rare, vocabulary

ORDERS = range(6)


@cache
def letter_model(order, rule):
    return NgramModel(LETTERS, order, rule).fit(letters(load_alice("train")))


@cache
def held_out_bits(order, rule):
    return letter_model(order, rule).cross_entropy(letters(load_alice("held-out")))


def mutual_information(x, y):
    """I(X; Y) in nats between two binary columns, from their joint frequencies."""
    joint = np.bincount(2 * x + y, minlength=4).reshape(2, 2) / len(x)
    product = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    return float(stats.entropy(joint.ravel(), product.ravel()))


def random_net(rng):
    """Up to six nodes, edges along a random order, two or three values, generic tables."""
    n = int(rng.integers(3, 6))
    order = rng.permutation(n).tolist()
    parents = {v: tuple(u for u in order[: order.index(v)] if rng.random() < 0.45) for v in range(n)}
    return BayesNet(parents, {v: int(rng.integers(2, 4)) for v in range(n)}).randomize(rng=rng)


def conditional_dependence(joint, a, b, given):
    """Largest |p(a,b,g) p(g) − p(a,g) p(b,g)| over all values: zero exactly if a ⟂ b | given."""
    others = tuple(i for i in range(joint.ndim) if i not in (a, b, *given))
    p = joint.sum(axis=others, keepdims=True)
    return float(abs(p * p.sum((a, b), keepdims=True) - p.sum(b, keepdims=True) * p.sum(a, keepdims=True)).max())


def test_cur1_categorical_has_one_parameter_less_than_outcomes():
    """n − 1 for every n; a colour pixel of 256³ values has 16,777,215. The simplex has as many free directions."""
    assert [BayesNet({"x": ()}, n).num_parameters for n in range(2, 50)] == list(range(1, 49))
    assert BayesNet({"pixel": ()}, 256**3).num_parameters == 16_777_215
    points = np.random.default_rng(0).dirichlet(np.ones(7), 50)
    assert np.linalg.matrix_rank(points - points[0]) == 6


@pytest.mark.parametrize(("n", "k"), [(1, 2), (3, 2), (4, 3), (2, 256), (784, 2)])
def test_cur2_full_joint_has_k_to_the_n_minus_one(n, k):
    """As one variable that lists every outcome, and as the chain rule's product, the count is kⁿ − 1."""
    assert BayesNet({"all": ()}, k**n).num_parameters == k**n - 1 == fully_connected(n, k).num_parameters


def test_cur3_independence_is_cheap():
    """n(k − 1) parameters; n for n binary variables, which have 2ⁿ images."""
    for n, k in itertools.product((1, 5, 784), (2, 3, 256)):
        assert independent(n, k).num_parameters == n * (k - 1)


def test_cur3_independent_pixels_look_like_noise():
    """Neighbouring pixels of digits share information; of samples from the fitted independent model, practically none.

    And the digits are far more likely under a first-order chain along the rows than under independent pixels.
    """
    images, _ = load_mnist_subset(binarized=True)
    x = images.reshape(len(images), -1).astype(int)
    train, held_out = x[:4000], x[4000:]
    free = independent(784).fit(train, pseudocount=1)
    samples = free.sample(2000, rng=np.random.default_rng(0))
    pairs = [(28 * row + col, 28 * row + col + 1) for row in range(8, 20) for col in range(8, 20)]
    real = np.mean([mutual_information(held_out[:, i], held_out[:, j]) for i, j in pairs])
    drawn = np.mean([mutual_information(samples[:, i], samples[:, j]) for i, j in pairs])
    assert real > 0.15 and drawn < 0.002
    chain = markov_chain(784).fit(train, pseudocount=1)
    gain = chain.log_prob(held_out) - free.log_prob(held_out)
    assert gain.mean() > 50 and gain.mean() > 20 * gain.std() / np.sqrt(len(gain))


def test_cur4_chain_rule_assumes_nothing_and_saves_nothing():
    """1 + 2 + … + 2ⁿ⁻¹ = 2ⁿ − 1, table by table; and it fits any joint exactly."""
    for n in (1, 2, 8, 60):
        counts = list(fully_connected(n).parameter_counts().values())
        assert counts == [2**i for i in range(n)] and sum(counts) == 2**n - 1
    joint = np.random.default_rng(0).dirichlet(np.ones(16)).reshape((2,) * 4)
    margins = [joint.sum(axis=tuple(range(i + 1, 4))) for i in range(4)]
    tables = {f"x{i + 1}": m / m.sum(-1, keepdims=True) for i, m in enumerate(margins)}
    np.testing.assert_allclose(fully_connected(4).set_tables(tables).joint(), joint, atol=1e-15)


def test_cur5_markov_counts():
    """2n − 1 for a binary first-order chain; kᵐ − 1 + (n − m) kᵐ (k − 1) in general."""
    for n in (1, 2, 10, 784):
        assert markov_chain(n).num_parameters == 2 * n - 1
    for n, k, m in itertools.product((5, 28), (2, 3, 27), (0, 1, 2, 5)):
        assert markov_chain(n, k, m).num_parameters == k**m - 1 + (n - m) * k**m * (k - 1)


def test_cur6_more_context_overfits_held_out_text():
    """Orders 0 … 5 on a book: the training cross-entropy only falls, the held-out one turns and rises."""
    train = letters(load_alice("train"))
    mle = [letter_model(m, Additive(0)).cross_entropy(train) for m in ORDERS]
    assert all(b < a for a, b in itertools.pairwise(mle)) and mle[5] < 1.1
    held = [held_out_bits(m, Additive(1)) for m in ORDERS]
    assert int(np.argmin(held)) == 3 and held[5] > held[3] + 0.5
    assert all(np.isinf(held_out_bits(m, Additive(0))) for m in ORDERS[1:])


def test_cur6_parameters_possible_explode_while_the_text_fills_ever_fewer():
    """The table grows 27-fold per symbol of context; the share the book touches falls from all to below 0.005 %."""
    models = [letter_model(m, Additive(1)) for m in ORDERS]
    assert [m.parameters_possible for m in models] == [26 * 27**m for m in ORDERS]
    share = [m.parameters_used / m.parameters_possible for m in models]
    assert share[0] == 1 and share[5] < 5e-5 and all(b < a for a, b in itertools.pairwise(share))


def test_cur6_back_off_to_shorter_contexts_tames_it_but_does_not_end_it():
    """Kneser–Ney gains from context for longer than Laplace, and the gain still runs out."""
    held = [held_out_bits(m, KneserNey()) for m in ORDERS]
    assert all(b < a for a, b in itertools.pairwise(held))
    assert held[3] < held_out_bits(3, Additive(1)) - 0.2
    assert held[0] - held[1] > 10 * (held[4] - held[5])


def test_cur6_one_word_of_context_is_not_enough():
    """A first-order word model predicts held-out words worse than a second-order one: the word before last matters."""
    train, held_out = words(load_alice("train")), words(load_alice("held-out"))
    known = vocabulary(train)
    train, held_out = replace_rare(train, known), replace_rare(held_out, known)
    one, two = (NgramModel(known, m, KneserNey()).fit(train) for m in (1, 2))
    assert two.cross_entropy(held_out) < one.cross_entropy(held_out)
    assert two.cross_entropy(train) < one.cross_entropy(train) - 2
    assert one.parameters_used < 0.01 * one.parameters_possible
    three = NgramModel(known, 3, KneserNey()).fit(train)
    contexts = {tuple(train[t : t + 3]) for t in range(len(train) - 3)}
    assert three.cross_entropy(held_out) > two.cross_entropy(held_out)
    assert three.parameters_used < 0.5 * len(contexts)  # so more than half had a single follower


def test_bn1_joint_is_the_product_and_parameters_grow_with_parents_only():
    """p(x) = ∏ p(xᵢ | parents), term by term; doubling per parent, linear in the number of variables."""
    net = random_net(np.random.default_rng(1))
    for x in np.ndindex(net.joint().shape):
        terms = [net.tables[v][(*(x[u] for u in net.parents[v]), x[v])] for v in net.nodes]
        assert net.joint()[x] == pytest.approx(np.prod(terms), rel=1e-12)
    counts = [BayesNet({f"p{i}": () for i in range(m)} | {"x": [f"p{i}" for i in range(m)]}) for m in range(20)]
    assert [net.parameter_counts()["x"] for net in counts] == [2**m for m in range(20)]
    by_length = [markov_chain(n, order=3).num_parameters for n in range(10, 100)]
    assert set(np.diff(by_length)) == {2**3}


def test_bn1_each_parent_doubles_a_pixels_table_until_held_out_digits_suffer():
    """A pixel that sees more of its neighbours: training likelihood rises, held-out likelihood turns; counts exact."""
    near = [
        (0, -1),
        (-1, 0),
        (-1, -1),
        (-1, 1),
        (0, -2),
        (-2, 0),
        (-1, -2),
        (-1, 2),
        (-2, -1),
        (-2, 1),
        (0, -3),
        (-3, 0),
    ]
    pixels = list(itertools.product(range(28), repeat=2))
    inside = set(pixels)
    x = load_mnist_subset(binarized=True)[0].reshape(5000, -1).astype(int)
    own, held_out = [], []
    for n in (4, 8, 12):
        parents = {(r, c): [(r + i, c + j) for i, j in near[:n] if (r + i, c + j) in inside] for r, c in pixels}
        net = BayesNet(parents).fit(x[:4000], pseudocount=1)
        assert net.num_parameters == sum(2 ** len(of_pixel) for of_pixel in parents.values())
        own.append(net.log_prob(x[:4000]).mean())
        held_out.append(net.log_prob(x[4000:]).mean())
    assert own[0] < own[1] < own[2] and held_out[0] < held_out[1] > held_out[2] + 3


def test_bn1_a_cycle_is_refused():
    """Without a direction "before", the product is no distribution: the class refuses the graph."""
    with pytest.raises(ValueError, match="cycle"):
        BayesNet({"a": ("b",), "b": ("a",)})


def test_bn2_factorised_joint_sums_to_one_and_ancestral_samples_follow_it():
    """Exactly one over all outcomes; a chi-square test of ancestral samples."""
    rng = np.random.default_rng(2)
    for _ in range(10):
        net = random_net(rng)
        p = net.joint()
        assert p.sum() == pytest.approx(1, abs=1e-12)
        cells = np.ravel_multi_index(tuple(net.sample(5000, rng=rng).T), p.shape)
        observed, expected = np.bincount(cells, minlength=p.size), 5000 * p.ravel()
        rare = expected < 5
        pooled = [np.append(v[~rare], v[rare].sum()) for v in (observed, expected)]
        keep = pooled[1] > 0
        assert stats.chisquare(pooled[0][keep], pooled[1][keep]).pvalue > 1e-4


def test_bn2_d_separation_holds_in_the_joint_and_only_there():
    """200 random networks, every pair given every set: separated means independent, connected means dependent."""
    rng = np.random.default_rng(3)
    separated = connected = 0
    for _ in range(200):
        net = random_net(rng)
        joint = net.joint()
        for a, b in itertools.combinations(net.nodes, 2):
            others = [v for v in net.nodes if v not in (a, b)]
            for given in itertools.chain.from_iterable(
                itertools.combinations(others, r) for r in range(len(others) + 1)
            ):
                gap = conditional_dependence(joint, a, b, given)
                if net.is_independent(a, b, given):
                    separated += 1
                    assert gap < 1e-15
                else:
                    connected += 1
                    assert gap > 1e-12
                assert net.is_independent(a, b, given) == nx.is_d_separator(net.graph, {a}, {b}, set(given))
    assert separated > 1000 and connected > 1000
