"""Fit the weights of an untrained network to one observed picture, one step at a time.

    θ ← θ − Adam(∇_θ E(f_θ(z + ε))),      z ~ U(0, 0.1) drawn once, ε ~ N(0, jitter²) anew at every step

The input stays the same; the noise ε on it keeps the network from learning pixels by heart. A share of what was
observed can be held out: never fitted, it tells how well the picture explains what the network has not seen.
Single precision. Memory: the weights four times (themselves, their gradient, Adam's two moments: 4 MB), and what the
way back needs of the feature maps, 1.4 kB per pixel with the usual network, 90 MB at 256 × 256; colour adds little.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import torch

from dgmlib import checkpoints
from dgmlib.restoration.checks import check_pixels
from dgmlib.restoration.deep_image_prior.averaging import DECAY, ExponentialAverage
from dgmlib.restoration.deep_image_prior.energy import energy, observed
from dgmlib.restoration.deep_image_prior.network import SKIP, WIDTHS, EncoderDecoder
from dgmlib.restoration.operators import Identity, LinearOperator

N_INPUT, INPUT_SCALE, JITTER = 8, 0.1, 0.02
LOUDEST = 0.5  # the standard deviation of noise that the check of grey values still takes for noise


class Step(NamedTuple):
    """Where the fit stands after ``number`` steps.

    image: the network's picture at this step, (height, width) or (height, width, 3), within (0, 1).
    average: the exponential average of all pictures so far.
    loss: mean squared misfit of ``image`` on the numbers fitted, 2 E over how many they are.
    held_out: mean squared misfit of ``average`` on the numbers held out; None if there are none.
    """

    number: int
    loss: float
    image: np.ndarray
    average: np.ndarray
    held_out: float | None


class Fit(Iterator[Step]):
    """An endless iterator of ``Step``s: take some, look, take more. It goes on where it was left.

    y: what was observed, A x and perhaps noise, grey or colour, floats with black 0 and white 1.
    operator: A, acting on each channel; None for the identity. generator: a CPU generator; draws all that is random.
    widths, n_skip: those of ``EncoderDecoder``. jitter: standard deviation of ε.
    decay: γ of the average. hold_out: share of y's pixels kept back, 0 for none. device: where the network lives.
    """

    def __init__(
        self,
        y: np.ndarray,
        operator: LinearOperator | None = None,
        *,
        generator: torch.Generator,
        widths: tuple[int, ...] = WIDTHS,
        n_skip: int = SKIP,
        learning_rate: float = 0.01,
        jitter: float = JITTER,
        decay: float = DECAY,
        hold_out: float = 0.0,
        device: torch.device | str = "cpu",
    ) -> None:
        self.operator = Identity(np.shape(y)[:2]) if operator is None else operator
        self.y = _observation(y, self.operator).to(device)
        self.generator, self.jitter = generator, jitter
        self.network = EncoderDecoder(N_INPUT, len(self.y), widths=widths, n_skip=n_skip, generator=generator).to(
            device
        )
        _check_size(self.operator.shape, self.network)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=learning_rate, fused=True)
        self.z = INPUT_SCALE * torch.rand(1, N_INPUT, *self.operator.shape, generator=generator)
        self.fitted, self.kept = _split(self.operator, hold_out, generator)
        self.widths, self.n_skip, self.hold_out = list(widths), n_skip, hold_out
        self.number, self._average = 0, ExponentialAverage(decay)

    def __next__(self) -> Step:
        """One step of Adam."""
        device = self.y.device
        z = self.z + self.jitter * torch.randn(self.z.shape, generator=self.generator)
        x = self.network(z.to(device))[0]
        misfit = energy(x, self.y, self.operator, self.fitted.to(device))
        self.optimizer.zero_grad()
        misfit.backward()
        self.optimizer.step()
        self.number += 1
        image = _picture(x)
        average = self._average.add(image)
        loss = 2 * misfit.item() / (len(self.y) * int(self.fitted.sum()))
        return Step(self.number, loss, image, average, self._held_out(average))

    def save(self, path: Path) -> None:
        """Write everything that the next step depends on, in one move."""
        checkpoints.save(path, self._state())

    def restore(self, path: Path) -> Self:
        """Go on from where ``save`` was called; for a ``Fit`` of the same picture with the same settings."""
        state = checkpoints.load(path)
        checkpoints.check_settings(path, state, self._settings())
        self.network.load_state_dict(state["network"])
        groups = self.optimizer.state_dict()["param_groups"]
        moments = {int(index): value for index, value in state["optimizer"].items()}
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})
        self.generator.set_state(state["generator"])
        self.z, self.fitted, self.kept = state["z"], state["fitted"], state["kept"]
        self.number, self._average.weight = state["number"], state["weight"]
        self._average.total = state["total"].numpy() if self.number else None
        return self

    def _state(self) -> dict[str, Any]:
        total = self._average.total
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict()["state"],
            "generator": self.generator.get_state(),
            "z": self.z,
            "fitted": self.fitted,
            "kept": self.kept,
            "number": self.number,
            "weight": self._average.weight,
            "total": torch.zeros(0) if total is None else torch.from_numpy(total),
            "settings": self._settings(),
        }

    def _settings(self) -> dict[str, Any]:
        """What a file must agree in to be gone on from."""
        digest = hashlib.sha256(self.y.cpu().numpy().tobytes()).hexdigest()[:16]
        return {
            "y": f"{tuple(self.y.shape)}, SHA-256 {digest}…",
            "operator": type(self.operator).__name__,
            "widths": self.widths,
            "n_skip": self.n_skip,
            "learning_rate": self.optimizer.param_groups[0]["lr"],
            "jitter": self.jitter,
            "decay": self._average.decay,
            "hold_out": self.hold_out,
        }

    def _held_out(self, average: np.ndarray) -> float | None:
        """The average's mean squared misfit where nothing was fitted."""
        if not self.kept.any():
            return None
        x = torch.from_numpy(np.moveaxis(np.atleast_3d(average), -1, 0))
        misfit = energy(x, self.y.cpu().double(), self.operator, self.kept.double())
        return 2 * float(misfit) / (len(self.y) * int(self.kept.sum()))


