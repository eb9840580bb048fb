"""DeepFashion in every layout: picture, label map and keypoints lie over each other, whatever the files are called."""

import json
import os
from multiprocessing.reduction import ForkingPickler

import numpy as np
import pytest
import torch
from real_trees import (
    PEOPLE,
    SHOP,
    annotation,
    dots_lie_where_they_are_said_to,
    draw,
    openpose,
    pair_list,
    patn_name,
    pose_gan_name,
    save,
    scaled,
    shop_path,
    shop_tree,
)

from warpgan.batches import collate
from warpgan.data import DeepFashion, Market1501, RenderedPeople, export
from warpgan.data.frames import CROPPED, SQUARE
from warpgan.keypoints import read_annotation_csv

# What makes it what it is


@pytest.mark.parametrize("size", [(256, 256), (256, 176), (128, 88), (512, 352)])
@pytest.mark.parametrize("layout", [
    {}, {"folder": "Img/img"}, {"lists": "tree"}, {"lists": "patn"}, {"lists": "fasion", "prefix": "fashion"},
    {"names": "patn", "folder": "test", "lists": "patn"}, {"names": "pose-gan", "folder": "test", "lists": "shop"},
    {"folder": "img_highres", "pictures": (1101, 750)}, {"labels": "colour"}, {"labels": "palette"},
    {"names": "patn", "folder": "test", "pictures": (256, 176), "frame": (256, 176), "prefix": "fasion-resize"},
    {"names": "fasion", "folder": "test", "pictures": (256, 176), "frame": (256, 176), "prefix": "fashion-resize"},
    {"names": "patn", "folder": "test", "frame": (256, 176), "prefix": "fasion-resize"},
    {"names": "patn", "folder": "test", "pictures": (256, 176), "frame": (256, 256), "prefix": "fasion"},
], ids=str)
def test_every_layout_gives_the_same_pairs(tmp_path, layout, size):
    data = DeepFashion(shop_tree(tmp_path, **layout), "test", size)
    assert len(data) == 3 and data.num_pictures == 4 and data.left_out == []
    assert data.frame == (CROPPED if layout.get("frame") else SQUARE) if layout.get("frame") != (256, 256) else True
    item = data[0]
    assert item["name"] == (
        "fashionWOMENBlousesShirtsid0000000101_1front___fashionWOMENBlousesShirtsid0000000101_3back"
    )
    assert item["condition_image"].shape == (3, *size) and item["target_parsing"].shape == size
    assert item["condition_image"].dtype == torch.float32 and item["target_parsing"].dtype == torch.int64
    for i in range(3):
        dots_lie_where_they_are_said_to(data[i], [1] * 18)
    left = 40 if size[0] != size[1] else 0
    wanted = scaled(PEOPLE[SHOP[3]], size[0] / 256, left)
    torch.testing.assert_close(data[2]["condition_keypoints"].double(), torch.from_numpy(wanted), atol=1e-3, rtol=0)


def test_cropping_a_square_is_x_less_40_and_changes_no_pixel(tmp_path):
    shop_tree(tmp_path)
    whole, middle = DeepFashion(tmp_path, "test", (256, 256))[0], DeepFashion(tmp_path, "test", (256, 176))[0]
    assert torch.equal(middle["condition_image"], whole["condition_image"][:, :, 40:216])
    assert torch.equal(middle["target_parsing"], whole["target_parsing"][:, 40:216])
    moved = whole["target_keypoints"] - torch.tensor([40.0, 0, 0])
    assert torch.equal(middle["target_keypoints"], moved)


def test_padding_the_middle_is_white_and_background(tmp_path):
    shop_tree(tmp_path, names="patn", folder="test", pictures=(256, 176))
    item = DeepFashion(tmp_path, "test", (256, 256))[0]
    for side in (slice(0, 40), slice(216, 256)):
        assert (item["condition_image"][:, :, side] == 1).all() and (item["condition_parsing"][:, side] == 0).all()
    dots_lie_where_they_are_said_to(item)


