"""What a posed limb touches: distances to the trunk, the thighs and the head, and between two limbs, without a mesh.

Trunk, thighs and head are upright columns in the rest pose. Around the axis of each, the person's own rest vertices
give a radius for every height and direction; a point of a posed limb is taken back into the rest frame of the bone it
is near to and compared with that radius. Limbs themselves are rows of spheres. Taught in notebook 01.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from warpgan.people.body import ARM_BONES
from warpgan.people.joints import frames
from warpgan.people.turns import axis_rotation

if TYPE_CHECKING:
    from warpgan.people.body import Body

SECTORS = 32  # directions around a column
LIMB_BONES = ("clavicle", "shoulder", *ARM_BONES)
# column -> (lowest and highest z on the average body in metres, bands, bones from the lowest to the highest)
TRUNK = ("root", "spine04", "spine03", "spine02", "spine01")
COLUMNS = {"trunk": (0.03, 0.70, 24, TRUNK), "thigh.L": (-0.30, 0.14, 12, ("upperleg01.L",)),
           "thigh.R": (-0.30, 0.14, 12, ("upperleg01.R",)), "head": (0.77, 1.04, 10, ("head",))}
# radii in metres, on the average body, of the spheres along an arm (three quarters of the upper arm, five from elbow
# to wrist, three on the hand) and along a leg (three on the thigh, three on the shank, four on the foot)
ARM = np.array([0.05, 0.045, 0.047, 0.042, 0.036, 0.03, 0.036, 0.036, 0.026])
LEG = np.array([0.08, 0.07, 0.06, 0.06, 0.055, 0.045, 0.04, 0.045, 0.05, 0.035])
OVERLAP = 0.03  # metres by which the stretches of neighbouring bones overlap, since skin bends between them


class _Column:
    """Which vertices belong to which cell (height, direction) of one column, decided once on the average body."""

    def __init__(self, body: Body, name: str):
        self.low, self.high, self.bands, self.bones = COLUMNS[name]
        used = np.unique(body.faces["body"])
        names = np.array(list(body.bones))
        arm = body.skin[:, [bone.startswith(LIMB_BONES) for bone in names]].sum(1)
        x, _, z = body.mean.T
        kept = np.isin(np.arange(len(x)), used) & (z > self.low) & (z < self.high) & (arm < 0.35)
        if name == "trunk":  # below the crotch there is no trunk left, only thighs
            kept &= (body.skin[:, [bone.startswith(("toe", "foot", "lowerleg")) for bone in names]].sum(1) < 0.1)
        elif name == "head":
            kept &= body.skin[:, body.bones["head"]] > 0.3
        else:
            kept &= body.skin[:, [bone.startswith("upperleg") and bone[-1] == name[-1] for bone in names]].sum(1) > 0.4
        index = np.flatnonzero(kept)
        self.step = (self.high - self.low) / self.bands
        band = ((z[index] - self.low) / self.step).astype(int)
        order = np.argsort(band, kind="stable")
        self.by_band, self.band_start = index[order], np.searchsorted(band[order], np.arange(self.bands))
        centre = self._centres(body.mean)[band]
        away = body.mean[index, :2] - centre
        sector = np.floor((np.arctan2(away[:, 0], -away[:, 1]) / (2 * np.pi) % 1) * SECTORS).astype(int) % SECTORS
        cell = band * SECTORS + sector
        order = np.argsort(cell, kind="stable")
        self.by_cell, self.cell_band = index[order], band[order]
        self.cells, self.cell_start = np.unique(cell[order], return_index=True)
        there = np.stack([self.cells // SECTORS, self.cells % SECTORS], axis=1)
        every = np.stack(np.divmod(np.arange(self.bands * SECTORS), SECTORS), axis=1)
        apart = np.abs(every[:, None] - there[None]).astype(float)
        apart[..., 1] = np.minimum(apart[..., 1], SECTORS - apart[..., 1])
        self.nearest = (apart * [1.0, 0.5]).sum(-1).argmin(1)  # cells without a vertex take their neighbour's radius

    def _centres(self, rest):
        points = rest[self.by_band, :2]
        return 0.5 * (np.minimum.reduceat(points, self.band_start) + np.maximum.reduceat(points, self.band_start))

    def measure(self, rest):
        """Centres [bands, 2] and radii [bands, SECTORS] in metres of one person's rest vertices."""
        centres = self._centres(rest)
        away = rest[self.by_cell, :2] - centres[self.cell_band]
        radius = np.maximum.reduceat(np.sqrt((away * away).sum(1)), self.cell_start)[self.nearest]
        return centres, radius.reshape(self.bands, SECTORS)


