"""Every density of the book: the registry that the suite runs over.

A new model joins with one `Case` in `autoregressive.py` (modules with `conditionals`) or `closed_form.py` (NumPy).
"""

from tests.conformance.autoregressive import AUTOREGRESSIVE
from tests.conformance.closed_form import CLOSED_FORM

__all__ = ["ALL", "AUTOREGRESSIVE", "CLOSED_FORM"]

ALL = (*AUTOREGRESSIVE, *CLOSED_FORM)
