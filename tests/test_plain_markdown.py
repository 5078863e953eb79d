"""MyST in plain words: what a reader of the notebook sees in place of each of MyST's own constructs."""

import pytest

from tools.notebooks import sources, structure
from tools.plain_markdown import Translator, citations, expand

MACROS = {r"\KL": r"{D(#1\|#2)}", r"\E": r"\mathbb{E}", r"\pdata": r"p_{\mathrm{data}}"}
TEXT = """\
(first)=
## A question

```{math}
:label: eq-a
x
```
```{prf:theorem} Of Gibbs
:label: thm
y
```
"""
CASES = {
    "a label leaves no trace": ("(first)=\n## A question", "## A question"),
    "an equation keeps its number": ("```{math}\n:label: eq-a\n\\E x\n```", "$$\n\\mathbb{E} x\n\\tag{1}\n$$"),
    "an equation without a label has none": ("```{math}\nx\n```", "$$\nx\n$$"),
    "a reference to an equation": ("see {eq}`eq-a`", "see (1)"),
    "a reference to a section": ("see [](#first)", "see “A question”"),
    "a reference to a theorem": ("by {prf:ref}`thm`", "by “Of Gibbs”"),
    "a citation in brackets": ("so {cite:p}`a1,b2`", "so (Ada and Bob 1999; Cy et al. 2001)"),
    "a citation in the text": ("{cite:t}`a1` say", "Ada and Bob 1999 say"),
    "a key": ("press {kbd}`Tab`", "press **Tab**"),
    "a macro with arguments": (r"$\KL{p}{\E q}$", r"${D(p\|\mathbb{E} q)}$"),
    "code stays as it is": (r"`\pdata` is $\pdata$", r"`\pdata` is $p_{\mathrm{data}}$"),
    "a block of code stays as it is": ("```python\n\\pdata\n```", "```python\n\\pdata\n```"),
    "a remark": ("```{note}\nWords.\n```", "> **Note**\n>\n> Words."),
    "a titled remark": (":::{admonition} Mind\nWords.\n:::", "> **Mind**\n>\n> Words."),
    "a theorem": ("```{prf:theorem} Gibbs\n:label: t\n$\\E$\n```", "> **Theorem: Gibbs.** $\\mathbb{E}$"),
    "an exercise": ("```{exercise} Try\n:label: e\nWork.\n```", "**Exercise: Try**\n\nWork."),
    "a solution is folded": (
        "```{solution} e\n:class: dropdown\nDone.\n```",
        "<details><summary>Solution</summary>\n\nDone.\n\n</details>",
    ),
    "a solution with code is folded up to its code": (
        "```{solution-start} e\n:class: dropdown\n```\n\nDone.",
        "<details><summary>Solution</summary>\n\nDone.\n\n</details>",
    ),
    "the end of a solution": ("```{solution-end}\n```", ""),
    "a table": (":::{table} Its $\\E$\n:label: t\n\n| a |\n|---|\n:::", "| a |\n|---|\n\n*Its $\\mathbb{E}$*"),
    "a figure": ("```{figure} a.png\n:alt: A curve\nIt rises.\n```", "![A curve](a.png)\n\nIt rises."),
}


@pytest.fixture
def translator():
    return Translator(TEXT, MACROS, {"a1": "Ada and Bob 1999", "b2": "Cy et al. 2001"})


@pytest.mark.parametrize(("myst", "plain"), CASES.values(), ids=CASES)
def test_each_construct_in_plain_words(translator, myst, plain):
    assert translator.cell(myst) == plain


def test_a_line_break_in_a_formula_starts_no_macro():
    assert expand(r"a \\E b", MACROS) == r"a \\E b"


def test_what_is_not_closed_is_named(translator):
    with pytest.raises(ValueError, match="not closed"):
        translator.cell("```{note}\nWords.")
    with pytest.raises(ValueError, match="no closing brace"):
        expand(r"\KL{p", MACROS)


def test_references_are_named_by_author_and_year():
    entry = "@article{key,\n  author = {Ada, A. and Bob, B. and Cy, C.},\n  year = {1999},\n}\n"
    assert citations(entry) == {"key": "Ada et al. 1999"}


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.stem)
def test_no_lecture_leaves_myst_behind_in_its_notebook(source):
    words = "\n".join(cell.source for cell in structure(source).cells if cell.cell_type == "markdown")
    for trace in ("{code-cell}", "```{", ":::{", ")=\n", "}`", r"\pdata", r"\pmodel", r"\KL", "[](#"):
        assert trace not in words
