"""A clip shows one person before one camera, and what it says about its neighbouring frames is true."""

import pytest
import torch

from warpgan import geometry, labels
from warpgan.data import RenderedPeople, motion_clip
from warpgan.motion import flicker

NAMES = ("walk", "turn")


@pytest.fixture(scope="module")
def clips():
    return {name: [motion_clip(name, person) for person in range(3)] for name in NAMES}


def every(clips):
    return [clip for name in NAMES for clip in clips[name]]


def back(clip, frame, points):
    """Where points [N, 2] of a frame lie in the one before, and whether all four pixels around them know it."""
    size = clip["valid"].shape[1:]
    known = torch.cat([clip["forward"][frame].permute(2, 0, 1), clip["valid"][frame][None]])[None]
    grid = geometry.pixel_to_normalised(points[None, None], size)
    found = geometry.warp(known.float(), grid)[0, :, 0].T  # [N, 3]
    return found[:, :2], found[:, 2] > 0.999


@pytest.mark.parametrize("person", range(3))
def test_following_a_walk_all_the_way_round_comes_back(clips, person):
    clip = clips["walk"][person]
    count = len(clip["valid"])
    start = torch.nonzero(clip["valid"][0]).flip(-1).float()
    points, kept = start, torch.ones(len(start), dtype=torch.bool)
    for step in range(count):
        points, known = back(clip, -step % count, points)
        kept &= known
    away = (points - start).norm(dim=-1)[kept]
    assert kept.sum() > 300 and away.median() < 0.25 and away.quantile(0.95) < 1.0


def test_the_place_in_the_frame_before_shows_the_same_part(clips):
    for clip in every(clips):
        before = clip["parsings"].roll(1, dims=0)
        for parsing, there, places, valid in zip(clip["parsings"], before, clip["forward"], clip["valid"]):
            x, y = places[valid].round().long().T
            assert torch.equal(there[y, x], parsing[valid])
            assert valid.sum() > 0.5 * (parsing > 0).sum()
            assert not valid[parsing == 0].any() and (places[~valid] == 0).all()


def test_the_camera_the_light_and_the_ground_stand_still(clips):
    for clip in every(clips):
        person = (clip["parsings"] > 0).any(0)
        near = torch.nn.functional.max_pool2d(person.float()[None], 3, 1, 1)[0] > 0  # rays of a pixel reach beyond it
        assert (~near).sum() > 2000
        assert (clip["images"] == clip["images"][:1])[..., ~near].all()
        feet = torch.stack([torch.nonzero((parsing > 0).any(1)).max() for parsing in clip["parsings"]])
        assert feet.max() - feet.min() <= 5  # nobody floats; a foot nearer to the camera is lower
        hips = clip["keypoints"][:, [labels.RIGHT_HIP, labels.LEFT_HIP], 0].mean(1)
        assert hips.max() - hips.min() < 3  # and nobody drifts


def test_cloth_that_the_renderer_paints_hardly_flickers(clips):
    for clip in every(clips):
        clothing = torch.isin(clip["parsings"], torch.tensor(labels.CLOTHING))
        truth = flicker(clip["images"], clip["forward"], clip["valid"], clothing)
        astray = flicker(clip["images"], (clip["forward"] + 4).clamp(max=63), clip["valid"], clothing)
        assert truth.max() < 0.15 and astray.mean() > 1.3 * truth.mean()
        noise = torch.rand(clip["images"].shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
        assert flicker(noise, clip["forward"], clip["valid"], clothing).min() > 0.3


def test_the_same_arguments_give_the_same_bytes_whatever_was_made_before(clips):
    again = motion_clip("walk", 1)
    for name, value in clips["walk"][1].items():
        assert torch.equal(again[name], value) if isinstance(value, torch.Tensor) else again[name] == value
    assert not torch.equal(motion_clip("walk", 1, seed=1)["images"], again["images"])


def test_a_clip_keeps_the_contracts(clips):
    for clip in every(clips):
        shapes = {name: tuple(value.shape) for name, value in clip.items() if name != "name"}
        assert shapes == {"images": (12, 3, 128, 64), "parsings": (12, 128, 64), "keypoints": (12, 18, 3),
                          "joint_visible": (12, 18), "forward": (12, 128, 64, 2), "valid": (12, 128, 64)}
        assert clip["images"].abs().max() <= 1 and clip["images"].dtype == torch.float32
        assert clip["parsings"].dtype == torch.int64 and clip["parsings"].max() < labels.NUM_LABELS
        there = clip["keypoints"][..., 2] == 1
        assert (clip["keypoints"][~there] == 0).all() and there[:, 1:14].all()
        assert not (clip["joint_visible"] & ~there).any()
    assert clips["turn"][2]["name"] == "test-00002-turn"
    nose = clips["turn"][0]["keypoints"][:, labels.NOSE, 2]
    assert nose[0] == 1 and nose[6] == 0  # seen from behind, half-way round


def test_the_person_is_the_one_of_the_data_set(tmp_path, clips):
    data = RenderedPeople("test", people=3, poses=2, cache=tmp_path, progress=False)
    for person in range(3):
        worn = set(clips["turn"][person]["parsings"].unique().tolist()) & set(labels.CLOTHING)
        pictured = [data.pictures(2 * person + pose)["parsing"].unique().tolist() for pose in range(2)]
        assert set().union(*pictured) & set(labels.CLOTHING) <= worn
        for label in worn & set(pictured[0]):
            one, other = data.pictures(2 * person), clips["turn"][person]
            mean = one["image"][:, one["parsing"] == label].mean(1)
            moving = other["images"].transpose(0, 1)[:, other["parsings"] == label].mean(1)
            assert (mean - moving).abs().max() < 0.3


def test_other_sizes_styles_and_ways():
    small = motion_clip("walk", 0, "train", 2, (64, 48), yaw=-90, style="deepfashion")
    assert small["images"].shape == (2, 3, 64, 48) and small["name"] == "train-00000-walk"
    half = motion_clip("turn", frames=4, size=(48, 32), yaw=-40, through=80)
    assert torch.equal(half["images"][1], half["images"][3]) and not torch.equal(half["images"][0], half["images"][2])


@pytest.mark.parametrize(
    "change, message",
    [
        ({"name": "jump"}, "name must be one of walk, turn, found 'jump'"),
        ({"split": "dev"}, "split must be one of train, val, test, found 'dev'"),
        ({"person": -1}, "person must be a whole number from 0 to 999999, found -1"),
        ({"frames": 1}, "frames must be a whole number from 2 to 240, found 1"),
        ({"size": 128}, r"size must be \(height, width\) in pixels, found 128"),
        ({"size": (128, 8)}, "width must be a whole number from 16 to 2048, found 8"),
        ({"seed": 1.5}, "seed must be .* found 1.5"),
        ({"yaw": "left"}, "yaw must be degrees from -360 to 360, found 'left'"),
        ({"through": 90}, "a walk has no through; it has yaw"),
        ({"style": "studio"}, "style: expected one of plain, deepfashion, market, found 'studio'"),
        ({"device": "tpu"}, 'device must be "cpu", "cuda" or "cuda:" and a number, found \'tpu\''),
    ],
)
def test_wrong_arguments_are_told_before_anybody_is_rendered(change, message):
    with pytest.raises(ValueError, match=message):
        motion_clip(**({"name": "walk"} | change))
