"""The book's claims: the one list of them, and a record of which of their tests held."""

import datetime
import json
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tools.files import ROOT, write_atomically

CLAIMS = ROOT / "notebooks" / "claims.yml"
TEST_NAME = re.compile(r"test_([a-z]+\d+)_\w+")


@dataclass(frozen=True)
class Claim:
    """One claim: its ID, the stem of the lecture that states it (`06-maximum-likelihood`), and its words."""

    id: str
    lecture: str
    statement: str


def read_claims(path: Path = CLAIMS) -> list[Claim]:
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


def revision(root: Path) -> str | None:
    """Return the commit the tree stands on, None outside a Git checkout."""
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


class Recorder:
    """A pytest plugin: notes how each test under `tests/claims/` ended and writes it once all of them have."""

    def __init__(self, path: Path, root: Path):
        self.path = path
        self.root = root
        self.pending: set[str] = set()
        self.outcomes: dict[str, str] = {}

    def pytest_collection_finish(self, session) -> None:
        """Learn which tests to wait for."""
        self._expect(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """The same where several processes share the tests: each of them collects all, before the first test runs."""
        self._expect(ids)

    def _expect(self, ids: Iterable[str]) -> None:
        self.pending |= {name for name in ids if name.startswith("tests/claims/")}

    def pytest_runtest_logreport(self, report) -> None:
        """Keep the worst of a test's phases; parametrised cases count as one test."""
        if report.nodeid not in self.pending:
            return
        test = report.nodeid.partition("[")[0]
        order = ["passed", "skipped", "failed"]
        self.outcomes[test] = max(self.outcomes.get(test, "passed"), report.outcome, key=order.index)
        if report.when == "teardown":
            self.pending.discard(report.nodeid)
            if not self.pending:
                self._write()

    def _write(self) -> None:
        """Write `{when, commit, tests: {node ID: outcome}}`."""
        when = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")
        record = {"when": when, "commit": revision(self.root), "tests": dict(sorted(self.outcomes.items()))}
        write_atomically(self.path, json.dumps(record, indent=1) + "\n")
