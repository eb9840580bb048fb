"""A pose under the hand: joints that are moved with or without the bones below them, mirrored, exchanged, undone.

Knows nothing of widgets; `pose.PoseEditor` shows it. Places are x, y in pixels, the centre of the first pixel is 0, 0.
Whatever happens, every present joint lies within the picture.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Hashable

import torch
from torch import Tensor

from warpgan.keypoints import drop_outside, mirror
from warpgan.labels import KEYPOINTS, LIMBS, NUM_KEYPOINTS

NAMES = tuple(name.replace("-", " ") for name in KEYPOINTS)
PARENTS = {end: start for start, end in LIMBS}
"""The joint that each one hangs on; the neck hangs on none."""
STEPS = 100  # that can be undone
_FINE = math.radians(0.25)  # how exactly a limb that turns is kept from an edge of the picture


def _below(joint: int) -> list[int]:
    return [joint, *(other for child, parent in PARENTS.items() if parent == joint for other in _below(child))]


BELOW = tuple(_below(joint) for joint in range(NUM_KEYPOINTS))
"""For each joint itself and all that hangs on it, directly or not."""


class PoseScene:
    """One pose and its past.

    Args:
        keypoints: [18, 3], x, y, present; joints outside the picture are missing.
        size: (height, width).
        guide: [18, 3], a pose that tells where a joint is put that has not been there yet, seen from its parent.

    Raises:
        ValueError: another shape, values that are no numbers, or a presence other than 0 and 1.
    """

    def __init__(self, keypoints: Tensor, size: tuple[int, int], *, guide: Tensor | None = None):
        self.size = size
        self._last = torch.tensor([size[1] - 1.0, size[0] - 1.0])  # the last pixel's centre
        self._joints = inside(keypoints, size, "keypoints")
        self._guide = torch.zeros(NUM_KEYPOINTS, 3) if guide is None else inside(guide, size, "guide")
        self._past: deque[Tensor] = deque(maxlen=STEPS)
        self._future: list[Tensor] = []
        self._stroke: Hashable = None

    @property
    def keypoints(self) -> Tensor:
        """The pose, [18, 3] float32, missing joints all zero."""
        return self._joints.clone()

    def has(self, joint: int) -> bool:
        """Say whether a joint is present."""
        return bool(self._joints[joint, 2])

    def move(self, joint: int, x: float, y: float, *, keep: bool = True, stroke: Hashable = None) -> str:
        """Move a joint towards a place.

        Args:
            joint: 0..17, a present one. x, y: the place, may lie outside the picture.
            keep: keep the lengths of bones. The joint then turns about its parent, and all that hangs on it turns
                along, to the nearest angle at which none of them leaves the picture; one without a present parent, such
                as the neck, carries along what hangs on it. Else it alone moves.
            stroke: moves with the same one, not None, are one step for `undo`.

        Returns:
            A sentence: where it is now, and whether the picture's edge held it.

        Raises:
            ValueError: the joint is missing.
        """
        if not self.has(joint):
            raise ValueError(f"{NAMES[joint]} is missing; mark it as present before it is moved")
        wanted, joints = torch.tensor([x, y]), self._joints.clone()
        parent = PARENTS.get(joint) if keep else None
        if parent is not None and self.has(parent) and _distance(joints[joint], joints[parent]) > 1e-3:
            held = self._turn(joints, joint, parent, wanted)
        else:
            held = self._shift(joints, [joint] if not keep else self._present(BELOW[joint]), joint, wanted)
        again = stroke is not None and stroke == self._stroke
        self._put(joints, step=not again)
        self._stroke = stroke
        x, y, _ = joints[joint].tolist()
        edge = ", held at the picture's edge" if held else ""
        return f"{NAMES[joint]} is at x {x:.1f}, y {y:.1f}{edge}"

    def mirror(self) -> str:
        """Exchange left and right and turn x about the picture's middle."""
        self._put(mirror(self._joints, self.size[1]))
        return "left and right are exchanged"

    def take(self, keypoints: Tensor, name: str) -> str:
        """Replace the pose.

        Args:
            keypoints: [18, 3] in pixels of this picture.
            name: of the pose, for the sentence.

        Raises:
            ValueError: as for the class; nothing has changed.
        """
        self._put(inside(keypoints, self.size, name))
        return f"{name} is taken"

    def set_present(self, joint: int, present: bool) -> str:
        """Take a joint out, or put it in: seen from its parent where it was taken out, else where the guide has it."""
        joints = self._joints.clone()
        if not present and self.has(joint):
            self._guide = torch.where(joints[:, 2:] > 0, joints, self._guide)
            joints[joint] = 0
        elif present and not self.has(joint):
            joints[joint] = self._place_for(joint)
        self._put(joints)
        return f"{NAMES[joint]} is {'present' if present else 'missing'}"

    def undo(self) -> str:
        """Go back by one step."""
        return self._go(self._past, self._future, "undone")

    def redo(self) -> str:
        """Take back the last `undo`."""
        return self._go(self._future, self._past, "redone")

    def circles(self) -> list[list[float] | None]:
        """For each joint the circle [x, y, radius] on which its bone holds it, or None where no bone does."""
        found: list[list[float] | None] = [None] * NUM_KEYPOINTS
        for joint, parent in PARENTS.items():
            if self.has(joint) and self.has(parent):
                radius = _distance(self._joints[joint], self._joints[parent])
                found[joint] = [*self._joints[parent, :2].tolist(), radius] if radius > 1e-3 else None
        return found

    def _present(self, joints: list[int]) -> list[int]:
        return [joint for joint in joints if self.has(joint)]

    def _shift(self, joints: Tensor, group: list[int], joint: int, wanted: Tensor) -> bool:
        places = joints[group, :2]
        step = wanted - joints[joint, :2]
        able = torch.clamp(step, -places.amin(0), self._last - places.amax(0))
        joints[group, :2] = places + able
        return bool((able != step).any() or (wanted <= 0).any() or (wanted >= self._last).any())

    def _turn(self, joints: Tensor, joint: int, parent: int, wanted: Tensor) -> bool:
        group, pivot = self._present(BELOW[joint]), joints[parent, :2].double()
        arms = joints[group, :2].double() - pivot  # [N, 2]
        old, new = (torch.atan2(*arm.flip(0)) for arm in (arms[0], wanted.double() - pivot))
        angle = math.remainder(float(new - old), 2 * math.pi) if _distance(wanted, pivot) > 1e-6 else 0.0
        aside = torch.arange(0, math.pi, _FINE, dtype=torch.float64)
        angles = torch.stack((angle + aside, angle - aside), 1).reshape(-1, 1)  # the wanted one first
        x, y = arms.T
        turned = torch.stack((x * angles.cos() - y * angles.sin(), x * angles.sin() + y * angles.cos()), -1) + pivot
        fine = ((turned > -1e-4) & (turned < self._last + 1e-4)).all(-1).all(-1)  # [angles]
        if not fine.any():
            return True
        nearest = int(fine.long().argmax())  # the first of them
        joints[group, :2] = turned[nearest].float().clamp(torch.zeros(2), self._last)
        return nearest > 0

    def _place_for(self, joint: int) -> Tensor:
        parent, guide = PARENTS.get(joint), self._guide
        place = guide[joint, :2] if guide[joint, 2] else self._last / 2
        if parent is not None and self.has(parent) and guide[joint, 2] and guide[parent, 2]:
            place = self._joints[parent, :2] + guide[joint, :2] - guide[parent, :2]
        return torch.cat((place.clamp(torch.zeros(2), self._last), torch.ones(1)))

    def _put(self, joints: Tensor, *, step: bool = True) -> None:
        if torch.equal(joints, self._joints):
            return
        if step:
            self._past.append(self._joints)
        self._future.clear()
        self._set(joints)

    def _go(self, source, target, word: str) -> str:
        if not source:
            return f"there is nothing to be {word}"
        target.append(self._joints)
        self._set(source.pop())
        return f"one step is {word}"

    def _set(self, joints: Tensor) -> None:
        self._joints, self._stroke = joints, None


