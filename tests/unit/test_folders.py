"""Finding files by documented order, and reading photos of every kind that occurs in data sets."""

import numpy as np
import pytest
import torch
from PIL import Image
from real_trees import save

from warpgan.data.folders import candidates, index, only, picture_folders
from warpgan.data.frames import CROPPED, SQUARE, Frame, frame_of, move, recognise, show
from warpgan.data.pictures import open_picture, picture_size, to_tensor


@pytest.mark.parametrize("mode, suffix", [
    ("RGB", ".jpg"), ("L", ".jpg"), ("CMYK", ".jpg"), ("RGBA", ".png"), ("P", ".png"), ("LA", ".png"), ("1", ".png"),
])
def test_every_mode_becomes_rgb(tmp_path, mode, suffix):
    grey = np.repeat(np.arange(0, 256, 4, dtype=np.uint8)[:, None], 48, 1)
    Image.fromarray(grey).convert("RGB" if mode == "CMYK" else "L").convert(mode).save(tmp_path / f"a{suffix}")
    assert picture_size(tmp_path / f"a{suffix}") == (64, 48)
    image = to_tensor(open_picture(tmp_path / f"a{suffix}"))
    assert image.shape == (3, 64, 48) and image.is_contiguous() and image.dtype == torch.float32
    if mode != "1":
        assert float((image - torch.from_numpy(grey) / 127.5 + 1).abs().max()) < 0.06


def test_tensors_are_the_pixels():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)
    wanted = torch.from_numpy(pixels).permute(2, 0, 1) / 127.5 - 1
    torch.testing.assert_close(to_tensor(Image.fromarray(pixels)), wanted, atol=1e-7, rtol=0)
    ends = to_tensor(Image.new("RGB", (2, 1), (0, 255, 0)))
    assert ends[:, 0, 0].tolist() == [-1, 1, -1]


def test_large_jpegs_are_decoded_no_smaller_than_needed(tmp_path):
    save(tmp_path / "a.jpg", np.zeros((1101, 750, 3), np.uint8))
    picture = open_picture(tmp_path / "a.jpg", (256, 176))
    assert picture.height == 276 and picture.width == 188
    assert open_picture(tmp_path / "a.jpg").height == 1101


@pytest.mark.parametrize("content, words", [
    (b"", "not a picture"), (b"hello", "not a picture"), (b"\x89PNG\r\n\x1a\n" + b"0" * 40, "picture"),
])
def test_what_is_no_picture_is_named(tmp_path, content, words):
    (tmp_path / "a.png").write_bytes(content)
    for call in (open_picture, picture_size):
        with pytest.raises(ValueError, match=f"a.png: .*{words}"):
            call(tmp_path / "a.png")
        with pytest.raises(IsADirectoryError, match="a folder where a file is expected"):
            call(tmp_path)
        with pytest.raises(FileNotFoundError, match="b.png: no such file"):
            call(tmp_path / "b.png")


def test_candidates_are_ranked_and_never_chosen_among(tmp_path):
    for name in ("a.csv", "deep/a.csv", "deep/b.csv", "other/b.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert candidates(tmp_path, ("a.csv", "b.csv")) == [tmp_path / "a.csv"]
    found = candidates(tmp_path, ("c.csv", "b.csv"))
    assert len(found) == 2 and candidates(tmp_path, ("c.csv",)) == []
    with pytest.raises(ValueError, match="2 lists are there: .*deep/b.csv, .*other/b.csv; say which with pairs="):
        only(found, "lists", "pairs")
    assert only([], "lists", "pairs") is None and only(found[:1], "lists", "pairs") == found[0]
    (tmp_path / "parsing" / "train").mkdir(parents=True)
    assert picture_folders(tmp_path, ("train",)) == []


def test_an_index_leaves_out_what_is_no_picture(tmp_path):
    for name in ("x/a.jpg", "b.PNG", "b_vis.png", ".c.png", "notes.txt"):
        save(tmp_path / "t.png", np.zeros((2, 2, 3), np.uint8))
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / "t.png").rename(tmp_path / name)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert index(tmp_path) == {"a": "x/a.jpg", "b": "b.PNG"}


# Frames


def joints_at(*xs):
    found = torch.zeros(1, 18, 3)
    for joint, x in enumerate(xs):
        found[0, joint] = torch.tensor([x, 100.0, 1])
    return found


@pytest.mark.parametrize("xs, picture, named, frame", [
    ((60, 200), (1101, 750), "fasion-annotation-train.csv", SQUARE),
    ((20, 100), (1101, 750), "fashion-annotation-train.csv", CROPPED),
    ((60, 100), (1101, 750), "fashion-resize-annotation-train.csv", CROPPED),
    ((60, 100), (256, 176), "annotation.csv", CROPPED), ((60, 100), (256, 256), "annotation.csv", SQUARE),
    ((60, 600), (1101, 750), "annotation.csv", None), ((), (256, 256), "annotation.csv", SQUARE),
])
def test_frames_are_recognised_by_the_stated_rules(xs, picture, named, frame):
    assert recognise(joints_at(*xs), picture, "a.csv", named=named) == frame


def test_a_frame_that_nothing_tells_is_asked_for():
    with pytest.raises(ValueError, match="a.csv: its 2 joints lie between x 60 and 100, .*pass frame="):
        recognise(joints_at(60, 100), (1101, 750), "a.csv")


def test_the_real_annotation_is_told_from_its_cropped_twin(realdata):
    from warpgan.keypoints import read_annotation_csv

    people = torch.stack(list(read_annotation_csv(realdata / "posegan_csv/fasion-annotation-test-small.csv").values()))
    assert recognise(people, (1101, 750), "a.csv") == SQUARE
    cropped = move(people, SQUARE, CROPPED)
    assert recognise(cropped, (1101, 750), "a.csv") == CROPPED
    kept = cropped[..., 2] > 0
    assert torch.equal(cropped[kept], people[kept] - torch.tensor([40.0, 0, 0]))


def test_moving_there_and_back_changes_nothing():
    people = torch.rand(9, 18, 3) * 150 + 50
    people[..., 2] = 1
    big = Frame((1101, 750), CROPPED.left, CROPPED.right)
    inside = (people[..., 0] < 215) & (people[..., 1] < 255)
    there = move(people * inside[..., None], SQUARE, big)
    back = move(there, big, SQUARE)
    torch.testing.assert_close(back, people * inside[..., None], atol=2e-3, rtol=0)


def test_pixels_and_joints_are_moved_alike():
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None], 256, 0)
    for end in (CROPPED, Frame((512, 352), CROPPED.left, CROPPED.right), Frame((128, 128))):
        shown = np.array(show(Image.fromarray(ramp), SQUARE, end, smooth=True, fill=0)).astype(float)
        for x in (60.0, 111.0, 190.0):
            place = float(move(joints_at(x), SQUARE, end)[0, 0, 0])
            left = int(place)
            found = shown[9, left] + (place - left) * (shown[9, left + 1] - shown[9, left])
            assert found == pytest.approx(x, abs=0.6)


def test_sizes_tell_what_a_picture_shows():
    assert [frame_of(size).left > 0 for size in ((256, 176), (1101, 750), (256, 256), (128, 64), (256, 192))] == [
        True, True, False, False, False]
    assert frame_of((256, 176), shop=False) == Frame((256, 176))
