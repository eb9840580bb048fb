"""Keypoints of many pictures at once, in whatever form people have them: CSV, COCO JSON, a folder of OpenPose JSON.

Detectors find several people in a picture of one; which of them is meant is decided by one rule, `largest`. Explained
in notebook 02.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from warpgan.files import read_json
from warpgan.keypoint_files import read_annotation_csv, read_openpose_people
from warpgan.keypoints import from_coco17
from warpgan.labels import NUM_KEYPOINTS


@dataclass
class KeypointSet:
    """Keypoints of the pictures of a data set.

    Attributes:
        keypoints: picture name -> [18, 3] in pixels; nobody found is all zero.
        kind: "csv", "coco" or "openpose".
        path: the file or folder.
        sizes: picture name -> (height, width) for which they are given, where the file says so; else empty.
    """

    keypoints: dict[str, Tensor]
    kind: str
    path: Path
    sizes: dict[str, tuple[int, int]]


def largest(people: list[Tensor]) -> Tensor:
    """Choose the person that a picture is about: the one whose joints span the largest box.

    Of two with equal boxes the one with more joints, and then the first. Confidence is not asked, since a small person
    in the background may be found more surely than a large one that is partly hidden.

    Args:
        people: [18, 3] each; none is allowed.

    Returns:
        [18, 3], all zero if nobody has a joint.
    """
    best, chosen = (0.0, 0), torch.zeros(NUM_KEYPOINTS, 3)
    for person in people:
        places = person[person[:, 2] > 0, :2]
        if len(places):
            rank = float((places.amax(0) - places.amin(0)).prod()), len(places)
            if rank > best:
                best, chosen = rank, person
    return chosen


def read_keypoints(path: str | Path) -> KeypointSet:
    """Read keypoints of many pictures from whatever `path` is.

    | path | read as |
    |---|---|
    | a file `.csv` | annotation `name:keypoints_y:keypoints_x` (`read_annotation_csv`) |
    | a file `.json` | COCO keypoints, 17 joints; `file_name` is the picture's name, sizes are those of `images` |
    | a folder | OpenPose JSON, one a picture, `<name>_keypoints.json` or `<name>.json`, in any folders inside |

    Of several people in a picture the `largest` is taken; people marked `iscrowd` are none.

    Raises:
        FileNotFoundError: nothing is there, or the folder holds no JSON.
        ValueError: another kind of file, or a fault in it; names the file.
    """
    path = Path(path)
    if path.is_dir():
        files = sorted(path.rglob("*.json"))
        if not files:
            raise FileNotFoundError(f"{path}: holds no .json file; OpenPose writes one a picture")
        found = {_picture(file, path): largest(read_openpose_people(file)) for file in files}
        return KeypointSet(found, "openpose", path, {})
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder")
    if path.suffix.lower() == ".csv":
        return KeypointSet(read_annotation_csv(path), "csv", path, {})
    if path.suffix.lower() == ".json":
        return _coco(path)
    raise ValueError(f"{path}: keypoints are an annotation .csv, a COCO .json or a folder of OpenPose .json")


def _picture(file: Path, folder: Path) -> str:
    return file.relative_to(folder).with_suffix("").as_posix().removesuffix("_keypoints")


def _is_place(number) -> bool:
    return type(number) in (int, float) and abs(number) < 1e6  # false for not-a-number too


def _coco(path: Path) -> KeypointSet:
    data = read_json(path, expect=dict)
    for field in ("images", "annotations"):
        if not isinstance(data.get(field), list):
            raise ValueError(f"{path}: no list {field!r}; COCO keypoints have images and annotations")
    people, names, sizes = {}, {}, {}
    for number, image in enumerate(data["images"]):
        try:
            names[image["id"]], size = image["file_name"], (image["height"], image["width"])
        except (TypeError, KeyError) as missing:
            raise ValueError(
                f"{path}, images[{number}]: lacks {missing}; expected id, file_name, height, width"
            ) from None
        if not all(type(side) is int and side > 0 for side in size) or not isinstance(image["file_name"], str):
            raise ValueError(f"{path}, images[{number}]: file_name, height or width is not a name and whole numbers")
        if image["file_name"] in sizes:
            raise ValueError(f"{path}, images[{number}]: picture {image['file_name']} is listed a second time")
        sizes[image["file_name"]] = size
        people[image["file_name"]] = []
    for number, person in enumerate(data["annotations"]):
        where = f"{path}, annotations[{number}]"
        image = person.get("image_id") if isinstance(person, dict) else None
        if type(image) not in (int, str) or image not in names:
            raise ValueError(f"{where}: its image_id is that of no picture in images")
        numbers = person.get("keypoints")
        if not isinstance(numbers, list) or len(numbers) != 51 or not all(map(_is_place, numbers)):
            raise ValueError(f"{where}: keypoints are no list of 51 numbers (17 joints of x, y, visibility)")
        joints = torch.tensor(numbers, dtype=torch.float32).reshape(17, 3)
        if not person.get("iscrowd"):
            people[names[image]].append(from_coco17(joints))
    return KeypointSet({name: largest(found) for name, found in people.items()}, "coco", path, sizes)
