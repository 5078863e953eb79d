"""Explorables of the lecture "Variational autoencoders", and the functions behind them that the lecture calls."""

from dgmlib.figures.variational_autoencoders.gap import amortisation, answers, bounds, truths
from dgmlib.figures.variational_autoencoders.gradients import (
    DIMS,
    ESTIMATORS,
    averages,
    draws,
    gradient_variance,
    problem,
    spread,
    true_slope,
)
from dgmlib.figures.variational_autoencoders.latent_map import between, interpolation, latent_map
from dgmlib.figures.variational_autoencoders.mnist import decoded, mapped, model, unseen
from dgmlib.figures.variational_autoencoders.recorded import BETAS, RUNS, recorded
from dgmlib.figures.variational_autoencoders.small import digits, small_vae, train
from dgmlib.figures.variational_autoencoders.weighing import (
    ALIVE,
    collapse,
    rate_and_distortion,
    reconstructions,
)

EXPLORABLES = (gradient_variance, amortisation, latent_map, interpolation, reconstructions, collapse)

__all__ = [
    "ALIVE",
    "BETAS",
    "DIMS",
    "ESTIMATORS",
    "EXPLORABLES",
    "RUNS",
    "amortisation",
    "answers",
    "averages",
    "between",
    "bounds",
    "collapse",
    "decoded",
    "digits",
    "draws",
    "gradient_variance",
    "interpolation",
    "latent_map",
    "mapped",
    "model",
    "problem",
    "rate_and_distortion",
    "reconstructions",
    "recorded",
    "small_vae",
    "spread",
    "train",
    "true_slope",
    "truths",
    "unseen",
]
