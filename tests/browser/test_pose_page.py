"""The pose editor in a real browser: a joint that is dragged takes the person along, and text brings another pose."""

import base64
import json
import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent))

from conftest import violations

PERSON = """
import torch
from warpgan.data import RenderedPeople
from warpgan.transfer import PoseTransfer
from warpgan.widgets.pose import PoseEditor

test = RenderedPeople("test", (128, 64), people=2, poses=4, progress=False)
pair = test[0]
standing = torch.tensor([[28, 11, 1], [28, 24, 1], [18, 24, 1], [14, 42, 1], [11, 58, 1], [38, 24, 1], [42, 42, 1],
    [45, 58, 1], [22, 59, 1], [21, 86, 1], [21, 111, 1], [34, 59, 1], [35, 86, 1], [35, 111, 1], [26, 9, 1], [30, 9, 1],
    [23, 11, 1], [33, 11, 1]], dtype=torch.float32)
"""
WITH_NETWORKS = PERSON + """
PoseEditor(standing, transfer=PoseTransfer.from_pretrained("rendered"), condition_image=pair["condition_image"],
           condition_parsing=pair["condition_parsing"])
"""
SKELETON = PERSON + "PoseEditor(standing, condition_image=pair['condition_image'], presets={'again': standing})"


def joint(page, name):
    return page.get_by_role("button", name=re.compile(f"^{name}: x"))


def place(page, name):
    """Where the page says that a joint is."""
    return tuple(map(float, re.findall(r"\d+\.\d", joint(page, name).get_attribute("aria-label"))))


def said(page, text):
    expect(page.get_by_role("status").filter(has_text=re.compile(".")).first).to_have_text(re.compile(text))


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def drag(page, name, x, y):
    """Drag a joint by screen pixels; five are one of the picture."""
    box = joint(page, name).bounding_box()
    at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.move(at[0] + x, at[1] + y, steps=6)
    page.mouse.up()


def test_the_person_follows_a_joint_that_is_dragged(open_panel):
    page = open_panel(WITH_NETWORKS)
    sheet = page.get_by_alt_text(re.compile("^Condition, drawn parsing, output and skeleton"))
    expect(sheet).to_have_attribute("alt", re.compile(r"left wrist 45, 58.*left ear"))
    before, source = sheet.get_attribute("alt"), sheet.get_attribute("src")
    drag(page, "left wrist", 60, -80)  # towards the elbow's right
    said(page, r"left wrist is at x 5\d.\d, y 4\d.\d; 18 of 18 joints, the drawn person covers \d")
    expect(sheet).not_to_have_attribute("alt", before)
    expect(sheet).not_to_have_attribute("src", source)
    x, y = place(page, "left wrist")
    elbow = place(page, "left elbow")
    assert elbow == (42, 42) and ((x - 42) ** 2 + (y - 42) ** 2) ** 0.5 == pytest.approx(16.3, abs=0.1)
    press(page, "Undo")
    expect(sheet).to_have_attribute("alt", before)
    assert violations(page) == []


@pytest.fixture
def skeleton(open_panel):
    page = open_panel(SKELETON)
    expect(joint(page, "nose")).to_be_visible()
    return page


def test_a_limb_moves_along_or_stays(skeleton):
    page = skeleton
    drag(page, "left elbow", 60, -60)
    said(page, "left elbow is at x 5")
    assert place(page, "left wrist") != (45, 58)
    press(page, "Undo")
    said(page, "one step is undone; 18 of 18 joints")
    assert place(page, "left wrist") == (45, 58) and place(page, "left elbow") == (42, 42)
    page.get_by_label("Keep bone lengths").uncheck()
    drag(page, "left elbow", 50, -50)
    said(page, "left elbow is at x 52.0, y 32.0;")
    assert place(page, "left wrist") == (45, 58)
    drag(page, "left wrist", 900, 0)
    said(page, "left wrist is at x 63.0, y 58.0, held at the picture's edge")


