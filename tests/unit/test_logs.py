"""A log can be cut back to any step, whatever a killed process left at its end."""

import pytest
import torch

from warpgan import logs


def written(path, steps=6):
    log = logs.Log(path)
    for step in range(0, steps, 2):
        log.append(step, {"pixel": step / 3, "adversarial": 0.5})
    return log


def test_rows_come_back_as_a_table(tmp_path):
    log = written(tmp_path / "log.csv")
    assert log.frame()["step"].tolist() == [0, 2, 4]
    assert log.frame()["pixel"].tolist() == pytest.approx([0, 2 / 3, 4 / 3], rel=1e-5)
    assert log.text() == "pixel 1.33, adversarial 0.5"


def test_cutting_and_writing_again_gives_the_same_bytes(tmp_path):
    written(tmp_path / "straight.csv")
    for step in (1, 3, 5, 6):
        path = tmp_path / f"cut{step}.csv"
        log = written(path)
        log.cut(step)
        assert all(row["step"] < step for row in log.before(100))
        for later in range(0, 6, 2):
            if later >= step:
                log.append(later, {"pixel": later / 3, "adversarial": 0.5})
        assert path.read_bytes() == (tmp_path / "straight.csv").read_bytes()


@pytest.mark.parametrize("torn", ["6", "6,0.5", "6,0.5,", "6,2,0.", '6,"2', "\n", "6,1,2,3\n"])
def test_a_row_that_was_not_finished_goes(tmp_path, torn):
    log = written(tmp_path / "log.csv")
    whole = log.path.read_bytes()
    with log.path.open("a") as file:
        file.write(torn)
    log.cut(6)
    assert log.path.read_bytes() == whole


def test_a_log_without_a_row_left_is_removed(tmp_path):
    log = written(tmp_path / "log.csv")
    log.cut(0)
    assert not log.path.exists()
    log.cut(0)
    assert list(log.before(9)) == []


def test_event_files_hold_rows_and_pictures(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    board = logs.TensorBoard(tmp_path, 0)
    board.append(3, {"pixel": 0.25})
    board.picture(3, logs.write_sheet(tmp_path / "sheet.png", [torch.zeros(2, 3, 8, 4)] * 2))
    board.flush()
    found = EventAccumulator(str(tmp_path)).Reload()
    (event,) = found.Scalars("pixel")
    assert (event.step, event.value) == (3, 0.25)
    assert found.Images("samples")[0].width == 2 * 6 + 2
