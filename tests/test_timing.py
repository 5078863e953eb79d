"""How speed is measured: a disturbance that passes does no harm, what is slow stays slow."""

import pytest

from tests import timing


@pytest.fixture
def slept(monkeypatch):
    pauses = []
    monkeypatch.setattr(timing.time, "sleep", pauses.append)
    monkeypatch.setattr(timing, "patience", 120.0)
    return pauses


def measured(times):
    return timing.quietest(iter(times).__next__, enough=lambda time: time <= 10)


@pytest.mark.parametrize(
    ("times", "found", "pauses"),
    [
        ([9], 9, []),
        ([30, 12, 8], 8, []),
        ([30, 31, 32, 33, 7], 7, [5, 15]),
        ([30, 31, 29, 33, 34, 35, 36], 29, [5, 15, 30, 60]),
    ],
)
def test_measures_again_later_until_it_is_good_enough(times, found, pauses, slept):
    assert measured(times) == found
    assert slept == pauses


def test_has_only_so_much_patience_for_all_tests_together(slept):
    assert measured([30] * 7) == 30 and sum(slept) == 110
    assert measured([40] * 4) == 40 and slept[4:] == [5]
    assert measured([40] * 4) == 40 and slept[5:] == [5]
    assert measured([40] * 3) == 40 and slept[6:] == []
