"""The list of claims, the lectures that state them, the tests that check them, and the page made of all three."""

import ast
import json
import re

import pytest

from tools import claims_page
from tools.claims import Claim, Recorder, claim_of, read_claims
from tools.files import ROOT

CLAIMS = read_claims()
LECTURES = {path.stem: path for path in (ROOT / "notebooks").glob("[0-9][0-9]-*.md")}
WRITTEN = [claim for claim in CLAIMS if claim.lecture in LECTURES]


def claim_tests() -> dict[str, str]:
    """Return the name of every claim test and the file that holds it."""
    found = {}
    for path in sorted((ROOT / "tests" / "claims").glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert node.name not in found, f"{node.name} stands in {found[node.name]} and in {path.name}"
                assert ast.get_docstring(node), f"{path.name}: {node.name} does not say what it checks"
                found[node.name] = path.name
    return found


def test_every_lecture_of_the_list_has_one_name():
    stems = {claim.lecture for claim in CLAIMS}
    assert sorted(int(stem[:2]) for stem in stems) == list(range(1, 13))
    assert set(LECTURES) <= stems, "a lecture without a claim, or under another name than claims.yml gives it"


def test_every_claim_test_names_a_claim_of_the_list():
    known = {claim.id for claim in CLAIMS}
    strangers = [name for name in claim_tests() if claim_of(name) not in known]
    assert not strangers


@pytest.mark.parametrize("claim", WRITTEN, ids=lambda claim: claim.id)
def test_a_written_lecture_states_and_checks_each_of_its_claims(claim):
    assert re.search(rf"\(\*{{0,2}}{claim.id}\*{{0,2}}\)", LECTURES[claim.lecture].read_text(encoding="utf-8"))
    assert claim.id in {claim_of(name) for name in claim_tests()}


def test_claim_ids_are_used_once(tmp_path):
    row = "- {id: KL1, lecture: 06-maximum-likelihood, statement: words}\n"
    (tmp_path / "claims.yml").write_text(row * 2)
    with pytest.raises(ValueError, match="twice: KL1"):
        read_claims(tmp_path / "claims.yml")


@pytest.mark.parametrize(
    ("name", "claim"), [("test_kl1_nonnegative", "KL1"), ("test_rnn1_x", "RNN1"), ("test_other", None)]
)
def test_the_claim_is_read_off_the_test_name(name, claim):
    assert claim_of(name) == claim


CLAIM_FILE = """
import pytest
@pytest.mark.parametrize("x", [0, 1])
def test_kl1_first(x): assert x == 0
def test_kl2_second(): pass
"""


@pytest.mark.parametrize("options", [(), ("-n2", "--dist=loadfile")], ids=["one process", "two"])
def test_outcomes_are_recorded_once_every_claim_test_has_run(pytester, options):
    """A parametrised test counts once, with its worst case; tests of other folders leave no trace."""
    folder = pytester.mkdir("tests")
    (folder / "claims").mkdir()
    (folder / "claims" / "test_x.py").write_text(CLAIM_FILE)
    (folder / "test_other.py").write_text("def test_kl3_elsewhere(): pass\n")
    record = pytester.path / "claims.json"
    pytester.inline_run(*options, plugins=[Recorder(record, pytester.path)])
    tests = json.loads(record.read_text())["tests"]
    assert tests == {
        "tests/claims/test_x.py::test_kl1_first": "failed",
        "tests/claims/test_x.py::test_kl2_second": "passed",
    }


def test_an_interrupted_run_records_nothing(pytester):
    (pytester.mkdir("tests") / "claims").mkdir()
    (pytester.path / "tests" / "claims" / "test_x.py").write_text(CLAIM_FILE)
    record = pytester.path / "claims.json"
    pytester.inline_run("-x", plugins=[Recorder(record, pytester.path)])
    assert not record.exists()


TEST = "tests/test_claims_list.py::test_claim_ids_are_used_once"


ONE = [Claim("KL1", "06-maximum-likelihood", "Words.")]
RECORD = {"when": "2026-01-01", "commit": None, "tests": {}}


def test_the_page_names_lectures_as_they_name_themselves(monkeypatch):
    monkeypatch.setattr(claims_page, "claim_of", lambda name: "CUR1")
    claims = [Claim("CUR1", "02-curse-of-dimensionality", "Words.")]
    page = claims_page.page(claims, RECORD | {"tests": {TEST: "passed"}}, "owner/book", ["02-curse-of-dimensionality"])
    assert "## [2 The curse of dimensionality](02-curse-of-dimensionality.md)" in page
    assert "not run" not in page


def shown(statement: str, tests: dict[str, str], lectures: list[str]) -> tuple[str, str]:
    """Return the heading that the page has for one claim, and the entry below it."""
    record = {"when": "2026-01-01", "commit": "0123456789", "tests": tests}
    claim = Claim("KL1", "06-maximum-likelihood", statement)
    _, heading, entry = re.split(r"^(## .*)$", claims_page.page([claim], record, "owner/book", lectures), flags=re.M)
    return heading, entry.strip()


def test_the_page_links_the_lecture_and_the_source_of_the_test(monkeypatch):
    monkeypatch.setattr(claims_page, "claim_of", lambda name: "KL1")
    heading, entry = shown("Words.", {TEST: "passed"}, ["06-maximum-likelihood"])
    assert heading == "## [6 Maximum likelihood](06-maximum-likelihood.md)"
    address = re.search(r"\[ids are used once\]\(.*owner/book/blob/main/(tests/test_claims_list\.py)#L(\d+)\)", entry)
    line = (ROOT / address[1]).read_text(encoding="utf-8").splitlines()[int(address[2]) - 1]
    assert line.startswith("def test_claim_ids_are_used_once")
    assert entry.startswith("**KL1** · passed\n: Words.\n: *Checked:* [")


def test_the_page_owns_up_to_failures_and_gaps(monkeypatch):
    heading, entry = shown("Words.", {}, [])
    assert heading == "## 6 Maximum likelihood"
    assert entry == "**KL1** · not run\n: Words."
    assert "reads “not run”" in claims_page.page(ONE, RECORD, "owner/book", [])
    monkeypatch.setattr(claims_page, "claim_of", lambda name: "KL1")
    assert shown("Words.", {TEST: "passed", TEST + "_": "failed"}, [])[1].startswith("**KL1** · **failed**\n")
