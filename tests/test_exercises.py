"""Exercises: each has a folded solution that runs; the check tells right from wrong and gives nothing away."""

import re

import pytest

from dgmlib.exercises import check
from tools.notebooks import sources

EXERCISE = re.compile(r"^`{3,}\{exercise\}.*\n:label: (\S+)", re.MULTILINE)
# Where it starts, how it is shown, and what it holds up to its end.
SOLUTION = re.compile(
    r"^(`{3,})\{solution-start\} (\S+)\n((?::[^\n]+\n)*)\1\n(.*?)^\1\{solution-end\}", re.MULTILINE | re.DOTALL
)
LECTURES = [source for source in sources() if source.name[:2].isdigit()]


@pytest.mark.parametrize("lecture", LECTURES, ids=lambda lecture: lecture.stem)
def test_every_exercise_has_a_folded_solution_that_runs(lecture):
    text = lecture.read_text(encoding="utf-8")
    solutions = SOLUTION.findall(text)
    assert EXERCISE.findall(text) == [label for _, label, _, _ in solutions] != []
    assert "{solution}" not in text, "a solution without its own start and end cannot hold a cell"
    for _, label, options, body in solutions:
        assert ":class: dropdown\n" in options, label
        assert "{code-cell}" in body, label


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
