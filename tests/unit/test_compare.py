"""Both sides of the comparison differ in the warping-block alone, and every number comes out of the same pairs."""

import json
from concurrent.futures import ThreadPoolExecutor

import pandas
import pytest
import torch
from scenes import Boxes

from warpgan import checkpoints, compare, config, training

SMALL = dict(
    height=64, width=32, parser_width=4, parser_blocks=1, matcher_width=4, generator_width=4, generator_blocks=1,
    discriminator_width=4, batch=2, parser_steps=1, matcher_map_steps=1, matcher_pair_steps=1, gan_steps=2,
    log_every=1, evaluation_pairs=2,
)  # fmt: skip


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """One comparison of two steps a side on boxes: its folder and its record."""
    out = tmp_path_factory.mktemp("compare")
    chosen = config.preset("quick", **SMALL)
    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as executor:
        patch.setattr(training, "rendered", lambda *_, **__: Boxes(8))
        for stage in ("parser", "matcher"):
            training.train(stage, chosen, out / "frozen")
        record = compare.compare(chosen, out / "run", frozen=out / "frozen", pairs=6, executor=executor)
    torch.set_num_threads(threads)
    return out / "run", record


def test_the_two_sides_differ_in_the_warping_block_alone(compared):
    folder, _ = compared
    with_block, without = (checkpoints.load(folder / arm / "gan", "gan") for arm in ("with", "without"))
    assert config.differences(with_block.config, without.config) == {"warping": (True, False)}
    assert with_block.step == without.step == 2
    block = {name for name in with_block.tensors if name.startswith("generator.warping.")}
    shared = {name for name in with_block.tensors if name.startswith("generator.")} - block
    assert block and shared == {name for name in without.tensors if name.startswith("generator.")}


def test_both_sides_start_from_the_same_weights():
    from warpgan import models

    made = []
    for warping in (True, False):
        torch.manual_seed(0)
        made.append(models.build(config.preset("quick", **SMALL, warping=warping)))
    for name in ("generator", "discriminator"):
        one, other = (networks[name].state_dict() for networks in made)
        assert all(torch.equal(one[key], value) for key, value in other.items())


def test_the_difference_is_that_of_the_same_pairs(compared):
    folder, record = compared
    frame = pandas.read_csv(folder / "pairs.csv")
    assert record["pairs"] == 6 and set(frame.groupby("method").size()) == {6}
    pivot = frame.pivot(index="pair", columns="method", values="clothing_l1")
    expected = (pivot[compare.WITH] - pivot[compare.WITHOUT]).mean()
    mean, low, high = record["difference"]["synthesised parsing"]["clothing_l1"]
    assert mean == pytest.approx(expected, abs=1e-4) and low <= mean <= high


def test_the_record_says_what_was_compared(compared):
    folder, record = compared
    assert json.loads((folder / "compare.json").read_text()) == record
    assert record["config"]["gan_steps"] == 2 and set(record["frozen"]) == {"parser", "matcher"}
    assert list(pandas.read_csv(folder / "table.csv", index_col=0).index) == list(record["means"])
    printed = compare.report(record)
    assert "6 pairs" in printed and "with minus without the warping-block" in printed


def test_the_discriminator_joins_a_shorter_comparison_at_the_same_share():
    chosen = config.preset("quick", gan_steps=5500, adversarial_from=4700)
    short = compare.scaled(chosen, 2000)
    assert (short.gan_steps, short.adversarial_from) == (2000, 1709)
    assert compare.scaled(chosen, 5500) == chosen
    assert set(config.differences(short, chosen)) == {"adversarial_from"}


def test_unknown_weights_end_the_command_with_one_sentence(tmp_path, capsys):
    assert compare.main(["--out", str(tmp_path), "--weights", str(tmp_path / "none")]) == 1
    assert "neither a run folder nor shipped weights" in capsys.readouterr().err
