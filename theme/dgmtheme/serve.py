"""Look at the built book: `python -m dgmtheme.serve [FOLDER] [--port N]`."""

import argparse
import errno
import re
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from .assets import MIME


def base_of(folder: Path) -> str:
    """The base path that the site was built for."""
    match = re.search(r'data-base="([^"]*)"', (folder / "index.html").read_text(encoding="utf-8"))
    return match[1] if match else ""


class Handler(SimpleHTTPRequestHandler):
    """Files below the base path; the book's own page for what is not there."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, **MIME}  # noqa: RUF012

    def __init__(self, *arguments, base: str = "", **options):
        self.base = base
        super().__init__(*arguments, **options)

    def translate_path(self, path: str) -> str:
        """A path outside the base is nowhere."""
        if self.base and not path.startswith(f"{self.base}/"):
            path = "/404.html/nowhere"
        return super().translate_path(path.removeprefix(self.base))

    def do_GET(self) -> None:
        """The root leads to the base path."""
        if self.base and self.path in {"/", self.base}:
            self.send_response(302)
            self.send_header("Location", f"{self.base}/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        super().do_GET()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The page for missing pages."""
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", MIME[".html"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not worth a line."""


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server for a built site on this port, or on a free one where it is taken."""
    if not (folder / "index.html").is_file():
        raise ValueError(f"no built book in {folder}: run `python -m dgmtheme.build` (or `make site`) first")
    handler = partial(Handler, directory=str(folder), base=base_of(folder))
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return ThreadingHTTPServer(("127.0.0.1", 0), handler)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Serve the built book on this machine.")
    parser.add_argument("folder", nargs="?", default="_build/html", type=Path, help="built site")
    parser.add_argument("--port", type=int, default=8000, help="port (another where it is taken)")
    options = parser.parse_args()
    try:
        book = server(options.folder, options.port)
    except ValueError as error:
        sys.exit(str(error))
    print(f"The book is at http://localhost:{book.server_port}{base_of(options.folder)}/  (Ctrl-C stops)", flush=True)
    try:
        book.serve_forever()
    except KeyboardInterrupt:
        book.server_close()


if __name__ == "__main__":
    main()
