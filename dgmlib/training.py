"""One training loop for every neural model of the book.

    θ ← θ − step(∇_θ mean loss of a mini-batch)

It shuffles, steps, validates, keeps the best weights, stops when nothing improves, and writes a checkpoint from which a
killed run goes on as if nothing had happened, to the last bit.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from dgmlib import checkpoints
from dgmlib._arrays import check_counts

Loss = Callable[[Tensor], Tensor]


@dataclass
class History:
    """What happened, one entry per epoch: mean training and validation loss, and seconds since the first start."""

    train: list[float] = field(default_factory=list)
    valid: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def best_epoch(self) -> int:
        """Epoch, counted from 0, after which the validation loss was lowest; its weights are the ones kept."""
        return min(range(len(self.valid)), key=self.valid.__getitem__)


def fit(
    model: nn.Module,
    train: Tensor,
    valid: Tensor,
    *,
    optimizer: torch.optim.Optimizer,
    generator: torch.Generator,
    n_epochs: int,
    batch_size: int = 100,
    loss: Loss | None = None,
    patience: int | None = None,
    schedule: Callable[[float], float] | None = None,
    begin_epoch: Callable[[float], None] | None = None,
    checkpoint: Path | None = None,
    recipe: Mapping[str, Any] | None = None,
    progress: bool = True,
) -> History:
    """Train ``model`` in place, leave it with the weights of its best epoch, and return the history.

    Args:
        model: any module; trained on the device it is on.
        train, valid: examples along the first axis; moved to the device batch by batch.
        optimizer: any torch optimiser of the model's parameters whose ``step`` needs no closure.
        generator: a CPU generator; shuffles. Use the same one for the noise of a stochastic ``loss``.
        n_epochs, batch_size: passes over ``train``; examples per step. The last batch may be smaller.
        loss: batch -> one loss per example; default ``-model.log_prob(batch)``, in nats.
        patience: stop after so many epochs without a new best validation loss; default: never.
        schedule: share of training done, in [0, 1) -> factor for the learning rate, e.g. ``lambda done: 1 - done``.
        begin_epoch: called before every epoch with the share of training done, e.g. to let a term of the loss grow.
        checkpoint: a ``.safetensors`` file, rewritten after every epoch; a run that finds it goes on from there,
            if it was made with the same numbers of epochs and examples, batch size, optimiser and ``recipe``.
        recipe: what else determines the run, by name, such as a seed.
        progress: show a bar.
    """
    _check(train, valid, n_epochs, batch_size, patience)
    n_epochs, batch_size = int(n_epochs), int(batch_size)
    loss = loss or (lambda x: -model.log_prob(x))
    run = _Run(model, optimizer, generator, History(), _copy(model), [g["lr"] for g in optimizer.param_groups])
    sizes = {"n_epochs": n_epochs, "batch_size": batch_size, "n_train": len(train), "n_valid": len(valid)}
    settings = {} if checkpoint is None else _settings(optimizer, {**(recipe or {}), **sizes})
    if checkpoint is not None and Path(checkpoint).exists():
        run.restore(Path(checkpoint), settings)
    history, spent = run.history, (run.history.seconds or [0.0])[-1]
    start = time.perf_counter()
    with run.own_rates(), tqdm(total=n_epochs, initial=len(history.train), disable=not progress, unit="epoch") as bar:
        while len(history.train) < n_epochs and not _is_stuck(history, patience):
            done = len(history.train) / n_epochs
            run.set_rate(1.0 if schedule is None else schedule(done))
            if begin_epoch is not None:
                begin_epoch(done)
            history.train.append(run.train_epoch(train, batch_size, loss))
            history.valid.append(mean_loss(model, valid, loss, batch_size=batch_size))
            history.seconds.append(spent + time.perf_counter() - start)
            run.keep_best()
            if checkpoint is not None:
                run.save(Path(checkpoint), settings)
            bar.set_postfix(train=f"{history.train[-1]:.3f}", valid=f"{history.valid[-1]:.3f}")
            bar.update()
    model.load_state_dict(run.best)
    return history


@torch.no_grad()
def mean_loss(model: nn.Module, x: Tensor, loss: Loss | None = None, *, batch_size: int = 100) -> float:
    """Mean loss per example with the model in evaluation mode; default loss: ``-model.log_prob``, in nats."""
    check_counts(batch_size=batch_size)
    if len(x) == 0:
        raise ValueError("x: got no examples, expected at least one.")
    loss = loss or (lambda batch: -model.log_prob(batch))
    model.eval()
    device = next(model.parameters()).device
    total = sum(_one_each(loss(batch.to(device)), batch).double().sum() for batch in x.split(int(batch_size)))
    if total.isnan():
        raise ValueError("loss: got NaN on the examples held out, expected numbers; lower the learning rate.")
    return float(total / len(x))


@dataclass
class _Run:
    """Everything a run must remember to go on."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    generator: torch.Generator
    history: History
    best: dict[str, Tensor]
    rates: list[float]

    def train_epoch(self, train: Tensor, batch_size: int, loss: Loss) -> float:
        """One pass over the shuffled examples, -> mean loss per example."""
        self.model.train()
        device = next(self.model.parameters()).device
        total = torch.zeros((), dtype=torch.float64, device=device)
        for rows in torch.randperm(len(train), generator=self.generator).split(batch_size):
            losses = _one_each(loss(train[rows].to(device)), rows)
            self.optimizer.zero_grad()
            losses.mean().backward()
            self.optimizer.step()
            total += losses.detach().sum()
        if not total.isfinite():
            epoch = len(self.history.train)
            raise ValueError(f"loss: got {total} in epoch {epoch}, expected finite numbers; lower the learning rate.")
        return float(total / len(train))

    @contextmanager
    def own_rates(self) -> Iterator[None]:
        """Give the optimiser its learning rates back in the end, also when training is interrupted."""
        try:
            yield
        finally:
            self.set_rate(1.0)

    def set_rate(self, factor: float) -> None:
        """Learning rates for this epoch."""
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * factor

    def keep_best(self) -> None:
        """Copy the weights when the validation loss is the lowest so far."""
        if self.history.best_epoch == len(self.history.valid) - 1:
            self.best = _copy(self.model)

    def save(self, path: Path, settings: dict[str, Any]) -> None:
        """Write all of it into one file."""
        tensors = {"model": self.model.state_dict(), "best": self.best, "generator": self.generator.get_state()}
        state = {**tensors, "optimizer": self.optimizer.state_dict()["state"], "history": asdict(self.history)}
        checkpoints.save(path, {**state, "settings": settings})

    def restore(self, path: Path, settings: dict[str, Any]) -> None:
        """Take all of it back; refuse a file that another run wrote."""
        state = checkpoints.load(path)
        checkpoints.check_settings(path, state, settings)
        self.model.load_state_dict(state["model"])
        groups = self.optimizer.state_dict()["param_groups"]
        steps = {int(index): value for index, value in state["optimizer"].items()}
        self.optimizer.load_state_dict({"state": steps, "param_groups": groups})
        self.generator.set_state(state["generator"])
        self.best, self.history = state["best"], History(**state["history"])


