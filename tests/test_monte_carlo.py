"""Averages of samples where precision or infinity stands in the way."""

import math

import numpy as np
import pytest
import torch

from dgmlib.monte_carlo import effective_sample_size, estimate_mean


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_the_error_of_large_values_fits_in_no_half(dtype):
    values = torch.linspace(-300, 300, 1000).to(dtype)
    exact = values.double().numpy()
    found = estimate_mean(values)
    assert found.mean == pytest.approx(exact.mean(), abs=1e-3)
    assert found.standard_error == pytest.approx(exact.std(ddof=1) / math.sqrt(1000), rel=1e-4)


def test_an_infinite_value_makes_the_mean_infinite_and_two_that_differ_have_none():
    assert estimate_mean([1.0, -math.inf]) == (-math.inf, math.inf)
    with pytest.raises(ValueError, match="both"):
        estimate_mean([math.inf, -math.inf])


@pytest.mark.parametrize("weights", [np.array([math.inf, 0.0]), torch.tensor([0.0, math.inf])])
def test_an_infinite_weight_counts_for_no_sample(weights):
    with pytest.raises(ValueError, match=r"log_weights: got \+∞"):
        effective_sample_size(weights)
