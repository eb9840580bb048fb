"""Keypoints: mirror, pose maps, limb masks and the change from COCO."""

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from warpgan import keypoints as kp
from warpgan.labels import KEYPOINTS

sizes = st.tuples(st.integers(8, 60), st.integers(8, 60))


def someone(seed, size=(128, 64), batch=1, missing=0.2):
    """Draw keypoints at whole pixels, some of them missing."""
    generator = torch.Generator().manual_seed(seed)
    places = torch.rand(batch, 18, 2, generator=generator) * torch.tensor([size[1], size[0]])
    present = (torch.rand(batch, 18, 1, generator=generator) >= missing).float()
    return torch.cat((places.floor(), torch.ones(batch, 18, 1)), -1) * present


def anchored(golden):
    """Read the golden poses as [B, 18, 3] with their numbers."""
    poses = golden("poses")
    yx = torch.tensor([one["keypoints_yx"] for one in poses["pictures"].values()], dtype=torch.float32)
    present = (yx[..., :1] >= 0).float()
    found = torch.cat((yx.flip(-1), torch.ones_like(present)), -1) * present
    return found, tuple(poses["size_hw"]), list(poses["pictures"].values())


# What makes them what they are


@given(st.integers(0, 1000), sizes, st.sampled_from(["disc", "gaussian"]))
def test_mirrored_keypoints_draw_the_mirrored_map_with_sides_exchanged(seed, size, kind):
    points = someone(seed, size)
    drawn = kp.pose_map(points, size, kind=kind)
    mirrored = kp.pose_map(kp.mirror(points, size[1]), size, kind=kind)
    for joint, name in enumerate(KEYPOINTS):
        other = name.replace("left", "RIGHT").replace("right", "left").replace("RIGHT", "right")
        torch.testing.assert_close(mirrored[:, joint], drawn[:, KEYPOINTS.index(other)].flip(-1))
    assert torch.equal(kp.mirror(kp.mirror(points, size[1]), size[1]), points)


def test_a_disc_is_the_49_pixels_within_4():
    points = torch.zeros(1, 18, 3)
    points[0, 0] = torch.tensor([10.4, 19.6, 1])  # its pixel is x 10, y 20
    drawn = kp.pose_map(points, (32, 24))[0, 0]
    inside = {(y, x) for y, x in drawn.nonzero().tolist()}
    assert inside == {
        (20 + dy, 10 + dx) for dy in range(-4, 5) for dx in range(-4, 5) if dy * dy + dx * dx <= 16
    }
    assert drawn.sum() == 49 and drawn.max() == 1


@pytest.mark.parametrize("kind", ["disc", "gaussian"])
def test_a_missing_joint_draws_nothing_even_at_the_corner(kind):
    points = someone(1, missing=0)
    points[0, 3] = 0
    drawn = kp.pose_map(points, (128, 64), kind=kind)
    assert drawn.shape == (1, 18, 128, 64)
    assert drawn[0, 3].abs().max() == 0 and (drawn.amax((2, 3))[0, [0, 1, 2, 4]] == 1).all()


def test_maps_of_a_batch_are_the_maps_of_each():
    points = someone(2, batch=3)
    alone = torch.cat([kp.pose_map(one[None], (128, 64)) for one in points])
    assert torch.equal(kp.pose_map(points, (128, 64)), alone)


def test_coco_becomes_the_18_with_the_neck_between_the_shoulders():
    skier = Path(__file__).parents[2] / "notebooks" / "assets" / "skier.json"
    coco = torch.tensor(json.loads(skier.read_text())["keypoints"])
    found = kp.from_coco17(coco)
    assert found[:, 2].all() and found.dtype == torch.float32
    assert found[0].tolist() == [367, 81, 1]  # nose
    assert found[1].tolist() == [(399 + 358) / 2, (108 + 129) / 2, 1]  # neck
    assert found[2].tolist() == [358, 129, 1] and found[5].tolist() == [399, 108, 1]  # he faces us
    assert found[13].tolist() == [466, 362, 1] and found[10].tolist() == [396, 341, 1]  # left, right ankle
    assert found[14].tolist() == [360, 75, 1] and found[17].tolist() == [386, 78, 1]  # right eye, left ear
    coco[5, 2], coco[7, 2] = 0, 1  # no left shoulder; a hidden elbow counts
    partial = kp.from_coco17(coco)
    assert partial[1].tolist() == partial[5].tolist() == [0, 0, 0] and partial[6, 2] == 1


