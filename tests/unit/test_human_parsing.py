"""LIP and CIHP as published: photos with label maps over them, 255 kept, nothing invented where photos are padded."""

import shutil

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from real_trees import save, save_labels

from warpgan.data import HumanParsing
from warpgan.parsing import read_parsing


def tree(root, photos, labels, *, names=("10_1", "20_2", "30_3"), listed=None, sizes=((60, 40), (40, 60), (50, 50))):
    """Photos whose red is ten times their label; the outermost pixels are 255, not to be counted."""
    for name, size in zip(names, sizes):
        parsing = (np.add.outer(np.arange(size[0]) // 8, np.arange(size[1]) // 8) % 20).astype(np.uint8)
        photo = np.stack((parsing * 10, parsing * 0, parsing * 0), -1)
        parsing[[0, -1]] = parsing[:, [0, -1]] = 255
        save(root / photos / f"{name}.png", photo)
        save_labels(root / labels / f"{name}.png", parsing)
    if listed:
        (root / listed).write_text("".join(f"{name}\n" for name in names[:2]))
    return root


LAYOUTS = [
    ("LIP", "train_images", "train_segmentations", "train_id.txt", "train"),
    ("LIP", "TrainVal/val_images", "TrainVal/val_segmentations", "val_id.txt", "val"),
    ("LIP", "train_imgaes", "train_segmentations", "train_id.txt", "train"),
    ("CIHP", "Training/Images", "Training/Category_ids", "Training/train_id.txt", "train"),
    ("CIHP", "CIHP/Validation/Images", "CIHP/Validation/Category_ids", "CIHP/Validation/val_id.txt", "val"),
    ("photos and labels", "train", "train_parsing", "train.lst", "train"),
]


@pytest.mark.parametrize("fit", ["pad", "stretch"])
@pytest.mark.parametrize("size", [None, (64, 48), (120, 120), (30, 20)])
@pytest.mark.parametrize("layout, photos, labels, listed, split", LAYOUTS)
def test_labels_lie_over_the_photo(tmp_path, layout, photos, labels, listed, split, size, fit):
    data = HumanParsing(tree(tmp_path, photos, labels, listed=listed), split, size, fit=fit)
    assert data.layout == layout and len(data) == 2 and [data[i]["name"] for i in range(2)] == ["10_1", "20_2"]
    for i in range(2):
        image, parsing = data[i]["image"], data[i]["parsing"]
        assert image.shape == (3, *parsing.shape) and parsing.dtype == torch.int64 and 255 in parsing
        counted = parsing != 255
        red = ((image[0] + 1) * 12.75)[counted]
        away = (red - parsing[counted]).abs()
        # Only at edges of patches, which are many in a small picture, do smooth colours and nearest labels differ.
        assert float((away < 0.1).float().mean()) > (0.4 if size == (30, 20) else 0.6)


def test_padding_does_not_count(tmp_path):
    data = HumanParsing(tree(tmp_path, "train_images", "train_segmentations"), size=(100, 100))
    tall, wide = data[0], data[1]
    assert len(data) == 3
    assert (tall["parsing"][:, :16] == 255).all() and (tall["image"][:, :, :16] == -1).all()
    assert (wide["parsing"][:16] == 255).all() and (wide["image"][:, -16:] == -1).all()
    assert (tall["parsing"][:, 20:-20] != 255).float().mean() > 0.9


@given(st.integers(16, 90), st.integers(16, 90))
def test_labels_are_those_of_the_nearest_pixels(tmp_path_factory, height, width):
    root = tree(tmp_path_factory.mktemp("data"), "train_images", "train_segmentations")
    found = HumanParsing(root, size=(height, width), fit="stretch")[0]["parsing"]
    with Image.open(root / "train_segmentations" / "10_1.png") as true:
        assert np.array_equal(found, np.array(true.resize((width, height), Image.Resampling.NEAREST)))


def test_real_photos(realdata, tmp_path):
    for name, folder in (("images", "Images"), ("labels", "Category_ids")):
        shutil.copytree(realdata / "cihp" / name, tmp_path / "Training" / folder)
    data = HumanParsing(tmp_path)
    assert data.layout == "CIHP" and len(data) == 2
    for item in (data[0], data[1]):
        true = read_parsing(realdata / "cihp" / "labels" / f"{item['name']}.png", ignore=True)
        assert torch.equal(item["parsing"], true) and item["image"].shape[1:] == true.shape
    small = HumanParsing(tmp_path, size=(256, 176))[0]
    assert small["image"].shape == (3, 256, 176) and set(small["parsing"].unique().tolist()) <= {*range(20), 255}


@pytest.mark.parametrize("change, words", [
    (lambda root: (root / "train_segmentations" / "20_2.png").unlink(), "no label map of 20_2, which .*id.txt lists"),
    (lambda root: (root / "train_images" / "10_1.png").unlink(), "no photo of 10_1"),
    (lambda root: (root / "train_images").rename(root / "photos"), "no split 'train' of LIP .*of CIHP"),
])
def test_what_is_not_there_is_told(tmp_path, change, words):
    change(tree(tmp_path, "train_images", "train_segmentations", listed="train_id.txt"))
    with pytest.raises(FileNotFoundError, match=words):
        HumanParsing(tmp_path)


def test_cihp_publishes_no_labels_of_its_test_photos(tmp_path):
    save(tmp_path / "Testing" / "Images" / "1.png", np.zeros((9, 9, 3), np.uint8))
    with pytest.raises(FileNotFoundError, match="Testing: no folder Category_ids; .* not published"):
        HumanParsing(tmp_path, "test")


def test_labels_of_another_size_and_strange_arguments(tmp_path):
    root = tree(tmp_path, "train_images", "train_segmentations")
    save_labels(root / "train_segmentations" / "10_1.png", np.zeros((9, 8), np.uint8))
    with pytest.raises(ValueError, match="10_1.png: the parsing is 8 wide and 9 high, its picture 40 wide and 60 high"):
        HumanParsing(root)[0]
    with pytest.raises(ValueError, match="fit must be pad or stretch, found 'crop'"):
        HumanParsing(root, fit="crop")
    with pytest.raises(ValueError, match="size must be .height, width."):
        HumanParsing(root, size=256)
