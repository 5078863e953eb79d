"""Explorables of the lecture "Autoregressive models I", and the digits, models and experiments they show."""

from dgmlib.figures.autoregressive_models import toy
from dgmlib.figures.autoregressive_models.completing import completion
from dgmlib.figures.autoregressive_models.conditionals import rnade_conditionals
from dgmlib.figures.autoregressive_models.digits import digits, pictures, small_digits
from dgmlib.figures.autoregressive_models.inpainting import any_evidence, evidence
from dgmlib.figures.autoregressive_models.sampling import pixel_by_pixel
from dgmlib.figures.autoregressive_models.small import FAMILIES, small
from dgmlib.figures.autoregressive_models.switches import four_variables
from dgmlib.figures.autoregressive_models.weights import fvsbn_weights
from dgmlib.figures.autoregressive_models.width import nade_width

EXPLORABLES = (
    four_variables,
    fvsbn_weights,
    pixel_by_pixel,
    any_evidence,
    nade_width,
    completion,
    rnade_conditionals,
)

__all__ = [
    "EXPLORABLES",
    "FAMILIES",
    "any_evidence",
    "completion",
    "digits",
    "evidence",
    "four_variables",
    "fvsbn_weights",
    "nade_width",
    "pictures",
    "pixel_by_pixel",
    "rnade_conditionals",
    "small",
    "small_digits",
    "toy",
]
