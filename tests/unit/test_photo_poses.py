"""Joints from a detector, a file or by hand: the same person gives the same 18 joints, in the photo's own pixels."""

import json

import pytest
import torch
from photo_people import standing

from warpgan.labels import KEYPOINTS, LEFT_SHOULDER, NECK, RIGHT_EYE, RIGHT_SHOULDER
from warpgan.photo_files import Photo
from warpgan.photo_poses import (
    LONGEST,
    build_detector,
    detect_people,
    find_keypoints,
    keypoints_by_hand,
    load_detector,
)

# COCO's order, written out here by its names.
COCO = (
    "nose", "left-eye", "right-eye", "left-ear", "right-ear", "left-shoulder", "right-shoulder", "left-elbow",
    "right-elbow", "left-wrist", "right-wrist", "left-hip", "right-hip", "left-knee", "right-knee", "left-ankle",
    "right-ankle",
)


class Detector:
    """Finds the same people in every picture, and remembers what it was shown."""

    def __init__(self, *people, scale=1.0):
        self.people, self.scale, self.shown = people, scale, []

    def __call__(self, pictures):
        self.shown += pictures
        found = {"boxes": [], "scores": [], "keypoints": [], "keypoints_scores": [], "labels": []}
        for keypoints, score, seen in self.people:
            coco = torch.stack([keypoints[KEYPOINTS.index(name)] for name in COCO]) * self.scale
            coco[:, 2] = 1  # what the network says of every joint, seen or not
            places = coco[:, :2]
            found["boxes"].append(torch.cat([places.amin(0), places.amax(0)]))
            found["scores"].append(torch.tensor(score))
            found["keypoints"].append(coco)
            found["keypoints_scores"].append(torch.tensor([9.0 if name in seen else 0.5 for name in COCO]))
            found["labels"].append(torch.tensor(1))
        shapes = {"boxes": (0, 4), "scores": (0,), "keypoints": (0, 17, 3), "keypoints_scores": (0, 17), "labels": (0,)}
        return [{key: torch.stack(v) if v else torch.zeros(shapes[key]) for key, v in found.items()}]


def photo_of(height, width, full=None, path=None):
    return Photo(torch.zeros(3, height, width, dtype=torch.uint8), full or (height, width), (), path)


def test_joints_come_in_our_order_and_unseen_ones_are_missing():
    detector = Detector((standing(), 0.9, [name for name in COCO if name != "right-eye"]))
    (person,) = detect_people(photo_of(300, 400), detector=detector)
    expected = standing()
    expected[RIGHT_EYE] = 0
    torch.testing.assert_close(person.keypoints, expected)
    assert person.score == pytest.approx(0.9) and len(detector.shown) == 1
    assert detector.shown[0].shape == (3, 300, 400) and detector.shown[0].dtype == torch.float32


def test_the_largest_person_comes_first_and_doubtful_ones_are_left_out():
    detector = Detector((standing(100), 0.99, COCO), (standing(200), 0.8, COCO), (standing(240), 0.3, COCO))
    people = detect_people(photo_of(300, 400), detector=detector)
    assert [round(one.score, 2) for one in people] == [0.8, 0.99]
    assert len(detect_people(photo_of(300, 400), detector=detector, score=0.1)) == 3
    assert detect_people(photo_of(300, 400), detector=Detector()) == []


def test_a_large_photo_is_shown_small_and_its_joints_are_in_the_files_pixels():
    detector = Detector((standing(200), 0.9, COCO), scale=1.0)
    (person,) = detect_people(photo_of(3000, 4000, full=(6000, 8000)), detector=detector)
    assert detector.shown[0].shape == (3, 1000, LONGEST)
    factor = torch.tensor([8000 / LONGEST, 6.0])
    torch.testing.assert_close(person.keypoints[:, :2], (standing(200)[:, :2] + 0.5) * factor - 0.5)
    assert person.box[2] == pytest.approx(170.0 * 8000 / LONGEST)


