"""What the panel shows of a variant is what `evaluation.table` measures of it."""

import math
from dataclasses import replace

import pytest
import torch
from run_folders import leave_run, leave_weights
from scenes import Boxes

from warpgan import evaluation
from warpgan.widgets import ablation_scene
from warpgan.widgets.ablation_scene import COPY, PAINT, PAINT_TRUE, WEIGHTS, AblationScene, verdict, whose
from warpgan.widgets.trained_runs import RunNetworks, find_runs

DATA = Boxes(6)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    weights = leave_weights(tmp_path_factory.mktemp("weights"))
    root = tmp_path_factory.mktemp("runs")
    leave_run(root, "full", frozen=str(weights), seed=1)
    leave_run(root, "def", frozen=str(weights), variant="generator=deformable pixel_loss=nearest")
    return root, weights


@pytest.fixture
def scene(folders):
    return AblationScene(DATA, *folders)


def test_the_numbers_are_those_of_the_table(scene, folders):
    networks = RunNetworks(*folders)
    transfer = networks.of_weights()
    methods = {COPY: evaluation.copy, PAINT: evaluation.paint_synthesised(transfer), PAINT_TRUE: evaluation.paint,
               WEIGHTS: evaluation.network(transfer)}
    methods |= {f"run/{run.name}": evaluation.network(networks.of_run(run)) for run in find_runs(folders[0])[0]}
    assert set(methods) == set(scene.variants)  # a system that is told where joints are is one of them
    frame = evaluation.table(methods, DATA, len(DATA))
    for _, row in frame.iterrows():
        found = scene.answer(row["method"], row["pair"])
        for name in evaluation.MEASURED:
            assert found.numbers[name] == pytest.approx(row[name], abs=1e-4), (row["method"], row["pair"], name)
        assert float(found.error.mean()) == pytest.approx(row["l1"], abs=1e-4)


def test_answers_are_kept_and_forgotten(scene, monkeypatch):
    monkeypatch.setattr(ablation_scene, "ANSWERS", 3)
    pairs = list(scene.pairs)
    first = scene.answer(COPY, pairs[0])
    for pair in (pairs[1], pairs[0], pairs[2]):
        scene.answer(COPY, pair)
    assert scene.answer(COPY, pairs[0]) is first
    for pair in pairs:
        scene.answer(COPY, pair)
    assert len(scene._answers) == 3 and scene.answer(COPY, pairs[0]) is not first


def test_the_sheet_has_a_column_a_variant_and_the_error_below(scene):
    pair = next(iter(scene.pairs))
    few, more = ({key: scene.answer(key, pair) for key in keys} for keys in ((COPY,), (COPY, PAINT_TRUE, WEIGHTS)))
    one, three = scene.sheet(pair, few), scene.sheet(pair, more)
    assert three.width > one.width and one.height > 2 * 2 * 64
    assert torch.equal(few[COPY].image, DATA[0]["condition_image"])
    perfect = scene.answer(PAINT_TRUE, pair)  # boxes are plain
    assert float(perfect.error.max()) == 0 and perfect.numbers["l1"] == 0


def test_pairs_are_gathered_by_person(scene):
    assert list(scene.people) == ["box-0", "box-1", "box-2"]
    assert scene.people["box-1"] == ["box-1_0-1", "box-1_1-1"]
    assert whose("a_1_front___a_2_side") == "a_1_front"
    with pytest.raises(ValueError, match="pairs: an empty dataset"):
        AblationScene(Boxes(0))


def test_the_best_is_named_by_its_clothing_error(scene):
    pair = next(iter(scene.pairs))
    answers = {key: scene.answer(key, pair) for key in (COPY, PAINT_TRUE)}
    said = verdict(answers, scene.variants)
    assert "paint by label, true parsing with 0.000; next copy the condition with" in said
    unknown = {key: replace(one, numbers=one.numbers | {"clothing_l1": math.nan}) for key, one in answers.items()}
    assert "is not known" in verdict(unknown, scene.variants)


def test_a_run_folder_that_is_not_there_leaves_the_rest(folders, tmp_path):
    scene = AblationScene(DATA, tmp_path / "gone", folders[1])
    assert list(scene.variants) == [COPY, PAINT, PAINT_TRUE, WEIGHTS]
    assert scene.faults == [f"{tmp_path / 'gone'}: no such folder"]


@pytest.mark.parametrize(
    "key, error, said",
    [("run/../weights", ValueError, "not the name of a run inside"), ("run/gone", FileNotFoundError, "no such run"),
     ("run/full/gan", ValueError, "holds no finished run"), ("full", ValueError, "no variant is called 'full'")],
)
def test_a_variant_that_there_is_not_is_told(scene, key, error, said):
    with pytest.raises(error, match=said):
        scene.require(key)


def test_networks_of_another_size_are_told(folders):
    scene = AblationScene(Boxes(2, (128, 64)), *folders)
    pair = next(iter(scene.pairs))
    with pytest.raises(ValueError, match="full: trained at 64x32; the pairs are 128x64"):
        scene.answer("run/full", pair)
    assert scene.answer(COPY, pair).numbers["l1"] > 0
