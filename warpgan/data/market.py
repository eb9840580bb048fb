"""Market-1501 as pairs: people of a street seen by six cameras, 64 pixels wide and 128 high.

Zheng et al. 2015, "Scalable Person Re-identification: A Benchmark"; annotations and pairs as of Siarohin et al. 2018.
"""

from __future__ import annotations

from pathlib import Path

from warpgan.arguments import height_width
from warpgan.data.folders import only, parsing_folder, picture_folders
from warpgan.data.lists import find_keypoints, find_pairs, members_of
from warpgan.data.pictures import some_size
from warpgan.data.real import LARGEST, RealPairs, check_arguments
from warpgan.reading import as_folder

_ORIGINAL = {"train": "bounding_box_train", "test": "bounding_box_test"}


class Market1501(RealPairs):
    """Ordered pairs of pictures of one person; items are those of the pair contract.

    Layouts: `<split>/0002_c1s1_000451_03.jpg` (PATN), or Market-1501's own folders `bounding_box_train` and
    `bounding_box_test`; either may lie one folder further down. Keypoints, pairs and parsings are found as for
    `DeepFashion`, under `market-annotation-<split>.csv` and `market-pairs-<split>.csv`.

    Names of people: the digits before the first underscore. `0000` (distractors) and `-1` (junk) are of nobody and make
    no pairs. The people of train and test are different ones. Keypoints are in pixels of the pictures.

    Args:
        root, split, size, pictures, keypoints, pairs, parsing, convention, frame, fit, missing: as for `DeepFashion`;
            size is (128, 64) or a multiple. Without a list of pairs all ordered pairs of the split are made, 263,632 of
            them in train; the test protocol draws 12,000 (`make_pairs` with count).

    Raises:
        FileNotFoundError, ValueError: as `DeepFashion`.
    """

    def __init__(
        self, root: str | Path, split: str = "train", size: tuple[int, int] = (128, 64), *,
        pictures: str | Path | None = None, keypoints: str | Path | None = None, pairs: str | Path | None = None,
        parsing: str | Path | bool | None = None, convention: str = "cihp", frame: tuple[int, int] | str | None = None,
        fit: str = "keep", missing: str = "error",
    ):
        check_arguments(split, convention)
        root, size = as_folder(root), height_width(size, LARGEST)
        names = (split, _ORIGINAL.get(split, split))
        if pictures is not None:
            folder = as_folder(pictures)
        else:
            folder = only(picture_folders(root, names), "folders of pictures", "pictures")
        if folder is None:
            raise FileNotFoundError(f"{root}: no pictures; looked for {names[0]}/ (PATN) and {names[1]}/ (Market-1501)")
        joints = find_keypoints(root, keypoints, split, "market", some_size(folder))
        listed = find_pairs(root, pairs, split, "market", joints.path)
        self.convention = convention
        super().__init__(
            split=split, size=size, pictures=folder, keypoints=joints, pairs=listed, rule="market1501", shop=False,
            members=None if listed else members_of(root, split, folder, joints), frame=frame, fit=fit, missing=missing,
            parsing=None if parsing is False else parsing_folder(root, parsing, split),
        )
