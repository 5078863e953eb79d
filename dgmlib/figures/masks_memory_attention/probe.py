"""How much a linear classifier can read from what a model computes: features of a MADE, latents of a VAE, and controls.

Every model learns from the same 4,000 digits without their labels; the classifier then gets some of the labels.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import altair as alt
import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from dgmlib.autoregressive import MADE
from dgmlib.data import load_mnist_subset
from dgmlib.explorable import Explorable, choice, colour, slider
from dgmlib.figures.masks_memory_attention import recorded
from dgmlib.latent.vae import VAE
from dgmlib.training import fit

TRAIN, CHECKED, HIDDEN = 4000, 400, 500
FEW, FEWER = 20, 8
LABELS = (50, 200, 1000, 4000)
FEATURES = {
    "vae": "VAE, latent means",
    "made": "MADE, hidden units",
    "random": "MADE, untrained",
    "pixels": "pixels",
}
SIZES = {"all": "as they are", "few": f"{FEW} numbers", "fewer": f"{FEWER} numbers"}
"""How many numbers the classifier gets: latents of a VAE of that size, leading principal components of all others."""
REPEATS = 3


@cache
def digits() -> tuple[Tensor, np.ndarray]:
    """The 5,000 binarised digits of the package as rows, and their labels; the last 1,000 are for testing."""
    images, labels = load_mnist_subset(binarized=True)
    return torch.from_numpy(images.reshape(len(images), -1)).float(), labels


def made() -> MADE:
    """A MADE with 500 hidden units, fresh."""
    return MADE(784, [HIDDEN], generator=torch.Generator().manual_seed(0))


def vae(n_latents: int) -> VAE:
    """A VAE, fresh."""
    return VAE(784, n_latents, generator=torch.Generator().manual_seed(0))


@torch.no_grad()
def features(name: str, size: str, x: Tensor, models: dict[str, MADE | VAE]) -> np.ndarray:
    """What one of ``FEATURES`` makes of the 5,000 images, in one of ``SIZES``, (5000, 784) -> (5000, numbers)."""
    if name == "vae":
        return models["vae, fewer" if size == "fewer" else "vae, few"].encode(x).mean.numpy()
    values = x.numpy() if name == "pixels" else models[name].hidden[0](x).relu().numpy()
    if size == "all":
        return values
    components = PCA(FEW if size == "few" else FEWER, svd_solver="full").fit(values[:TRAIN])
    return components.transform(values)


def accuracy(values: np.ndarray, labels: np.ndarray, m: int, seed: int) -> float:
    """Share of the 1,000 test digits that logistic regression on m labelled ones names rightly.

    Features are standardised; the strength of the prior is the best of three on a fifth of the labelled digits.
    """
    rows = np.arange(m) if m == TRAIN else _balanced(m, seed)
    x, y = StandardScaler().fit(values[:TRAIN]).transform(values), labels
    fitted, checked = rows[: -m // 5], rows[-m // 5 :]
    classify = partial(LogisticRegression, max_iter=300, tol=1e-3)
    scores = [(classify(C=c).fit(x[fitted], y[fitted]).score(x[checked], y[checked]), -c) for c in (1e-3, 1e-2, 1e-1)]
    best = classify(C=-max(scores)[1]).fit(x[rows], y[rows])
    return float(best.score(x[TRAIN:], y[TRAIN:]))


def _balanced(m: int, seed: int) -> np.ndarray:
    """m rows of the 4,000: whole blocks of ten, which hold each digit once."""
    blocks = np.random.default_rng(seed).permutation(TRAIN // 10)[: m // 10]
    return (10 * blocks[:, None] + np.arange(10)).ravel()


def trained() -> dict[str, MADE | VAE]:
    """A MADE and two VAEs trained on 3,600 digits and stopped by 400 others, without labels; and an untrained MADE."""
    x, _ = digits()
    models = {"made": made(), "random": made(), "vae, few": vae(FEW), "vae, fewer": vae(FEWER)}
    generator = torch.Generator().manual_seed(0)
    for name, n_epochs in (("made", 15), ("vae, few", 60), ("vae, fewer", 60)):
        model = models[name]
        objective = model.log_prob if name == "made" else partial(model.elbo, generator=generator)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-2)
        options = {"n_epochs": n_epochs, "patience": 8, "progress": False, "loss": partial(_loss, objective)}
        known, unknown = x[:TRAIN].split([TRAIN - CHECKED, CHECKED])
        fit(model, known, unknown, optimizer=optimizer, generator=generator, **options)
    return models


def _loss(objective: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    return -objective(x)


def record() -> dict[str, Any]:
    """Train both models, and probe all features with every number of labels."""
    (x, labels), models = digits(), trained()
    rows = [
        _row(name, size, m, features(name, size, x, models), labels)
        for name in FEATURES
        for size in SIZES
        for m in LABELS
    ]
    return {"settings": {"train": TRAIN - CHECKED, "validation": CHECKED, "repeats": REPEATS}, "rows": rows}


def _row(name: str, size: str, m: int, values: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Mean accuracy over the repeats, and its standard error: choice of labels, and of the 1,000 test digits."""
    found = [accuracy(values, labels, m, seed) for seed in range(1 if m == TRAIN else REPEATS)]
    mean = float(np.mean(found))
    choosing = float(np.std(found, ddof=1)) / np.sqrt(len(found)) if len(found) > 1 else 0.0
    testing = np.sqrt(mean * (1 - mean) / (len(labels) - TRAIN))
    row = {"features": name, "size": size, "labels": m, "number": values.shape[1]}
    return row | {"accuracy": round(mean, 4), "error": round(float(np.hypot(choosing, testing)), 4)}


