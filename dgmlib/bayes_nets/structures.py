"""The graphs of the lecture, from "no independence" to "nothing but independence", nodes x1 … xn.

| graph | parameters, k values each |
|---|---|
| ``fully_connected(n, k)`` | kⁿ − 1 |
| ``markov_chain(n, k, m)`` | kᵐ − 1 + (n − m) kᵐ (k − 1), for m ≤ n |
| ``independent(n, k)`` | n (k − 1) |
| ``naive_bayes(n, k, c)`` | c − 1 + c n (k − 1) |
"""

from __future__ import annotations

from dgmlib._arrays import check_counts
from dgmlib.bayes_nets.network import BayesNet


def fully_connected(n: int, k: int = 2) -> BayesNet:
    """The chain rule p(x₁) p(x₂|x₁) … p(xₙ|x₁, …, xₙ₋₁): assumes nothing, saves nothing."""
    return markov_chain(n, k, order=max(n - 1, 0))


def independent(n: int, k: int = 2) -> BayesNet:
    """No edges: p(x) = ∏ᵢ p(xᵢ)."""
    return markov_chain(n, k, order=0)


def markov_chain(n: int, k: int = 2, order: int = 1) -> BayesNet:
    """Each variable depends on the ``order`` variables before it (on fewer at the start)."""
    check_counts(n=n)
    check_counts(order=order, least=0)
    names = [f"x{i}" for i in range(1, n + 1)]
    return BayesNet({name: tuple(names[max(0, i - order) : i]) for i, name in enumerate(names)}, k)


def naive_bayes(n_features: int, k: int = 2, n_classes: int = 2) -> BayesNet:
    """A class y with independent features given the class: p(y) ∏ᵢ p(xᵢ | y)."""
    check_counts(n_features=n_features)
    features = [f"x{i}" for i in range(1, n_features + 1)]
    parents = {"y": ()} | {name: ("y",) for name in features}
    return BayesNet(parents, {"y": n_classes} | dict.fromkeys(features, k))
