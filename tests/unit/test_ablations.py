"""The plan of the ablations, and their table: differences pair by pair, seed by seed, with an interval over people."""

import json

import pandas
import pytest
from scenes import Boxes

from warpgan import ablations, config
from warpgan.ablations import FULL, VARIANTS, Variant, effects, pairs
from warpgan.changes import read_changes
from warpgan.config_rules import CHOICES


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_every_variant_is_a_configuration_and_differs_in_what_it_names(variant):
    base = config.preset("rendered")
    changes = read_changes(variant.changes)
    assert set(config.differences(base, base.replace(**changes))) == set(changes)
    assert len(variant.seeds) == (3 if variant.group == "core" else 1)


def test_the_plan_is_what_the_paper_and_the_project_promise():
    settings = [config.preset("rendered", **read_changes(variant.changes)) for variant in VARIANTS]
    for field in ("name", "changes"):
        assert len({getattr(variant, field) for variant in VARIANTS}) == len(VARIANTS)
    assert VARIANTS[0] == Variant(FULL, "", "core")
    assert sum(variant.group == "core" for variant in VARIANTS) == 6
    for field in ("gate", "residual", "maps", "warped", "generator", "stage2_parsing"):
        assert {getattr(one, field) for one in settings} == set(CHOICES[field]), field
    assert {one.block_level for one in settings} == {0, 1, 2}
    assert {one.generator_colours for one in settings} == set(CHOICES["generator_colours"])
    assert 0 in {one.chroma_weight for one in settings} and 0 in {one.self_pairs for one in settings}
    for weight in ("adversarial_weight", "hierarchy_weight", "perceptual_weight", "pixel_weight"):
        assert 0 in {getattr(one, weight) for one in settings}
    blocks = {(one.generator, one.warping) for one in settings}
    assert {(name, block) for name in ("warping", "unet", "pix2pix") for block in (True, False)} <= blocks


def test_a_variant_that_is_no_configuration_stops_the_grid_before_its_first_run(tmp_path):
    with pytest.raises(ValueError, match="unknown field 'gates'"):
        ablations.run(tmp_path / "out", variants=[*VARIANTS, Variant("slip", "gates=grid", "gate")])
    assert not (tmp_path / "out").exists()


def leave(folder, variant, seed, errors, state="done"):
    """A run's folder as the page leaves it: `errors` of the pairs 0, 1, ... of two people in turn."""
    run = folder / f"variant={variant},seed={seed}"
    run.mkdir(parents=True)
    parameters = {"variant": variant, "seed": seed}
    (run / "config.json").write_text(json.dumps({"notebook": "training_run", "parameters": parameters, "state": state}))
    rows = {"pair": range(len(errors)), "person": [i % 2 for i in range(len(errors))], "clothing_l1": errors}
    pandas.DataFrame(rows).to_csv(run / "pairs.csv", index=False)


CHOSEN = (Variant(FULL, "", "core"), Variant("worse", "warping=false", "core"), Variant("single", "gate=grid", "gate"))


def test_differences_are_taken_within_a_pair_and_a_seed(tmp_path):
    leave(tmp_path, "", 0, [0.1, 0.5, 0.1, 0.5])
    leave(tmp_path, "", 1, [0.3, 0.7, 0.3, 0.7])
    leave(tmp_path, "warping=false", 0, [0.2, 0.6, 0.2, 0.6])
    leave(tmp_path, "warping=false", 1, [0.6, 1.0, 0.6, 1.0])
    leave(tmp_path, "gate=grid", 0, [0.1, 0.4, 0.1, 0.4])
    table = effects(pairs(tmp_path, CHOSEN))
    assert list(table.index) == [FULL, "worse", "single"] and list(table["seeds"]) == [2, 2, 1]
    assert table.loc["worse", "difference"] == pytest.approx(0.2)
    assert (table.loc["worse", "least"], table.loc["worse", "most"]) == pytest.approx((0.1, 0.3))
    # All pairs of a seed differ alike: whoever is drawn, the mean is the same.
    assert table.loc["worse", "low"] == pytest.approx(0.2) == table.loc["worse", "high"]
    # Against the same seed alone, not against the mean of both: -0.05, and people differ.
    assert table.loc["single", "difference"] == pytest.approx(-0.05)
    assert table.loc["single", "low"] == pytest.approx(-0.1) and table.loc["single", "high"] == pytest.approx(0)
    assert pandas.isna(table.loc[FULL, "difference"])


def test_runs_that_were_not_finished_or_are_of_no_variant_are_left_out(tmp_path):
    leave(tmp_path, "", 0, [0.1, 0.2])
    leave(tmp_path, "warping=false", 0, [0.1, 0.2], state="failed")
    leave(tmp_path, "merge=concat", 0, [0.1, 0.2])
    assert set(pairs(tmp_path, CHOSEN)["variant"]) == {FULL}
    with pytest.raises(ValueError, match="no finished run of these variants has left gates.csv"):
        pairs(tmp_path, CHOSEN, "gates.csv")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        pairs(tmp_path / "nowhere", CHOSEN)
    frame = pairs(tmp_path, CHOSEN)
    with pytest.raises(ValueError, match=r"no run of 'worse', which .*; there are \['full'\]"):
        effects(frame, reference="worse")


def test_what_needs_no_training_is_measured_on_the_same_pairs_and_held_against_every_seed(tmp_path):
    data = Boxes(6, (128, 64))
    path = ablations.free(tmp_path, data, 4, measures=("ssim", "l1"))
    found = pandas.read_csv(path)
    assert set(found.columns) == {"method", "pair", "person", "ssim", "l1"} and len(found) == 12
    leave(tmp_path, "", 0, [0.1, 0.2])
    leave(tmp_path, "", 2, [0.1, 0.2])
    frame = pairs(tmp_path, CHOSEN)
    assert list(frame["variant"].cat.categories)[-3:] == list(found["method"].unique())
    of_copy = frame[frame["variant"] == "copy the condition"]
    assert sorted(of_copy["seed"]) == [0] * 4 + [2] * 4 and (of_copy["l1"] > 0).all()


def test_the_command_says_what_is_wrong(capsys, tmp_path):
    assert ablations.main(["--out", str(tmp_path), "--groups", "core gatez"]) == 1
    assert "error: groups: expected some of core, gate, maps" in capsys.readouterr().err
    assert ablations.main(["--out", str(tmp_path), "--groups", "core", "--changes", "gan_stepz=3"]) == 1
    assert "unknown field 'gan_stepz'" in capsys.readouterr().err
