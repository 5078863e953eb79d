"""Variational autoencoder: a decoder makes x from z, an encoder guesses z from x, and one bound trains both.

    p_θ(x) = ∫ N(z; 0, I) p_θ(x | z) dz                         decoder; no closed form
    q_φ(z | x) = N(z; μ_φ(x), diag σ_φ(x)²)                     encoder
    ELBO = E_q[log p_θ(x | z)] − D(q_φ(z | x) ‖ N(0, I)) ≤ log p_θ(x)       to be MAXIMISED in θ and φ

Sources: D. P. Kingma, M. Welling, ICLR 2014; D. J. Rezende, S. Mohamed, D. Wierstra, ICML 2014; the k-sample bound:
Y. Burda, R. Grosse, R. Salakhutdinov, ICLR 2016; β: I. Higgins et al., ICLR 2017.
"""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from dgmlib._arrays import check_counts
from dgmlib.latent.base import check_draws
from dgmlib.latent.checks import check_above_zero
from dgmlib.latent.decoders import BernoulliDecoder, GaussianDecoder
from dgmlib.latent.elbo import iwae_bound
from dgmlib.latent.importance import importance_log_prob
from dgmlib.latent.networks import perceptron
from dgmlib.latent.proposals import DiagonalGaussian

DECODERS = {
    "bernoulli": BernoulliDecoder,
    "gaussian": GaussianDecoder,
    "gaussian, shared sigma": partial(GaussianDecoder, shared_sigma=True),
}
_IN_CACHE = 2**19  # numbers in the largest array of an importance estimate: 2 MB in single precision


