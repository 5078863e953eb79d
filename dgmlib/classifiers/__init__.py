"""Naive Bayes, discriminative models beside it, and two ways to compare them: learning curves and calibration."""

from dgmlib.classifiers.calibration import Reliability, reliability
from dgmlib.classifiers.discriminative import logistic_regression, neural_network
from dgmlib.classifiers.learning import LearningCurve, learning_curves, log_loss
from dgmlib.classifiers.naive_bayes import MISSING, BernoulliNaiveBayes

__all__ = [
    "MISSING",
    "BernoulliNaiveBayes",
    "LearningCurve",
    "Reliability",
    "learning_curves",
    "log_loss",
    "logistic_regression",
    "neural_network",
    "reliability",
]
