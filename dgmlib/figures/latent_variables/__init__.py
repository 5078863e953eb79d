"""Explorables of the lecture "Latent variables and mixtures", and the functions behind them that the lecture calls."""

from dgmlib.figures.latent_variables.em_steps import ITERATIONS, clumps, em_path, em_step_by_step
from dgmlib.figures.latent_variables.hidden_cause import MEANS, WEIGHTS, WIDTHS, hidden_cause, three_causes
from dgmlib.figures.latent_variables.infinite import (
    COUNTS,
    decoder,
    distance,
    finite_mixture,
    infinite_mixture,
    latent_medians,
    marginal,
)
from dgmlib.figures.latent_variables.skyline import (
    SIZES,
    ceiling,
    fitted,
    more_components,
    scores,
    skyline,
    skyline_sample,
)

EXPLORABLES = (hidden_cause, em_step_by_step, more_components, infinite_mixture)

__all__ = [
    "COUNTS",
    "EXPLORABLES",
    "ITERATIONS",
    "MEANS",
    "SIZES",
    "WEIGHTS",
    "WIDTHS",
    "ceiling",
    "clumps",
    "decoder",
    "distance",
    "em_path",
    "em_step_by_step",
    "finite_mixture",
    "fitted",
    "hidden_cause",
    "infinite_mixture",
    "latent_medians",
    "marginal",
    "more_components",
    "scores",
    "skyline",
    "skyline_sample",
    "three_causes",
]
