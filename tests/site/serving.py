"""Serve a built folder: plainly, below a base path, or with extra headers."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STRICT_POLICY = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
}


@contextmanager
def http_server_module(root: Path) -> Iterator[str]:
    """``python -m http.server`` in ``root``, as the README tells a reader to do; yields ``http://host:port``."""
    command = [
        sys.executable,
        "-u",
        "-m",
        "http.server",
        "0",
        "--bind",
        "127.0.0.1",
        "--directory",
        str(root),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            announced = process.stdout.readline()
            port = re.search(r"port (\d+)", announced)
            if port is None:
                raise RuntimeError(f"http.server announced {announced!r}, expected a line naming its port")
            yield f"http://127.0.0.1:{port[1]}"
        finally:
            process.terminate()


class _Handler(SimpleHTTPRequestHandler):
    """Files of one folder below a base path; anything outside the base is not found."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args, base: str, extra_headers: Mapping[str, str], **kwargs):
        self.base = base
        self.extra_headers = extra_headers
        super().__init__(*args, **kwargs)

    def send_head(self):
        """Refuse paths outside the base, else serve the file."""
        if not f"{self.path}/".startswith(f"{self.base}/"):
            self.send_error(404, "Outside the base path")
            return None
        return super().send_head()

    def translate_path(self, path: str) -> str:
        """Drop the base path: ``/dgm/a.css`` is ``a.css`` of the folder."""
        return super().translate_path(path.removeprefix(self.base) or "/")

    def end_headers(self):
        """Add the headers asked for to every answer."""
        for name, value in self.extra_headers.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format, *args):
        """Say nothing: the tests record requests in the browser."""


@contextmanager
def serve(root: Path, base: str = "", headers: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve ``root`` below ``base`` in a thread; yields ``http://host:port`` + ``base``."""
    handler = partial(_Handler, directory=str(root), base=base, extra_headers=headers or {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{base}"
        finally:
            server.shutdown()
            thread.join()
