"""One notebook run whole in JupyterLab, as a reader does: no cell fails, and its panel answers."""

import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent))

from conftest import PATIENCE, ROOT

NAME = "00_quickstart.ipynb"


def test_a_notebook_runs_whole_and_its_panel_answers(browser, lab):
    server, folder = lab
    shutil.copy(ROOT / "notebooks" / NAME, folder)
    shutil.copytree(ROOT / "notebooks" / "assets", folder / "assets")
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{server.address}lab/tree/{NAME}", timeout=PATIENCE)
    page.locator(".jp-CodeCell").first.wait_for()
    page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").wait_for(state="attached")
    waiting = page.locator(".jp-CodeCell .jp-InputPrompt", has_text="[*]")
    for _ in range(6):  # a click that comes before the notebook is ready does nothing
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name=re.compile("^Run All Cells")).click()
        page.wait_for_timeout(5000)
        if waiting.count():
            break
    assert waiting.count(), "no cell has begun to run"
    expect(waiting).to_have_count(0, timeout=4 * PATIENCE)
    for kind in ("stderr", "error"):
        assert page.locator(f"[data-mime-type='application/vnd.jupyter.{kind}']").all_text_contents() == []
    panel = page.locator(".warpgan-panel")
    panel.scroll_into_view_if_needed()
    status = panel.get_by_role("status").first
    before = status.inner_text()
    joint = panel.get_by_role("button", name=re.compile("right wrist"))
    joint.focus()
    for _ in range(6):
        page.keyboard.press("ArrowDown")
    expect(status).not_to_have_text(before)
    page.close()