def inside(keypoints: Tensor, size: tuple[int, int], name: str) -> Tensor:
    """Give keypoints back as float32 with the joints outside the picture missing.

    Args:
        keypoints: [18, 3].
        size: (height, width).
        name: what to call them in a message.

    Raises:
        ValueError: another shape, values that are no numbers, or a presence other than 0 and 1.
    """
    keypoints = torch.as_tensor(keypoints, dtype=torch.float32)
    if keypoints.shape != (NUM_KEYPOINTS, 3):
        raise ValueError(f"{name}: keypoints are [18, 3] (x, y, present), got {list(keypoints.shape)}")
    for joint, (x, y, present) in enumerate(keypoints.tolist()):
        if not (math.isfinite(x) and math.isfinite(y)) or present not in (0, 1):
            raise ValueError(
                f"{name}: {NAMES[joint]} has x {x:g}, y {y:g}, present {present:g}; pixels and 0 or 1 are expected"
            )
    last = torch.tensor([size[1] - 1.0, size[0] - 1.0])
    found = drop_outside(keypoints, size)
    return torch.cat((found[:, :2].clamp(torch.zeros(2), last), found[:, 2:]), 1)


def _distance(one: Tensor, other: Tensor) -> float:
    return math.dist(one[:2].tolist(), other[:2].tolist())
