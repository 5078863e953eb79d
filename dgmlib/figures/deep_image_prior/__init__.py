"""Explorables of the lecture "Deep image prior", and the functions behind them that the lecture calls."""

from dgmlib.figures.deep_image_prior.ablation import average, depth_and_skips, weights
from dgmlib.figures.deep_image_prior.comparing import comparison, decibels, stopped_at
from dgmlib.figures.deep_image_prior.iterations import curve, fit_in_decibels, iterations
from dgmlib.figures.deep_image_prior.noise import LEVELS, noise_impedance, steps_needed
from dgmlib.figures.deep_image_prior.recorded import DEPTHS, METHODS, SEEDS, SKIPS, TARGETS, recorded
from dgmlib.figures.deep_image_prior.targets import target
from dgmlib.figures.deep_image_prior.tasks import CORNERS, SIGMA, SIGMAS, TASKS, problem, truth

EXPLORABLES = (iterations, noise_impedance, depth_and_skips, comparison)

__all__ = [
    "CORNERS",
    "DEPTHS",
    "EXPLORABLES",
    "LEVELS",
    "METHODS",
    "SEEDS",
    "SIGMA",
    "SIGMAS",
    "SKIPS",
    "TARGETS",
    "TASKS",
    "average",
    "comparison",
    "curve",
    "decibels",
    "depth_and_skips",
    "fit_in_decibels",
    "iterations",
    "noise_impedance",
    "problem",
    "recorded",
    "steps_needed",
    "stopped_at",
    "target",
    "truth",
    "weights",
]
