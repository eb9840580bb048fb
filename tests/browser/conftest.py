"""A real browser and real pages for the panels: chromium driven by Playwright, Voila, JupyterLab.

Without chromium these tests skip and say so; where the environment variable WARPGAN_BROWSER is "required", as in
`.ci/run`, they fail instead.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-gpu"]
PATIENCE = 120_000  # milliseconds: two such tests and a training may share two cores


def free_port() -> int:
    """Return a port of this machine that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """A server of this machine, ended with the tests."""

    def __init__(self, command: list[str], address: str, log: Path, folder: Path):
        self.log, self.address = log, address
        self.process = subprocess.Popen(command, cwd=folder, stdout=log.open("w"), stderr=subprocess.STDOUT)

    def wait(self, path: str = "") -> None:
        """Return once it answers."""
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                urllib.request.urlopen(self.address + path, timeout=5).close()
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.2)
            else:
                return
        raise RuntimeError(f"no server at {self.address}:\n{self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        """End it and its kernels."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


@pytest.fixture(scope="session")
def chromium():
    """Give the path of a chromium, or skip, or fail where one is required."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        text = "needs chromium, for instance Debian's package of that name"
        if os.environ.get("WARPGAN_BROWSER") == "required":
            pytest.fail(text)
        pytest.skip(text)
    return found


@pytest.fixture(scope="session")
def browser(chromium):
    """Give the browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def voila(chromium, tmp_path_factory):
    """Give a Voila server over a folder of its own, and the folder."""
    folder = tmp_path_factory.mktemp("voila")
    port = free_port()
    command = [sys.executable, "-m", "voila", str(folder), "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1",
               "--show_tracebacks=True"]
    server = Server(command, f"http://127.0.0.1:{port}/", folder / "voila.log", ROOT)
    server.wait()
    yield server, folder
    server.stop()


@pytest.fixture
def open_panel(browser, voila):
    """Give a function that opens a page whose notebook ends with a panel: code, options of the page -> page.

    The code runs in the repository's root with one thread. Errors of the page's scripts fail the test.
    """
    server, folder = voila
    pages, errors = [], []

    def open_page(code: str, **options):
        name = f"page-{len(list(folder.glob('*.ipynb')))}.ipynb"
        head = f"import os\nos.chdir({str(ROOT)!r})\nimport torch\ntorch.set_num_threads(1)"
        cells = [nbformat.v4.new_code_cell(source) for source in (head, code)]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / name)
        page = browser.new_page(**{"viewport": {"width": 1280, "height": 900}} | options)
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{server.address}voila/render/{name}", timeout=PATIENCE)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert not errors, errors


def violations(page) -> list[str]:
    """Say what axe finds on a page, one line a violation; rules of whole documents are the page template's own."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=".warpgan-panel").response["violations"]
    return [
        f"{one['id']}: {one['help']}: {node['html'][:200]}" for one in found for node in one["nodes"]
    ]


@pytest.fixture(scope="session")
def lab(chromium, tmp_path_factory):
    """Give a JupyterLab server over a folder of its own, without news and tokens, and the folder."""
    folder, settings = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("lab-settings")
    quiet = settings / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    quiet.parent.mkdir(parents=True)
    quiet.write_text('{"fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": true}')
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--ServerApp.ip=127.0.0.1",
               f"--ServerApp.root_dir={folder}", "--IdentityProvider.token=", "--ServerApp.password=",
               "--ServerApp.allow_root=True", f"--LabApp.user_settings_dir={settings}"]
    server = Server(command, f"http://127.0.0.1:{port}/", settings / "lab.log", ROOT)
    server.wait("lab")
    yield server, folder
    server.stop()
