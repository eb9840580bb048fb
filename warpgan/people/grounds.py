"""Grounds of the styles: what stands behind a rendered person, painted in numpy and Pillow at low resolution.

Every ground is a function (size, rng, camera, points) -> [H, W, 3] float32 in 0..1. The camera and the posed points
place the floor and the shadows. Used by `styles`; taught in notebook 01.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from warpgan.people.camera import DISTANCE

if TYPE_CHECKING:
    from warpgan.people.camera import Camera

LOW = 96  # rows at which soft things are painted


def quiet(size: tuple[int, int], rng: np.random.Generator, _camera: Camera, _points: np.ndarray) -> np.ndarray:
    """One bright colour, a little darker at the bottom."""
    colour = np.clip(rng.uniform(0.82, 0.97) + rng.normal(0, 0.02, 3), 0, 1)
    shade = 1.02 - 0.09 * np.arange(size[0]) / size[0]
    return np.broadcast_to((shade[:, None, None] * colour).clip(0, 1), (*size, 3)).astype(np.float32)


def resized(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """[h, w] float -> [H, W] float32, bicubic.

    Args:
        values: [h, w].
        size: (height, width).
    """
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.asarray(picture.resize((size[1], size[0]), Image.Resampling.BICUBIC))


def blurred(values: np.ndarray, radius: float) -> np.ndarray:
    """Gaussian blur of [h, w] in 0..1; eight bits are enough for what the callers do with it.

    Args:
        values: [h, w] in 0..1.
        radius: pixels.
    """
    from PIL import Image, ImageFilter

    picture = Image.fromarray((np.clip(values, 0, 1) * 255).astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(radius)), np.float32) / 255


def noise(shape: tuple[int, int], cells: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Smooth noise [h, w], about unit deviation, with `cells` (rows, columns) features.

    Args:
        shape: (h, w).
        cells: (rows, columns) of features.
        rng: numpy random generator.
    """
    return resized(rng.standard_normal(cells), shape)


def splat(points: np.ndarray, camera: Camera, shape: tuple[int, int]) -> np.ndarray:
    """Where points [N, 3] fall on a grid that covers the picture at a lower resolution: [h, w], 1 where any does.

    Args:
        points: [N, 3], metres.
        camera: of the picture.
        shape: (h, w) of the grid.
    """
    scale = np.array([shape[1] / camera.size[1], shape[0] / camera.size[0]])
    cell = np.floor((camera.project(points) + 0.5) * scale).astype(int)
    cell = cell[((cell >= 0) & (cell < [shape[1], shape[0]])).all(1)]
    grid = np.zeros(shape, np.float32)
    grid[cell[:, 1], cell[:, 0]] = 1.0
    return grid


def thinned(points: np.ndarray, count: int = 2500) -> np.ndarray:
    """About `count` of the points [N, 3], evenly taken."""
    return points[::max(len(points) // count, 1)]


def low(size: tuple[int, int], rows: int) -> tuple[int, int]:
    """A smaller picture of the same shape: (rows, columns)."""
    rows = min(rows, size[0])
    return rows, max(round(size[1] * rows / size[0]), 2)


def contact(points: np.ndarray, camera: Camera, shape: tuple[int, int], reach: float) -> np.ndarray:
    """Darkness under the feet: the lowest points, spread on the floor by `reach` metres.

    Args:
        points: [N, 3] posed vertices, metres.
        camera: of the picture.
        shape: (h, w) of the grid.
        reach: metres.
    """
    floor = points[:, 2].min()
    feet = points[points[:, 2] < floor + 0.05]
    pixels = camera.focal / DISTANCE * shape[0] / camera.size[0]
    return np.clip(2.5 * blurred(splat(feet, camera, shape), reach * pixels), 0, 1)


def fallen(points: np.ndarray, camera: Camera, shape: tuple[int, int], sideways: float, back: float) -> np.ndarray:
    """The shadow on the floor: each point moves by (sideways, back) metres for each metre of its height.

    Args:
        points: [N, 3] posed vertices, metres.
        camera: of the picture.
        shape: (h, w) of the grid.
        sideways: metres a metre of height.
        back: the same.
    """
    points = thinned(points)
    height = points[:, 2:] - points[:, 2].min()
    fallen = points + height * np.array([sideways, back, -1.0])
    fallen[:, 1] = np.maximum(fallen[:, 1], 1.0 - DISTANCE)
    return splat(fallen, camera, shape)


def studio(size: tuple[int, int], rng: np.random.Generator, camera: Camera, points: np.ndarray) -> np.ndarray:
    """A seamless studio, white to light grey: a slight gradient, a soft shadow on wall and floor, at times a corner."""
    shape = low(size, LOW)
    white, level, tilt, fall = rng.random() < 0.3, rng.uniform(0.86, 0.965), rng.normal(0, 0.028), rng.uniform(0, 0.06)
    corner, floor_step, back = rng.random() < 0.45, rng.uniform(-0.03, 0.06), rng.uniform(0.4, 1.6)
    side = rng.choice([-1.0, 1.0]) * rng.uniform(0.05, 0.18)
    wall, under = rng.uniform(0.02, 0.18), rng.uniform(0.1, 0.4)
    spread, tint = rng.uniform(0.04, 0.10), np.clip(rng.normal(0, 0.005, 3), -0.01, 0.01)
    mottle = noise(shape, (3, 3), rng)
    y, x = np.mgrid[:shape[0], :shape[1]].astype(np.float32)
    y, x = (y + 0.5) / shape[0], (x + 0.5) / shape[1] - 0.5
    light = level + tilt * 2 * x - fall * y ** 2 + 0.006 * mottle
    pixels = camera.focal / DISTANCE * shape[0] / camera.size[0]  # grid pixels a metre
    if corner:  # where the wall meets the floor `back` metres behind the person
        drop = -points[:, 2].min()
        row = (camera.centre[1] + camera.focal * drop / (DISTANCE + back)) / camera.size[0]
        light += floor_step * np.clip((y - row) * shape[0] / 1.5 + 0.5, 0, 1)
        light -= 0.03 * np.exp(-np.abs(y - row) * 40)
    if white:
        light = 1.0 + 0.05 * (light - level)
        wall, under = 0.5 * wall, 0.8 * under
    shadow = thinned(points) + np.array([side, 0.0, -0.05])
    coarse = low(size, LOW // 2)  # coarse enough that the vertices leave no holes in the silhouette
    shade = blurred(splat(shadow, camera, coarse), spread * pixels * coarse[0] / shape[0])
    light = light * (1 - wall * np.clip(1.2 * resized(shade, shape), 0, 1))
    light = light * (1 - under * contact(points, camera, shape, 0.04))
    floor_shade = blurred(fallen(points, camera, shape, 3 * side, 0.3), 0.08 * pixels)
    light = light * (1 - 0.5 * wall * floor_shade)
    light = resized(light, size)
    return np.clip(light[..., None] * (1 + (0 if white else 1) * tint).astype(np.float32), 0, 1)
