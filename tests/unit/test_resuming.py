"""A training that is killed, stopped or cut off by its disk ends with the very weights of one that was not."""

import os
import resource
import signal
from contextlib import contextmanager

import pytest
import torch
from kills import kill_again_and_again, same_training, start
from scenes import Boxes
from small_training import SMALL, train

from warpgan import checkpoints, training
from warpgan.signals import Stopped
from warpgan.watch import Diverged

STEPS = SMALL.parser_steps


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """All three stages, the last one uninterrupted."""
    out = tmp_path_factory.mktemp("whole")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield [train(stage, out) for stage in training.STAGES][-1].folder.parent
    torch.set_num_threads(before)


def prepared(whole, out):
    """A run folder with the first two stages of another."""
    for stage in ("parser", "matcher"):
        (out / stage).mkdir(parents=True)
        for name in (checkpoints.WEIGHTS, checkpoints.DESCRIPTION):
            (out / stage / name).write_bytes((whole / stage / name).read_bytes())
    return out


def test_five_kills_at_any_moment_change_nothing(whole, tmp_path):
    out = prepared(whole, tmp_path / "killed")
    done = kill_again_and_again("gan", out, 5, seed=0)
    assert done["kills"] == 5 and done["writing"] >= 1
    assert same_training(whole / "gan", out / "gan") == []


def stop_at(step):
    def told(run):
        if run.step == step:
            os.kill(os.getpid(), signal.SIGTERM)

    return told


def test_told_to_stop_it_saves_and_leaves(whole, tmp_path):
    with pytest.raises(Stopped, match="parser: told to stop; 3 of 6 steps are saved in .*parser, the same") as told:
        train("parser", tmp_path, on_log=stop_at(2))
    assert told.value.code == 143 and checkpoints.load(tmp_path / "parser").step == 3
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    train("parser", tmp_path)
    assert same_training(whole / "parser", tmp_path / "parser") == []


@contextmanager
def disk_of(size):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size, what", [(20_000, "a checkpoint"), (60, "the record of the training")])
def test_a_full_disk_costs_nothing_but_the_steps_since_the_checkpoint(whole, tmp_path, size, what):
    settings = SMALL.replace(parser_steps=6, checkpoint_every=3)
    train("parser", tmp_path, settings.replace(parser_steps=3, decay=0.0, checkpoint_every=3))
    settings = settings.replace(decay=0.0)
    before = (tmp_path / "parser" / checkpoints.WEIGHTS).read_bytes()
    with disk_of(size), pytest.raises(OSError, match=rf"parser, step \d: {what} could not be written to .*\(.*"
                                      r"\); the last checkpoint is whole, make room"):
        train("parser", tmp_path, settings)
    assert (tmp_path / "parser" / checkpoints.WEIGHTS).read_bytes() == before
    assert not list((tmp_path / "parser").glob(".state.*"))
    train("parser", tmp_path, settings)
    straight = train("parser", tmp_path / "straight", settings)
    assert same_training(straight.folder, tmp_path / "parser") == []


def test_two_runs_in_one_folder_are_refused(whole, tmp_path):
    def second(run):
        child = start("parser", tmp_path)
        _, error = child.communicate()
        assert child.returncode == 1
        assert f"parser: process {os.getpid()} on" in error.decode() and "is training the parser here" in error.decode()

    train("parser", tmp_path, SMALL.replace(parser_steps=1), on_log=second)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file/parser: cannot be written .*; choose another folder"):
        train("parser", tmp_path / "file")


class Poisoned(Boxes):
    """Boxes of which one has a pixel that is not a number, from some reading on."""

    def __init__(self, after):
        super().__init__()
        self.after, self.read = after, 0

    def __getitem__(self, index):
        self.read += 1
        pair = super().__getitem__(index)
        if self.read > self.after:
            pair["target_image"] = pair["target_image"] * float("nan")
        return pair


def test_a_loss_between_two_rows_of_the_log_never_reaches_a_checkpoint(whole, tmp_path):
    settings = SMALL.replace(gan_steps=12, log_every=100, checkpoint_every=3, loaders=0)
    with pytest.raises(Diverged, match="gan, step 4: the loss 'discriminator' is nan; the last checkpoint in .*gan is"):
        training.train("gan", settings, tmp_path, data=Poisoned(after=4 * 4), unseen=Boxes(6, seed=1), frozen=whole)
    kept = checkpoints.load(tmp_path / "gan")
    assert kept.step == 3 and all(torch.isfinite(value).all() for value in kept.tensors.values())


def test_data_of_another_length_are_refused(whole, tmp_path):
    train("parser", tmp_path, SMALL.replace(parser_steps=2))
    with pytest.raises(ValueError, match="trained on 12 pairs, but these data hold 10, and their order depends on it"):
        training.train("parser", SMALL, tmp_path, data=Boxes(10), unseen=Boxes(6, seed=1))


def test_another_number_of_threads_is_told(whole, tmp_path):
    train("parser", tmp_path, SMALL.replace(parser_steps=2))
    torch.set_num_threads(2)
    try:
        with pytest.warns(UserWarning, match="goes on elsewhere .threads 1 there and 2 here.*to the last bit"):
            train("parser", tmp_path)
    finally:
        torch.set_num_threads(1)


def test_fp16_goes_on_with_its_loss_scaling(whole, tmp_path):
    half = SMALL.replace(precision="fp16", decay=0.0, parser_steps=4)
    straight = train("parser", tmp_path / "straight", half)
    train("parser", tmp_path / "stopped", half.replace(parser_steps=2))
    train("parser", tmp_path / "stopped", half)
    assert checkpoints.load(straight.folder).facts["scaler"]["scale"] > 1
    one, two = (checkpoints.load(tmp_path / name / "parser").tensors for name in ("straight", "stopped"))
    assert all(torch.equal(one[key], two[key]) for key in one)
