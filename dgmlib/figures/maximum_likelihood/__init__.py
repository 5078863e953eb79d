"""Explorables of the lecture "Maximum likelihood", and the functions behind them that the lecture calls."""

from dgmlib.figures.maximum_likelihood.curves import (
    coin_likelihood,
    coin_log_likelihood,
    gaussian_contours,
    gaussian_gradient,
    gaussian_likelihood,
    gaussian_sample,
)
from dgmlib.figures.maximum_likelihood.divergence import (
    COVERING,
    SEEKING,
    best_gaussian,
    both_divergences,
    forward_reverse_kl,
    two_bumps_log_prob,
    two_coins,
)
from dgmlib.figures.maximum_likelihood.samples import (
    DATA,
    MODEL,
    STATES,
    TRUE_MEAN,
    ZIPF,
    fitted_table,
    law_of_large_numbers,
    overfitting,
)
from dgmlib.figures.maximum_likelihood.texts import ALPHABET, ENGLISH, GERMAN, LETTER, frequencies, symbols
from dgmlib.figures.maximum_likelihood.wrong_code import CODES, MESSAGE, code_frequencies, wrong_code

EXPLORABLES = (
    two_coins,
    wrong_code,
    forward_reverse_kl,
    law_of_large_numbers,
    overfitting,
    coin_likelihood,
    gaussian_likelihood,
)

__all__ = [
    "ALPHABET",
    "CODES",
    "COVERING",
    "DATA",
    "ENGLISH",
    "EXPLORABLES",
    "GERMAN",
    "LETTER",
    "MESSAGE",
    "MODEL",
    "SEEKING",
    "STATES",
    "TRUE_MEAN",
    "ZIPF",
    "best_gaussian",
    "both_divergences",
    "code_frequencies",
    "coin_likelihood",
    "coin_log_likelihood",
    "fitted_table",
    "forward_reverse_kl",
    "frequencies",
    "gaussian_contours",
    "gaussian_gradient",
    "gaussian_likelihood",
    "gaussian_sample",
    "law_of_large_numbers",
    "overfitting",
    "symbols",
    "two_bumps_log_prob",
    "two_coins",
    "wrong_code",
]
