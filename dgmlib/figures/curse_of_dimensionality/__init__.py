"""Explorables of the lecture "The curse of dimensionality and Bayesian networks"."""

from dgmlib.figures.curse_of_dimensionality.counting import images_vs_states, parameter_counter
from dgmlib.figures.curse_of_dimensionality.graph import dag_builder
from dgmlib.figures.curse_of_dimensionality.text import ngram_text

EXPLORABLES = (images_vs_states, parameter_counter, dag_builder, ngram_text)

__all__ = ["EXPLORABLES", *(figure.id.replace("-", "_") for figure in EXPLORABLES)]
