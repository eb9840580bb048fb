"""The pose editor: what is moved is in `keypoints` and in the picture, and a wrong input leaves both as they were."""

import gc
import itertools
import json
from datetime import datetime

import pytest
import torch

from warpgan.data import motion_clip
from warpgan.labels import LEFT_ELBOW, LEFT_WRIST, NOSE
from warpgan.transfer import Transfer
from warpgan.widgets import pose
from warpgan.widgets.pose import OWN, PoseEditor, motion_poses
from warpgan.widgets.pose_text import pose_as_text

SIZE = (128, 64)
STANDING = torch.tensor(
    [[28, 11], [28, 24], [18, 24], [14, 42], [11, 58], [38, 24], [42, 42], [45, 58], [22, 59], [21, 86], [21, 111],
     [34, 59], [35, 86], [35, 111], [26, 9], [30, 9], [23, 11], [33, 11]]
)
STANDING = torch.cat((STANDING, torch.ones(18, 1)), 1)
SITTING = STANDING + torch.tensor([1.0, 2.0, 0.0])


class Networks:
    """Draws a person as large as the nose lies deep."""

    def __init__(self):
        self.poses = []

    def __call__(self, image, parsing, keypoints):
        if not keypoints[:, 2].any():
            raise ValueError("target_keypoints has no joint present")
        self.poses.append(keypoints)
        drawn = torch.zeros(SIZE, dtype=torch.int64)
        drawn[: int(keypoints[NOSE, 1])] = 5
        return Transfer(image, drawn, None, None, None, None)

    def find_parsing(self, image):
        return torch.ones(SIZE, dtype=torch.int64)


@pytest.fixture
def editor():
    return PoseEditor(STANDING, SIZE, presets={"standing": STANDING, "sitting": SITTING})


@pytest.fixture
def person():
    return PoseEditor(STANDING, SIZE, Networks(), torch.zeros(3, *SIZE), presets={})


SERIAL = itertools.count()


def drag(editor, joint, x, y, stroke=1):
    editor.canvas.moved = {"index": joint, "x": x, "y": y, "serial": next(SERIAL), "stroke": stroke}


def press(editor, name):
    def find(widget):
        if getattr(widget, "description", None) == name and hasattr(widget, "click"):
            return widget
        return next(filter(None, map(find, getattr(widget, "children", ()))), None)

    find(editor).click()


def test_the_person_follows_the_joint_that_is_dragged(person):
    before = person.picture.alt
    drag(person, NOSE, 40, 24)
    assert torch.equal(person._transfer.poses[-1], person.keypoints) and person.keypoints[NOSE, 0] > 28
    share = 100 * int(person.keypoints[NOSE, 1]) / 128
    assert f"the drawn person covers {share:.1f} % of the picture" in person.picture.alt != before
    assert "nose is at x" in person.picture.status and f"{share:.1f} %" in person.picture.status


def test_what_is_moved_is_in_the_keypoints_and_among_the_points(editor):
    editor.keep.value = False
    drag(editor, LEFT_WRIST, 50.5, 60.25)
    wanted = STANDING.clone()
    wanted[LEFT_WRIST, :2] = torch.tensor([50.5, 60.25])
    assert torch.equal(editor.keypoints, wanted) and editor.picture.handles[LEFT_WRIST] == [50.5, 60.25]
    editor.keypoints[:] = 0  # a copy
    assert torch.equal(editor.keypoints, wanted)


def test_bones_are_kept_only_while_that_is_wanted(editor):
    assert editor.canvas.circles[LEFT_WRIST] == pytest.approx([42, 42, 265**0.5])
    drag(editor, LEFT_ELBOW, 30, 24)
    assert not torch.equal(editor.keypoints[LEFT_WRIST], STANDING[LEFT_WRIST])
    press(editor, "Undo")
    editor.keep.value = False
    assert editor.canvas.circles == [None] * 18
    drag(editor, LEFT_ELBOW, 30, 24)
    assert torch.equal(editor.keypoints[LEFT_WRIST], STANDING[LEFT_WRIST])


def test_the_moves_of_one_drag_are_one_step(editor):
    for x in (40, 42, 44):
        drag(editor, LEFT_WRIST, x, 50, stroke=7)
    drag(editor, LEFT_WRIST, 46, 50, stroke=8)
    press(editor, "Undo")
    press(editor, "Undo")
    assert torch.equal(editor.keypoints, STANDING)
    press(editor, "Undo")
    assert editor.picture.status.startswith("there is nothing to be undone")
    press(editor, "Redo")
    press(editor, "Redo")
    assert not torch.equal(editor.keypoints, STANDING)


def test_poses_are_walked_through_and_the_control_says_which_is_shown(editor):
    assert editor.preset.value == "standing"
    press(editor, "Next pose")
    assert torch.equal(editor.keypoints, SITTING) and editor.preset.value == "sitting"
    drag(editor, NOSE, 20, 20)
    assert editor.preset.value == OWN
    press(editor, "Next pose")
    assert torch.equal(editor.keypoints, SITTING)
    press(editor, "Next pose")
    assert torch.equal(editor.keypoints, STANDING)
    press(editor, "Previous pose")
    assert torch.equal(editor.keypoints, SITTING)
    editor.preset.value = "standing"
    assert torch.equal(editor.keypoints, STANDING) and "pose 'standing' is taken" in editor.picture.status


