"""The warp panel in a real browser: points dragged and moved by keys, buttons, a state that is refused."""

import json
import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent))

from conftest import violations

CODE = """
from warpgan.data import RenderedPeople
from warpgan.widgets.warp import WarpPanel

people = RenderedPeople("test", (128, 64), people=2, poses=4, progress=False)
WarpPanel(people[1])
"""
MIDDLE = re.compile("control point, row 3 column 3")
CENTRE = re.compile("centre of the affine map")


def median(page) -> float:
    """The first number of the status line."""
    text = page.get_by_role("status").inner_text()
    return float(re.match(r"The map misses the truth by ([\d.]+) pixels", text)[1])


def drag(page, point, across: int, down: int, grip: int = 0) -> None:
    """Drag a point by screen pixels, held `grip` of them beside its middle."""
    box = point.bounding_box()
    x, y = box["x"] + box["width"] / 2 + grip, box["y"] + box["height"] / 2 + grip
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across, y + down, steps=4)
    page.mouse.up()


def press(page, name: str) -> None:
    """Press a button, and wait for the kernel's next picture."""
    before = page.get_by_role("img").get_attribute("src")
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("img")).not_to_have_attribute("src", before)


@pytest.fixture
def page(open_panel):
    page = open_panel(CODE)
    expect(page.get_by_role("status")).to_contain_text("The map misses the truth by")
    return page


def test_points_are_dragged_and_moved_by_keys_and_taken_back(page):
    status, picture = page.get_by_role("status"), page.get_by_role("img")
    before, alt, png = status.inner_text(), picture.get_attribute("alt"), picture.get_attribute("src")
    drag(page, page.get_by_role("button", name=MIDDLE), 90, 0)  # three screen pixels are one of the picture
    expect(page.get_by_role("button", name="control point, row 3 column 3: x 61.5, y 63.5")).to_be_visible()
    expect(status).to_contain_text(re.compile(r"It folds at \d+ of 8001 places"))
    assert status.inner_text().split(" (")[0] != before.split(" (")[0]
    assert picture.get_attribute("alt") != alt and picture.get_attribute("src") != png
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("button", name="control point, row 3 column 3: x 60.5, y 63.5")).to_be_visible()
    press(page, "Undo")
    expect(page.get_by_role("button", name="control point, row 3 column 3: x 61.5, y 63.5")).to_be_visible()
    press(page, "Undo")
    expect(status).to_have_text(before)
    page.get_by_role("button", name="Undo").click()
    expect(status).to_have_text("nothing to undo: nothing has been changed")

    # The frame of the affine map is grabbed at its edge, though a control point lies in it.
    drag(page, page.get_by_role("button", name=CENTRE), -30, 15, grip=15)
    expect(page.get_by_role("button", name=CENTRE)).to_have_attribute("aria-label", re.compile(r"x 2\d\.\d, y 7\d\.\d"))
    expect(status).not_to_contain_text("nothing to undo")


def test_the_matchers_answer_is_better_than_none_and_one_map_can_act_alone(page):
    press(page, "Matcher's answer")
    matched = median(page)
    assert violations(page) == []
    page.get_by_label("Maps that act").select_option("affine")
    expect(page.get_by_role("button", name=MIDDLE)).to_be_hidden()
    expect(page.get_by_alt_text(re.compile("^Maps that act: affine"))).to_be_visible()
    expect(page.get_by_role("button", name=CENTRE)).to_be_visible()
    page.get_by_label("Maps that act").select_option("both")
    expect(page.get_by_role("button", name=MIDDLE)).to_be_visible()
    press(page, "Reset")
    assert matched < 0.5 * median(page)


def test_a_wrong_state_and_a_point_that_cannot_be_moved_are_told(page):
    status = page.get_by_role("status")
    page.get_by_role("button", name="Write state").click()
    field = page.get_by_label("State", exact=True)
    expect(field).to_have_value(re.compile('"maps": "both"'))
    state = json.loads(field.input_value())
    for change, said in (
        ({"tps": state["tps"][:9]}, "state: tps has 9 rows of 2; expected 25 rows of 2 numbers"),
        ({"affine": [[1, 0, 9], [0, 1, 0]]}, "state: affine has '9'; expected numbers from -4 to 4"),
    ):
        field.fill(json.dumps(state | change))
        page.get_by_role("button", name="Apply state").click()
        expect(status).to_have_text(said)
    field.fill(json.dumps(state | {"affine": [[0, 0, 0], [0, 1, 0]]}))
    page.get_by_role("button", name="Apply state").click()
    expect(status).to_contain_text("It folds at 8001 of 8001 places")
    corner = page.get_by_role("button", name=re.compile("control point, row 5 column 5"))
    name = corner.get_attribute("aria-label")
    drag(page, corner, 30, -30)
    expect(status).to_contain_text("the affine map has no inverse")
    expect(corner).to_have_attribute("aria-label", name)  # it went back
    assert violations(page) == []
