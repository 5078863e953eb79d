"""Explorables of the lecture "Mixtures and dead leaves", and the functions behind them that the lecture calls."""

from dgmlib.figures.dead_leaves.components import (
    by_weight,
    component_browser,
    concentration,
    contrast,
    eigenvectors,
    n_live,
    samples,
)
from dgmlib.figures.dead_leaves.generator import dead_leaves_generator, differences, kurtosis, leaves
from dgmlib.figures.dead_leaves.leaves import PHOTOGRAPHS, natural_patches, texture
from dgmlib.figures.dead_leaves.mini import leaf, mini_leaves, nearest
from dgmlib.figures.dead_leaves.recorded import KINDS, PRIORS, RIVALS, SIZES, recorded
from dgmlib.figures.dead_leaves.shapes import shapes
from dgmlib.figures.dead_leaves.shared import cosines, factor, few, mixture, price_of_sharing, shared_eigenvectors
from dgmlib.figures.dead_leaves.sheets import patches_url
from dgmlib.figures.dead_leaves.size import mixture_size

EXPLORABLES = (component_browser, mixture_size, shared_eigenvectors, dead_leaves_generator, mini_leaves)

__all__ = [
    "EXPLORABLES",
    "KINDS",
    "PHOTOGRAPHS",
    "PRIORS",
    "RIVALS",
    "SIZES",
    "by_weight",
    "component_browser",
    "concentration",
    "contrast",
    "cosines",
    "dead_leaves_generator",
    "differences",
    "eigenvectors",
    "factor",
    "few",
    "kurtosis",
    "leaf",
    "leaves",
    "mini_leaves",
    "mixture",
    "mixture_size",
    "n_live",
    "natural_patches",
    "nearest",
    "patches_url",
    "price_of_sharing",
    "recorded",
    "samples",
    "shapes",
    "shared_eigenvectors",
    "texture",
]