def test_every_joint_is_reached_by_the_mouse_and_by_keys(skeleton):
    page = skeleton
    page.get_by_label("Keep bone lengths").uncheck()
    for name in ("nose", "right eye", "left eye", "right ear", "left ear", "neck"):
        x, y = place(page, name)
        drag(page, name, 5, 5)
        said(page, f"{name} is at x {x + 1:.1f}, y {y + 1:.1f};")
        press(page, "Undo")
        said(page, "one step is undone")
    joint(page, "right wrist").focus()
    page.keyboard.press("ArrowLeft")
    said(page, "right wrist is at x 10.0, y 58.0;")
    page.keyboard.press("Shift+ArrowDown")
    said(page, "right wrist is at x 10.0, y 63.0;")


def test_mirrored_twice_it_is_the_same(skeleton):
    page = skeleton
    joint(page, "left wrist").focus()
    page.keyboard.press("ArrowUp")
    said(page, "left wrist")
    picture = page.get_by_alt_text(re.compile("^A skeleton"))
    before = picture.get_attribute("alt")
    press(page, "Mirror")
    expect(picture).not_to_have_attribute("alt", before)
    press(page, "Mirror")
    expect(picture).to_have_attribute("alt", before)
    press(page, "Next pose")
    said(page, "pose 'again' is taken")
    expect(page.get_by_label("Pose", exact=True)).to_have_value("again")


def test_a_joint_is_taken_out_and_put_back(skeleton):
    page = skeleton
    page.get_by_label("Joint", exact=True).select_option("left wrist")
    page.get_by_label("Present").uncheck()
    said(page, "left wrist is missing; 17 of 18 joints")
    expect(joint(page, "left wrist")).to_have_count(0)
    page.get_by_label("Present").check()
    said(page, "left wrist is present; 18 of 18 joints")
    assert place(page, "left wrist") == (45, 58)


def test_poses_come_and_go_as_text_and_as_a_file(skeleton, tmp_path):
    page = skeleton
    text = page.get_by_label("OpenPose JSON")
    for wrong, sentence in (
        ('{"people": []}', "pasted text: nobody to take a pose from, found an empty list of people"),
        ("<b>no</b>", "pasted text: not valid JSON at line 1"),
    ):
        text.fill(wrong)
        press(page, "Import")
        said(page, sentence)
        assert place(page, "nose") == (28, 11)
    press(page, "Mirror")
    press(page, "Export")
    said(page, "the pose is written as OpenPose JSON")
    (person,) = json.loads(text.input_value())["people"]
    assert person["pose_keypoints_2d"][:3] == [35, 11, 1]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download pose_keypoints.json").click()
    assert download.value.suggested_filename == "pose_keypoints.json"
    path = tmp_path / "<i>mine<i>.json"
    download.value.save_as(path)
    assert json.loads(path.read_text())["people"][0] == person
    press(page, "Undo")
    said(page, "one step is undone")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import a file").click()
    chooser.value.set_files(path)
    said(page, re.escape("<i>mine<i>.json: 18 of 18 joints; 18 of 18 joints."))
    assert place(page, "nose") == (35, 11)
    assert violations(page) == []


def test_a_state_of_another_size_is_refused(skeleton):
    page = skeleton
    state = {"panel": "Pose editor", "version": 1, "joints": [[80, 10, 1]] * 18, "keep_lengths": True}
    page.get_by_label("State", exact=True).fill(json.dumps(state))
    press(page, "Apply state")
    said(page, re.escape("state: joints has [80, 10, 1] for the nose; expected [x, y, present] with x from 0 to 63"))
    assert place(page, "nose") == (28, 11)


def test_the_picture_is_a_picture(skeleton):
    source = skeleton.get_by_alt_text(re.compile("^A skeleton")).get_attribute("src")
    found = skeleton.evaluate(
        "async url => btoa(String.fromCharCode(...new Uint8Array(await (await fetch(url)).arrayBuffer())))", source
    )
    assert base64.b64decode(found).startswith(b"\x89PNG")
