"""The live server: `python -m dgmtheme`, started by `myst start` (see `template.yml`).

Pages are printed anew at every request from mystmd's content server; the browser reloads when mystmd says
that something changed.
"""

import mimetypes
import os
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath

from .assets import MIME, THEME, Assets
from .export import machine_files
from .files import Files
from .links import Links
from .pages import Printer
from .site import Site, slug_url
from .source import Source


class Book:
    """Answers requests for one site."""

    def __init__(self, source: Source, base: str, socket: str):
        self.source, self.links, self.socket = source, Links(base), socket
        self.files: dict[str, bytes] = {}

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """(status, type, body) for a path of the site."""
        path = path.removeprefix(self.links.base) or "/"
        site, assets = Site(self.source.config(), self.links), Assets(self.links)
        for entry in site.pages:
            if slug_url(entry.slug, site.index).strip("/") == path.strip("/"):
                return self._page(site, assets, entry.slug)
        name = path.lstrip("/")
        body = assets.contents.get(name) or self.files.get(name) or machine_files(self.source, site).get(name)
        body = body or self.source.fetch(PurePosixPath(name).name if name.startswith("build/") else name)
        if body is None:
            html = self._printer(site, assets, Files(self.links, self.source.fetch)).missing()
            return 404, MIME[".html"], html.encode()
        return 200, content_type(name), body

    def _printer(self, site: Site, assets: Assets, files: Files) -> Printer:
        return Printer(site, files, assets, THEME.parent, self.socket)

    def _page(self, site: Site, assets: Assets, slug: str) -> tuple[int, str, bytes]:
        files = Files(self.links, self.source.fetch)
        content = self.source.page(slug)
        if content is None:
            return 503, MIME[".txt"], b"MyST is still building this page; reload in a moment.\n"
        page = self._printer(site, assets, files).page(slug, content)
        self.files |= files.contents
        for warning in page.warnings:
            print(f"⚠️ {warning}", flush=True)
        return 200, MIME[".html"], page.html.encode()


def content_type(name: str) -> str:
    """MIME type of a file by its name."""
    suffix = PurePosixPath(name).suffix
    return MIME.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def handler(book: Book) -> type[BaseHTTPRequestHandler]:
    """A request handler that asks `book`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            try:
                status, kind, body = book.answer(self.path.split("?")[0].split("#")[0])
            except Exception as error:  # whatever it is, the writer sees it, and the next request is answered
                status, kind, body = 500, MIME[".txt"], f"{type(error).__name__}: {error}\n".encode()
                print(f"⛔️ {self.path}\n{traceback.format_exc()}", flush=True)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Requests are not worth a line."""

    return Handler


def main() -> None:
    """Serve on PORT until stopped."""
    host, port = os.environ.get("HOST", "localhost"), int(os.environ.get("PORT", "3000"))
    content = os.environ.get("CONTENT_CDN") or f"http://localhost:{os.environ.get('CONTENT_CDN_PORT', '3100')}"
    socket = content.replace("http", "ws", 1) + "/socket" if os.environ.get("MODE", "app") == "app" else ""
    book = Book(Source(content), os.environ.get("BASE_URL", "").rstrip("/"), socket)
    server = ThreadingHTTPServer((host, port), handler(book))
    print(f"Book at http://{host}:{port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
