"""Explorables of the lecture on patch priors, and the functions behind them that the lecture calls."""

from dgmlib.figures.patch_priors.one_patch import PLACES, clean, estimates, one_patch
from dgmlib.figures.patch_priors.pictures import CORNERS, averaged, noisy, square
from dgmlib.figures.patch_priors.prior_quality import MEASURES, correlation, prior_quality, prior_table, table
from dgmlib.figures.patch_priors.published import denoising_rows, denoising_table
from dgmlib.figures.patch_priors.splitting import SCHEDULES, half_quadratic, rounds
from dgmlib.figures.patch_priors.steps import epll_rounds, scores
from dgmlib.figures.patch_priors.tasks import TASKS, epll_tasks, observed, operator, stages

EXPLORABLES = (prior_quality, one_patch, half_quadratic, epll_rounds, epll_tasks)

__all__ = [
    "CORNERS",
    "EXPLORABLES",
    "MEASURES",
    "PLACES",
    "SCHEDULES",
    "TASKS",
    "averaged",
    "clean",
    "correlation",
    "denoising_rows",
    "denoising_table",
    "epll_rounds",
    "epll_tasks",
    "estimates",
    "half_quadratic",
    "noisy",
    "observed",
    "one_patch",
    "operator",
    "prior_quality",
    "prior_table",
    "rounds",
    "scores",
    "square",
    "stages",
    "table",
]
