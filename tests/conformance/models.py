"""Every density of the book: the registry that the suite runs over.

A new model joins with one `Case` in `autoregressive.py` (modules with `conditionals`), `closed_form.py` (NumPy)
or `latent.py` (a marginal over latent variables).
"""

from tests.conformance.autoregressive import AUTOREGRESSIVE
from tests.conformance.closed_form import CLOSED_FORM
from tests.conformance.latent import LATENT

__all__ = ["ALL", "AUTOREGRESSIVE", "CLOSED_FORM", "LATENT"]

ALL = (*AUTOREGRESSIVE, *CLOSED_FORM, *LATENT)