def test_stretching_keeps_everything_and_moves_joints_with_it(tmp_path):
    shop_tree(tmp_path, names="patn", folder="test", pictures=(256, 176))
    item = DeepFashion(tmp_path, "test", (256, 256), fit="stretch")[0]
    dots_lie_where_they_are_said_to(item)
    neck = (128 - 40 + 0.5) * 256 / 176 - 0.5
    assert float(item["condition_keypoints"][1, 0]) == pytest.approx(neck, abs=1e-3)


def test_pairs_can_be_made_by_the_rule(tmp_path):
    shop_tree(tmp_path, pairs=None)
    data = DeepFashion(tmp_path, "test")
    assert len(data) == 3 * 2 + 2 and data.pair_source is None and "made by the rule" in repr(data)
    pair_list(tmp_path / "fasion-pairs-test.csv", [(pose_gan_name(SHOP[0]), pose_gan_name(SHOP[2]))])
    assert len(DeepFashion(tmp_path, "test")) == 1 and len(DeepFashion(tmp_path, "test", pairs="rule")) == 8


def test_two_annotations_of_two_frames_are_told_apart_by_the_pictures(tmp_path):
    shop_tree(tmp_path, names="patn", folder="test", pictures=(256, 176), frame=(256, 176), prefix="fasion-resize")
    annotation(tmp_path / "fasion-annotation-test.csv", {pose_gan_name(parts): one for parts, one in PEOPLE.items()})
    data = DeepFashion(tmp_path, "test", (256, 176))
    assert data.keypoint_source.name == "fasion-resize-annotation-test.csv" and data.frame == CROPPED
    assert data.pair_source.name == "fasion-resize-pairs-test.csv"
    annotation(tmp_path / "fashion-resize-annotation-test.csv", {pose_gan_name(SHOP[0]): PEOPLE[SHOP[0]]})
    with pytest.raises(ValueError, match="2 annotation files of test are there: .*; say which with keypoints="):
        DeepFashion(tmp_path, "test", (256, 176))


@pytest.mark.parametrize("field", ["pose_keypoints", "pose_keypoints_2d"])
def test_openpose_folders_hold_pixels_of_the_pictures_and_the_largest_person_counts(tmp_path, field):
    shop_tree(tmp_path, folder="img_highres", pictures=(1101, 750))
    (tmp_path / "fasion-annotation-test.csv").unlink()
    for parts, joints in PEOPLE.items():
        person = scaled(joints, 1101 / 256, 40)
        small = scaled(joints, 0.3)
        path = tmp_path / "img_keypoint_json" / shop_path(parts).replace(".jpg", "_keypoints.json")
        openpose(path, [small, person], field)
    data = DeepFashion(tmp_path, "test", (256, 176))
    assert data.frame is None and len(data) == 3
    dots_lie_where_they_are_said_to(data[1], [1] * 18)


def test_openpose_folders_without_pairs_need_the_list_of_the_split(tmp_path):
    shop_tree(tmp_path, pairs=None)
    (tmp_path / "fasion-annotation-test.csv").unlink()
    for parts, joints in PEOPLE.items():
        openpose(tmp_path / "img_keypoint_json" / shop_path(parts).replace(".jpg", "_keypoints.json"), [joints])
    with pytest.raises(FileNotFoundError, match="nothing says which pictures are in split 'test'"):
        DeepFashion(tmp_path, "test")
    lines = [f"img/{shop_path(parts)} id_{parts[2]} {'query' if parts[0] == 'MEN' else 'train'}" for parts in SHOP]
    eval_list = tmp_path / "Eval" / "list_eval_partition.txt"
    eval_list.parent.mkdir()
    eval_list.write_text("\n".join(["5", "image_name item_id evaluation_status", *lines]) + "\n")
    assert len(DeepFashion(tmp_path, "test")) == 2 and len(DeepFashion(tmp_path, "train")) == 6
    (tmp_path / "train.lst").write_text("".join(patn_name(parts) + "\n" for parts in SHOP[1:3]))
    assert len(DeepFashion(tmp_path, "train")) == 2


