"""Make what the figures of this lecture keep: ``python -m dgmlib.figures.patch_priors.record NAME …``

    priors      fit ten priors to the BSDS300 photographs, and measure them and RNADE (``study``): 40 core minutes
    steps       the rounds of EPLL on three pictures at three noise levels (``steps``)
    tasks       four kinds of damage, the same restoration (``tasks``)
    splitting   three schedules of β (``splitting``)

The last three restore with the best prior that is here (``dgmlib.restoration.shipped``); all name the prior, the seed
and the seconds of one core.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

from dgmlib.figures.patch_priors import splitting, steps, study, tasks
from dgmlib.figures.patch_priors.pictures import noisy, square
from dgmlib.figures.patch_priors.recorded import keep, keep_squares
from dgmlib.restoration import epll
from dgmlib.restoration.shipped import shipped_prior

Rows = list[study.Row]


def priors(seed: int = 0) -> Rows:
    """The table of the study, and one photograph restored by each prior."""
    start, rows, pictures = time.process_time(), [], []
    y = noisy(square("camera"), study.SIGMA)
    for row, prior in study.study(seed):
        rows.append(row)
        pictures.append(epll(y, None, prior, sigma=study.SIGMA))
    keep_squares("priors", np.array(pictures)[None])
    keep("priors", {"seed": seed, "seconds": round(time.process_time() - start), "rows": rows})
    return rows


def restored(name: str, make: Callable[[], np.ndarray]) -> None:
    """A sheet of restored pictures, and with which prior they were made."""
    start = time.process_time()
    keep_squares(name, make())
    components = len(shipped_prior().weights)
    keep(name, {"components": components, "seconds": round(time.process_time() - start)})


def schedules() -> None:
    """The rounds of three schedules."""
    start = time.process_time()
    record = {"components": len(shipped_prior().weights), **splitting.record()}
    keep("splitting", record | {"seconds": round(time.process_time() - start)})


MAKERS: dict[str, Callable[[], object]] = {
    "priors": priors,
    "steps": lambda: restored("steps", steps.record),
    "tasks": lambda: restored("tasks", tasks.record),
    "splitting": schedules,
}


def main() -> None:
    """Parse the command line and make the recordings, one after the other."""
    parser = argparse.ArgumentParser(
        prog="python -m dgmlib.figures.patch_priors.record",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="+", choices=list(MAKERS), metavar="NAME", help=", ".join(MAKERS))
    for name in parser.parse_args().names:
        MAKERS[name]()


if __name__ == "__main__":
    main()
