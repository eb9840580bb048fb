"""Who a person is and what they wear: phenotype, skin, hair and garments, all drawn from one random generator.

A garment is a region of the average body, given by a field that is positive inside (metres from the hem), and one or
two surfaces of the body model pushed out along their normals. Labels follow the fields, never the mesh, and an inner
surface inside an outer garment's region wears the outer one: nothing shows through cloth. Taught in notebook 01.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from .. import labels
from .body import load_body
from .cloth import PATTERNS, random_cloth, vivid
from .hair import scalp_field

SKIN_TONES = np.array([[0.98, 0.84, 0.74], [0.94, 0.77, 0.64], [0.87, 0.67, 0.51], [0.76, 0.55, 0.40],
                       [0.60, 0.41, 0.28], [0.45, 0.29, 0.20], [0.31, 0.20, 0.15]])
HAIR_COLOURS = np.array([[0.07, 0.06, 0.06], [0.16, 0.10, 0.07], [0.30, 0.18, 0.10], [0.47, 0.30, 0.15],
                         [0.85, 0.68, 0.38], [0.60, 0.26, 0.12], [0.70, 0.69, 0.68], [0.42, 0.41, 0.41]])
ARM_BONES = ("upperarm", "lowerarm", "wrist", "finger", "metacarpal")
LINING = 0.02  # metres inside a hem from which skin wears the garment
SEAM = 0.003  # the same for an inner garment


@dataclass
class Garment:
    """One piece: its label, cloth, region field on the body vertices, and surfaces (group, cut field, offset)."""

    label: int
    cloth: dict
    region: np.ndarray
    surfaces: list = field(default_factory=list)
    trim: np.ndarray | None = None


@dataclass
class Person:
    """A dressed person before any pose: phenotype, colours and garments from the outermost to the innermost."""

    phenotype: dict
    skin: np.ndarray
    hair: np.ndarray
    hair_streak: float
    garments: list
    long_hair: tuple | None
    face: np.ndarray
    ground: np.ndarray


class Fields:
    """Coordinates of every body vertex on the average body: place, arm coordinate, arm share, half and legs."""

    def __init__(self):
        body = load_body()
        mean, skin = body.mean, body.skin
        self.place = mean
        arms = [index for name, index in body.bones.items() if name.startswith(ARM_BONES)]
        self.armness = skin[:, arms].sum(1).astype(np.float64)
        joints = [body.mean_heads[body.bones[name + ".L"]] for name in ("upperarm01", "lowerarm01", "wrist")]
        mirrored = mean.copy()
        mirrored[:, 0] = np.abs(mirrored[:, 0])
        upper, lower = joints[1] - joints[0], joints[2] - joints[1]
        first = (mirrored - joints[0]) @ upper / (upper @ upper)
        second = (mirrored - joints[1]) @ lower / (lower @ lower)
        # The bisecting plane at the elbow decides which bone a point is measured on.
        bend = (mirrored - joints[1]) @ (upper / np.linalg.norm(upper) + lower / np.linalg.norm(lower)) > 0
        along = np.where(bend, 1 + np.maximum(second, 0), np.minimum(first, 1))
        hole = (self.armness - 0.5) * 0.35  # 0 at the armhole
        self.arm = np.where(self.armness > 0.5, np.maximum(np.minimum(hole, 0.4), 0) * (along < 0.15)
                            + along * (along >= 0.15), np.minimum(hole, -1e-3))
        self.armhole = (0.5 - self.armness) * 0.2


@lru_cache(maxsize=1)
def fields():
    """The `Fields` of the shipped body, made once a process."""
    return Fields()


def neck_field(kind, place):
    """Metres below the neckline for points [N, 3] of the average body: `crew`, `v`, `scoop`, `boat` or `high`."""
    x, y, z = place.T
    front = np.clip((0.0 - y) / 0.08, 0, 1)
    line = {"crew": 0.752, "v": 0.752, "scoop": 0.748, "boat": 0.742, "high": 0.79}[kind] - 0.028 * front
    if kind == "v":
        line = line - 0.12 * front * np.clip(1 - np.abs(x) / 0.085, 0, 1)
    elif kind == "scoop":
        line = line - 0.085 * front * np.clip(1 - (x / 0.095) ** 2, 0, 1)
    elif kind == "boat":
        line = line - 0.02 * front * np.clip(1 - (x / 0.12) ** 2, 0, 1)
    return line - z


def top_region(where, neck, sleeve, hem):
    """Field [V] of a top: below its neckline, above its hem, and down the arm as far as `sleeve` (0 none, 2 wrist)."""
    place, shoulder = where.place, where.armness > 0.5
    body = np.minimum(neck_field(neck, place), place[:, 2] - hem)
    if sleeve <= 0:
        return np.minimum(body, where.armhole)
    arm = np.where(shoulder, (sleeve - where.arm) * 0.28, 1.0)
    # Only the trunk ends at the hem: a long sleeve may hang lower than it.
    return np.minimum(np.where(shoulder, neck_field(neck, place), body), arm)


def trouser_region(where, waist, hem):
    """Field [V] of trousers or shorts from the waist down to the height `hem`; hands are never inside."""
    place = where.place
    return np.minimum(np.minimum(waist - place[:, 2], place[:, 2] - hem), where.armhole + 0.08)


def _top(rng, where, label=labels.UPPER_CLOTHES, hem=None):
    sleeve = rng.choice([0.0, 0.5, 0.72, 1.35, 1.93, 1.93], p=[0.16, 0.2, 0.2, 0.1, 0.17, 0.17])
    neck = str(rng.choice(["crew", "v", "scoop", "boat", "high"], p=[0.4, 0.2, 0.2, 0.12, 0.08]))
    hem = rng.uniform(0.10, 0.19) if hem is None else hem
    region = top_region(where, neck, sleeve, hem)
    loose = rng.uniform(0.004, 0.016)
    offset = 0.012 + loose * np.clip(1.2 - np.abs(where.place[:, 2] - 0.15) / 0.5, 0.2, 1)
    return Garment(label, random_cloth(rng), region, [("tights", region, offset)])


def _coat(rng, where):
    hem = rng.choice([0.12, -0.08, -0.25], p=[0.5, 0.3, 0.2])
    place = where.place
    gap = rng.uniform(0.02, 0.06) + 0.10 * np.clip(0.6 - place[:, 2], 0, 1) * rng.random()
    gap = gap + np.clip(place[:, 2] - 0.62, 0, 1) * 0.35
    opening = np.where((place[:, 1] < 0) & (where.armness < 0.3), np.abs(place[:, 0]) - gap, 0.5)
    region = np.minimum(top_region(where, "crew", 1.93, hem), opening)
    cloth = random_cloth(rng, ("plain", "checks", "tartan", "columns", "blocks"))
    offset = np.full(len(place), 0.032)
    surfaces = [("tights", np.minimum(region, np.where(where.armness > 0.5, 1, place[:, 2] - max(hem, 0.13))), offset)]
    if hem < 0.1:
        flare = 0.03 + 0.05 * np.clip(0.25 - place[:, 2], 0, 1)
        surfaces.append(("skirt", np.minimum(np.minimum(0.28 - place[:, 2], place[:, 2] - hem), opening), flare))
    return Garment(labels.COAT, cloth, region, surfaces)


def _skirt(rng, where, waist, label, cloth, base=0.012):
    hem = rng.choice([-0.06, -0.17, -0.30, -0.50], p=[0.3, 0.35, 0.25, 0.1]) + rng.uniform(-0.03, 0.03)
    height = where.place[:, 2]
    flare = base + rng.uniform(0.0, 0.16) * np.clip(waist - 0.08 - height, 0, 0.6)
    region = np.minimum(np.minimum(waist - height, height - hem), where.armhole + 0.08)
    # The body below is dressed only well above the hem: legs may be seen under a skirt, cloth on them may not.
    return Garment(label, cloth, np.where(height < 0.1, region - 0.03, region), [("skirt", region, flare)])


def _shoes(rng, where):
    top = rng.choice([-0.765, -0.735, -0.60], p=[0.5, 0.33, 0.17])
    height = where.place[:, 2]
    front = np.clip((-0.02 - where.place[:, 1]) / 0.03, 0, 1)  # the opening lies on the instep
    region = np.where(height > -0.80, top - height + 0.01 * front, 0.05)
    cloth = random_cloth(rng, ("plain",))
    cloth["sole"] = vivid(rng)
    offset = 0.011 + 0.006 * (height < -0.795)
    return Garment(labels.LEFT_SHOE, cloth, region, [("tights", region, offset)])


def _bottom(rng, where, kind, tucked):
    cloth_kind = PATTERNS if rng.random() < 0.5 else ("plain", "columns", "checks", "blocks", "gradient")
    waist = rng.uniform(0.235, 0.285)
    if kind == "skirt":
        return _skirt(rng, where, waist, labels.SKIRT, random_cloth(rng), base=0.03 if tucked else 0.008)
    hem = rng.uniform(-0.23, -0.04) if kind == "shorts" else rng.choice([-0.73, -0.705, -0.62], p=[0.4, 0.4, 0.2])
    region = trouser_region(where, waist, hem)
    wide = rng.choice([0.004, 0.012, 0.03], p=[0.45, 0.35, 0.2])
    offset = 0.004 + wide * np.clip((0.05 - where.place[:, 2]) / 0.5, 0, 1) + (0.024 if tucked else 0)
    if kind == "shorts":
        offset = offset + 0.008
    return Garment(labels.PANTS, random_cloth(rng, cloth_kind), region, [("tights", region, offset)])


def _socks(rng, where):
    top = rng.choice([-0.66, -0.42], p=[0.7, 0.3])
    cloth = random_cloth(rng, ("plain", "stripes", "dots"))
    cloth["period"] = 0.07
    return Garment(labels.SOCKS, cloth, np.minimum(top - where.place[:, 2], where.armhole + 0.08))


def random_person(rng):
    """Draw a dressed person; the same generator state gives the same person.

    Args:
        rng: numpy random generator.

    Returns:
        `Person`; its garments run from the outermost to the innermost, hair first.
    """
    where, body = fields(), load_body()
    woman = rng.random() < 0.5
    phenotype = {
        "gender": float(np.clip((0.88 if woman else 0.1) + rng.normal() * 0.1, 0, 1)),
        "age": float(rng.uniform(2 / 3, 0.93)), "muscle": float(rng.beta(3, 3)), "weight": float(rng.beta(2.6, 3.2)),
        "height": float(np.clip(0.5 + 0.17 * rng.normal(), 0.1, 0.9)), "proportions": float(rng.uniform(0.3, 1)),
    }
    skin = np.clip(SKIN_TONES[rng.integers(len(SKIN_TONES))] * rng.uniform(0.94, 1.05) + rng.normal(0, 0.012, 3), 0, 1)
    hair = np.clip(HAIR_COLOURS[rng.integers(len(HAIR_COLOURS))] * rng.uniform(0.8, 1.2), 0, 1)
    long = rng.random() < (0.72 if woman else 0.12)

    garments = []
    outfit = rng.random()
    dress = outfit < (0.30 if woman else 0.0)
    if rng.random() < 0.14:
        garments.append(_coat(rng, where))
    if dress:
        waist = rng.uniform(0.22, 0.30)
        upper = _top(rng, where, labels.DRESS, hem=waist - 0.03)
        lower = _skirt(rng, where, waist + 0.02, labels.DRESS, upper.cloth, base=0.018)
        region = np.maximum(upper.region, lower.region)
        garments.append(Garment(labels.DRESS, upper.cloth, region, upper.surfaces + lower.surfaces))
    else:
        kind = rng.choice(["trousers", "shorts", "skirt"], p=[0.42, 0.20, 0.38] if woman else [0.68, 0.32, 0.0])
        tucked = rng.random() < 0.25
        top, bottom = _top(rng, where), _bottom(rng, where, kind, tucked)
        garments += [bottom, top] if tucked else [top, bottom]
    garments.append(_shoes(rng, where))
    if rng.random() < 0.4:
        garments.append(_socks(rng, where))

    scalp = scalp_field(body.mean)
    thickness = rng.uniform(0.012, 0.024) if long else rng.choice([0.004, 0.010, 0.020, 0.028])
    shell = thickness * np.clip((scalp + 0.004) / 0.03, 0.1, 1)
    bald = not woman and rng.random() < 0.08
    if not bald:
        garments.insert(0, Garment(labels.HAIR, {}, scalp, [("body", scalp, shell)]))
    long_hair = (rng.uniform(0.46, 0.70), rng.uniform(88, 104)) if long and not bald else None
    face = np.array([vivid(rng, 0.1, 0.7) * 0.5, np.array([0.72, 0.30, 0.30]) * (0.55 + 0.45 * skin)])
    ground = np.clip(rng.uniform(0.82, 0.97) + rng.normal(0, 0.02, 3), 0, 1)
    return Person(phenotype, skin, hair, float(rng.uniform(0.05, 0.13)), garments, long_hair, face, ground)

