"""A drawn pose keeps limbs out of the trunk and of each other, and joints within what people's joints allow."""

import numpy as np
import pytest
from overlap import overlaps

from warpgan.people import poses
from warpgan.people.body import load_body
from warpgan.people.contact import TRUNK, Bulk
from warpgan.people.joints import LIMITS, frames, joint_angles
from warpgan.people.poses import VIEWS, random_pose, random_view
from warpgan.people.turns import aim, axis_rotation

AVERAGE = {"gender": 0.5, "age": 0.8, "muscle": 0.5, "weight": 0.4, "height": 0.5, "proportions": 0.5}


def generator(*key):
    return np.random.default_rng(np.random.SeedSequence(7, spawn_key=key))


def somebody(number):
    """A phenotype, rest vertices and heads; the light and the heavy, men and women, in turn."""
    rng = generator(0, number)
    phenotype = {name: rng.uniform() for name in ("gender", "muscle", "weight", "height", "proportions")}
    phenotype |= {"age": rng.uniform(2 / 3, 1), "weight": (number % 4) / 3}
    return (phenotype, *load_body().shape(phenotype))


@pytest.fixture(scope="module")
def drawn():
    """Poses of twelve people: (rest, heads, pose)."""
    found = []
    for person in range(12):
        phenotype, rest, heads = somebody(person)
        found += [
            (rest, heads, random_pose(generator(1, person, draw), load_body(), heads, phenotype["weight"], rest))
            for draw in range(10)
        ]
    return found


def test_the_skin_of_no_limb_reaches_into_the_body(drawn):
    found = [overlaps(load_body(), *one) for one in drawn]
    for part in ("trunk", "arms", "legs"):
        deep = [number for number, one in enumerate(found) if one[part] < -0.01]
        assert not deep, (part, deep)


def test_the_judge_sees_an_arm_in_the_trunk():
    body = load_body()
    rest, heads = body.shape(AVERAGE)
    clear = overlaps(body, rest, heads, {})
    assert min(clear.values()) > 0.05
    turn = axis_rotation(1, 40)  # both arms hang through the hips, or one through the other's side
    assert overlaps(body, rest, heads, {"upperarm01.L": turn @ turn})["trunk"] < -0.01
    assert overlaps(body, rest, heads, {"upperleg01.L": axis_rotation(1, 25)})["legs"] < -0.01


def test_joints_stay_within_their_limits(drawn):
    for _, heads, pose in drawn:
        for name, angles in joint_angles(load_body(), heads, pose).items():
            low, high = LIMITS[name]
            assert low - 0.5 <= min(angles) and max(angles) <= high + 0.5, (name, angles)


def test_a_bent_joint_is_measured():
    body = load_body()
    heads = body.mean_heads
    rest = joint_angles(body, heads, {})
    bent = joint_angles(body, heads, {"lowerleg01.L": axis_rotation(0, 50), "upperleg01.R": axis_rotation(0, -35),
                                      "neck01": axis_rotation(2, 30), "spine03": axis_rotation(0, 20)})
    assert bent["knee"] == [pytest.approx(rest["knee"][0] + 50, abs=3), pytest.approx(rest["knee"][1])]
    assert bent["neck turn"] == [pytest.approx(30)] and bent["spine bend"] == [pytest.approx(20)]
    assert bent["hip flexion"][1] == pytest.approx(rest["hip flexion"][1] + 35, abs=2)


def test_the_distance_to_the_trunk_is_that_of_the_skin():
    body = load_body()
    _, rest, heads = somebody(3)
    bulk, still = Bulk(body, heads, rest), frames(body, heads, {}, TRUNK)
    for angle in np.radians([0, 40, 90, 180, -75]):
        place, outward = bulk.surface(heads[0, 2] + 0.1, angle)
        for away in (-0.03, 0.02, 0.06):
            assert bulk.gap("trunk", (place + away * outward)[None], still)[0] == pytest.approx(away, abs=0.006)
        near = rest[np.unique(body.faces["body"])]
        assert np.linalg.norm(near - place, axis=1).min() < 0.035


@pytest.mark.parametrize("family", [*poses.ARMS, "crossed"])
def test_every_family_of_arms_is_drawn_free(family, monkeypatch):
    monkeypatch.setattr(poses, "PAIRS", {"crossed": 1.0} if family == "crossed" else {"alike": 1.0})
    monkeypatch.setattr(poses, "ARMS", {"down" if family == "crossed" else family: 1.0})
    for person in range(3):
        phenotype, rest, heads = somebody(person)
        for draw in range(3):
            pose = random_pose(generator(2, draw), load_body(), heads, phenotype["weight"], rest)
            assert min(overlaps(load_body(), rest, heads, pose).values()) > -0.01


def test_crossed_arms_cross(monkeypatch):
    monkeypatch.setattr(poses, "PAIRS", {"crossed": 1.0})
    body, crossed = load_body(), 0
    rest, heads = body.shape(AVERAGE)
    for draw in range(20):
        transforms = body.pose(heads, random_pose(generator(3, draw), body, heads, 0.4, rest))
        places = np.einsum("bij,bj->bi", transforms[:, :, :3], heads) + transforms[:, :, 3]
        left, right = (places[body.bones["finger3-3" + end], 0] for end in (".L", ".R"))
        crossed += left < right
    assert crossed >= 15


def test_the_same_generator_gives_the_same_pose():
    body = load_body()
    _, rest, heads = somebody(1)
    one, again = (random_pose(generator(4), body, heads, 0.5, rest) for _ in range(2))
    assert list(one) == list(again)
    for name in one:
        np.testing.assert_array_equal(one[name], again[name])


def test_poses_keep_limbs_whole_and_ankles_below_hips(drawn):
    body = load_body()
    for _, heads, pose in drawn[::4]:
        for rotation in pose.values():
            np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-9)
        transforms = body.pose(heads, pose)
        places = np.einsum("bij,bj->bi", transforms[:, :, :3], heads) + transforms[:, :, 3]
        assert max(places[body.bones["foot.L"], 2], places[body.bones["foot.R"], 2]) < places[0, 2] - 0.25
        assert places[body.bones["head"], 2] > places[body.bones["upperleg01.R"], 2] + 0.4


def test_aim_is_a_rotation_that_does_what_it_says():
    rng = generator(5)
    for _ in range(20):
        start, end = rng.normal(size=(2, 3))
        turn = aim(start, end)
        np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)
        np.testing.assert_allclose(turn @ start / np.linalg.norm(start), end / np.linalg.norm(end), atol=1e-9)
    np.testing.assert_allclose(aim(np.array([0, 0, 1.0]), np.array([0, 0, -1.0])) @ [0, 0, 1], [0, 0, -1], atol=1e-9)


def test_views_come_in_the_stated_shares():
    names = [random_view(generator(6, draw))[1] for draw in range(600)]
    for name, (share, *_) in VIEWS.items():
        assert abs(names.count(name) / 600 - share) < 0.06
