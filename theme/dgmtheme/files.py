"""The files that pages refer to: where they come from, where they go."""

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Protocol

from .imagesize import size
from .links import Links


class Reporter(Protocol):
    """Whoever wants to know about missing files."""

    def warn(self, message: str) -> None:
        """Note a defect."""


class Files:
    """Collects what pages use. `fetch(path)` returns a file's bytes, or None where MyST has no such file."""

    def __init__(self, links: Links, fetch: Callable[[str], bytes | None]):
        self.links = links
        self.fetch = fetch
        self.contents: dict[str, bytes] = {}

    def use(self, path: str, reporter: Reporter) -> str:
        """Ship a file that MyST made (`/picture-hash.png`) and return its address."""
        target = f"build/{PurePosixPath(path).name}"
        if target not in self.contents:
            content = self.fetch(path)
            if content is None:
                reporter.warn(f"the file {path} is missing from what MyST built")
                return self.links.file(target)
            self.contents[target] = content
        return self.links.file(target)

    def size(self, path: str) -> tuple[int | None, int | None]:
        """Width and height of a picture that has been used."""
        return size(self.contents.get(f"build/{PurePosixPath(path).name}", b"")) or (None, None)

    def read(self, path: str) -> str:
        """Text of a file that MyST made."""
        content = self.fetch(path)
        if content is None:
            raise ValueError(f"MyST refers to the output file {path} but did not write it; build again from clean")
        return content.decode()

    def write(self, target: str, text: str) -> str:
        """Ship a file that the theme makes and return its address."""
        self.contents[target] = text.encode()
        return self.links.file(target)
