"""What mystmd's content server offers: the site's configuration, page trees, files, the search index."""

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote


class Source:
    """Reads from the content server that mystmd starts beside the theme."""

    def __init__(self, address: str):
        self.address = address.rstrip("/")

    def fetch(self, path: str) -> bytes | None:
        """Bytes of a file, or None where there is none."""
        url = f"{self.address}/{quote(path.lstrip('/'))}"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise

    def json(self, path: str) -> Any:
        """A JSON file, or None where there is none."""
        content = self.fetch(path)
        return None if content is None else json.loads(content)

    def config(self) -> dict[str, Any]:
        """The site's configuration, with the front page's own front matter, which mystmd leaves out, as `front`."""
        config = self.json("config.json")
        if config is None:
            raise ValueError(f"no site at {self.address}: expected mystmd's config.json; start this through `myst`")
        for project in config.get("projects", [])[:1]:
            project["front"] = (self.page(project.get("index", "index")) or {}).get("frontmatter") or {}
        return config

    def page(self, slug: str) -> dict[str, Any] | None:
        """A page's document tree, front matter and references."""
        return self.json(f"content/{slug}.json")
