"""Build the book: `python -m dgmtheme.build [PROJECT]` executes, prints, and fails on the first defect.

Any error or warning of mystmd or of the theme (a cell that raises, an unknown reference or citation, a formula
that KaTeX refuses, a node that cannot be printed) ends in a non-zero exit, named with file and line. The site
in `_build/html` is replaced only by a whole one: after a failure the previous site is still there.
"""

import argparse
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .environment import command, environment, refresh_cache
from .locate import with_line

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_PROBLEM = re.compile(r"^(?:⛔️?|⚠️?)\s*(.+)")  # the summary after each page repeats them, indented
_NO_COMM = "Exception opening new comm"  # mystmd takes no part in the conversation of widgets; nothing is lost
_LOST = "fetch failed"  # Node's words for a broken connection; mystmd prints nothing else about it
_RUNNING = re.compile(r"^(?:📖|💾|💿|📚|🚀|🌎|🪐|🔌|🍡|Starting WebSocket|building myst|Site has )")


def problems(lines: list[str]) -> list[str]:
    """Errors and warnings in mystmd's output, each with the lines that explain it: the next ones up to a blank
    line, or a whole traceback."""
    found: list[str] = []
    inside = traceback = False
    for line in lines:
        if match := _PROBLEM.match(line):
            found.append(match[1].strip())
            inside, traceback = True, "An exception occurred" in line
        elif _RUNNING.match(line) or (not line.strip() and not traceback):
            inside = False
        elif inside and line.strip():
            found[-1] += f"\n    {line.strip()}"
    return list(dict.fromkeys(found))


@contextmanager
def replacing(site: Path) -> Iterator[None]:
    """Keep the previous site aside; bring it back unless the block ends well."""
    aside = site.with_name(site.name + ".previous")
    if aside.exists():  # an earlier build was killed half-way
        shutil.rmtree(site, ignore_errors=True)
        aside.rename(site)
    if site.exists():
        site.rename(aside)
    try:
        yield
    except BaseException:
        shutil.rmtree(site, ignore_errors=True)
        if aside.exists():
            aside.rename(site)
        raise
    shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """One build of a project at a time: mystmd's working folder cannot be shared. A second one waits."""
    (root / "_build").mkdir(exist_ok=True)
    with (root / "_build" / "build.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another build of this book is running; waiting for it to end.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(root: Path, base: str) -> list[str]:
    """Run mystmd; returns the problems, one more when it failed without saying why.

    mystmd gives up at once when the connection to the Jupyter server that it has started breaks. That says nothing
    about the book, so it may try a second time; what has been executed by then is in the cache.
    """
    lines, status = _mystmd(root, base)
    if _LOST in lines:
        print("mystmd lost its Jupyter server; trying once more.", flush=True)
        lines, status = _mystmd(root, base)
    found = [with_line(problem, root) for problem in problems(lines)]
    if status and not found:
        found.append(f"mystmd ended with status {status}; its last words are above")
    return found


def _mystmd(root: Path, base: str) -> tuple[list[str], int]:
    """Build with mystmd, passing its output on; returns the lines and the exit status."""
    with environment(root) as variables:
        if base:
            variables["BASE_URL"] = base
        arguments = command("build", "--html", "--execute", "--strict")
        lines: list[str] = []
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        with subprocess.Popen(arguments, cwd=root, env=variables, start_new_session=True, **pipes) as process:
            try:
                for line in process.stdout or ():
                    lines.append(_ESCAPES.sub("", line.rstrip("\n")))
                    if lines[-1] != _NO_COMM:
                        print(lines[-1], flush=True)
                process.wait()
            finally:  # mystmd leaves its Jupyter server running
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
    return lines, process.returncode


class BuildFailure(Exception):
    """The book has defects; the message lists them."""


def build(root: Path, base: str = "") -> Path:
    """Build the project in `root` into `root/_build/html`. Raises `BuildFailure` with the list of defects."""
    if not (root / "myst.yml").is_file():
        raise BuildFailure(f"no myst.yml in {root}; give the folder of a MyST project")
    site = root / "_build" / "html"
    with alone(root), replacing(site):
        if refresh_cache(root):
            print("The library changed: all notebooks will be executed again.", flush=True)
        found = run(root, base)
        if not found and not (site / "index.html").is_file():
            found.append("mystmd ended well but wrote no index.html")
        if found:
            raise BuildFailure("\n".join(f"  {number}. {problem}" for number, problem in enumerate(found, start=1)))
    return site


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Build the book; any defect fails, with file and line.")
    parser.add_argument("project", nargs="?", default=".", type=Path, help="folder of myst.yml (default: here)")
    parser.add_argument("--base", default=os.environ.get("BASE_URL", ""), help="base path, such as /dgm")
    options = parser.parse_args()
    try:
        site = build(options.project.resolve(), options.base.rstrip("/"))
    except BuildFailure as failure:
        sys.exit(f"\nThe book was not built. Mend these first:\n{failure}")
    print(f"\nThe book is in {site}")


if __name__ == "__main__":
    main()
