"""The comparison of tables sees a wrong digit, row, column, table and type."""

import pytest

from tests.site.replay import differences

COMPUTED = {"p": {"x": [0.0, 1.0, 2.0], "y": [0.123456, 12.3456, -3.0], "name": ["a", "b", "c"], "n": [1, 2, 3]}}


def shown(**changed):
    """The page's tables at five digits, some columns changed."""
    columns = {"x": [0, 1, 2], "y": [0.123, 12.346, -3], "name": ["a", "b", "c"], "n": [1, 2, 3]}
    return {"p": columns | changed}


def test_rounding_to_the_recorded_digits_is_no_difference():
    assert differences(shown(), COMPUTED) == []


def test_a_rounding_error_below_one_counts_as_one():
    assert differences({"p": {"y": [0.0001, 1]}}, {"p": {"y": [0.00013, 1 - 1e-16]}}) == []
    assert differences({"p": {"y": [0.0001, 1]}}, {"p": {"y": [0.00016, 1 - 1e-16]}}) != []


@pytest.mark.parametrize(
    "changed",
    [
        {"y": [0.123, 12.345, -3]},
        {"y": [0.125, 12.346, -3]},
        {"y": [0.123, 12.346]},
        {"y": [0.123, 12.346, float("nan")]},
        {"name": ["a", "b", "d"]},
        {"n": [1, 2, 4]},
        {"extra": [1, 2, 3]},
    ],
)
def test_sees_a_column_that_differs(changed):
    assert len(differences(shown(**changed), COMPUTED)) == 1


def test_sees_a_missing_table():
    assert differences({}, COMPUTED) == ["tables [] on the page, ['p'] in Python"]
