"""The plan of the ablations, and their table: differences pair by pair, seed by seed, with an interval over people."""

import json

import pandas
import pytest
from scenes import Boxes

from warpgan import ablations
from warpgan.ablations import effects, pairs
from warpgan.variants import FULL, STAGES, VARIANTS, Variant


def test_a_variant_that_is_no_configuration_stops_the_grid_before_its_first_run(tmp_path):
    with pytest.raises(ValueError, match="unknown field 'gates'"):
        ablations.run(tmp_path / "out", variants=[*VARIANTS, Variant("slip", "gates=grid", "gate")])
    assert not (tmp_path / "out").exists()


def leave(folder, variant, seed, errors, state="done", stage="gan", measure="clothing_l1"):
    """A run's folder as the page leaves it: `errors` of the pairs 0, 1, ... of two people in turn."""
    run = folder / f"stage={stage},variant={variant},seed={seed}"
    run.mkdir(parents=True)
    parameters = {"stage": stage, "variant": variant, "seed": seed}
    (run / "config.json").write_text(json.dumps({"notebook": "training_run", "parameters": parameters, "state": state}))
    rows = {"pair": range(len(errors)), "person": [i % 2 for i in range(len(errors))], measure: errors}
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


def test_stages_before_the_generator_are_held_against_their_own(tmp_path):
    leave(tmp_path, "", 0, [0.1, 0.2])
    leave(tmp_path, "", 0, [0.7, 0.9], stage="parser", measure="label_agreement")
    leave(tmp_path, "parser_sees_image=true", 0, [0.8, 1.0], stage="parser", measure="label_agreement")
    ablations.free(tmp_path, Boxes(2, (128, 64)), 2, measures=("l1",))
    label, picture = (variant for variant in STAGES if variant.stage == "parser")
    table = effects(pairs(tmp_path, (label, picture)), *ablations.JUDGED["parser"])
    assert list(table.index) == [label.name, picture.name]
    assert table.loc[picture.name, "difference"] == pytest.approx(0.1)


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
