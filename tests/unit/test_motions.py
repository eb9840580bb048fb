"""A walk walks and a turn turns: round and round, within the limits of the joints and without a limb in the body."""

import numpy as np
import pytest
from overlap import overlaps

from warpgan.people.body import load_body
from warpgan.people.joints import LIMITS, joint_angles
from warpgan.people.motions import GAIT, gait, turn, walk

FRAMES = 12


def somebody(number):
    """A phenotype's weight, rest vertices and heads; the light and the heavy, men and women, in turn."""
    rng = np.random.default_rng(number)
    phenotype = {name: rng.uniform() for name in ("gender", "muscle", "height", "proportions")}
    phenotype |= {"age": rng.uniform(2 / 3, 1), "weight": (number % 4) / 3}
    return (phenotype["weight"], *load_body().shape(phenotype))


@pytest.fixture(scope="module")
def moved():
    """Motions of six people: (rest, heads, poses) by name."""
    found = {"walk": [], "turn": []}
    for number in range(6):
        weight, rest, heads = somebody(number)
        for name, motion in (("walk", walk), ("turn", turn)):
            found[name].append((rest, heads, motion(load_body(), heads, FRAMES, weight=weight, rest=rest)))
    return found


def place(heads, pose, *bones):
    """Where joints are [bones, 3], metres."""
    transforms = load_body().pose(heads, pose)
    index = [load_body().bones[bone] for bone in bones]
    return np.einsum("bij,bj->bi", transforms[index, :, :3], heads[index]) + transforms[index, :, 3]


@pytest.mark.parametrize("name", ["walk", "turn"])
def test_joints_stay_within_their_limits(moved, name):
    for _, heads, poses in moved[name]:
        for pose in poses:
            for joint, angles in joint_angles(load_body(), heads, pose).items():
                low, high = LIMITS[joint]
                assert low - 0.01 <= min(angles) and max(angles) <= high + 0.01, (joint, angles)


@pytest.mark.parametrize("name", ["walk", "turn"])
def test_no_limb_reaches_into_the_body(moved, name):
    for rest, heads, poses in moved[name]:
        for pose in poses[:: 3 if name == "walk" else FRAMES]:
            assert min(overlaps(load_body(), rest, heads, pose).values()) > 0.01


@pytest.mark.parametrize("name", ["walk", "turn"])
def test_the_step_from_the_last_frame_to_the_first_is_like_the_others(moved, name):
    bones = ("foot.L", "foot.R", "wrist.L", "wrist.R", "head")
    for _, heads, poses in moved[name]:
        places = np.stack([place(heads, pose, *bones) for pose in poses])
        steps = np.linalg.norm(places - np.roll(places, 1, axis=0), axis=-1)  # [F, bones]
        assert (steps[0] <= steps[1:].max(axis=0) + 1e-9).all() and steps.max() < 0.5
        assert steps[:, :4].min(axis=0).max() > 0  # something moves in every frame


def test_a_motion_is_the_same_when_it_is_sampled_more_finely():
    weight, rest, heads = somebody(1)
    for motion in (walk, turn):
        coarse, fine = (motion(load_body(), heads, frames, weight=weight, rest=rest) for frames in (4, 8))
        for one, other in zip(coarse, fine[::2], strict=True):
            for bone in ("root", "upperleg01.L", "lowerleg01.R", "spine01"):
                np.testing.assert_allclose(one[bone], other[bone], atol=1e-9)


def test_arms_swing_against_legs_and_the_person_stays_where_they_are(moved):
    for _, heads, poses in moved["walk"]:
        looking = [pose["root"] @ np.array([0, -1.0, 0]) for pose in poses]
        ahead = np.array([[(place(heads, pose, bone)[0] - heads[0]) @ way for bone in (
            "foot.L", "foot.R", "wrist.L", "wrist.R")] for pose, way in zip(poses, looking, strict=True)])
        apart = ahead[:, 0] - ahead[:, 1], ahead[:, 2] - ahead[:, 3]
        assert np.corrcoef(*apart)[0, 1] < -0.8
        assert np.ptp(ahead[:, :2], axis=0).min() > 0.35 and np.ptp(ahead[:, 2:], axis=0).min() > 0.25
        half = FRAMES // 2  # half a cycle later left and right have changed places
        np.testing.assert_allclose(ahead[:, 0], np.roll(ahead[:, 1], half), atol=0.02)
        for pose in poses:
            np.testing.assert_allclose(place(heads, pose, "root")[0], heads[0], atol=1e-12)


def test_gait_goes_through_its_keys_and_round():
    for tenth in range(10):
        for name, keys in GAIT.items():
            assert gait(tenth / 10)[name] == pytest.approx(keys[tenth])
            assert gait(tenth / 10 + 3)[name] == pytest.approx(keys[tenth])
    assert gait(1 - 1e-9)["knee"] == pytest.approx(gait(0)["knee"], abs=1e-5)


def yaws(poses):
    ways = np.stack([pose["root"] @ np.array([0, -1.0, 0]) for pose in poses])
    return np.degrees(np.unwrap(np.arctan2(ways[:, 0], -ways[:, 1])))


def test_a_turn_goes_round_at_an_even_pace_or_there_and_back():
    _, rest, heads = somebody(2)
    np.testing.assert_allclose(np.diff(yaws(turn(load_body(), heads, 8, yaw=20, rest=rest))), 45, atol=1e-6)
    np.testing.assert_allclose(np.diff(yaws(turn(load_body(), heads, 8, through=-360, rest=rest))), -45, atol=1e-6)
    swing = yaws(turn(load_body(), heads, 8, yaw=-30, through=60, rest=rest))
    np.testing.assert_allclose([swing[0], swing.max(), swing[4]], [-30, 30, 30], atol=1e-6)
    np.testing.assert_allclose(swing[1:4], swing[:4:-1], atol=1e-6)


def test_a_walk_goes_the_way_of_its_yaw():
    _, rest, heads = somebody(0)
    for yaw in (-90, 0, 35, 180):
        ways = yaws(walk(load_body(), heads, FRAMES, yaw=yaw, rest=rest))
        assert (ways.mean() - yaw + 180) % 360 - 180 == pytest.approx(0, abs=1e-6)
