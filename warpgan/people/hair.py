"""Hair: a shell over the scalp, a sheet over neck, shoulders and back for long hair, pony tails and buns.

The sheet is drawn once on the average body outside of head and back, and follows each person's shape and pose through
the body points nearest to it; it therefore lies on the back and never crosses the chest. Taught in notebook 01.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from warpgan.people.body import load_body
from warpgan.people.pieces import attach, cleared, mesh, smoothed, solid_vertices, turn

if TYPE_CHECKING:
    from warpgan.people.pieces import Piece

SPREAD = 0.15  # metres from the neck's axis beyond which hair does not reach over the shoulders
CENTRE_Y = -0.035  # of head and neck on the average body
ROWS = np.linspace(0.965, 0.40, 34)  # heights of the sheet's rows
ANGLES = np.radians(np.linspace(-112, 112, 41))  # 0 is the back of the head, negative the person's right


def scalp_field(place: np.ndarray, temples: float = 0.0, forehead: float = 0.0) -> np.ndarray:
    """Signed height [N] in metres above the hairline for points [N, 3] on the average body.

    Args:
        place: [N, 3]. temples: metres by which the hair recedes beside the forehead (0 to 0.03). forehead: metres by
            which the whole front line lies higher, or lower for a fringe (-0.035 to 0.02).
    """
    x, y, z = place.T
    front = np.clip((-0.085 - y) / 0.03, 0, 1)
    line = np.interp(y, [-0.2, -0.15, -0.115, -0.088, -0.075, -0.04, -0.02, 0.01, 0.05],
                     [0.972, 0.968, 0.955, 0.875, 0.915, 0.915, 0.85, 0.80, 0.79])
    line = line - 0.006 * np.cos(np.clip(np.abs(x) / 0.07, 0, 1) * np.pi) * (y < -0.11)
    line = line + front * (forehead + temples * np.exp(-(((np.abs(x) - 0.045) / 0.018) ** 2)))
    ear = (np.abs(x) > 0.078) & (np.abs(y + 0.055) < 0.035) & (z < 0.917)
    return np.where(ear | (z < 0.7), -0.05, z - line)


def shell(place: np.ndarray, scalp: np.ndarray, thickness: float, style: str, side: int) -> np.ndarray:
    """Thickness [N] in metres of the shell of hair over the scalp.

    Args:
        place: [N, 3]. scalp: [N], see `scalp_field`. thickness: at the top, metres. style: "even", "fade" (short at
            the sides) or "parted". side: -1 or 1, towards which parted hair falls.
    """
    x, _, z = place.T
    rise = np.clip((scalp + 0.004) / 0.03, 0.1, 1)
    if style == "fade":
        return np.maximum(thickness * np.clip((z - 0.925) / 0.06, 0, 1), 0.002) * rise
    if style == "parted":
        gap = np.clip(np.abs(x - 0.03 * side) / 0.012, 0, 1)
        high = 1 + 0.5 * np.clip(-x * side / 0.05, -1, 1)
        return thickness * rise * np.where(z > 0.985, (0.45 + 0.55 * gap) * high, high)
    return thickness * rise


@lru_cache(maxsize=1)
def sheet() -> Piece:
    """The long-hair sheet on the average body as a `Piece` of `len(ROWS)` by `len(ANGLES)` points."""
    solid = solid_vertices()
    away = load_body().mean[solid] - [0, CENTRE_Y, 0]
    angle, radius = np.arctan2(away[:, 0], away[:, 1]), np.hypot(away[:, 0], away[:, 1])
    high = np.abs(away[None, :, 2] - ROWS[:, None]) < 0.022
    there = np.abs(np.mod(angle[None] - ANGLES[:, None] + np.pi, 2 * np.pi) - np.pi) < 0.16
    reach = np.stack([np.where(row & there, radius, 0.0).max(1) for row in high])
    head = reach[ROWS > 0.86].max(0)
    fall = np.where(ROWS[:, None] > 0.9, reach, np.maximum(reach, head[None]))
    fall = np.minimum(fall, SPREAD) + 0.014
    for _ in range(3):  # soften, without cutting into the body
        wide = np.pad(fall, 1, mode="edge")
        soft = (wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:] + 2 * fall) / 6
        fall = np.maximum(soft, np.minimum(reach, SPREAD) + 0.008)
    z, a = np.meshgrid(ROWS, ANGLES, indexing="ij")
    points = np.stack([fall * np.sin(a), CENTRE_Y + fall * np.cos(a), z], axis=-1).reshape(-1, 3)
    return attach(points, *mesh(*z.shape), head=1 - _down(points))


def _down(points):
    # 0 at the head to 1 on the back
    return np.clip((0.80 - points[:, 2]) / 0.12, 0, 1)


def long_hair(length: float, front: float, clearance: float) -> Piece:
    """The sheet for hair of some length.

    Args:
        length: lowest height at the back on the average body (0.42 to 0.80, where it is a bob). front: how far to the
            front it reaches, degrees (80 to 110). clearance: metres of clothes under the hair on the back.
    """
    part = sheet()
    angle = np.tile(ANGLES, len(ROWS))
    wide = np.clip((np.abs(angle) - np.radians(12)) / np.radians(60), 0, 1)
    end = length + max(0.70 - length, 0.0) * wide**2  # rounded: shorter towards the shoulders
    cut = np.minimum(part.points[:, 2] - end, (np.radians(front) - np.abs(angle)) * 0.09)
    out = np.stack([np.sin(angle), np.cos(angle), np.zeros_like(angle)], 1)
    # Collars and scarves stand up: the lift is full at the nape already.
    lift = clearance * np.clip((0.83 - part.points[:, 2]) / 0.06, 0, 1)
    return part.worn(cut, out * lift[:, None])


def lies_on_back(surfaces: Iterable[Any]) -> bool:
    """Whether a long-hair sheet that reaches the collar is among a hair garment's surfaces."""
    sheets = [part for part in surfaces if getattr(part, "points", None) is sheet().points]
    return any(part.points[part.cut > 0, 2].min() < 0.77 for part in sheets)


