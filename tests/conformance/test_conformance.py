"""Every check on every density of the book."""

import pytest

from tests.conformance.checks import FOR_ALL, FOR_AUTOREGRESSIVE, FOR_MODULES
from tests.conformance.models import ALL, AUTOREGRESSIVE, MODULES


@pytest.mark.parametrize("check", FOR_ALL, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_every_density(case, check):
    check(case)


@pytest.mark.parametrize("check", FOR_MODULES, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", MODULES, ids=lambda case: case.name)
def test_every_module(case, check):
    check(case)


@pytest.mark.parametrize("check", FOR_AUTOREGRESSIVE, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", AUTOREGRESSIVE, ids=lambda case: case.name)
def test_every_autoregressive_model(case, check):
    check(case)
