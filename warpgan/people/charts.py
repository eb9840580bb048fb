"""Charts: where a point of a person lies when its cloth is laid flat.

A chart turns a place on the average body in its rest pose into two coordinates in metres: around a limb and along it,
or across the face. Patterns are painted on charts, so the same cloth is seen from every view and in every pose.
The kernels in `shader` interpolate these coordinates over a triangle. Taught in notebook 01.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

TRUNK, LEFT_ARM, RIGHT_ARM, LEFT_LEG, RIGHT_LEG, SCALP, FACE, EYES, OWN = range(9)
ARMS, LEGS = (LEFT_ARM, RIGHT_ARM), (LEFT_LEG, RIGHT_LEG)
NAMES = ("trunk", "left arm", "right arm", "left leg", "right leg", "scalp", "face", "eyes", "own")
TRUNK_RADIUS, ARM_RADIUS, LEG_RADIUS, HEAD_RADIUS = 0.15, 0.05, 0.08, 0.10  # metres: a turn has a fixed length
ARM_BONE = 0.28  # metres of one unit of the arm coordinate (0 shoulder, 1 elbow, 2 wrist)
HEAD_CENTRE = -0.035  # y of the axis of head and neck
HEAD_BASE = 0.74  # height from which places are charted on the scalp
SHOULDER = 0.66  # height at which the arm charts begin, so that stripes run on from trunk to sleeve
TEXEL = {**dict.fromkeys(range(6), 0.004), FACE: 0.002, EYES: 0.001}  # metres


def _turn(radius):
    return -np.pi * radius, np.pi * radius


# u from, u to, v from, v to, in metres; u of the cylinders closes on itself
EXTENT = {
    TRUNK: (*_turn(TRUNK_RADIUS), -0.66, 0.82),
    LEFT_ARM: (*_turn(ARM_RADIUS), -0.12, 0.68), RIGHT_ARM: (*_turn(ARM_RADIUS), -0.12, 0.68),
    LEFT_LEG: (*_turn(LEG_RADIUS), -0.86, 0.12), RIGHT_LEG: (*_turn(LEG_RADIUS), -0.86, 0.12),
    SCALP: (*_turn(HEAD_RADIUS), 0.34, 1.06), FACE: (-0.10, 0.10, 0.74, 1.04), EYES: (-0.06, 0.06, 0.87, 0.94),
}


class Flat(NamedTuple):
    """A chart laid flat: coordinates u [w] and v [h] of its texels in metres, a turn's length, a texel's size."""

    chart: int
    u: np.ndarray
    v: np.ndarray
    girth: float
    texel: float


def shape(chart: int) -> tuple[int, int]:
    """(height, width) in texels of a chart's texture."""
    u0, u1, v0, v1 = EXTENT[chart]
    return round((v1 - v0) / TEXEL[chart]), round((u1 - u0) / TEXEL[chart])


def grid(chart: int) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates u [h, w] and v [h, w] in metres of the centres of a chart's texels; row 0 is the highest."""
    u0, u1, v0, v1 = EXTENT[chart]
    height, width = shape(chart)
    u = u0 + (np.arange(width) + 0.5) * (u1 - u0) / width
    v = v1 - (np.arange(height) + 0.5) * (v1 - v0) / height
    return np.meshgrid(u.astype(np.float32), v.astype(np.float32))


def on_trunk(place: np.ndarray) -> np.ndarray:
    """Coordinates [..., 2] of places [..., 3] on the average body on the trunk's chart: around it and upwards."""
    x, y, z = np.moveaxis(place, -1, 0)
    return np.stack([np.arctan2(x, -(y + 0.02)) * TRUNK_RADIUS, z], axis=-1)


