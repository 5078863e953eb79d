"""Explorables of the lecture "Maximum likelihood"."""

from dgmlib.figures.maximum_likelihood.curves import coin_likelihood, gaussian_likelihood
from dgmlib.figures.maximum_likelihood.divergence import forward_reverse_kl, two_coins
from dgmlib.figures.maximum_likelihood.samples import law_of_large_numbers, overfitting
from dgmlib.figures.maximum_likelihood.wrong_code import wrong_code

EXPLORABLES = (
    two_coins,
    wrong_code,
    forward_reverse_kl,
    coin_likelihood,
    gaussian_likelihood,
    law_of_large_numbers,
    overfitting,
)

__all__ = ["EXPLORABLES", *(figure.id.replace("-", "_") for figure in EXPLORABLES)]
