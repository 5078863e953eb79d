"""What the latents are worth to someone who looks at them: which are used, and what can be read off them.

    unit j is active          Var_x (E_q[z_j | x]) > 0.01
    unit j tells              E_x D(q(z_j | x) ‖ N(0, 1)) nats
    linear probe              accuracy of a logistic regression of labels on features

Source of the first: Y. Burda, R. Grosse, R. Salakhutdinov, ICLR 2016; of the last: G. Alain, Y. Bengio, ICLR 2017.
"""

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from dgmlib.latent.vae import VAE, kl_to_prior


@torch.no_grad()
def unit_activity(vae: VAE, x: Tensor) -> Tensor:
    """Variance over the examples of the posterior means, (batch, n_dims) -> (n_latents,)."""
    if len(x) < 2:
        raise ValueError(f"x: got {len(x)} examples, expected at least two: activity is a variance over examples.")
    return vae.encode(x).mean.var(0)


def active_units(vae: VAE, x: Tensor, *, threshold: float = 0.01) -> Tensor:
    """Which units' posterior means move with x, (n_latents,) of True and False."""
    return unit_activity(vae, x) > threshold


@torch.no_grad()
def information_per_unit(vae: VAE, x: Tensor) -> Tensor:
    """Mean over the examples of D(q(z_j | x) ‖ N(0, 1)) in nats, (batch, n_dims) -> (n_latents,)."""
    return kl_to_prior(vae.encode(x)).mean(0)


def linear_probe(train: np.ndarray, train_labels: np.ndarray, test: np.ndarray, test_labels: np.ndarray) -> float:
    """Share of test labels that a logistic regression on standardised features gets right; (m, d) and (m,) each."""
    for name, features, labels in (("train", train, train_labels), ("test", test, test_labels)):
        if np.ndim(features) != 2 or len(features) != len(labels):
            raise ValueError(
                f"{name}: got features {np.shape(features)} and {len(labels)} labels, expected (m, d) and (m,)."
            )
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    return float(probe.fit(train, train_labels).score(test, test_labels))
