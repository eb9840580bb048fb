"""Which files of a data folder say where the joints are, which pictures belong to a split, and which of them are pairs.

Each function looks in the places that it names, in their order, and two candidates of one rank are an error.
"""

from pathlib import Path

from warpgan.data.folders import candidates, index, only
from warpgan.data.frames import frame_of
from warpgan.data.names import garment_name
from warpgan.data.pairs import read_names, read_pairs, read_partition
from warpgan.keypoint_sets import KeypointSet, read_keypoints

PARTITION = "list_eval_partition.txt"


def find_keypoints(root: Path, given: str | Path | None, split: str, prefix: str,
                   picture: tuple[int, int]) -> KeypointSet:
    """Find and read the keypoints of a split.

    Looked for in `root` and the folders in it, in this order: annotation files `<prefix>...annotation-<split>...csv`,
    any `...annotation-<split>...csv`; folders of OpenPose JSON `<split>_keypoints`, `img_keypoint_json`,
    `openpose_json`; COCO files `...keypoints...<split>...json`. Where one annotation is for 256x256 and one, with
    `-resize-` in its name, for 256x176, the one in the frame of the pictures is read.

    Args:
        root: folder.
        given: the file or folder to read instead.
        split: name of the split.
        prefix: glob of what the names of this data set begin with, as "fas*ion".
        picture: (height, width) of the pictures.

    Raises:
        FileNotFoundError: nothing of that; ValueError: several files, or a fault in one.
    """
    if given is not None:
        return read_keypoints(given)
    files = candidates(root, (f"{prefix}*annotation-{split}*.csv", f"*annotation-{split}*.csv"))
    if len(files) > 1:
        middle = frame_of(picture).left > 0
        files = [path for path in files if ("-resize-" in path.name) == middle] or files
    path = only(files, f"annotation files of {split}", "keypoints")
    if path is None:
        names = (f"{split}_keypoints", "img_keypoint_json", "openpose_json")
        path = only(candidates(root, names, folder=True), "folders of keypoints", "keypoints")
    if path is None:
        path = only(candidates(root, (f"*keypoints*{split}*.json",)), f"COCO files of {split}", "keypoints")
    if path is None:
        raise FileNotFoundError(
            f"{root}: no keypoints of split {split!r} (an annotation file "
            f"{prefix.replace('*', 'h')}-annotation-{split}.csv, a folder img_keypoint_json of OpenPose JSON, or a "
            "COCO JSON); give them with keypoints="
        )
    return read_keypoints(path)


def find_pairs(root: Path, given: str | Path | None, split: str, prefix: str, annotation: Path) -> Path | None:
    """Find the list of pairs of a split; None means that pairs are to be made by the rule.

    Looked for: `<prefix>...pairs-<split>...csv`, then any `...pairs-<split>...csv`; of several, the one that is called
    like the annotation file. `given` is a file, or "rule".

    Args:
        root: folder.
        given: a file, or "rule"; None searches.
        split: name of the split.
        prefix: glob of what the names of this data set begin with.
        annotation: the file of the keypoints.
    """
    if given is not None:
        return None if given == "rule" else Path(given)
    files = candidates(root, (f"{prefix}*pairs-{split}*.csv", f"*pairs-{split}*.csv"))
    if len(files) > 1:
        files = [path for path in files if path.name == annotation.name.replace("-annotation-", "-pairs-")] or files
    return only(files, f"lists of pairs of {split}", "pairs")


def find_members(root: Path, split: str) -> tuple[list[str], Path] | None:
    """Find the names of a split and the list that has them: `<split>.lst`, or the shop's list_eval_partition.txt."""
    path = only(candidates(root, (f"{split}.lst",)), f"lists {split}.lst", "pairs")
    if path is not None:
        return read_names(path), path
    path = only(candidates(root, (PARTITION, f"*/{PARTITION}")), f"files {PARTITION}", "pairs")
    return None if path is None else (read_partition(path, split), path)


def members_of(root: Path, split: str, folder: Path, joints: KeypointSet) -> list[str] | None:
    """Which pictures pairs may be made of, or None for all that are annotated.

    The name of the keypoints tells the split, or that of the folder of pictures, or a list (`find_members`).

    Args:
        root: folder of the data set.
        split: name of the split.
        folder: of the pictures.
        joints: their keypoints.

    Raises:
        FileNotFoundError: nothing tells; says what would.
    """
    if split in joints.path.name:
        return None
    if folder.name.endswith(split):
        return list(index(folder))
    found = find_members(root, split)
    if found is None:
        raise FileNotFoundError(f"{root}: nothing says which pictures are in split {split!r}; give a list of pairs, "
                                f"{split}.lst with a name a line, or list_eval_partition.txt")
    return found[0]


def items_of(root: Path, split: str, prefix: str) -> set[str]:
    """Collect the item ids (8 digits) of a split from its annotation, else its pairs, else its list of names.

    Args:
        root: folder of the data set.
        split: name of the split.
        prefix: glob of what the names of its lists begin with.

    Raises:
        FileNotFoundError: none is there; says what is needed.
    """
    names: list[str] = []
    annotations = candidates(root, (f"{prefix}*annotation-{split}*.csv", f"*annotation-{split}*.csv"))
    lists = candidates(root, (f"{prefix}*pairs-{split}*.csv", f"*pairs-{split}*.csv"))
    for path in annotations:
        names.extend(read_keypoints(path).keypoints)
    if not names:
        for path in lists:
            names.extend(name for pair in read_pairs(path) for name in pair)
    if not names:
        members = find_members(root, split)
        names = members[0] if members else []
    if not names:
        raise FileNotFoundError(
            f"{root}: nothing says which pictures are in split {split!r} (its annotation, its pairs, {split}.lst or "
            f"{PARTITION}), so it cannot be kept apart from"
        )
    return {found.item for found in map(garment_name, names) if found}