def _observation(y: np.ndarray, operator: LinearOperator) -> torch.Tensor:
    """y with channels first, (channels, *shape_out), after a look at it."""
    y = np.asarray(y)
    check_pixels(y, LOUDEST)
    if y.shape[:2] != operator.shape_out:
        raise ValueError(
            f"y: got shape {y.shape}, expected {operator.shape_out} [+ (3,)], what {type(operator).__name__} of "
            f"{operator.shape} gives; make the operator, or its mask, for this picture."
        )
    return torch.as_tensor(np.moveaxis(np.atleast_3d(y), -1, 0).astype(np.float32))


def _check_size(shape: tuple[int, int], network: EncoderDecoder) -> None:
    if min(shape) < network.least_side:
        raise ValueError(
            f"y: got a picture of {shape[0]} × {shape[1]} pixels, expected sides ≥ {network.least_side} for a network "
            f"of {len(network.scales)} scales; enlarge the picture or give fewer widths."
        )


def _split(operator: LinearOperator, hold_out: float, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Which pixels of y are fitted and which kept back, two masks (*shape_out) of ones and zeros."""
    if not 0 <= hold_out <= 0.5:
        raise ValueError(f"hold_out: got {hold_out}, expected a share from 0 to 0.5; 0.1 keeps back every tenth pixel.")
    seen = torch.from_numpy(observed(operator)).float()
    places = seen.nonzero()
    chosen = places[torch.randperm(len(places), generator=generator)[: round(hold_out * len(places))]]
    kept = torch.zeros_like(seen)
    kept[tuple(chosen.T)] = 1
    return seen - kept, kept


def _picture(x: torch.Tensor) -> np.ndarray:
    """(1, h, w) -> (h, w), (3, h, w) -> (h, w, 3), in double precision for what is summed over many steps."""
    picture = np.moveaxis(x.detach().cpu().double().numpy(), 0, -1)
    return picture[:, :, 0] if picture.shape[2] == 1 else picture
