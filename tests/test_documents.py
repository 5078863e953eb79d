"""README and CONTRIBUTING keep their promises: their code runs, their links lead somewhere, they name one address."""

import re

import pytest
import yaml

from dgmlib.explorable import Explorable
from tools.files import ROOT

DOCUMENTS = ["README.md", "CONTRIBUTING.md"]
PROJECT = yaml.safe_load((ROOT / "myst.yml").read_text(encoding="utf-8"))


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def python_blocks(name: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text(name), re.MULTILINE | re.DOTALL)


def test_the_explorable_of_the_guide_works_in_at_most_forty_lines():
    (code,) = python_blocks("CONTRIBUTING.md")
    assert len([line for line in code.splitlines() if line.strip()]) <= 40
    names = {}
    exec(compile(code, "CONTRIBUTING.md", "exec"), names)
    (figure,) = [value for value in names.values() if isinstance(value, Explorable)]
    recording = figure.record()
    assert recording["frozen"]["svg"].startswith("<svg")
    assert figure.caption(mu=0.0, sigma=1.0) == "N(0.0, 1.0²): the peak is 0.40 high."


def test_the_readme_code_runs():
    (code,) = python_blocks("README.md")
    exec(compile(code, "README.md", "exec"), {})


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_inside_the_repository_lead_to_files(name):
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", text(name))
    assert not [target for target in targets if not (ROOT / target).exists()]


@pytest.mark.parametrize("name", [*DOCUMENTS, "CITATION.cff", "notebooks/how-to-use.md"])
def test_every_document_names_the_repository_and_the_site_that_are_configured(name):
    repository, site = PROJECT["project"]["github"], PROJECT["site"]["options"]["address"]
    for address in re.findall(r"https://(?:github\.com/dgmlib|dgmlib\.github\.io)[^\s)\]}\"'`]*", text(name)):
        assert address.startswith((repository, site))


def test_readme_and_citation_carry_the_title_of_the_book():
    title = PROJECT["project"]["title"]
    assert text("README.md").startswith(f"# {title}\n")
    assert yaml.safe_load(text("CITATION.cff"))["title"] == title


def test_the_table_of_the_readme_lists_every_written_lecture():
    written = {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("[0-9][0-9]-*.md")}
    assert written == set(re.findall(r"^\|.*\]\((notebooks/\d\d-[^)]*)\)", text("README.md"), re.MULTILINE))
