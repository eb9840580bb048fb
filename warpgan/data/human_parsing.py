"""LIP and CIHP: photos of people with label maps made by hand, to train a human parser on.

Gong et al. 2017, "Look into Person" (LIP), one person a picture; Gong et al. 2018, "Instance-level Human Parsing via
Part Grouping Network" (CIHP), several. Both have 20 labels; 255 marks pixels that do not count. Used in notebook 02.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from warpgan.arguments import height_width
from warpgan.data.folders import candidates, index, only
from warpgan.data.pairs import read_names
from warpgan.data.pictures import open_picture, to_tensor
from warpgan.data.real import LARGEST
from warpgan.parsing import IGNORE, read_parsing
from warpgan.reading import as_folder

_CIHP = {"train": "Training", "val": "Validation", "test": "Testing"}


class HumanParsing(torch.utils.data.Dataset):
    """Photos and their label maps: `image` [3, H, W] in [-1, 1], `parsing` [H, W] int64 0..19 or 255, `name`.

    Layouts, each in `root` or one folder further down, recognised in this order:

    | set | photos | labels | list |
    |---|---|---|---|
    | LIP | `<split>_images/` | `<split>_segmentations/` | `<split>_id.txt` |
    | CIHP | `Training/Images/`, `Validation/Images/` | `Category_ids/` beside it | `<split>_id.txt` beside it |
    | any | `<split>/` or `images/` | `<split>_parsing/` or `labels/` | `<split>.lst` |

    `train_imgaes`, as a widely read README spells it, is taken for `train_images`. Without the list all photos that
    have labels are taken. Label maps are read by `parsing.read_parsing`; the colour maps of CIHP (`Categories`) are not
    needed.

    Args:
        root: the folder.
        split: "train" or "val" (CIHP's Validation), or another name where the folders have it.
        size: (height, width) to bring photos to, or None for each photo's own size.
        fit: "pad": scale until it fits, fill up with black and labels 255; "stretch": to the size, whatever its
            proportions.

    Raises:
        FileNotFoundError: no such layout, or a listed photo has no file or no labels; names it.
        ValueError: an argument that is none of these; on reading, a damaged file or labels of another size.
    """

    def __init__(
        self, root: str | Path, split: str = "train", size: tuple[int, int] | None = None, *, fit: str = "pad"
    ):
        root = as_folder(root)
        if fit not in ("pad", "stretch"):
            raise ValueError(f"fit must be pad or stretch, found {fit!r}")
        self.split, self.fit = split, fit
        self.size = None if size is None else height_width(size, LARGEST)
        self.layout, self._photos, self._labels, listed = _layout(root, split)
        photos, labels = index(self._photos), index(self._labels, (".png",))
        names = read_names(listed) if listed else [name for name in photos if name in labels]
        for name in names:
            for what, folder, found in (("photo", self._photos, photos), ("label map", self._labels, labels)):
                if name not in found:
                    raise FileNotFoundError(f"{folder}: no {what} of {name}, which {listed} lists")
        if not names:
            raise FileNotFoundError(f"{self._photos}: no photo has a label map of its name in {self._labels}")
        # An array of fixed width, so that worker processes share it.
        self._files = np.array([(name, photos[name], labels[name]) for name in names])

    def __len__(self) -> int:
        return len(self._files)

    def __repr__(self) -> str:
        return f"HumanParsing({self.split!r}, {self.size}): {len(self)} photos of {self.layout} in {self._photos}"

    def __getitem__(self, number: int) -> dict[str, Any]:
        from PIL import Image

        name, photo, labels = map(str, self._files[number])
        picture = open_picture(self._photos / photo)
        found = picture.height, picture.width
        parsing = read_parsing(self._labels / labels, size=found, ignore=True)
        if self.size is None or self.size == found:
            return {"image": to_tensor(picture), "parsing": parsing, "name": name}
        height, width = self.size
        scale = min(height / found[0], width / found[1])
        inner = (height, width) if self.fit == "stretch" else tuple(max(1, round(side * scale)) for side in found)
        top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
        canvas = Image.new("RGB", (width, height))
        canvas.paste(picture.resize(inner[::-1], Image.Resampling.BILINEAR), (left, top))
        rows, columns = (((torch.arange(new) + 0.5) * old / new).long() for new, old in zip(inner, found))
        shown = torch.full((height, width), IGNORE)
        shown[top:top + inner[0], left:left + inner[1]] = parsing[rows[:, None], columns]
        return {"image": to_tensor(canvas), "parsing": shown, "name": name}


def _layout(root, split):
    def first(*names):
        return only(candidates(root, names, folder=True), f"folders {names[0]}", "root")

    lip, lip_labels = first(f"{split}_images", f"{split}_imgaes"), first(f"{split}_segmentations")
    if lip and lip_labels:
        return "LIP", lip, lip_labels, only(candidates(root, (f"{split}_id.txt",)), "lists", "root")
    cihp = first(f"{_CIHP.get(split, split)}/Images")
    if cihp:
        return "CIHP", cihp, _cihp_labels(cihp.parent), _beside(cihp.parent, f"{split}_id.txt")
    photos, labels = first(split, "images"), first(f"{split}_parsing", "labels")
    if photos and labels:
        return "photos and labels", photos, labels, only(candidates(root, (f"{split}.lst",)), "lists", "root")
    raise FileNotFoundError(
        f"{root}: no split {split!r} of LIP ({split}_images/ and {split}_segmentations/), of CIHP "
        f"({_CIHP.get(split, split)}/Images/ and Category_ids/), or of photos and labels ({split}/, {split}_parsing/)"
    )


def _cihp_labels(folder: Path) -> Path:
    for name in ("Category_ids", "Category_Ids"):
        if (folder / name).is_dir():
            return folder / name
    raise FileNotFoundError(f"{folder}: no folder Category_ids; CIHP's Testing has none, its labels are not published")


def _beside(folder: Path, name: str) -> Path | None:
    return folder / name if (folder / name).is_file() else None
