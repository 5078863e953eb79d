"""A model's state as a small ``.safetensors`` file: half precision, and no weight that a mask forbids.

Parameters become float16; of a masked layer only the entries that the mask lets through are kept, in order, (m,).
Buffers (orderings, degrees, masks) stay as they are.
"""

from collections.abc import Iterator

import torch
from safetensors.torch import load as tensors_from
from safetensors.torch import save as bytes_from
from torch import Tensor, nn

from dgmlib.autoregressive.layers import MaskedConv2d, MaskedLinear


@torch.no_grad()
def round_to_half(model: nn.Module) -> None:
    """Give the model the parameters that its file will hold, so that what is scored is what is shipped."""
    for parameter in model.parameters():
        parameter.copy_(parameter.half())


def to_bytes(model: nn.Module) -> bytes:
    """The file's content."""
    learned = {name for name, _ in model.named_parameters()}
    state = {name: value.half() if name in learned else value for name, value in model.state_dict().items()}
    for name, mask in _masks(model):
        state[name] = state[name][mask]
    # A copy each, because safetensors refuses tensors that share memory, such as a buffer used in two layers.
    return bytes_from({name: value.cpu().contiguous().clone() for name, value in state.items()})


def from_bytes(content: bytes, model: nn.Module) -> None:
    """Read such a content into a model of the same shape, in the model's own precision."""
    state = tensors_from(content)
    buffers = dict(model.named_buffers())
    model.load_state_dict({name: value for name, value in state.items() if name in buffers}, strict=False)
    for name, mask in _masks(model):  # masks follow from the buffers just read
        state[name] = state[name].new_zeros(mask.shape).masked_scatter(mask, state[name])
    model.load_state_dict(state)


def _masks(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Name and mask, in the shape of the weight, of every masked layer's weight."""
    for name, layer in model.named_modules():
        if isinstance(layer, MaskedLinear | MaskedConv2d):
            yield f"{name}.weight", layer.mask.expand_as(layer.weight)
