"""From a photo's file to what `PoseTransfer` takes, and back."""

import json

import numpy as np
import pytest
import torch
from photo_people import standing
from PIL import Image

from warpgan import photos
from warpgan.labels import NUM_LABELS
from warpgan.parsing import write_parsing


@pytest.fixture
def mine(tmp_path):
    """A photo of 900 x 600 with somebody at the left, her joints and her parsing, as files."""
    pixels = np.full((600, 900, 3), 180, np.uint8)
    pixels[35:275, 120:182] = (200, 40, 60)
    Image.fromarray(pixels).save(tmp_path / "me.png")
    parsing = torch.zeros(600, 900, dtype=torch.int64)
    parsing[35:275, 120:182] = 5
    write_parsing(tmp_path / "parsing.png", parsing)
    numbers = torch.cat([standing(200)[:, :2], torch.full((18, 1), 0.8)], dim=1).flatten().tolist()
    (tmp_path / "pose.json").write_text(json.dumps({"people": [{"pose_keypoints_2d": numbers}]}))
    return tmp_path


def test_picture_parsing_and_joints_stay_together(mine):
    made = photos.prepare(mine / "me.png", (256, 128), keypoints=mine / "pose.json", parsing=mine / "parsing.png")
    assert made.image.shape == (3, 256, 128) and made.parsing.shape == (256, 128)
    assert made.parsing.dtype == torch.int64 and set(made.parsing.unique().tolist()) == {0, 5}
    red = made.image[0] - made.image[1] > 0.6
    assert (red != (made.parsing == 5)).float().mean() < 0.01  # where the picture shows her, the parsing does
    x, y = made.keypoints[:, :2].round().long().T
    assert (made.parsing[y, x] == 5).all()  # and all her joints lie on her
    assert made.notes == ("keypoints from pose.json", "parsing from parsing.png")


def test_the_networks_take_it(mine):
    from warpgan.transfer import _check

    made = photos.prepare(mine / "me.png", (128, 64), keypoints=mine / "pose.json", parsing=mine / "parsing.png")
    _check(made.image, made.parsing, made.keypoints, (128, 64))


def test_a_parser_makes_the_parsing_and_nobody_stands_in_the_fill(mine):
    class Parser(torch.nn.Module):
        def forward(self, image):
            assert image.shape == (1, 3, 128, 64) and image.abs().max() <= 1
            logits = torch.zeros(1, NUM_LABELS, 128, 64)
            logits[:, 9] = 1
            return logits

    made = photos.prepare(mine / "me.png", (128, 64), parser=Parser())
    left, top, right, bottom = made.frame.frame_box
    assert (made.parsing[top:bottom, left:right] == 9).all() and int((made.parsing == 9).sum()) == (bottom - top) * 64
    assert made.notes[0] == "parsing made by the parser" and made.keypoints is None
    assert photos.prepare(mine / "me.png", (128, 64)).parsing is None
    with pytest.raises(ValueError, match=r"me\.png: the parser gave \[1, 3, 128, 64\]; expected \[1, 20, H, W\]"):
        photos.prepare(mine / "me.png", (128, 64), parser=lambda image: image)


def test_the_result_goes_back_into_the_photo(mine):
    made = photos.prepare(mine / "me.png", (256, 128), keypoints=mine / "pose.json")
    back = made.frame.put_back(made.image, made.photo)
    assert back.shape == made.photo.image.shape
    assert (back.int() - made.photo.image.int()).abs().float().mean() < 1


@pytest.mark.parametrize(
    "options, sentence",
    [
        ({"parsing": torch.zeros(256, 128, dtype=torch.int64)}, "me.png: the parsing is 128 wide and 256 high"),
        ({"keypoints": standing(2000)}, r"me\.png: \d+ of 18 joints lie outside the photo"),
        ({"keypoints": [("knee", 1, 1)]}, "no joint is called 'knee'"),
        ({"box": (900, 0, 950, 9)}, r"me\.png: the box .* holds nothing of the photo"),
        ({"pad": "mirror"}, r"me\.png: pad is edge or white"),
    ],
)
def test_faults_name_the_photo(mine, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        photos.prepare(mine / "me.png", (256, 128), **options)


def test_a_real_person_with_her_parsing_and_joints(realdata):
    folder = realdata / "viton"
    made = photos.prepare(
        folder / "image" / "000001_0.jpg", (256, 192), keypoints=folder / "pose" / "000001_0_keypoints.json",
        parsing=folder / "image-parse-new" / "000001_0.png",
    )
    assert made.image.shape == (3, 256, 192)
    x, y = made.keypoints[made.keypoints[:, 2] > 0, :2].round().long().T
    assert (made.parsing[y, x] > 0).float().mean() > 0.9  # her joints lie on her


def test_a_human_made_parsing_follows_its_photo(realdata):
    folder = realdata / "cihp"
    made = photos.prepare(folder / "images" / "0002190.jpg", (256, 176), parsing=folder / "labels" / "0002190.png")
    assert made.parsing.shape == (256, 176) and (made.parsing > 0).any()
    assert made.frame.put_back(made.parsing).shape == made.photo.size


def test_without_the_detectors_weights_the_sentence_says_what_to_do(mine, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(mine / "empty"))
    with pytest.raises(FileNotFoundError, match="download=True.*226 MiB.*keypoints_by_hand"):
        photos.prepare(mine / "me.png", (256, 128), keypoints="detect")