@pytest.mark.parametrize("pictures", [(256, 256), (256, 176), (1101, 750)])
def test_coco_files_say_for_which_size_they_are(tmp_path, pictures):
    shop_tree(tmp_path, pictures=pictures)
    order = (0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10)
    images, people = [], []
    for number, (parts, joints) in enumerate(PEOPLE.items()):
        images.append({"id": number, "file_name": shop_path(parts), "height": 512, "width": 512})
        double = scaled(joints, 2)[list(order)] * (1, 1, 2)
        people.append({"image_id": number, "keypoints": double.ravel().tolist(), "iscrowd": 0})
    (tmp_path / "coco.json").write_text(json.dumps({"images": images, "annotations": people}))
    item = DeepFashion(tmp_path, "test", (256, 176), keypoints=tmp_path / "coco.json")[0]
    item["condition_keypoints"][1] = item["target_keypoints"][1] = 0  # COCO has no neck: it lies between the shoulders
    dots_lie_where_they_are_said_to(item)


def test_training_pairs_of_items_in_the_test_split_can_be_left_out(tmp_path):
    for split in ("train", "test"):
        shop_tree(tmp_path, split=split, pairs=None)
    rows = {pose_gan_name(parts): PEOPLE[parts] for parts in SHOP[3:]}
    rows[pose_gan_name(("WOMEN", "Skirts", "00000080", "09", "1_front"))] = PEOPLE[SHOP[0]]
    annotation(tmp_path / "fasion-annotation-test.csv", {name: rows[name] for name in list(rows)[:2]})
    usual, disjoint = DeepFashion(tmp_path, "train"), DeepFashion(tmp_path, "train", disjoint=True)
    assert len(usual) == 8 and len(disjoint) == 6 and not any("id00000080" in disjoint[i]["name"] for i in range(6))
    assert len(DeepFashion(tmp_path, "test", disjoint=True)) == 2
    (tmp_path / "fasion-annotation-test.csv").unlink()
    with pytest.raises(FileNotFoundError, match="nothing says which pictures are in split 'test'.*kept apart"):
        DeepFashion(tmp_path, "train", disjoint=True)


def test_folders_of_maps_are_not_taken_for_pictures(tmp_path):
    shop_tree(tmp_path)
    (tmp_path / "parsing").mkdir()
    (tmp_path / "img_parsing_all").rename(tmp_path / "parsing" / "test")
    dots_lie_where_they_are_said_to(DeepFashion(tmp_path, "test")[0])


def test_more_than_256_rows_are_taken_from_the_high_resolution(tmp_path):
    shop_tree(tmp_path)
    for parts, joints in PEOPLE.items():
        save(tmp_path / "img_highres" / shop_path(parts), draw(scaled(joints, 1101 / 256, 40), (1101, 750))[0])
    dots_lie_where_they_are_said_to(DeepFashion(tmp_path, "test", (512, 352))[0])
    assert DeepFashion(tmp_path, "test", (512, 352))._pictures.name == "img_highres"
    assert DeepFashion(tmp_path, "test", (256, 176))._pictures.name == "img"


def test_the_authors_list_of_pairs_is_read(tmp_path):
    shop_tree(tmp_path, pairs=None)
    lines = [f"img/{shop_path(one)}  img/{shop_path(other)}  {split}" for one, other, split in
             ((SHOP[0], SHOP[2], "train"), (SHOP[3], SHOP[4], "test"), (SHOP[4], SHOP[3], "test"))]
    (tmp_path / "pairs.txt").write_text("\n".join(lines))
    data = DeepFashion(tmp_path, "test", pairs=tmp_path / "pairs.txt")
    assert [data[i]["name"].count("MENDenim") for i in range(len(data))] == [2, 2]


