"""Printed cloth: figures for the chest, and tiles that repeat over the whole cloth.

A figure is a function of (x, y) that is positive inside and falls about as fast as the distance from its edge; a tile
is a square picture that closes on itself both ways. Taught in notebook 01.
"""

from __future__ import annotations

import numpy as np

FIGURES = ("disc", "ring", "star", "square", "cross", "heart", "triangle", "bars", "leaf", "flower", "bolt", "moon")
PRINTS = ("waves", "flowers", "leaves", "triangles", "zigzag", "argyle", "spots", "stars", "hearts", "bricks",
          "houndstooth", "splash")
TILE = 72  # texels of a tile's side


def figure(kind: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Signed size of a figure of about unit radius at places; positive inside.

    Args:
        kind: one of `FIGURES`.
        x: places, about -1 to 1 across the figure.
        y: the same, upwards; of a shape that fits.
    """
    r = np.hypot(x, y)
    if kind == "ring":
        return 0.25 - np.abs(r - 0.8)
    if kind == "star":
        return 0.62 + 0.38 * np.cos(5 * np.arctan2(x, y)) - r
    if kind == "square":
        return 0.85 - np.maximum(np.abs(x), np.abs(y))
    if kind == "cross":
        return np.minimum(0.36 - np.minimum(np.abs(x), np.abs(y)), 1.05 - np.maximum(np.abs(x), np.abs(y)))
    if kind == "heart":
        return 0.9 - np.hypot(x, y - 0.65 * np.sqrt(np.abs(x)) + 0.1)
    if kind == "triangle":
        return np.minimum(y + 0.75, 0.5 * (1.05 - 1.9 * np.abs(x) - y))
    if kind == "bars":
        return np.minimum(0.24 - np.abs(np.mod(y + 1.2, 0.8) - 0.4), np.minimum(1.3 - np.abs(x), 1.2 - np.abs(y)))
    if kind == "leaf":
        blade = np.minimum(0.44 * np.cos(np.clip(y, -1, 1) * 1.45) - 0.04 - np.abs(x), 1.1 - np.abs(y))
        return np.minimum(blade, np.abs(x) - 0.05 + 0.5 * (y > 0.6))  # two halves beside a rib
    if kind == "flower":
        return np.where(r < 0.28, r - 0.2, 0.68 + 0.32 * np.cos(5 * np.arctan2(x, y)) - r)
    if kind == "bolt":
        return np.minimum(0.30 - np.abs(x + 0.35 * y - 0.35 * np.sign(y)), 1.1 - np.abs(y))
    if kind == "moon":
        return np.minimum(1 - r, np.hypot(x - 0.45, y - 0.15) - 0.8)
    return 1 - r


def _soft(distance, share):
    # A distance in shares of the tile to ink in 0..1 over about one texel.
    return np.clip(distance * TILE * share + 0.5, 0, 1)


def _over(picture, mask, colour):
    picture += mask[..., None] * (colour - picture)


def _scatter(rng, picture, kind, colours, rows, radius):
    # Figures on a jittered lattice whose odd rows are shifted, each turned at random; distances go round the tile.
    axis = ((np.arange(TILE) + 0.5) / TILE).astype(np.float32)
    turn = rng.uniform(0, 2 * np.pi)
    free = rng.random() < 0.7
    for i in range(rows):
        for j in range(rows):
            place = (np.array([j + 0.5 * (i % 2), i + 0.25]) + rng.uniform(-0.12, 0.12, 2)) / rows
            dx, dy = np.mod(axis - place[0] + 0.5, 1) - 0.5, np.mod(axis - place[1] + 0.5, 1) - 0.5
            angle = turn + (rng.uniform(0, 2 * np.pi) if free else 0.0)
            size = radius / rows * rng.uniform(0.8, 1.1)
            near_x, near_y = np.flatnonzero(np.abs(dx) < 1.5 * size), np.flatnonzero(np.abs(dy) < 1.5 * size)
            x, y = dx[near_x][None] / size, dy[near_y][:, None] / size
            x, y = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
            part = picture[np.ix_(near_y, near_x)]
            _over(part, _soft(figure(kind, x, y), size), colours[(i + j) % len(colours)])
            if kind == "flower":
                _over(part, _soft(0.24 - np.hypot(x, y), size), colours[(i + j + 1) % len(colours)])
            picture[np.ix_(near_y, near_x)] = part


def _waves(rng, count, fastest):
    # Smooth noise [TILE, TILE] that closes on itself, of unit spread.
    axis = (2 * np.pi * (np.arange(TILE) + 0.5) / TILE).astype(np.float32)
    total = np.zeros((TILE, TILE), np.float32)
    for _ in range(count):
        across, along = rng.integers(-fastest, fastest + 1, 2)
        if across == 0 and along == 0:
            along = 1
        total += np.sin(across * axis[None] + along * axis[:, None] + np.float32(rng.uniform(0, 2 * np.pi)))
    return total / max(float(total.std()), 1e-6)


def tile(rng: np.random.Generator, kind: str, colours: np.ndarray) -> np.ndarray:
    """A tile [TILE, TILE, 3] float32 in 0..1 of a print, which closes on itself both ways.

    Args:
        rng: numpy random generator. kind: one of `PRINTS`. colours: [3, 3] ground and two inks.
    """
    ground, second, third = colours
    picture = np.empty((TILE, TILE, 3), np.float32)
    picture[:] = ground
    axis = ((np.arange(TILE) + 0.5) / TILE).astype(np.float32)
    x, y = axis[None], axis[:, None]
    fold = lambda t, n: np.abs(np.mod(t * n, 1) - 0.5)  # noqa: E731 - a triangle wave, 0 to 0.5
    if kind in ("waves", "splash"):
        noise = _waves(rng, 7, 3 if kind == "waves" else 5)
        level, speed = (0.35, 3.0) if kind == "waves" else (0.75, 2.0)
        _over(picture, np.clip((noise - level) * speed * 3, 0, 1), second)
        _over(picture, np.clip((-noise - level - 0.25) * speed * 3, 0, 1), third)
    elif kind in ("flowers", "leaves", "stars", "hearts"):
        name = {"flowers": "flower", "leaves": "leaf", "stars": "star", "hearts": "heart"}[kind]
        _scatter(rng, picture, name, (second, third), 3 if rng.random() < 0.5 else 2, rng.uniform(0.36, 0.5))
    elif kind == "spots":  # leopard: rings of one ink round blots of the other
        noise = _waves(rng, 12, 6)
        _over(picture, np.clip((noise - 0.25) * 6, 0, 1), second)
        _over(picture, np.clip((noise - 1.15) * 6, 0, 1), third)
    elif kind == "triangles":
        inside = np.minimum(fold(x, 2) - 0.5 * np.mod(y * 2, 1), 0.4 * np.mod(y * 2, 1))
        odd = np.mod(np.floor(x * 2 + 0.5) + np.floor(y * 2), 2)[..., None]
        picture += _soft(inside - 0.04, 0.35)[..., None] * (second + odd * (third - second) - picture)
    elif kind == "zigzag":
        wave = y + 0.5 * fold(x, 3)
        _over(picture, _soft(fold(wave, 2) - 0.28, 0.4), second)
        _over(picture, _soft(0.07 - fold(wave, 2), 0.4), third)
    elif kind == "argyle":
        _over(picture, _soft(0.5 - fold(x, 2) - fold(y, 2), 0.35), second)
        lines = np.minimum(fold(x * 2 + y * 2, 1), fold(x * 2 - y * 2, 1))
        _over(picture, _soft(0.05 - lines, 0.4), third)
    elif kind == "bricks":
        row = np.floor(y * 4)
        across = x * 2 + 0.5 * np.mod(row, 2)
        inside = np.minimum(0.5 * (0.42 - fold(y, 4)), 0.46 - fold(across, 1))
        odd = (np.mod(np.floor(across), 2) == np.mod(np.floor(row / 2), 2))[..., None]
        picture += _soft(inside, 0.5)[..., None] * (np.where(odd, third, second) - picture)
    else:  # houndstooth: four threads over four
        i, j = np.floor(x * 24).astype(int), np.floor(y * 24).astype(int)
        over = np.where(np.mod(i + j, 8) < 4, np.mod(i, 8) < 4, np.mod(j, 8) < 4)
        _over(picture, over.astype(np.float32), second)
    return picture
