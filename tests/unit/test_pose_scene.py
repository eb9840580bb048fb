"""A bone that is kept has the same length after any drag, and no joint ever leaves the picture."""

import math
import random

import pytest
import torch

from warpgan import labels
from warpgan.keypoints import mirror
from warpgan.widgets.pose_scene import BELOW, PARENTS, PoseScene, inside

SIZE = (128, 64)
NECK, NOSE = labels.NECK, labels.NOSE
ELBOW, WRIST, SHOULDER = labels.LEFT_ELBOW, labels.LEFT_WRIST, labels.LEFT_SHOULDER
STANDING = torch.tensor(
    [[28, 11], [28, 24], [18, 24], [14, 42], [11, 58], [38, 24], [42, 42], [45, 58], [22, 59], [21, 86], [21, 111],
     [34, 59], [35, 86], [35, 111], [26, 9], [30, 9], [23, 11], [33, 11]]
)
STANDING = torch.cat((STANDING, torch.ones(18, 1)), 1)


@pytest.fixture
def scene():
    return PoseScene(STANDING, SIZE)


def bones(keypoints):
    return torch.stack([(keypoints[a, :2] - keypoints[b, :2]).norm() for a, b in PARENTS.items()])


def test_bones_keep_their_lengths_and_joints_stay_inside_whatever_is_dragged(scene):
    rng, before = random.Random(0), bones(STANDING)
    for _ in range(300):
        scene.move(rng.randrange(18), rng.uniform(-40, 110), rng.uniform(-40, 170))
        now = scene.keypoints
        assert torch.allclose(bones(now), before, atol=0.01)
        assert (now[:, :2] >= 0).all() and (now[:, 0] <= 63).all() and (now[:, 1] <= 127).all()


def test_the_tree_hangs_on_the_neck():
    assert sorted(BELOW[NECK]) == list(range(18)) and NECK not in PARENTS
    assert BELOW[ELBOW] == [ELBOW, WRIST] and sorted(BELOW[NOSE]) == [0, 14, 15, 16, 17]


def test_a_joint_turns_about_its_parent_and_what_hangs_on_it_turns_along(scene):
    scene.move(ELBOW, 30, 24)  # across the chest; the shoulder is at 38, 24
    now, length = scene.keypoints, math.dist((38, 24), (42, 42))
    assert torch.allclose(now[ELBOW, :2], torch.tensor([38 - length, 24.0]), atol=1e-4)
    arms = [complex(*(points[joint] - points[SHOULDER])[:2]) for points in (STANDING, now) for joint in (ELBOW, WRIST)]
    assert arms[3] / arms[1] == pytest.approx(arms[2] / arms[0], abs=1e-4)  # both were turned by the same angle
    others = [joint for joint in range(18) if joint not in (ELBOW, WRIST)]
    assert torch.equal(now[others], STANDING[others])


def test_the_neck_carries_the_whole_person(scene):
    assert scene.move(NECK, 30, 26) == "neck is at x 30.0, y 26.0"
    assert torch.equal(scene.keypoints, STANDING + torch.tensor([2.0, 2.0, 0.0]))
    assert scene.move(NECK, 30, 99).endswith("held at the picture's edge")  # the ankles are at the bottom first
    assert scene.keypoints[:, 1].max() == 127 and torch.equal(bones(scene.keypoints), bones(STANDING))


def test_free_moves_one_joint_alone_and_the_edge_holds_it(scene):
    assert scene.move(WRIST, 70, 200, keep=False) == "left wrist is at x 63.0, y 127.0, held at the picture's edge"
    changed = (scene.keypoints != STANDING).any(1).nonzero().flatten().tolist()
    assert changed == [WRIST]


def test_a_limb_that_turns_stops_at_the_edge_nearest_to_the_hand(scene):
    assert scene.move(ELBOW, 60, 24).endswith("held at the picture's edge")  # the arm is longer than there is room
    assert scene.keypoints[WRIST, 0] == pytest.approx(63, abs=0.1) and scene.keypoints[ELBOW, 1] > 24
    scene.move(ELBOW, 44, 2)  # up there is room again
    assert scene.keypoints[ELBOW, 1] < 24


def test_a_joint_whose_parent_is_missing_is_free_and_carries_what_hangs_on_it(scene):
    scene.set_present(SHOULDER, False)
    scene.move(ELBOW, 40, 30)
    assert scene.keypoints[ELBOW].tolist() == [40, 30, 1] and scene.keypoints[WRIST].tolist() == [43, 46, 1]


def test_bones_of_no_length_do_not_hold_their_joint():
    scene = PoseScene(torch.tensor([[20.0, 20.0, 1.0]]).expand(18, 3), SIZE)
    scene.move(WRIST, 30, 40)
    assert scene.keypoints[WRIST].tolist() == [30, 40, 1] and scene.circles()[ELBOW] is None


