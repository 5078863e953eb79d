"""Make what the figures of this lecture keep: ``python -m dgmlib.figures.masks_memory_attention.record NAME …``

Names: autoencoders, copying, digits, times, probes. All use one thread; each takes at most a few minutes.
"""

import argparse
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import torch

from dgmlib.figures.masks_memory_attention import recorded

PACKAGE = "dgmlib.figures.masks_memory_attention"
MODULES = {
    "autoencoders": "autoencoder",
    "copying": "copying",
    "digits": "digits",
    "times": "timing",
    "probes": "probe",
}
"""Name of a recording: the module whose ``record`` makes it."""


def main() -> None:
    """Parse the command line and make the recordings, one after the other."""
    parser = argparse.ArgumentParser(prog=f"python -m {PACKAGE}.record", description=__doc__)
    parser.add_argument("names", nargs="+", choices=list(MODULES), metavar="NAME", help=", ".join(MODULES))
    torch.set_num_threads(1)
    for name in parser.parse_args().names:
        make: Callable[[], dict[str, Any]] = import_module(f"{PACKAGE}.{MODULES[name]}").record
        start = time.process_time()
        recorded.keep(name, make(), seconds=time.process_time() - start)
        print(f"{name}: {time.process_time() - start:.0f} s")


if __name__ == "__main__":
    main()
