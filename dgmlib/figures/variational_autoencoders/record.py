"""Train the small VAEs that two figures show, and keep what they show: ``python -m …variational_autoencoders.record``.

Six weights of the KL term, two of them also with a warm-up: every unit's KL and the bound after every epoch, and at
the end reconstructions and samples. From the digits of the package, one thread, a minute. Written to ``recorded.npz``.
"""

import numpy as np
import torch

from dgmlib.data.store import save
from dgmlib.figures.variational_autoencoders.recorded import N_EPOCHS, PATH, RUNS
from dgmlib.figures.variational_autoencoders.small import digits, small_vae, train
from dgmlib.latent.representation import information_per_unit
from dgmlib.latent.vae import VAE

SHOWN = slice(0, 10)  # one held-out digit of each kind


def main() -> None:
    """Train one VAE per run, write one file."""
    torch.set_num_threads(1)
    kept = [run(beta, warm_up) for beta, warm_up in RUNS]
    save(PATH, {name: np.stack([one[name] for one in kept]) for name in kept[0]})


def run(beta: float, warm_up: float) -> dict[str, np.ndarray]:
    """Train with this weight and this share of warm-up; look before every epoch and at the end."""
    vae, units, bounds = small_vae(), [], []

    def look(_: float) -> None:
        units.append(information_per_unit(vae, digits().held_out).numpy())
        bounds.append(float(held_out_elbo(vae)))

    train(vae, n_epochs=N_EPOCHS, beta=beta, warm_up=warm_up, after_epoch=look)
    look(1.0)
    return {"units": np.array(units, np.float32), "elbo": np.array(bounds, np.float32), **pictures(vae)}


@torch.no_grad()
def pictures(vae: VAE) -> dict[str, np.ndarray]:
    """Misfit in nats of the held-out digits; ten reconstructions and ten samples as 8-bit grey probabilities."""
    x, generator = digits().held_out, torch.Generator().manual_seed(2)
    distortion = -vae.elbo(x, beta=0.0, n_samples=5, generator=generator).mean()
    z = vae.prior.sample(10, generator=generator)[:, 0]
    return {
        "distortion": np.float32(distortion),
        "reconstructions": grey(vae.decode(vae.encode(x[SHOWN]).mean)),
        "samples": grey(vae.decode(z)),
    }


@torch.no_grad()
def held_out_elbo(vae: VAE) -> torch.Tensor:
    """Mean ELBO in nats, with β = 1, one draw per digit, the same noise each time."""
    return vae.elbo(digits().held_out, generator=torch.Generator().manual_seed(3)).mean()


def grey(probabilities: torch.Tensor) -> np.ndarray:
    """(m, 784) -> (m, 28, 28) uint8, 0 paper … 255 ink."""
    return (255 * probabilities).round().to(torch.uint8).reshape(-1, 28, 28).numpy()


if __name__ == "__main__":
    main()
