"""Make what the lecture's figures play back: ``python -m dgmlib.figures.autoregressive_models [NAME …]``.

Without a name: everything, in a few minutes on one core.
"""

import argparse
import json

from dgmlib.data.store import save
from dgmlib.figures.autoregressive_models import inpainting, switches, toy, width
from dgmlib.figures.autoregressive_models.recorded import FOLDER
from dgmlib.figures.autoregressive_models.small import FAMILIES, train
from dgmlib.files import write


def make_switches() -> None:
    """Fit logistic regressions and a network to four variables, in every order."""
    write(FOLDER / "switches.json", (json.dumps(switches.record()) + "\n").encode())


def make_small() -> None:
    """Train the models of small digits."""
    for name in FAMILIES:
        write(FOLDER / f"{name}-small.safetensors", train(name))


def make_toy() -> None:
    """Train the RNADEs of the toy."""
    for k in toy.COMPONENTS:
        write(FOLDER / f"rnade-{k}.safetensors", toy.train(k))


def make_evidence() -> None:
    """Ask the FVSBN of small digits."""
    save(FOLDER / "evidence.npz", inpainting.record())


def make_width() -> None:
    """Train the NADEs of growing width."""
    write(FOLDER / "width.json", (json.dumps(width.measure(), indent=1) + "\n").encode())


MAKERS = {
    "switches": make_switches,
    "small": make_small,
    "toy": make_toy,
    "evidence": make_evidence,
    "width": make_width,
}


def main() -> None:
    """Parse the command line and make what it names."""
    parser = argparse.ArgumentParser(prog="python -m dgmlib.figures.autoregressive_models", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MAKERS))
    for name in parser.parse_args().names or MAKERS:
        if name not in MAKERS:
            parser.error(f"got {name!r}, expected one of {', '.join(MAKERS)}")
        print(f"making {name} …", flush=True)
        MAKERS[name]()


if __name__ == "__main__":
    main()
