"""Real-valued NADE: as NADE, but each conditional is a mixture of K Gaussians, so nothing is discretised.

    a_1 = c,   a_{i+1} = a_i + x_i W_i,   h_i = max(0, a_i)
    p(x_i | x_<i) = Σ_k π_k N(x_i; μ_k, σ_k²),   (log π, μ, log σ) = B_i + V_i h_i

The paper also multiplies a_i by a learned ρ_i > 0; with max(0, ·) that only rescales V_i, so it is left out.
Source: B. Uria, I. Murray, H. Larochelle, NeurIPS 2013.
"""

import math

import torch
from torch import Tensor, nn

from dgmlib._arrays import check_counts
from dgmlib.autoregressive.base import AutoregressiveModel, Steps
from dgmlib.autoregressive.families import GaussianMixture
from dgmlib.autoregressive.layers import uniform


class RNADE(AutoregressiveModel):
    """Real-valued autoregressive model with n·d + d + 3·n·K·(d + 1) parameters, d = n_hidden, K = n_components.

    ``scale`` is the typical size of the values: the network then works in units of it, and trains as well on grey
    values of 0.02 as on lengths of 300. It is a unit, not a parameter: densities are those of x itself.
    """

    def __init__(
        self,
        n_dims: int,
        n_hidden: int,
        n_components: int,
        *,
        scale: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(n_dims, family=GaussianMixture())
        check_counts(n_hidden=n_hidden, n_components=n_components)
        if not 0 < scale < math.inf:
            raise ValueError(f"scale: got {scale}, expected a number > 0, such as the data's standard deviation.")
        self.n_components = n_components
        self.weight = uniform(n_dims, n_hidden, fan_in=n_dims, generator=generator)
        self.hidden_bias = nn.Parameter(torch.zeros(n_hidden))
        self.out_weight = uniform(n_dims, n_hidden, 3 * n_components, fan_in=n_hidden, generator=generator)
        start = torch.zeros(n_dims, 3, n_components)
        start[:, 1] = torch.linspace(-1, 1, n_components + 2)[1:-1]  # equal components would get equal gradients
        self.bias = nn.Parameter(start.flatten(1))
        self.register_buffer("scale", torch.tensor(float(scale)))

    def conditionals(self, x: Tensor) -> Tensor:
        """Log-weights, means, log-deviations of all conditionals, (batch, n) -> (batch, n, 3, K).

        One variable after the other, for the hidden layers of a batch are n·batch·d numbers: as one array they would
        not fit into a processor's cache, and training takes seven times as long.
        """
        a, out = self.hidden_bias.expand(len(x), -1), []
        columns = (x / self.scale).T[..., None].unbind()  # n times (batch, 1)
        for x_i, w, v, bias in zip(columns, self.weight[:, None].unbind(), self.out_weight, self.bias, strict=True):
            out.append(torch.addmm(bias, a.relu(), v))
            a = torch.addmm(a, x_i, w)
        return self._in_units(torch.stack(out, 1))

    def steps(self, n: int) -> Steps:
        """The definition, read aloud: each step updates the n_hidden pre-activations, O(d)."""
        a = self.hidden_bias.expand(n, -1)
        for i in range(self.n_dims):
            x_i = yield self.conditional(i, a)
            a = self.advance(i, a, x_i)

    def conditional(self, i: int, a: Tensor) -> Tensor:
        """Parameters of p(x_i | x_<i) from the pre-activations a_i, (batch, d) -> (batch, 3, K)."""
        return self._in_units(self.bias[i] + a.relu() @ self.out_weight[i])

    def advance(self, i: int, a: Tensor, x_i: Tensor) -> Tensor:
        """a_{i+1} = a_i + x_i W_i, (batch, d) and (batch,) -> (batch, d)."""
        return a + (x_i / self.scale)[:, None] * self.weight[i]

    def _in_units(self, out: Tensor) -> Tensor:
        """Network outputs (…, 3K) to parameters (…, 3, K) in the units of x."""
        log_weight, mu, log_sigma = out.unflatten(-1, (3, self.n_components)).unbind(-2)
        return torch.stack([log_weight, mu * self.scale, log_sigma + self.scale.log()], -2)
