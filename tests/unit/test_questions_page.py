"""docs/questions.md answers with what is there: its sections, its names, its code run, and what the program says."""

import importlib
import json
import re
import shlex
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from PIL import Image

from warpgan import config, keypoints, labels, parsing
from warpgan.data import DeepFashion, RenderedPeople
from warpgan.data import check as check_folder
from warpgan.plots import to_uint8
from warpgan.transfer import PoseTransfer
from warpgan.widgets.pose_text import pose_as_text

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
PAINS = 15
COMMANDS = re.findall(r"(?:^    |`)python -m (warpgan[^\n`]*)", TEXT, re.MULTILINE)
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
SECTIONS = re.findall(r"\[([^\]]+)\]\(\.\./notebooks/(\w+)\.ipynb\)", TEXT)
SAID = re.findall(r"^> (.+)$", TEXT, re.MULTILINE)


def test_all_fifteen_are_answered_in_their_order():
    numbers = re.findall(r"^## (\d+)\. ", TEXT, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, PAINS + 1)]
    for answer in re.split(r"^## \d+\. ", TEXT, flags=re.MULTILINE)[1:]:
        assert 30 < len(answer.split()) < 200, answer[:60]


@pytest.mark.parametrize("name", re.findall(r"`(?:warpgan\.)?((?:keypoints|parsing|data|metrics|geometry|labels|"
                                            r"cnngeometric)\.[A-Za-z_]\w*)`", TEXT))  # fmt: skip
def test_names_in_the_text_exist(name):
    module, attribute = name.split(".")
    assert hasattr(importlib.import_module(f"warpgan.{module}"), attribute)


def test_fields_in_the_text_are_fields():
    for field in ("generator_learning_rate", "adversarial_from", "adversarial_share", "tps_grid", "bending_weight"):
        assert f"`{field}`" in TEXT and hasattr(config.preset("quick"), field)


@pytest.mark.parametrize("heading, notebook", SECTIONS)
def test_sections_stand_in_their_notebooks(heading, notebook):
    cells = nbformat.read(ROOT / "notebooks" / f"{notebook}.ipynb", as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert re.search(rf"^#+ {re.escape(heading)}$", text, re.MULTILINE)


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """Two pictures of one rendered person and their joints, under the names of the page."""
    folder = tmp_path_factory.mktemp("album")
    people = RenderedPeople("test", (128, 64), people=1, poses=2, progress=False)
    for number, name in enumerate(("me", "pose")):
        picture = people.pictures(number)
        Image.fromarray(to_uint8(picture["image"])).save(folder / f"{name}.png")
        (folder / f"{name}_keypoints.json").write_text(pose_as_text(picture["keypoints"]))
    return folder


def test_a_photo_gets_its_new_pose_as_the_page_says(album, monkeypatch):
    monkeypatch.chdir(album)
    names = {}
    exec(BLOCKS[0], names)  # noqa: S102  what the page tells readers to run
    assert names["result"].image.shape == (3, *names["transfer"].size)


def test_joints_by_hand_are_taken_and_the_detector_is_not_fetched_unasked(album, monkeypatch):
    from warpgan import photos

    monkeypatch.chdir(album)
    by_hand = photos.prepare("me.png", (128, 64), keypoints=[("nose", 30, 12), ("left-shoulder", 40, 24)])
    assert by_hand.keypoints[:, 2].sum() == 2
    with pytest.raises(FileNotFoundError, match=r"nothing is downloaded unasked; pass download=True.* 226 MiB"):
        photos.prepare("me.png", (128, 64), keypoints="detect")


def provoked(folder):
    """What the program really says, one sentence for each that the page quotes, in its order."""
    transfer = PoseTransfer.from_pretrained("rendered")
    picture = RenderedPeople("test", (128, 64), people=1, poses=2, progress=False).pictures(0)
    lying = [[round(v) for v in picture["keypoints"][:, axis].tolist()] for axis in (0, 1)]  # x first, which is wrong
    (folder / "lying.csv").write_text(f"name:keypoints_y:keypoints_x\na.jpg: {lying[0]}: {lying[1]}\n")
    (folder / "shares.json").write_text(json.dumps({"people": [{"pose_keypoints_2d": [0.5, 0.5, 1.0] * 18}]}))
    packed = Image.fromarray(np.arange(64 * 128, dtype=np.uint8).reshape(128, 64) % 3)
    packed.putpalette([channel for label in (5, 0, 9) for channel in labels.LABEL_COLOURS[label]])
    packed.save(folder / "labels.png")
    calls = [
        lambda: transfer(picture["image"], picture["parsing"], torch.zeros(18, 3)),
        lambda: keypoints.read_annotation_csv(folder / "lying.csv"),
        lambda: keypoints.read_openpose_json(folder / "shares.json"),
        lambda: parsing.read_parsing(folder / "labels.png"),
        lambda: DeepFashion(folder, "train"),
        lambda: config.preset("quick", gatee="grid"),
    ]
    for call in calls:
        with pytest.raises((ValueError, FileNotFoundError)) as stopped:
            call()
        yield str(stopped.value)


def test_the_program_says_what_the_page_quotes(tmp_path):
    answers = list(provoked(tmp_path))
    assert len(answers) == len(SAID)
    for said, answer in zip(SAID, answers):
        assert said in answer, answer


def test_a_folder_like_the_exported_one_can_be_trained_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exporting = [command for command in COMMANDS if "export" in command and "--people 2" in command]
    for command in exporting:
        assert importlib.import_module("warpgan.data.export").main([*shlex.split(command)[1:], "--quiet"]) == 0
    assert check_folder("people").ok
    for split in ("train", "test"):
        assert len(DeepFashion("people", split, (128, 64))) == 12
    assert {path.name for path in Path("people").iterdir()} >= {"train", "train_parsing", "test", "test_parsing"}
    header = Path("people/fasion-resize-pairs-train.csv").read_text().splitlines()[0]
    assert header == "from,to"


