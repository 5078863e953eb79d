"""The check of an exercise tells right from wrong and gives nothing away."""

import pytest

from dgmlib.exercises import check


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "Not answered yet"),
        (0.74, "Right: 0.74."),
        (0.73, "Right"),
        (0.5, "Not yet: 0.5 is too small."),
        (1, "Not yet: 1 is too large."),
        (float("nan"), "Not yet: the answer is not a number"),
    ],
)
def test_check(answer, says):
    message = check(answer, 0.737, within=0.01)
    assert message.startswith(says)
    assert "0.737" not in message
