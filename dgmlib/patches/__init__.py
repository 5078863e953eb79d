"""Priors on small patches of natural images, and what they restore.

| prior | p(z) on the plane of patches without mean |
|---|---|
| ``independent_pixels`` | pixels are independent, generalised Gaussians |
| ``gaussian_prior`` | one Gaussian |
| ``pca_prior``, ``ica_prior`` | independent along principal, or independent, components |
| ``ScaleMixturePrior`` | one covariance and many contrasts (GSM), or J such (mixture of GSMs) |
| ``GaussianMixturePrior`` | K Gaussians, each with its own covariance |
| ``rnade.RNADEPrior`` | an autoregressive density of mixtures of Gaussians (needs torch) |

Each has ``log_prob``, ``sample``, ``num_parameters``, and restores noisy patches by ``map_estimate`` and
``posterior_mean``; see ``prior``. Nothing but ``rnade`` imports torch.
"""

from dgmlib.patches.dead_leaves import dead_leaves, mini_dead_leaves, transparent_leaves
from dgmlib.patches.extraction import aggregate, coverage, extract
from dgmlib.patches.factorial import FactorialPrior, ica_prior, independent_pixels, pca_prior
from dgmlib.patches.mixture import GaussianMixturePrior
from dgmlib.patches.plane import from_plane, from_protocol, to_plane
from dgmlib.patches.prior import PatchPrior, denoise_patches, protocol_log_prob
from dgmlib.patches.scale_mixture import ScaleMixturePrior, gaussian_prior

__all__ = [
    "FactorialPrior",
    "GaussianMixturePrior",
    "PatchPrior",
    "ScaleMixturePrior",
    "aggregate",
    "coverage",
    "dead_leaves",
    "denoise_patches",
    "extract",
    "from_plane",
    "from_protocol",
    "gaussian_prior",
    "ica_prior",
    "independent_pixels",
    "mini_dead_leaves",
    "pca_prior",
    "protocol_log_prob",
    "to_plane",
    "transparent_leaves",
]
