"""Rendered people's bytes depend on nothing but the seed, and a data set of them gives what was rendered.

That the truths are true is what `test_truths.py` is about.
"""

import os
import subprocess
import sys

import pytest
import torch

from warpgan import labels
from warpgan.data import RenderedPeople
from warpgan.people.shards import PER_SHARD, person_seed, shard_path

PEOPLE = 6


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("people")


@pytest.fixture(scope="module")
def data(cache):
    return RenderedPeople("test", people=PEOPLE, poses=3, cache=cache, progress=False)


def test_correspondence_is_valid_on_the_person_only_and_lies_in_the_picture(data):
    seen = 0
    for pair in data:
        valid, places = pair["correspondence_valid"], pair["correspondence"]
        assert not valid[pair["target_parsing"] == 0].any()
        assert (places[~valid] == 0).all()
        assert places[..., 0].max() <= 63.5 and places[..., 1].max() <= 127.5 and places.min() >= 0
        seen += valid.sum() / (pair["target_parsing"] > 0).sum()
    assert 0.2 < seen / len(data) < 0.9


def test_keypoints_lie_inside_and_missing_ones_are_zero(data):
    for index in range(data.num_pictures):
        picture = data.pictures(index)
        points = picture["keypoints"]
        assert points.shape == (18, 3) and points.dtype == torch.float32
        there = points[:, 2] == 1
        assert (points[~there] == 0).all()
        assert (points[there, :2] > -0.5).all()
        assert (points[there, :2] < torch.tensor([63.5, 127.5])).all()
        assert not (picture["joint_visible"] & ~there).any()
        torch.testing.assert_close(points[1, :2], 0.5 * (points[2, :2] + points[5, :2]), atol=0.35, rtol=0)


def test_fields_and_ranges_of_a_pair(data):
    assert len(data) == PEOPLE * 3 * 2 and data.num_pictures == PEOPLE * 3
    pair = data[len(data) - 1]
    assert pair["name"] == "test-00005-02-01"
    for role in ("condition", "target"):
        assert pair[f"{role}_image"].shape == (3, 128, 64) and pair[f"{role}_image"].dtype == torch.float32
        assert pair[f"{role}_image"].min() >= -1 and pair[f"{role}_image"].max() <= 1
        assert pair[f"{role}_parsing"].dtype == torch.int64 and pair[f"{role}_parsing"].max() < labels.NUM_LABELS
        assert pair[f"{role}_joint_visible"].dtype == torch.bool
    torch.testing.assert_close(data[-1]["target_image"], pair["target_image"])
    with pytest.raises(IndexError):
        data[len(data)]


def test_pairs_are_all_ordered_pairs_of_one_person(data):
    names = {pair["name"] for pair in data}
    assert len(names) == len(data)
    first = data[0]
    torch.testing.assert_close(first["condition_image"], data.pictures(0)["image"])
    torch.testing.assert_close(first["target_image"], data.pictures(1)["image"])


def test_splits_never_share_a_person(cache, data):
    other = RenderedPeople("val", people=2, poses=3, cache=cache, progress=False)
    for index in range(other.num_pictures):
        for mine in range(data.num_pictures):
            assert not torch.equal(other.pictures(index)["image"], data.pictures(mine)["image"])
    keys = {(split, person, tuple(person_seed(0, split, person).generate_state(4)))
            for split in ("train", "val", "test") for person in range(200)}
    assert len({state for *_, state in keys}) == 600


def test_more_people_leave_the_first_ones_as_they_were(cache, data):
    before = [data.pictures(index) for index in range(data.num_pictures)]
    more = RenderedPeople("test", people=PEOPLE + 1, poses=3, cache=cache, progress=False)
    assert more.num_pictures == 3 * (PEOPLE + 1)
    for index, old in enumerate(before):
        new = more.pictures(index)
        assert all(torch.equal(new[key], old[key]) for key in old if key != "name")


def test_nothing_is_printed_without_progress(tmp_path, capfd):
    made = RenderedPeople("train", size=(48, 24), people=PER_SHARD + 1, poses=2, cache=tmp_path, progress=False)
    assert capfd.readouterr() == ("", "")
    assert sorted(path.name for path in made.folder.iterdir()) == ["00000.safetensors", "00001.safetensors"]


@pytest.mark.parametrize("spoil", ["short", "foreign", "text"])
def test_a_spoilt_shard_is_made_again_with_a_word(tmp_path, spoil):
    arguments = dict(size=(32, 16), people=2, poses=2, cache=tmp_path, progress=False)
    first = RenderedPeople("val", **arguments)
    path = shard_path(first.folder, 0)
    whole = path.read_bytes()
    if spoil == "short":
        path.write_bytes(whole[:-100])
    elif spoil == "foreign":
        path.write_bytes(shard_path(RenderedPeople("val", seed=1, **arguments).folder, 0).read_bytes())
    else:
        path.write_text("not a shard")
    with pytest.warns(UserWarning, match="00000.safetensors"):
        RenderedPeople("val", **arguments)
    assert path.read_bytes() == whole
    assert [file.name for file in first.folder.iterdir()] == [path.name]


@pytest.mark.parametrize("arguments, found", [
    (dict(split="dev"), "'dev'"), (dict(split="val", size=(0, 64)), "height"), (dict(split="val", size=128), "128"),
    (dict(split="val", size=(128.0, 64)), "128.0"), (dict(split="val", people=0), "people"),
    (dict(split="val", poses=1), "poses"), (dict(split="val", people=True), "people"),
    (dict(split="val", seed=-1), "seed"), (dict(split="val", workers=-2), "workers"),
    (dict(split="val", people=-3), "people must be a whole number from 1 to 1000000, found -3"),
    (dict(split="val", style="sepia"), "plain, deepfashion, market, found 'sepia'"), (dict(split="val", style=7), "7"),
    (dict(split="val", extras=("depth", "smell")), "depth, normals, unlit, found .*smell"),
    (dict(split="val", extras="depth"), "must be a tuple"), (dict(split="val", device="gpu"), "found 'gpu'"),
    (dict(split="val", executor=3), "executor must have a method submit"),
])
def test_wrong_arguments_are_refused_before_anything_is_made(tmp_path, arguments, found):
    with pytest.raises(ValueError, match=found):
        RenderedPeople(**arguments, cache=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="cannot be written"):
        RenderedPeople("val", people=1, poses=2, size=(32, 16), cache=tmp_path / "file", progress=False)


def test_import_stays_light():
    code = "import sys, warpgan.data; assert not {'warp', 'anny'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ})
