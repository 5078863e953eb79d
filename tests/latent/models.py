"""Small models with known marginals, and the seeds they are made from."""

import torch

from dgmlib.latent.ppca import PPCA
from dgmlib.latent.sigmoid_belief import SigmoidBeliefNet


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def random_ppca(n_dims: int = 5, n_latents: int = 2, seed: int = 0) -> PPCA:
    g = generator(seed)
    weight = torch.randn(n_dims, n_latents, generator=g, dtype=torch.float64)
    mean = torch.randn(n_dims, generator=g, dtype=torch.float64)
    return PPCA(weight, mean, torch.tensor(0.6, dtype=torch.float64))


def random_belief_net(n_dims: int = 6, n_latents: int = 5, seed: int = 0) -> SigmoidBeliefNet:
    model = SigmoidBeliefNet(n_dims, n_latents).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 1.2, generator=generator(seed).manual_seed(seed + parameter.numel()))
    return model.requires_grad_(False)
