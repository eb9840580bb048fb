"""Sharing a batch out, computing it in parts, or in another precision is the same training but for rounding."""

import os
import subprocess
from pathlib import Path

import pytest
import torch
from scenes import Boxes
from small_training import SMALL, train, weights

from warpgan import batches, checkpoints, launch, training
from warpgan.files import read_json, write_json
from warpgan.machine import Machine, check_device
from warpgan.models.layers import ResidualBlock

TEN = SMALL.replace(gan_steps=10, parser_steps=10, matcher_map_steps=5, matcher_pair_steps=5)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """All three stages in one process, ten steps each."""
    out = tmp_path_factory.mktemp("alone")
    return {stage: train(stage, out, TEN) for stage in training.STAGES}


@pytest.mark.parametrize("stage", ["gan", "matcher"])
def test_two_processes_take_the_steps_of_one_with_the_double_batch(alone, tmp_path, stage):
    write_json(tmp_path / "settings.json", TEN.to_dict())
    for other in ("parser", "matcher") if stage == "gan" else ():
        checkpoints.ship(alone["gan"].folder.parent, tmp_path, {other: checkpoints.SHIPPED[other]}, half=False)
    line = launch.command(tmp_path / "x.job.json", processes=2)
    program = Path(__file__).with_name("small_training.py")
    line = [*line[: line.index("warpgan.jobs") - 1], str(program), stage, str(tmp_path)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(program.parents[2])}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    notes = [read_json(tmp_path / f"process{rank}.json") for rank in (0, 1)]
    assert notes[0]["weights"] == notes[1]["weights"]  # to the last bit, after ten steps
    for note in notes:  # a weight that differs between processes is never saved
        assert f"{stage}, after 10 steps: the processes have come to different weights" in note["refused"]
    shared, whole = training_log(tmp_path / stage), training_log(alone[stage].folder)
    assert (shared.iloc[0] - whole.iloc[0]).abs().max() < 1e-5  # the same loss before the first step
    assert ((shared - whole).abs() / (whole.abs() + 1e-3)).max().max() < 0.05
    for name, value in weights(alone[stage]).items():
        assert notes[0]["weights"][name] == pytest.approx(value, rel=2e-3)


def training_log(folder):
    from warpgan.run_folder import RunFolder

    return RunFolder(folder).losses()


def test_parts_and_maps_computed_twice_change_nothing_but_rounding(alone, tmp_path):
    frozen = alone["gan"].folder.parent
    for stage in ("gan", "parser"):
        for change in ({"accumulate": 2}, {"accumulate": 4}, {"recompute": True}, {"loaders": 0}):
            run = train(stage, tmp_path / f"{stage}{change}", TEN.replace(**change), frozen=frozen)
            first, other = alone[stage].losses(), run.losses()
            assert (first.iloc[0] - other.iloc[0]).abs().max() < 1e-5, change
            assert ((first - other).abs() / (first.abs() + 1e-3)).max().max() < 0.05, change
            if "accumulate" not in change:
                assert first.equals(other), change


@pytest.mark.parametrize("precision, stages", [("bf16", ["parser", "matcher", "gan"]), ("fp16", ["gan"])])
def test_mixed_precision_learns_alike(alone, tmp_path, precision, stages):
    frozen = alone["gan"].folder.parent
    # On a CPU fp16 is emulated and slow.
    mixed = TEN.replace(precision=precision, gan_steps=10 if precision == "bf16" else 2, evaluation_pairs=1)
    for stage in stages:
        run = train(stage, tmp_path, mixed, frozen=frozen)
        full, half = alone[stage].losses(), run.losses()
        assert all(value.dtype == torch.float32 for part in run.modules.values() for value in part.parameters())
        # What is computed after the discriminator's update is left out: fp16 skips updates until its scale fits.
        before = full.columns.difference(["adversarial", "hierarchy"])
        assert (full[before] - half[before]).iloc[0].abs().max() < 0.02
        # The matcher is trained in 32 bits whatever the precision of the others.
        assert full.equals(half) == (stage == "matcher")


def test_compiling_keeps_the_names_and_the_values():
    torch.manual_seed(0)
    layers = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(4, 3, 3))
    names, x = list(layers.state_dict()), torch.rand(2, 3, 8, 8)
    expected = layers(x)
    machine = Machine(SMALL.replace(compile=True))
    compiled = machine.learner(layers)
    found = compiled(x)
    machine.backward(found.square().mean())
    assert torch.allclose(found, expected, atol=1e-5) and layers[0].weight.grad.abs().sum() > 0
    assert list(layers.state_dict()) == names


def test_maps_computed_twice_are_not_kept():
    block = ResidualBlock(8)
    kept = []

    def saved(x):
        with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t.numel()) or t, lambda t: t):
            block(x).sum().backward()
        total = sum(kept)
        kept.clear()
        return total

    x = torch.rand(1, 8, 16, 16, requires_grad=True)
    whole = saved(x)
    gradient, x.grad = x.grad, None
    block.recompute = True
    assert saved(x) < whole / 2
    assert torch.equal(x.grad, gradient)


def test_a_batch_that_cannot_be_shared_out_is_refused():
    with pytest.raises(ValueError, match="batch is 4; it cannot be shared out among 1 processes in 3 parts"):
        Machine(SMALL.replace(accumulate=3))


def test_a_device_that_is_not_there_is_named():
    check_device(torch.device("cpu"))
    with pytest.raises(ValueError, match="device 'cuda:99' is not there; found cpu"):
        check_device(torch.device("cuda:99"))


def test_variables_of_a_cluster_are_no_order_to_join(monkeypatch):
    monkeypatch.setenv("SLURM_NTASKS", "4")
    monkeypatch.setenv("SLURM_JOB_NAME", "training")
    machine = Machine(SMALL)
    assert machine.processes == 1 and machine.first


def test_reading_ahead_gives_the_same_in_any_number_of_threads():
    data = Boxes()
    machines = [Machine(SMALL.replace(loaders=loaders, accumulate=2)) for loaders in (0, 1, 3)]
    for step in range(7):
        found = [m.parts(m.read_ahead(data), step) for m in machines]
        plain = batches.batch_at(data, step, batch=4, seed=0)
        for parts in found:
            assert torch.equal(torch.cat([part.target_image for part in parts]), plain.target_image)


def test_what_a_thread_could_not_read_is_raised():
    class Broken(Boxes):
        def __getitem__(self, index):
            raise ValueError(f"photo {index}: cut short")

    machine = Machine(SMALL)
    ahead = machine.read_ahead(Broken())
    with pytest.raises(ValueError, match=r"photo \d+: cut short"):
        machine.parts(ahead, 0)
    ahead.close()
