"""What is exported is read back as it was, by this project's readers and by nothing but the format's rules."""

import csv
import json

import numpy as np
import pytest
import torch
from PIL import Image

from warpgan import keypoints, parsing
from warpgan.data import RenderedPeople, export
from warpgan.data.layouts import whole_pixels


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    cache = tmp_path_factory.mktemp("people")
    return RenderedPeople("test", people=2, poses=3, cache=cache, progress=False)


@pytest.fixture(scope="module")
def out(data, tmp_path_factory):
    return export(data, tmp_path_factory.mktemp("out"), prefix="fasion-resize")


def test_pictures_parsings_and_joints_come_back(data, out):
    joints = keypoints.read_annotation_csv(out / "fasion-resize-annotation-test.csv", size=data.size)
    assert list(joints) == (out / "test.lst").read_text().split() and len(joints) == data.num_pictures
    for index, (name, found) in enumerate(joints.items()):
        picture = data.pictures(index)
        pixels = np.array(Image.open(out / "test" / name))
        assert np.array_equal(pixels, ((picture["image"] + 1) * 127.5).round().byte().permute(1, 2, 0).numpy())
        labels = parsing.read_parsing(out / "test_parsing" / name, size=data.size)
        assert torch.equal(labels, picture["parsing"])
        wanted = picture["keypoints"].clone()
        wanted[:, :2] = wanted[:, :2].round()
        inside = (wanted[:, :2] >= 0).all(1) & (wanted[:, 0] < data.size[1]) & (wanted[:, 1] < data.size[0])
        wanted *= inside[:, None]
        assert torch.equal(found, wanted * wanted[:, 2:])


def test_pairs_are_those_of_the_dataset(data, out):
    with (out / "fasion-resize-pairs-test.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["from", "to"]
    names = [data[i]["name"] for i in range(len(data))]
    assert [f"{one[:-4]}-{other[:-4].split('-')[-1]}" for one, other in rows[1:]] == names


def test_rows_have_the_form_that_others_split_at_colons(out):
    header, first, *_ = (out / "fasion-resize-annotation-test.csv").read_text().splitlines()
    assert header == "name:keypoints_y:keypoints_x"
    name, y, x = first.split(":")
    assert name == "test-00000-00.png" and y.startswith(" [") and len(json.loads(y)) == len(json.loads(x)) == 18
    assert max(json.loads(y)) > 64  # taller than wide, so y comes first


def test_a_joint_outside_the_picture_is_missing():
    joints = torch.ones(18, 3)
    joints[0], joints[1], joints[2] = torch.tensor([63.6, 5, 1]), torch.tensor([5, -0.6, 1]), torch.tensor([4, 3, 0])
    y, x = whole_pixels(joints, (128, 64))
    assert (y[0], x[0]) == (y[1], x[1]) == (y[2], x[2]) == (-1, -1) and (y[3], x[3]) == (1, 1)


def test_an_interrupted_export_goes_on_and_equals_a_whole_one(data, out, tmp_path):
    export(data, tmp_path, prefix="fasion-resize")
    (tmp_path / "test" / "test-00001-01.png").unlink()
    (tmp_path / "fasion-resize-annotation-test.csv").unlink()
    export(data, tmp_path, prefix="fasion-resize")
    files = sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert all((out / file).read_bytes() == (tmp_path / file).read_bytes() for file in files)


def test_jpeg_pictures_stay_near(data, tmp_path):
    export(data, tmp_path, suffix=".jpg")
    pixels = np.array(Image.open(tmp_path / "test" / "test-00000-00.jpg")).astype(float)
    true = ((data.pictures(0)["image"] + 1) * 127.5).permute(1, 2, 0).numpy()
    assert np.abs(pixels - true).mean() < 4
    assert (tmp_path / "people-pairs-test.csv").read_text().splitlines()[1] == "test-00000-00.jpg,test-00000-01.jpg"


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"suffix": ".bmp"}, "suffix must be one of .png, .jpg, found '.bmp'"),
        ({"prefix": "a/b"}, "prefix must be the beginning of a file name, found 'a/b'"),
        ({"suffix": ".jpg"}, "test.json: the folder holds other test people: suffix '.png' there and '.jpg' here"),
    ],
)
def test_what_does_not_fit_is_refused(data, out, changes, words):
    with pytest.raises(ValueError, match=words):
        export(data, out, **changes)
