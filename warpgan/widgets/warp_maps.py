"""An affine map and a thin-plate spline in one's hands: the points that they are dragged by, and what was before.

Maps run from output to source: source = affine(tps(output)). Knows nothing of widgets; explained in notebook 04.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import torch
from torch import Tensor

from warpgan import geometry
from warpgan.arguments import choose
from warpgan.models.matching import MAPS

FURTHEST = 4.0  # of any number of a map; the picture goes from -1 to 1
FLAT = 1e-4  # a determinant below which an affine map lays the picture on a line
AXIS = 1.25  # where on its axis an end of the affine map is held: beyond the control points, so that none covers it
REACH = 0.24  # of the picture's sides: how far beyond it points can be dragged
FRAMES = ("centre of the affine map", "end of the affine map's x axis", "end of the affine map's y axis")


class MapsInHand:
    """Both maps, with a point for each control point and three for the affine map.

    Args:
        size: (height, width) of the picture that the points lie on.
        side: control points along each side.

    Attributes:
        affine: [2, 3]; tps: [K, 2]; maps: which of them act, one of `MAPS`.
        names: of the points: three of the affine map, then K control points, row by row.
    """

    def __init__(self, size: tuple[int, int], side: int):
        self.size, self.side, self.maps = size, side, "both"
        rows = range(1, side + 1)
        self.names = [*FRAMES, *(f"control point, row {row} column {column}" for row in rows for column in rows)]
        self._past: deque[dict] = deque(maxlen=200)
        self.affine, self.tps = self.identity()

    def identity(self) -> tuple[Tensor, Tensor]:
        """Return the affine map and the spline that move nothing."""
        return geometry.identity_affine(1)[0], geometry.identity_tps(1, self.side)[0]

    def acting(self) -> tuple[Tensor, Tensor]:
        """Return the affine map and the spline, the identity in place of one that does not act."""
        still = self.identity()
        affine = self.affine if self.maps in ("both", "affine") else still[0]
        return affine, self.tps if self.maps in ("both", "tps") else still[1]

    @property
    def lines(self) -> list[list]:
        """Pairs of points to join: the axes of the affine map, then neighbours among the control points."""
        side, first = self.side, len(FRAMES)
        across = [(k, k + 1) for k in range(side * side) if (k + 1) % side]
        down = [(k, k + side) for k in range(side * (side - 1))]
        return [[0, 1], [0, 2], *([first + a, first + b, "dotted"] for a, b in across + down)]

    @property
    def reach(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the places that points can be dragged to, pixels of the picture."""
        y, x = (round(REACH * side) for side in self.size)
        return -x, -y, self.size[1] - 1 + x, self.size[0] - 1 + y

    def points(self) -> list[list[float] | None]:
        """Return where each point is, [x, y] in pixels; None for those of a map that does not act."""
        affine, tps = self.acting()
        frames = torch.tensor([[0.0, 0.0], [AXIS, 0.0], [0.0, AXIS]])
        places = geometry.affine_points(affine[None], torch.cat([frames, tps])[None])[0]
        shown = [self.maps in ("both", "affine")] * len(FRAMES) + [self.maps in ("both", "tps")] * len(tps)
        pixels = geometry.normalised_to_pixel(places, self.size).tolist()
        return [place if here else None for place, here in zip(pixels, shown, strict=True)]

    def move(self, index: int, x: float, y: float, *, begins: bool = True) -> None:
        """Put a point somewhere else.

        Args:
            index: of `names`.
            x, y: pixels of the picture.
            begins: whether `undo` comes back to what is now; False for the later moves of one drag.

        Raises:
            ValueError: the affine map has no inverse, so nothing says where a control point would have to be, or a
                number would leave [-4, 4]; nothing has changed.
        """
        place = geometry.pixel_to_normalised(torch.tensor([x, y]), self.size)
        affine, tps, moved = self.affine.clone(), self.tps.clone(), index - len(FRAMES)
        if index == 0:
            affine[:, 2] = place
        elif moved < 0:
            affine[:, index - 1] = (place - affine[:, 2]) / AXIS
        else:
            tps[moved] = self._before_affine(place)
        furthest = (affine if moved < 0 else tps[moved]).abs().max().item()
        if not furthest <= FURTHEST:
            raise ValueError(
                f"{self.names[index]}: its map would have the number {furthest:.4g}; expected at most {FURTHEST:g}, "
                "where 1 is the picture's edge"
            )
        if begins:
            self._remember()
        self.affine, self.tps = affine, tps

    def take(self, affine: Tensor, tps: Tensor, maps: str) -> None:
        """Take other maps over: [2, 3], [K, 2], and which of them act.

        Args:
            affine: [2, 3].
            tps: [K, 2].
            maps: which of them act, one of `MAPS`.
        """
        choose("maps", maps, MAPS)
        self._remember()
        self.affine, self.tps, self.maps = affine.clone(), tps.clone(), maps

    def undo(self) -> None:
        """Take the last change back.

        Raises:
            ValueError: there is none.
        """
        if not self._past:
            raise ValueError("nothing to undo: nothing has been changed")
        self._use(self._past.pop())

    def settings(self) -> dict[str, Any]:
        """Return the maps as plain values: affine, two rows of three; tps, K rows (x, y); maps."""
        affine, tps = ([[round(v, 5) for v in row] for row in one.tolist()] for one in (self.affine, self.tps))
        return {"affine": affine, "tps": tps, "maps": self.maps}

    def use_settings(self, state: dict[str, Any]) -> None:
        """Take over what `settings` gave.

        Raises:
            ValueError: a value of another form; names it, and nothing has changed.
        """
        _check_rows("affine", state["affine"], tuple(self.affine.shape))
        _check_rows("tps", state["tps"], tuple(self.tps.shape))
        choose("state: maps", state["maps"], MAPS)
        self._remember()
        self._use(state)

    def _remember(self) -> None:
        self._past.append(self.settings())

    def _use(self, state: dict[str, Any]) -> None:
        self.affine, self.tps = (torch.tensor(state[name], dtype=torch.float32) for name in ("affine", "tps"))
        self.maps = state["maps"]

    def _before_affine(self, place: Tensor) -> Tensor:
        affine = self.acting()[0].double()
        if abs(torch.linalg.det(affine[:, :2])) < FLAT:
            raise ValueError(
                "the affine map has no inverse: it lays the whole picture on a line, so no control point can be "
                "moved; pull the ends of its axes apart first"
            )
        return torch.linalg.solve(affine[:, :2], place.double() - affine[:, 2]).float()


def _check_rows(name: str, found: Any, shape: tuple[int, int]) -> None:
    rows, columns = shape
    wanted = f"expected {rows} rows of {columns} numbers"
    if not isinstance(found, list) or any(not isinstance(row, list) for row in found):
        raise ValueError(f"state: {name} is {str(found)[:40]!r}; {wanted}")
    lengths = sorted({len(row) for row in found}) or [0]
    if len(found) != rows or lengths != [columns]:
        raise ValueError(f"state: {name} has {len(found)} rows of {' or '.join(map(str, lengths))}; {wanted}")
    for value in (value for row in found for value in row):
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= FURTHEST:
            raise ValueError(
                f"state: {name} has {str(value)[:40]!r}; expected numbers from {-FURTHEST:g} to {FURTHEST:g}"
            )
