"""The deep image prior: an untrained network, fitted to one damaged picture, restores it before it copies the damage.

    min_θ E(f_θ(z)) = ½ ‖A f_θ(z) − y‖²

network      the encoder–decoder f_θ, whose shape is the prior
energy       E with a gradient through the operators of ``dgmlib.restoration``
averaging    the average of the pictures on the way
fitting      ``for step in Fit(y, …)``: one step at a time; can be left, saved and resumed
stopping     when to stop, from held-out pixels
restoring    all of it in one call

Source: D. Ulyanov, A. Vedaldi, V. Lempitsky, CVPR 2018. This package needs torch.
"""

from dgmlib.restoration.deep_image_prior.averaging import ExponentialAverage
from dgmlib.restoration.deep_image_prior.energy import apply, energy
from dgmlib.restoration.deep_image_prior.fitting import Fit, Step
from dgmlib.restoration.deep_image_prior.network import EncoderDecoder
from dgmlib.restoration.deep_image_prior.restoring import Restored, deep_image_prior
from dgmlib.restoration.deep_image_prior.stopping import HeldOutStop

__all__ = [
    "EncoderDecoder",
    "ExponentialAverage",
    "Fit",
    "HeldOutStop",
    "Restored",
    "Step",
    "apply",
    "deep_image_prior",
    "energy",
]