class VAE(nn.Module):
    """A latent-variable model of rows of ``n_dims`` numbers, with tanh networks of widths ``hidden`` on both sides.

    Args:
        n_dims, n_latents: length of x and of z.
        hidden: widths of the encoder's hidden layers; the decoder mirrors them. ``()`` makes both maps linear.
        decoder: "bernoulli" for bits, "gaussian" or "gaussian, shared sigma" (one σ_i for all z) for real numbers.
        generator: draws the weights.
    """

    def __init__(
        self,
        n_dims: int,
        n_latents: int,
        *,
        hidden: Sequence[int] = (200, 200),
        decoder: str = "bernoulli",
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if decoder not in DECODERS:
            raise ValueError(f"decoder: got {decoder!r}, expected one of {list(DECODERS)}.")
        self.n_dims, self.n_latents = n_dims, n_latents
        self.encoder = perceptron([n_dims, *hidden, 2 * n_latents], generator=generator)
        self.decoder = DECODERS[decoder](n_latents, hidden[::-1], n_dims, generator=generator)

    @property
    def prior(self) -> DiagonalGaussian:
        """p(z) = N(0, I), a batch of one."""
        like = next(self.parameters())
        return DiagonalGaussian(like.new_zeros(1, self.n_latents), like.new_ones(1, self.n_latents))

    def encode(self, x: Tensor) -> DiagonalGaussian:
        """q(z | x), (batch, n_dims) -> one Gaussian per row."""
        mu, log_sigma = self.encoder(self._checked(x)).chunk(2, -1)
        return DiagonalGaussian(mu, log_sigma.exp())

    def decode(self, z: Tensor) -> Tensor:
        """E[x | z]: probabilities of ones, or means; (…, n_latents) -> (…, n_dims)."""
        return self.decoder.mean(z)

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x, z) = log p(x | z) + log N(z; 0, I) in nats, (batch, n_dims), (…, batch, n_latents) -> (…, batch)."""
        return self.decoder.log_prob(self._checked(x), z) + self.prior.log_prob(z)

    def elbo(
        self,
        x: Tensor,
        *,
        q: DiagonalGaussian | None = None,
        n_samples: int = 1,
        beta: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Estimate of E_q[log p(x | z)] − β D(q ‖ N(0, I)) in nats, (batch, n_dims) -> (batch,).

        The expectation is averaged over ``n_samples`` draws of z = μ + σ ε, so that gradients reach the encoder; the
        divergence is exact. q is the encoder's q(z | x), unless another is given.
        """
        check_counts(n_samples=n_samples)
        q = q or self.encode(x)
        z = q.sample(n_samples, generator=generator)
        check_draws(z, n_samples, len(x), self.n_latents)
        return self.decoder.log_prob(self._checked(x), z).mean(0) - beta * kl_to_prior(q).sum(-1)

    def iwae_bound(self, x: Tensor, n_samples: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Estimate of E log 1/k Σ_j p(x, z_j)/q(z_j | x) in nats, (batch, n_dims) -> (batch,); k = ``n_samples``."""
        return iwae_bound(self, x, self.encode(x), n_samples, generator=generator)

    @torch.no_grad()
    def importance_log_prob(
        self, x: Tensor, n_samples: int = 5000, *, generator: torch.Generator | None = None
    ) -> Tensor:
        """log 1/k Σ_j p(x, z_j)/q(z_j | x) in nats, (batch, n_dims) -> (batch,): estimate of log p(x), low on average.

        One example after the other, a few of its ``n_samples`` draws at a time: memory does not grow.
        """
        at_once = max(1, _IN_CACHE // self.n_dims)
        rows = [
            importance_log_prob(self, row, self.encode(row), n_samples, chunk=at_once, generator=generator)
            for row in self._checked(x).split(1)
            if len(row)  # splitting no rows leaves one piece without any
        ]
        return torch.cat(rows) if rows else x.new_zeros(0, dtype=self._dtype)

    @torch.no_grad()
    def quadrature_log_prob(self, x: Tensor, *, n_points: int = 201, half_width: float = 6.0) -> Tensor:
        """log p(x) in nats by the trapezoidal rule, (batch, n_dims) -> (batch,), for one or two latents.

        ``n_points`` per axis between ±``half_width``; exact to rounding once their distance is below the posterior's
        standard deviation. What an importance estimate can be checked against.
        """
        if self.n_latents > 2:
            raise ValueError(
                f"n_latents: got {self.n_latents}, expected 1 or 2 for a grid; use importance_log_prob instead."
            )
        check_counts(least=2, n_points=n_points)
        check_above_zero(half_width, "half_width")
        x, like = self._checked(x), next(self.parameters())
        line = torch.linspace(-half_width, half_width, n_points, dtype=like.dtype, device=like.device)
        grid, total = torch.cartesian_prod(*[line] * self.n_latents).view(-1, self.n_latents), []
        for z in grid.split(max(1, _IN_CACHE // self.n_dims)):
            log_joint = self.decoder.log_prob_of_all(x, z) + self.prior.log_prob(z[:, None])
            total.append(log_joint.logsumexp(0))
        return torch.stack(total).logsumexp(0) + self.n_latents * (line[1] - line[0]).log()

    @torch.no_grad()
    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Draw n rows: z ~ N(0, I), then x ~ p(x | z); -> (n, n_dims)."""
        z = self.prior.sample(n, generator=generator)[:, 0]
        return self.decoder.sample(z, generator=generator)

    @property
    def num_parameters(self) -> int:
        """How many numbers are learned, encoder and decoder together."""
        return sum(p.numel() for p in self.parameters())

    @property
    def _dtype(self) -> torch.dtype:
        return next(self.parameters()).dtype

    def _checked(self, x: Tensor) -> Tensor:
        """``x`` as rows of ``n_dims`` numbers of the model's own type that the decoder can produce."""
        if x.ndim != 2 or x.shape[1] != self.n_dims:
            raise ValueError(f"x: got shape {tuple(x.shape)}, expected (batch, {self.n_dims}); flatten images to rows.")
        x = x.to(self._dtype)
        self.decoder.check(x, "x")
        return x


def kl_to_prior(q: DiagonalGaussian) -> Tensor:
    """D(q ‖ N(0, 1)) of every coordinate, ½ (μ² + σ² − 1) − log σ in nats, -> (batch, n_latents)."""
    return 0.5 * (q.mean**2 + q.std**2 - 1) - q.std.log()
