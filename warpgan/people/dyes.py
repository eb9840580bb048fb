"""Colours of cloth as in a shop: neutrals, denim blues, earth tones, pastels and vivid ones; and threes that match.

Three colours of one cloth differ in brightness, so that its pattern can be seen, and agree in hue: neutral, alike or
opposite. Taught in notebook 01.
"""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING

import numpy as np

from warpgan.people.chance import pick

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

POOLS = {
    "light": [(0.95, 0.95, 0.94), (0.92, 0.90, 0.85), (0.86, 0.82, 0.74), (0.80, 0.80, 0.81)],
    "dark": [(0.09, 0.09, 0.10), (0.20, 0.21, 0.23), (0.10, 0.14, 0.28), (0.08, 0.11, 0.20), (0.24, 0.10, 0.14)],
    "grey": [(0.52, 0.53, 0.55), (0.38, 0.39, 0.41), (0.66, 0.66, 0.66)],
    "denim": [(0.22, 0.30, 0.45), (0.36, 0.46, 0.60), (0.55, 0.65, 0.76), (0.14, 0.19, 0.31)],
    "earth": [(0.45, 0.30, 0.19), (0.67, 0.50, 0.31), (0.42, 0.42, 0.25), (0.62, 0.33, 0.21), (0.76, 0.58, 0.22),
              (0.20, 0.31, 0.23), (0.72, 0.65, 0.52), (0.47, 0.22, 0.17)],
    "pastel": [(0.93, 0.76, 0.76), (0.72, 0.87, 0.80), (0.70, 0.82, 0.92), (0.82, 0.75, 0.90), (0.96, 0.91, 0.68),
               (0.96, 0.80, 0.66)],
    "vivid": [(0.80, 0.13, 0.15), (0.12, 0.30, 0.70), (0.08, 0.52, 0.36), (0.93, 0.48, 0.12), (0.95, 0.78, 0.16),
              (0.80, 0.16, 0.48), (0.10, 0.58, 0.65), (0.42, 0.20, 0.56)],
}
POOL_SHARES = {"light": 0.19, "dark": 0.20, "grey": 0.08, "denim": 0.09, "earth": 0.17, "pastel": 0.12, "vivid": 0.15}
DENIMS = np.array([(0.20, 0.28, 0.43), (0.31, 0.41, 0.57), (0.50, 0.60, 0.72), (0.12, 0.16, 0.27), (0.14, 0.14, 0.16),
                   (0.44, 0.45, 0.47), (0.82, 0.80, 0.75)])
APART = 0.30  # least difference of two colours of a cloth, see `apart`


def vary(rng: np.random.Generator, colour: ArrayLike, amount: float = 0.02) -> np.ndarray:
    """A dye lot of a colour [3]: a little brighter or darker, a little off in hue, within 0.02 to 0.98.

    Args:
        rng: numpy random generator.
        colour: [3] in 0..1.
        amount: deviation of each channel.
    """
    return np.clip(np.asarray(colour) * rng.uniform(0.9, 1.08) + rng.normal(0, amount, 3), 0.02, 0.98)


def dye(rng: np.random.Generator) -> np.ndarray:
    """A random colour [3] in 0..1 out of the pools, each as often as its share says."""
    pool = POOLS[pick(rng, POOL_SHARES)]
    return vary(rng, pool[rng.integers(len(pool))])


def apart(one: ArrayLike, other: ArrayLike) -> float:
    """How well two colours [3] can be told apart: difference of luminance, and some of the difference of hue."""
    change = np.asarray(one) - np.asarray(other)
    light = change @ [0.30, 0.59, 0.11]
    return float(abs(light) + 0.3 * np.abs(change - light).max())


def matching(one: ArrayLike, other: ArrayLike) -> bool:
    """Whether two colours [3] go together: one of them nearly grey, or hues alike or opposite."""
    (hue, grey, _), (second, pale, _) = colorsys.rgb_to_hsv(*one), colorsys.rgb_to_hsv(*other)
    turn = abs((hue - second + 0.5) % 1.0 - 0.5)
    return min(grey, pale) < 0.25 or turn < 0.13 or turn > 0.38


def palette(rng: np.random.Generator, first: ArrayLike | None = None) -> np.ndarray:
    """Three matching colours [3, 3] float32 that can be told apart; the first may be given."""
    colours = [dye(rng) if first is None else np.asarray(first)]
    while len(colours) < 3:
        best, best_score = None, -1.0
        for _ in range(16):
            one = dye(rng)
            score = min(apart(one, other) for other in colours)
            fits = all(matching(one, other) for other in colours)
            if fits and score > APART:
                best = one
                break
            if score - (0.0 if fits else 0.15) > best_score:
                best, best_score = one, score - (0.0 if fits else 0.15)
        colours.append(best)
    return np.array(colours, np.float32)
