"""Every density of the book: the registry that the suite runs over.

A new model joins with one `Case` in `autoregressive.py` (modules with `conditionals`), `closed_form.py` (NumPy),
`latent.py` (a marginal over latent variables), `mixtures.py` or `patch_priors.py`.
"""

from tests.conformance.autoregressive import AUTOREGRESSIVE
from tests.conformance.closed_form import CLOSED_FORM
from tests.conformance.latent import LATENT
from tests.conformance.mixtures import MIXTURES
from tests.conformance.patch_priors import PATCH_PRIORS

__all__ = ["ALL", "AUTOREGRESSIVE", "CLOSED_FORM", "LATENT", "MIXTURES", "MODULES", "PATCH_PRIORS"]

ALL = (*AUTOREGRESSIVE, *CLOSED_FORM, *LATENT, *MIXTURES, *PATCH_PRIORS)
MODULES = (*AUTOREGRESSIVE, *(case for case in LATENT if not case.is_numpy))
"""Torch modules, with parameters that are trained by gradients and saved."""