def test_by_hand():
    keypoints = keypoints_by_hand([("nose", 10, 20), ("left-shoulder", 30.5, 40), ("right-shoulder", 10.5, 44)])
    assert keypoints.shape == (18, 3) and int(keypoints[:, 2].sum()) == 4
    assert keypoints[NECK].tolist() == [20.5, 42, 1] and keypoints[LEFT_SHOULDER].tolist() == [30.5, 40, 1]
    given = keypoints_by_hand([("neck", 1, 2), ("left-shoulder", 30, 40), ("right-shoulder", 10, 44)])
    assert given[NECK].tolist() == [1, 2, 1] and given[RIGHT_SHOULDER, 2] == 1


@pytest.mark.parametrize(
    "points, sentence",
    [
        ([("left knee", 1, 2)], "point 0: no joint is called 'left knee'; did you mean left-knee or"),
        ([("tail", 1, 2)], "no joint is called 'tail'; "),
        ([("nose", 1, 2), ("nose", 3, 4)], "point 1: nose is given a second time"),
        ([("nose", 1, float("nan"))], "point 0 .nose.: x 1 and y nan are not both numbers"),
        ([("nose", "1", 2)], "x '1' and y 2 are not both numbers"),
        ([("nose", 1)], r"point 0 is \('nose', 1\); expected \(name, x, y\)"),
        ([], "keypoints by hand: no person"),
    ],
)
def test_slips_of_the_hand_are_told(points, sentence):
    with pytest.raises(ValueError, match=sentence):
        keypoints_by_hand(points)


def test_every_source_gives_the_same_joints(tmp_path):
    photo = photo_of(300, 400, path=tmp_path / "me.jpg")
    expected = standing(200).round()
    numbers = torch.cat([expected[:, :2], torch.full((18, 1), 0.8)], dim=1).flatten().tolist()
    (tmp_path / "pose.json").write_text(json.dumps({"people": [{"pose_keypoints_2d": numbers}]}))
    y, x = ([int(v) for v in expected[:, axis]] for axis in (1, 0))
    (tmp_path / "poses.csv").write_text(f"name:keypoints_y:keypoints_x\nme.jpg: {y}: {x}\n")
    hand = [(name, *place) for name, place in zip(KEYPOINTS, expected[:, :2].tolist(), strict=True)]
    for source in (expected, tmp_path / "pose.json", str(tmp_path / "poses.csv"), hand):
        keypoints, box, note = find_keypoints(source, photo)
        assert torch.equal(keypoints, expected) and box is None and "keypoints" in note
    keypoints, box, note = find_keypoints("detect", photo, detector=Detector((expected, 0.9, COCO)))
    torch.testing.assert_close(keypoints, expected)
    assert box == (130, 50, 170, 250) and "person 0 of 1 detected (score 0.90)" in note


def coco_file(path, size):
    """A COCO file of me.jpg, of this (height, width)."""
    numbers = torch.stack([standing(200)[KEYPOINTS.index(name)] for name in COCO]).flatten().tolist()
    image = {"id": 3, "file_name": "me.jpg", "height": size[0], "width": size[1]}
    path.write_text(json.dumps({"images": [image], "annotations": [{"image_id": 3, "keypoints": numbers}]}))
    return path


def test_a_coco_file_is_of_any_size_of_the_same_shape(tmp_path):
    photo = photo_of(300, 400, path=tmp_path / "me.jpg")
    keypoints, _, _ = find_keypoints(coco_file(tmp_path / "coco.json", (300, 400)), photo)
    torch.testing.assert_close(keypoints, standing(200))
    doubled = photo_of(300, 400, full=(601, 800), path=tmp_path / "me.jpg")
    keypoints, _, _ = find_keypoints(tmp_path / "coco.json", doubled)
    torch.testing.assert_close(keypoints[:, :2], standing(200)[:, :2] * 2 + 0.5, atol=1, rtol=0)
    with pytest.raises(ValueError, match="coco.json, me.jpg: keypoints are of a picture 256 wide and 256 high"):
        find_keypoints(coco_file(tmp_path / "coco.json", (256, 256)), photo)


def test_the_largest_of_several_people_is_taken_unless_one_is_named(tmp_path):
    people = []
    for height in (100, 200, 150):
        numbers = torch.cat([standing(height)[:, :2], torch.full((18, 1), 0.8)], dim=1).flatten().tolist()
        people.append({"pose_keypoints_2d": numbers})
    (tmp_path / "pose.json").write_text(json.dumps({"people": people}))
    for person, height in ((None, 200), (0, 100), (2, 150)):
        found, _, _ = find_keypoints(tmp_path / "pose.json", photo_of(300, 400), person=person)
        torch.testing.assert_close(found, standing(height))
    with pytest.raises(ValueError, match="person 3 is asked for and 3 people were found"):
        find_keypoints(tmp_path / "pose.json", photo_of(300, 400), person=3)


