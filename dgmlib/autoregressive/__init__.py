"""Autoregressive models: p(x) = ∏ p(x_i | x_<i), one file per way of computing the conditionals.

| model | conditionals | values |
|---|---|---|
| ``FVSBN`` | logistic regressions | bits |
| ``NADE`` | neural networks with a shared first layer | bits |
| ``RNADE`` | the same, mixtures of Gaussians | real numbers |
| ``MADE`` | a masked autoencoder, any ordering | bits |
| ``RecurrentModel`` | a state vector passed along | bits |
| ``AttentionModel`` | causal self-attention | bits |
| ``PixelCNN``, ``GatedPixelCNN`` | masked convolutions | binary images, as rows |

All follow ``AutoregressiveModel``: ``conditionals(x)``, ``log_prob(x)`` in nats, ``sample(n)``, ``complete(prefix)``,
``num_parameters``. ``dgmlib.autoregressive.evidence`` conditions on anything, not just a prefix.
"""

from dgmlib.autoregressive.attention import AttentionModel
from dgmlib.autoregressive.base import AutoregressiveModel
from dgmlib.autoregressive.fvsbn import FVSBN
from dgmlib.autoregressive.gated_pixelcnn import GatedPixelCNN
from dgmlib.autoregressive.made import MADE
from dgmlib.autoregressive.nade import NADE
from dgmlib.autoregressive.pixelcnn import PixelCNN
from dgmlib.autoregressive.recurrent import RecurrentModel
from dgmlib.autoregressive.rnade import RNADE

__all__ = [
    "FVSBN",
    "MADE",
    "NADE",
    "RNADE",
    "AttentionModel",
    "AutoregressiveModel",
    "GatedPixelCNN",
    "PixelCNN",
    "RecurrentModel",
]
