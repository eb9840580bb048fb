"""The data card of the rendered people says what was measured, and what is committed belongs to these pictures."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest

from figures import people, people_card, people_sheet, truths
from warpgan import labels
from warpgan.people.shards import VERSION

ROOT = Path(__file__).resolve().parents[2]


def made(number, poses, size, *, style="plain", split="test", seed=0, extras=()):
    """A person of flat colours, standing in the middle and seen alike in all poses."""
    height, width = size
    parsing = np.zeros(size, np.uint8)
    for row, label in enumerate((labels.FACE, labels.UPPER_CLOTHES, labels.PANTS, labels.LEFT_SHOE)):
        parsing[(row + 1) * height // 8:(row + 2) * height // 8, width // 4:3 * width // 4] = label
    y, x = np.mgrid[:height, :width]
    places = np.where(parsing[..., None] > 0, np.stack([x, y], -1), -1).astype(np.float32)
    points = np.zeros((18, 3), np.float32)
    for joint, row in ((labels.NOSE, 1), (labels.NECK, 2), (labels.LEFT_ELBOW, 2), (labels.LEFT_KNEE, 3),
                       (labels.RIGHT_KNEE, 4), *((joint, 2) for joint in labels.TORSO)):
        points[joint] = width / 2, (row + 0.5) * height / 8, 1
    picture = np.full((*size, 3), 40 * (number % 5), np.uint8)
    return {"images": np.stack([picture] * poses), "unlit": np.stack([picture] * poses), "views": ["front"] * poses,
            "parsings": np.stack([parsing] * poses), "pure": np.ones((poses, *size), bool),
            "keypoints": np.stack([points] * poses), "visible": np.stack([points[:, 2] > 0] * poses),
            "correspondences": np.broadcast_to(places, (poses, poses, *places.shape)),
            "depth": np.stack([np.where(parsing > 0, 5.0, 0.0)] * poses), "normals": np.zeros((poses, *size, 3))}


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """The folder in which everything was measured, drawn and written, of flat people."""
    root = tmp_path_factory.mktemp("root")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(truths, "person", made)
        assert people.main(["--people", "5", "--pairs", "3", "--gallery", "--root", str(root)]) == 0
    return root


@pytest.fixture
def found(measured):
    """What was measured."""
    return json.loads((measured / "figures" / "people.json").read_text())


def test_measures_say_what_they_are_of(found):
    assert found["version"] == VERSION
    for row in [*found["correspondence"], *found["joints"], found["bare trunk"], found["labels"], found["views"]]:
        assert row["split"] == "test" and row["seed"] == 0 and row["style"] in people.SIZES and len(row["size"]) == 2
    sizes = {(row["style"], tuple(row["size"])) for row in found["correspondence"]}
    assert {("plain", (256, 256)), ("plain", (128, 64)), ("deepfashion", (256, 256)), ("market", (128, 64))} <= sizes
    assert all(row["pairs"] == 3 and row["value"] == 0 for row in found["correspondence"])


def test_joints_are_counted_by_name(found):
    plain = found["joints"][0]
    assert plain["visible"] == 5 * people.POSES * 9 and plain["visible limb joints"] == 5 * people.POSES * 7
    assert plain["by joint"]["nose"]["fitting"] == plain["by joint"]["left-knee"]["fitting"] == 1
    assert plain["by joint"]["right-knee"]["fitting"] == 0 and plain["fitting"] == round(6 / 7, 5)
    assert plain["misfits"]["right-knee on left-shoe"] == 5 * people.POSES
    assert found["labels"]["shares"]["pants"] == 1 and found["labels"]["shares"]["hat"] == 0
    assert found["bare trunk"]["value"] == 0 and found["views"]["shares"] == {"front": 1}


def test_limits_are_those_of_the_task_and_misses_are_told(found):
    rows = {what: (limit, reached) for what, _, limit, reached in people.verdicts(found)}
    assert rows["moved unlit colours, mean absolute error, plain 256x256"] == (0.02, True)
    assert rows["moved unlit colours, mean absolute error, plain 128x64"] == (0.04, True)
    assert rows["visible joints on fitting labels, plain"] == (0.99, False)
    assert rows["torso-skin pixels where clothes belong"] == (0, True)
    assert rows["people who show hat"] == (0.01, False) and rows["people who show scarf"] == (0.005, False)


def test_the_card_takes_its_numbers_from_the_measurement(measured, found):
    text = (measured / "warpgan" / "people" / "README.md").read_text()
    assert text == people_card.card(found) and f"version {VERSION}" in text
    assert people_sheet.ALTERNATIVE in text
    other = copy.deepcopy(found)
    other["correspondence"][0]["value"], other["labels"]["shares"]["hat"] = 0.01234, 0.04321
    changed = people_card.card(other)
    assert "1.234 %" in changed and "| hat | 4.321 % | 1 % |" in changed
    for word in ("CC0", "Apache-2.0", "torso skin", "must not be taken for", "Biases", "photos"):
        assert word in text


def test_the_gallery_is_small_and_keeps_the_labels_colours(measured):
    from PIL import Image

    picture = Image.open(measured / "figures" / "people.png")
    assert picture.width == people_sheet.WIDTH
    colours = set(map(tuple, np.asarray(picture.convert("RGB")).reshape(-1, 3)))
    assert {labels.LABEL_COLOURS[labels.PANTS], labels.LABEL_COLOURS[labels.FACE], (255, 255, 255)} <= colours


def test_parts_are_measured_one_by_one_and_those_of_other_pictures_are_dropped(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(truths, "person", made)
    path = tmp_path / "figures" / "people.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"version": VERSION - 1, "labels": {}, "draws": {}}))
    assert people.main(["--people", "2", "--pairs", "2", "--parts", "correspondence", "--root", str(tmp_path)]) == 0
    assert set(json.loads(path.read_text())) == {"version", "correspondence"}
    assert "not measured yet: joints, bare trunk, labels, views, draws" in capsys.readouterr().out
    assert not (tmp_path / "warpgan").exists()


def test_wrong_numbers_are_refused(capsys):
    with pytest.raises(SystemExit):
        people.main(["--people", "0"])
    assert "must be at least 2, found 0" in capsys.readouterr().err
    with pytest.raises(ValueError, match="lacks correspondence"):
        people_card.card({"version": VERSION})


def test_what_is_committed_was_measured_on_these_pictures_and_reaches_its_limits():
    path = ROOT / "figures" / "people.json"
    assert path.is_file(), "run python -m figures.people --gallery"
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["version"] == VERSION, "run python -m figures.people --gallery"
    text = (ROOT / "warpgan" / "people" / "README.md").read_text(encoding="utf-8")
    assert text == people_card.card(found), "run python -m figures.people"
    assert [row for row in people.verdicts(found) if not row[-1]] == []
    assert all(row["pairs"] >= 200 for row in found["correspondence"])
    assert found["joints"][0]["visible limb joints"] >= 2000
    assert found["bare trunk"]["people"] >= 2000 and found["labels"]["people"] >= 2000
    assert (ROOT / "figures" / "people.png").stat().st_size <= 400_000
