"""Print the book's page "Every claim, checked" from the list of claims and the recorded outcomes of their tests.

python -m tools.claims_page _build/claims.json       # writes notebooks/claims.md
"""

import json
import sys
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from pathlib import Path

import yaml

from tools.claims import Claim, claim_of, read_claims
from tools.files import ROOT, write_atomically

NOTEBOOKS = ROOT / "notebooks"

PAGE = """\
---
title: Every claim, checked
description: Each claim of this book, the lecture that makes it, and the test that checks it by computation.
edit_url: null
---

A textbook asks to be believed; this one asks to be run. Every claim has a label such as *(KL1)*, which you find in
the lecture that makes it, and at least one test that checks it by computation: by enumeration, quadrature or a closed
form where there is one, and otherwise by sampling with a stated error. The tests wrote this page: {verdict}, on
{when}{commit}.{gaps}
"""
GAPS = " A claim whose tests have not been run reads “not run”."

LECTURE = """
## {title}

{entries}
"""
ENTRY = """\
**{id}** · {verdict}
: {statement}
"""


def page(claims: Iterable[Claim], record: dict, repository: str, lectures: Iterable[str]) -> str:
    """Return the page as MyST Markdown: a list per lecture of its claims, their outcomes and tests."""
    claims, lectures, tests = list(claims), set(lectures), record["tests"]
    tested = {claim_of(_name(test)) for test in tests}
    head = PAGE.format(
        verdict=_summary(list(tests.values())),
        when=record["when"],
        commit=_commit(record["commit"], repository),
        gaps="" if tested >= {claim.id for claim in claims} else GAPS,
    )
    lists = [
        LECTURE.format(
            title=_title(lecture, lectures), entries="\n".join(_entry(claim, tests, repository) for claim in group)
        )
        for lecture, group in groupby(claims, key=lambda claim: claim.lecture)
    ]
    return head + "".join(lists)


def _title(lecture: str, written: set[str]) -> str:
    """Return `6 Maximum likelihood` for `06-maximum-likelihood`: the lecture's own short title, as a link to it."""
    if lecture not in written:
        return f"{int(lecture[:2])} {lecture[3:].replace('-', ' ').capitalize()}"
    text = (NOTEBOOKS / f"{lecture}.md").read_text(encoding="utf-8")
    front = yaml.safe_load(text.split("---\n", 2)[1])
    return f"[{front.get('short_title', front['title'])}]({lecture}.md)"


def _entry(claim: Claim, tests: dict[str, str], repository: str) -> str:
    mine = {test: outcome for test, outcome in tests.items() if claim_of(_name(test)) == claim.id}
    entry = ENTRY.format(id=claim.id, verdict=_verdict(mine.values()), statement=claim.statement)
    links = [f"[{_words(test)}]({_source(test, repository)})" for test in mine]
    return entry + f": *Checked:* {' · '.join(links)}.\n" if links else entry


def _words(test: str) -> str:
    """Return the name of a test without its prefix, as words: a name that can be read and can wrap."""
    return _name(test).split("_", 2)[2].replace("_", " ")


def _verdict(outcomes: Iterable[str]) -> str:
    """Return one word for a claim: `passed` only if each of its tests did."""
    found = set(outcomes)
    if not found:
        return "not run"
    return next((f"**{word}**" for word in ("failed", "skipped") if word in found), "passed")


def _summary(outcomes: list[str]) -> str:
    if set(outcomes) == {"passed"}:
        return f"all {len(outcomes)} of them passed"
    return f"{outcomes.count('passed')} of {len(outcomes)} passed"


def _commit(commit: str | None, repository: str) -> str:
    return f", at commit [{commit[:7]}](https://github.com/{repository}/commit/{commit})" if commit else ""


def _name(test: str) -> str:
    return test.partition("::")[2]


def _source(test: str, repository: str) -> str:
    """Return the address of a test's first line on GitHub."""
    file = test.partition("::")[0]
    start = f"def {_name(test)}("
    line = next((number for number, text in enumerate(_lines(file), 1) if text.startswith(start)), 1)
    return f"https://github.com/{repository}/blob/main/{file}#L{line}"


@cache
def _lines(file: str) -> list[str]:
    return (ROOT / file).read_text(encoding="utf-8").splitlines()


def main(record_path: Path) -> None:
    """Write `notebooks/claims.md`."""
    record = json.loads(record_path.read_text(encoding="utf-8"))
    github = yaml.safe_load((ROOT / "myst.yml").read_text(encoding="utf-8"))["project"]["github"]
    repository = github.removeprefix("https://github.com/").rstrip("/")
    lectures = [path.stem for path in NOTEBOOKS.glob("[0-9][0-9]-*.md")]
    write_atomically(NOTEBOOKS / "claims.md", page(read_claims(), record, repository, lectures))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