def on_arm(place: np.ndarray, arm: np.ndarray) -> np.ndarray:
    """Coordinates [..., 2] on the arm's chart; `arm` [...] is 0 at the shoulder, 1 at the elbow, 2 at the wrist."""
    x, y, z = np.moveaxis(place, -1, 0)
    side = np.where(x > 0, 1.0, -1.0)
    # Across a sleeve: outwards and y; the arm hangs down and forwards, so this is nearly the angle about it.
    axis_x = side * np.interp(arm, [0, 1, 2], [0.198, 0.39, 0.52])
    axis_y = np.interp(arm, [0, 1, 2], [-0.028, -0.042, -0.217])
    axis_z = np.interp(arm, [0, 1, 2], [0.654, 0.447, 0.318])
    outward = side * (x - axis_x) * 0.75 + (z - axis_z) * 0.66
    return np.stack([np.arctan2(side * outward, -(y - axis_y)) * ARM_RADIUS, SHOULDER - ARM_BONE * arm], axis=-1)


def on_leg(place: np.ndarray) -> np.ndarray:
    """Coordinates [..., 2] on the chart of the leg on whose side a place lies."""
    x, y, z = np.moveaxis(place, -1, 0)
    centre = np.where(x > 0, 1.0, -1.0) * np.interp(z, [-0.74, -0.26, 0.1], [0.195, 0.15, 0.11])
    return np.stack([np.arctan2(x - centre, -(y + 0.02)) * LEG_RADIUS, z], axis=-1)


def on_scalp(place: np.ndarray) -> np.ndarray:
    """Coordinates [..., 2] round the head; 0 is its back."""
    x, y, z = np.moveaxis(place, -1, 0)
    return np.stack([np.arctan2(x, y - HEAD_CENTRE) * HEAD_RADIUS, z], axis=-1)


def lay_flat(faces: np.ndarray, place: np.ndarray, arm: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chart coordinates of the corners of triangles.

    Args:
        faces: [F, 3]. place: [V, 3] of the vertices on the average body. arm: [V] arm coordinate, below 0 off the arm.

    Returns:
        chart [F] of the limb (or the scalp) that a triangle belongs to, TRUNK where there is none; coordinates
        [F, 3, 2] on the trunk's chart and [F, 3, 2] on that one. No triangle is torn by the seam of a cylinder.
    """
    at, along = place[faces], arm[faces]  # [F, 3, 3], [F, 3]
    middle = at.mean(axis=1)
    chart = np.full(len(faces), TRUNK)
    chart[middle[:, 2] < 0.15] = LEFT_LEG
    chart[middle[:, 2] > HEAD_BASE] = SCALP
    chart[(along > 0).any(axis=1)] = LEFT_ARM
    sided = np.isin(chart, (LEFT_ARM, LEFT_LEG)) & (middle[:, 0] <= 0)
    chart[sided] += 1  # the right limb follows the left one
    # A triangle that crosses the middle belongs to one side with all its corners.
    at = at.copy()
    legs = np.isin(chart, LEGS)
    at[legs, :, 0] = np.where(chart[legs] == LEFT_LEG, 1, -1)[:, None] * np.maximum(
        np.where(chart[legs] == LEFT_LEG, 1, -1)[:, None] * at[legs, :, 0], 1e-6)
    limb = np.where(np.isin(chart, ARMS)[:, None, None], on_arm(at, along),
                    np.where(legs[:, None, None], on_leg(at), on_scalp(at)))
    radius = np.select([np.isin(chart, ARMS), legs], [ARM_RADIUS, LEG_RADIUS], HEAD_RADIUS)
    return chart, close(on_trunk(place[faces]), np.full(len(faces), TRUNK_RADIUS)), close(limb, radius)


def close(corners: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Corners [F, 3, 2] moved by whole turns so that no triangle is torn by the seam; radius [F] of the cylinder.

    Args:
        corners: [F, 3, 2], around and along.
        radius: [F] of the cylinder, metres.
    """
    turn = 2 * np.pi * radius[:, None]
    u = corners[..., 0]
    torn = np.ptp(u, axis=1, keepdims=True) > 0.5 * turn
    return np.stack([np.where(torn & (u < 0), u + turn, u), corners[..., 1]], axis=-1)
