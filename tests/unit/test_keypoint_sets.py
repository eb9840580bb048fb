"""Keypoints of many pictures: the same joints whatever file they stand in, and one rule for several people."""

import json

import numpy as np
import pytest
import torch
from real_trees import annotation, openpose, place

from warpgan.keypoint_sets import largest, read_keypoints
from warpgan.keypoints import from_coco17, read_openpose_json


def joints(scale=1.0, shift=0, missing=()):
    found = place(shift, missing).astype(float)
    found[:, :2] *= scale
    return torch.from_numpy(found).float()


def test_all_forms_give_the_same_joints(tmp_path):
    people = {"a": place(), "b": place(9, (3, 17))}
    annotation(tmp_path / "a.csv", {f"{name}.jpg": one for name, one in people.items()})
    for name, one in people.items():
        openpose(tmp_path / "body25" / "deep" / f"{name}_keypoints.json", [one])
        openpose(tmp_path / "body18" / f"{name}.json", [one], "pose_keypoints")
    table = read_keypoints(tmp_path / "a.csv")
    assert (table.kind, list(table.keypoints)) == ("csv", ["a.jpg", "b.jpg"])
    for folder, names in (("body25", ["deep/a", "deep/b"]), ("body18", ["a", "b"])):
        found = read_keypoints(tmp_path / folder)
        assert (found.kind, list(found.keypoints), found.sizes) == ("openpose", names, {})
        for one, other in zip(found.keypoints.values(), table.keypoints.values()):
            assert torch.equal(one, other)


def test_the_largest_person_is_chosen_whatever_the_order():
    near, far, hint = joints(), joints(0.5, missing=(9, 10)), joints(3, missing=range(1, 18))
    nobody = torch.zeros(18, 3)
    for order in ([near, far, hint, nobody], [nobody, hint, far, near], [far, near]):
        assert torch.equal(largest(order), near)
    assert torch.equal(largest([hint, nobody]), hint)  # one joint is more than none
    assert torch.equal(largest([]), nobody) and torch.equal(largest([nobody]), nobody)
    fewer = near.clone()
    fewer[3] = 0  # an elbow inside the box
    assert torch.equal(largest([fewer, near]), near)
    twin = near + torch.tensor([5.0, 0, 0]) * near[:, 2:]
    assert torch.equal(largest([near, twin]), near) and torch.equal(largest([twin, near]), twin)  # the first of equals


def test_real_results_with_several_people(realdata):
    found = read_keypoints(realdata / "openpose_json")
    assert sorted(found.keypoints) == ["hmr_random_keypoints_body18_2people", "pifuhd_test_keypoints_body25_3people",
                                       "spin_im1010_body25"]
    for name, chosen in found.keypoints.items():
        people = json.loads((realdata / "openpose_json" / f"{name}.json").read_text())["people"]
        boxes = []
        for person in people:
            numbers = np.array(person.get("pose_keypoints_2d") or person["pose_keypoints"]).reshape(-1, 3)
            body = numbers[[*range(8), *range(9, 19)]] if len(numbers) == 25 else numbers
            places = body[body[:, 2] > 0, :2]
            boxes.append(np.prod(places.max(0) - places.min(0)))
        best = read_openpose_json(realdata / "openpose_json" / f"{name}.json", person=int(np.argmax(boxes)))
        assert torch.equal(chosen, best)


def test_real_coco(realdata):
    found = read_keypoints(realdata / "coco" / "test_coco.json")
    assert found.kind == "coco" and found.sizes["000000000785.jpg"] == (425, 640) and len(found.keypoints) == 4
    data = json.loads((realdata / "coco" / "test_coco.json").read_text())
    skier = next(one for one in data["annotations"] if one["image_id"] == 785)
    assert torch.equal(found.keypoints["000000000785.jpg"], from_coco17(torch.tensor(skier["keypoints"]).view(17, 3)))
    assert all(one[:, 2].sum() > 10 for one in found.keypoints.values())


def coco(tmp_path, change):
    data = {"images": [{"id": 1, "file_name": "a.jpg", "height": 9, "width": 9}],
            "annotations": [{"image_id": 1, "keypoints": [1.0] * 51}]}
    change(data)
    (tmp_path / "coco.json").write_text(json.dumps(data))
    return tmp_path / "coco.json"


def test_crowds_are_nobody(tmp_path):
    found = read_keypoints(coco(tmp_path, lambda data: data["annotations"][0].update(iscrowd=1)))
    assert found.keypoints["a.jpg"].abs().sum() == 0


@pytest.mark.parametrize("change, words", [
    (lambda d: d.pop("images"), "no list 'images'"), (lambda d: d.update(annotations={}), "no list 'annotations'"),
    (lambda d: d["images"][0].pop("height"), r"images\[0\]: lacks 'height'; expected id, file_name"),
    (lambda d: d["images"][0].update(width=9.5), r"images\[0\]: .*whole numbers"),
    (lambda d: d["images"].append({**d["images"][0], "id": 2}), r"images\[1\]: picture a.jpg is listed a second time"),
    (lambda d: d["images"].append(d["images"][0]), r"images\[1\]: .*a second time"),
    (lambda d: d["images"].append(3), r"images\[1\]"), (lambda d: d["annotations"].append(3), r"annotations\[1\]"),
    (lambda d: d["images"][0].update(id=[1]), r"images\[0\]"),
    (lambda d: d["annotations"][0].update(image_id=7), r"annotations\[0\]: its image_id is that of no picture"),
    (lambda d: d["annotations"][0].update(image_id=[]), r"annotations\[0\]: its image_id"),
    (lambda d: d["annotations"][0].update(keypoints=[1] * 50), r"annotations\[0\]: keypoints are no list of 51"),
    (lambda d: d["annotations"][0].update(keypoints=[float("nan")] * 51), "NaN, which is no number of JSON"),
    (lambda d: d["annotations"][0].update(keypoints=[10**400] * 51), r"annotations\[0\]: keypoints are no list"),
])
def test_coco_that_is_not_coco(tmp_path, change, words):
    with pytest.raises(ValueError, match=f"coco.json.*{words}"):
        read_keypoints(coco(tmp_path, change))


@pytest.mark.parametrize("person, words", [
    (3, "person 0 is a int; fields like pose_keypoints_2d"), ({"pose_keypoints_2d": "x" * 75}, "not a list of numbers"),
    ({"pose_keypoints_2d": [None] * 75}, "not a list of numbers"), ({}, "person 0 has 0 numbers"),
    ({"pose_keypoints": [float("nan")] * 54}, "NaN, which is no number of JSON"),
    ({"pose_keypoints": [10**400] * 54}, "joint 0 has x 100000000, y 100000000"),
])
def test_people_that_are_none(tmp_path, person, words):
    (tmp_path / "a_keypoints.json").write_text(json.dumps({"people": [person]}))
    with pytest.raises(ValueError, match=f"a_keypoints.json: .*{words}"):
        read_keypoints(tmp_path)


def test_what_is_not_there_or_of_no_kind(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no .json file"):
        read_keypoints(tmp_path)
    with pytest.raises(FileNotFoundError, match="a.csv: no such file or folder"):
        read_keypoints(tmp_path / "a.csv")
    (tmp_path / "a.npy").write_bytes(b"")
    with pytest.raises(ValueError, match="a.npy: keypoints are an annotation .csv, a COCO .json or a folder"):
        read_keypoints(tmp_path / "a.npy")
