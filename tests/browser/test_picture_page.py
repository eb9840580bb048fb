"""The two parts that panels are made of, in a real browser: a picture with points, and a number."""

import os
import re
import signal
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent))

from conftest import violations

CODE = """
import time
import ipywidgets
from PIL import Image
from warpgan.widgets.panel import Look, Panel
from warpgan.widgets.slider import Slider

class Trial(Panel):
    NAME = "Trial"

    def __init__(self):
        self.size = Slider("Grey <b>", 0.5)
        self.size.observe(self.refresh, "value")
        self.at, self.count, self.wait = [10.0, 20.0], 0, 0.0
        super().__init__([self.size])
        self.picture.width, self.picture.height, self.picture.scale = 64, 128, 3
        self.picture.names, self.picture.lines = ["wrist", "elbow"], [[0, 1]]
        self.picture.put_handles([self.at, [40, 60]])
        self.picture.on_move(self.moved)

    def moved(self, index, x, y):
        time.sleep(WAIT)
        self.at = [x, y]
        self.count += 1
        self.refresh()

    def look(self):
        level = int(255 * self.size.value)
        if level == 0:
            raise ValueError("grey: black <i>cannot</i> be seen")
        text = f"at {self.at[0]:.0f}, {self.at[1]:.0f} after {self.count} moves, grey {level}"
        return Look(Image.new("RGB", (64, 128), (level,) * 3), "A grey picture, " + text, text)

    def settings(self):
        return {"grey": self.size.value}

    def use_settings(self, state):
        if not isinstance(state["grey"], float):
            raise ValueError(f"state: grey is {state['grey']!r}; expected a number")
        self.size.value = state["grey"]

trial = Trial()
trial
"""


@pytest.fixture
def trial(open_panel):
    return open_panel(CODE.replace("WAIT", "0"))


def test_the_picture_has_a_text_alternative_and_the_status_is_said(trial):
    expect(trial.get_by_alt_text("A grey picture, at 10, 20 after 0 moves, grey 127")).to_be_visible()
    expect(trial.get_by_role("status")).to_have_text("at 10, 20 after 0 moves, grey 127")


def test_a_point_is_dragged(trial):
    wrist = trial.get_by_role("button", name="wrist: x 10.0, y 20.0")
    box = wrist.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    trial.mouse.move(x, y)
    trial.mouse.down()
    trial.mouse.move(x + 60, y + 30, steps=5)  # three screen pixels are one of the picture
    trial.mouse.up()
    expect(trial.get_by_role("status")).to_have_text(re.compile(r"at 30, 30 after [1-5] moves"))
    expect(trial.get_by_role("button", name=re.compile("wrist: x 30.0, y 30.0"))).to_be_visible()


def test_a_point_is_moved_by_keys_and_stays_inside(trial):
    trial.get_by_role("button", name=re.compile("wrist")).focus()
    trial.keyboard.press("ArrowRight")
    expect(trial.get_by_role("status")).to_have_text(re.compile("at 11, 20"))
    trial.keyboard.press("Shift+ArrowUp")
    expect(trial.get_by_role("status")).to_have_text(re.compile("at 11, 15"))
    for _ in range(4):
        trial.keyboard.press("Shift+ArrowLeft")
    expect(trial.get_by_role("status")).to_have_text(re.compile("at 0, 15"))


def test_a_number_is_changed_by_keys_and_its_name_is_text(trial):
    field = trial.get_by_role("slider", name="Grey <b>")
    field.focus()
    trial.keyboard.press("ArrowRight")
    expect(trial.get_by_role("status")).to_have_text(re.compile("grey 140"))
    trial.get_by_role("spinbutton").fill("1")
    trial.keyboard.press("Enter")
    expect(trial.get_by_role("status")).to_have_text(re.compile("grey 255"))
    expect(field).to_have_value("1")


def test_a_fault_is_a_sentence_and_the_picture_stays(trial):
    trial.get_by_role("spinbutton").fill("0")
    trial.keyboard.press("Enter")
    expect(trial.get_by_role("status")).to_have_text("grey: black <i>cannot</i> be seen")
    expect(trial.get_by_alt_text(re.compile("grey 127"))).to_be_visible()


@pytest.mark.parametrize(
    "text, said",
    [
        ('{"panel": "Trial", "version": 1, "grey": 1.0}', "grey 255"),
        ('{"panel": "Trial", "version": 2, "grey": 1.0}', "state: version is 2; this panel takes 1"),
        ("__import__('os')", "state: no JSON"),
    ],
)
def test_a_state_is_pasted(trial, text, said):
    trial.get_by_label("State", exact=True).fill(text)
    trial.get_by_role("button", name="Apply state").click()
    expect(trial.get_by_role("status")).to_have_text(re.compile(re.escape(said)))


def test_dragging_queues_no_more_than_one_change(open_panel):
    page = open_panel(CODE.replace("WAIT", "0.5"))
    wrist = page.get_by_role("button", name=re.compile("wrist"))
    box = wrist.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(x + step, y)
    page.mouse.move(x + 90, y + 90)
    page.mouse.up()
    expect(page.get_by_role("status")).to_have_text(re.compile("at 40, 50 after [1-4] moves"))


def test_a_kernel_that_is_gone_is_told(open_panel):
    code = CODE.replace("WAIT", "0").replace('"Trial"', 'f"Trial {os.getpid()}"')
    page = open_panel("import os\n" + code)
    heading = page.get_by_role("heading", name=re.compile(r"Trial \d+"))
    os.kill(int(heading.inner_text().split()[1]), signal.SIGKILL)
    expect(page.get_by_role("alert")).to_contain_text("The kernel does not answer", timeout=60_000)


def test_nothing_that_axe_finds(trial):
    expect(trial.get_by_role("status")).to_be_visible()
    assert violations(trial) == []
