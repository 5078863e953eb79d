"""Explorables of the lecture "Introduction: what a generative model is asked"."""

from dgmlib.figures.introduction.anomalies import anomaly_detection
from dgmlib.figures.introduction.families import parametric_or_not
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

__all__ = ["EXPLORABLES", *(figure.id.replace("-", "_") for figure in EXPLORABLES)]
