"""A training as a file, so that other processes and other machines can do it; and the process that does.

`python -m warpgan.jobs JOB.json` is what `launch.py` has torchrun start, once for each device; a cluster's own torchrun
can start it as well.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warpgan import config as configuration
from warpgan.config import Config
from warpgan.files import read_json, write_json
from warpgan.machine import leave

if TYPE_CHECKING:
    from warpgan.records import StageRun

DATA = ("rendered", "deepfashion", "market1501")


@dataclass(frozen=True)
class Job:
    """Everything that `training.train` is told, as plain values.

    Attributes:
        stage: `parser`, `matcher` or `gan`.
        config: networks, losses and steps.
        out: run folder.
        data: `rendered`, or `deepfashion` or `market1501`.
        root: folder of the data, unless they are rendered.
        options: further arguments of `data.DeepFashion` or `data.Market1501`, plain values.
        frozen, start: as for `training.train`; empty: None.
        device: "cpu" or "cuda".
        progress: show a progress bar.

    Raises:
        ValueError: a field has another type or value than expected.
    """

    stage: str
    config: Config
    out: str
    data: str = "rendered"
    root: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    frozen: str = ""
    start: str = ""
    device: str = "cpu"
    progress: bool = False

    def __post_init__(self) -> None:
        for name in ("stage", "out", "data", "root", "frozen", "start", "device"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected a text")
        if self.data not in DATA:
            raise ValueError(f"data is {self.data!r}; expected one of {', '.join(DATA)}")
        if (self.data == "rendered") == bool(self.root):
            expected = "no folder, they are made" if self.data == "rendered" else "the folder of the data"
            raise ValueError(f"root is {self.root!r}; expected {expected}")

    @property
    def folder(self) -> Path:
        """The stage's own folder."""
        return Path(self.out) / self.stage

    def write(self) -> Path:
        """Write the job beside its run, `out/<stage>.job.json`, and return the file."""
        path = Path(self.out) / f"{self.stage}.job.json"
        write_json(path, {name: getattr(self, name) for name in NAMES} | {"config": self.config.to_dict()})
        return path

    def datasets(self) -> dict[str, Any]:
        """The arguments `data` and `unseen` of `training.train`; None where people are rendered."""
        if self.data == "rendered":
            return {}
        from warpgan import data

        kind = {"deepfashion": data.DeepFashion, "market1501": data.Market1501}[self.data]
        both = {"data": "train", "unseen": "test"}
        return {name: kind(self.root, split, self.config.size, **self.options) for name, split in both.items()}

    def run(self) -> StageRun:
        """Train in this process, as one of those that torchrun may have started; see `training.train`."""
        from warpgan.training import train

        return train(
            self.stage, self.config, self.out, **self.datasets(), frozen=self.frozen or None,
            start=self.start or None, device=self.device, progress=self.progress,
        )


NAMES = [field.name for field in dataclasses.fields(Job)]


def read(path: str | Path) -> Job:
    """Read a job's file.

    Raises:
        OSError: there is no such file.
        ValueError: it is not a job; names the file and the field.
    """
    values = read_json(path, expect=dict)
    wrong = sorted(set(values) ^ set(NAMES))
    if wrong:
        raise ValueError(f"{path}: field {wrong[0]!r} is {'unknown' if wrong[0] in values else 'missing'}")
    config = configuration.from_dict(values["config"], source=str(path))
    try:
        return Job(**values | {"config": config})
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """The command `python -m warpgan.jobs JOB.json`; a known fault is one sentence and status 1."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if len(arguments) != 1:
        print("usage: python -m warpgan.jobs JOB.json (written by warpgan.launch)", file=sys.stderr)
        return 2
    try:
        read(arguments[0]).run()
        leave()
    except (OSError, ValueError, FloatingPointError, RuntimeError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
