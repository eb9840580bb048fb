"""What is worn on the head: beanies, caps, hats with a brim all round, and sunglasses.

Crowns and brims are surfaces of revolution about an oval a little wider than the head, cut off along a slanting rim:
low on the neck, above the ears, high on the forehead. Taught in notebook 01.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from warpgan.people.pieces import attach, join, mesh, turn

if TYPE_CHECKING:
    from warpgan.people.pieces import Piece

CENTRE_Y = -0.06  # of the head's oval on the average body
HALF_WIDTH, HALF_DEPTH = 0.078, 0.105  # of the head above the ears
COLUMNS = 35
LENS_Z = 0.9045  # height of the eyes
# share of the rim's size against share of the height, from the rim to the top
PROFILES = {
    "beanie": [(np.cos(a) ** 0.8, np.sin(a) ** 0.95) for a in np.linspace(0, np.pi / 2, 11)],
    "cap": [(np.cos(a) ** 0.82, np.sin(a) ** 0.9) for a in np.linspace(0, np.pi / 2, 11)],
    "fedora": [(1, 0), (0.985, 0.25), (0.95, 0.55), (0.90, 0.82), (0.84, 0.95), (0.72, 1.0), (0.5, 0.95), (0.2, 0.9),
               (0, 0.89)],
    "bucket": [(1, 0), (0.97, 0.3), (0.93, 0.65), (0.89, 0.92), (0.82, 1.0), (0.5, 1.02), (0, 1.02)],
}
TOPS = {"beanie": 1.062, "cap": 1.045, "fedora": 1.066, "bucket": 1.045}
CLEARANCE = {"beanie": 0.014, "cap": 0.012, "fedora": 0.013, "bucket": 0.014}


def rim(y: np.ndarray) -> np.ndarray:
    """Height of a hat's rim over the depth y on the average body."""
    return np.interp(y, [-0.18, -0.06, 0.06], [0.957, 0.934, 0.905])


def hat_field(place: np.ndarray) -> np.ndarray:
    """Metres above a hat's rim for points [N, 3] of the average body, far below the head strongly negative."""
    return np.maximum(place[:, 2] - rim(place[:, 1]), -0.3)


def _oval(angle, size, wider):
    # Around the head: angle 0 is the front, positive towards the person's left.
    return np.stack([np.sin(angle) * (HALF_WIDTH + wider) * size,
                     CENTRE_Y - np.cos(angle) * (HALF_DEPTH + wider) * size], axis=-1)


@lru_cache(maxsize=8)
def crown(kind: str) -> Piece:
    """The crown of a hat as a `Piece`; `kind` is one of `PROFILES`."""
    size, height = np.array(PROFILES[kind]).T
    angle, seam = turn(COLUMNS)
    flat = _oval(angle[None], size[:, None], CLEARANCE[kind])
    low = rim(_oval(angle, 1.0, CLEARANCE[kind])[:, 1])[None] - 0.004
    z = low + (TOPS[kind] - low) * height[:, None]
    if kind == "fedora":  # the pinch at the front and the fold along the top
        z = z + 0.012 * np.cos(angle) ** 2 * (size[:, None] < 0.8)
    if kind == "beanie":  # soft wool hangs to the back
        flat[..., 1] += 0.022 * height[:, None] ** 2
    points = np.concatenate([flat, z[..., None]], -1).reshape(-1, 3)
    return attach(points, *mesh(len(size), COLUMNS), cut=seam)


@lru_cache(maxsize=8)
def band(kind: str) -> Piece:
    """The folded edge of a beanie or the ribbon of a hat as a `Piece`."""
    height = 0.036 if kind == "beanie" else 0.024
    rows = np.array([(0.0, -0.001), (0.006, 0.0045), (0.5, 0.0055), (0.94, 0.0045), (1.0, -0.001)])
    angle, seam = turn(COLUMNS)
    flat = _oval(angle[None], 1.0, CLEARANCE[kind] + rows[:, 1:])
    z = rim(_oval(angle, 1.0, CLEARANCE[kind])[:, 1])[None] - 0.006 + height * rows[:, :1]
    return attach(np.concatenate([flat, z[..., None]], -1).reshape(-1, 3), *mesh(len(rows), COLUMNS), cut=seam)


