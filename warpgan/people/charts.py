"""Charts: where a point of a person lies when its cloth is laid flat.

A chart turns a place on the average body in its rest pose into two coordinates in metres: around a limb and along it,
or across the face. Patterns are painted on charts, so the same cloth is seen from every view and in every pose.
The kernels in `shader` hold the same formulas point by point. Taught in notebook 01.
"""

import numpy as np

TRUNK, LEFT_ARM, RIGHT_ARM, LEFT_LEG, RIGHT_LEG, SCALP, FACE, EYES, OWN = range(9)
ARMS, LEGS = (LEFT_ARM, RIGHT_ARM), (LEFT_LEG, RIGHT_LEG)
NAMES = ("trunk", "left arm", "right arm", "left leg", "right leg", "scalp", "face", "eyes", "own")
TRUNK_RADIUS, ARM_RADIUS, LEG_RADIUS, HEAD_RADIUS = 0.15, 0.05, 0.08, 0.10  # metres: a turn has a fixed length
ARM_BONE = 0.28  # metres of one unit of the arm coordinate (0 shoulder, 1 elbow, 2 wrist)
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
}  # fmt: skip


def shape(chart):
    """(height, width) in texels of a chart's texture."""
    u0, u1, v0, v1 = EXTENT[chart]
    return round((v1 - v0) / TEXEL[chart]), round((u1 - u0) / TEXEL[chart])


def grid(chart):
    """Coordinates u [h, w] and v [h, w] in metres of the centres of a chart's texels; row 0 is the highest."""
    u0, u1, v0, v1 = EXTENT[chart]
    height, width = shape(chart)
    u = u0 + (np.arange(width) + 0.5) * (u1 - u0) / width
    v = v1 - (np.arange(height) + 0.5) * (v1 - v0) / height
    return np.meshgrid(u.astype(np.float32), v.astype(np.float32))