@lru_cache(maxsize=1)
def _columns(body):
    return {name: _Column(body, name) for name in COLUMNS}


@lru_cache(maxsize=2)
def _shaft(body, word):
    bone, end = body.bones[word + "01.L"], body.bones[{"lowerarm": "wrist.L", "lowerleg": "foot.L"}[word]]
    skin = np.unique(body.faces["body"])
    return skin[body.skin[skin, bone] > 0.5], bone, end


def _girth(body, word, heads, rest):
    # Mean distance in metres between the skin of a forearm or a shank and its bone.
    index, bone, end = _shaft(body, word)
    line = heads[end] - heads[bone]
    away = rest[index] - heads[bone]
    away = away - (away @ line / (line @ line))[:, None] * line
    return np.sqrt((away * away).sum(1)).mean()


class Bulk:
    """The room that one person's trunk, thighs and head take up.

    Args:
        body: `Body`. heads: [bones, 3] rest joints, metres. rest: [V, 3] rest vertices, metres; None: the average's.
    """

    def __init__(self, body: Body, heads: np.ndarray, rest: np.ndarray | None = None):
        rest = body.mean if rest is None else rest
        self.columns = _columns(body)
        self.shape = {}
        for name, column in self.columns.items():
            # heights follow the person: bands are stretched between the joints that stand at both ends
            anchors = [("lowerleg01.L", "upperleg01.L"), ("root", "spine01"), ("neck01", "head")]
            low, high = anchors[0 if name.startswith("thigh") else 1 if name == "trunk" else 2]
            low, high = body.bones[low], body.bones[high]
            stretch = (heads[high, 2] - heads[low, 2]) / (body.mean_heads[high, 2] - body.mean_heads[low, 2])
            self.shape[name] = (*column.measure(rest), heads[low, 2], body.mean_heads[low, 2], stretch)
        self.arms, self.legs = (_girth(body, word, heads, rest) / _girth(body, word, body.mean_heads, body.mean)
                                for word in ("lowerarm", "lowerleg"))  # of limbs, against the average body's
        self.cuts = heads[[body.bones[bone] for bone in TRUNK[1:]], 2]

    def _row(self, name, height):
        # Band [N] (not whole) of rest heights [N], and by how many metres a height lies beyond the column's ends.
        column, (centres, _, own, average, stretch) = self.columns[name], self.shape[name]
        row = ((height - own) / stretch + average - column.low) / column.step - 0.5
        top = column.bands - 1.001
        kept = np.minimum(np.maximum(row, 0), top)
        beyond = (np.abs(row - kept) - 0.5) * (column.step * stretch)
        below = kept.astype(int)
        part = kept - below
        return below, part, beyond, (1 - part)[:, None] * centres[below] + part[:, None] * centres[below + 1]

    def _radius(self, name, below, part, angle):
        # Radius [N] of the column in bands [N] at angles [N] in radians: 0 is the front, the person's left is positive.
        radii = self.shape[name][1]
        turn = angle * (SECTORS / (2 * np.pi)) + (SECTORS - 0.5)
        left = turn.astype(int)
        share = turn - left
        left, right = left % SECTORS, (left + 1) % SECTORS
        low = (1 - share) * radii[below, left] + share * radii[below, right]
        high = (1 - share) * radii[below + 1, left] + share * radii[below + 1, right]
        return (1 - part) * low + part * high

    def surface(self, height: float, angle: float) -> tuple[np.ndarray, np.ndarray]:
        """Point [3] of the trunk's rest surface at a height (metres) and an angle (radians), and its outward [3]."""
        below, part, _, centre = self._row("trunk", np.array([height]))
        radius = self._radius("trunk", below, part, np.array([angle]))
        outward = np.array([np.sin(angle), -np.cos(angle), 0.0])
        return np.array([*centre[0], height]) + radius[0] * outward, outward

    def gap(self, name: str, points: np.ndarray, transforms: np.ndarray) -> np.ndarray:
        """Distance [N] in metres from posed points [N, 3] to a column, negative inside it, 1 where it is far away.

        `transforms` [bones of the column, 3, 4] take rest points to posed ones, in the order of `COLUMNS`.

        Args:
            name: of `COLUMNS`.
            points: [N, 3], metres.
            transforms: [bones of the column, 3, 4], which take rest points to posed ones, in the order of `COLUMNS`.
        """
        turns, shifts = transforms[:, :, :3], transforms[:, :, 3]
        local = np.einsum("bji,bnj->bni", turns, points[None] - shifts[:, None])  # [bones, N, 3]
        height = local[..., 2]
        owned = np.ones(height.shape, bool)
        if len(transforms) > 1:
            owned[1:] = height[1:] > self.cuts[:, None] - OVERLAP
            owned[:-1] &= height[:-1] < self.cuts[:, None] + OVERLAP
        result = np.full(height.shape, 1.0)
        x, y, z = local[owned].T
        below, part, beyond, centre = self._row(name, z)
        x, y = x - centre[:, 0], y - centre[:, 1]
        away = np.sqrt(x * x + y * y) - self._radius(name, below, part, np.arctan2(x, -y))
        result[owned] = np.where(beyond > 0, np.hypot(np.maximum(away, 0), beyond), away)
        return result.min(axis=0)


