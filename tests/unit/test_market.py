"""Market-1501 in both layouts, with the real pictures where they are, and its pairs made by the rule."""

import shutil

import numpy as np
import pytest
import torch
from market_tree import NAMES, tree
from real_trees import (
    annotation,
    dots_lie_where_they_are_said_to,
    pair_list,
    place,
    save,
)

from warpgan.data import Market1501
from warpgan.parsing import write_parsing


@pytest.mark.parametrize("size", [(128, 64), (256, 128)])
@pytest.mark.parametrize("folder, split", [("train", "train"), ("bounding_box_train", "train"), ("test", "test"),
                                           ("market_data/bounding_box_test", "test")])
def test_both_layouts_give_pairs_of_one_person(tmp_path, folder, split, size):
    data = Market1501(tree(tmp_path, folder, split), split, size)
    assert len(data) == 2 and data[0]["name"] == "0002_c1s1_000451_03___0002_c2s1_000301_01"
    assert data.left_out == [("0000_c1s1_000151_01", "distractor"), ("-1_c1s1_000401_03", "junk"),
                             ("0007_c3s3_077419_03", "alone")]
    for i in range(2):
        assert data[i]["condition_image"].shape == (3, *size)
        dots_lie_where_they_are_said_to(data[i])
    with pytest.raises(IndexError, match="pair 2 of 2"):
        data[2]


def test_the_real_pictures_and_rows(realdata, tmp_path):
    pictures = tmp_path / "test"
    pictures.mkdir()
    for path in (realdata / "market1501").glob("*.jpg"):
        shutil.copy(path, pictures)
    shutil.copy(realdata / "market1501" / "annotation.csv", tmp_path / "market-annotation-test.csv")
    shutil.copy(realdata / "market1501" / "pairs.csv", tmp_path / "market-pairs-test.csv")
    for path in pictures.iterdir():
        write_parsing(tmp_path / "test_parsing" / f"{path.stem}.png", torch.full((128, 64), 5))
    listed, made = Market1501(tmp_path, "test"), Market1501(tmp_path, "test", pairs="rule", parsing=False)
    assert len(listed) == len(made) == 2 and "condition_parsing" not in made[0]
    assert listed[0]["condition_keypoints"][1].tolist() == [33, 26, 1]  # neck
    assert torch.equal(listed[0]["condition_image"], listed[1]["target_image"])
    assert torch.equal(listed[0]["target_image"], made[0]["target_image"])


def test_a_listed_nobody_is_not_used_in_silence(tmp_path):
    root = tree(tmp_path, "train")
    annotation(root / "market-annotation-train.csv", {NAMES[0]: place()[:, :3] * 0, NAMES[1]: place(-96)})
    pair_list(root / "market-pairs-train.csv", [NAMES[:2]])
    with pytest.raises(ValueError, match="1 of 1 pairs cannot be used; the first: 0002_c1s1_000451_03: no person"):
        Market1501(root)


def test_joints_of_another_frame_are_found_out(tmp_path):
    root = tree(tmp_path, "train")
    annotation(root / "market-annotation-train.csv", {name: place() for name in NAMES[:2]})
    with pytest.raises(ValueError, match="03.jpg: .* of 18 joints lie in the picture, in the frame 128x64 of .*frame="):
        Market1501(root)[0]


def test_pictures_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere: no such folder"):
        Market1501(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="no pictures; looked for train/ .PATN. and bounding_box_train/"):
        Market1501(tmp_path)
    (tmp_path / "train").mkdir()
    with pytest.raises(FileNotFoundError, match="train: holds no picture"):
        Market1501(tmp_path)
    save(tmp_path / "train" / NAMES[0], np.zeros((128, 64, 3), np.uint8))
    with pytest.raises(FileNotFoundError, match="no keypoints of split 'train' .an annotation file market-annotation"):
        Market1501(tmp_path)
