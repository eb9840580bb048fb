"""The gate panel in a real browser: keys move the gate, maps and states are chosen, and the numbers follow."""

import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent))

from conftest import violations

CODE = """
from warpgan import data
from warpgan.widgets.gate import GatePanel

people = data.RenderedPeople("test", (128, 64), people=2, poses=4, progress=False)
GatePanel([people[0], people[17]])
"""


@pytest.fixture
def page(open_panel):
    page = open_panel(CODE)
    expect(page.get_by_role("status")).to_contain_text("Trained gate (learned_channel), both maps")
    return page


PIXELS = """image => {
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth, canvas.height = image.naturalHeight;
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL();
}"""


def pixels(page):
    """The picture that is shown."""
    return page.locator("img.warpgan-image").evaluate(PIXELS)


def test_keys_move_the_gate_and_the_choices_act(page):
    status, slider = page.get_by_role("status"), page.get_by_role("slider", name="Held gate")
    assert violations(page) == []
    slider.focus()
    page.keyboard.press("ArrowRight")
    held = re.compile(r"Gate held at 0\.55, both maps.*gate on the person 0\.550")
    expect(page.get_by_alt_text(held)).to_be_visible()
    page.keyboard.press("Home")
    expect(status).to_contain_text("Gate held at 0.00, both maps: mean gate on the person 0.000, let in 0.000")
    page.get_by_label("Gate", exact=True).select_option("as trained")
    expect(status).to_contain_text("mean difference to the trained output 0.000")
    before = pixels(page)
    page.get_by_label("Maps", exact=True).select_option("no map")
    expect(status).to_have_text(re.compile(r"Trained gate \(learned_channel\), no map.*trained output 0\.0*[1-9]"))
    assert pixels(page) != before
    page.get_by_label("Gate", exact=True).select_option("literal: row sums of W")
    expect(status).to_contain_text("An experiment, as this generator was trained with the gate learned_channel")
    page.get_by_role("slider", name="Channel").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_alt_text(re.compile("features of channel 1 before and after"))).to_be_visible()
    expect(page.get_by_label("Norm over channels")).not_to_be_checked()
    page.get_by_label("Pair", exact=True).select_option("1: test-00001-01-03")
    expect(page.get_by_alt_text(re.compile("^Pair test-00001-01-03"))).to_be_visible()
    assert violations(page) == []


def test_a_state_is_pasted_and_a_wrong_one_is_told(page):
    text, apply = page.get_by_label("State", exact=True), page.get_by_role("button", name="Apply state")
    state = '{"panel": "The gate", "version": 1, "pair": 1, "gate": "GATE", "value": 0.3, "maps": "tps", "channel": 5}'
    text.fill(state.replace("GATE", "ajar"))
    apply.click()
    expect(page.get_by_role("status")).to_have_text(
        "state: gate is 'ajar'; expected one of learned, literal, forced"
    )
    expect(page.get_by_alt_text(re.compile(r"^Pair test-00000.*Trained gate"))).to_be_visible()
    text.fill(state.replace("GATE", "forced"))
    apply.click()
    expect(page.get_by_role("status")).to_contain_text("Gate held at 0.30, the spline alone")
    expect(page.get_by_alt_text(re.compile(r"^Pair test-00001.*features of channel 5"))).to_be_visible()
    expect(page.get_by_role("slider", name="Channel")).to_have_value("5")