@cache
def results() -> dict[tuple[str, str, int], dict[str, Any]]:
    """The recorded rows by features, size and number of labels."""
    return {(row["features"], row["size"], row["labels"]): row for row in recorded.read("probes")["rows"]}


# -- The figure --------------------------------------------------------------------------------------------------------


def _tables(size: str, labels: int) -> dict:
    rows = [results()[name, size, labels] for name in FEATURES]
    return {
        "bars": {
            "features": list(FEATURES.values()),
            "accuracy": [row["accuracy"] for row in rows],
            "low": [row["accuracy"] - 2 * row["error"] for row in rows],
            "high": [min(1.0, row["accuracy"] + 2 * row["error"]) for row in rows],
            "label": [f"{row['accuracy']:.1%}" for row in rows],
        }
    }


def _chart() -> alt.LayerChart:
    names = list(FEATURES.values())
    fills = alt.Scale(domain=names, range=[colour.LATENT, colour.MODEL, colour.NOISE, colour.DATA])
    bar = alt.Chart(alt.NamedData("bars")).encode(
        y=alt.Y("features:N", title=None, scale=alt.Scale(domain=names), axis=alt.Axis(labelLimit=150))
    )
    share = alt.X(
        "accuracy:Q",
        title="test digits named rightly",
        scale=alt.Scale(domain=[0, 1.0], nice=False),
        axis=alt.Axis(format="%", tickCount=6),
    )
    bars = bar.mark_bar(size=26).encode(x=share, fill=alt.Fill("features:N", scale=fills, legend=None))
    spread = bar.mark_rule(color=colour.INK, strokeWidth=1.5).encode(x=alt.X("low:Q"), x2="high:Q")
    label = bar.mark_text(align="left", dx=6, color=colour.PAPER, fontWeight="bold")
    return alt.layer(bars, spread, label.encode(x=alt.datum(0), text="label:N")).properties(height=210)


def _caption(size: str, labels: int, t: dict) -> str:
    row = {name: results()[name, size, labels] for name in FEATURES}
    return (
        f"{labels:,} labelled digits, features: {SIZES[size]}. [VAE {row['vae']['accuracy']:.1%}]{{.latent}}, "
        f"[MADE {row['made']['accuracy']:.1%}]{{.model}}, [untrained MADE {row['random']['accuracy']:.1%}]{{.noise}}, "
        f"[pixels {row['pixels']['accuracy']:.1%}]{{.data}}. Lines: ± 2 standard errors."
    )


linear_probe = Explorable(
    id="linear-probe",
    title="What a straight line can read",
    controls={
        "size": choice(SIZES, start="fewer", label="Features"),
        "labels": slider(values=LABELS, start=200, label="Labelled digits", role="data", measured=True),
    },
    tables=_tables,
    view=_chart(),
    caption=_caption,
)
