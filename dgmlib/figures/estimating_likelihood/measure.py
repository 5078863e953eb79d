"""Time the sum over all settings of n binary latents: `python -m dgmlib.figures.estimating_likelihood.measure`.

Rewrites `enumeration.json`: seconds for one image of 64 pixels, the best of several runs on one core, and on what.
It counts the processor's time for this process, which other processes on the machine do not add to.
"""

import json
import time
from pathlib import Path

import torch

from dgmlib.figures.machine import processor
from dgmlib.files import write
from dgmlib.latent.enumeration import exact_log_prob
from dgmlib.latent.sigmoid_belief import SigmoidBeliefNet

RECORD = Path(__file__).with_name("enumeration.json")
PIXELS = 64
LATENTS = range(8, 23, 2)


def seconds(n_latents: int, *, repeats: int = 5) -> float:
    """Best of ``repeats`` processor times for one exact log p(x), in float32."""
    net = SigmoidBeliefNet(PIXELS, n_latents, generator=torch.Generator().manual_seed(0)).requires_grad_(False)
    x = net.sample(1, generator=torch.Generator().manual_seed(1))
    exact_log_prob(net, x)
    runs = []
    for _ in range(repeats):
        start = time.process_time()
        exact_log_prob(net, x)
        runs.append(time.process_time() - start)
    return min(runs)


def main() -> None:
    """Measure and rewrite the record."""
    torch.set_num_threads(1)
    record = {
        "processor": f"{processor()}, one core",
        "software": f"PyTorch {torch.__version__}, float32",
        "pixels": PIXELS,
        "latents": list(LATENTS),
        "seconds": [float(f"{seconds(n):.3g}") for n in LATENTS],
    }
    write(RECORD, (json.dumps(record, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
