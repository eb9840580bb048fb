"""Whether an arm is free: what it must keep out of, and by how much it does.

Used by drawn poses and by motions; taught in notebook 01.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from warpgan.people.contact import ARM, TRUNK, sphere_gap
from warpgan.people.joints import LIMITS, frames

if TYPE_CHECKING:
    from warpgan.people.body import Body
    from warpgan.people.contact import Bulk
    from warpgan.people.limbs import Arm, Reach

Room: TypeAlias = "tuple[Bulk, dict[str, np.ndarray]]"
"""A person's bulk, and by column its bones' transforms in the rest frame of the chest."""

CLOTHES = 0.025  # metres of cloth between a limb and what it may not touch
TOUCH = 0.009  # metres between a hand that touches on purpose and the skin under the cloth
PALM = 0.024  # metres from the middle of the hand to the skin of its palm
FINGER = 0.012  # metres from the bone to the skin of a finger


def room_of(body: Body, heads: np.ndarray, pose: dict[str, np.ndarray], bulk: Bulk) -> tuple[Room, np.ndarray]:
    """What arms must keep out of in a pose: (bulk, transforms by column in the rest frame of the chest).

    Returns it with the rotation [3, 3] that takes directions of the standing person into that frame.

    Args:
        body: `Body`.
        heads: [bones, 3] rest joints, metres.
        pose: rotations by bone name.
        bulk: of the person.
    """
    world = frames(body, heads, pose, (*TRUNK, "upperleg01.L", "upperleg01.R", "head"))
    chest_turn, chest_shift = world[4, :, :3], world[4, :, 3].copy()
    world[:, :, 3] -= chest_shift
    local = chest_turn.T @ world
    columns = {"trunk": local[:5], "thigh.L": local[5:6], "thigh.R": local[6:7], "head": local[7:8]}
    return (bulk, columns), chest_turn.T


def spare_room(arm: Arm, reach: Reach, touch: float, room: Room, other: np.ndarray | None = None) -> float:
    """Least room in metres that an arm has more than it needs; negative: it touches what it must not.

    `touch`: metres between hand and trunk that are enough. `room`: see `room_of`. `other`: spheres of the other arm.

    Args:
        arm: whose it is.
        reach: where it goes.
        touch: metres between hand and trunk that are enough.
        room: see `room_of`.
        other: spheres of the other arm, or None.
    """
    bulk, columns = room
    points, radii = arm.spheres(reach), ARM * bulk.arms
    need = radii + CLOTHES
    need[0] -= CLOTHES  # the upper arm rests on the clothes of the chest
    need[1] -= 0.5 * CLOTHES
    spare = 1.0
    for name, transforms in columns.items():
        wanted = need
        if touch < CLOTHES and name != "head":
            wanted = need.copy()
            wanted[3:] = np.minimum(radii[3:], PALM) + touch
        spare = min(spare, (bulk.gap(name, points, transforms) - wanted).min())
        if spare < 0:
            return spare
    if other is not None:
        spare = min(spare, sphere_gap(points[1:], radii[1:], other, radii) - 0.5 * CLOTHES)
    return spare


def fits(arm: Arm, reach: Reach, touch: float, room: Room) -> bool:
    """Whether the shoulder can turn so far and the fingers, where the wrist takes them, keep out of the columns.

    Args:
        arm: whose shoulder it is.
        reach: where the arm goes.
        touch: metres between hand and trunk that are enough.
        room: see `room_of`.
    """
    _, twist, hand = arm.rotations(reach)
    low, high = LIMITS["shoulder turn"]
    return low <= twist <= high and all(
        room[0].gap(name, hand, transforms).min() > FINGER + (CLOTHES if name == "head" else touch)
        for name, transforms in room[1].items())
