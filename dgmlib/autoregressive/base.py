"""What every autoregressive model can do: the chain rule, written once.

    p(x) = ∏_t p(x_o(t) | x_o(1), …, x_o(t−1))

A model only says how to compute the conditionals, in two ways that must agree:

* ``conditionals(x)`` all n at once, for a given x: this is what training needs;
* ``steps(n)`` one after the other, while x is being made: this is what sampling needs.

From these two follow ``log_prob``, ``sample`` and ``complete``.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence

import torch
from torch import Tensor, nn

from dgmlib._arrays import check_counts
from dgmlib.autoregressive.families import Bernoulli, Family

Steps = Generator[Tensor, Tensor, None]
"""A walk through the variables: yields the parameters of a conditional, is sent the values, (n,), and goes on."""


class AutoregressiveModel(nn.Module, ABC):
    """A density over rows of ``n_dims`` numbers, one conditional per variable.

    ``ordering[t]`` is the variable whose turn comes t-th; without one, variables follow their columns.
    """

    def __init__(
        self, n_dims: int, *, family: Family | None = None, ordering: Sequence[int] | Tensor | None = None
    ) -> None:
        super().__init__()
        check_counts(n_dims=n_dims)
        self.n_dims = n_dims
        self.family = family or Bernoulli()
        turns = list(range(n_dims)) if ordering is None else torch.as_tensor(ordering).tolist()
        if any(type(turn) is not int for turn in turns) or sorted(turns) != list(range(n_dims)):
            raise ValueError(f"ordering: got {turns}, expected the integers 0 … {n_dims - 1}, each once.")
        self.register_buffer("ordering", torch.tensor(turns))  # the model's own: the caller's may change

    @abstractmethod
    def conditionals(self, x: Tensor) -> Tensor:
        """Parameters of all conditionals, (batch, n_dims) -> (batch, n_dims, …); entry i ignores x_i and later ones."""

    @abstractmethod
    def steps(self, n: int) -> Steps:
        """Parameters of one conditional after the other for n rows at a time, in the order of ``ordering``."""

    def log_prob(self, x: Tensor) -> Tensor:
        """log p(x) = Σ_i log p(x_i | x_<i) in nats, (batch, n_dims) -> (batch,)."""
        x = self._checked(x, "x", self.n_dims)
        return self.family.log_prob(self.conditionals(x), x).sum(-1)

    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Draw n rows, -> (n, n_dims)."""
        check_counts(least=0, n=n)
        return self.complete(self.ordering.new_zeros(n, 0), generator=generator)

    def complete(self, prefix: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """Draw rows that begin with ``prefix``, (batch, k) -> (batch, n_dims).

        Column t of ``prefix`` is the variable ``ordering[t]``. The rows follow p(x | prefix) exactly, for the chain
        rule has already conditioned on everything that comes first.
        """
        width = prefix.shape[-1] if prefix.ndim == 2 else self.n_dims
        prefix = self._checked(prefix, "prefix", min(width, self.n_dims))

        def choose(t: int, parameters: Tensor) -> Tensor:
            return prefix[:, t] if t < width else self.family.draw(parameters, generator)

        return self.unroll(len(prefix), choose)

    @torch.no_grad()
    def unroll(self, n: int, choose: Callable[[int, Tensor], Tensor]) -> Tensor:
        """Walk through the variables, setting the t-th to ``choose(t, parameters)``, (n,); -> (n, n_dims)."""
        columns, walk = [], self.steps(n)
        parameters = next(walk)
        for t in range(self.n_dims):
            columns.append(choose(t, parameters))
            if t + 1 < self.n_dims:
                parameters = walk.send(columns[-1])
        return torch.stack(columns, 1)[:, self.ordering.argsort()]

    @property
    def num_parameters(self) -> int:
        """How many numbers are learned."""
        return sum(p.numel() for p in self.parameters())

    def _checked(self, x: Tensor, name: str, width: int) -> Tensor:
        """``x``, tensor or array, as rows of ``width`` numbers of the model's own type that the family can produce."""
        x = torch.as_tensor(x)
        if x.ndim != 2 or x.shape[1] != width:
            raise ValueError(f"{name}: got shape {tuple(x.shape)}, expected (batch, {width}); flatten images to rows.")
        x = x.to(next(self.parameters()).dtype)
        self.family.check(x, name)
        return x
