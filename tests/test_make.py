"""What the Makefile promises: a set-up that is done once, and servers that answer where they say and stop when told."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import pytest

from tests.jupyterlab import free_port, wait_until_up
from tests.timing import quietest
from tools.files import ROOT

PAGE = '<!doctype html><html data-base="/dgm"><title>Small</title>'
# What a `make test` hands down to its own recipes is not meant for the commands tested here.
HANDED_DOWN = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "LAB_FLAGS"}
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in HANDED_DOWN}


def make(*arguments: str) -> str:
    """Return what make prints, in English."""
    command, environment = ["make", *arguments], ENVIRONMENT | {"LC_ALL": "C"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def read(address: str) -> str:
    """Return the page at an address; anything but success raises."""
    with urlopen(address, timeout=30) as answer:
        return answer.read().decode()


def restore_interrupt() -> None:
    """Hear SIGINT again: what a shell starts in the background ignores it, and its children do, too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def started(command: list[str], **options) -> Iterator[subprocess.Popen]:
    """Start a command in a process group of its own, of which nothing is left afterwards."""
    options |= {"start_new_session": True, "preexec_fn": restore_interrupt, "text": True}
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
            process.wait(timeout=30)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def set_up(require) -> None:
    """Ask for the checkout's own environment, for otherwise make would begin to install one."""
    require((ROOT / ".venv" / ".ready").exists(), "needs the environment that `make setup` creates")
    assert "Nothing to be done for 'setup'" in make("-n", "setup"), "pyproject.toml or the lock changed: make setup"


def test_what_is_set_up_is_not_set_up_again(set_up):
    assert make("setup").strip() == "make: Nothing to be done for 'setup'."


@pytest.mark.timing
def test_a_second_setup_takes_at_most_five_seconds(set_up):
    def seconds() -> float:
        start = time.perf_counter()
        make("setup")
        return time.perf_counter() - start

    assert quietest(seconds, enough=lambda found: found <= 5) <= 5


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_the_book_is_served_where_it_says_until_it_is_told_to_stop(how, tmp_path):
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    command = [sys.executable, "-m", "dgmtheme.serve", str(tmp_path), "--port", "0"]
    with started(command, cwd=ROOT / "theme", stdout=subprocess.PIPE) as server:
        address = re.search(r"http://localhost:\d+/\S*", server.stdout.readline())[0]
        assert address.endswith("/dgm/")
        assert read(address) == PAGE
        server.send_signal(how)
        assert server.wait(timeout=10) in (0, -how)


def test_make_book_ends_by_serving_what_it_built():
    last = make("-n", "book", "PORT=9400").strip().splitlines()[-1]
    assert re.search(r"python -m dgmtheme\.serve \S*_build/html --port 9400$", last)


def test_make_lab_passes_its_flags_on(set_up):
    (line,) = make("-n", "lab", "LAB_FLAGS=--no-browser --port 9401").strip().splitlines()
    assert re.search(r"-m jupyter lab .*--no-browser --port 9401$", line)


def test_make_lab_serves_the_lectures(set_up, tmp_path):
    """A reader's own settings, and the servers that he runs beside, stay out of it."""
    port, log = free_port(), tmp_path / "lab.log"
    folders = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    folders |= {f"JUPYTERLAB_{name}_DIR": str(tmp_path / name) for name in ("SETTINGS", "WORKSPACES")}
    flags = f"LAB_FLAGS=--no-browser --port {port} --IdentityProvider.token=t"
    with (
        log.open("w") as output,
        started(["make", "lab", flags], cwd=ROOT, env=ENVIRONMENT | folders, stdout=output, stderr=output) as lab,
    ):
        wait_until_up(f"http://127.0.0.1:{port}/api/status?token=t", lab, log)
        assert "JupyterLab" in read(f"http://127.0.0.1:{port}/lab/tree/06-maximum-likelihood.ipynb?token=t")
        os.killpg(lab.pid, signal.SIGTERM)
