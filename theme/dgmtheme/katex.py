"""KaTeX for the formulas that MyST never sees: LaTeX and Markdown printed by notebook cells."""

import json
import subprocess
from functools import lru_cache
from pathlib import Path

THEME = Path(__file__).resolve().parent.parent
_SCRIPT = """
const katex = require('katex');
const {tex, displayMode, macros} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(katex.renderToString(tex, {displayMode, macros}));
"""


@lru_cache(maxsize=512)
def typeset(tex: str, display: bool, macros: tuple[tuple[str, str], ...] = ()) -> str:
    """HTML of one formula. Raises `ValueError` with KaTeX's message when the formula is wrong."""
    request = json.dumps({"tex": tex, "displayMode": display, "macros": dict(macros)})
    done = subprocess.run(["node", "-e", _SCRIPT], input=request, capture_output=True, text=True, cwd=THEME, timeout=60)
    if done.returncode:
        reason = next((line for line in done.stderr.splitlines() if "Error" in line), done.stderr[-300:])
        raise ValueError(f"KaTeX refused {tex!r}: {reason.strip()}; correct the LaTeX that the cell prints")
    return done.stdout
