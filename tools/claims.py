"""The book's claims: read the one list of them, record which held, print the page "Every claim, checked".

python tools/claims.py _build/claims.json        # writes notebooks/claims.md from the list and the recorded outcomes
"""

import datetime
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
TEST_NAME = re.compile(r"test_([a-z]+\d+)_\w+")


@dataclass(frozen=True)
class Claim:
    """One claim: its ID, the lecture that states it (a file stem such as `06-maximum-likelihood`), and its words."""

    id: str
    lecture: str
    statement: str


def read_claims(path: Path = NOTEBOOKS / "claims.yml") -> list[Claim]:
    """Return the list of claims, in the book's order."""
    claims = [Claim(**row) for row in yaml.safe_load(path.read_text(encoding="utf-8"))]
    seen = [claim.id for claim in claims]
    if twice := sorted({name for name in seen if seen.count(name) > 1}):
        raise ValueError(f"{path.name}: claim IDs used twice: {', '.join(twice)}; give each claim its own ID")
    return claims


def claim_of(test: str) -> str | None:
    """Return the claim ID that a test's name carries: `test_kl1_nonnegative` -> `KL1`."""
    match = TEST_NAME.match(test)
    return match[1].upper() if match else None


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` by `text` in one step, so that no reader ever meets half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".new")
    scratch.write_text(text, encoding="utf-8")
    os.replace(scratch, path)


def revision(root: Path) -> str:
    """Return the commit the tree stands on, `unknown` outside a Git checkout."""
    command = ["git", "-C", str(root), "rev-parse", "--short=12", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


class Recorder:
    """A pytest plugin that notes how each test under `tests/claims/` ended, and writes all of it as JSON at the end."""

    def __init__(self, path: Path, root: Path):
        self.path = path
        self.root = root
        self.outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report) -> None:
        """Keep the worst of a test's phases; parametrised cases count as one test."""
        file, _, name = report.nodeid.partition("::")
        if not file.startswith("tests/claims/"):
            return
        test = f"{file}::{name.partition('[')[0]}"
        order = ["passed", "skipped", "failed"]
        self.outcomes[test] = max(self.outcomes.get(test, "passed"), report.outcome, key=order.index)

    def pytest_sessionfinish(self) -> None:
        """Write `{when, commit, tests: {node ID: outcome}}`."""
        when = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")
        record = {"when": when, "commit": revision(self.root), "tests": dict(sorted(self.outcomes.items()))}
        write_atomically(self.path, json.dumps(record, indent=1) + "\n")


def page(claims: Iterable[Claim], record: dict, repository: str, lectures: Iterable[str]) -> str:
    """Return the page as MyST Markdown: one table of claims, each with its lecture, its tests and their outcome."""
    lectures = set(lectures)
    rows = [_row(claim, record["tests"], repository, lectures) for claim in claims]
    tests = record["tests"]
    held = sum(outcome == "passed" for outcome in tests.values())
    commit = f"[{record['commit']}](https://github.com/{repository}/commit/{record['commit']})"
    return (
        PAGE.format(held=held, total=len(tests), when=record["when"], commit=commit, claims=len(rows))
        + "\n".join(rows)
        + "\n"
    )


def _row(claim: Claim, tests: dict[str, str], repository: str, lectures: set[str]) -> str:
    mine = {test: outcome for test, outcome in tests.items() if claim_of(test.partition("::")[2]) == claim.id}
    names = [f"[`{test.partition('::')[2]}`]({_source(test, repository)})" for test in mine]
    number = str(int(claim.lecture[:2]))
    lecture = f"[{number}]({claim.lecture}.md)" if claim.lecture in lectures else number
    # A bar would end the table's cell: formulas name it instead.
    statement = claim.statement.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
    return f"| {claim.id} | {statement} | {lecture} | {' · '.join(names) or '—'} | {_verdict(list(mine.values()))} |"


def _verdict(outcomes: list[str]) -> str:
    """Return one word for a claim: `passed` only if each of its tests did."""
    if not outcomes:
        return "not run"
    return (
        "passed" if set(outcomes) == {"passed"} else "**failed**" if "failed" in outcomes else "**skipped**"
    )


def _source(test: str, repository: str) -> str:
    """Return the address of a test's first line on GitHub."""
    file, _, name = test.partition("::")
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    line = next((number for number, text in enumerate(lines, 1) if text.startswith(f"def {name}(")), 1)
    return f"https://github.com/{repository}/blob/main/{file}#L{line}"


PAGE = """\
---
title: Every claim, checked
description: Each claim this book makes, the lecture that makes it, and the test that checks it by computation.
edit_url: null
---

A textbook asks to be believed; this one asks to be run. Every claim has a label such as *(KL1)*, which you find in the
lecture that makes it, and at least one test that checks it by computation: by enumeration, quadrature or a closed form
where there is one, and otherwise by sampling with a stated error. This page is written by those tests: {held} of the
{total} that ran on {when}, on commit {commit}, passed. A claim whose lecture is not written yet reads “not run”.

:::{{table}} The {claims} claims of the book and their tests.
:label: tbl-claims

| claim | statement | lecture | test | outcome |
|---|---|---|---|---|
"""


def main(record_path: Path) -> None:
    """Write `notebooks/claims.md`."""
    record = json.loads(record_path.read_text(encoding="utf-8"))
    repository = yaml.safe_load((ROOT / "myst.yml").read_text(encoding="utf-8"))["project"]["github"]
    repository = repository.removeprefix("https://github.com/").rstrip("/")
    lectures = [path.stem for path in NOTEBOOKS.glob("[0-9][0-9]-*.md")]
    write_atomically(NOTEBOOKS / "claims.md", page(read_claims(), record, repository, lectures))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
