"""The body reaches annotated joints, real ones among them, and bends only where people bend."""

import numpy as np
import pytest
import torch

from warpgan import keypoints as kp
from warpgan.labels import LEFT_ANKLE, LEFT_HIP, LEFT_KNEE, NECK, RIGHT_ANKLE, RIGHT_HIP, RIGHT_KNEE
from warpgan.people import fit as fitting
from warpgan.people.body import load_body
from warpgan.people.camera import Camera
from warpgan.people.figure import eighteen
from warpgan.people.joints import LIMITS, joint_angles
from warpgan.people.poses import random_pose, random_view

FULL = [NECK, RIGHT_HIP, RIGHT_KNEE, RIGHT_ANKLE, LEFT_HIP, LEFT_KNEE, LEFT_ANKLE]


def posed(rotations, phenotype=fitting.AVERAGE):
    """The 18 joints [18, 3] of the skinned body, by way of all its points."""
    body = load_body()
    rest, heads = body.shape(phenotype)
    transforms = body.pose(heads, rotations)
    moved = np.einsum("vb,bij,vj->vi", body.skin, transforms[..., :3], rest) + body.skin @ transforms[..., 3]
    return eighteen(body.joints(moved))


def height(keypoints):
    return float(np.ptp(keypoints[keypoints[:, 2] > 0][:, 1]))


@pytest.fixture(scope="module")
def drawn():
    """Four random poses seen by a camera: joints [4, 18, 3] in pixels."""
    body, found = load_body(), []
    heads = body.shape(fitting.AVERAGE)[1]
    for draw in range(4):
        rng = np.random.default_rng(draw)
        rotations = random_pose(rng, body, heads)
        rotations["root"] = random_view(rng)[0]
        pixels = Camera((256, 176), 500.0, (88.0, 128.0)).project(posed(rotations))
        found.append(np.concatenate([pixels, np.ones((18, 1))], axis=1))
    return torch.from_numpy(np.stack(found))


@pytest.fixture(scope="module")
def fitted(drawn):
    return fitting.fit(drawn, steps=200)


def test_joints_are_reached_and_are_those_of_the_posed_body(drawn, fitted):
    for keypoints, found in zip(drawn.numpy(), fitted, strict=True):
        assert found.error < 0.015 * height(keypoints)
        assert np.linalg.norm(found.joints - keypoints[:, :2], axis=1).mean() == pytest.approx(found.error)
        loose = Camera((256, 176), 1.0, (0.0, 0.0)).project(posed(found.rotations) - posed(found.rotations).mean(0))
        both = np.stack([loose - loose.mean(0), found.joints - found.joints.mean(0)])
        scale = (both[0] * both[1]).sum() / (both[0] ** 2).sum()
        np.testing.assert_allclose(scale * both[0], both[1], atol=1e-4 * height(keypoints))


def test_the_view_is_found(drawn, fitted):
    for draw, found in enumerate(fitted):
        rng = np.random.default_rng(draw)
        body = load_body()
        random_pose(rng, body, body.shape(fitting.AVERAGE)[1])
        ahead = np.array([0, -1.0, 0])
        assert (random_view(rng)[0] @ ahead) @ (found.rotations["root"] @ ahead) > 0.8


def test_rotations_are_rotations_and_knees_bend_backwards(fitted):
    for found in fitted:
        for rotation in found.rotations.values():
            np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-9)
        for end in (".L", ".R"):
            bent = found.rotations["lowerleg01" + end] @ [0, 0, -1.0]
            assert abs(bent[0]) < 1e-9 and bent[1] > -0.15  # the rest pose bends the knee by 11 degrees


def test_joints_stay_within_their_limits(fitted):
    body = load_body()
    for found in fitted:
        for name, angles in joint_angles(body, body.shape(fitting.AVERAGE)[1], found.rotations).items():
            low, high = LIMITS[name]
            assert low - 2 <= min(angles) and max(angles) <= high + 2, (name, angles)


def test_who_stands_upright_in_the_picture_stands_on_straight_legs(drawn):
    body = load_body()
    heads = body.shape(fitting.AVERAGE)[1]
    pixels = Camera((256, 176), 500.0, (88.0, 128.0)).project(posed({"root": np.eye(3)}))
    (found,) = fitting.fit(torch.from_numpy(np.concatenate([pixels, np.ones((18, 1))], axis=1)[None]), steps=200)
    angles = joint_angles(body, heads, found.rotations)
    assert max(angles["knee"]) < 25 and max(np.abs(angles["hip flexion"])) < 15
    assert max(np.abs(angles["shoulder backward"])) < 25  # arms hang in the picture's plane


def test_missing_joints_are_left_to_the_prior(drawn):
    fewer = drawn[:1].clone()
    fewer[0, [4, 7, 10, 13, 14, 15]] = 0
    (found,) = fitting.fit(fewer, steps=150)
    assert found.error < 0.015 * height(drawn[0].numpy()) and np.isfinite(found.joints).all()


@pytest.mark.parametrize("file", ["fasion", "market"])
def test_real_full_bodies_are_reached_within_3_percent_of_their_height(realdata, file):
    rows = kp.read_annotation_csv(realdata / "posegan_csv" / f"{file}-annotation-test-small.csv")
    full = [row for row in rows.values() if (row[FULL, 2] > 0).all()]
    chosen = torch.stack(full[:: len(full) // 12][:12])
    errors = [
        found.error / height(row) for found, row in zip(fitting.fit(chosen, steps=200), chosen.numpy(), strict=True)
    ]
    assert np.median(errors) < 0.03


@pytest.mark.parametrize(
    "wrong, words",
    [
        (torch.ones(18, 3), r"expected \[N, 18, 3\], found \[18, 3\]"),
        (torch.cat([torch.ones(1, 18, 3), torch.zeros(1, 18, 3)]), "set 1 has fewer than 6 joints"),
    ],
)
def test_what_cannot_be_fitted_is_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        fitting.fit(wrong)
