"""A picture with a text alternative, points that can be moved over it, and a status line: the view of every panel.

The page's own script (`static/picture.js`) says so when the kernel no longer answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from PIL import Image

STATIC = Path(__file__).parent / "static"


class Picture(anywidget.AnyWidget):
    """A picture in a page.

    Attributes:
        png: the picture, a PNG's bytes.
        alt: what a screen reader reads in its place.
        status: a line below it, read out when it changes.
        width, height: of the space that points live in, pixels.
        origin: the place [x, y] of the centre of the first pixel.
        reach: [left, top, right, bottom] that points can be dragged to; empty: as far as the picture goes.
        scale: screen pixels for one of them; 0 shows the picture as large as it is.
        handles: a place [x, y] for each point, or None for one that is missing.
        names: what each point is called.
        kinds: "round", "square", "small" or "frame" (a square around other points) for each point.
        colours: of each point as CSS writes it, and of the lines that end there; white where there is none.
        lines: pairs of points that are joined by a line; "dotted" as a third makes a thin one.
        circles: for each point the circle [x, y, radius] that it is dragged along, or None; if the list is not empty,
            points go where `handles` says as soon as they are let go.
        moved: what the page says last: {"index", "x", "y", "serial", "stroke"}; moves of one drag have one stroke.
        seconds: how long the page shows it before it hides it and says so; 0: for ever.
        took: milliseconds that the kernel needed for this picture.
    """

    _esm = STATIC / "picture.js"
    _css = STATIC / "picture.css"

    png = traitlets.Bytes(b"").tag(sync=True)
    alt = traitlets.Unicode("").tag(sync=True)
    status = traitlets.Unicode("").tag(sync=True)
    width = traitlets.Int(1).tag(sync=True)
    height = traitlets.Int(1).tag(sync=True)
    origin = traitlets.List([0.0, 0.0]).tag(sync=True)
    reach = traitlets.List().tag(sync=True)
    scale = traitlets.Float(0.0).tag(sync=True)
    handles = traitlets.List().tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    kinds = traitlets.List(traitlets.Unicode()).tag(sync=True)
    colours = traitlets.List(traitlets.Unicode()).tag(sync=True)
    lines = traitlets.List().tag(sync=True)
    circles = traitlets.List().tag(sync=True)
    moved = traitlets.Dict().tag(sync=True)
    seconds = traitlets.Float(0.0, min=0.0).tag(sync=True)
    took = traitlets.Float(0.0).tag(sync=True)

    def __init__(self, **values: Any):
        super().__init__(**values)
        self.on_msg(self._answer)

    def _answer(self, _, content, __) -> None:
        if isinstance(content, dict) and "beat" in content:  # the page asks whether anybody is there
            self.send({"beat": content["beat"]})

    def show(self, image: Image.Image, alt: str) -> None:
        """Replace the picture and its text alternative.

        Args:
            image: the picture.
            alt: its text alternative, with the numbers that it shows.
        """
        file = BytesIO()
        image.save(file, "PNG", compress_level=1)
        with self.hold_sync():
            self.png, self.alt = file.getvalue(), alt

    def on_move(self, callback: Callable[[int, float, float], None]) -> None:
        """Call back with (index, x, y) when a point has been moved in the page.

        What the page sends is checked here: a message of another form is ignored, as nobody can have dragged that.
        """

        def moved(change) -> None:
            found = change["new"]
            index, x, y = (found.get(key) for key in ("index", "x", "y"))
            numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) and abs(v) < 1e6 for v in (x, y))
            if isinstance(index, int) and 0 <= index < len(self.handles) and numbers:
                callback(index, float(x), float(y))

        self.observe(moved, "moved")

    def put_handles(self, places: Sequence[Sequence[float] | None]) -> None:
        """Put the points there, rounded to a hundredth of a pixel."""
        self.handles = [None if at is None else [round(float(at[0]), 2), round(float(at[1]), 2)] for at in places]

    def refuse_move(self) -> None:
        """Take the moved point out of the hand and put it back: `handles` stay as they are."""
        self.moved = {}
