"""DeepFashion's In-shop pictures as pairs, in whatever layout one has them: the shop's own tree or PATN's.

Liu et al. 2016, "DeepFashion: Powering Robust Clothes Recognition and Retrieval"; pairs as of Zhu et al. 2019 (PATN)
and Siarohin et al. 2018. Notebook 02 says how to come by the files.
"""

from __future__ import annotations

from pathlib import Path

from warpgan.arguments import height_width
from warpgan.data.folders import only, parsing_folder, picture_folders
from warpgan.data.lists import find_keypoints, find_pairs, items_of, members_of
from warpgan.data.pictures import some_size
from warpgan.data.real import LARGEST, RealPairs, check_arguments
from warpgan.reading import as_folder

_PREFIX = "fas*ion"  # "fasion" is pose-gan's and PATN's own slip, mended by some that came after


class DeepFashion(RealPairs):
    """Ordered pairs of In-shop pictures of one garment on one person; items are those of the pair contract.

    Layouts, recognised in this order. **PATN**: `<split>/fashionWOMENDressesid0000000202_1front.jpg`. **The shop's
    tree**: `img/WOMEN/Dresses/id_00000002/02_1_front.jpg`, also in a folder `Img`, or `img_highres` where there is no
    `img` or where more than 256 rows are asked for. Both may lie one folder further down. Lists name pictures in any
    spelling (`names.key`): `fasion`, `fashion`, with and without underscores, as paths of the tree.

    Files: keypoints as `lists.find_keypoints` looks for them (`fasion-resize-annotation-<split>.csv` and the like,
    OpenPose JSON, COCO JSON); pairs from `fasion-resize-pairs-<split>.csv` and the like, or made by the rule
    (`make_pairs`); parsings as `folders.parsing_folder` looks for them: index, palette or colour PNG with 20 labels,
    named like their pictures. Where keypoints do not tell the split (JSON), `<split>.lst` or `list_eval_partition.txt`
    does.

    Frames: an annotation file's frame, 256x256 or 256x176, is recognised by the rules of `frames.recognise`; JSON is in
    the pixels of its picture. Square pictures are cropped to their middle 176 of 256 columns where 256x176 is asked
    for; cropped and high-resolution ones are padded with white, and their parsings with background, where a square is
    asked for. Keypoints follow; joints that fall outside are missing.

    **The usual split leaks identities.** PATN's lists share no garment between train and test, but one item is sold in
    several colours and photographed on the same person: 513 item ids (the eight digits) occur on both sides, so that a
    network is tested on people and cuts that it has seen. With `disjoint=True` every training pair whose item id occurs
    in the test split is left out; the test split stays as published, so that its numbers remain comparable. Say which
    of the two a number belongs to.

    Args:
        root: the folder.
        split: "train", "test", or the name of another split of the same form.
        size: (height, width): a square, or 176 wide for 256 high, in any resolution; other people's own pictures also
            in their own proportions.
        pictures: folder of the pictures, instead of searching.
        keypoints: annotation .csv, COCO .json or folder of OpenPose .json, instead of searching.
        pairs: list of pairs (`pairs.read_pairs`), or "rule"; None searches, and makes them by the rule where no list
            is.
        parsing: folder of label maps, instead of searching; False leaves parsings out of the pairs.
        convention: "cihp" or "lip": what the parser was trained on. The numbers are the same but for the meaning of
            label 10, torso-skin or jumpsuits, and all pictures of a set should come from one parser. "atr" is refused.
        frame: (256, 256) or (256, 176) for which the keypoints are written, or "picture" for each picture's own pixels;
            None recognises it.
        fit: "keep" proportions by cropping and padding, or "stretch" each picture to the size, as GFLA does.
        disjoint: leave identities of the test split out of every other split.
        missing: "error" where a list names what is not there, or "skip" and record it in `left_out`.

    Raises:
        FileNotFoundError: no such folder, or no pictures, keypoints or parsings in it; says what is looked for.
        ValueError: files that contradict each other, two candidates for one thing, an argument that is none of these,
            or a frame that cannot be told; names files and rows.
    """

    def __init__(
        self, root: str | Path, split: str = "train", size: tuple[int, int] = (256, 256), *,
        pictures: str | Path | None = None, keypoints: str | Path | None = None, pairs: str | Path | None = None,
        parsing: str | Path | bool | None = None, convention: str = "cihp", frame: tuple[int, int] | str | None = None,
        fit: str = "keep", disjoint: bool = False, missing: str = "error",
    ):
        check_arguments(split, convention)
        root, size = as_folder(root), height_width(size, LARGEST)
        folder = as_folder(pictures) if pictures is not None else _pictures(root, split, size)
        joints = find_keypoints(root, keypoints, split, _PREFIX, some_size(folder))
        listed = find_pairs(root, pairs, split, _PREFIX, joints.path)
        self.convention = convention
        super().__init__(
            split=split, size=size, pictures=folder, keypoints=joints, pairs=listed, rule="deepfashion", shop=True,
            members=None if listed else members_of(root, split, folder, joints), frame=frame, fit=fit, missing=missing,
            parsing=None if parsing is False else parsing_folder(root, parsing, split),
            apart_from=items_of(root, "test", _PREFIX) if disjoint and split != "test" else frozenset(),
        )


def _pictures(root, split, size):
    shop = ("img", "Img/img"), ("img_highres", "Img/img_highres")
    plain, high = shop[::-1] if size[0] > 256 else shop
    found = only(picture_folders(root, (split, *plain, *high)), "folders of pictures", "pictures")
    if found is None and any((root / gender).is_dir() for gender in ("WOMEN", "MEN")):
        return root
    if found is None:
        raise FileNotFoundError(
            f"{root}: no pictures; looked for {split}/ (PATN), img/ and img_highres/ (the shop's tree)"
        )
    return found
