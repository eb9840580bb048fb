"""Fit the body to annotated joints: from 18 points of a photo to a pose that rendered people can take.

Joints are linear in the bones' transforms, so that a fit needs no mesh: angles and a camera are moved by Adam until
the projected joints lie on the annotated ones. What a picture leaves open (depth, twists, missing joints) is decided
by a prior that likes small angles and keeps arms out of the trunk.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from .body import Body, load_body
from .camera import DISTANCE
from .figure import ORDER

AVERAGE = {"gender": 0.5, "age": 0.75, "muscle": 0.5, "weight": 0.4, "height": 0.5, "proportions": 0.5}
SPINE = ("spine05", "spine04", "spine03", "spine02", "spine01")
NECK = ("neck01", "neck02", "neck03", "head")
# (name, numbers, most degrees each number reaches); the root's first number is the yaw, which knows no limit
ANGLES = (
    ("root", 3, 25), ("spine", 3, 9), ("neck", 3, 14), ("clavicle.L", 1, 22), ("clavicle.R", 1, 22),
    ("upperarm01.L", 3, 170), ("upperarm01.R", 3, 170), ("lowerarm01.L", 1, 75), ("lowerarm01.R", 1, 75),
    ("upperleg01.L", 3, 110), ("upperleg01.R", 3, 110), ("lowerleg01.L", 1, 70), ("lowerleg01.R", 1, 70),
)  # fmt: skip
# middle of the range of a hinge, in degrees from the rest pose: elbows bend 0 to 145, knees 0 to 140
MIDDLE = {"lowerarm01": 38.0, "lowerleg01": 70.0}
STARTS = (0.0, 90.0, 180.0, 270.0)  # yaws tried, degrees
TRUNK = 0.17  # metres that elbows and wrists keep from the line between hips and neck
PRIOR = 1.5e-3  # weight of the squared angles: enough for natural poses at a cost of a few thousandths of the height


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
    chain = _Chain(body, body.shape(phenotype)[1], _regressor(tuple(sorted(phenotype.items()))))
    kept = keypoints.double().repeat_interleave(len(STARTS), dim=0)  # [4N, 18, 3]
    there = (kept[..., 2] > 0).double()
    extent = _extent(kept, there)
    free = torch.zeros(len(kept), sum(count for _, count, _ in ANGLES), dtype=torch.double)
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
        rotations = _rotations(chain, chosen[0], chosen[1])
        pixels, _ = _project(chain, chosen, extent[best])
        away = (pixels - kept[best][..., :2]).norm(dim=2) * there[best]
        error = away.sum(1) / there[best].sum(1)
    return [
        Fit({bone: turn[i].numpy() for bone, turn in rotations.items()}, pixels[i].numpy(), float(error[i]))
        for i in range(len(keypoints))
    ]


class _Chain:
    """The bones that move the joints, from the root outwards, as tensors."""

    def __init__(self, body: Body, heads: np.ndarray, regressor: tuple[np.ndarray, np.ndarray]):
        weight, place = regressor  # [18, bones], [18, bones, 3]
        needed = set(np.flatnonzero(weight.max(axis=0) > 1e-5).tolist())
        for bone in sorted(needed, reverse=True):
            while body.parents[bone] >= 0:
                bone = int(body.parents[bone])
                needed.add(bone)
        self.order = sorted(needed)
        self.names = {index: name for name, index in body.bones.items()}
        self.parents, self.bones = body.parents, body.bones
        self.heads = torch.from_numpy(heads)
        kept = torch.tensor(self.order)
        self.weight = torch.from_numpy(weight)[:, kept]  # [18, bones kept]
        self.place = torch.from_numpy(place)[:, kept] - self.weight[..., None] * self.heads[kept]
        self.hinges = {}
        for end in (".L", ".R"):
            upper, elbow, wrist = (heads[body.bones[name + end]] for name in ("upperarm01", "lowerarm01", "wrist"))
            axis = np.cross(elbow - upper, wrist - elbow)
            self.hinges["lowerarm01" + end] = torch.from_numpy(axis / np.linalg.norm(axis))
            self.hinges["lowerleg01" + end] = torch.tensor([1.0, 0.0, 0.0], dtype=torch.double)

    def joints(self, rotations: dict[str, Tensor]) -> Tensor:
        """The 18 joints [B, 18, 3] in metres for rotations [B, 3, 3] by bone name."""
        turn, place = {}, {}
        for bone in self.order:
            parent, own = int(self.parents[bone]), rotations.get(self.names[bone])
            if parent < 0:
                turn[bone], place[bone] = own, self.heads[bone].expand(len(own), 3)
            else:
                turn[bone] = turn[parent] if own is None else turn[parent] @ own
                place[bone] = place[parent] + turn[parent] @ (self.heads[bone] - self.heads[parent])
        turns, places = (torch.stack([x[bone] for bone in self.order], dim=1) for x in (turn, place))
        return torch.einsum("bkij,nkj->bni", turns, self.place) + torch.einsum("nk,bki->bni", self.weight, places)


@lru_cache(maxsize=4)
def _regressor(phenotype: tuple[tuple[str, float], ...]) -> tuple[np.ndarray, np.ndarray]:
    # A joint is a weighted mean of skinned points, so it is linear in the bones: these are the coefficients.
    body = load_body()
    rest, _ = body.shape(dict(phenotype))
    row, column, weight = body.regressor
    amount, place = np.zeros((17, len(body.bones))), np.zeros((17, len(body.bones), 3))
    shares = weight[:, None] * body.skin[column]  # [entries, bones]
    np.add.at(amount, row, shares)
    np.add.at(place, row, shares[..., None] * rest[column][:, None])
    return tuple(
        np.stack([x[i] if i is not None else 0.5 * (x[5] + x[6]) for i in ORDER]) for x in (amount, place)
    )


def _turn(vector: Tensor) -> Tensor:
    # Rodrigues for [B, 3] rotation vectors; the small constant keeps the gradient finite at rest.
    angle = (vector.square().sum(1, keepdim=True) + 1e-12).sqrt()[..., None]  # [B, 1, 1]
    x, y, z = (vector / angle[..., 0]).unbind(1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=1).reshape(-1, 3, 3)
    return torch.eye(3, dtype=vector.dtype) + angle.sin() * cross + (1 - angle.cos()) * cross @ cross


def _rotations(chain: _Chain, free: Tensor, yaw: Tensor) -> dict[str, Tensor]:
    found, start = {}, 0
    for name, count, most in ANGLES:
        angles = torch.deg2rad(torch.tensor(float(most))) * torch.tanh(free[:, start : start + count])
        start += count
        base = name.split(".")[0]
        zero = torch.zeros_like(yaw)
        if name == "root":
            upright = _turn(torch.stack([zero, zero, yaw], dim=1))
            found["root"] = _turn(angles * torch.tensor([1.0, 1.0, 0.0])) @ upright
        elif name in ("spine", "neck"):
            found |= dict.fromkeys(SPINE if name == "spine" else NECK, _turn(angles))
        elif name in chain.hinges:
            found[name] = _turn((angles + np.deg2rad(MIDDLE[base])) * chain.hinges[name])
        elif base == "clavicle":
            found[name] = _turn(torch.stack([zero, angles[:, 0], zero], dim=1))
        else:
            found[name] = _turn(angles)
    return found


def _project(chain: _Chain, unknown: list[Tensor], extent: Tensor) -> tuple[Tensor, Tensor]:
    free, yaw, centre, scale = unknown
    joints = chain.joints(_rotations(chain, free, yaw))
    joints = joints - joints.mean(dim=1, keepdim=True)
    depth = DISTANCE + joints[..., 1]
    seen = torch.stack([joints[..., 0], -joints[..., 2]], dim=2) / depth[..., None]
    return (centre * extent[:, None])[:, None] + scale.exp()[:, None, None] * seen, joints


def _loss(chain: _Chain, unknown: list[Tensor], kept: Tensor, there: Tensor, extent: Tensor) -> Tensor:
    pixels, joints = _project(chain, unknown, extent)
    away = (pixels - kept[..., :2]).norm(dim=2) / extent[:, None]  # in heights of the annotated person
    near = torch.where(away < 0.05, away.square() / 0.1, away - 0.025)  # far joints pull no harder than near ones
    data = (near * there).sum(1) / there.sum(1)
    hips, neck = joints[:, [8, 11]].mean(1), joints[:, 1]
    line = neck - hips
    inside = 0.0
    for joint in (3, 4, 6, 7):  # elbows and wrists
        along = ((joints[:, joint] - hips) * line).sum(1) / line.square().sum(1)
        gap = (joints[:, joint] - hips - along.clamp(0, 1)[:, None] * line).norm(dim=1)
        inside = inside + torch.relu(TRUNK - gap).square()
    return data + PRIOR * unknown[0].square().sum(1) + inside


def _extent(keypoints: Tensor, there: Tensor) -> Tensor:
    # Height of the annotated joints, or their width where somebody lies or only a bust is seen.
    hidden = (there == 0)[..., None]
    low = keypoints[..., :2].masked_fill(hidden, float("inf")).amin(dim=1)
    high = keypoints[..., :2].masked_fill(hidden, float("-inf")).amax(dim=1)
    return (high - low).amax(dim=1).clamp(min=1.0)  # [B]
