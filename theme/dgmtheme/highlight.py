"""Code to highlighted lines. Colours are the style sheet's; here only Pygments' short class names are set."""

from functools import lru_cache

from markupsafe import escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_ALIASES = {"ipython": "python", "ipython3": "python", "python3": "python", "shell": "bash", "myst": "markdown"}
_FORMATTER = HtmlFormatter(nowrap=True)


@lru_cache(maxsize=1024)
def highlighted(code: str, language: str | None) -> tuple[str, ...]:
    """One HTML string per line; every tag that a line opens it also closes. Unknown languages stay plain."""
    try:
        lexer = get_lexer_by_name(_ALIASES.get(language or "", language or "text"), stripnl=False)
    except ClassNotFound:
        return tuple(str(escape(line)) for line in code.split("\n"))
    lines = highlight(code, lexer, _FORMATTER).split("\n")
    return tuple(lines[:-1] if lines and not lines[-1] else lines)
