"""What is worn round the neck: scarves, shirt collars and coat collars, drawn on the body, lifted off clothes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from warpgan.people.pieces import attach, cleared, mesh, smoothed, turn

if TYPE_CHECKING:
    from warpgan.people.pieces import Piece

NECK_Y = -0.033  # the neck's axis on the average body


def _neck_share(points):
    # Head and chest share what lies round the neck: it neither turns fully with the head nor cuts into the chin.
    return np.clip((points[:, 2] - 0.75) / 0.12, 0, 0.35)


@lru_cache(maxsize=4)
def ring(thick: float) -> Piece:
    """A scarf's turn round the neck as a `Piece`; `thick` is the tube's radius in metres (0.024 to 0.04)."""
    columns, rows = 39, 13
    (around, seam), (tube, inner) = turn(columns), turn(rows)  # the tube's seam lies inside, at the neck
    tube = tube[:, None]
    radius = thick * (1 + 0.10 * np.sin(5 * around + 3 * np.sin(tube)) + 0.07 * np.sin(3 * tube + 2 * around))
    away = 0.068 + 0.75 * thick + radius * np.cos(tube)
    z = 0.763 - 0.022 * np.cos(around) + 1.15 * radius * np.sin(tube)
    points = np.stack([away * np.sin(around), NECK_Y - 0.95 * away * np.cos(around), z], -1).reshape(-1, 3)
    cut = np.minimum(seam, inner[:, None]).ravel()
    return attach(points, *mesh(rows, columns), cut=cut, head=_neck_share(points))


@lru_cache(maxsize=8)
def tail(side: int, length: float) -> Piece:
    """A scarf's hanging end as a `Piece`: on the person's left (`side` 1) or right (-1), `length` metres long."""
    rows, columns = 17, 9
    down, across = np.linspace(0, 1, rows)[:, None], np.linspace(-1, 1, columns)[None]
    x = side * (0.038 + 0.022 * down) + across * (0.030 + 0.014 * np.minimum(3 * down, 1))
    y = -0.142 + 0.006 * np.cos(across * 7 + side) + 0 * down
    z = 0.735 - length * down + 0 * across
    points = smoothed(cleared(np.stack([x, y, z], -1).reshape(-1, 3), 0.030), rows, columns, rounds=1)
    return attach(points, *mesh(rows, columns), head=0.0)


def scarf_field(place: np.ndarray) -> np.ndarray:
    """Region [N] of the neck that lies under a scarf's turn, metres inside, for points of the average body."""
    x, y, z = place.T
    middle = 0.763 + 0.022 * np.clip((y - NECK_Y) / 0.06, -1, 1)
    chin = np.interp(y, [-0.14, -0.09, -0.05], [0.77, 0.765, 0.80])
    return np.minimum(np.minimum(0.03 - np.abs(z - middle), chin - z), 0.09 - np.hypot(x, y - NECK_Y))


@lru_cache(maxsize=4)
def collar(kind: str) -> Piece:
    """A folded collar as a `Piece`: "shirt", "coat" (larger) or "polo" (small)."""
    stand, leaf, point, gap = {"shirt": (0.026, 0.034, 0.024, 8), "polo": (0.018, 0.030, 0.014, 14),
                               "coat": (0.030, 0.052, 0.050, 22)}[kind]
    columns = 33
    angle = np.radians(np.linspace(-180 + 1e-3, 180 - 1e-3, columns))  # 0 is the back: the gap is in front
    angle = angle * (180 - gap) / 180
    front = np.clip((np.abs(angle) - np.radians(70)) / np.radians(110), 0, 1)
    base = 0.774 - 0.050 * front - 0.006 * np.cos(angle)
    length = leaf + point * front**3
    rows = []
    for up, out in ((0.0, 0.0), (0.6, 0.0), (0.95, 0.001), (1.0, 0.005), (0.9, 0.010)):
        rows.append((0.073 - 0.005 * up + out, base + up * stand * (1 - 0.35 * front)))
    rows += [
        (0.086 + 0.030 * down, base + stand * (1 - 0.35 * front) * 0.9 - length * down)
        for down in (0.25, 0.5, 0.75, 1.0)
    ]
    points = np.stack([np.stack([r * np.sin(angle), NECK_Y + 0.004 + 0.97 * r * np.cos(angle), z], -1)
                       for r, z in rows]).reshape(-1, 3)
    count = 5 * columns
    points[count:] = cleared(points[count:], 0.022)
    return attach(points, *mesh(len(rows), columns), head=0.0)


def front_of(piece: Piece) -> Piece:
    """A collar without its back, where long hair lies."""
    return piece.worn(np.minimum(piece.cut, NECK_Y - piece.points[:, 1]), piece.lift)


def both_tails(first: float, second: float) -> list[Piece]:
    """The two ends of a scarf, `first` metres on the left and `second` on the right (0: none), as `Piece`s."""
    return [tail(side, length) for side, length in ((1, first), (-1, second)) if length > 0]


def outward(points: np.ndarray) -> np.ndarray:
    """Unit vectors [N, 3] away from the neck's axis, for lifting pieces off the clothes."""
    away = points - [0, NECK_Y, 0]
    away[:, 2] = 0
    return away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6)