def test_nobody_is_told(tmp_path):
    photo = photo_of(300, 400, path=tmp_path / "me.jpg")
    with pytest.raises(ValueError, match="me.jpg: person 0 is asked for and 0 people were detected"):
        find_keypoints("detect", photo, detector=Detector())
    (tmp_path / "poses.csv").write_text("name:keypoints_y:keypoints_x\n")
    with pytest.raises(ValueError, match="poses.csv: has keypoints of 0 pictures and none of 'me.jpg'"):
        find_keypoints(tmp_path / "poses.csv", photo)
    (tmp_path / "none.json").write_text('{"people": []}')
    with pytest.raises(ValueError, match="none.json: no person"):
        find_keypoints(tmp_path / "none.json", photo)
    with pytest.raises(FileNotFoundError, match="pose.json: no such file"):
        find_keypoints(tmp_path / "pose.json", photo)
    with pytest.raises(ValueError, match="keypoints is an empty text; expected a file"):
        find_keypoints("", photo)


@pytest.mark.parametrize("name, person, joints", [
    ("hmr_random_keypoints_body18_2people.json", 1, 18), ("pifuhd_test_keypoints_body25_3people.json", 0, 18),
    ("spin_im1010_body25.json", 0, 15),
])
def test_real_openpose_files(realdata, name, person, joints):
    keypoints, _, note = find_keypoints(realdata / "openpose_json" / name, photo_of(700, 700), person=person)
    assert keypoints.shape == (18, 3) and name in note and int(keypoints[:, 2].sum()) <= joints


def test_the_skier_is_found_in_her_coco_file(realdata):
    photo = photo_of(425, 640, path=realdata / "coco" / "000000000785.jpg")
    keypoints, _, _ = find_keypoints(realdata / "coco" / "test_coco.json", photo)
    assert int(keypoints[:, 2].sum()) == 18 and keypoints[0].tolist() == [367, 81, 1]


def test_without_weights_a_sentence_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        load_detector(folder=tmp_path)
    for part in ("keypointrcnn_resnet50_fpn_coco-fc266e95.pth", "226 MiB", "download=True", "keypoints_by_hand"):
        assert part in str(error.value)
    assert list(tmp_path.iterdir()) == []


def tiny(network):
    """Let a detector work on 64 pixels and answer with its two surest people, for time."""
    network.transform.min_size, network.transform.max_size = (64,), 64
    network.roi_heads.score_thresh, network.roi_heads.detections_per_img = 0.0, 2
    return network


def test_the_network_is_torchvisions_own(tmp_path, monkeypatch):
    from torchvision.models.detection import KeypointRCNN_ResNet50_FPN_Weights, keypointrcnn_resnet50_fpn

    from warpgan import photo_poses

    torch.manual_seed(0)
    published = build_detector().state_dict()
    monkeypatch.setattr(KeypointRCNN_ResNet50_FPN_Weights, "get_state_dict", lambda self, **options: published)
    monkeypatch.setattr(photo_poses, "fetch", lambda name, **options: tmp_path / name)
    asked = {}
    monkeypatch.setattr(torch, "load", lambda path, **options: asked.update(options, path=path) or published)
    theirs = tiny(keypointrcnn_resnet50_fpn(weights="DEFAULT").eval())
    ours = tiny(load_detector())
    assert asked["weights_only"] is True and asked["path"].name == "keypointrcnn_resnet50_fpn"
    assert sum(p.numel() for p in ours.parameters()) == 59_137_258  # as published
    photo = Photo(torch.randint(0, 256, (3, 64, 64), dtype=torch.uint8), (64, 64))
    expected = detect_people(photo, detector=theirs, score=0.0, joint_score=-1e9)
    found = detect_people(photo, detector=ours, score=0.0, joint_score=-1e9)
    assert len(found) == 2 and [one.box for one in found] == [one.box for one in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.keypoints.shape == (18, 3) and torch.equal(one.keypoints, other.keypoints)
