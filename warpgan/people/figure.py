"""A dressed person as one mesh: the surfaces of body, garments and hair with the fields that label and paint them.

Every vertex carries its place on the average body and the region fields of all garments, so that whatever a ray
meets is labelled and painted by interpolation (`shader`). Notebook 01.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from warpgan import labels
from warpgan.people import charts
from warpgan.people.body import Skin, load_body, vertex_normals
from warpgan.people.cloth import textures
from warpgan.people.poses import random_pose, random_view
from warpgan.people.regions import fields
from warpgan.people.scene import EYE, SKIN, Scene
from warpgan.people.wardrobe import LINING, SEAM

if TYPE_CHECKING:
    import warp

    from warpgan.people.wardrobe import Person

TRIES = 20
WIDEST = 0.66  # width of the joints over their height


def eighteen(coco: np.ndarray) -> np.ndarray:
    """The 18 joints [18, ...] in this project's order from the 17 COCO joints [17, ...]."""
    return np.stack([coco[i] if i is not None else 0.5 * (coco[5] + coco[6]) for i in labels.FROM_COCO])


@lru_cache(maxsize=8)
def _flat(group):
    # The charts of a group's triangles belong to the average body and so to everybody.
    where, faces = fields(), load_body().faces[group]
    return charts.lay_flat(faces, where.place, where.arm)


