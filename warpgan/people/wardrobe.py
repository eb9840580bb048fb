"""Who a person is and what they wear: phenotype, skin, hair and garments, all drawn from one random generator.

Everybody wears shoes and a dress or a top with trousers, shorts or a skirt; coats, scarves, hats, gloves, sunglasses
and socks come with the season. Labels follow CIHP: label 10 is the skin of neck and chest (LIP's jumpsuits are not
drawn), shorts are pants, and a base layer keeps every other part of the trunk clothed. Taught in notebook 01.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from warpgan import labels
from warpgan.people import accessories, garments, hair, headwear
from warpgan.people.chance import pick
from warpgan.people.charts import OWN, SCALP
from warpgan.people.cloth import hair_cloth
from warpgan.people.faces import face_textures
from warpgan.people.garments import Garment, draw_cloth
from warpgan.people.pieces import Piece
from warpgan.people.regions import fields

SKIN_TONES = np.array([[0.98, 0.84, 0.74], [0.94, 0.77, 0.64], [0.87, 0.67, 0.51], [0.76, 0.55, 0.40],
                       [0.60, 0.41, 0.28], [0.45, 0.29, 0.20], [0.31, 0.20, 0.15]])
HAIR_COLOURS = np.array([[0.07, 0.06, 0.06], [0.16, 0.10, 0.07], [0.30, 0.18, 0.10], [0.47, 0.30, 0.15],
                         [0.85, 0.68, 0.38], [0.60, 0.26, 0.12], [0.70, 0.69, 0.68], [0.42, 0.41, 0.41]])
HAIR_SHARES = (0.22, 0.22, 0.18, 0.13, 0.11, 0.05, 0.04, 0.05)
LINING = 0.02  # metres inside a hem from which skin wears the garment
SEAM = 0.003  # the same for an inner garment
# chance of each in winter, in between and in summer, which have the shares of SEASONS
SEASONS = (0.3, 0.4, 0.3)
CHANCE = {"coat": (0.42, 0.10, 0.0), "scarf": (0.20, 0.06, 0.0), "gloves": (0.15, 0.02, 0.0),
          "hat": (0.17, 0.08, 0.13), "glasses": (0.02, 0.05, 0.13), "socks": (0.40, 0.35, 0.35)}
BELOW = ("dress", "trousers", "shorts", "skirt")
WEAR = (*CHANCE, *BELOW)  # what can be asked for
HATS = {"beanie": (0.8, 0.35, 0.0), "cap": (0.08, 0.35, 0.6), "fedora": (0.06, 0.15, 0.2), "bucket": (0.06, 0.15, 0.2)}
SHORT = {"even": 0.45, "fade": 0.30, "parted": 0.25}


@dataclass
class Person:
    """A dressed person before any pose.

    Attributes: `phenotype` as `Body.shape` takes it; `skin` colour [3] in 0..1; `garments` from the outermost to the
    innermost, hair among them; `face` textures of the charts FACE and EYES.
    """

    phenotype: dict
    skin: np.ndarray
    garments: list
    face: dict


def _headwear(rng, where, kind):
    # A hat and its band: the band is a garment of its own, for it has a cloth of its own.
    region = np.minimum(headwear.hat_field(where.place), where.armhole + 0.08)
    soft = kind in ("beanie", "bucket")
    cloth = draw_cloth(rng, {"plain": 0.4, "knit": 0.4, "stripes": 0.2} if kind == "beanie"
                       else {"plain": 0.6, "denim": 0.1, "checks": 0.1, "print": 0.1, "logo": 0.1} if soft
                       else {"plain": 1.0})
    surfaces = [headwear.crown(kind)]
    if kind != "beanie":
        surfaces.append(headwear.brim(kind))
    elif rng.random() < 0.3:
        surfaces.append(headwear.pompon())
    hat = Garment(labels.HAT, cloth, region, surfaces, charts=(OWN,))
    if kind == "cap" or (kind == "bucket" and rng.random() < 0.7):
        return [hat]
    own = cloth if kind == "beanie" and rng.random() < 0.6 else draw_cloth(rng, {"plain": 1})
    return [Garment(labels.HAT, own, where.nowhere, [headwear.band(kind)]), hat]


def _glasses(rng, where):
    shape = pick(rng, {"round": 0.3, "square": 0.45, "pilot": 0.25})
    cloths = [draw_cloth(rng, {"plain": 1}) for _ in range(2)]
    tint = rng.choice([0.04, 0.07, 0.12]) * np.array([[1.0, 0.95, 0.9], [1, 1, 1], [0.8, 0.9, 1.2]])[rng.integers(3)]
    metal = np.array([[0.05, 0.05, 0.05], [0.20, 0.12, 0.07], [0.72, 0.60, 0.30], [0.6, 0.6, 0.62]])[rng.integers(4)]
    for cloth, colour in zip(cloths, (metal, tint), strict=True):
        cloth["colours"] = np.tile(colour, (3, 1))
    return [Garment(labels.SUNGLASSES, cloth, where.nowhere, [piece])
            for cloth, piece in zip(cloths, (headwear.frame(shape), headwear.lenses(shape)), strict=True)]


def _scarf(rng, where, over_coat):
    lift, ends = 0.030 if over_coat else 0.004, rng.random()
    pieces = [accessories.ring(float(rng.choice([0.026, 0.031, 0.037])))]
    if ends < 0.7:
        long, other = rng.choice([0.22, 0.30, 0.38], 2)
        pieces += accessories.both_tails(float(long), float(other) if ends < 0.45 else 0.0)
    surfaces = [pieces[0].worn(lift=lift * 0.5 * accessories.outward(pieces[0].points))]
    surfaces += [part.worn(lift=np.broadcast_to([0, -lift, 0], part.points.shape)) for part in pieces[1:]]
    cloth = draw_cloth(rng, {"plain": 0.3, "stripes": 0.2, "tartan": 0.25, "knit": 0.2, "dots": 0.05})
    # The neck below it is scarf right up to its edges, as a garment without surfaces has it.
    return [Garment(labels.SCARF, cloth, where.nowhere, surfaces, charts=(OWN,)),
            Garment(labels.SCARF, cloth, accessories.scarf_field(where.place))]


def _hair(rng, where, woman, hat, clearance, cloth):
    # Hair of one of four kinds; None for a bald head. Under a hat it is flat, and ends where the hat begins.
    kind = pick(rng, {"bald": 0.02, "short": 0.22, "long": 0.46, "tied": 0.30} if woman
                 else {"bald": 0.08, "short": 0.78, "long": 0.09, "tied": 0.05})
    if kind == "bald":
        return None
    temples, forehead = 0.0 if woman else rng.uniform(0, 0.03), rng.uniform(-0.004, 0.006 if woman else 0.014)
    style, thickness = "even", rng.uniform(0.010, 0.022)
    if kind == "short":
        style = pick(rng, SHORT)
        thickness = rng.choice([0.003, 0.008, 0.014, 0.022, 0.036], p=[0.15, 0.2, 0.3, 0.25, 0.1])
    elif kind == "tied":
        thickness = rng.uniform(0.006, 0.010)
    if kind != "tied" and thickness > 0.007 and rng.random() < (0.3 if woman else 0.12):
        forehead = rng.uniform(-0.034, -0.020)  # a fringe
    scalp = hair.scalp_field(where.place, temples, forehead)
    surfaces = []
    if kind == "long":
        # Over thick clothes hair ends above them or lies on them well below the shoulders.
        low = (0.785, 0.81) if clearance > 0.04 else (0.75, 0.80)
        length = rng.uniform(*low) if rng.random() < 0.3 else rng.uniform(0.46, 0.66)
        surfaces.append(hair.long_hair(length, rng.uniform(88, 104), clearance))
    elif kind == "tied" and rng.random() < 0.6:
        height = 0.885 if hat else float(rng.choice([0.885, 0.925, 0.965]))
        surfaces.append(hair.pony_tail(height, float(rng.choice([0.16, 0.25, 0.34])), clearance))
    elif kind == "tied":
        height = 0.88 if hat else float(rng.choice([0.88, 0.95, 1.03]))
        surfaces.append(hair.bun(height, float(rng.choice([0.030, 0.040]))))
    cut = scalp
    if hat:
        thickness = min(thickness, 0.014)
        cut = np.minimum(cut, -headwear.hat_field(where.place))
        surfaces = [part.worn(np.minimum(part.cut, -0.005 - headwear.hat_field(part.points)), part.lift)
                    for part in surfaces]
    layer = ("body", cut, hair.shell(where.place, scalp, thickness, style, rng.choice([-1, 1])))
    return Garment(labels.HAIR, cloth, scalp, [layer, *surfaces], charts=(SCALP,))


def _open_collars(clothes):
    # Long hair lies on the back: a collar there would stand through it.
    for garment in clothes:
        parts = garment.surfaces
        garment.surfaces = [accessories.front_of(part) if isinstance(part, Piece) else part for part in parts]


def _clothes(rng, where, woman, season, coat, wear):
    # Coat, top and bottom or dress, and the base layer, from the outermost to the innermost.
    worn, warm = [], season == 0 or (season == 1 and rng.random() < 0.4)
    if coat:
        worn += garments.coat(rng, where)
    below = [name for name in BELOW if name in wear]
    if rng.random() < (0.30 if woman else 0.0) if not below else "dress" in below:
        outer = garments.dress(rng, where, warm=warm, narrow=coat)
        return [*worn, outer, garments.base_layer(rng, where, outer)]
    bare = (0.06, 0.18, 0.42)[season]
    kind = pick(rng, {"trousers": 0.62 - 0.5 * bare, "shorts": 0.8 * bare, "skirt": 0.36} if woman
                 else {"trousers": 1 - bare * 1.3, "shorts": bare * 1.3})
    kind = below[0] if below else kind
    tucked, outer = rng.random() < 0.25, garments.top(rng, where, warm=warm)
    if kind == "skirt":
        low = garments.skirt(rng, where, rng.uniform(0.235, 0.285), base=0.030 if tucked else 0.008, narrow=coat)
    else:
        low = garments.trousers(rng, where, short=kind == "shorts", tucked=tucked)
    return [*worn, *((low, outer) if tucked else (outer, low)), garments.base_layer(rng, where, outer)]


def _checked(wear):
    wear = (wear,) if isinstance(wear, str) else tuple(wear)
    for name in wear:
        if name not in WEAR:
            raise ValueError(f"unknown garment {name!r}; known are {', '.join(WEAR)}")
    below = [name for name in BELOW if name in wear]
    if len(below) > 1:
        raise ValueError(f"only one of {', '.join(BELOW)} can be worn at a time, found {' and '.join(below)}")
    return wear


def random_person(rng: np.random.Generator, wear: str | Iterable[str] = ()) -> Person:
    """Draw a dressed person; the same generator state gives the same person.

    Args:
        rng: numpy random generator.
        wear: names out of `WEAR` of what the person is to wear; all else is drawn.

    Returns:
        `Person`; its garments run from the outermost to the innermost: hat, glasses, hair, scarf, gloves, coat, ...

    Raises:
        ValueError: an unknown garment, or two that exclude each other.
    """
    where, wear = fields(), _checked(wear)
    woman = rng.random() < 0.5
    phenotype = {
        "gender": float(np.clip((0.88 if woman else 0.1) + rng.normal() * 0.1, 0, 1)),
        "age": float(rng.uniform(2 / 3, 0.93)), "muscle": float(rng.beta(3, 3)), "weight": float(rng.beta(2.6, 3.2)),
        "height": float(np.clip(0.5 + 0.17 * rng.normal(), 0.1, 0.9)), "proportions": float(rng.uniform(0.3, 1)),
    }
    tone = rng.integers(len(SKIN_TONES))
    skin = np.clip(SKIN_TONES[tone] * rng.uniform(0.94, 1.05) + rng.normal(0, 0.012, 3), 0, 1)
    shares = np.array(HAIR_SHARES) * np.where(np.arange(len(HAIR_SHARES)) < 3, 1, 1.0 if tone < 3 else 0.25)
    colour = HAIR_COLOURS[rng.choice(len(HAIR_COLOURS), p=shares / shares.sum())]
    colour = np.clip(colour * rng.uniform(0.8, 1.2), 0, 1)
    season = int(rng.choice(3, p=SEASONS))
    has = {name: rng.random() < chance[season] or name in wear for name, chance in CHANCE.items()}

    coat = has["coat"]
    clothes = _clothes(rng, where, woman, season, coat, wear)
    outer, inner = [], []
    if has["hat"]:
        outer += _headwear(rng, where, pick(rng, {hat: shares[season] for hat, shares in HATS.items()}))
    if has["glasses"]:
        outer += _glasses(rng, where)
    strands = hair_cloth(colour, rng.uniform(0.05, 0.13), rng.integers(1000))
    shell = _hair(rng, where, woman, has["hat"], 0.032 + 0.018 * coat + 0.016 * has["scarf"], strands)
    if shell is not None:
        outer.append(shell)
        if hair.lies_on_back(shell.surfaces):
            _open_collars(clothes)
    if has["scarf"]:
        outer += _scarf(rng, where, coat)
    if has["gloves"]:
        over = rng.random() < 0.5
        (outer if over else inner).append(garments.gloves(rng, where, over=over))
    inner.append(garments.shoes(rng, where, warm=season == 0))
    if has["socks"]:
        inner.append(garments.socks(rng, where))
    face = face_textures(rng, skin, colour, woman)
    return Person(phenotype, skin, outer + clothes + inner, face)
