"""What is read of a run is what the run says of itself, at any time."""

import pytest
from small_training import SMALL, train

from warpgan.run_folder import RunFolder


def test_a_run_can_be_read_while_it_goes_on_and_afterwards(tmp_path):
    seen = []

    def look(run):
        there = RunFolder(tmp_path / "parser")
        seen.append((there.step, there.finished, len(there.losses())))
        assert there.log_file == run.log_file and there.losses().equals(run.losses())

    settings = SMALL.replace(parser_steps=5)
    run = train("parser", tmp_path, settings, on_log=look)
    assert seen == [(0, False, 1), (0, False, 2), (0, False, 3), (3, False, 4), (3, False, 5)]
    there = RunFolder(tmp_path / "parser")
    assert there.finished and there.step == 5 and there.config == settings and there.metrics == run.metrics
    assert there.speed().equals(run.speed())


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="gan: no such folder"):
        RunFolder(tmp_path / "gan")
