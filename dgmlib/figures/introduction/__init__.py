"""Explorables of the lecture "Introduction: what a generative model is asked", and the experiments they show."""

from dgmlib.figures.introduction.anomalies import ODDITIES, anomaly_detection, area_under_curve
from dgmlib.figures.introduction.digits import FAMILIES
from dgmlib.figures.introduction.families import (
    FITS,
    error,
    fit,
    gaussian_floor,
    parametric_or_not,
    true_log_prob,
    true_sample,
)
from dgmlib.figures.introduction.projection import learning_as_projection
from dgmlib.figures.introduction.quality import likelihood_vs_samples
from dgmlib.figures.introduction.queries import three_queries

EXPLORABLES = (
    learning_as_projection,
    parametric_or_not,
    three_queries,
    anomaly_detection,
    likelihood_vs_samples,
)

__all__ = [
    "EXPLORABLES",
    "FAMILIES",
    "FITS",
    "ODDITIES",
    "anomaly_detection",
    "area_under_curve",
    "error",
    "fit",
    "gaussian_floor",
    "learning_as_projection",
    "likelihood_vs_samples",
    "parametric_or_not",
    "three_queries",
    "true_log_prob",
    "true_sample",
]
