"""Explorables of the lecture "Discriminative and generative"."""

from dgmlib.figures.discriminative_generative.double_counting import double_counting
from dgmlib.figures.discriminative_generative.learning import learning as learning_curves
from dgmlib.figures.discriminative_generative.words import naive_bayes_vs_logistic

EXPLORABLES = (naive_bayes_vs_logistic, double_counting, learning_curves)

__all__ = ["EXPLORABLES", "double_counting", "learning_curves", "naive_bayes_vs_logistic"]
