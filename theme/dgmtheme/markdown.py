"""Markdown printed by notebook cells (text of the book itself is parsed by MyST)."""

from collections.abc import Callable

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from .sanitize import clean


def to_html(source: str, typeset: Callable[[str, bool], str]) -> tuple[str, set[str]]:
    """CommonMark with tables and `$…$` -> (HTML, what was dropped); formulas go to `typeset(tex, display)`."""
    formulas: list[str] = []

    def hold(tex: str, options: dict) -> str:
        formulas.append(typeset(tex, bool(options.get("display_mode"))))
        return f"<span data-formula='{len(formulas) - 1}'></span>"

    parser = MarkdownIt("commonmark", {"html": True}).enable("table").use(dollarmath_plugin, renderer=hold)
    html, dropped = clean(parser.render(source))
    for number, formula in enumerate(formulas):
        html = html.replace(f'<span data-formula="{number}"></span>', formula)
    return html, dropped