def test_the_shipped_skier_is_the_annotation_of_coco(realdata):
    shipped = json.loads((Path(__file__).parents[2] / "notebooks" / "assets" / "skier.json").read_text())
    coco = json.loads((realdata / "coco" / "test_coco.json").read_text())
    one = next(item for item in coco["annotations"] if item["image_id"] == 785)
    picture = next(item for item in coco["images"] if item["id"] == 785)
    assert [value for joint in shipped["keypoints"] for value in joint] == one["keypoints"]
    assert (shipped["height"], shipped["width"]) == (picture["height"], picture["width"])
    assert shipped["photo"] == picture["flickr_url"]


@given(st.integers(0, 1000), sizes, sizes)
def test_rescaling_keeps_the_place_on_the_picture(seed, size, other):
    points = someone(seed, size)
    there = kp.rescale(points, size, other)
    present = points[..., 2] > 0
    before = (points[..., :2] + 0.5) / torch.tensor([size[1], size[0]])
    after = (there[..., :2] + 0.5) / torch.tensor([other[1], other[0]])
    torch.testing.assert_close(after[present], before[present])
    assert (there[~present] == 0).all()
    torch.testing.assert_close(kp.rescale(there, other, size), points, atol=1e-4, rtol=0)


def test_joints_outside_become_missing():
    points = someone(3, (100, 50), missing=0)
    points[0, :5, :2] = torch.tensor([[-0.6, 5], [5, 99.6], [49.4, 5], [-0.4, -0.4], [50, 120]])
    kept = kp.drop_outside(points, (100, 50))
    assert kept[0, :5, 2].tolist() == [0, 0, 1, 1, 0] and (kept[0, [0, 1, 4]] == 0).all()
    assert torch.equal(kept[0, 5:], points[0, 5:])


def test_valid_means_both_shoulders_and_hips():
    points = someone(4, missing=0)[0]
    assert kp.is_valid(points)
    for joint in range(18):
        without = points.clone()
        without[joint] = 0
        assert kp.is_valid(without) == (joint not in (2, 5, 8, 11))


# Golden numbers of other people's programs


def test_gaussians_are_those_of_patn(golden):
    points, size, pictures = anchored(golden)
    drawn = kp.pose_map(points, size, kind="gaussian")
    for one, picture in zip(drawn, pictures, strict=True):
        sums = torch.tensor(picture["gaussian_channel_sums"])
        torch.testing.assert_close(one.sum((1, 2)), sums, atol=1e-3, rtol=0)
        for y, x, channel, value in picture["gaussian_probe_y_x_channel_value"]:
            assert float(one[channel, y, x]) == pytest.approx(value, abs=1e-6)


def test_limb_masks_are_those_of_patn(golden):
    points, size, pictures = anchored(golden)
    for one, picture in zip(kp.limb_mask(points, size), pictures, strict=True):
        assert int(one.sum()) == picture["mask_pixels"]
        assert one.sum(1).tolist() == picture["mask_row_sums"]
        assert one.sum(0).tolist() == picture["mask_column_sums"]


def test_nobody_covers_nothing():
    assert not kp.limb_mask(torch.zeros(2, 18, 3), (32, 16)).any()


# Bad input


def test_an_annotation_with_no_person_is_refused_by_name():
    with pytest.raises(ValueError, match="0002_c1.jpg: no person, all 18 joints are missing"):
        kp.require_person(torch.zeros(18, 3), "0002_c1.jpg")
    with pytest.raises(ValueError, match=r"target: keypoints are \[18, 3\].*got \[17, 3\]"):
        kp.require_person(torch.ones(17, 3), "target")
    points = someone(5)[0]
    assert kp.require_person(points, "target") is points


@pytest.mark.parametrize(
    "call, sentence",
    [
        (lambda: kp.pose_map(torch.zeros(18, 3), (8, 8)), r"\[B, 18, 3\], got \[18, 3\]"),
        (lambda: kp.pose_map(torch.zeros(1, 18, 3), (8, 8), kind="square"), "disc or gaussian, got 'square'"),
        (lambda: kp.from_coco17(torch.zeros(18, 3)), r"\[17, 3\].*got \[18, 3\]"),
    ],
)
def test_wrong_arguments_are_told(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
