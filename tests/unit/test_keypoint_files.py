"""Keypoint files: real samples, then every fault told in one sentence with file and row."""

import json
import time

import pytest
import torch

from warpgan.keypoints import is_valid, read_annotation_csv, read_openpose_json

HEADER = "name:keypoints_y:keypoints_x"
# Row 1 of the Market-1501 sample, and somebody nobody found.
Y = [-1, 26, 27, 48, 64, 25, 46, 60, 66, 91, 118, 65, 88, 111, -1, -1, 12, 11]
X = [-1, 33, 49, 53, 50, 17, 9, 10, 38, 33, 28, 19, 18, 19, -1, -1, 42, 29]
NOBODY = [-1] * 18


def write(path, *rows, header=HEADER):
    fields = [[one if isinstance(one, str) else json.dumps(one) for one in row] for row in rows]
    path.write_text("\n".join([header, *map(": ".join, fields)]) + "\n")
    return path


def test_y_comes_first_and_minus_one_is_missing(tmp_path):
    found = read_annotation_csv(write(tmp_path / "a.csv", ("0011.jpg", Y, X), ("0012.jpg", NOBODY, NOBODY)))
    assert list(found) == ["0011.jpg", "0012.jpg"]
    assert found["0011.jpg"][1].tolist() == [33, 26, 1]  # neck: x, y, present
    assert found["0011.jpg"][[0, 14, 15]].abs().sum() == 0 and found["0011.jpg"][:, 2].sum() == 15
    assert found["0012.jpg"].abs().sum() == 0 and found["0012.jpg"].shape == (18, 3)


def test_columns_are_found_by_their_names(tmp_path):
    usual = read_annotation_csv(write(tmp_path / "a.csv", ("p.jpg", Y, X)))
    path = write(tmp_path / "b.csv", ("p.jpg", X, Y), header="name:keypoints_x:keypoints_y")
    other = read_annotation_csv(path)
    assert torch.equal(usual["p.jpg"], other["p.jpg"])


def test_joints_left_of_a_crop_are_missing_without_complaint(tmp_path):
    cropped = [x - 12 if x >= 0 else -1 for x in X]  # one joint at -3, as PATN's resize script leaves them
    found = read_annotation_csv(write(tmp_path / "a.csv", ("p.jpg", Y, cropped)))["p.jpg"]
    assert found[6].tolist() == [0, 0, 0] and found[1].tolist() == [21, 26, 1]


def test_45000_rows_take_seconds(tmp_path):
    path = write(tmp_path / "big.csv", *((f"{i:05}.jpg", Y, X) for i in range(45_000)))
    start = time.perf_counter()
    assert len(read_annotation_csv(path, size=(128, 64))) == 45_000
    assert time.perf_counter() - start < 15


@pytest.mark.parametrize(
    "name, size, rows, nobody",
    [
        ("posegan_csv/market-annotation-test-small.csv", (128, 64), 468, 20),
        ("posegan_csv/fasion-annotation-test-small.csv", (256, 256), 454, 20),
        ("market1501/annotation.csv", (128, 64), 2, 0),
    ],
)
def test_real_annotations(realdata, name, size, rows, nobody):
    found = read_annotation_csv(realdata / name, size=size)
    assert len(found) == rows
    everybody = torch.stack(list(found.values()))
    assert int((everybody[..., 2].sum(1) == 0).sum()) == nobody
    places = everybody[..., :2][everybody[..., 2] > 0]
    assert places.min() >= 0 and (places < torch.tensor([size[1], size[0]])).all()
    # In people who face us (right shoulder on the left of the picture) the right eye and ear are left too.
    faces_us = (everybody[:, [2, 5], 2] > 0).all(1) & (everybody[:, 2, 0] < everybody[:, 5, 0])
    for right, left in ((14, 15), (16, 17)):
        seen = everybody[faces_us & (everybody[:, [right, left], 2] > 0).all(1)]
        assert (seen[:, right, 0] < seen[:, left, 0]).float().mean() > 0.99 or len(seen) < 3
    assert sum(map(is_valid, everybody)) > rows / 2


