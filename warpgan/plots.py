"""Pictures for the notebooks: sheets of tiles, skeletons, warped grids, loss curves, and sheets that move.

Tiles are composed with Pillow and come back as Pillow images, which a notebook shows as PNG; curves come back
as a matplotlib figure, and what moves as an animated PNG. Nothing here draws on the screen or keeps a state, but
for `LiveCurves`.
"""

from __future__ import annotations

import base64
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from warpgan.animation import Animation
from warpgan.drawing import draw_grid, draw_keypoints, enlarged, hatch, overlay, to_uint8

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas
    import PIL.Image

    from warpgan.records import StageRun
    from warpgan.run_folder import RunFolder

__all__ = [
    "Animation", "LiveCurves", "animation", "checker", "curves", "draw_grid", "draw_keypoints", "hatch", "overlay",
    "sheet", "to_uint8",
]


def sheet(
    rows: Sequence[Sequence], labels: Sequence[str] | None = None, *, column_titles: Sequence[str] | None = None,
    scale: int = 2, gap: int = 4,
) -> PIL.Image.Image:
    """Lay pictures out in a table with titles.

    Args:
        rows: rows of pictures, each anything `to_uint8` takes, or None for an empty place.
        labels: a caption at the left of each row.
        column_titles: a caption above each column.
        scale: every pixel becomes a square of this many.
        gap: white pixels between tiles.

    Returns:
        A Pillow image.

    Raises:
        ValueError: no picture at all, or more captions than rows or columns.
    """
    from PIL import Image, ImageDraw, ImageFont

    tiles = [[None if one is None else enlarged(to_uint8(one), scale) for one in row] for row in rows]
    if not any(tile is not None for row in tiles for tile in row):
        raise ValueError("a sheet needs at least one picture")
    columns = max(len(row) for row in tiles)
    for what, captions, count in (("labels", labels, len(tiles)), ("column_titles", column_titles, columns)):
        if captions is not None and len(captions) != count:
            raise ValueError(f"a sheet of {count} {what} got {len(captions)}: {list(captions)}")
    font = ImageFont.load_default(size=14)

    def extent(text: str) -> int:
        return max(int(font.getlength(line)) + 1 for line in text.split("\n"))

    left = max(map(extent, labels)) + 2 * gap if labels else gap
    lines = max(text.count("\n") + 1 for text in column_titles) if column_titles else 0
    top = 18 * lines + gap
    # A title wider than its pictures widens the column rather than being cut.
    widths = [extent(text) for text in column_titles] if column_titles else [0] * columns
    heights = [0] * len(tiles)
    for row, column, tile in _places(tiles):
        heights[row] = max(heights[row], tile.shape[0])
        widths[column] = max(widths[column], tile.shape[1])
    lefts = [left + sum(widths[:column]) + column * gap for column in range(columns + 1)]
    tops = [top + sum(heights[:row]) + row * gap for row in range(len(tiles) + 1)]
    canvas = Image.new("RGB", (lefts[-1], tops[-1]), "white")
    pen = ImageDraw.Draw(canvas)
    for column, text in enumerate(column_titles or []):
        at = (lefts[column] + widths[column] / 2, top - gap)
        pen.multiline_text(at, text, "black", font, "md", spacing=3, align="center")
    for row, text in enumerate(labels or []):
        at = (left - gap, tops[row] + heights[row] / 2)
        pen.multiline_text(at, text, "black", font, "rm", spacing=3, align="right")
    for row, column, tile in _places(tiles):
        x = lefts[column] + (widths[column] - tile.shape[1]) // 2
        y = tops[row] + (heights[row] - tile.shape[0]) // 2
        canvas.paste(Image.fromarray(tile), (x, y))
    return canvas


def animation(
    frames: Sequence[Sequence[Sequence]], labels: Sequence[str] | None = None, *,
    column_titles: Sequence[str] | None = None, scale: int = 2, gap: int = 4, duration: int = 100, loop: int = 0,
) -> Animation:
    """Lay pictures out in a table whose tiles move.

    Args:
        frames: for each moment the rows of pictures, as `sheet` takes them.
        labels, column_titles, scale, gap: as for `sheet`.
        duration: milliseconds that a moment is shown.
        loop: how often it is played; 0 for ever.

    Returns:
        An `Animation`.

    Raises:
        ValueError: no moment, moments of different sizes, or what `sheet` does not take.
    """
    sheets = [sheet(rows, labels, column_titles=column_titles, scale=scale, gap=gap) for rows in frames]
    return Animation(sheets, duration=duration, loop=loop)


