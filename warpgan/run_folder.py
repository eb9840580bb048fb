"""What a training stage has written, read from its folder: while it goes on elsewhere, or afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from warpgan.config import Config, from_dict
from warpgan.files import read_json
from warpgan.logs import Log
from warpgan.reading import as_folder

if TYPE_CHECKING:
    import pandas


class RunFolder:
    """A stage's folder, `out/<stage>` of `training.train`; each call reads what is there now.

    Args:
        folder: of one stage.

    Raises:
        OSError: there is no such folder.
    """

    def __init__(self, folder: str | Path):
        self.folder = as_folder(folder)

    @property
    def log_file(self) -> Path:
        """The CSV log: one row every `log_every` steps."""
        return self.folder / "log.csv"

    @property
    def config(self) -> Config:
        """What it is trained with."""
        path = self.folder / "config.json"
        return from_dict(read_json(path, expect=dict), source=str(path))

    @property
    def step(self) -> int:
        """Steps in the last checkpoint; 0 before the first."""
        return self._checkpoint().get("step", 0)

    @property
    def metrics(self) -> dict[str, Any]:
        """Measured `before` and `after` training, as far as it has come."""
        return self._checkpoint().get("facts", {}).get("metrics", {})

    @property
    def finished(self) -> bool:
        """Whether it has been measured after its last step."""
        return self.metrics.get("after", {}).get("step", -1) == self.step

    def losses(self) -> pandas.DataFrame:
        """The log as a pandas DataFrame, one row a logged step."""
        return Log(self.log_file).frame()

    def speed(self) -> pandas.DataFrame:
        """Pictures a second, share of the time waiting for data and peak memory, one row a logged step."""
        return Log(self.folder / "speed.csv").frame()

    def _checkpoint(self) -> dict:
        path = self.folder / "state.json"
        return read_json(path, expect=dict) if path.exists() else {}
