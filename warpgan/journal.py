"""What a training writes on its way: rows of losses and of speed, samples, event files; and what it checks before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch

from warpgan import checkpoints
from warpgan.config import Config
from warpgan.files import sweep, write_json
from warpgan.logs import Log, TensorBoard, write_sheet
from warpgan.machine import Machine
from warpgan.watch import Alarm, Diverged, Speedometer, check_weights


class Journal:
    """The files of a stage's folder that are not its checkpoint.

    Only the first of several processes writes; all of them check, together.

    Args:
        stage: named in errors.
        config: `log_every`, `sample_every`, `explosion`, `tensorboard`.
        folder: of the stage.
        machine: where it is trained.
        begin: the step that comes next; rows of it and later ones belong to steps that are taken again.
        end: how many steps there are.
    """

    def __init__(self, stage: str, config: Config, folder: Path, machine: Machine, *, begin: int, end: int):
        self.stage, self.config, self.folder, self.machine, self.end = stage, config, folder, machine, end
        self.rows, self.speeds = Log(folder / "log.csv"), Log(folder / "speed.csv")
        self._alarm, self._speed = Alarm(config.explosion, machine.mean), Speedometer(machine.device)
        self._board = None
        if machine.first:
            with self.writing("the record of the training", begin):
                (folder / "samples").mkdir(parents=True, exist_ok=True)
                for place in (folder, folder / "samples"):
                    sweep(place)
                write_json(folder / "config.json", config.to_dict())
                for log in (self.rows, self.speeds):
                    log.cut(begin)
                if config.tensorboard:
                    self._board = TensorBoard(folder / "tensorboard", begin)
        for row in self.rows.before(begin):
            self._alarm.remember(row)

    def start(self) -> None:
        """Begin to measure the speed now."""
        self._speed = Speedometer(self.machine.device)

    def waited(self, seconds: float, pictures: int) -> None:
        """Note how long a step waited for its pictures."""
        self._speed.waited(seconds, pictures)

    def log(self, step: int, losses: dict[str, torch.Tensor | float]) -> bool:
        """Note a step's losses; where a row is due, check and write them and return True.

        Raises:
            Diverged: a loss since the last row is not finite or exploded.
        """
        self._alarm.note(step, losses)
        if step % self.config.log_every and step != self.end - 1:
            return False
        row = self._look()
        self._alarm.remember(row)
        if self.machine.first:
            speed = self._speed.read()
            with self.writing("a row of the log", step):
                self.rows.append(step, row)
                self.speeds.append(step, speed)
                if self._board:
                    self._board.append(step, row | {f"speed/{name}": value for name, value in speed.items()})
        return True

    def sample(self, step: int, columns: Sequence[torch.Tensor]) -> None:
        """Write a sheet of pictures if one is due after this step."""
        due = (step + 1) % self.config.sample_every == 0 or step == self.end - 1
        if due and self.machine.first:
            with self.writing("a sample", step):
                sheet = write_sheet(self.folder / "samples" / f"{step + 1:06d}.png", columns)
                if self._board:
                    self._board.picture(step, sheet)

    def check(self, step: int, modules: dict[str, torch.nn.Module]) -> None:
        """Make sure that the weights may be saved.

        Args:
            step: how many have been taken.
            modules: name to module, whose weights are looked at.

        Raises:
            Diverged: a loss or a weight is not finite, a loss exploded, or processes have different weights.
        """
        self._look()
        with self._named(f"after {step} steps: "):
            check_weights(modules.values(), self.machine.alike)

    def close(self) -> None:
        """Write what is waiting."""
        if self._board:
            self._board.flush()

    @contextmanager
    def writing(self, what: str, step: int) -> Iterator[None]:
        """Within the block a fault of the disk becomes a sentence that says what is kept and what to do."""
        try:
            yield
        except OSError as error:
            kept = "the last checkpoint is whole" if checkpoints.exists(self.folder) else "there is no checkpoint yet"
            raise OSError(
                f"{self.stage}, step {step}: {what} could not be written to {self.folder} "
                f"({error.strerror or error}); {kept}, make room or give another folder and run the same command again"
            ) from error

    def _look(self) -> dict[str, float]:
        with self._named():
            return self._alarm.look()

    @contextmanager
    def _named(self, when: str = "") -> Iterator[None]:
        try:
            yield
        except Diverged as error:
            kept = f"the last checkpoint in {self.folder} is from before"
            raise Diverged(f"{self.stage}, {when}{error}; {kept}") from None
