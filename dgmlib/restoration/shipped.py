"""The best prior on natural patches that is here."""

from functools import cache
from importlib.util import find_spec

from dgmlib.patches import GaussianMixturePrior
from dgmlib.patches.small import small_mixture

NAME = "gmm-200-bsds"


@cache
def shipped_prior() -> GaussianMixturePrior:
    """The mixture of 200 Gaussians of ``dgmlib.pretrained`` where torch and its weights are, else the one of 20.

    The large one was learned on patches without mean and last pixel and moves to the plane.
    """
    if find_spec("torch") is None:
        return small_mixture()
    from dgmlib import pretrained

    if NAME not in pretrained.available():
        return small_mixture()
    return GaussianMixturePrior.from_mixture(pretrained.load(NAME), protocol=True)
