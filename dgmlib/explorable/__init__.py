"""Explorables: figures written once in Python and alive everywhere.

`Explorable` is the figure; `slider`, `choice`, `toggle`, `reseed` and `pad` are its controls; `colour` names the book's
colours by meaning.
"""

from dgmlib.explorable import colour
from dgmlib.explorable.controls import choice, pad, reseed, slider, toggle
from dgmlib.explorable.recording import MIME
from dgmlib.explorable.widget import Explorable

__all__ = ["MIME", "Explorable", "choice", "colour", "pad", "reseed", "slider", "toggle"]