def sphere_gap(one: np.ndarray, one_radius: np.ndarray, other: np.ndarray, other_radius: np.ndarray) -> np.ndarray:
    """Least distance in metres between spheres [..., N, 3] and [M, 3] with radii [N] and [M]: [...].

    Args:
        one: [..., N, 3] centres, metres.
        one_radius: [N] metres.
        other: [M, 3] centres.
        other_radius: [M].
    """
    apart = np.sqrt(((one[..., :, None, :] - other) ** 2).sum(-1)) - one_radius[:, None] - other_radius
    return apart.min(axis=(-1, -2))


def open_arms(
    body: Body, heads: np.ndarray, rest: np.ndarray | None, pose: dict[str, np.ndarray], most: int = 24
) -> dict[str, np.ndarray]:
    """Move the arms of a pose out of trunk and thighs: each turns outwards about its shoulder until it is free.

    Args:
        body: `Body`. heads: [bones, 3] rest joints, metres. rest: [V, 3] rest vertices, metres; None: the average's.
        pose: rotations by bone name. most: degrees beyond which the arm is left where it touches least.

    Returns:
        A new pose; the same rotations where nothing touches.
    """
    bulk, pose = Bulk(body, heads, rest), dict(pose)
    room = {name: frames(body, heads, pose, COLUMNS[name][3]) for name in ("trunk", "thigh.L", "thigh.R")}
    for side, end in ((1, ".L"), (-1, ".R")):
        names = [name + end for name in ("lowerarm01", "wrist", "finger2-1", "finger5-1", "finger1-2", "finger1-3",
                                         "finger2-3", "finger5-3")]
        upper, collar = pose.get("upperarm01" + end, np.eye(3)), pose.get("clavicle" + end, np.eye(3))
        spare = {}
        for degrees in range(0, most + 1, 3):
            pose["upperarm01" + end] = collar.T @ axis_rotation(1, -side * degrees) @ collar @ upper
            posed = frames(body, heads, pose, names)
            places = np.stack([turn[:, :3] @ heads[body.bones[name]] + turn[:, 3]
                               for name, turn in zip(names, posed, strict=True)])
            points = np.concatenate([places[0] + np.array([[0.4], [0.7], [1.0]]) * (places[1] - places[0]), places[2:]])
            need = np.array([*ARM[[3, 4, 5]], 0.018, 0.018, 0.016, 0.02, 0.014, 0.014]) * bulk.arms
            spare[degrees] = min((bulk.gap(name, points, transforms) - need).min() for name, transforms in room.items())
            if spare[degrees] > 0:
                break
        best = max(spare, key=spare.get)
        pose["upperarm01" + end] = collar.T @ axis_rotation(1, -side * best) @ collar @ upper if best else upper
    return pose
