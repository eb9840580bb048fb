"""The record of one training stage: its steps, checkpoints, log, samples and metrics, in one folder.

Everything here is book-keeping, so that the loops of `training.py` hold nothing but the method. Notebook 06 opens
such a folder.
"""

from __future__ import annotations

import csv
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch

from . import checkpoints
from .config import Config
from .files import atomic, write_json


@dataclass
class StageRun:
    """One stage being trained, or trained.

    Attributes:
        stage: `parser`, `matcher` or `gan`.
        config: what it is trained with.
        folder: holds `config.json`, `state.safetensors`, `state.json`, `log.csv`, `metrics.json` and `samples/`.
        modules: name to module, all of them saved.
        optimisers: name to optimiser; their learning rates are set here.
        steps: how many steps the stage takes.
        rate: factor of the learning rate at a step; None: constant, then falling linearly to zero (`decay`).
        start: checkpoint folder of the same stage whose network this one begins with; None: the random first weights.
        metrics: `before` and `after` training, measured on unseen people.
        started_from: steps, seconds and SHA-256 of the weights in `start`, for the card.

    Raises:
        ValueError: `start` holds a network of another form; a checkpoint in `folder` has another configuration.
    """

    stage: str
    config: Config
    folder: Path
    modules: dict[str, torch.nn.Module]
    optimisers: dict[str, torch.optim.Optimizer]
    steps: int
    rate: Callable[[int], float] | None = None
    progress: bool = False
    start: Path | None = None
    step: int = 0
    seconds: float = 0.0
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)
    started_from: dict | None = None

    def __post_init__(self):
        self.folder = Path(self.folder)
        (self.folder / "samples").mkdir(parents=True, exist_ok=True)
        self._rates = {name: [g["lr"] for g in o.param_groups] for name, o in self.optimisers.items()}
        if checkpoints.exists(self.folder):
            found = checkpoints.resume(
                self.folder, self.modules, self.optimisers, stage=self.stage, config=self.config
            )
            self.step, self.seconds = found.step, found.facts["seconds"]
            self.metrics, self.started_from = found.facts["metrics"], found.facts.get("started_from")
        elif self.start is not None:
            self._begin_with(checkpoints.load(self.start, self.stage))
        write_json(self.folder / "config.json", self.config.to_dict())
        self._cut_log()

    # The discriminator is not shipped and starts anew.
    def _begin_with(self, found: checkpoints.Checkpoint) -> None:
        name = checkpoints.SHIPPED[self.stage]
        found.load_into(name, self.modules[name])
        before = found.facts.get("started_from") or {"step": 0, "seconds": 0.0}
        digest = hashlib.sha256((found.folder / checkpoints.WEIGHTS).read_bytes()).hexdigest()
        self.started_from = {
            "step": before["step"] + found.step,
            "seconds": before["seconds"] + found.facts.get("seconds", 0.0),
            "sha256": digest,
        }

    @property
    def log_file(self) -> Path:
        """The CSV log: one row every `log_every` steps."""
        return self.folder / "log.csv"

    @property
    def finished(self) -> bool:
        """Whether every step has been taken."""
        return self.step >= self.steps

    def loop(self) -> Iterator[int]:
        """The steps that are left; sets the learning rate before each and writes a checkpoint when one is due."""
        from tqdm.auto import tqdm

        bar = tqdm(total=self.steps, initial=self.step, desc=self.stage, disable=not self.progress)
        while not self.finished:
            started = time.monotonic()
            self._set_rates()
            yield self.step
            self.step += 1
            self.seconds += time.monotonic() - started
            bar.update()
            if self.step % self.config.checkpoint_every == 0 or self.finished:
                self.save()
        bar.close()

    def log(self, **losses: torch.Tensor | float) -> None:
        """Write the losses of this step if it is one that is logged.

        Raises:
            FloatingPointError: a loss is not finite; the last checkpoint is from before.
        """
        if self.step % self.config.log_every and self.step != self.steps - 1:
            return
        row = {"step": self.step} | {
            name: float(torch.as_tensor(value).detach()) for name, value in losses.items()
        }
        for name, value in row.items():
            if not torch.isfinite(torch.tensor(float(value))):
                raise FloatingPointError(
                    f"{self.stage}, step {self.step}: the loss {name!r} is {value}; the last checkpoint in "
                    f"{self.folder} is from before, try a smaller learning rate"
                )
        new = not self.log_file.exists()
        with self.log_file.open("a", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(row)
            writer.writerow([row["step"]] + [f"{value:.6g}" for value in list(row.values())[1:]])

    def sample(self, *columns: torch.Tensor) -> None:
        """Write pictures if samples are due: each column is `[B, 3, H, W]` in [-1, 1], each row one pair."""
        if (self.step + 1) % self.config.sample_every and self.step != self.steps - 1:
            return
        from torchvision.utils import save_image

        tiles = torch.stack([column.detach().cpu() for column in columns], dim=1).flatten(
            0, 1
        )  # [B*columns, 3, H, W]
        with atomic(self.folder / "samples" / f"{self.step + 1:06d}.png") as path:
            save_image(tiles, path, nrow=len(columns), padding=2, normalize=True, value_range=(-1, 1))

    def save(self) -> None:
        """Write a checkpoint now."""
        facts = {"seconds": round(self.seconds, 1), "metrics": self.metrics}
        if self.started_from:
            facts["started_from"] = self.started_from
        checkpoints.save(
            self.folder, self.modules, stage=self.stage, config=self.config, step=self.step,
            optimisers=self.optimisers, facts=facts,
        )  # fmt: skip

    def measured(self, when: str, values: dict[str, float]) -> None:
        """Note metrics `before` or `after` training, in the checkpoint and in `metrics.json`."""
        self.metrics[when] = {name: round(float(value), 6) for name, value in values.items()}
        self.save()
        write_json(self.folder / "metrics.json", {"step": self.step, "seconds": self.seconds} | self.metrics)

    def losses(self):
        """The log as a pandas DataFrame, one row a logged step."""
        import pandas

        return pandas.read_csv(self.log_file)

    def _set_rates(self) -> None:
        factor = self.rate(self.step) if self.rate else linear_decay(self.step, self.steps, self.config.decay)
        for name, optimiser in self.optimisers.items():
            for group, rate in zip(optimiser.param_groups, self._rates[name], strict=True):
                group["lr"] = rate * factor

    # Rows after the checkpoint belong to steps that will be taken again.
    def _cut_log(self) -> None:
        if not self.log_file.exists():
            return
        with self.log_file.open(newline="") as file:
            rows = list(csv.reader(file))
        kept = rows[:1] + [row for row in rows[1:] if row and row[0].isdigit() and int(row[0]) < self.step]
        if len(kept) > 1:
            with atomic(self.log_file) as path, path.open("w", newline="") as file:
                csv.writer(file).writerows(kept)
        else:
            self.log_file.unlink()


def linear_decay(step: int, steps: int, share: float) -> float:
    """Factor of the learning rate: 1, then falling linearly to zero over the last `share` of the steps."""
    return 1.0 if share == 0 else min(1.0, (steps - step) / (share * steps))
