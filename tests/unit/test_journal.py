"""The journal writes what is due, for the first of several processes alone, and names what cannot be written."""

import errno

import pytest
import torch

from warpgan import config, journal
from warpgan.machine import Machine
from warpgan.watch import Diverged

TINY = config.preset("quick", log_every=2, sample_every=3, tensorboard=True)


def open_journal(folder, begin=0, first=True):
    machine = Machine(TINY)
    machine.first = first
    return journal.Journal("gan", TINY, folder, machine, begin=begin, end=10)


def test_rows_and_samples_come_when_they_are_due(tmp_path):
    book = open_journal(tmp_path)
    written = []
    for step in range(6):
        written.append(book.log(step, {"pixel": torch.tensor(step / 2)}))
        book.sample(step, [torch.zeros(1, 3, 8, 4)])
    book.close()
    assert written == [True, False] * 3
    assert book.rows.frame()["pixel"].tolist() == [0, 1, 2] and book.speeds.frame()["step"].tolist() == [0, 2, 4]
    assert sorted(path.name for path in (tmp_path / "samples").iterdir()) == ["000003.png", "000006.png"]
    assert list((tmp_path / "tensorboard").iterdir())
    again = open_journal(tmp_path, begin=3)
    assert again.rows.frame()["step"].tolist() == [0, 2] == again.speeds.frame()["step"].tolist()


def test_other_processes_check_but_write_nothing(tmp_path):
    book = open_journal(tmp_path / "gan", first=False)
    book.log(0, {"pixel": 1.0})
    book.sample(2, [torch.zeros(1, 3, 8, 4)])
    assert not (tmp_path / "gan").exists()
    book.log(1, {"pixel": float("nan")})
    with pytest.raises(Diverged, match="gan, step 1: the loss 'pixel' is nan; the last checkpoint in .*gan is from"):
        book.check(2, {})


def test_weights_that_may_not_be_saved_are_told_with_the_step(tmp_path):
    module = torch.nn.Linear(1, 1)
    module.weight.data.fill_(float("nan"))
    with pytest.raises(Diverged, match="gan, after 4 steps: a weight is no finite number; the last checkpoint in"):
        open_journal(tmp_path).check(4, {"generator": module})


def test_a_fault_of_the_disk_says_what_is_kept(tmp_path):
    book = open_journal(tmp_path)
    said = "gan, step 7: a row could not be written to .*No space left on device.*; there is no checkpoint yet, make "
    with pytest.raises(OSError, match=said), book.writing("a row", 7):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_what_a_killed_process_left_is_swept(tmp_path):
    left = [tmp_path / ".state.0123456789ab.safetensors", tmp_path / "samples" / ".000003.0123456789ab.png"]
    kept = tmp_path / ".notes"
    kept.write_text("mine")
    (tmp_path / "samples").mkdir()
    for path in left:
        path.write_text("half")
    open_journal(tmp_path)
    assert not any(path.exists() for path in left) and kept.exists()
