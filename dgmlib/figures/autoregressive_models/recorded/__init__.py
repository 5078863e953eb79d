"""What takes too long to compute while a reader waits; ``python -m dgmlib.figures.autoregressive_models`` makes it.

| file | what | made from |
|---|---|---|
| ``switches.json`` | what logistic regressions and a network make of four variables | ``switches.truth`` |
| ``width.json`` | NADEs of growing width on small digits: nats after every epoch, samples | the embedded digits |
| ``rnade-K.safetensors`` | RNADEs with K components for the toy of three variables | ``toy.sample`` |
| ``fvsbn-small.safetensors``, ``nade-small.safetensors`` | both models of small digits | the embedded digits |
| ``evidence.npz`` | what that FVSBN makes of evidence: draws, weights, chains | the embedded digits |

Numbers and samples of models only; no image of a data set.
"""

import io
from importlib.resources import files
from pathlib import Path

import numpy as np

from dgmlib.checkpoints import write

FOLDER = Path(__file__).parent


def read_bytes(name: str) -> bytes:
    """Content of a recorded file."""
    return files(__name__).joinpath(name).read_bytes()


def read_arrays(name: str) -> dict[str, np.ndarray]:
    """Arrays of a recorded ``.npz``, never unpickling."""
    with np.load(io.BytesIO(read_bytes(name)), allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write an ``.npz`` in one step."""
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    write(path, packed.getvalue())
