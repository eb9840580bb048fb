"""The bones that move the 18 joints, as differentiable tensors: what a fit moves until joints lie where they should.

Joints are linear in the bones' transforms, so that no mesh is needed. Used by `fit`.
"""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from warpgan.people.body import Body, load_body
from warpgan.people.figure import eighteen


class Chain:
    """The bones that move the joints, from the root outwards, as tensors.

    Args:
        body: the body model.
        heads: [bones, 3], where its bones begin at rest, in metres.
        weights: coefficients of the 18 joints, [18, bones] and [18, bones, 3], as of `joint_weights`.
    """

    def __init__(self, body: Body, heads: np.ndarray, weights: tuple[np.ndarray, np.ndarray]):
        weight, place = weights  # [18, bones], [18, bones, 3]
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
        self.hinges, self.axes = {}, {}
        for end in (".L", ".R"):
            for base, middle, tip in (("upperarm01", "lowerarm01", "wrist"), ("upperleg01", "lowerleg01", "foot")):
                start, joint, stop = (heads[body.bones[name + end]] for name in (base, middle, tip))
                bone = (joint - start) / np.linalg.norm(joint - start)
                axis = np.cross(bone, stop - joint) if tip == "wrist" else np.array([1.0, 0, 0])
                self.hinges[middle + end] = torch.from_numpy(axis / np.linalg.norm(axis))
                one = np.array([1.0, 0, 0]) - bone[0] * bone
                one /= np.linalg.norm(one)
                self.axes[base + end] = [torch.from_numpy(x) for x in (one, np.cross(bone, one), bone)]

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
def joint_weights(phenotype: tuple[tuple[str, float], ...]) -> tuple[np.ndarray, np.ndarray]:
    """The coefficients [18, bones] and [18, bones, 3] of `Body.joint_weights`, for the 18 joints of a phenotype."""
    body = load_body()
    rest, _ = body.shape(dict(phenotype))
    amount, place = body.joint_weights(rest)
    return eighteen(amount), eighteen(place)


def turns(vector: Tensor) -> Tensor:
    """Rotations [B, 3, 3] of rotation vectors [B, 3] in radians (Rodrigues), differentiable at zero too."""
    angle = (vector.square().sum(1, keepdim=True) + 1e-12).sqrt()[..., None]  # [B, 1, 1]
    x, y, z = (vector / angle[..., 0]).unbind(1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=1).reshape(-1, 3, 3)
    return torch.eye(3, dtype=vector.dtype) + angle.sin() * cross + (1 - angle.cos()) * cross @ cross


def level(shank: Tensor) -> Tensor:
    """The turns [B, 3, 3] of the ankle that lay the sole on the ground under a shank [B, 3, 3], as far as ankles go."""
    up = shank.detach()[:, 2]
    angle = torch.atan2(-up[:, 1], up[:, 2]).clamp(np.deg2rad(-18), np.deg2rad(42))
    return turns(torch.stack([angle, torch.zeros_like(angle), torch.zeros_like(angle)], dim=1))
