"""The static site: `python -m dgmtheme.export`, started by `myst build --html` (see `template.yml`).

mystmd sets BUILD_DIRECTORY (where the site goes), CONTENT_CDN (where the content is) and BASE_URL.
"""

import json
import os
import shlex
import sys
from pathlib import Path

import yaml

from . import feeds, steps
from .assets import THEME, Assets
from .files import Files
from .links import Links
from .pages import Printer
from .search import compact
from .site import Site, slug_url
from .source import Source


def install() -> None:
    """Run the template's install step, which mystmd itself runs only for its live server."""
    if not (THEME / "node_modules").is_dir():
        command = yaml.safe_load((THEME / "template.yml").read_text())["build"]["install"]
        steps.run(shlex.split(command), THEME)


def export(source: Source, target: Path, base: str = "", root: Path | None = None) -> list[str]:
    """Write every page and file of the site into `target`; returns the warnings."""
    links = Links(base)
    site, files, assets = Site(source.config(), links), Files(links, source.fetch), Assets(links)
    printer, warnings = Printer(site, files, assets, root), []
    for entry in site.pages:
        content = source.page(entry.slug)
        if content is None:
            warnings.append(f"{entry.slug} is in the contents but MyST wrote no page for it")
            continue
        page = printer.page(entry.slug, content)
        warnings += page.warnings
        path = slug_url(entry.slug, site.index).strip("/")
        _write(target / path / "index.html", page.html.encode())
        _write(target / f"{entry.slug}.json", json.dumps(content, ensure_ascii=False).encode())
    _write(target / "404.html", printer.missing().encode())
    for path, content in {**assets.contents, **files.contents, **machine_files(source, site)}.items():
        _write(target / path, content)
    return warnings


def machine_files(source: Source, site: Site) -> dict[str, bytes]:
    """Sitemap, robots, search index, and the files by which other MyST projects refer to this one."""
    index = compact(source.json("myst.search.json") or {}, site.links)
    found = {
        "robots.txt": feeds.robots(site).encode(),
        "sitemap.xml": feeds.sitemap(site).encode(),
        "search.json": json.dumps(index, ensure_ascii=False, separators=(",", ":")).encode(),
    }
    references = source.json("myst.xref.json") or {}
    for reference in references.get("references", []):
        if "data" in reference:
            reference["data"] = reference["data"].removeprefix("/content")
    found["myst.xref.json"] = json.dumps(references).encode()
    if inventory := source.fetch("objects.inv"):
        found["objects.inv"] = inventory
    return found


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def main() -> None:
    """Export, and print warnings where mystmd shows them."""
    target = Path(os.environ["BUILD_DIRECTORY"])
    base = os.environ.get("BASE_URL", "").rstrip("/")
    root = Path(os.environ.get("DGM_BOOK_ROOT") or target.parent.parent)
    install()
    for warning in export(Source(os.environ["CONTENT_CDN"]), target, base, root):
        print(f"⚠️ {warning}", file=sys.stderr)


if __name__ == "__main__":
    main()
