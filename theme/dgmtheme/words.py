"""TeX as words: for titles, labels and the search index, which hold no formulas."""

import re

_GAP = r"(?:\s|\\[,;:! ])*"


def readable(text: str) -> str:
    """Text with LaTeX commands reduced to their names: `\\log p_{\\theta}(x \\mid z)` reads “log p_theta(x|z)”."""
    text = re.sub(rf"{_GAP}(?:\\(?:mid|[lr]?[vV]ert)(?![a-zA-Z])|\\?\||[‖∣]){_GAP}", "|", text)
    text = re.sub(r"\\([a-zA-Z]+)\*?(?=\\)", r"\1 ", text)  # or `\log\theta` would be one word
    text = re.sub(r"\\([a-zA-Z]+)\*?", r"\1", text)
    text = re.sub(r"\\[^a-zA-Z\s]?", " ", text)
    text = re.sub(r"([_^])\{([^{}]*)\}", r"\1\2", text)
    return re.sub(r"\s+", " ", text).strip()
