"""What is exported is read back as it was, by this project's readers and by nothing but the format's rules."""

import csv
import errno
import json
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas
import pytest
import torch
from PIL import Image

from warpgan import keypoints, labels, parsing
from warpgan.data import RenderedPeople, export
from warpgan.data.exporting import MERGED, picture_name, whole_pixels


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


def pose_map(y, x, size):
    """The pose map [H, W, 18] uint8 of an annotation row: bells of 6 pixels, of which whole numbers leave the peak."""
    rows, columns = np.mgrid[:size[0], :size[1]][..., None]
    bells = np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 72.0)
    return np.where(np.array(y) == -1, 0, bells).astype(np.uint8)


def joints_of(table, name):
    return [np.array(json.loads(table.loc[name, field])) for field in ("keypoints_y", "keypoints_x")]


def test_what_the_loaders_of_patn_read(data, out):
    pairs = pandas.read_csv(out / "fasion-resize-pairs-test.csv")
    table = pandas.read_csv(out / "fasion-resize-annotation-test.csv", sep=":").set_index("name")
    assert len(pairs) == len(data) and len(table) == data.num_pictures
    for index in range(len(pairs)):
        pair = data[index]
        for column, role in (("from", "condition"), ("to", "target")):
            name = pairs.iloc[index][column]
            pixels = np.asarray(Image.open(out / "test" / name).convert("RGB"))
            normalised = torch.from_numpy(pixels.copy()).permute(2, 0, 1) / 255 * 2 - 1
            torch.testing.assert_close(normalised, pair[f"{role}_image"])
            bones = pose_map(*joints_of(table, name), data.size)
            peaks = {joint: (x, y) for y, x, joint in np.argwhere(bones)}
            points = pair[f"{role}_keypoints"].round().int().tolist()
            inside = {j: (x, y) for j, (x, y, there) in enumerate(points) if there and 0 <= x < 64 and 0 <= y < 128}
            assert peaks == inside


@pytest.fixture(scope="module")
def followers(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("followers")
    for eight in ("png", "npy"):
        export(data, folder, prefix="fasion", suffix=".jpg", names="deepfashion", eight=eight, correspondences=True)
    return folder


def test_names_are_taken_apart_as_adgan_does(data, followers):
    for index, name in enumerate((followers / "test.lst").read_text().split()):
        assert name.startswith("fashion") and name.endswith(".jpg")
        gender = name[7:12] if name[7:9] == "WO" else name[7:10]
        person = name.rindex("id0")
        category, view = name[7 + len(gender):person], name[person + 10:-4]
        path = followers / "semantic_merge3" / gender / category / f"id_{name[person + 2:person + 10]}"
        merged = np.load(path / f"{view[:4]}_{view[4:]}.npy")
        assert merged.shape == data.size
        shown = np.stack([merged == label for label in range(8)])
        true = data.pictures(index)["parsing"].numpy()
        assert (shown.sum(0) == 1).all() and np.array_equal(shown[0], true == labels.BACKGROUND)
        assert np.array_equal(shown[4], np.isin(true, [labels.FACE, labels.SUNGLASSES, labels.TORSO_SKIN]))
        assert np.array_equal(merged, np.asarray(Image.open(followers / "testSPL8" / f"{name[:-4]}.png")))


def test_names_of_either_form_name_everybody_once():
    for form in ("plain", "deepfashion"):
        every = {picture_name(split, person, pose, form) for split in ("train", "val", "test")
                 for person in (0, 1, 12, 999_999) for pose in (0, 1, 31)}
        assert len(every) == 36


def test_every_label_has_its_merged_one():
    assert len(MERGED) == labels.NUM_LABELS and set(MERGED) == set(range(8))
    assert [MERGED[label] for label in (labels.PANTS, labels.SKIRT, labels.LEFT_ARM, labels.RIGHT_SHOE)] == [1, 3, 6, 7]


def test_correspondences_come_back(data, followers):
    pairs = pandas.read_csv(followers / "fasion-pairs-test.csv")
    for index in range(len(data)):
        condition, target = (Path(name).stem for name in pairs.iloc[index])
        with np.load(followers / "test_correspondence" / f"{condition}___{target}.npz") as found:
            assert np.array_equal(found["correspondence"], data[index]["correspondence"])
            assert np.array_equal(found["valid"], data[index]["correspondence_valid"])
            assert found["valid"].dtype == bool and found["correspondence"].dtype == np.float32


def test_a_full_disk_is_named(data, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Image.Image, "save", full)
        with pytest.raises(OSError, match="cannot be written .No space left on device.: what is there is kept"):
            export(data, tmp_path)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["test.json"]


@pytest.fixture(scope="module")
def command():
    return runpy.run_module("warpgan.data.export")["main"]


def test_the_command_line_writes_the_same(data, command, tmp_path, capsys):
    options = ["--split", "test", "--people", "2", "--poses", "3", "--size", "128x64", "--suffix", ".png", "--quiet"]
    out = tmp_path / "out"
    assert command([*options, "--out", str(out), "--cache", str(data.folder.parent)]) == 0
    assert capsys.readouterr() == (f"6 pictures of 2 people, 12 pairs: {out}\n", "")
    export(data, tmp_path / "function", prefix="fasion-resize")
    files = sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file())
    assert len(files) == 6 + 6 + 4
    assert all((out / file).read_bytes() == (tmp_path / "function" / file).read_bytes() for file in files)


@pytest.mark.parametrize("options, status, words", [
    (["--people", "0"], 1, "error: people must be a whole number from 1 to 1000000, found 0\n"),
    (["--style", "sepia"], 1, "found 'sepia'"), (["--people", "-1"], 1, "found -1"),
    (["--size", "0x64"], 1, "height"), (["--size", "256"], 2, "a size is HEIGHTxWIDTH in pixels"),
    (["--device", "cuda:77"], 1, "device 'cuda:77' is not here"), (["--eight", "npy"], 1, 'give names="deepfashion"'),
])
def test_the_command_line_tells_what_is_wrong(command, data, tmp_path, capsys, options, status, words):
    given = ["--split", "test", "--out", str(tmp_path / "out"), "--cache", str(tmp_path), "--people", "2", "--size",
             "32x16", "--quiet", *options]
    try:
        found = command(given)
    except SystemExit as end:
        found = end.code
    said = capsys.readouterr().err
    assert found == status and words in said and "Traceback" not in said
    assert not list(tmp_path.iterdir())  # told before anybody is rendered


def test_the_command_says_how_it_is_used():
    command = [sys.executable, "-m", "warpgan.data.export", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == "" and "--correspondences" in done.stdout


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"suffix": ".bmp"}, "suffix must be one of .png, .jpg, found '.bmp'"),
        ({"names": "numbers"}, "names must be one of plain, deepfashion, found 'numbers'"),
        ({"eight": "jpg"}, "eight must be one of None, png, npy, found 'jpg'"),
        ({"eight": "npy"}, 'give names="deepfashion" with it'),
        ({"names": "deepfashion"}, "test.json: the folder holds other test people: names 'plain' there and"),
        ({"prefix": "a/b"}, "prefix must be the beginning of a file name, found 'a/b'"),
        ({"suffix": ".jpg"}, "test.json: the folder holds other test people: suffix '.png' there and '.jpg' here"),
    ],
)
def test_what_does_not_fit_is_refused(data, out, changes, words):
    with pytest.raises(ValueError, match=words):
        export(data, out, **changes)
