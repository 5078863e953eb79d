"""JupyterLab as the tests drive it: a server of its own, a notebook opened in Chromium, its cells run."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Locator, Page

# The notebook that is open, as JupyterLab's own objects.
NOTEBOOK = "window.jupyterapp.shell.currentWidget.content"

RUN_ALL = """async () => {
    await window.jupyterapp.shell.currentWidget.sessionContext.ready;
    await window.jupyterapp.commands.execute("notebook:run-all-cells");
}"""

RUN_CODE = """async (code) => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const reply = await kernel.requestExecute({ code }).done;
    if (reply.content.status !== "ok") throw new Error(reply.content.evalue);
}"""

OUTPUTS = f"() => {NOTEBOOK}.widgets.map((cell) => cell.model.outputs?.toJSON() ?? [])"


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(notebooks: Path, settings: Path) -> Iterator[str]:
    """Serve a folder of notebooks with JupyterLab as it comes, without the user's own settings; yields its address."""
    port = free_port()
    flags = [
        "--no-browser",
        "--allow-root",
        f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={notebooks}",
        "--IdentityProvider.token=",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--ServerApp.kernel_websocket_connection_class=dgmlib.jupyter.PromptConnection",
    ]
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    environment = os.environ | {name: str(settings / name.lower()) for name in folders} | {"OMP_NUM_THREADS": "1"}
    environment.pop("DGMLIB_RECORD", None)
    log = (settings / "lab.log").open("w")
    command = [sys.executable, "-m", "jupyterlab", *flags]
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_up(f"{address}/api", server, settings / "lab.log")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def wait_until_up(address: str, server: subprocess.Popen, log: Path) -> None:
    """Return when the server answers; fail with its log when it ends or takes longer than a minute."""
    for _ in range(600):
        try:
            with urlopen(address, timeout=5):
                return
        except URLError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not answer within a minute:\n{log.read_text()}")


def open_notebook(page: Page, address: str, name: str) -> None:
    """Open a notebook and wait for its kernel."""
    page.goto(f"{address}/lab/tree/{name}?reset")
    page.wait_for_function(f"window.jupyterapp?.shell.currentWidget?.context?.isReady && {NOTEBOOK}.widgets.length")
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.ready")


def show_explorable(page: Page, cell: int) -> Locator:
    """Scroll to a cell, for JupyterLab keeps only cells near the screen alive; return its explorable, ready."""
    page.evaluate(f"async (cell) => {{ await {NOTEBOOK}.scrollToItem(cell, 'center'); }}", cell)
    figure = page.locator(f".jp-Cell[data-windowed-list-index='{cell}'] figure[data-explorable]")
    figure.wait_for(state="visible")
    page.wait_for_function("(figure) => Boolean(figure.explorable)", arg=figure.element_handle())
    return figure
