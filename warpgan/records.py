"""The record of one training stage: its steps, log, samples, checkpoints and learning rate.

Everything around the method, so that the loops of `stages/` hold nothing but the method. A process that is killed at
any moment goes on from the last checkpoint and ends with the same weights. Notebook 06 opens such a folder.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch.utils.data import Dataset

from warpgan import checkpoints, resuming
from warpgan.config import Config
from warpgan.files import write_json
from warpgan.journal import Journal
from warpgan.machine import Machine
from warpgan.signals import Stopped, asked_to_stop

if TYPE_CHECKING:
    import pandas


@dataclass
class StageRun:
    """One stage being trained, or trained.

    Attributes:
        stage: `parser`, `matcher`, `gan` or `human_parser`.
        config: what it is trained with.
        folder: holds `config.json`, `state.safetensors`, `state.json`, `log.csv`, `speed.csv`, `metrics.json` and
            `samples/`.
        modules: name to module, all of them saved.
        optimisers: name to optimiser; their learning rates are set here.
        steps: how many steps the stage takes.
        rate: factor of the learning rate at a step; None: constant, then falling linearly to zero (`decay`).
        machine: where it is computed; None: in this process, on the CPU.
        progress: show a progress bar.
        start: checkpoint folder of the same stage whose network this one begins with; None: the random first weights.
        pairs: how many the data hold; the order in which they come depends on it.
        on_log: called with the run after each row of the log, for instance to draw it.
        metrics: `before` and `after` training, measured on unseen people.
        started_from: steps, seconds and SHA-256 of the weights in `start`, for the card.

    Raises:
        ValueError: `start` holds a network of another form; a checkpoint in `folder` has another configuration, or
            was made with another number of pairs.
        OSError: the folder cannot be written.
    """

    stage: str
    config: Config
    folder: Path
    modules: dict[str, torch.nn.Module]
    optimisers: dict[str, torch.optim.Optimizer]
    steps: int
    rate: Callable[[int], float] | None = None
    machine: Machine | None = None
    progress: bool = False
    start: Path | None = None
    pairs: int = 0
    on_log: Callable[[StageRun], None] | None = None
    step: int = 0
    seconds: float = 0.0
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)
    started_from: dict | None = None

    def __post_init__(self) -> None:
        self.folder = Path(self.folder)
        self.machine = self.machine or Machine(self.config)
        self._rates = {name: [g["lr"] for g in o.param_groups] for name, o in self.optimisers.items()}
        if checkpoints.exists(self.folder):
            self._go_on()
        elif self.start is not None:
            self.started_from = resuming.begin_with(checkpoints.load(self.start, self.stage), self.modules)
        self._journal = Journal(self.stage, self.config, self.folder, self.machine, begin=self.step, end=self.steps)

    def _go_on(self) -> None:
        found = checkpoints.resume(
            self.folder, self.modules, self.optimisers, stage=self.stage, config=self.config
        )
        resuming.check_pairs(self.folder, found.facts, self.pairs)
        self.step, self.seconds = found.step, found.facts["seconds"]
        self.metrics, self.started_from = found.facts["metrics"], found.facts.get("started_from")
        self.machine.restore_scaler(found.facts.get("scaler", {}))
        if not self.finished:
            resuming.warn_of_another_place(self.folder, found.facts, resuming.place(self.machine, self.config))

    @property
    def log_file(self) -> Path:
        """The CSV log: one row every `log_every` steps."""
        return self._journal.rows.path

    @property
    def finished(self) -> bool:
        """Whether every step has been taken."""
        return self.step >= self.steps

    def loop(self, data: Dataset | None = None) -> Iterator:
        """The steps that are left; sets the learning rate before each and writes a checkpoint when one is due.

        Args:
            data: training pairs, a dataset.

        Yields:
            (step, this process' share of its batch in parts), see `Machine.parts`; the step alone without data.

        Raises:
            Stopped: the process was told to stop (SIGTERM); the state was saved.
            Diverged: a loss is not finite or exploded; the last checkpoint is from before.
            OSError: a checkpoint could not be written; the last one is still there.
        """
        from tqdm.auto import tqdm

        bar = tqdm(total=self.steps, initial=self.step, desc=self.stage,
                   disable=not (self.progress and self.machine.first))
        ahead = None if data is None or self.finished else self.machine.read_ahead(data)
        self._journal.start()
        try:
            with asked_to_stop() as asked:
                while not self.finished:
                    started = time.monotonic()
                    self._set_rates()
                    if ahead is None:
                        yield self.step
                    else:
                        parts = self.machine.parts(ahead, self.step)
                        self._journal.waited(time.monotonic() - started, self.machine.config.batch)
                        yield self.step, parts
                    self.step += 1
                    self.seconds += time.monotonic() - started
                    bar.update()
                    stop = self.machine.anywhere(bool(asked))
                    if stop or self.finished or self.step % self.config.checkpoint_every == 0:
                        self.save()
                    bar.set_postfix_str(self._journal.speeds.text(), refresh=False)
                    if stop and not self.finished:
                        raise Stopped(
                            f"{self.stage}: told to stop; {self.step} of {self.steps} steps are saved in "
                            f"{self.folder}, the same command goes on from there"
                        )
        finally:
            bar.close()
            if ahead is not None:
                ahead.close()
            self._journal.close()

    def log(self, **losses: torch.Tensor | float) -> None:
        """Note the losses of this step; every `log_every` steps look at all of them and write a row.

        Raises:
            Diverged: a loss is not finite or exploded.
        """
        if self._journal.log(self.step, losses) and self.on_log and self.machine.first:
            self.on_log(self)

    def sample(self, *columns: torch.Tensor) -> None:
        """Write pictures if samples are due: each column is `[B, 3, H, W]` in [-1, 1], each row one pair."""
        self._journal.sample(self.step, columns)

    def save(self) -> None:
        """Write a checkpoint now.

        Raises:
            Diverged: a loss since the last row of the log, or a weight, is not finite.
            OSError: it could not be written; the last one is still there.
        """
        self._journal.check(self.step, self.modules)
        if self.machine.first:
            facts = {
                "seconds": round(self.seconds, 1),
                "metrics": self.metrics,
                "machine": resuming.place(self.machine, self.config),
                "scaler": self.machine.scaler(),
            }
            facts |= {"pairs": self.pairs} if self.pairs else {}
            facts |= {"started_from": self.started_from} if self.started_from else {}
            with self._journal.writing("a checkpoint", self.step):
                checkpoints.save(
                    self.folder, self.modules, stage=self.stage, config=self.config, step=self.step,
                    optimisers=self.optimisers, facts=facts,
                )

    def measured(self, when: str, measure: Callable[[], dict[str, float]]) -> None:
        """Measure `before` or `after` training, once each, and note it in the checkpoint and in `metrics.json`.

        Args:
            when: "before" or "after".
            measure: gives the numbers by name.
        """
        noted = self.metrics.get(when)  # a resumed run keeps what it measured; `after` belongs to the last step
        if noted is None or (when == "after" and noted.get("step") != self.step):
            values = self.machine.by_first(measure) | {"step": self.step}
            self.metrics[when] = {name: round(float(value), 6) for name, value in values.items()}
            self.save()
        if self.machine.first:
            with self._journal.writing("the metrics", self.step):
                facts = {"step": self.step, "seconds": self.seconds}
                write_json(self.folder / "metrics.json", facts | self.metrics)

    def losses(self) -> pandas.DataFrame:
        """The log as a pandas DataFrame, one row a logged step."""
        return self._journal.rows.frame()

    def speed(self) -> pandas.DataFrame:
        """Pictures a second, share of the time waiting for data and peak memory, one row a logged step."""
        return self._journal.speeds.frame()

    def _set_rates(self) -> None:
        factor = self.rate(self.step) if self.rate else linear_decay(self.step, self.steps, self.config.decay)
        for name, optimiser in self.optimisers.items():
            for group, rate in zip(optimiser.param_groups, self._rates[name], strict=True):
                group["lr"] = rate * factor


def linear_decay(step: int, steps: int, share: float) -> float:
    """Factor of the learning rate: 1, then falling linearly to zero over the last `share` of the steps.

    Args:
        step: counted from 0.
        steps: how many there are.
        share: of them, at the end, over which it falls.
    """
    return 1.0 if share == 0 else min(1.0, (steps - step) / (share * steps))
