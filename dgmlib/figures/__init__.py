"""The book's explorables, one module per lecture.

A lecture module holds its explorables as module-level names and lists them in ``EXPLORABLES``. To add a lecture, add
its module's name to ``LECTURES``.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from dgmlib.explorable import Explorable

LECTURES = (
    "introduction",
    "curse_of_dimensionality",
    "discriminative_generative",
    "autoregressive_models",
    "masks_memory_attention",
    "maximum_likelihood",
    "latent_variables",
    "estimating_likelihood",
    "variational_autoencoders",
    "patch_priors",
    "dead_leaves",
    "deep_image_prior",
)


@cache
def catalogue() -> Mapping[str, Explorable]:
    """Every explorable of the book by its ID, in the order of the lectures."""
    modules = [import_module(f"{__name__}.{lecture}") for lecture in LECTURES]
    return collect(figure for module in modules for figure in module.EXPLORABLES)


def collect(figures: Iterable[Explorable]) -> Mapping[str, Explorable]:
    """``figures`` by ID, read-only; raises ``ValueError`` when two share an ID: a page could not tell them apart."""
    by_id: dict[str, Explorable] = {}
    for figure in figures:
        if figure.id in by_id:
            raise ValueError(
                f"id: got {figure.id!r} for both {by_id[figure.id].title!r} and {figure.title!r}, "
                f"expected every explorable to have its own; rename one."
            )
        by_id[figure.id] = figure
    return MappingProxyType(by_id)