@lru_cache(maxsize=8)
def brim(kind: str) -> Piece:
    """The brim of a cap (in front), a fedora (flat) or a bucket hat (hanging) as a `Piece`."""
    rows = np.linspace(0, 1, 5)[:, None]
    if kind == "cap":
        angle, seam = np.radians(np.linspace(-68, 68, 17)), 1.0
        round_ = np.clip(np.cos(angle * 90 / 68), 0, None) ** 0.55
        flat = _oval(angle[None], 1.0, CLEARANCE[kind] - 0.001 + 0 * rows)
        flat[..., 1] -= 0.075 * rows * round_
        z = rim(flat[:1, :, 1]) - 0.001 - (0.030 + 0.035 * np.sin(angle) ** 2) * rows * round_ + 0 * rows
    else:
        angle, seam = turn(COLUMNS)
        width, drop = (0.072, 0.004) if kind == "fedora" else (0.048, 0.034)
        flat = _oval(angle[None], 1.0, CLEARANCE[kind] - 0.001 + width * rows)
        z = rim(flat[:1, :, 1]) - drop * rows
        if kind == "fedora":
            z = z + (0.016 * np.sin(angle) ** 2 - 0.006 * np.cos(angle)) * rows**2
    return attach(np.concatenate([flat, z[..., None]], -1).reshape(-1, 3), *mesh(len(rows), len(angle)), cut=seam)


@lru_cache(maxsize=1)
def pompon() -> Piece:
    """The ball on a beanie as a `Piece`."""
    up, (around, seam) = np.linspace(-np.pi / 2, np.pi / 2, 8)[:, None], turn(15)
    ball = np.stack([np.cos(up) * np.sin(around), np.cos(up) * np.cos(around), np.sin(up) + 0 * around], -1)
    return attach(0.024 * ball.reshape(-1, 3) + [0, CENTRE_Y + 0.022, TOPS["beanie"] + 0.014], *mesh(8, 15), cut=seam)


def _face_y(x):
    # Depth of the glasses in front of the eyes: they follow the curve of the face and clear the bridge of the nose.
    return -0.173 + 5.5 * x**2


@lru_cache(maxsize=4)
def lenses(shape: str) -> Piece:
    """Both lenses of sunglasses as a `Piece`; `shape` is "round", "square" or "pilot"."""
    return _ovals(shape, [0.0, 0.55, 0.9, 1.0], 0.0)


def _ovals(shape, rows, forward):
    angle = np.linspace(0, 2 * np.pi, 25)
    power = {"round": 1.0, "square": 0.45, "pilot": 0.75}[shape]
    x, z = np.cos(angle), np.sin(angle)
    scale = 1 / (np.abs(x) ** (2 / power) + np.abs(z) ** (2 / power)) ** (power / 2)
    wide, high = {"round": (0.0255, 0.0235), "square": (0.027, 0.019), "pilot": (0.0275, 0.023)}[shape]
    parts = []
    for side in (-1, 1):
        across = 0.0335 * side + wide * np.multiply.outer(rows, x * scale)
        up = LENS_Z + high * np.multiply.outer(rows, z * scale)
        if shape == "pilot":
            up = up - 0.004 + 0.1 * (np.abs(across) - 0.0335) * (up < LENS_Z)
        points = np.stack([across, _face_y(across) - forward, up], -1).reshape(-1, 3)
        parts.append((points, *mesh(len(rows), len(angle))))
    points, faces, uv = join(*parts)
    return attach(points, faces, uv, count=16)


@lru_cache(maxsize=4)
def frame(shape: str) -> Piece:
    """Rims, bridge and temples of sunglasses as a `Piece`."""
    rims = _ovals(shape, [0.93, 1.10], 0.0008)
    half = np.linspace(-0.0032, 0.0032, 2)
    x = np.linspace(-0.011, 0.011, 5)
    bridge = np.stack([np.tile(x, (2, 1)), np.tile(_face_y(x) - 0.001, (2, 1)),
                       LENS_Z + 0.007 + half[:, None] - 14 * x[None] ** 2], -1).reshape(-1, 3)
    parts = [(rims.points, rims.faces, rims.uv), (bridge, *mesh(2, 5))]
    y = np.array([_face_y(0.059), -0.135, -0.10, -0.06, -0.035, -0.02])
    out = np.array([0.0595, 0.071, 0.0785, 0.0835, 0.085, 0.084])
    z = LENS_Z + np.array([0.008, 0.009, 0.010, 0.011, 0.009, 0.002])
    for side in (-1, 1):
        temple = np.stack([np.tile(side * out, (2, 1)), np.tile(y, (2, 1)), z + half[:, None]], -1).reshape(-1, 3)
        parts.append((temple, *mesh(2, 6)))
    return attach(*join(*parts), count=16)