def _copy(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def _is_stuck(history: History, patience: int | None) -> bool:
    return patience is not None and bool(history.valid) and len(history.valid) - 1 - history.best_epoch >= patience


def _settings(optimizer: torch.optim.Optimizer, told: dict[str, Any]) -> dict[str, Any]:
    """What a checkpoint must agree in: what fit was ``told``, the optimiser's class, its options group by group.

    As a file gives them back: tuples as lists, single numbers of torch and NumPy as Python's.
    """
    groups = optimizer.param_groups
    options = {name: [g.get(name) for g in groups] for group in groups for name in group if name != "params"}
    return json.loads(json.dumps({**told, "optimizer": type(optimizer).__name__, **options}, default=float))


def _check(train: Tensor, valid: Tensor, n_epochs: int, batch_size: int, patience: int | None) -> None:
    if len(train) == 0 or len(valid) == 0:
        raise ValueError(f"train, valid: got {len(train)} and {len(valid)} examples, expected at least one each.")
    check_counts(n_epochs=n_epochs, batch_size=batch_size)
    check_counts(least=0, patience=patience or 0)


def _one_each(losses: Tensor, batch: Tensor) -> Tensor:
    """The losses, if there is one per example."""
    if losses.shape != (len(batch),):
        raise ValueError(
            f"loss: got shape {tuple(losses.shape)} for {len(batch)} examples, expected ({len(batch)},), one number "
            f"per example; do not average."
        )
    return losses
