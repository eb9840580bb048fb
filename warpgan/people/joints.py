"""The limits of the joints, and the angles that a pose takes them to.

Angles are measured on the posed bones, in degrees and in the words of clinics, so that drawn and fitted poses can be
held against the same table. Taught in notebook 01.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from warpgan.people.turns import aim, turn_between, unit

if TYPE_CHECKING:
    from warpgan.people.body import Body

# Degrees (lowest, highest). Ranges of motion of healthy adults as clinics measure them (the goniometer norms of the
# American Academy of Orthopaedic Surgeons), rounded inwards where a shop or a street never shows the extreme.
LIMITS = {
    "shoulder elevation": (0, 175),  # upper arm away from hanging, in any direction
    "shoulder backward": (-90, 45),  # of the upper arm behind the plane of the trunk
    "shoulder across": (-90, 45),  # of the upper arm past straight ahead, towards the other side
    "shoulder turn": (-90, 90),  # of the upper arm about its length, from the rest pose
    "elbow": (0, 145),
    "forearm turn": (-80, 80),  # of the hand about the forearm, from the thumb ahead of a hanging arm
    "wrist": (0, 70),  # hand away from the line of the forearm
    "hip flexion": (-25, 115),
    "hip abduction": (-20, 45),
    "knee": (0, 140),
    "ankle": (-25, 50),  # the sole downwards is positive
    "neck nod": (-45, 45),
    "neck turn": (-65, 65),
    "neck tilt": (-40, 40),
    "spine bend": (-25, 75),  # forwards is positive
    "spine turn": (-40, 40),
    "spine tilt": (-30, 30),
}
SPINE = ("spine05", "spine04", "spine03", "spine02", "spine01")
NECK = ("neck01", "neck02", "neck03", "head")
SIDES = ((1, ".L"), (-1, ".R"))
BONES = ("upperarm01", "upperarm02", "lowerarm01", "lowerarm02", "wrist", "finger3-1", "upperleg01", "lowerleg01",
         "foot", "toe2-2")


def frames(body: Body, heads: np.ndarray, pose: dict[str, np.ndarray], names: Sequence[str]) -> np.ndarray:
    """Transforms [n, 3, 4] of the named bones in a pose: `Body.pose` for a few bones.

    The parents of a named bone are walked once; bones without a rotation of their own move with their parent.

    Args:
        body: `Body`.
        heads: [bones, 3] rest joints, metres.
        pose: rotations by bone name.
        names: of bones.
    """
    names_of, done = list(body.bones), {-1: (np.eye(3), None)}

    def place(bone):
        if bone not in done:
            parent = int(body.parents[bone])
            turn, at = place(parent)
            own = pose.get(names_of[bone])
            head = heads[bone] if parent < 0 else at + turn @ (heads[bone] - heads[parent])
            done[bone] = (turn if own is None else turn @ own), head
        return done[bone]

    result = np.empty((len(names), 3, 4))
    for number, name in enumerate(names):
        bone = body.bones[name]
        turn, at = place(bone)
        result[number, :, :3], result[number, :, 3] = turn, at - turn @ heads[bone]
    return result


def joint_angles(body: Body, heads: np.ndarray, pose: dict[str, np.ndarray]) -> dict[str, list[float]]:
    """Degrees to which a pose takes the joints.

    Args:
        body: `Body`. heads: [bones, 3] rest joints, metres. pose: rotations by bone name, see `Body.pose`.

    Returns:
        dict of the names in `LIMITS` -> list of degrees: one for neck and spine, left and right for the others.
    """
    names = ["root", "spine01", "head"] + [bone + end for _, end in SIDES for bone in BONES]
    posed = dict(zip(names, frames(body, heads, pose, names), strict=True))
    found = {name: [] for name in LIMITS}
    chest = posed["spine01"][:, :3]
    for part, turn in (("neck", chest.T @ posed["head"][:, :3]), ("spine", posed["root"][:, :3].T @ chest)):
        found[part + (" nod" if part == "neck" else " bend")].append(np.degrees(np.arcsin(np.clip(turn[2, 1], -1, 1))))
        found[part + " turn"].append(np.degrees(np.arctan2(-turn[0, 1], turn[1, 1])))
        found[part + " tilt"].append(np.degrees(np.arcsin(np.clip(turn[2, 0], -1, 1))))
    for side, end in SIDES:
        rest = {bone: heads[body.bones[bone + end]] for bone in BONES}
        place = {bone: posed[bone + end][:, :3] @ rest[bone] + posed[bone + end][:, 3] for bone in BONES}
        local = {bone: pose.get(bone + end, np.eye(3)) for bone in BONES}

        def line(start, stop, place=place):
            return unit(place[stop] - place[start])

        def angle(one, other):
            return np.degrees(np.arccos(np.clip(one @ other, -1, 1)))

        upper, fore = line("upperarm01", "lowerarm01"), line("lowerarm01", "wrist")
        hang = chest.T @ upper
        found["shoulder elevation"].append(angle(hang, np.array([0, 0, -1.0])))
        found["shoulder backward"].append(np.degrees(np.arcsin(hang[1])))
        found["shoulder across"].append(np.degrees(np.arcsin(-side * hang[0])))
        bone = unit(rest["lowerarm01"] - rest["upperarm01"])
        found["shoulder turn"].append(sum(_twist(local[name], bone) for name in ("upperarm01", "upperarm02")))
        found["elbow"].append(angle(upper, fore))
        bone = unit(rest["wrist"] - rest["lowerarm01"])
        found["forearm turn"].append(sum(_twist(local[name], bone) for name in ("lowerarm01", "lowerarm02", "wrist")))
        found["wrist"].append(angle(fore, line("wrist", "finger3-1")))
        thigh, shank, foot = line("upperleg01", "lowerleg01"), line("lowerleg01", "foot"), line("foot", "toe2-2")
        hang = posed["root"][:, :3].T @ thigh
        found["hip flexion"].append(np.degrees(np.arctan2(-hang[1], -hang[2])))
        found["hip abduction"].append(np.degrees(np.arcsin(side * hang[0])))
        found["knee"].append(angle(thigh, shank))
        level = line("lowerleg01", "foot", rest) @ line("foot", "toe2-2", rest)
        found["ankle"].append(np.degrees(np.arcsin(shank @ foot) - np.arcsin(level)))
    return found


def _twist(rotation, axis):
    # Degrees by which a rotation turns about an axis, once the turn of the axis itself is taken away.
    swing = aim(axis, rotation @ axis)
    start = np.eye(3)[np.argmin(np.abs(axis))]
    return np.degrees(turn_between(start, swing.T @ rotation @ start, axis))
