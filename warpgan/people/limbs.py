"""Rotations that put arms, fingers and legs where they are wanted.

An elbow is a hinge whose axis is that of the rest pose, a forearm turns about its length in three bones so that the
skin never wrings, and a hand bends at the wrist. Taught in notebook 01.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from warpgan.people.turns import across, aim, axis_rotation, cross, toward, turn_about, turn_between, unit

if TYPE_CHECKING:
    from warpgan.people.body import Body

WRIST, ROLL = 55, 70  # degrees that a drawn hand bends and turns at most


def limb_direction(side: int, abduction: float, flexion: float) -> np.ndarray:
    """Direction [3] of a limb that hangs, then moves outwards, then forwards, by angles in degrees.

    Args:
        side: 1 left, -1 right.
        abduction: degrees outwards.
        flexion: degrees forwards.
    """
    out = np.radians(abduction)
    return axis_rotation(0, -flexion) @ np.array([side * np.sin(out), 0.0, -np.cos(out)])


@dataclass
class Reach:
    """Where an arm goes: unit vectors [3] along its parts, in the rest frame of the chest."""

    upper: np.ndarray
    fore: np.ndarray
    bend: np.ndarray  # the way in which the elbow bends, at right angles to `upper`
    hand: np.ndarray
    palm: np.ndarray  # the way that the palm looks, as far as the forearm can turn it

    def turned(self, rotation: np.ndarray) -> Reach:
        """The same arm turned about its shoulder by a rotation [3, 3]."""
        return Reach(*(rotation @ x for x in (self.upper, self.fore, self.bend, self.hand, self.palm)))


class Arm:
    """One arm of one person: its lengths, where it can reach, and the rotations that take it there.

    Args:
        body: `Body`. heads: [bones, 3] rest joints, metres. side: 1 left, -1 right.
    """

    def __init__(self, body: Body, heads: np.ndarray, side: int):
        self.side, self.end = side, ".L" if side > 0 else ".R"
        joint = {name: heads[body.bones[name + self.end]] for name in (
            "clavicle", "upperarm01", "lowerarm01", "wrist", "finger2-1", "finger3-1", "finger5-1")}
        self.pivot, self.rest_shoulder = joint["clavicle"], joint["upperarm01"]
        upper, fore = joint["lowerarm01"] - joint["upperarm01"], joint["wrist"] - joint["lowerarm01"]
        hand = joint["finger3-1"] - joint["wrist"]
        self.lengths = np.array([np.sqrt(x @ x) for x in (upper, fore, hand)])
        self.upper, self.fore, self.hand = unit(upper), unit(fore), unit(hand)
        self.hinge = unit(cross(self.upper, self.fore))
        self.rest_elbow = np.arccos(np.clip(self.upper @ self.fore, -1, 1))
        self.knuckles = across(joint["finger5-1"] - joint["finger2-1"], self.hand)
        self.palm = -side * cross(self.hand, self.knuckles)
        if self.palm[0] * side > 0:  # the palm of the rest pose looks inwards
            self.palm = -self.palm
        self.curl = cross(self.hand, self.palm)  # fingers close about this axis
        tip, root = (heads[body.bones[f"finger1-{joint}{self.end}"]] for joint in (3, 1))
        self.thumb = unit(cross(unit(tip - root), unit(self.palm + self.knuckles)))
        ends = "finger2-1", "finger5-1", "finger2-3", "finger3-3", "finger5-3", "finger1-3"
        self.hand_points = np.array([heads[body.bones[name + self.end]] for name in ends]) - joint["wrist"]
        self.shrug(0.0)

    def shrug(self, degrees: float) -> None:
        """Lift the shoulder by an angle in degrees (the collar bone turns)."""
        self.collar = axis_rotation(1, -self.side * degrees)
        self.shoulder = self.pivot + self.collar @ (self.rest_shoulder - self.pivot)

    def along(self, upper: np.ndarray, bend: np.ndarray, degrees: float, palm: np.ndarray) -> Reach:
        """`Reach` of an arm whose upper part goes along `upper` and whose elbow bends by `degrees` the way `bend`.

        Args:
            upper: [3] along the upper arm.
            bend: [3], the way in which the elbow bends.
            degrees: of the elbow.
            palm: [3], the way that the palm looks.
        """
        upper = unit(upper)
        bend = across(bend, upper)
        angle = np.radians(degrees)
        fore = np.cos(angle) * upper + np.sin(angle) * bend
        return Reach(upper, fore, bend, fore, palm)

    def to(self, target: np.ndarray, elbow: np.ndarray, palm: np.ndarray, hand: np.ndarray | None = None) -> Reach:
        """`Reach` of an arm whose wrist comes to `target` [3], or as near as it gets, its elbow the way of `elbow`.

        Args:
            target: [3] place of the wrist, metres.
            elbow: [3], the way in which the elbow lies.
            palm: [3], the way that the palm looks.
            hand: [3] along the hand; None: it goes on like the forearm.
        """
        away = target - self.shoulder
        one, two, _ = self.lengths
        span = np.clip(np.sqrt(away @ away), np.sqrt(one**2 + two**2 + 2 * one * two * np.cos(np.radians(140))),
                       0.998 * (one + two))
        line = unit(away)
        inner = np.arccos(np.clip((one**2 + span**2 - two**2) / (2 * one * span), -1, 1))
        upper = np.cos(inner) * line + np.sin(inner) * across(elbow, line)
        fore = unit(span * line - one * upper)
        hand = fore if hand is None else toward(fore, hand, WRIST)
        return Reach(upper, fore, across(line, upper), hand, palm)

    def spheres(self, reach: Reach) -> np.ndarray:
        """Centres [len(ARM), 3] of the arm's spheres, see `contact.ARM`."""
        elbow = self.shoulder + self.lengths[0] * reach.upper
        wrist = elbow + self.lengths[1] * reach.fore
        return np.concatenate([
            elbow - 0.25 * self.lengths[0] * reach.upper[None],
            elbow + np.array([0, 0.25, 0.5, 0.75, 1])[:, None] * (self.lengths[1] * reach.fore),
            wrist + np.array([0.5, 1, 1.6])[:, None] * (self.lengths[2] * reach.hand)])

    def rotations(self, reach: Reach) -> tuple[dict[str, np.ndarray], float, np.ndarray]:
        """Rotations by bone name, the turn of the upper arm in degrees, and `hand_points` where they come to lie."""
        swing = aim(self.upper, self.collar.T @ reach.upper)
        hinge = self.collar.T @ cross(reach.upper, reach.bend)
        twist = turn_between(self.hinge, swing.T @ hinge, self.upper)
        elbow = np.arccos(np.clip(reach.upper @ reach.fore, -1, 1))
        half = turn_about(self.upper, 0.5 * twist)
        bend = turn_about(self.hinge, elbow - self.rest_elbow)
        total = self.collar @ swing @ half @ half @ bend
        roll = turn_between(self.palm, total.T @ reach.palm, self.fore)
        roll = np.clip(roll, -np.radians(ROLL), np.radians(ROLL))
        quarter = turn_about(self.fore, 0.25 * roll)
        rolled = total @ quarter @ quarter @ quarter @ quarter
        bent = aim(self.hand, rolled.T @ reach.hand)
        wrist = self.shoulder + self.lengths[0] * reach.upper + self.lengths[1] * reach.fore
        return {
            "clavicle": self.collar, "upperarm01": swing @ half, "upperarm02": half, "lowerarm01": bend @ quarter,
            "lowerarm02": quarter @ quarter, "wrist": quarter @ bent}, np.degrees(twist), (
                wrist + self.hand_points @ (rolled @ bent).T)

    def close(self, curl: np.ndarray, spread: float) -> dict[str, np.ndarray]:
        """Rotations of the finger bones.

        Args:
            curl: [5] degrees by which each joint closes, from the thumb to the little finger; 0 is nearly straight.
            spread: degrees between neighbouring fingers beyond those of the rest pose.
        """
        pose = {}
        for finger in range(2, 6):
            apart = turn_about(self.palm, self.side * np.radians(spread) * (3.5 - finger))
            for joint, share in (1, 0.8), (2, 1.1), (3, 0.8):
                turn = turn_about(self.curl, np.radians(share * curl[finger - 1]))
                pose[f"finger{finger}-{joint}{self.end}"] = apart @ turn if joint == 1 else turn
        for joint, share in (1, 0.25), (2, 0.5), (3, 0.8):  # the thumb lies across the palm
            pose[f"finger1-{joint}{self.end}"] = turn_about(self.thumb, np.radians(share * curl[0]))
        return pose


