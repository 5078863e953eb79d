"""Addresses of the site: pages, assets, and the places outside it that a page offers (source, Binder, Colab)."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Links:
    """Turns MyST's site-absolute paths into addresses below the base path (`/dgm`, or nothing)."""

    base: str = ""

    def page(self, url: str) -> str:
        """`/slug#anchor` of MyST -> `/base/slug/#anchor`, the folder that holds `index.html`."""
        path, mark, anchor = url.partition("#")
        path = path.strip("/")
        return f"{self.base}/{path}{'/' if path else ''}{mark}{anchor}"

    def file(self, path: str) -> str:
        """A file of the site by its path below the root."""
        return f"{self.base}/{path.lstrip('/')}"


def edit_links(frontmatter: dict, location: str, is_notebook: bool) -> list[dict]:
    """Links to the source of one page on GitHub, Binder and Colab; none without a `github` setting."""
    source, edit = frontmatter.get("source_url"), frontmatter.get("edit_url")
    if not source or not edit:
        return []
    links = [{"label": "Edit on GitHub", "url": edit}]
    if not is_notebook:
        return links
    repository, _, blob = source.partition("/blob/")
    branch, _, path = blob.partition("/")
    owner_name = repository.removeprefix("https://github.com/")
    notebook = path.removesuffix(".md") + ("" if path.endswith(".ipynb") else ".ipynb")
    tree = quote(f"lab/tree/{notebook}", safe="")  # JupyterLab opens a `.md` as text
    return [
        {"label": "Binder", "url": f"https://mybinder.org/v2/gh/{owner_name}/{branch}?urlpath={tree}"},
        {
            "label": "Colab",
            "url": f"https://colab.research.google.com/github/{owner_name}/blob/{branch}/{notebook}",
        },
        *links,
    ]