def test_without_poses_there_is_a_sentence(person):
    press(person, "Next pose")
    assert person.picture.status == "there are no poses to walk through"


def test_the_poses_offered_are_those_of_a_rendered_person():
    found = motion_poses((64, 32))
    assert len(found) == 8 and not found["from behind"][NOSE, 2]
    assert torch.equal(found["walking 2"], motion_clip("walk", frames=4, size=(64, 32))["keypoints"][1])
    assert PoseEditor(found["facing us"], (64, 32)).preset.value == "facing us"


def test_a_joint_is_taken_out_and_put_back(editor):
    editor.joint.value = LEFT_WRIST
    editor.present.value = False
    assert editor.keypoints[LEFT_WRIST].tolist() == [0, 0, 0] and editor.picture.handles[LEFT_WRIST] is None
    assert editor.picture.status == "left wrist is missing; 17 of 18 joints."
    editor.joint.value = NOSE
    assert editor.present.value
    editor.joint.value = LEFT_WRIST
    assert not editor.present.value
    editor.present.value = True
    assert torch.equal(editor.keypoints, STANDING)


def test_without_any_joint_the_sentence_of_the_networks_is_shown(person):
    before = person.picture.png
    for joint in range(18):
        person.joint.value = joint
        person.present.value = False
    assert person.picture.status == "target_keypoints has no joint present"
    press(person, "Undo")
    assert person.picture.status.startswith("one step is undone; 1 of 18") and person.picture.png != before


def test_a_pose_is_imported_and_exported(editor):
    editor.text.value = pose_as_text(SITTING)
    press(editor, "Import")
    assert torch.equal(editor.keypoints, SITTING)
    assert editor.picture.status.startswith("pasted text: 18 of 18 joints")
    press(editor, "Mirror")
    press(editor, "Export")
    assert editor.text.value == pose_as_text(editor.keypoints) != pose_as_text(SITTING)
    assert 'download="pose_keypoints.json"' in editor.link.value


@pytest.mark.parametrize("content", [b'{"people": []}', b"\xff\xfe", b"[]"])
def test_a_file_without_a_pose_changes_nothing(editor, content):
    file = {"name": "<b>x</b>.json", "type": "", "size": len(content), "content": content}
    file["last_modified"] = datetime(2026, 1, 1)
    editor.upload.set_trait("value", (file,))
    assert editor.picture.status.startswith("<b>x</b>.json: ") and torch.equal(editor.keypoints, STANDING)
    assert editor.upload.value == ()


def test_a_state_comes_back(editor, person):
    drag(editor, LEFT_WRIST, 40, 50)
    editor.keep.value = False
    text = json.dumps(editor.state)
    assert person.apply(text) and torch.equal(person.keypoints, editor.keypoints) and not person.keep.value
    assert person.picture.status.startswith("state is taken")


@pytest.mark.parametrize(
    "change, said",
    [
        ({"keep_lengths": 1}, "state: keep_lengths is 1; expected true or false"),
        ({"joints": [[1, 2, 1]] * 17}, "state: joints is a list of 17; expected a list of 18"),
        ({"joints": "none"}, "state: joints is 'none'"),
        ({"joints": [[1, 2, 1]] * 17 + [[64, 2, 1]]}, "state: joints has [64, 2, 1] for the left-ear"),
        ({"joints": [[1, 2]] * 18}, "state: joints has [1, 2] for the nose"),
        ({"joints": [[1, 2, 0.5]] * 18}, "state: joints has [1, 2, 0.5] for the nose"),
        ({"joints": [[1, True, 1]] * 18}, "state: joints has [1, True, 1] for the nose"),
        ({"joints": [[10**400, 2, 1]] * 18}, "state: joints has [1000"),
        ({"joints": [[float("nan"), 2, 1]] * 18}, "state: joints has [nan, 2, 1] for the nose"),
    ],
)
def test_a_wrong_state_changes_nothing_and_says_why(editor, change, said):
    assert not editor.apply(editor.state | change)
    assert editor.picture.status.startswith(said)
    assert torch.equal(editor.keypoints, STANDING) and editor.keep.value


def test_what_does_not_fit_together_is_refused_at_once():
    with pytest.raises(ValueError, match=r"condition_image has shape \[3, 64, 32\]; .* \(128, 64\)"):
        PoseEditor(STANDING, SIZE, condition_image=torch.zeros(3, 64, 32), presets={})
    with pytest.raises(ValueError, match=r"preset 'half': keypoints are \[18, 3\]"):
        PoseEditor(STANDING, SIZE, presets={"half": STANDING[:9]})


def test_without_a_condition_there_is_the_skeleton_alone():
    networks = Networks()
    editor = PoseEditor(STANDING, SIZE, networks, presets={})
    assert editor.canvas is editor.picture and networks.poses == []
    assert editor.picture.alt.startswith("A skeleton, 18 of 18 joints: nose 28, 11;")


def test_a_thousand_moves_leave_nothing_behind(monkeypatch):
    monkeypatch.setattr(pose, "draw_keypoints", lambda ground, *_, **__: ground)  # what takes time
    editor = PoseEditor(STANDING, SIZE, presets={})

    def objects():
        gc.collect()
        return len(gc.get_objects())

    for step in range(200):
        drag(editor, step % 18, step % 64, step % 128, stroke=step)
    before = objects()
    for step in range(1000):
        drag(editor, step % 18, step % 64, step % 128, stroke=step)
    assert objects() - before < 300
