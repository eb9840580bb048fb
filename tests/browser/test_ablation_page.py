"""The ablation panel in a real browser: variants and pairs are chosen, numbers appear, and a link opens the same."""

import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import expect

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "unit")]

from conftest import PATIENCE, violations  # noqa: E402
from run_folders import leave_run, leave_weights  # noqa: E402

CODE = """
import sys
sys.path.insert(0, "tests/unit")
from scenes import Boxes
from warpgan.widgets.ablation import AblationPanel

panel = AblationPanel(Boxes(6), RUNS, WEIGHTS)
panel
"""


def test_variants_and_pairs_are_chosen_and_a_link_opens_the_same(open_panel, tmp_path):
    weights = leave_weights(tmp_path / "weights")
    for seed in range(2):
        leave_run(tmp_path / "runs", f"seed={seed}", frozen=str(weights), seed=seed)
    page = open_panel(CODE.replace("RUNS", repr(str(tmp_path / "runs"))).replace("WEIGHTS", repr(str(weights))))
    status, table = page.get_by_role("status"), page.get_by_role("table")
    expect(status).to_contain_text("Smallest error over clothing seen in both pictures: ")
    expect(table.get_by_role("rowheader")).to_have_count(3)

    page.get_by_role("checkbox", name="full, seed 1").check()
    row = table.get_by_role("row", name=re.compile("full, seed 1"))
    expect(row.get_by_role("cell")).to_have_count(3)
    numbers = row.get_by_role("cell").all_inner_texts()
    assert all(re.fullmatch(r"-?\d\.\d{3}", number) for number in numbers)
    expect(page.get_by_role("img", name=f"full, seed 1: SSIM {numbers[0]}, L1 {numbers[1]}")).to_be_visible()

    page.get_by_label("Person").select_option("box-2")
    expect(page.get_by_role("img", name="Pair box-2_0-1: condition and truth, then 4 outputs")).to_be_visible()
    page.get_by_label("Condition and target pose").select_option("1-1")
    picture = page.get_by_role("img", name="Pair box-2_1-1:")
    expect(picture).to_be_visible()
    assert violations(page) == []

    with page.expect_popup(timeout=PATIENCE) as opened:
        page.get_by_role("link", name="Link to this state").click()
    other = opened.value
    other.set_default_timeout(PATIENCE)
    expect(other.get_by_role("img", name=picture.get_attribute("alt"))).to_be_visible(timeout=PATIENCE)
    expect(other.get_by_role("checkbox", name="full, seed 1")).to_be_checked()
    other.close()

    shutil.rmtree(tmp_path / "runs")
    page.get_by_role("checkbox", name="full, seed 0").check()
    expect(status).to_contain_text("runs: no such folder")
    expect(picture).to_be_visible()
    page.get_by_label("State", exact=True).fill('{"panel": "Ablations", "version": 1, "pair": "box-9", "variants": []}')
    page.get_by_role("button", name="Apply state").click()
    expect(status).to_have_text("state: pair is 'box-9'; expected one of the 6 pairs here")
