"""Data folders of DeepFashion with faults: each is told with its file, and nothing is guessed or lost in silence."""

import numpy as np
import pytest
from PIL import Image
from real_trees import (
    PAIRS,
    PEOPLE,
    SHOP,
    annotation,
    draw,
    pair_list,
    place,
    pose_gan_name,
    save,
    save_labels,
    shop_path,
    shop_tree,
)

from warpgan.data import DeepFashion
from warpgan.data.frames import SQUARE


def test_names_that_resolve_nowhere_are_named_or_left_out(tmp_path):
    root = shop_tree(tmp_path, pairs=None)
    stranger = ("WOMEN", "Skirts", "00000009", "01", "1_front")
    pair_list(root / "fasion-pairs-test.csv", [[pose_gan_name(one) for one in pair] for pair in
                                               [*PAIRS, (SHOP[0], stranger)]])
    with pytest.raises(ValueError, match="1 of 4 pairs cannot be used; the first: fashionWOMENSkirtsid0000000901_1front"
                                         " has no picture in .*img.*missing='skip'"):
        DeepFashion(root, "test")
    data = DeepFashion(root, "test", missing="skip")
    assert len(data) == 3 and len(data.left_out) == 1 and "no picture" in data.left_out[0][-1]


def test_hard_rows_are_reported_as_what_they_are(tmp_path):
    root = shop_tree(tmp_path, pairs=None)
    rows = {pose_gan_name(parts): one for parts, one in PEOPLE.items()}
    rows[pose_gan_name(SHOP[2])] = place(missing=(8, 5))
    rows[pose_gan_name(SHOP[4])] = place(missing=range(18))
    annotation(root / "fasion-annotation-test.csv", rows)
    data = DeepFashion(root, "test")
    assert len(data) == 2 and data.left_out == [
        ("fashionWOMENBlousesShirtsid0000000101_7additional", "part of a person: no left-shoulder, no right-hip"),
        ("fashionMENDenimid0000008002_4full", "no person"), ("fashionMENDenimid0000008002_2side", "alone"),
    ]


@pytest.mark.parametrize("change, words", [
    (lambda root: (root / "img_parsing_all").rename(root / "testSPL8"), "8 merged labels, of which the 20 cannot be"),
    (lambda root: (root / "img_parsing_all").rename(root / "x"), "no folder of parsings .*parsing=False"),
    (lambda root: (root / "img").rename(root / "pictures"), "no pictures; looked for test/ .PATN., img/"),
    (lambda root: (root / "fasion-annotation-test.csv").unlink(), "no keypoints of split 'test'"),
    (lambda root: save(root / "img" / pose_gan_name(SHOP[0]), np.zeros((9, 9, 3), np.uint8)), "are the same picture"),
])
def test_what_is_not_there_is_told(tmp_path, change, words):
    change(shop_tree(tmp_path))
    with pytest.raises((ValueError, FileNotFoundError), match=words):
        DeepFashion(tmp_path, "test")


@pytest.mark.parametrize("arguments, words", [
    ({"convention": "atr"}, "ATR has 18 labels in another order"), ({"convention": "voc"}, "cihp or lip, found 'voc'"),
    ({"split": "../x"}, "split must be a name"), ({"fit": "crop"}, "fit must be keep or stretch, found 'crop'"),
    ({"missing": "ignore"}, "missing must be error or skip"), ({"size": 256}, "size must be .height, width."),
    ({"frame": (0, 5)}, "frame must be"), ({"size": (256, 200)}, "proportions by more than a tenth"),
])
def test_arguments_that_do_not_go(tmp_path, arguments, words):
    with pytest.raises(ValueError, match=words):
        DeepFashion(shop_tree(tmp_path), **{"split": "test", **arguments})[0]


def test_maps_of_atr_are_refused(tmp_path):
    rows = {}
    for number in range(8):
        parts = (*SHOP[0][:3], "01", f"{number}_front")
        save(tmp_path / "img" / shop_path(parts), draw(place(), (256, 256))[0])
        labels = np.zeros((256, 256), np.uint8)
        for label in (2, 4, 6, 9, 10, 11, 14, 15):
            labels[label * 10:label * 10 + 8] = label
        save_labels(tmp_path / "parsing" / shop_path(parts).replace(".jpg", ".png"), labels)
        rows[shop_path(parts)] = place()
    annotation(tmp_path / "fashion-annotation-train.csv", rows)
    with pytest.raises(ValueError, match="parsing: looks like the 18 labels of ATR .*8 of 8 maps"):
        DeepFashion(tmp_path)


@pytest.mark.parametrize("prefix, frame, words", [
    ("fasion-resize", (256, 256), "its name says 256x176 .resize., but .* up to 202"),
])
def test_a_frame_that_contradicts_the_name_is_refused(tmp_path, prefix, frame, words):
    root = shop_tree(tmp_path, prefix=prefix, frame=frame)
    with pytest.raises(ValueError, match=words):
        DeepFashion(root, "test")
    assert DeepFashion(root, "test", frame=(256, 256)).frame == SQUARE


def test_a_label_map_that_changes_is_checked_again(tmp_path):
    data = DeepFashion(shop_tree(tmp_path), "test")
    path = tmp_path / "img_parsing_all" / shop_path(SHOP[0]).replace(".jpg", ".png")
    first, second = data[0]["condition_parsing"], data[0]["condition_parsing"]
    assert (first == second).all()
    save_labels(path, first.numpy().astype(np.uint8) * 2)
    with pytest.raises(ValueError, match="01_1_front.png: label 36 where labels are 0..19"):
        data[0]
    with pytest.raises(ValueError, match="01_1_front.png: label 36"):
        data[0]
    path.unlink()
    with pytest.raises(FileNotFoundError, match="01_1_front.png: no such file"):
        data[0]


def test_damaged_pictures_and_strange_parsings_are_named_when_read(tmp_path):
    data = DeepFashion(shop_tree(tmp_path), "test")
    path = tmp_path / "img" / shop_path(SHOP[0])
    whole = path.read_bytes()
    path.write_bytes(whole[:2000])
    with pytest.raises(ValueError, match="01_1_front.jpg: the picture is damaged"):
        data[0]
    path.write_bytes(whole)
    save_labels(tmp_path / "img_parsing_all" / shop_path(SHOP[0]).replace(".jpg", ".png"), np.zeros((99, 31), np.uint8))
    with pytest.raises(ValueError, match="01_1_front.png: the parsing is 31 wide and 99 high, its picture 256 wide"):
        data[0]
    Image.new("I;16", (256, 256)).save(path.with_suffix(".png"))
    path.unlink()
    with pytest.raises(ValueError, match="8 bits a colour"):
        DeepFashion(tmp_path, "test")[0]