def curves(
    log: str | Path | pandas.DataFrame, columns: Sequence[str] | None = None, *, smooth: int = 10
) -> matplotlib.figure.Figure:
    """Plot losses against steps, one panel each: the logged values faint, their running mean strong.

    Args:
        log: a run's `log.csv`, or a pandas DataFrame with a column `step`.
        columns: which to show; None shows all.
        smooth: how many logged values one mean is taken over, at most a quarter of all; 1 for none.

    Returns:
        A matplotlib figure.

    Raises:
        ValueError: a column that the log does not have; names those it has.
    """
    import pandas
    from matplotlib.figure import Figure

    table = pandas.read_csv(log) if isinstance(log, (str, Path)) else log
    found = [name for name in table.columns if name != "step"]
    columns = found if columns is None else list(columns)
    unknown = [name for name in columns if name not in found]
    if unknown or "step" not in table.columns:
        missing = (unknown or ["step"])[0]
        raise ValueError(f"the log has no column {missing!r}; it has {', '.join(table.columns)}")
    window = max(1, min(smooth, len(table) // 4))  # a mean over the whole of a short log would be a straight line
    figure = Figure(figsize=(3.2 * len(columns), 2.4), layout="constrained")
    for axes, name in zip(figure.subplots(1, len(columns), squeeze=False)[0], columns, strict=True):
        mean = table[name].rolling(window, min_periods=1, center=True).mean()
        axes.plot(table["step"], table[name], color="tab:blue", alpha=0.25, linewidth=1)
        axes.plot(table["step"], mean, color="tab:blue", linewidth=2)
        axes.set(title=name.replace("_", " "), xlabel="step")
        axes.grid(alpha=0.3)
    # A figure that pyplot knows nothing of is drawn only once, but has to tell a notebook how itself.
    figure._repr_png_ = partial(_png, figure)
    return figure


class LiveCurves:
    """Curves of a training that goes on: for `on_log` of `training.train` and of `launch.launch`.

    In a notebook one picture is drawn and then replaced, and the last one stays in the file. Elsewhere nothing
    happens.

    Args:
        columns, smooth: as for `curves`.
        every: seconds between two pictures; the last row of the log is always drawn.
    """

    def __init__(self, columns: Sequence[str] | None = None, *, smooth: int = 10, every: float = 1.0):
        self.columns, self.smooth, self.every = columns, smooth, every
        self._due, self._handle = 0.0, None

    def __call__(self, run: StageRun | RunFolder) -> None:
        """Draw the log of a run (`StageRun` or `RunFolder`) if a second has gone by, or if it was the last row."""
        over = run.finished or run.step + 1 == getattr(run, "steps", None)
        if not _in_notebook() or (time.monotonic() < self._due and not over):
            return
        from IPython.display import display

        png = _png(curves(run.losses(), self.columns, smooth=self.smooth))
        # Nothing but the picture may change: other forms of an output are compared when a notebook is tested.
        data = {"image/png": base64.b64encode(png).decode(), "text/plain": "<curves of the training>"}
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)
        self._due = time.monotonic() + self.every


def checker(size: tuple[int, int], *, squares: int = 8) -> Tensor:
    """Make a chequered test picture whose hue tells left from right and top from bottom.

    Args:
        size: (height, width).
        squares: along the shorter side.

    Returns:
        [3, H, W] float in [-1, 1].
    """
    side = min(size) / squares
    y, x = torch.meshgrid(*(torch.arange(length) for length in size), indexing="ij")
    light = ((x / side).floor() + (y / side).floor()) % 2  # [H, W]
    hue = torch.stack((x / (size[1] - 1), y / (size[0] - 1), 1 - x / (size[1] - 1)))  # [3, H, W]
    return (0.25 + 0.75 * light) * (0.35 + 0.65 * hue) * 2 - 1


def _places(tiles: list[list]) -> Iterator[tuple[int, int, np.ndarray]]:
    for row, line in enumerate(tiles):
        for column, tile in enumerate(line):
            if tile is not None:
                yield row, column, tile


def _in_notebook() -> bool:
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return hasattr(shell, "kernel")


def _png(figure) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=90)
    return buffer.getvalue()
