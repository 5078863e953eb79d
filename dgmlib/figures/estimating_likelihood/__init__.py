"""Explorables of the lecture "Estimating the likelihood", and the functions behind them that the lecture calls."""

from dgmlib.figures.estimating_likelihood.bars import bars_image, bars_net, glance, marginal_by_elimination
from dgmlib.figures.estimating_likelihood.bounds import PROPOSALS, SIZES, bound, estimates, iwae_bound
from dgmlib.figures.estimating_likelihood.enumeration import MEASURED, counting_causes, seconds, spoken
from dgmlib.figures.estimating_likelihood.gap import CurvedModel, elbo_gap, log_joint, log_marginal, parts
from dgmlib.figures.estimating_likelihood.hits import GUESSES, LATENTS, hit_rate, ratios, uniform_guesses
from dgmlib.figures.estimating_likelihood.proposals import (
    LINE,
    POSTERIOR,
    SEEN,
    gaussian,
    importance_sampling,
    repeated,
)

EXPLORABLES = (counting_causes, uniform_guesses, importance_sampling, elbo_gap, iwae_bound)

__all__ = [
    "EXPLORABLES",
    "GUESSES",
    "LATENTS",
    "LINE",
    "MEASURED",
    "POSTERIOR",
    "PROPOSALS",
    "SEEN",
    "SIZES",
    "CurvedModel",
    "bars_image",
    "bars_net",
    "bound",
    "counting_causes",
    "elbo_gap",
    "estimates",
    "gaussian",
    "glance",
    "hit_rate",
    "importance_sampling",
    "iwae_bound",
    "log_joint",
    "log_marginal",
    "marginal_by_elimination",
    "parts",
    "ratios",
    "repeated",
    "seconds",
    "spoken",
    "uniform_guesses",
]
