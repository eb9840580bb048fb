"""Rotations and directions in space: the few formulas that poses are made of.

Taught in notebook 01.
"""

from __future__ import annotations

import numpy as np


def axis_rotation(axis: int, degrees: float) -> np.ndarray:
    """Rotation [3, 3] about a coordinate axis (0, 1 or 2), counter-clockwise, by an angle in degrees."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    after, last = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.eye(3)
    matrix[after, after] = matrix[last, last] = cos
    matrix[last, after], matrix[after, last] = sin, -sin
    return matrix


def turn_about(axis: np.ndarray, angle: float) -> np.ndarray:
    """Rotation [3, 3] by `angle` radians about the unit vector `axis` (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def aim(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The smallest rotation [3, 3] that takes direction `start` to direction `end`."""
    start, end = unit(start), unit(end)
    axis = cross(start, end)
    sine, cosine = np.sqrt(axis @ axis), start @ end
    if sine < 1e-6:
        return np.eye(3) if cosine > 0 else turn_about(across(np.eye(3)[np.argmin(np.abs(start))], start), np.pi)
    return turn_about(axis / sine, np.arctan2(sine, cosine))


def unit(vector: np.ndarray) -> np.ndarray:
    """The vector [3] at length 1."""
    return vector / max(np.sqrt(vector @ vector), 1e-9)


def cross(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Cross product of two vectors [3] (numpy's own takes ten times as long for so few numbers)."""
    (a, b, c), (x, y, z) = one, other
    return np.array([b * z - c * y, c * x - a * z, a * y - b * x])


def across(vector: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """The part of `vector` at right angles to the unit vector `direction`, of unit length."""
    return unit(vector - (vector @ direction) * direction)


def toward(start: np.ndarray, end: np.ndarray, degrees: float) -> np.ndarray:
    """The direction [3] nearest to `end` that lies within an angle in degrees of the unit vector `start`."""
    end = unit(end)
    angle = min(np.arccos(np.clip(start @ end, -1, 1)), np.radians(degrees))
    return np.cos(angle) * start + np.sin(angle) * across(end, start)


def turn_between(start: np.ndarray, end: np.ndarray, axis: np.ndarray) -> float:
    """Angle in radians by which `start` turns about the unit vector `axis` to look the way of `end`."""
    start, end = across(start, axis), across(end, axis)
    return np.arctan2(cross(start, end) @ axis, start @ end)
