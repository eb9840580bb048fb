"""Rows of numbers by step: a CSV file that can be cut back to a checkpoint, and TensorBoard's event files."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from warpgan.files import atomic

if TYPE_CHECKING:
    import pandas


class Log:
    """A CSV file with a row of numbers a step.

    Args:
        path: the file; it need not exist. The first column is `step`.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self._row: dict[str, float] = {}

    def append(self, step: int, row: dict[str, float]) -> None:
        """Write a row; it is on its way to the disk when this returns."""
        new = not self.path.exists()
        with self.path.open("a", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(["step", *row])
            writer.writerow([step, *(f"{value:.6g}" for value in row.values())])
        self._row = row

    def cut(self, step: int) -> None:
        """Remove the rows of `step` and later, and a row that a killed process left unfinished."""
        if not self.path.exists():
            return
        with self.path.open(newline="") as file:
            header = next(csv.reader(file), ["step"])
        kept = list(self.before(step))
        if not kept:
            self.path.unlink()
            return
        with atomic(self.path) as part, part.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows([[int(row.pop("step")), *(f"{value:.6g}" for value in row.values())] for row in kept])

    def before(self, step: int) -> Iterator[dict[str, float]]:
        """The whole rows of the steps before this one, as numbers."""
        if not self.path.exists():
            return
        with self.path.open(newline="") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            for row in reader:
                if len(row) == len(header) and row[0].isdigit() and int(row[0]) < step:
                    yield dict(zip(header, map(float, row), strict=True))

    def frame(self) -> pandas.DataFrame:
        """The file as a pandas DataFrame, one row a logged step."""
        import pandas

        return pandas.read_csv(self.path)

    def text(self) -> str:
        """The last row in words, for a progress bar."""
        return ", ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in self._row.items())


def write_sheet(path: str | Path, columns: Sequence[torch.Tensor]) -> torch.Tensor:
    """Write pictures side by side: each column is `[B, 3, H, W]` in [-1, 1], each row one pair.

    Args:
        path: of the PNG.
        columns: tensors of one B and size.

    Returns:
        The sheet, `[3, height, width]` in [0, 1].
    """
    from torchvision.utils import make_grid, save_image

    tiles = torch.stack([column.detach().float().cpu() for column in columns], dim=1).flatten(0, 1)
    sheet = make_grid(tiles, nrow=len(columns), padding=2, normalize=True, value_range=(-1, 1))
    with atomic(path) as part:
        save_image(sheet, part)
    return sheet


class TensorBoard:
    """Event files for TensorBoard; rows from `step` on, of an earlier run in the folder, are purged.

    Args:
        folder: for the event files.
        step: the first step that this run will write.
    """

    def __init__(self, folder: str | Path, step: int):
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(folder), purge_step=step)

    def append(self, step: int, row: dict[str, float]) -> None:
        """Write a row of numbers."""
        for name, value in row.items():
            self._writer.add_scalar(name, value, step)

    def picture(self, step: int, image: torch.Tensor) -> None:
        """Write a picture `[3, H, W]` in [0, 1]."""
        self._writer.add_image("samples", image, step)

    def flush(self) -> None:
        """Write what is waiting."""
        self._writer.flush()
