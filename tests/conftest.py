"""What every test may ask for: a browser, the data sets; and the record of which claims held."""

import os
import shutil
from pathlib import Path

import pytest

from tools.claims import Recorder

pytest_plugins = ["pytester"]

# One thread per process, as in the Makefile: sums then have the same last bits here and in a notebook's kernel.
os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# A fixed configuration: no sandbox (containers), no graphics card, no traffic of the browser's own.
BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def pytest_addoption(parser):
    parser.addoption("--claims", type=Path, help="write the outcome of every claim test to this JSON file")


def pytest_configure(config):
    shares_the_tests = hasattr(config, "workerinput")  # then the process that hands them out records
    if (path := config.getoption("--claims")) and not shares_the_tests:
        config.pluginmanager.register(Recorder(path, ROOT), "claims-recorder")


@pytest.fixture(scope="session")
def require():
    """Return `require(found, reason)`: the one place that decides what a missing tool means.

    On a contributor's machine the test is skipped and says why; where `CI` is set everything must be there,
    and it fails.
    """

    def check(found, reason: str):
        if not found and os.environ.get("CI"):
            pytest.fail(f"{reason} (a missing tool is a failure where CI is set)", pytrace=False)
        if not found:
            raise pytest.skip.Exception(reason)
        return found

    return check


@pytest.fixture(scope="session")
def data_dir(require) -> Path:
    """Return the folder of full data sets, `$DGMLIB_DATA`."""
    folder = os.environ.get("DGMLIB_DATA", "")
    require(folder and Path(folder).is_dir(), "needs the full data sets: set DGMLIB_DATA to their folder")
    return Path(folder)


@pytest.fixture(scope="session")
def playwright():
    """Return Playwright's entry point, started once."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright, require):
    """Return a running Chromium: one on PATH, else the one Playwright installed for itself."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None) or playwright.chromium.executable_path
    require(Path(path).exists(), "needs Chromium: install it, or run `playwright install chromium`")
    running = playwright.chromium.launch(executable_path=path, args=BROWSER_FLAGS)
    yield running
    running.close()