def test_a_missing_joint_is_not_moved(scene):
    scene.set_present(WRIST, False)
    with pytest.raises(ValueError, match="left wrist is missing"):
        scene.move(WRIST, 10, 10)


def test_mirrored_twice_is_the_same_and_once_the_package_s_mirror(scene):
    scene.move(WRIST, 50, 44.3)
    before = scene.keypoints
    scene.mirror()
    assert torch.equal(scene.keypoints, mirror(before, 64)) and not torch.equal(scene.keypoints, before)
    scene.mirror()
    assert torch.allclose(scene.keypoints, before, atol=1e-5)


def test_undo_and_redo_go_through_all_steps_and_a_drag_is_one(scene):
    for x in (50, 52, 54):
        scene.move(WRIST, x, 50, stroke=1)
    dragged = scene.keypoints
    scene.move(WRIST, 40, 50, stroke=2)
    scene.mirror()
    last = scene.keypoints
    assert [scene.undo(), scene.undo()] == ["one step is undone"] * 2 and torch.equal(scene.keypoints, dragged)
    scene.undo()
    assert torch.equal(scene.keypoints, STANDING) and scene.undo() == "there is nothing to be undone"
    for _ in range(3):
        assert scene.redo() == "one step is redone"
    assert torch.equal(scene.keypoints, last) and scene.redo() == "there is nothing to be redone"
    scene.undo()
    scene.move(NOSE, 20, 20)
    assert scene.redo() == "there is nothing to be redone"  # another way was taken


def test_a_drag_that_goes_on_after_an_undo_is_a_step_of_its_own(scene):
    scene.move(WRIST, 50, 50, stroke=1)
    scene.undo()
    scene.move(WRIST, 52, 50, stroke=1)
    scene.undo()
    assert torch.equal(scene.keypoints, STANDING)


def test_a_joint_comes_back_where_it_was_seen_from_its_parent(scene):
    scene.set_present(WRIST, False)
    assert scene.keypoints[WRIST].tolist() == [0, 0, 0] and not scene.has(WRIST)
    scene.move(NECK, 30, 26)
    assert scene.set_present(WRIST, True) == "left wrist is present"
    assert scene.keypoints[WRIST].tolist() == [47, 60, 1]
    scene.set_present(WRIST, True)  # it is: nothing to undo
    scene.undo()
    assert not scene.has(WRIST)


def test_a_joint_that_never_was_comes_where_the_guide_has_it():
    scene = PoseScene(torch.zeros(18, 3), SIZE, guide=STANDING)
    scene.set_present(ELBOW, True)
    assert torch.equal(scene.keypoints[ELBOW], STANDING[ELBOW])
    scene.move(ELBOW, 60, 100)
    scene.set_present(WRIST, True)
    assert scene.keypoints[WRIST].tolist() == [63, 116, 1]
    alone = PoseScene(torch.zeros(18, 3), SIZE)
    alone.set_present(ELBOW, True)
    assert alone.keypoints[ELBOW].tolist() == [31.5, 63.5, 1]


def test_circles_are_what_a_joint_turns_on(scene):
    circles = scene.circles()
    assert circles[NECK] is None and circles[ELBOW][:2] == [38, 24]
    assert circles[ELBOW][2] == pytest.approx(math.dist((38, 24), (42, 42)))


def test_what_comes_in_is_looked_at():
    outside = STANDING.clone()
    outside[WRIST, 0] = 64
    outside[ELBOW, 0] = 63.4  # its nearest pixel is the last one
    found = inside(outside, SIZE, "pose")
    assert found[WRIST].tolist() == [0, 0, 0] and found[ELBOW].tolist() == [63, 42, 1]


@pytest.mark.parametrize(
    "change, said",
    [((WRIST, 0, math.nan), "pose: left wrist has x nan"), ((NECK, 2, 0.5), "pose: neck has x 28, y 24, present 0.5")],
)
def test_what_is_no_pose_is_refused_and_nothing_changes(scene, change, said):
    wrong = STANDING.clone()
    wrong[change[:2]] = change[2]
    with pytest.raises(ValueError, match=said):
        scene.take(wrong, "pose")
    with pytest.raises(ValueError, match=r"pose: keypoints are \[18, 3\]"):
        scene.take(STANDING[:17], "pose")
    assert torch.equal(scene.keypoints, STANDING) and scene.undo() == "there is nothing to be undone"


def test_the_past_does_not_grow_without_end(scene):
    for step in range(500):
        scene.move(WRIST, step % 40, 50, keep=False)
    undone = 0
    while scene.undo() == "one step is undone":
        undone += 1
    assert undone == 100
