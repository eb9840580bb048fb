"""One notebook run whole in JupyterLab, as a reader does: no cell fails, and its panel answers."""

import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent))

from conftest import PATIENCE, ROOT  # noqa: E402

NAME = "00_quickstart.ipynb"


def test_a_notebook_runs_whole_and_its_panel_answers(browser, lab):
    server, folder = lab
    shutil.copy(ROOT / "notebooks" / NAME, folder)
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{server.address}lab/tree/{NAME}", timeout=PATIENCE)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    # The prompt of a cell that waits or runs is [*]; the last one's becomes a number.
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt")
    expect(prompts.last).to_have_text(re.compile(r"\[\d+\]"), timeout=4 * PATIENCE)
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']").count() == 0
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
