"""Every density of the book: the registry that the suite runs over.

A new model joins with one `Case` in `autoregressive.py` (modules with `conditionals`), `closed_form.py` (NumPy),
`latent.py` (a marginal over latent variables) or `mixtures.py`.
"""

from tests.conformance.autoregressive import AUTOREGRESSIVE
from tests.conformance.closed_form import CLOSED_FORM
from tests.conformance.latent import LATENT
from tests.conformance.mixtures import MIXTURES

__all__ = ["ALL", "AUTOREGRESSIVE", "CLOSED_FORM", "LATENT", "MIXTURES"]

ALL = (*AUTOREGRESSIVE, *CLOSED_FORM, *LATENT, *MIXTURES)
