"""Runs are found and loaded inside their folder and nowhere else; what is damaged is told and hides nothing else."""

import json
import shutil

import pytest
import torch
from run_folders import SMALL, leave_run, leave_weights

from warpgan import checkpoints
from warpgan.widgets.trained_runs import KEPT, RunNetworks, find_runs, inside


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return leave_weights(tmp_path_factory.mktemp("weights"))


@pytest.fixture
def root(tmp_path, shared):
    root = tmp_path / "runs"
    for seed in (1, 0):
        leave_run(root, f"full,seed={seed}", frozen=str(shared), seed=seed)
    leave_run(root, "plain", frozen=str(shared), variant="warping=false")
    return root


def find(root):
    found, faults = find_runs(root)
    assert faults == []
    return found


@pytest.mark.parametrize("name", ["", "/etc", "..", "a/../../b", "../runs/plain", "a\\b", "a\nb"])
def test_a_name_that_leads_out_is_refused(root, name):
    with pytest.raises(ValueError, match="not the name of a run inside"):
        inside(root, name)


def test_a_link_that_leads_out_is_refused_and_one_inside_is_not(root, shared, tmp_path):
    leave_run(tmp_path / "elsewhere", "run", frozen=str(shared))
    (root / "out").symlink_to(tmp_path / "elsewhere" / "run")
    (root / "in").symlink_to(root / "plain")
    assert inside(root, "in").name == "in"
    with pytest.raises(ValueError, match="leads out of the run folder"):
        inside(root, "out")
    assert "out" not in [run.name for run in find_runs(root)[0]]
    weights = root / "plain" / "gan" / checkpoints.WEIGHTS  # the folder is inside, what it is made of is not
    weights.unlink()
    weights.symlink_to(tmp_path / "elsewhere" / "run" / "gan" / checkpoints.WEIGHTS)
    (run,) = (run for run in find(root) if run.name == "plain")
    with pytest.raises(ValueError, match="leads out of the run folder"):
        RunNetworks(root, shared).of_run(run)


def test_finished_runs_come_in_the_order_of_the_variants_with_their_names(root, shared):
    leave_run(root, "failed", frozen=str(shared), state="failed")
    leave_run(root / "again", "full", frozen=str(shared))
    leave_run(root, "own", frozen=str(shared), variant="merge=conv", seed=3)
    assert [run.label for run in find(root)] == [
        "full, seed 0 (again/full)", "full, seed 0 (full,seed=0)", "full, seed 1", "without warping-block, seed 0",
        "merge=conv, seed 3",
    ]


@pytest.mark.parametrize(
    "text, said",
    [("{", "not valid JSON"), ("[]", "holds a list"),
     (json.dumps({"notebook": "training_run", "state": "done"}), "parameter variant is None; expected a text"),
     (json.dumps({"notebook": "training_run", "state": "done", "parameters": {"variant": "", "seed": "0"}}),
      "parameter seed is '0'; expected a number")],
)
def test_a_record_that_is_none_is_told_and_the_others_are_found(root, text, said):
    (root / "plain" / "config.json").write_text(text)
    found, (fault,) = find_runs(root)
    assert [run.label for run in found] == ["full, seed 0", "full, seed 1"]
    assert said in fault and "plain/config.json" in fault


def test_no_folder_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="gone: no such folder"):
        find_runs(tmp_path / "gone")


def test_a_run_is_its_own_generator_behind_the_shared_parser(root, shared):
    networks = RunNetworks(root, shared)
    first, second, plain = (networks.of_run(run) for run in find(root))
    assert networks.of_run(find(root)[0]) is first
    assert first.parser is second.parser is plain.parser is networks.of_weights().parser
    assert first.generator.warping is not None and plain.generator.warping is None
    assert first.size == SMALL.size and not first.training
    wanted = checkpoints.load(root / "full,seed=1" / "gan").tensors
    for name, value in second.generator.state_dict().items():
        assert torch.equal(value, wanted[f"generator.{name}"])


def test_networks_are_forgotten_and_new_checkpoints_are_seen(root, shared):
    for seed in range(2, KEPT + 3):
        leave_run(root, f"full,seed={seed}", frozen=str(shared), seed=seed)
    networks, runs = RunNetworks(root, shared), find(root)
    first = networks.of_run(runs[0])
    for run in runs:
        networks.of_run(run)
    assert len(networks._transfers) == KEPT and networks.of_run(runs[0]) is not first
    before = networks.of_run(runs[1])
    leave_run(root, "full,seed=1", frozen=str(shared), seed=5)
    assert networks.of_run(runs[1]) is not before


def test_what_vanished_or_is_damaged_is_named(root, shared):
    networks, (first, second, plain) = RunNetworks(root, shared), find(root)
    networks.of_run(first)
    shutil.rmtree(root / first.name)
    with pytest.raises(FileNotFoundError, match="full,seed=0/gan/state.safetensors: no such run"):
        networks.of_run(first)
    weights = root / second.name / "gan" / checkpoints.WEIGHTS
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ValueError, match="full,seed=1/gan/state.safetensors: cut short or not a safetensors file"):
        networks.of_run(second)
    shutil.rmtree(root)
    with pytest.raises(FileNotFoundError, match="runs: no such folder"):
        networks.of_run(plain)


def test_only_a_trusted_parser_is_read(root, shared, tmp_path):
    foreign = leave_weights(tmp_path / "foreign", ("parser", "matcher"))
    leave_run(root, "far", frozen=str(foreign), seed=7)
    leave_run(root, "own", frozen="", seed=8)
    leave_weights(root / "own", ("parser", "matcher"))
    leave_run(root, "near", frozen=str(root / "own"), seed=9)
    networks, runs = RunNetworks(root, shared), {run.name: run for run in find(root)}
    networks.of_run(runs["own"])
    networks.of_run(runs["near"])
    with pytest.raises(ValueError, match="far: was trained with the parser and matcher of .*foreign, outside"):
        networks.of_run(runs["far"])
    RunNetworks(root, foreign).of_run(runs["far"])