def test_it_goes_to_workers(tmp_path):
    data = DeepFashion(shop_tree(tmp_path), "test", (256, 176), convention="lip")
    again = ForkingPickler.loads(ForkingPickler.dumps(data))
    assert torch.equal(again[1]["target_image"], data[1]["target_image"]) and again.convention == "lip"
    assert repr(again) == repr(data) and "frame 256x256" in repr(data)


@pytest.mark.parametrize("prefix, kind, size, rows, valid, pairs", [
    ("fasion", DeepFashion, (256, 256), 454, 434, 480), ("market", Market1501, (128, 64), 468, 441, 1040),
])
def test_published_rows_resolve_or_are_reported(realdata, tmp_path, prefix, kind, size, rows, valid, pairs):
    names = list(read_annotation_csv(realdata / "posegan_csv" / f"{prefix}-annotation-test-small.csv"))
    save(tmp_path / "grey.png", np.full((*size, 3), 90, np.uint8))
    for name in names:  # under PATN's names in the folder, under pose-gan's in the lists
        renamed = tmp_path / "test" / name.replace("fasion", "fashion").replace("BlousesShirts", "Blouses_Shirts")
        renamed.parent.mkdir(exist_ok=True)
        os.link(tmp_path / "grey.png", renamed.with_suffix(".png"))
    for what in ("annotation", "pairs"):
        source = realdata / "posegan_csv" / f"{prefix}-{what}-test-small.csv"
        (tmp_path / f"{prefix}-{what}-test.csv").write_bytes(source.read_bytes())
    listed, made = (kind(tmp_path, "test", size, parsing=False, pairs=which) for which in (None, "rule"))
    assert len(listed) == 200 and listed.left_out == [] and len(made) == pairs
    reasons = [reason for _, reason in made.left_out]
    assert len(made.left_out) + made.num_pictures == rows and rows - len(reasons) + reasons.count("alone") == valid
    kinds = {reason.partition(":")[0] for reason in reasons} - {"alone", "no person"}
    assert kinds == (set() if prefix == "fasion" else {"part of a person", "distractor", "junk"})
    assert made.frame == (SQUARE if prefix == "fasion" else None)
    for number in range(0, pairs, 40):
        assert made[number]["condition_keypoints"][[2, 5, 8, 11], 2].all()


def test_batches_take_its_pairs(tmp_path):
    data = DeepFashion(shop_tree(tmp_path), "test", (256, 176))
    batch = collate([data[0], data[2]])
    assert batch.pose_map.shape == (2, 18, 256, 176) and batch.condition_onehot.shape == (2, 20, 256, 176)


@pytest.mark.parametrize("size, prefix, form", [
    ((256, 176), "fasion-resize", "deepfashion"), ((128, 64), "people", "plain"), ((128, 64), "fashion", "deepfashion"),
])
def test_exported_people_come_back(tmp_path, size, prefix, form):
    people = RenderedPeople("test", size, people=2, poses=2, cache=tmp_path / "cache", progress=False)
    export(people, tmp_path / "out", prefix=prefix, names=form)
    data = DeepFashion(tmp_path / "out", "test", size)
    assert len(data) == len(people)
    for i in range(len(people)):
        found, true = data[i], people[i]
        for role in ("condition", "target"):
            torch.testing.assert_close(found[f"{role}_image"], true[f"{role}_image"])
            assert torch.equal(found[f"{role}_parsing"], true[f"{role}_parsing"])
            near = (found[f"{role}_keypoints"] - true[f"{role}_keypoints"])[found[f"{role}_keypoints"][:, 2] > 0]
            assert near.abs().max() <= 0.5 and found[f"{role}_keypoints"][:, 2].sum() > 9
