"""A dressed person as one mesh, and what each point of it looks like: label, garment and colour.

The mesh joins the body, the garments' surfaces and the hair; every vertex carries its place on the average body and
the region fields of all garments, so that a ray's hit is labelled and painted by interpolation. Notebook 01.
"""

import numpy as np

from .. import labels
from .body import Skin, load_body, vertex_normals
from .cloth import paint
from .hair import sheet, sheet_cut, sheet_rest, strands
from .poses import random_pose, random_view
from .wardrobe import LINING, SEAM, fields

TRIES = 20
WIDEST = 0.66  # width of the joints over their height
SKIN = -1  # garment number of bare skin
# COCO order of the regressor to the 18 joints; the neck (None) is the middle of the shoulders
ORDER = (0, None, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3)


def eighteen(coco):
    """The 18 joints [18, 3] in this project's order from the 17 COCO joints [17, 3]."""
    return np.stack([coco[i] if i is not None else 0.5 * (coco[5] + coco[6]) for i in ORDER])


class Figure:
    """A dressed person as one mesh: surfaces of body, garments and hair with the fields that paint them."""

    def __init__(self, person):
        body, where = load_body(), fields()
        self.person, self.body = person, body
        rest, self.heads = body.shape(person.phenotype)
        self.rest = rest
        garments = person.garments
        regions = np.stack([g.region for g in garments], axis=1) if garments else np.zeros((len(rest), 0))
        parts = []
        for group in ("body", "eyes"):
            parts.append(self._surface(body.faces[group], rest, None, None, SKIN))
        for number, garment in enumerate(garments):
            for group, cut, offset in garment.surfaces:
                parts.append(self._surface(body.faces[group], rest, cut, offset, number))
        if person.long_hair is not None:
            number = [g.label for g in garments].index(labels.HAIR)
            clearance = 0.05 if any(g.label == labels.COAT for g in garments) else 0.032
            extra, points = sheet(), sheet_rest(rest, clearance)
            parts.append({"index": None, "points": points, "normals": vertex_normals(points, extra["faces"]),
                          "faces": extra["faces"], "cut": sheet_cut(*person.long_hair), "number": number})
        start, columns = 0, {name: [] for name in ("points", "normals", "cut", "skin", "place", "arm", "armness",
                                                   "regions", "faces", "number")}
        for part in parts:
            index, count = part["index"], len(part["points"])
            columns["points"].append(part["points"])
            columns["normals"].append(part["normals"])
            columns["cut"].append(part["cut"])
            columns["faces"].append(part["faces"] + start)
            columns["number"].append(np.full(len(part["faces"]), part["number"]))
            columns["skin"].append(body.skin[index] if index is not None else sheet()["skin"])
            columns["place"].append(where.place[index] if index is not None else sheet()["points"])
            columns["arm"].append(where.arm[index] if index is not None else np.full(count, -0.2))
            columns["armness"].append(where.armness[index] if index is not None else np.zeros(count))
            columns["regions"].append(regions[index] if index is not None else np.full((count, len(garments)), -1.0))
            start += count
        self.__dict__.update({name: np.concatenate(value) for name, value in columns.items()})
        self._skin = Skin(self.points, self.normals, self.skin)
        self._bare = Skin(rest, np.zeros_like(rest), body.skin)
        self.eyes = (len(body.faces["body"]), len(body.faces["body"]) + len(body.faces["eyes"]))

    @staticmethod
    def _surface(faces, rest, cut, offset, number):
        # Keep the triangles that the cut field leaves at least a corner of.
        if cut is not None:
            faces = faces[(cut[faces] > 0).any(axis=1)]
        index, local = np.unique(faces, return_inverse=True)
        local = local.reshape(-1, 3).astype(np.int32)
        points = rest[index]
        normals = vertex_normals(points, local)
        if offset is not None:
            points = points + normals * offset[index][:, None]
        cut = np.ones(len(index)) if cut is None else cut[index]
        return {"index": index, "points": points, "normals": normals, "faces": local, "cut": cut, "number": number}

    def random_pose(self, rng):
        """Draw rotations by bone name, the view among them, and the name of the view."""
        for _ in range(TRIES):  # arms spread wide would leave a small figure in an upright picture: draw again
            rotations = random_pose(rng, self.body, self.heads, self.person.phenotype["weight"])
            rotations["root"], view = random_view(rng)
            transforms = self.body.pose(self.heads, rotations)
            places = np.einsum("bij,bj->bi", transforms[:, :, :3], self.heads) + transforms[:, :, 3]
            if np.ptp(places[:, 0]) < WIDEST * np.ptp(places[:, 2]):
                break
        return rotations, view

    def pose(self, rotations):
        """Take a pose (bone name -> rotation): posed points, normals, joints [18, 3] and the head's rotation."""
        transforms = self.body.pose(self.heads, rotations)
        points, normals = self._skin.pose(transforms)
        joints = eighteen(self.body.joints(self._bare.pose(transforms)[0]))
        middle = np.append(points[:, :2].mean(0), 0.5 * (points[:, 2].min() + points[:, 2].max()))
        middle = middle.astype(np.float32)
        return points - middle, normals, joints - middle, transforms[self.body.bones["head"], :, :3]

    def at(self, name, face, weights):
        """A vertex quantity interpolated at hits."""
        values = getattr(self, name)[self.faces[face]]
        return np.einsum("nk,nk...->n...", weights, values)

    def wear(self, face, weights):
        """Garment number [N] that each hit shows: its own, or an outer one in whose region it lies."""
        number = self.number[face]
        regions = self.at("regions", face, weights)
        shown = number.copy()
        for outer, garment in reversed(list(enumerate(self.person.garments))):
            # Skin just inside a sleeve or a skirt is seen from its open end; hair and socks have no such end.
            margin = LINING if garment.surfaces and garment.label != labels.HAIR else 0.0
            inside = regions[:, outer] > np.where(number == SKIN, margin, min(margin, SEAM))
            shown[inside & ((number == SKIN) | (number > outer))] = outer
        return shown

    def labels(self, face, weights):
        """Parsing label [N] and garment number [N] of hits."""
        shown, place = self.wear(face, weights), self.at("place", face, weights)
        left = place[:, 0] > 0
        x, y, z = place.T
        result = np.full(len(face), labels.TORSO_SKIN)
        chin = np.interp(y, [-0.14, -0.09, -0.05, 0.03], [0.785, 0.775, 0.80, 0.83])
        result[z > chin] = labels.FACE
        arm = (self.at("armness", face, weights) > 0.2) | ((np.abs(x) > 0.155) & (z > 0.2))
        result[arm] = np.where(left, labels.LEFT_ARM, labels.RIGHT_ARM)[arm]
        leg = ~arm & (z < 0.2)
        result[leg] = np.where(left, labels.LEFT_LEG, labels.RIGHT_LEG)[leg]
        for number, garment in enumerate(self.person.garments):
            worn = shown == number
            if garment.label == labels.LEFT_SHOE:
                result[worn] = np.where(left, labels.LEFT_SHOE, labels.RIGHT_SHOE)[worn]
            else:
                result[worn] = garment.label
        return result, shown

    def colours(self, face, weights):
        """Unlit colours [N, 3] in 0..1 of hits."""
        person = self.person
        label, shown = self.labels(face, weights)
        place, arm = self.at("place", face, weights), self.at("arm", face, weights)
        side = np.where(place[:, 0] > 0, 1.0, -1.0)
        colour = np.broadcast_to(person.skin, place.shape).copy()
        bare = shown == SKIN
        colour[bare] = self._face(place[bare], colour[bare], (face[bare] >= self.eyes[0]) & (face[bare] < self.eyes[1]))
        for number, garment in enumerate(person.garments):
            worn = np.flatnonzero(shown == number)
            if not len(worn):
                continue
            at = place[worn]
            if garment.label == labels.HAIR:
                colour[worn] = strands(at, person.hair, person.hair_streak, person.ground[0] * 100)
                continue
            legs = (at[:, 2] < 0.1) & (garment.label in (labels.PANTS, labels.SOCKS))
            painted = paint(garment.cloth, at, arm[worn], side[worn], legs)
            if garment.cloth["trim"]:
                edge = self.at("regions", face[worn], weights[worn])[:, number]
                painted[(edge < 0.022) & (edge > -0.02)] = garment.cloth["colours"][2]
            if "sole" in garment.cloth:
                painted[at[:, 2] < -0.802] = garment.cloth["sole"]
            colour[worn] = painted
        return colour

    def _face(self, place, colour, eye):
        # Eyes, brows and mouth by their place on the average head.
        x, y, z = np.abs(place[:, 0]), place[:, 1], place[:, 2]
        front = y < -0.10
        brow = front & (np.abs(z - 0.927 + 0.25 * (x - 0.03) ** 2 / 0.03) < 0.0055) & (x > 0.012) & (x < 0.052)
        colour[brow] = 0.35 * colour[brow] + 0.65 * self.person.hair * 0.7
        mouth = front & ((x / 0.026) ** 2 + ((z - 0.829) / 0.0105) ** 2 < 1) & (y < -0.125)
        colour[mouth] = self.person.face[1]
        cheek = front & (z < 0.81)
        colour[cheek] *= 0.97
        colour[eye] = [0.93, 0.93, 0.92]
        iris = eye & (np.hypot(x - 0.031, z - 0.906) < 0.0085)
        colour[iris] = self.person.face[0]
        socket = ~eye & front & (((x - 0.031) / 0.021) ** 2 + ((z - 0.906) / 0.011) ** 2 < 1)
        colour[socket] *= 0.62
        return colour
