"""What is trained, on what, and how: one recipe per model, and nothing hidden in a script.

All models of binarised MNIST learn on the 50,000 training images, stop by the 10,000 validation images, and are scored
once on the 10,000 test images. Autoregressive models are scored exactly, pixels in raster order unless the name says
random; variational autoencoders with two latents by quadrature, with more by an importance estimate of 5,000 samples,
which is low on average. Published scores: see each recipe.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from dgmlib.autoregressive import FVSBN, MADE, NADE, RNADE, AutoregressiveModel, PixelCNN
from dgmlib.data import load_binarized_mnist
from dgmlib.latent.mixture import GaussianMixture
from dgmlib.latent.vae import VAE
from dgmlib.pretrained.patches import bsds300_patches

Network = AutoregressiveModel | VAE
Model = Network | GaussianMixture


@dataclass(frozen=True)
class Splits:
    """Training, validation and test examples, (m, n_dims) each."""

    train: Tensor
    valid: Tensor
    test: Tensor


@dataclass(frozen=True)
class Recipe:
    """Everything that determines a trained network.

    ``build``: generator -> fresh model. ``optimizer``: "AdamW", or "SGD" with Nesterov momentum 0.9. The learning rate
    falls linearly to zero; the epoch best on the validation set is kept, and ``patience`` epochs without a better one
    end the training.
    ``epsilon``: what AdamW adds to the root of the mean squared gradient.
    ``bfloat16``: train with the network's products in that precision, twice as fast for convolutions on a CPU.
    ``objective``: options of `dgmlib.latent.objective.Objective`, for a VAE; other models maximise their likelihood.
    ``start``: name of the trained model whose weights training begins from; by default they are drawn by ``build``.
    ``published``: what the literature reports, in nats of log-likelihood or its negative.
    """

    name: str
    summary: str
    build: Callable[[torch.Generator], Network]
    data: Callable[[], Splits]
    data_summary: str
    published: str
    n_epochs: int
    optimizer: str = "AdamW"
    batch_size: int = 100
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    epsilon: float = 1e-8
    patience: int = 10
    bfloat16: bool = False
    objective: Mapping[str, int | float | bool] | None = None
    start: str | None = None
    seed: int = 0

    @property
    def training(self) -> str:
        """How the weights were found, in words."""
        early = f", stopped after {self.patience} without a better one" if self.patience < self.n_epochs else ""
        return f"learning rate falling linearly to zero, the epoch best on the validation set kept{early}"

    @property
    def command(self) -> str:
        """The command that makes the weights and the card."""
        return _command(self.name)

    @property
    def settings(self) -> dict[str, int | float | str]:
        """What the training run was told."""
        names = ("optimizer", "n_epochs", "batch_size", "learning_rate", "weight_decay", "patience", "bfloat16", "seed")
        told = {name: getattr(self, name) for name in names} | dict(self.objective or {})
        if self.optimizer == "AdamW":
            told["epsilon"] = self.epsilon
        return told if self.start is None else told | {"start": self.start}


@dataclass(frozen=True)
class MixtureRecipe:
    """Everything that determines a mixture of Gaussians with zero means, fitted by expectation maximisation.

    From ``init`` (as `GaussianMixture.fit` takes it), ``n_passes`` over the training examples by stepwise EM in batches
    of ``batch_size``, then ``n_iterations`` of exact EM over all of them. ``data``, ``data_summary``, ``published``: as
    for a network.
    """

    name: str
    summary: str
    n_components: int
    data: Callable[[], Splits]
    data_summary: str
    published: str
    n_passes: int
    n_iterations: int
    init: str = "random"
    batch_size: int = 20_000
    seed: int = 0
    training: ClassVar[str] = "stepwise expectation maximisation, then exact"

    @property
    def command(self) -> str:
        """The command that makes the parameters and the card."""
        return _command(self.name)

    @property
    def settings(self) -> dict[str, int | float | str]:
        """What the fit was told."""
        return {name: getattr(self, name) for name in ("init", "n_passes", "n_iterations", "batch_size", "seed")}


def _command(name: str) -> str:
    return f"python -m dgmlib.pretrained {name}"


def binarized_mnist() -> Splits:
    """The fixed binarised MNIST as rows of 784 bits, uint8."""
    train, valid, test = (
        torch.from_numpy(load_binarized_mnist(s).reshape(-1, 784)) for s in ("train", "valid", "test")
    )
    return Splits(train, valid, test)


def bsds_patches() -> Splits:
    """A million patches of 180 training photographs, 50,000 of the other 20, 250,000 of the 68 test photographs."""
    return Splits(*map(torch.from_numpy, bsds300_patches(n_train=1_000_000, n_valid=50_000, n_test=250_000)))


def fewer_bsds_patches() -> Splits:
    """The same, but 250,000 to train on: the learning rate, which falls after every pass, then falls more gradually."""
    splits = bsds_patches()
    return Splits(splits.train[:250_000], splits.valid, splits.test)


BITS = "fixed binarised MNIST (Larochelle), 50,000 / 10,000 / 10,000 images"
MNIST = f"{BITS}, raster order"
PATCHES = "8×8 patches of BSDS300, 63 dimensions (mean removed, last pixel dropped), tested on the images of BSD68"

# Adam steps as far for a pixel that is hardly ever on as for any other, and learns its noise.
FVSBN_TRAINING = {"optimizer": "SGD", "n_epochs": 25, "learning_rate": 0.1, "weight_decay": 5e-5, "patience": 25}

_ALL = (
    Recipe(
        name="fvsbn-mnist",
        summary="FVSBN, 784 logistic regressions",
        build=lambda g: FVSBN(784),
        data=binarized_mnist,
        data_summary=MNIST,
        published="97.45 nats, random order (Larochelle and Murray 2011)",
        **FVSBN_TRAINING,
    ),
    Recipe(
        name="fvsbn-random-mnist",
        summary="FVSBN, 784 logistic regressions, pixels in random order",
        build=lambda g: FVSBN(784, ordering=torch.randperm(784, generator=g)),
        data=binarized_mnist,
        data_summary=MNIST.replace("raster", "random"),
        published="97.45 nats, random order (Larochelle and Murray 2011)",
        **FVSBN_TRAINING,
    ),
    Recipe(
        name="nade-mnist",
        summary="NADE, 500 hidden units",
        build=lambda g: NADE(784, 500, generator=g),
        data=binarized_mnist,
        data_summary=MNIST,
        published="88.86 nats (Larochelle and Murray 2011), 88.35 (Uria et al. 2014), random order",
        n_epochs=45,
        weight_decay=0.05,
        patience=45,
    ),
    Recipe(
        name="made-mnist",
        summary="MADE, one hidden layer of 2,000 units, one mask",
        build=lambda g: MADE(784, [2000], generator=g),
        data=binarized_mnist,
        data_summary=MNIST,
        published="88.40 nats with 8,000 units, about 94.5 with 500, one mask (Germain et al. 2015)",
        # Three million parameters learn 50,000 images by heart: few passes, and a decay that is felt.
        n_epochs=24,
        weight_decay=0.1,
        patience=24,
    ),
    Recipe(
        name="pixelcnn-mnist",
        summary="PixelCNN, 48 channels, 7×7 and then nine residual 3×3 layers with dilations 1, 2, 4, untied bias",
        build=lambda g: PixelCNN(28, 28, 48, 9, dilations=(1, 2, 4), untied_bias=True, generator=g),
        data=binarized_mnist,
        data_summary=MNIST,
        published="81.30 nats, PixelCNN (van den Oord et al. 2016)",
        n_epochs=10,
        batch_size=16,
        learning_rate=2e-3,
        bfloat16=True,
    ),
    Recipe(
        name="pixelcnn-small-mnist",
        summary="PixelCNN, 32 channels, 7×7 and then six residual 3×3 layers",
        build=lambda g: PixelCNN(28, 28, 32, 6, generator=g),
        data=binarized_mnist,
        data_summary=MNIST,
        published="81.30 nats, a larger PixelCNN (van den Oord et al. 2016)",
        # As plain as can be, to see what pixelcnn-mnist gains by seeing farther and by knowing places.
        n_epochs=20,
        batch_size=16,
        learning_rate=2e-3,
        bfloat16=True,
    ),
    Recipe(
        name="rnade-bsds",
        summary="RNADE, 256 hidden units, 10 Gaussians per conditional",
        build=lambda g: RNADE(63, 256, 10, scale=0.1, generator=g),
        data=fewer_bsds_patches,
        data_summary=PATCHES,
        published="152.1 nats of log-density, one hidden layer, fixed order (Uria et al. 2014)",
        n_epochs=10,
        batch_size=250,
        learning_rate=5e-3,
    ),
    MixtureRecipe(
        name="gmm-200-bsds",
        summary="mixture of 200 Gaussians with full covariances",
        n_components=200,
        data=bsds_patches,
        data_summary=PATCHES,
        published="152.8 nats of log-density (Zoran and Weiss 2012, as quoted by Uria et al. 2014)",
        n_passes=10,
        n_iterations=5,
    ),
    Recipe(
        name="vae2-mnist",
        summary="VAE, 2 latents, two tanh layers of 300 on either side",
        build=lambda g: VAE(784, 2, hidden=(300, 300), generator=g),
        data=binarized_mnist,
        data_summary=BITS,
        published="none: two latents are for looking at",
        n_epochs=60,
        weight_decay=1e-2,
        patience=15,
        objective={"n_samples": 1},
    ),
    Recipe(
        name="vae-mnist",
        summary="VAE, 50 latents, two tanh layers of 200 on either side",
        build=lambda g: VAE(784, 50, generator=g),
        data=binarized_mnist,
        data_summary=BITS,
        published="88.71 nats (Burda et al. 2016)",
        # Many small steps, and a warm-up that lets more latents live: each is worth a nat or more.
        n_epochs=400,
        batch_size=20,
        weight_decay=3e-3,
        epsilon=1e-4,
        patience=400,
        objective={"n_samples": 1, "warm_up": 0.3},
    ),
    Recipe(
        name="iwae-mnist",
        summary="VAE, 50 latents, two tanh layers of 200, on the bound of 10 importance samples",
        build=lambda g: VAE(784, 50, generator=g),
        data=binarized_mnist,
        data_summary=BITS,
        published="87.63 nats with 5 samples, 87.10 with 50 (Burda et al. 2016)",
        # The tighter bound costs more a step: begin where the looser one has led.
        start="vae-mnist",
        n_epochs=80,
        batch_size=20,
        learning_rate=5e-4,
        weight_decay=3e-3,
        epsilon=1e-4,
        patience=80,
        objective={"n_samples": 10, "importance": True},
    ),
)

RECIPES: dict[str, Recipe | MixtureRecipe] = {recipe.name: recipe for recipe in _ALL}


def find(name: str) -> Recipe | MixtureRecipe:
    """The recipe of that name."""
    if name not in RECIPES:
        raise ValueError(f"name: got {name!r}, expected one of {', '.join(RECIPES)}.")
    return RECIPES[name]