@lru_cache(maxsize=8)
def _tail(height, length):
    rows, columns = 17, 15
    down, (around, seam) = np.linspace(0, 1, rows), turn(columns)
    # out from the head, over, and down the back
    y = 0.030 + 0.085 * (1 - np.exp(-7 * down)) + 0.012 * down
    z = height + 0.018 * np.sin(np.minimum(down * 9, np.pi)) - length * np.maximum(down - 0.06, 0)
    thick = np.interp(down, [0, 0.07, 0.13, 0.35, 0.8, 1], [0.016, 0.014, 0.022, 0.030, 0.022, 0.002])
    middle = np.stack([np.zeros(rows), y, z], 1)
    along = np.gradient(middle, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    over = np.stack([np.zeros(rows), -along[:, 2], along[:, 1]], 1)
    points = middle[:, None] + thick[:, None, None] * (np.sin(around)[None, :, None] * [1.15, 0, 0]
                                                       + np.cos(around)[None, :, None] * over[:, None])
    points = points.reshape(-1, 3)
    low = np.repeat(down, columns)
    points = np.where((low > 0.3)[:, None], cleared(points, 0.012), points)
    points = smoothed(points, rows, columns, rounds=1)
    return attach(points, *mesh(rows, columns), cut=seam, head=1 - 0.75 * np.clip((low - 0.3) / 0.5, 0, 1))


def pony_tail(height: float, length: float, clearance: float) -> Piece:
    """A pony tail tied at `height` (0.88 to 0.98), `length` metres long, `clearance` metres off the back."""
    part = _tail(height, length)
    return part.worn(lift=_down(part.points)[:, None] * [0, clearance, 0])


@lru_cache(maxsize=8)
def bun(height: float, size: float) -> Piece:
    """A bun at the back of the head at `height` (0.88 to 1.03), with a radius of `size` metres."""
    rows, columns = 9, 17
    up, (around, seam) = np.linspace(-np.pi / 2, np.pi / 2, rows)[:, None], turn(columns)
    wave = size * (1 + 0.05 * np.sin(3 * around + 4 * up))
    ball = np.stack([np.cos(up) * np.sin(around), np.cos(up) * np.cos(around), 0.85 * np.sin(up) + 0 * around], -1)
    back = np.interp(height, [0.88, 0.92, 0.96, 1.0, 1.03], [0.045, 0.058, 0.050, 0.015, -0.03])
    return attach((wave[..., None] * ball).reshape(-1, 3) + np.array([0, back, height]), *mesh(rows, columns), cut=seam)