class Figure:
    """A dressed person, posed and seen on a device.

    Attributes: `person`; `faces [F, 3]`; `number [F]` of the garment that a triangle belongs to, `SKIN` or `EYE`;
    `points`, `place`, `cut`, `regions` of the vertices.
    """

    def __init__(self, person: Person, device: str = "cpu"):
        body, self.where = load_body(), fields()
        self.person, self.body = person, body
        self.rest, self.heads = body.shape(person.phenotype)
        self.device = device
        self._normals = {}
        parts = [self._surface("body", None, None, SKIN), self._surface("eyes", None, None, EYE)]
        for number, garment in enumerate(person.garments):
            for surface in garment.surfaces:
                piece = not isinstance(surface, tuple)
                parts.append(self._piece(surface, number) if piece else self._surface(*surface, number))
        start = 0
        for part in parts:
            part["faces"] = part["faces"] + start
            start += len(part["points"])
        for name in parts[0]:
            setattr(self, name, np.concatenate([part[name] for part in parts]))
        self._skin = Skin(self.points, self.normals, self.bones, self.shares, device)
        self.shown = np.unique(self.faces[(self.cut[self.faces] > 0).any(axis=1)])  # vertices that bound what is seen
        amount, place = body.joint_weights(self.rest)
        self._joints = eighteen(amount), eighteen(place)
        self.scene = None

    def _columns(self, index):
        # What the body's vertices carry, whoever wears what.
        where, garments = self.where, self.person.garments
        none = np.full(len(index), -1.0)
        regions = [garment.region[index] for garment in garments]
        trims = [none if garment.trim is None else garment.trim[index] for garment in garments]
        return {"bones": self.body.skin_bones[index], "shares": self.body.skin_shares[index],
                "place": where.place[index], "arm": where.arm[index], "armness": where.armness[index],
                "regions": np.stack([*regions, none], 1),
                "trims": np.stack([*trims, none], 1)}

    def _surface(self, group, cut, offset, number):
        # A group of the body model pushed out; of it the triangles of which the cut field leaves at least a corner.
        faces = self.body.faces[group]
        chart, trunk_uv, limb_uv = _flat(group)
        if cut is not None:
            kept = (cut[faces] > 0).any(axis=1)
            faces, chart, trunk_uv, limb_uv = faces[kept], chart[kept], trunk_uv[kept], limb_uv[kept]
        if group not in self._normals:
            self._normals[group] = vertex_normals(self.rest, self.body.faces[group])
        used = np.zeros(len(self.rest), bool)
        used[faces] = True
        index = np.flatnonzero(used)
        local = np.cumsum(used, dtype=np.int32) - 1
        points, normals = self.rest[index], self._normals[group][index]
        if offset is not None:
            points = points + normals * offset[index][:, None]
        cut = np.ones(len(index)) if cut is None else cut[index]
        return {"points": points, "normals": normals, "faces": local[faces], "cut": cut, "chart": chart,
                "trunk_uv": trunk_uv, "limb_uv": limb_uv, "number": np.full(len(faces), number),
                **self._columns(index)}

    def _piece(self, piece, number):
        # A piece hides nothing and is hidden by nothing but what lies before it.
        count, garments = len(piece.points), len(self.person.garments)
        points = piece.rest(self.rest)
        faces = piece.faces[(piece.cut[piece.faces] > 0).any(axis=1)]
        corners = piece.points[faces]
        radius = np.full(len(faces), charts.TRUNK_RADIUS)
        trunk_uv = charts.close(charts.on_trunk(corners), radius)
        chart, limb_uv = np.full(len(faces), charts.OWN), piece.uv[faces]
        if self.person.garments[number].label == labels.HAIR:
            radius[:] = charts.HEAD_RADIUS
            chart[:], limb_uv = charts.SCALP, charts.close(charts.on_scalp(corners), radius)
        none = np.full((count, garments + 1), -1.0)
        return {"points": points, "normals": vertex_normals(points, piece.faces), "faces": faces, "cut": piece.cut,
                "chart": chart, "trunk_uv": trunk_uv, "limb_uv": limb_uv, "number": np.full(len(faces), number),
                "bones": piece.bones, "shares": piece.weights, "place": piece.points, "arm": np.full(count, -0.2),
                "armness": np.zeros(count), "regions": none, "trims": none}

    def random_pose(self, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], str]:
        """Draw rotations by bone name, the view among them, and the name of the view."""
        for _ in range(TRIES):  # arms spread wide would leave a small figure in an upright picture: draw again
            rotations = random_pose(rng, self.body, self.heads, self.person.phenotype["weight"], self.rest)
            rotations["root"], view = random_view(rng)
            transforms = self.body.pose(self.heads, rotations)
            places = np.einsum("bij,bj->bi", transforms[:, :, :3], self.heads) + transforms[:, :, 3]
            if np.ptp(places[:, 0]) < WIDEST * np.ptp(places[:, 2]):
                break
        return rotations, view

    def pose(
        self, rotations: dict[str, np.ndarray], origin: np.ndarray | None = None
    ) -> tuple[warp.array, warp.array, np.ndarray, np.ndarray]:
        """Take a pose, moved so that the person's middle is the origin.

        Args:
            rotations: bone name -> [3, 3].
            origin: [3] place beside the unmoved root that becomes the origin instead, metres.

        Returns:
            points and normals (warp arrays on the device), joints [18, 3] in metres, rotation of the head [3, 3].
        """
        transforms = self.body.pose(self.heads, rotations)
        amount, place = self._joints
        joints = np.einsum("bij,nbj->ni", transforms[:, :, :3], place) + np.einsum(
            "nb,bi->ni", amount, transforms[:, :, 3])
        if origin is None:
            low, high = joints.min(0), joints.max(0)
            middle = np.append(joints[:, :2].mean(0), 0.5 * (low[2] + high[2]))
        else:
            middle = self.heads[0] + origin
        transforms[:, :, 3] -= middle
        points, normals = self._skin.pose(transforms)
        return points, normals, joints - middle, transforms[self.body.bones["head"], :, :3]

    def place_on(self, points: warp.array) -> Scene:
        """The scene of this person with the vertices at `points`; built once, in the rest pose, then refitted."""
        if self.scene is None:
            self.scene = Scene(self.pose({})[0], self.faces, *self._looks(), self.device)
        self.scene.move(points)
        return self.scene

    def _looks(self):
        person, garments = self.person, self.person.garments
        columns = {name: getattr(self, name) for name in ("number", "chart", "cut", "place", "arm", "armness",
                                                          "regions", "trims")}
        columns["trunk_uv"], columns["limb_uv"] = self.trunk_uv.reshape(-1, 2), self.limb_uv.reshape(-1, 2)
        columns["label"] = [*(garment.label for garment in garments), labels.TORSO_SKIN]
        # Only what has an open end shows its lining: hair and socks have none.
        open_ended = [bool(garment.surfaces) and garment.label != labels.HAIR for garment in garments]
        columns["lining"] = [*np.where(open_ended, LINING, 0.0), 0.0]
        columns["seam"] = [*np.where(open_ended, SEAM, 0.0), 0.0]
        columns["colour"] = [*(garment.cloth["colours"][0] for garment in garments), person.skin]
        columns["trim"] = [*(garment.cloth["colours"][2] for garment in garments), person.skin]
        painted = {}  # once a cloth: a base layer is often of the cloth above it
        for garment in garments:
            key = id(garment.cloth), garment.charts
            painted[key] = painted[key] if key in painted else textures(garment.cloth, garment.charts)
        return columns, [*(painted[id(garment.cloth), garment.charts] for garment in garments), person.face]
