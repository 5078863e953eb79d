"""The theme's own files: style sheet, scripts, KaTeX's fonts, the player of explorables."""

import hashlib
import importlib.metadata
import importlib.util
import re
import shutil
import sys
import tempfile
from functools import cached_property
from pathlib import Path

from . import steps
from .links import Links

PACKAGE = Path(__file__).parent
THEME = PACKAGE.parent
STATIC = PACKAGE / "static"
PLAYER = ("explorable.js", "explorable.css", "palette.css")
MIME = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".ipynb": "application/x-ipynb+json",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
    ".xml": "application/xml; charset=utf-8",
    ".xsl": "text/xsl; charset=utf-8",
}


class Assets:
    """All files that every page may use, by their path in the site."""

    def __init__(self, links: Links):
        self.links = links

    @cached_property
    def contents(self) -> dict[str, bytes]:
        """Path in the site -> bytes."""
        found = scripts()
        found |= {path.name: path.read_bytes() for path in sorted((STATIC / "root").iterdir())}
        found |= katex_files()
        found |= player_files()
        found["myst-theme.css"] = style_sheet()
        return found

    def url(self, path: str) -> str:
        """Address of a file, with a mark that changes when the file does."""
        content = self.contents.get(path)
        if content is None:
            raise ValueError(f"the theme has no file {path!r}; it has {', '.join(sorted(self.contents))}")
        return f"{self.links.file(path)}?v={hashlib.sha256(content).hexdigest()[:8]}"


def scripts() -> dict[str, bytes]:
    """The modules. What one imports carries the mark of all, or an old one kept by a browser could meet a new one."""
    sources = {path.name: path.read_bytes() for path in sorted((STATIC / "js").glob("*.js"))}
    mark = hashlib.sha256(b"".join(sources.values())).hexdigest()[:8].encode()
    marked = rb"\1?v=" + mark + b'"'
    return {f"theme/{name}": re.sub(rb'(from "\./[\w-]+\.js)"', marked, text) for name, text in sources.items()}


def style_sheet() -> bytes:
    """The palette and the parts of the style sheet, in order, as one file: one request, no flash."""
    parts = [(explorable_folder() / "palette.css").read_text(encoding="utf-8")]
    parts += [path.read_text(encoding="utf-8") for path in sorted((STATIC / "css").glob("*.css"))]
    text = re.sub(r"/\*.*?\*/", "", "\n".join(parts), flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n", text).strip().encode()


def katex_files() -> dict[str, bytes]:
    """KaTeX's style sheet and fonts, WOFF2 only, from the package that the install step put in place."""
    folder = THEME / "node_modules" / "katex" / "dist"
    if not folder.is_dir():
        raise ValueError(f"KaTeX is not installed in {THEME}: run the template's install step, `npm ci`, there")
    css = (folder / "katex.min.css").read_text(encoding="utf-8")
    css = re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)', "", css)
    fonts = {f"katex/fonts/{path.name}": path.read_bytes() for path in sorted((folder / "fonts").glob("*.woff2"))}
    return {"katex/katex.css": css.encode(), **fonts}


def explorable_folder() -> Path:
    """Folder of the explorable engine, found without importing it."""
    spec = importlib.util.find_spec("dgmlib")
    if spec is None or not spec.submodule_search_locations:
        raise ValueError("the package dgmlib is not installed here: `pip install -e .` in the repository root")
    return Path(next(iter(spec.submodule_search_locations))) / "explorable"


def player_files() -> dict[str, bytes]:
    """The player, its style sheet and the Vega bundle that it loads."""
    folder = explorable_folder()
    found = {f"explorable/{name}": (folder / name).read_bytes() for name in PLAYER}
    return found | {f"explorable/{path.name}": path.read_bytes() for path in bundle(folder).iterdir()}


def bundle(folder: Path) -> Path:
    """Folder with the Vega bundle, made once per version of its maker."""
    maker = (folder / "bundle.py").read_bytes() + importlib.metadata.version("vl-convert-python").encode()
    target = THEME / "build" / f"vega-{hashlib.sha256(maker).hexdigest()[:12]}"
    if not target.is_dir():
        target.parent.mkdir(exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=target.parent))
        try:
            steps.run([sys.executable, "-m", "dgmlib.explorable.bundle", str(part)], target.parent)
        except ValueError:
            shutil.rmtree(part)
            raise
        try:
            part.rename(target)
        except OSError:  # another process was faster
            shutil.rmtree(part)
    return target
