"""Motions: a walk and a turn as poses of consecutive frames, the last of which leads back to the first.

A motion is a list of poses as `poses.random_pose` gives them, the root's rotation being the view. Joints stay within
`joints.LIMITS`; legs are opened and arms held out by one angle for all frames, the least that keeps them free, so that
nothing jumps. Used by `clips`; taught in notebook 00.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from warpgan.people.clearance import CLOTHES, fits, room_of, spare_room
from warpgan.people.contact import LEG, Bulk, sphere_gap
from warpgan.people.joints import NECK, SIDES, SPINE
from warpgan.people.limbs import Arm, Leg, limb_direction
from warpgan.people.poses import AHEAD, wide
from warpgan.people.turns import axis_rotation

if TYPE_CHECKING:
    from warpgan.people.body import Body

# One leg through one cycle in tenths, from the moment its heel meets the ground; degrees. Hip and knee follow the usual
# curves of gait laboratories (Winter, Biomechanics and Motor Control of Human Movement); the foot is given to the
# ground, which it meets with the heel, lies flat on, and leaves over the toes.
GAIT = {
    "hip": (27, 25, 16, 6, -4, -11, -6, 11, 24, 29),
    "knee": (6, 15, 15, 9, 8, 14, 36, 56, 44, 16),
    "foot": (-18, -3, 0, 0, 3, 16, 44, 46, 20, -10),
}
SWING = (-24.0, 20.0)  # degrees of the upper arm, farthest back and farthest ahead
ELBOW = (10.0, 32.0)  # degrees of the elbow at these two
HIPS, CHEST = 4.0, 9.0  # degrees by which the hips turn with the leading leg, and the chest against the hips
OUT = 7.0  # degrees that a foot points outwards
OPENINGS = range(0, 46, 3)  # degrees by which arms may have to be held out
STEPS = range(0, 16, 3)  # and legs apart


def walk(
    body: Body, heads: np.ndarray, frames: int, *, yaw: float = 35.0, weight: float = 0.5,
    rest: np.ndarray | None = None,
) -> list[dict[str, np.ndarray]]:
    """One cycle of a walk on the spot: two steps, arms swinging against the legs.

    Args:
        body: `Body`, for the names of its bones.
        heads: [bones, 3] rest joints of the person, metres.
        frames: number of poses, at least 2.
        yaw: degrees by which the person looks away from the camera; 0 comes towards it, 90 walks to the picture's
            right, -90 to its left, 180 goes away.
        weight, rest: of the person, see `poses.random_pose`.

    Returns:
        list of dicts bone name -> rotation [3, 3], for `Body.pose` and `render_person(given=)`.
    """
    phases = np.arange(frames) / frames
    legs, arms, hips = [], [], []
    for phase in phases:
        own = {side: phase + (0.0 if side > 0 else 0.5) for side, _ in SIDES}  # the left heel meets the ground first
        legs.append([tuple(gait(own[side])[name] for name in ("hip", "knee", "foot")) for side, _ in SIDES])
        # an arm is farthest ahead when the other leg is, shortly after that one's heel has met the ground
        ahead = [0.5 - 0.5 * np.cos(2 * np.pi * own[side]) for side, _ in SIDES]
        arms.append([(_between(SWING, share), _between(ELBOW, share)) for share in ahead])
        hips.append(-HIPS * np.cos(2 * np.pi * phase))  # negative turns the left side ahead
    return _poses(body, heads, rest, weight, legs, arms, hips, [yaw] * frames)


def turn(
    body: Body, heads: np.ndarray, frames: int, *, yaw: float = 0.0, through: float = 360.0, weight: float = 0.5,
    rest: np.ndarray | None = None,
) -> list[dict[str, np.ndarray]]:
    """Standing at ease while the whole body turns about its upright axis, as on a turntable.

    Args:
        body, heads, weight, rest: as for `walk`. frames: number of poses, at least 2.
        yaw: degrees of the first frame, as for `walk`.
        through: degrees. 360 goes round at an even pace, -360 the other way; less goes there and back, slowly at the
            ends.

    Returns:
        list of dicts bone name -> rotation [3, 3].
    """
    share = np.arange(frames) / frames
    if abs(through) < 360:
        share = 0.5 - 0.5 * np.cos(2 * np.pi * share)
    still = [[(1.0, 2.0, 0.0)] * 2] * frames, [[(-2.0, 12.0)] * 2] * frames, [0.0] * frames
    return _poses(body, heads, rest, weight, *still, yaw + through * share)


def gait(phase: float) -> dict[str, float]:
    """Degrees of hip, knee and foot of one leg at a phase of its cycle: 0 and 1 are the meeting of heel and ground."""
    place = (phase % 1.0) * 10
    start, part = int(place), place % 1.0
    found = {}
    for name, keys in GAIT.items():
        one, two, three, four = (keys[(start + i) % 10] for i in (-1, 0, 1, 2))
        # Catmull and Rom's cubic: through the keys, without a kink, round and round
        found[name] = two + 0.5 * part * (three - one + part * (
            2 * one - 5 * two + 4 * three - four + part * (3 * (two - three) + four - one)))
    return found


def _between(ends, share):
    return ends[0] + share * (ends[1] - ends[0])


def _poses(body, heads, rest, weight, legs, arms, hips, yaws):
    # `legs` and `arms` of every frame and side in degrees: (hip, knee, foot) and (swing, elbow).
    bulk = Bulk(body, heads, rest)
    poses = [_trunk(turned) for turned in hips]
    for pose, found in zip(poses, _place_legs(body, heads, bulk, legs), strict=True):
        pose.update(found)
    for number, (side, _) in enumerate(SIDES):
        placed = _place_arm(Arm(body, heads, side), [frame[number] for frame in arms], wide(weight),
                            [room_of(body, heads, pose, bulk) for pose in poses])
        for pose, found in zip(poses, placed, strict=True):
            pose.update(found)
    for pose, turned, yaw in zip(poses, hips, yaws, strict=True):
        pose["root"] = axis_rotation(2, yaw + turned)
    return poses


def _trunk(hips):
    # The chest turns against the hips, the head looks ahead.
    chest = -hips * CHEST / HIPS
    lean = axis_rotation(2, chest / len(SPINE)) @ axis_rotation(0, 0.6)
    return dict.fromkeys(SPINE, lean) | dict.fromkeys(NECK, axis_rotation(2, -(hips + chest) / len(NECK)))


def _place_legs(body, heads, bulk, frames):
    both = [Leg(body, heads, side) for side, _ in SIDES]
    radii = LEG * bulk.legs
    for apart in STEPS:
        found = [[leg.rotations(apart - 1.0, *angles, OUT) for leg, angles in zip(both, frame, strict=True)]
                 for frame in frames]
        spheres = [[leg.spheres(pose)[1:] for leg, pose in zip(both, frame, strict=True)] for frame in found]
        if all(sphere_gap(left, radii[1:], right, radii[1:]) > CLOTHES for left, right in spheres):
            break
    return [{name + leg.end: turned for leg, pose in zip(both, frame, strict=True) for name, turned in pose.items()}
            for frame in found]


def _place_arm(arm, frames, width, rooms):
    inward = np.array([-arm.side, 0, 0.0])
    arm.shrug(-2.0)
    for opening in OPENINGS:
        found = []
        for (swing, elbow), (_, upright) in zip(frames, rooms, strict=True):
            upper = limb_direction(arm.side, width + 5 + opening, swing)
            found.append(arm.along(upper, AHEAD + 0.1 * inward, elbow, inward - 0.3 * AHEAD).turned(upright))
        if all(spare_room(arm, reach, CLOTHES, room) > 0 and fits(arm, reach, CLOTHES, room)
               for reach, (room, _) in zip(found, rooms, strict=True)):
            break
    curl = np.array([8.0, 20.0, 23.0, 26.0, 29.0])  # a relaxed hand, from the thumb to the little finger
    return [{name + arm.end: turned for name, turned in arm.rotations(reach)[0].items()} | arm.close(curl, -2.0)
            for reach in found]
