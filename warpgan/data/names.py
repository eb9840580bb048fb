"""One key for a picture, however a project has spelt its name: in a tree, in a list, as a parsing or as keypoints.

DeepFashion's pictures circulate under at least five spellings, which users mend by hand (PATN issues 24 and 127, ADGAN
28 and 31, PISE 13). Here every name, from a folder or from a list, is turned into the same key by the rules of `key`.
"""

import re
from typing import NamedTuple

_DEEPFASHION = re.compile(
    r"(?:fash?ion)?[/_-]*(WOMEN|MEN|ALL)[/_-]*([A-Za-z_]+?)[/_-]*id_?(\d{8})[/_-]*(\d{2})_?(\d+)_?([a-z]+)"
)
_ENDINGS = re.compile(r"(\.(jpe?g|png|npy|json))+$", re.IGNORECASE)  # also "picture.jpg.npy"


class GarmentName(NamedTuple):
    """What the name of an In-shop picture says.

    Attributes:
        gender: WOMEN or MEN (ALL in exported rendered people).
        category: as Dresses; the underscore of Blouses_Shirts is dropped, since pose-gan's lists lack it.
        item: eight digits, the item of the shop.
        garment: two digits, the colour of the item; one garment is one set of pictures that make pairs.
        view: as 1front, 2side, 3back, 4full, 6flat, 7additional.
    """

    gender: str
    category: str
    item: str
    garment: str
    view: str


def garment_name(name: str) -> GarmentName | None:
    """Take apart the name of an In-shop picture in any of its spellings, or give None for another name.

    Known spellings: `img/WOMEN/Dresses/id_00000002/02_1_front.jpg` (the shop's tree, with any folders before),
    `fashionWOMENDressesid0000000202_1front.jpg` (PATN), `fasion...` without underscores (pose-gan) and
    `WOMEN-Dresses-id_00000002-02_1_front.jpg` (DeepFashion-MultiModal).
    """
    text = _stem(name)
    parts = text.split("/")
    # The shop's tree holds a name in four parts; every other spelling is one part.
    for tail in ("/".join(parts[-4:]), parts[-1]):
        found = _DEEPFASHION.fullmatch(tail)
        if found:
            gender, category, item, garment, number, view = found.groups()
            return GarmentName(gender, category.replace("_", ""), item, garment, number + view)
    return None


def key(name: str) -> str:
    """Give the key under which a picture, its parsing and its keypoints find each other.

    Rules, in this order: suffixes (.jpg, .png, .npy, .json, also two of them) and a final `_keypoints` are dropped; a
    backslash counts as a slash; a name of DeepFashion in any spelling becomes `fashion` + gender + category without
    underscores + `id` + item + garment + `_` + view; every other name is its last part, without its folders.
    """
    found = garment_name(name)
    if found:
        return f"fashion{found.gender}{found.category}id{found.item}{found.garment}_{found.view}"
    return _stem(name).rsplit("/", 1)[-1]


def group(name: str, rule: str) -> str:
    """Give the set of pictures in which a picture makes pairs.

    Args:
        name: of a picture, any spelling.
        rule: "deepfashion": the garment, PATN's name up to its last underscore; of a name of another form whatever
            stands before its last underscore, or hyphen where there is none. "market1501": the person, the text
            before the first underscore.

    Raises:
        ValueError: another rule.
    """
    if rule == "deepfashion":
        found = garment_name(name)
        if found:
            return f"{found.gender}{found.category}id{found.item}{found.garment}"
        text = key(name)
        return text.rpartition("_" if "_" in text else "-")[0] or text
    if rule == "market1501":
        return name.rsplit("/", 1)[-1].split("_", 1)[0]
    raise ValueError(f"the rule of pairs is deepfashion or market1501, found {rule!r}")


def _stem(name: str) -> str:
    text = _ENDINGS.sub("", str(name).strip().replace("\\", "/"))
    return text.removesuffix("_keypoints")
