"""The page that `make app` serves: every panel is there, at two widths, and axe finds nothing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent))

from conftest import PATIENCE, ROOT, Server, free_port, violations

HEADINGS = ("Pose editor", "Warp", "The gate", "Ablations", "Preference study")


@pytest.fixture(scope="module")
def app(chromium, tmp_path_factory):
    """Give the address of the page, served by the very command that `make app` runs."""
    port, folder = free_port(), tmp_path_factory.mktemp("app")
    done = subprocess.run(["make", "-n", "app", f"PORT={port}"], cwd=ROOT, capture_output=True, text=True, check=True)
    (line,) = [line for line in done.stdout.splitlines() if "voila" in line]
    _, *arguments = line.split()
    assert "--Voila.ip=127.0.0.1" in arguments
    server = Server([sys.executable, *arguments, "--no-browser"], f"http://127.0.0.1:{port}/", folder / "log", ROOT)
    server.wait("voila/static/favicon.ico")
    yield server.address
    server.stop()


def test_every_panel_is_there_and_nothing_is_found_by_axe(app, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.goto(app, timeout=PATIENCE)
    panels = page.locator(".warpgan-panel")
    expect(panels).to_have_count(len(HEADINGS), timeout=PATIENCE)
    for panel, heading in zip(panels.all(), HEADINGS, strict=True):
        expect(panel.get_by_role("heading", name=re.compile(heading)).first).to_be_visible()
        expect(panel.get_by_role("status").first).not_to_be_empty()
        assert panel.get_by_role("img").first.get_attribute("alt")
    assert violations(page) == []
    page.set_viewport_size({"width": 800, "height": 900})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 800, f"the page is {wide} pixels wide where 800 are there"
    page.close()
