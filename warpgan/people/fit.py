"""Fit the body to annotated joints: from 18 points of a photo to a pose that rendered people can take.

Joints are linear in the bones' transforms, so that a fit needs no mesh: angles and a camera are moved by Adam until
the projected joints lie on the annotated ones. What a picture leaves open (depth, twists, missing joints) is decided
by a prior that likes small angles and keeps arms out of the trunk.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from warpgan.people.body import load_body
from warpgan.people.camera import DISTANCE
from warpgan.people.chain import Chain, joint_weights, level, turns
from warpgan.people.contact import open_arms
from warpgan.people.joints import NECK, SPINE

AVERAGE = {"gender": 0.5, "age": 0.75, "muscle": 0.5, "weight": 0.4, "height": 0.5, "proportions": 0.5}
# (name, most degrees that each number reaches); the root's last number is the yaw, which knows no limit. Upper arms
# and thighs: two numbers swing the bone away from its rest direction, the third turns it about its length.
ANGLES = (
    ("root", (25, 25)), ("spine", (5, 5, 7)), ("neck", (10, 9, 15)), ("clavicle.L", (22,)), ("clavicle.R", (22,)),
    ("upperarm01.L", (150, 150, 85)), ("upperarm01.R", (150, 150, 85)), ("lowerarm01.L", (72,)),
    ("lowerarm01.R", (72,)), ("upperleg01.L", (105, 105, 35)), ("upperleg01.R", (105, 105, 35)),
    ("lowerleg01.L", (68,)), ("lowerleg01.R", (68,)),
)
MIDDLE = {"lowerarm01": 36.0, "lowerleg01": 60.0}  # middle of the range of a hinge, in degrees from the rest pose
EASY = {"lowerarm01": -20.0, "lowerleg01": -4.0}  # bend of a hinge at ease, from the rest pose, which is bent a little
STARTS = (0.0, 90.0, 180.0, 270.0)  # yaws tried, degrees
TRUNK = (0.22, 0.19)  # half axes in metres of the trunk with clothes, which the middle of a forearm keeps out of
LEGS = 0.155  # metres between the bones of two legs
PRIOR = 1e-3  # weight of the squared angles: enough for natural poses at a cost of a few thousandths of the height
UPRIGHT = 4e-3  # weight of the slopes of limbs towards the camera: what can hang or stand in the picture does
BEND = 4e-3  # weight of the squared bends of elbows and knees away from `EASY`, radians
LIMBS = ((8, 9), (9, 10), (11, 12), (12, 13), (2, 3), (3, 4), (5, 6), (6, 7))


@dataclass
class Fit:
    """A body brought onto annotated joints.

    Attributes:
        rotations: bone name -> [3, 3], for `Body.pose`; the root's is the view.
        joints: [18, 2] x, y of the fitted body in the picture, also for joints that were missing, pixels.
        error: mean distance to the annotated joints, pixels.
    """

    rotations: dict[str, np.ndarray]
    joints: np.ndarray
    error: float


def fit(keypoints: Tensor, *, phenotype: dict[str, float] | None = None, steps: int = 300) -> list[Fit]:
    """Fit one body to each set of joints.

    Args:
        keypoints: [N, 18, 3] x, y (pixels), present.
        phenotype: the body's, see `Body.shape`; None: an average adult.
        steps: of Adam, for all sets and all starting views at once.

    Returns:
        One `Fit` for each set, the best of four starting views.

    Raises:
        ValueError: another shape, or a set with fewer than 6 joints, too few to say how a body stands.
    """
    if keypoints.ndim != 3 or keypoints.shape[1:] != (18, 3):
        raise ValueError(f"keypoints: expected [N, 18, 3], found {list(keypoints.shape)}")
    few = (keypoints[..., 2] > 0).sum(dim=1) < 6
    if few.any():
        raise ValueError(f"keypoints: set {int(few.nonzero()[0])} has fewer than 6 joints")
    body = load_body()
    phenotype = phenotype or AVERAGE
    rest, heads = body.shape(phenotype)
    chain = Chain(body, heads, joint_weights(tuple(sorted(phenotype.items()))))
    kept = keypoints.double().repeat_interleave(len(STARTS), dim=0)  # [4N, 18, 3]
    there = (kept[..., 2] > 0).double()
    extent = _extent(kept, there)
    free = _easy().expand(len(kept), -1)
    yaw = torch.tensor(STARTS, dtype=torch.double).deg2rad().repeat(len(keypoints))
    centre = (kept[..., :2] * there[..., None]).sum(1) / there.sum(1, keepdim=True)
    scale = (extent * DISTANCE / 1.2).log()  # about 1.2 m between the highest and the lowest joint
    unknown = [x.clone().requires_grad_() for x in (free, yaw, centre / extent[:, None], scale)]
    adam = torch.optim.Adam(unknown, lr=0.06)
    for step in range(steps):
        for group in adam.param_groups:
            group["lr"] = 0.06 * min(1.0, 2 * (steps - step) / steps)
        loss = _loss(chain, unknown, kept, there, extent).sum()
        adam.zero_grad()
        loss.backward()
        adam.step()
    with torch.no_grad():
        loss = _loss(chain, unknown, kept, there, extent).reshape(len(keypoints), len(STARTS))
        best = loss.argmin(dim=1) + torch.arange(len(keypoints)) * len(STARTS)
        chosen = [x[best] for x in unknown]
        turning = _rotations(chain, chosen[0], chosen[1])
        found = [
            open_arms(body, heads, rest, {bone: turn[i].numpy() for bone, turn in turning.items()})
            for i in range(len(keypoints))
        ]
        opened = {bone: torch.from_numpy(np.stack([one[bone] for one in found])) for bone in found[0]}
        pixels, _ = _project(chain, chosen, extent[best], opened)
        away = (pixels - kept[best][..., :2]).norm(dim=2) * there[best]
        error = away.sum(1) / there[best].sum(1)
    return [Fit(found[i], pixels[i].numpy(), float(error[i])) for i in range(len(keypoints))]


def _easy() -> Tensor:
    # The unknowns [angles] of a body at ease: hinges hardly bent, everything else as in the rest pose.
    found = []
    for name, most in ANGLES:
        base = name.split(".")[0]
        offset = (EASY[base] - MIDDLE[base]) / most[0] if base in EASY else 0.0
        found += [float(np.arctanh(offset))] + [0.0] * (len(most) - 1)
    return torch.tensor(found, dtype=torch.double)


def _rotations(chain: Chain, free: Tensor, yaw: Tensor) -> dict[str, Tensor]:
    found, start = {}, 0
    for name, most in ANGLES:
        angles = torch.deg2rad(torch.tensor(most, dtype=torch.double)) * torch.tanh(free[:, start : start + len(most)])
        start += len(most)
        base, end = name.split(".")[0], name[-2:]
        zero = torch.zeros_like(yaw)
        if name == "root":
            upright = turns(torch.stack([zero, zero, yaw], dim=1))
            found["root"] = turns(torch.cat([angles, zero[:, None]], dim=1)) @ upright
        elif name in ("spine", "neck"):
            found |= dict.fromkeys(SPINE if name == "spine" else NECK, turns(angles))
        elif name in chain.hinges:
            found[name] = turns((angles + np.deg2rad(MIDDLE[base])) * chain.hinges[name])
        elif base == "clavicle":
            found[name] = turns(torch.stack([zero, angles[:, 0], zero], dim=1))
        else:
            one, two, along = chain.axes[name]
            half = turns(0.5 * angles[:, 2:] * along)  # half of the turn in each of two bones, or the skin would wring
            found[name] = turns(angles[:, :1] * one + angles[:, 1:2] * two) @ half
            found[base.replace("01", "02") + end] = half
    for end in (".L", ".R"):
        found["foot" + end] = level(found["root"] @ found["upperleg01" + end] @ found["upperleg02" + end]
                                     @ found["lowerleg01" + end])
    return found


def _project(
    chain: Chain, unknown: list[Tensor], extent: Tensor, rotations: dict[str, Tensor] | None = None
) -> tuple[Tensor, Tensor]:
    free, yaw, centre, scale = unknown
    joints = chain.joints(rotations or _rotations(chain, free, yaw))
    joints = joints - joints.mean(dim=1, keepdim=True)
    depth = DISTANCE + joints[..., 1]
    seen = torch.stack([joints[..., 0], -joints[..., 2]], dim=2) / depth[..., None]
    return (centre * extent[:, None])[:, None] + scale.exp()[:, None, None] * seen, joints


def _loss(chain: Chain, unknown: list[Tensor], kept: Tensor, there: Tensor, extent: Tensor) -> Tensor:
    pixels, joints = _project(chain, unknown, extent)
    away = (pixels - kept[..., :2]).norm(dim=2) / extent[:, None]  # in heights of the annotated person
    near = torch.where(away < 0.05, away.square() / 0.1, away - 0.025)  # far joints pull no harder than near ones
    data = (near * there).sum(1) / there.sum(1)
    slopes = 0.0
    for start, stop in LIMBS:
        line = joints[:, stop] - joints[:, start]
        slope = line[:, 1].square() / line.square().sum(1)
        slopes = slopes + slope / (1 + 3 * slope)
    hips = joints[:, [8, 11]].mean(1)
    for stop, weight in ((1, 6), (10, 4), (13, 4)):  # the neck stands above the hips, the feet below them
        line = joints[:, stop] - hips
        slopes = slopes + weight * line[:, 1].square() / line.square().sum(1)
    free = unknown[0] - _easy()
    return data + PRIOR * free.square().sum(1) + UPRIGHT * slopes + BEND * _bends(unknown[0]) + _inside(joints)


def _bends(free: Tensor) -> Tensor:
    # What the bends of elbows and knees cost [B]; small ones grow with the square of the radians from a limb at ease.
    total, start = 0.0, 0
    for name, most in ANGLES:
        base = name.split(".")[0]
        if base in EASY:
            bend = MIDDLE[base] - EASY[base] + most[0] * torch.tanh(free[:, start])
            square = torch.deg2rad(bend).square()
            total = total + square / (1 + 3 * square)  # a limb that is bent in the picture may be bent as it likes
        start += len(most)
    return total


def _inside(joints: Tensor) -> Tensor:
    # How deep [B] forearms and hands lie in an elliptic trunk around the line from hips to neck, and legs in legs.
    low, high = joints[:, [8, 11]].mean(1), joints[:, 1]
    spine = (high - low)[:, None]
    side = torch.nn.functional.normalize(joints[:, 5] - joints[:, 2], dim=1)[:, None]
    ahead = torch.nn.functional.normalize(torch.linalg.cross(spine, side), dim=2)
    share = torch.tensor([0.0, 0.35, 0.7, 1.0, 1.35, 1.7], dtype=joints.dtype)
    points = torch.cat([_along(joints, 3, 4, share), _along(joints, 6, 7, share)], dim=1) - low[:, None]  # [B, 12, 3]
    height = ((points * spine).sum(2) / spine.square().sum(2)).clamp(-0.5, 0.95)
    away = points - height[..., None] * spine
    reach = ((away * side).sum(2) / TRUNK[0]).square() + ((away * ahead).sum(2) / TRUNK[1]).square()
    total = 0.5 * torch.relu(1 - (reach + 1e-6).sqrt()).square().sum(1)
    share = torch.tensor([0.4, 0.7, 1.0], dtype=joints.dtype)
    right, left = (
        torch.cat([_along(joints, hip, hip + 1, share), _along(joints, hip + 1, hip + 2, share)], dim=1)
        for hip in (8, 11)
    )
    apart = ((right[:, :, None] - left[:, None]).square().sum(3) + 1e-6).sqrt()  # [B, 6, 6]
    return total + 8 * torch.relu(LEGS - apart).square().sum((1, 2))


def _along(joints: Tensor, start: int, stop: int, share: Tensor) -> Tensor:
    line = joints[:, stop] - joints[:, start]
    return joints[:, start, None] + share[:, None] * line[:, None]  # [B, shares, 3]


def _extent(keypoints: Tensor, there: Tensor) -> Tensor:
    # Height of the annotated joints, or their width where somebody lies or only a bust is seen.
    hidden = (there == 0)[..., None]
    low = keypoints[..., :2].masked_fill(hidden, float("inf")).amin(dim=1)
    high = keypoints[..., :2].masked_fill(hidden, float("-inf")).amax(dim=1)
    return (high - low).amax(dim=1).clamp(min=1.0)  # [B]
