"""Bayesian networks over categorical variables: counting, fitting, sampling, and reading independences off the graph.

    p(x₁, …, xₙ) = ∏ᵢ p(xᵢ | x_pa(i))

A directed acyclic graph says which variables pa(i) each variable depends on; one table a node says how. Imports without
torch; the drawing imports Altair when first called.
"""

from dgmlib.bayes_nets.network import BayesNet
from dgmlib.bayes_nets.separation import active_trail
from dgmlib.bayes_nets.structures import fully_connected, independent, markov_chain, naive_bayes

__all__ = ["BayesNet", "active_trail", "fully_connected", "independent", "markov_chain", "naive_bayes"]
