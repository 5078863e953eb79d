"""Where in its page a code cell failed: mystmd names the file, IPython the cell and the line in it."""

import re
from pathlib import Path

_FAILED = re.compile(r"^(\S+\.md) (?=An exception occurred during code execution)")
_PLACE = re.compile(r"Cell In\[(\d+)\], line (\d+)")
_CELL = re.compile(r"^\s*(?P<fence>`{3,}|~{3,}|:{3,})\s*\{code-cell\}")


def code_cells(source: str) -> list[int]:
    """Line numbers, from 1, of the first line of code of every cell that is executed, in order."""
    lines, starts, number = source.splitlines(), [], 0
    while number < len(lines):
        if _CELL.match(lines[number]):
            first, skipped = _after_options(lines, number + 1)
            starts += [] if skipped else [first + 1]
            number = first
        number += 1
    return starts


def _after_options(lines: list[str], number: int) -> tuple[int, bool]:
    """(index of the first line of code, whether the cell is not executed)."""
    begin = number
    if number < len(lines) and lines[number].strip() == "---":
        number += 1
        while number < len(lines) and lines[number].strip() != "---":
            number += 1
        number += 1
    else:
        while number < len(lines) and re.match(r"\s*:[\w-]+:", lines[number]):
            number += 1
    skipped = any("skip-execution" in line for line in lines[begin:number])
    while number < len(lines) and not lines[number].strip():
        number += 1
    return number, skipped


def with_line(problem: str, root: Path) -> str:
    """The problem with `file:line` in place of `file`, where it is a cell's exception that can be placed."""
    failed, place = _FAILED.match(problem), _PLACE.search(problem)
    if not failed or not place or not (root / failed[1]).is_file():
        return problem
    starts = code_cells((root / failed[1]).read_text(encoding="utf-8"))
    cell, line = int(place[1]), int(place[2])
    if not 1 <= cell <= len(starts):
        return problem
    return f"{failed[1]}:{starts[cell - 1] + line - 1} {problem[failed.end() :]}"
