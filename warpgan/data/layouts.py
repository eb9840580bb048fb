"""Which data set a folder holds, told by the names in it, and the figures that were published for it.

Sources of the figures: the annotation and pair lists of PATN (Zhu et al. 2019) and pose-gan (Siarohin et al. 2018),
counted; DeepFashion In-shop (Liu et al. 2016); LIP (Gong et al. 2017) and CIHP (Gong et al. 2018).
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from warpgan.reading import text_lines

TITLES = {
    "deepfashion": "DeepFashion In-shop, as its authors give it",
    "deepfashion-renamed": "DeepFashion with renamed pictures and lists (PATN)",
    "market1501": "Market-1501, as its authors give it",
    "market1501-lists": "Market-1501 with annotation and pair lists (PATN)",
    "lists": "annotation and pair lists (PATN), of DeepFashion and of Market-1501",
    "lip": "LIP, human parsing",
    "cihp": "CIHP, human parsing",
    "rendered": "an export of rendered people",
    "photos": "photos with OpenPose keypoints",
    "unknown": "no layout that is known here",
}
LISTS = "the lists of PATN and pose-gan, counted"
SOURCES = {"lip": "Gong et al. 2017", "cihp": "Gong et al. 2018"}
PUBLISHED = {
    ("deepfashion", "all", "pictures"): (52_712,),
    ("deepfashion", "train", "pictures"): (48_674,),
    ("deepfashion", "test", "pictures"): (4_038,),
    ("deepfashion", "train", "annotated"): (48_674,),
    ("deepfashion", "test", "annotated"): (4_038,),
    ("deepfashion", "test", "nobody"): (619,),
    ("deepfashion", "test", "pairs"): (8_570, 8_670),
    ("deepfashion", "test", "listed"): (8_570, 8_670),
    ("deepfashion", "train", "listed"): (101_966,),
    ("deepfashion", "train", "names"): (48_674,),
    ("deepfashion", "test", "names"): (4_038,),
    ("market1501", "train", "pictures"): (12_936,),
    ("market1501", "test", "pictures"): (19_732,),
    ("market1501", "train", "annotated"): (12_936,),
    ("market1501", "test", "annotated"): (19_732,),
    ("market1501", "train", "nobody"): (419,),
    ("market1501", "test", "nobody"): (3_445,),
    ("market1501", "train", "valid"): (12_116,),
    ("market1501", "train", "pairs"): (263_632,),
    ("market1501", "test", "pairs"): (257_198,),
    ("market1501", "train", "listed"): (263_632,),
    ("market1501", "test", "listed"): (12_000,),
    ("lip", "train", "pictures"): (30_462,),
    ("lip", "val", "pictures"): (10_000,),
    ("cihp", "train", "pictures"): (28_280,),
    ("cihp", "val", "pictures"): (5_000,),
}
PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
_LIST = re.compile(r"(?:(?P<prefix>.+?)-)?(?P<kind>annotation|pairs)(?:-(?P<split>.+))?\.csv")


@dataclass
class Layout:
    """Where the parts of a data set lie; every dict goes from the name of a part to its place.

    Attributes:
        key: of `TITLES`.
        pictures, parsings, keypoints: folders; a parsing folder has the name of its picture folder.
        annotations, pairs: lists; (family, split) -> file, the family being "deepfashion", "market1501" or "".
        names: lists of names, split -> file.
        ignore: whether parsings may hold 255.
    """

    key: str
    pictures: dict[str, Path] = field(default_factory=dict)
    parsings: dict[str, Path] = field(default_factory=dict)
    keypoints: dict[str, Path] = field(default_factory=dict)
    annotations: dict[tuple[str, str, str], Path] = field(default_factory=dict)
    pairs: dict[tuple[str, str, str], Path] = field(default_factory=dict)
    names: dict[str, Path] = field(default_factory=dict)
    ignore: bool = False


def recognise(root: Path) -> Layout:
    """Tell what a folder holds.

    Args:
        root: the folder, or the one above it, as archives unpack.

    Returns:
        The layout; its key is "unknown" if it is none of `TITLES`.
    """
    known = [name for name in _entries(root) if name.lower() in _USUAL or name.startswith(("In-shop", "Market-"))]
    inner = [root / name for name in known]
    for place in (root, *(folder for folder in inner if folder.is_dir())):
        for reader in (_lip, _cihp, _market, _in_shop, _lists):
            layout = reader(place)
            if layout is not None:
                return layout
    return _photos(root) or Layout("unknown")


_USUAL = {"fashion_data", "market_data", "fashion", "market", "deepfashion", "lip", "cihp", "img", "data",
          "instance-level_human_parsing", "trainval_images"}


def _family_of(name: str) -> str:
    families = {"deepfashion": r"fash?ion", "market1501": r"market|(?:-1|\d{4})_c\ds\d"}
    return next((family for family, pattern in families.items() if re.match(pattern, name)), "")


def _first_name(path: Path) -> str:
    try:
        rows = text_lines(path)
        return next((line for number, line, _ in rows if number > 1), "")
    except (OSError, ValueError):
        return ""


def _entries(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _folders(root: Path, **names: str) -> dict[str, Path]:
    return {key: root / name for key, name in names.items() if (root / name).is_dir()}


def _files(root: Path, **names: str) -> dict[str, Path]:
    return {key: root / name for key, name in names.items() if os.path.lexists(root / name)}


def _lip(root: Path) -> Layout | None:
    pictures = _folders(root, train="train_images", val="val_images")
    if "train" not in pictures:
        pictures |= _folders(root, train="train_imgaes")  # so misspelt in the guide of a well-known parser
    parsings = _folders(root, train="train_segmentations", val="val_segmentations")
    if not pictures and not parsings:
        return None
    return Layout("lip", pictures, parsings, names=_files(root, train="train_id.txt", val="val_id.txt"), ignore=True)


def _cihp(root: Path) -> Layout | None:
    layout = Layout("cihp", ignore=True)
    for split, folder in {"train": "Training", "val": "Validation", "all": "."}.items():
        for images, labels in (("Images", "Category_ids"), ("images", "labels")):
            if (root / folder / labels).is_dir():
                layout.parsings[split] = root / folder / labels
                layout.pictures |= _folders(root / folder, **{split: images})
        if split in layout.parsings:
            layout.names |= _files(root / folder, **{split: f"{split}_id.txt"})
    return layout if layout.parsings else None


def _market(root: Path) -> Layout | None:
    pictures = _folders(root, train="bounding_box_train", test="bounding_box_test", query="query")
    if not set(pictures) & {"train", "test"}:
        return None
    layout = _lists(root) or Layout("market1501")
    layout.key, layout.pictures = "market1501", pictures
    return layout


def _in_shop(root: Path) -> Layout | None:
    pictures = {}
    for above in ("", "Img", "img"):
        for name in ("img", "img_highres", ""):
            folder = root / above / name
            if (folder / "WOMEN").is_dir() or (folder / "MEN").is_dir():
                pictures.setdefault("high resolution" if name == "img_highres" else "plain", folder)
    if not pictures:
        return None
    layout = _lists(root) or Layout("deepfashion")
    layout.key, layout.pictures = "deepfashion", pictures
    layout.parsings = _folders(root, plain="img_parsing_all")
    return layout


def _lists(root: Path) -> Layout | None:
    layout, families = Layout("lists"), set()
    entries = _entries(root)
    for name in entries:
        match = _LIST.fullmatch(name)
        if match:
            prefix, split = match["prefix"] or "", match["split"] or "all"
            family = _family_of(prefix) or _family_of(_first_name(root / name))
            split = next((one for one in ("train", "test", "val") if split.startswith(one)), split)
            lists = layout.annotations if match["kind"] == "annotation" else layout.pairs
            lists[family, split, prefix] = root / name
            families.add(family)
    if not families:
        return None
    splits = {split for _, split, _ in (*layout.annotations, *layout.pairs)}
    for split in sorted(splits):
        layout.pictures |= _folders(root, **{split: split})
        layout.parsings |= _folders(root, **{split: f"{split}_parsing"})
        layout.names |= _files(root, **{split: f"{split}.lst"})
    if not layout.pictures and any(Path(name).suffix.lower() in PICTURES for name in entries):
        layout.pictures["all"] = root
    if all((root / f"{split}.json").is_file() for split in splits):
        layout.key = "rendered"
    elif families == {"market1501"}:
        layout.key = "market1501-lists"
    elif families == {"deepfashion"}:
        layout.key = "deepfashion-renamed"
    return layout


def _photos(root: Path) -> Layout | None:
    def holding(suffixes, *names):
        places = [root, *(root / name for name in names)]
        return next((p for p in places if any(Path(n).suffix.lower() in suffixes for n in _entries(p))), None)

    pictures = holding(PICTURES, "images", "image", "photos", "img")
    keypoints = holding((".json",), "keypoints", "pose", "openpose", "openpose_json", "json")
    if pictures is None and keypoints is None:
        return None
    layout = Layout("photos")
    layout.pictures |= {"photos": pictures} if pictures else {}
    layout.keypoints |= {"photos": keypoints} if keypoints else {}
    layout.parsings |= _folders(root, photos="image-parse-new") or _folders(root, photos="parsing")
    return layout
