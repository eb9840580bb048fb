"""Garments of cloth: tops, dresses, coats, skirts, trousers, socks, shoes and gloves.

A garment is a region of the average body, given by a field that is positive inside (metres from the hem), and surfaces
of the body model pushed out along their normals. Labels follow the fields, never the mesh, and an inner surface inside
an outer garment's region wears the outer one: nothing shows through cloth. Everywhere here `rng` is a numpy random
generator and `where` the `regions.Fields` of the average body. Taught in notebook 01.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from warpgan import labels
from warpgan.people.accessories import collar, outward
from warpgan.people.chance import pick
from warpgan.people.charts import ARMS, LEGS, TRUNK
from warpgan.people.cloth import PATTERNS, random_cloth, random_shoes
from warpgan.people.regions import top_region, trouser_region

if TYPE_CHECKING:
    from warpgan.people.regions import Fields

# how often a garment's cloth has a pattern, before what the garment excludes
SHOP = {"plain": 0.12, "stripes": 0.12, "columns": 0.05, "checks": 0.07, "tartan": 0.08, "dots": 0.07, "gradient": 0.05,
        "print": 0.14, "blocks": 0.06, "logo": 0.09, "letters": 0.07, "knit": 0.06}
LEGWEAR = {"plain": 0.26, "denim": 0.32, "columns": 0.06, "checks": 0.06, "tartan": 0.05, "print": 0.06,
           "gradient": 0.03, "dots": 0.03}
SKIRTS = {"plain": 0.22, "denim": 0.10, "checks": 0.10, "tartan": 0.14, "dots": 0.12, "print": 0.14, "stripes": 0.08,
          "columns": 0.05, "gradient": 0.05}
COATS = {"plain": 0.32, "checks": 0.10, "tartan": 0.14, "columns": 0.06, "blocks": 0.08, "denim": 0.12, "knit": 0.10}
SMALL = {"plain": 0.7, "knit": 0.3}
SOCKS = {"plain": 0.4, "stripes": 0.4, "dots": 0.2}
HEM_TRIM = 0.02  # metres


@dataclass
class Garment:
    """One piece of clothing.

    Attributes: `label`; `cloth` as `cloth.random_cloth` draws it; `region [V]` metres inside its hem on the body's
    vertices, which skin and inner garments wear; `surfaces`, each (group of the body model, cut [V], offset [V] in
    metres) or a `pieces.Piece`; `trim [V]` positive where it has its trim colour, or None; `charts` that get a texture.
    """

    label: int
    cloth: dict
    region: np.ndarray
    surfaces: list = field(default_factory=list)
    trim: np.ndarray | None = None
    charts: tuple = ()


def draw_cloth(rng: np.random.Generator, table: dict[str, float]) -> dict[str, Any]:
    """Draw a cloth whose pattern is one of `table` (name -> share)."""
    return random_cloth(rng, (pick(rng, {name: share for name, share in table.items() if name in PATTERNS}),))


def hem_trim(rng: np.random.Generator, cut: np.ndarray, share: float = 0.3) -> np.ndarray | None:
    """A trim field along a garment's hems, or None.

    Args:
        cut: [V] metres inside the hem.
        share: of garments that have one.
    """
    return HEM_TRIM - cut if rng.random() < share else None


def top(
    rng: np.random.Generator, where: Fields, *, label: int = labels.UPPER_CLOTHES, hem: float | None = None,
    warm: bool = False,
) -> Garment:
    """Draw a top, or the upper part of a dress; `warm` ones have long sleeves.

    Args:
        label: of the garment.
        hem: its height in metres; None: drawn.
        warm: long sleeves.
    """
    cold = [0.02, 0.04, 0.08, 0.06, 0.40, 0.40]
    sleeve = rng.choice([0.0, 0.5, 0.72, 1.35, 1.93, 1.93], p=cold if warm else [0.18, 0.22, 0.22, 0.10, 0.14, 0.14])
    neck = str(rng.choice(["crew", "v", "scoop", "boat", "high"], p=[0.4, 0.2, 0.2, 0.12, 0.08]))
    shirt = sleeve > 0 and rng.random() < 0.22
    neck = "shirt" if shirt else neck
    fitted = hem is not None
    if hem is None:
        hem = rng.uniform(0.28, 0.34) if rng.random() < 0.06 else rng.uniform(0.09, 0.19)
    region = top_region(where, neck, sleeve, hem)
    loose, bell = rng.uniform(0.003, 0.016), 0.02 * (sleeve > 1) * (rng.random() < 0.15)
    height = where.place[:, 2]
    # A dress is close at the waist, where its skirt lies over it.
    hang = np.clip((height - 0.34) / 0.2, 0, 0.6) if fitted else np.clip(1.2 - np.abs(height - 0.15) / 0.5, 0.2, 1)
    offset = 0.012 + loose * hang
    offset = offset + bell * np.clip(where.arm - 0.8, 0, 1.2)
    cloth, surfaces = draw_cloth(rng, SHOP), [("tights", region, offset)]
    if shirt:
        cloth["buttons"] = True
        surfaces.append(collar("shirt" if sleeve > 1 else "polo"))
    return Garment(label, cloth, region, surfaces, hem_trim(rng, region, 0.1 if shirt else 0.3), (TRUNK, *ARMS))


def base_layer(rng: np.random.Generator, where: Fields, over: Garment) -> Garment:
    """What the trunk wears under a top or dress, right up to its hems: in its cloth, or a shirt below a cropped top.

    Args:
        over: the top or dress.
    """
    height = where.place[:, 2]
    trunk = np.minimum(np.minimum(height - 0.02, where.armhole), 0.45 - height)
    region = np.maximum(np.minimum(over.region, where.armhole), trunk)
    cropped = over.label == labels.UPPER_CLOTHES and not ((over.region > 0) & (height < 0.24)).any()
    if cropped:
        cloth = draw_cloth(rng, {"plain": 1})
        cloth["colours"] = np.tile(rng.choice([0.06, 0.5, 0.93], p=[0.4, 0.15, 0.45]), (3, 3))
        return Garment(over.label, cloth, region)
    return Garment(over.label, over.cloth, region, [], over.trim, over.charts)


def coat(rng: np.random.Generator, where: Fields) -> list[Garment]:
    """Draw a coat of one of three lengths, open or closed: itself, and its lining on the shoulders."""
    place, hem = where.place, rng.choice([0.11, -0.10, -0.33], p=[0.45, 0.3, 0.25]) + rng.uniform(-0.03, 0.02)
    height = place[:, 2]
    opened = rng.random() < 0.6
    front = (place[:, 1] < 0) & (where.armness < 0.3)
    lapel = np.clip(height - 0.60, 0, 1) * 0.55  # the neck of a closed coat is a V
    if opened:
        gap = rng.uniform(0.02, 0.05) + rng.uniform(0, 0.14) * np.clip(0.6 - height, 0, 1) + 0.6 * lapel
    else:
        gap = lapel - 0.015
    opening = np.where(front, np.abs(place[:, 0]) - gap, 0.5)
    cut = np.minimum(top_region(where, "crew", 1.88, hem), opening)
    surfaces = [("tights", np.minimum(cut, np.where(where.armness > 0.5, 1, height - max(hem, 0.13))),
                 np.full(len(place), 0.034) + 0.006 * np.clip(where.arm, 0, 2))]
    if hem < 0.08:
        flare = 0.036 + rng.uniform(0.05, 0.12) * np.clip(0.25 - height, 0, 1)
        skirt = np.minimum(np.minimum(0.28 - height, height - hem), opening)
        surfaces.append(("skirt", skirt, flare))
    kind = collar("coat")
    surfaces.append(kind.worn(lift=0.024 * outward(kind.points) + [0, 0, 0.006]))
    # Legs are dressed only well above the hem, and never in front where an open coat lets them out.
    region = np.where(height < 0.1, cut - 0.03, cut)
    if opened:  # behind its edges one sees what is worn below
        region = np.minimum(region, np.where(front & ~where.skirt, opening - 0.04, 0.5))
        region = np.where((height < 0.1) & front & ~where.skirt, -0.05, region)
    trim = hem_trim(rng, cut, 0.15)
    cloth = draw_cloth(rng, COATS)
    cloth["buttons"], cloth["sleeves"] = not opened, cloth["sleeves"] and hem > 0 and rng.random() < 0.5
    outer = Garment(labels.COAT, cloth, region, surfaces, trim, (TRUNK, *ARMS))
    neck = np.minimum(np.minimum(cut, height - 0.56), where.armhole + 0.02)
    return [outer, Garment(labels.COAT, {**cloth, "kind": "plain"}, neck)]


def skirt(
    rng: np.random.Generator, where: Fields, waist: float, *, label: int = labels.SKIRT,
    cloth: dict[str, Any] | None = None, base: float = 0.012, narrow: bool = False,
) -> Garment:
    """Draw a skirt, or the lower part of a dress, of one of three lengths; a `narrow` one fits under a coat.

    Args:
        waist: its height in metres.
        label: of the garment.
        cloth: of the dress; None: drawn.
        base: metres off the body at the waist.
        narrow: it fits under a coat.
    """
    hem = rng.choice([-0.12, -0.29, -0.58], p=[0.38, 0.38, 0.24]) + rng.uniform(-0.04, 0.04)
    height = where.place[:, 2]
    flare = base + rng.uniform(0.0, 0.05 if narrow else 0.16) * np.clip(waist - 0.08 - height, 0, 0.6)
    cut = np.minimum(np.minimum(waist - height, height - hem), where.armhole + 0.08)
    # The body below is dressed only well above the hem: legs may be seen under a skirt, cloth on them may not.
    region = np.where(height < 0.1, cut - 0.03, cut)
    cloth = draw_cloth(rng, SKIRTS) if cloth is None else cloth
    low = HEM_TRIM - (height - hem) if rng.random() < 0.25 else None
    return Garment(label, cloth, region, [("skirt", cut, flare)], low, (TRUNK,))


def dress(rng: np.random.Generator, where: Fields, *, warm: bool = False, narrow: bool = False) -> Garment:
    """Draw a dress: a top and a skirt of one cloth.

    Args:
        warm: long sleeves.
        narrow: it fits under a coat.
    """
    waist, belt = rng.uniform(0.22, 0.275), rng.random() < 0.35
    upper = top(rng, where, label=labels.DRESS, hem=waist - 0.03, warm=warm)
    base = 0.024 if belt else 0.016
    lower = skirt(rng, where, waist + 0.02, label=labels.DRESS, cloth=upper.cloth, base=base, narrow=narrow)
    region = np.maximum(upper.region, lower.region)
    trim = lower.trim
    if belt:  # along the upper edge of the skirt
        trim = np.where(where.skirt, where.place[:, 2] - waist + 0.012, -1.0)
    return Garment(labels.DRESS, upper.cloth, region, upper.surfaces + lower.surfaces, trim, upper.charts)


def trousers(rng: np.random.Generator, where: Fields, *, short: bool = False, tucked: bool = False) -> Garment:
    """Draw trousers or shorts; those with a top tucked in lie outside it.

    Args:
        short: shorts.
        tucked: the top is tucked in, so they lie outside it.
    """
    waist, height = rng.uniform(0.235, 0.285), where.place[:, 2]
    hem = rng.uniform(-0.24, -0.03) if short else rng.choice([-0.725, -0.705, -0.62], p=[0.4, 0.4, 0.2])
    # Over the instep they end higher.
    cut = trouser_region(where, waist, hem + (0 if short else 0.02 * np.clip((-0.03 - where.place[:, 1]) / 0.05, 0, 1)))
    wide = rng.choice([0.003, 0.012, 0.030, 0.046], p=[0.4, 0.3, 0.2, 0.1])
    offset = 0.004 + wide * np.clip((0.05 - height) / 0.5, 0, 1) + (0.024 if tucked else 0)
    if short:
        offset = offset + 0.008 + wide * 0.5 * np.clip((0.05 - height) / 0.2, 0, 1)
    trim = None
    if rng.random() < (0.5 if tucked else 0.1):  # a belt
        trim = height - waist + 0.036
    return Garment(labels.PANTS, draw_cloth(rng, LEGWEAR), cut, [("tights", cut, offset)], trim, (TRUNK, *LEGS))


def shoes(rng: np.random.Generator, where: Fields, *, warm: bool = False) -> Garment:
    """Draw shoes: low, over the ankle, or boots.

    Args:
        warm: for winter: rather boots.
    """
    tops = [-0.765, -0.735, -0.60, -0.46]
    up = rng.choice(tops, p=[0.3, 0.3, 0.25, 0.15] if warm else [0.5, 0.33, 0.12, 0.05])
    height, y = where.place[:, 2], where.place[:, 1]
    front = np.clip((-0.02 - y) / 0.03, 0, 1)  # the opening lies on the instep
    region = np.where(height > -0.80, up - height + 0.01 * front, 0.05)
    offset = 0.011 + 0.006 * (height < -0.795) + 0.004 * (height > -0.70)
    return Garment(labels.LEFT_SHOE, random_shoes(rng), region, [("tights", region, offset)], charts=LEGS)


def socks(rng: np.random.Generator, where: Fields) -> Garment:
    """Draw low or knee-high socks, which the skin of the legs wears."""
    up, height = rng.choice([-0.665, -0.42], p=[0.65, 0.35]) + rng.uniform(-0.02, 0.02), where.place[:, 2]
    region = np.minimum(up - height, where.armhole + 0.08)
    return Garment(labels.SOCKS, draw_cloth(rng, SOCKS), region, [], hem_trim(rng, region, 0.4), LEGS)


def gloves(rng: np.random.Generator, where: Fields, *, over: bool) -> Garment:
    """Draw gloves, with the cuff over the sleeve (`over`) or under it."""
    cuff = 1.72 if over else 1.88
    region = np.where(where.armness > 0.5, (where.arm - cuff) * 0.28, -1.0)
    offset = 0.004 + (0.036 if over else 0.003) * np.clip((2.02 - where.arm) / 0.12, 0, 1)
    return Garment(labels.GLOVE, draw_cloth(rng, SMALL), region, [("body", region, offset)],
                   hem_trim(rng, region, 0.3), ARMS)
