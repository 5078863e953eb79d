"""What takes too long to compute while a reader waits; ``python -m dgmlib.figures.autoregressive_models`` makes it.

| file | what | made from |
|---|---|---|
| ``switches.json`` | what logistic regressions and a network make of four variables | ``switches.truth`` |
| ``width.json`` | NADEs of growing width on small digits: nats after every epoch, samples | the embedded digits |
| ``rnade-K.safetensors`` | RNADEs with K components for the toy of three variables | ``toy.sample`` |
| ``fvsbn-small.safetensors``, ``nade-…``, ``made-…`` | the models of small digits | the embedded digits |
| ``evidence.npz`` | what that FVSBN makes of evidence: draws, weights, chains | the embedded digits |

Numbers and samples of models only; no image of a data set.
"""

from pathlib import Path

from torch import nn

from dgmlib.pretrained.storage import from_bytes, round_to_half, to_bytes

FOLDER = Path(__file__).parent


def read_bytes(name: str) -> bytes:
    """Content of a recorded file."""
    return (FOLDER / name).read_bytes()


def packed(model: nn.Module) -> bytes:
    """Content of a weights file; the model's own are rounded like those kept."""
    round_to_half(model)
    return to_bytes(model)


def with_weights(name: str, model: nn.Module) -> nn.Module:
    """``model`` with the recorded weights ``name``, ready to be asked; nobody may change it."""
    from_bytes(read_bytes(f"{name}.safetensors"), model)
    return model.eval().requires_grad_(False)