class Leg:
    """One leg of one person, aimed like an arm; its knee bends backwards only.

    Args:
        body: `Body`. heads: [bones, 3] rest joints, metres. side: 1 left, -1 right.
    """

    def __init__(self, body: Body, heads: np.ndarray, side: int):
        self.side, self.end = side, ".L" if side > 0 else ".R"
        hip, knee, foot, toe = (heads[body.bones[name + self.end]] for name in (
            "upperleg01", "lowerleg01", "foot", "toe2-2"))
        self.hip, self.thigh, self.shank, self.foot = hip, knee - hip, foot - knee, toe - foot

    def rotations(
        self, abduction: float, flexion: float, knee: float, pitch: float, out: float
    ) -> dict[str, np.ndarray]:
        """Rotations by bone name for angles in degrees: of the hip (two), the knee, the foot to the ground (two).

        Args:
            abduction: of the hip, outwards.
            flexion: of the hip, forwards.
            knee: its bend.
            pitch: of the foot to the ground, the toes down.
            out: of the foot to the ground, the toes outwards.
        """
        upper = aim(self.thigh, limb_direction(self.side, abduction, flexion))
        lower = aim(self.shank, upper.T @ limb_direction(self.side, abduction, flexion - knee))
        lean = knee - flexion  # of the shank, backwards; the ankle allows no more than this beyond it
        pitch = np.clip(pitch, lean - 18, lean + 42)
        foot = axis_rotation(2, self.side * out) @ axis_rotation(0, pitch)
        return {"upperleg01": upper, "lowerleg01": lower, "foot": (upper @ lower).T @ foot}

    def spheres(self, pose: dict[str, np.ndarray]) -> np.ndarray:
        """Centres [len(contact.LEG), 3] of the leg's spheres."""
        upper = pose["upperleg01"]
        lower = upper @ pose["lowerleg01"]
        foot = lower @ pose["foot"]
        knee = self.hip + upper @ self.thigh
        ankle = knee + lower @ self.shank
        share = np.array([0.35, 0.7, 1.0])[:, None]
        return np.concatenate([self.hip + share * (upper @ self.thigh), knee + share * (lower @ self.shank),
                               ankle + np.array([-0.3, 0.3, 0.7, 1.1])[:, None] * (foot @ self.foot)])
