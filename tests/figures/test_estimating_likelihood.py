"""What the figures of lecture 8 show besides what its claims check."""

import json

import numpy as np
import pytest
import torch

from dgmlib.figures import estimating_likelihood as figures
from dgmlib.figures.estimating_likelihood import measure
from dgmlib.figures.estimating_likelihood.axes import powers_of_ten
from dgmlib.latent.elbo import elbo


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (2e-4, "0.2 milliseconds"),
        (1.0, "1 seconds"),
        (378, "6.3 minutes"),
        (3600 * 30, "1.2 days"),
        (3.156e7 * 12_345, "12,000 years"),
    ],
)
def test_durations_are_spoken_in_fitting_units(duration, words):
    assert figures.spoken(duration) == words


def test_the_measurement_can_be_repeated():
    """A real run of the measuring function at 2⁸ terms, and a record that says where it was made."""
    assert 0 < measure.seconds(8, repeats=1) < 5
    assert figures.MEASURED["processor"] and figures.MEASURED["software"].startswith("PyTorch")
    assert figures.MEASURED["pixels"] == measure.PIXELS and figures.MEASURED["latents"] == list(measure.LATENTS)


def test_the_measurement_is_written_in_one_step(tmp_path, monkeypatch):
    record = tmp_path / "enumeration.json"
    monkeypatch.setattr(measure, "RECORD", record)
    monkeypatch.setattr(measure, "LATENTS", range(2, 7, 2))
    measure.main()
    written = json.loads(record.read_text("utf-8"))
    assert written["latents"] == [2, 4, 6] and min(written["seconds"]) > 0
    assert list(tmp_path.iterdir()) == [record]


def test_bars_paint_rows_and_columns():
    """Logits of the image painted by row 1 and column 3: +3 on either, +9 where they cross, −3 elsewhere."""
    z = torch.zeros(8, dtype=torch.float64)
    z[1] = z[4 + 3] = 1
    expected = torch.full((4, 4), -3.0, dtype=torch.float64)
    expected[1] += 6
    expected[:, 3] += 6
    torch.testing.assert_close(figures.bars_net(4).logits(z).view(4, 4), expected)


def test_the_glance_finds_what_was_painted():
    probability = figures.glance(8, figures.bars_image(8)).logits.sigmoid()[0]
    painted = torch.zeros(16)
    painted[1] = painted[15] = 1
    assert torch.equal(probability.round().float(), painted)


def test_draws_lie_on_the_curve_of_weights():
    table = figures.importance_sampling.tables(mu=0.8, sigma=1.0, k=100)
    curve = np.interp(table["draws"]["z"], table["weights"]["z"], table["weights"]["power"])
    inside = np.abs(curve) < 2.5
    np.testing.assert_allclose(np.array(table["draws"]["power"])[inside], curve[inside], atol=0.02)


def test_equal_weights_are_recognised():
    at_posterior = {"mu": figures.POSTERIOR.mu, "sigma": figures.POSTERIOR.sigma}
    stop = min(figures.importance_sampling.controls["mu"].stops, key=lambda m: abs(m - at_posterior["mu"]))
    assert stop == pytest.approx(1.6)
    assert "q is the posterior" in figures.importance_sampling.caption(**{**at_posterior, "mu": stop}, k=1000)


def test_a_narrow_proposal_is_not_to_be_trusted_and_few_draws_say_nothing():
    caption = figures.importance_sampling.caption
    assert "do not trust it" in caption(mu=1.6, sigma=0.12, k=1000)
    assert ": trust it" in caption(mu=1.6, sigma=0.6, k=1000)
    assert "too few draws" in caption(mu=1.6, sigma=0.6, k=10)


def test_the_parts_of_the_bent_bound_are_what_sampling_finds():
    """The quadrature of the figure against 200,000 draws through the package's ELBO, within 4 errors."""
    q, model = figures.gaussian(1.2, 0.3), figures.CurvedModel()
    expected, entropy, divergence = figures.parts("bent", 1.2, 0.3)
    n = 200_000
    z = q.sample(n, generator=torch.Generator().manual_seed(0))
    spread = (model.log_joint(figures.SEEN, z) - q.log_prob(z)).std()
    found = elbo(model, figures.SEEN, q, n, generator=torch.Generator().manual_seed(0))
    assert abs(float(found) - expected - entropy) < 4 * float(spread) / n**0.5
    assert expected + entropy + divergence == pytest.approx(figures.log_marginal("bent"), abs=1e-9)


def test_ticks_are_named_as_powers():
    assert powers_of_ten(-2, 0, 1, 12).labelExpr == '({"-2": "10⁻²", "0": "1", "1": "10", "12": "10¹²"})[datum.value]'