@pytest.mark.parametrize("name, size", [("market", (128, 64)), ("fasion", (256, 256)), ("fasion", None)])
def test_real_annotations_with_y_and_x_exchanged_are_refused(realdata, tmp_path, name, size):
    lines = (realdata / "posegan_csv" / f"{name}-annotation-test-small.csv").read_text().splitlines()
    path = tmp_path / "exchanged.csv"
    swapped = [f"{a}:{c}:{b}" for a, b, c in (line.split(":") for line in lines[1:])]
    path.write_text("\n".join([lines[0], *swapped]))
    with pytest.raises(ValueError, match="exchanged.csv: .*y and x look exchanged"):
        read_annotation_csv(path, size=size)


def test_exchanged_is_told_and_lying_people_can_be_let_in(tmp_path):
    path = write(tmp_path / "a.csv", ("p.jpg", X, Y))
    with pytest.raises(ValueError, match="x reaches 118 and y 53 in a frame 64 wide and 128 high; y and x"):
        read_annotation_csv(path, size=(128, 64))
    with pytest.raises(ValueError, match="a.csv: .*further across than down.*upright=False"):
        read_annotation_csv(path)
    assert read_annotation_csv(path, upright=False)["p.jpg"][1].tolist() == [26, 33, 1]


@pytest.mark.parametrize(
    "row, sentence",
    [
        (("p.jpg", Y[:17], X), "row 2 .p.jpg.: keypoints_y has 17 numbers where 18 are expected"),
        (("p.jpg", Y, [*X, 3]), "row 2 .p.jpg.: keypoints_x has 19 numbers where 18 are expected"),
        (("p.jpg", Y, "[1, 2"), "row 2 .p.jpg.: keypoints_x is not a list of whole numbers"),
        (("p.jpg", Y, [*X[:17], 1.5]), "row 2 .p.jpg.: keypoints_x is not a list of whole numbers"),
        (("p.jpg", Y, [*X[:17], True]), "row 2 .p.jpg.: keypoints_x is not a list of whole numbers"),
        (("p.jpg", Y, [*X[:17], -1]), "row 2 .p.jpg.: joint 17 has x -1 and y 11; a missing joint is -1"),
        (("C:p.jpg", Y, X), "row 2: 4 fields separated by colons where 3 are expected"),
    ],
)
def test_a_bad_row_is_named(tmp_path, row, sentence):
    with pytest.raises(ValueError, match=f"bad.csv, {sentence}"):
        read_annotation_csv(write(tmp_path / "bad.csv", row))


def test_unknown_headers_and_double_names_are_refused(tmp_path):
    with pytest.raises(ValueError, match="the first line is 'from,to' where name:keypoints_y:keypoints_x is"):
        read_annotation_csv(write(tmp_path / "pairs.csv", header="from,to"))
    with pytest.raises(ValueError, match="row 3: picture p.jpg is annotated a second time"):
        read_annotation_csv(write(tmp_path / "a.csv", ("p.jpg", Y, X), ("p.jpg", Y, X)))


@pytest.mark.parametrize(
    "name, person, present, nose, left_ankle",
    [
        ("hmr_random_keypoints_body18_2people.json", 0, 15, (0, 0), (393.798, 583.159)),
        ("pifuhd_test_keypoints_body25_3people.json", 0, 18, (251.14, 70.0905), (316.553, 472.555)),
        ("spin_im1010_body25.json", 0, 15, (66.4171, 47.0342), (118.893, 155.601)),
    ],
)
def test_real_openpose_results(realdata, name, person, present, nose, left_ankle):
    found = read_openpose_json(realdata / "openpose_json" / name, person=person)
    assert found.shape == (18, 3) and int(found[:, 2].sum()) == present
    torch.testing.assert_close(found[0, :2], torch.tensor(nose, dtype=torch.float32))
    torch.testing.assert_close(found[13, :2], torch.tensor(left_ankle))


def test_openpose_and_photo_share_a_frame(realdata):
    found = read_openpose_json(realdata / "viton" / "pose" / "000001_0_keypoints.json")
    assert found[2].tolist() == [73, 75, 1] and found[5].tolist() == [134, 86, 1]  # she faces us


@pytest.mark.parametrize(
    "content, person, sentence",
    [
        ({"people": []}, 0, "person 0 is asked for and 0 people were found"),
        ({"people": [{"pose_keypoints_2d": [0.0] * 51}]}, 0, "person 0 has 51 numbers in pose_keypoints; 54"),
        ({"persons": []}, 0, "no list of people"),
    ],
)
def test_other_json_is_refused(tmp_path, content, person, sentence):
    path = tmp_path / "pose.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=f"pose.json: {sentence}"):
        read_openpose_json(path, person=person)
