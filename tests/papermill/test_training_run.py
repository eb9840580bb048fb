"""The page that grids execute: each stage trains, is measured on test people and leaves what the tables read."""

import json
import shutil

import pandas
import pytest

from warpgan import ablations, checkpoints, data, runs
from warpgan.gates import PARTS
from warpgan.series import NOTEBOOKS
from warpgan.widgets.ablation_scene import AblationScene

PAGE = NOTEBOOKS / "training_run.ipynb"
TINY = "batch=2 log_every=1 evaluation_pairs=2"
SMALL = {"measured_people": 2, "measured_pairs": 4, "people": 3, "steps": 2}


@pytest.mark.parametrize(
    "stage, variant, wanted",
    [
        ("parser", "parser_sees_image=true", {"label_agreement", "mean_iou"}),
        ("matcher", "matcher_sees=picture", {"correspondence_error", "median_correspondence_error", "share_within_2"}),
    ],
)
def test_a_stage_is_trained_and_measured(stage, variant, wanted, tmp_path):
    folder = runs.run(PAGE, SMALL | {"changes": TINY, "stage": stage, "variant": variant}, tmp_path / "run", threads=1)
    found = json.loads((folder / "metrics.json").read_text())
    assert wanted <= set(found) and found["parameters"] > 1000 and found["steps"] == 2
    assert (folder / "samples" / "look.png").is_file() and (folder / stage / "state.safetensors").is_file()
    means = pandas.read_csv(folder / "pairs.csv")[list(wanted & {"label_agreement", "correspondence_error"})].mean()
    assert all(found[name] == pytest.approx(value, abs=1e-4) for name, value in means.items()) and len(means)
    assert runs.table(tmp_path).loc["run", "variant"] == variant


def test_ablations_are_runs_that_are_compared_pair_by_pair(tmp_path):
    chosen = [v for v in ablations.VARIANTS if v.name in ("full", "PG2")]
    chosen = [ablations.Variant(v.name, v.changes, "systems") for v in chosen]  # a seed each
    shared = {"preset": "quick", "changes": TINY, "threads": 1} | SMALL
    folders = ablations.run(tmp_path, variants=chosen, **shared)
    names = ["variant=,seed=0", "variant=generator-pg2-pixel_loss-pose_mask,seed=0"]
    assert [folder.name for folder in folders] == names
    written = [(folder / "metrics.json").stat().st_mtime_ns for folder in folders]
    assert ablations.run(tmp_path, variants=chosen, **shared) == folders
    assert written == [(folder / "metrics.json").stat().st_mtime_ns for folder in folders]  # nothing was repeated
    frame = ablations.pairs(tmp_path, chosen)
    assert len(frame) == 8 and {"ssim", "clothing_l1", "clothing_detail"} <= set(frame)
    table = ablations.effects(frame)
    assert list(table.index) == ["full", "PG2"] and table.loc["PG2", "low"] <= table.loc["PG2", "difference"]
    gates = ablations.pairs(tmp_path, chosen, "gates.csv")  # PG2 has none
    assert set(gates["variant"]) == {"full"} and {f"let_in_{part}" for part in PARTS} <= set(gates)
    assert pandas.read_csv(folders[0] / "pairs.csv")["pair"].str.startswith("test-").all()
    settings = checkpoints.load(folders[0] / "gan").config
    people = data.RenderedPeople("test", settings.size, people=2, poses=settings.poses, progress=False)
    scene = AblationScene(people, tmp_path)  # what a panel shows of a run is what the run has measured
    assert [scene.variants[f"run/{name}"] for name in names] == ["full, seed 0", "PG2, seed 0"] and not scene.faults
    for folder in folders:
        for _, row in pandas.read_csv(folder / "pairs.csv").iterrows():
            found = scene.answer(f"run/{folder.name}", row["pair"]).numbers
            assert found == pytest.approx({name: row[name] for name in found}, abs=1e-4, nan_ok=True)


def test_a_measure_that_there_is_not_is_told(tmp_path):
    with pytest.raises(runs.RunError, match="measures: unknown beauty; there are"):
        runs.run(PAGE, SMALL | {"measures": "ssim beauty"}, tmp_path / "run")


def test_notebook_07_reads_what_a_grid_has_left(tmp_path):
    grid, small = tmp_path / "grid", SMALL | {"measured_people": 4, "measured_pairs": 16}
    shared = {"preset": "quick", "changes": TINY, "threads": 1} | small
    full = ablations.Variant("full", "", "systems")
    (first,) = ablations.run(grid, variants=[full], **shared)
    others = [v for v in ablations.VARIANTS if v.group in ("core", "systems")]
    for number, variant in enumerate(others):  # the others look alike, each with errors of its own
        for seed in variant.seeds:
            folder = grid / f"{number},{seed}"
            shutil.copytree(first, folder, ignore=shutil.ignore_patterns("gan", "*.ipynb"))
            record = json.loads((folder / "config.json").read_text())
            record["parameters"] |= {"variant": variant.changes, "seed": seed}
            (folder / "config.json").write_text(json.dumps(record))
            pairs = pandas.read_csv(folder / "pairs.csv")
            pairs["clothing_l1"] += 0.01 * number + 0.001 * seed * pairs.index
            pairs.to_csv(folder / "pairs.csv", index=False)
    shutil.rmtree(first)
    ablations.free(grid, data.RenderedPeople("test", people=4, progress=False), 16)
    parameters = {"ablation_runs": str(grid), "people": 4, "pairs": 8, "clips": 1}
    folder = runs.run(NOTEBOOKS / "07_evaluation_and_ablation.ipynb", parameters, tmp_path / "07", threads=1)
    text = (folder / "07_evaluation_and_ablation.ipynb").read_text()
    assert "without warping-block" in text and "the block in the pix2pix-like: +0.0100" in text
