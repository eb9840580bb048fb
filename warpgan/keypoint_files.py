"""Readers for keypoint files: the annotation CSV of DeepFashion and Market-1501, and OpenPose JSON.

Faults are told in one sentence that names the file, the row or field, what was found and what was expected.
The functions are reached through `warpgan.keypoints`; notebook 01 reads such files.
"""

import json
from pathlib import Path

import torch
from torch import Tensor

from warpgan.files import read_json
from warpgan.labels import LEFT_HIP, NECK, NUM_KEYPOINTS, RIGHT_HIP

_NAME, _Y, _X = "name", "keypoints_y", "keypoints_x"
# BODY_25 has the middle hip as joint 8, so legs and face come one later; its feet have no place here.
_FROM_BODY25 = (0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)


def read_annotation_csv(
    path: str | Path, *, size: tuple[int, int] | None = None, upright: bool = True
) -> dict[str, Tensor]:
    """Read an annotation file `name:keypoints_y:keypoints_x` (colon between fields, y first, -1 missing).

    Args:
        path: the file.
        size: (height, width) of the frame the file is written for, if known; helps to find y and x exchanged.
        upright: whether most of the people stand, walk or sit. Then a file whose people lie on their sides is
            refused, because its y and x are exchanged; False lets it pass.

    Returns:
        picture name -> [18, 3] float32, x, y, present. A picture with no person has no joint present;
        a joint above or left of the frame is missing.

    Raises:
        ValueError: another header, a row of another form, y and x exchanged, or a name given twice.
    """
    path = Path(path)
    rows: dict[str, tuple[list[int], list[int]]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = [field.strip() for field in file.readline().split(":")]
        if sorted(header) != sorted((_NAME, _Y, _X)):
            found = ":".join(header)[:80]
            raise ValueError(f"{path}: the first line is {found!r} where {_NAME}:{_Y}:{_X} is expected")
        columns = [header.index(key) for key in (_NAME, _X, _Y)]
        for number, line in enumerate(file, start=2):
            if line.strip():
                name, x, y = _fields(line, columns, f"{path}, row {number}")
                if name in rows:
                    raise ValueError(f"{path}, row {number}: picture {name} is annotated a second time")
                rows[name] = x, y
    if not rows:
        return {}
    places = torch.tensor(list(rows.values()), dtype=torch.float32).transpose(1, 2)  # [rows, 18, 2]
    present = (places >= 0).all(dim=-1, keepdim=True)
    keypoints = torch.cat((places, torch.ones_like(places[..., :1])), dim=-1) * present
    if size is not None:
        _refuse_beyond(keypoints, size, path)
    if upright:
        _refuse_lying(keypoints, path)
    return dict(zip(rows, keypoints, strict=True))


def read_openpose_json(path: str | Path, *, person: int = 0) -> Tensor:
    """Read one person of an OpenPose result, BODY_18 or BODY_25.

    Args:
        path: the JSON file; its people hold `pose_keypoints` or `pose_keypoints_2d`, 54 or 75 numbers.
        person: which of the people, from 0.

    Returns:
        [18, 3] float32; a joint found with confidence 0 is missing. The feet of BODY_25 are left out.

    Raises:
        ValueError: not such a file, or it has fewer people; names the file.
    """
    people = read_openpose_people(path)
    if not 0 <= person < len(people):
        raise ValueError(f"{path}: person {person} is asked for and {len(people)} people were found")
    return people[person]


def read_openpose_people(path: str | Path) -> list[Tensor]:
    """Read everybody in an OpenPose result, BODY_18 or BODY_25, in the order of the file.

    Args:
        path: as for `read_openpose_json`.

    Returns:
        [18, 3] float32 of each person; empty where nobody was found.

    Raises:
        ValueError: not such a file; names the file and the person.
    """
    people = read_json(path, expect=dict).get("people")
    if not isinstance(people, list):
        raise ValueError(f"{path}: no list of people; an OpenPose result has a field 'people'")
    return [_person(found, f"{path}: person {number}") for number, found in enumerate(people)]


def _person(person, where: str) -> Tensor:
    if not isinstance(person, dict):
        raise ValueError(f"{where} is a {type(person).__name__} where a dict with pose_keypoints is expected")
    numbers = person.get("pose_keypoints_2d") or person.get("pose_keypoints") or []
    if not isinstance(numbers, list) or not all(type(n) in (int, float) and abs(n) < 1e6 for n in numbers):
        raise ValueError(f"{where}: pose_keypoints is not a list of numbers below a million")
    if len(numbers) not in (54, 75):
        raise ValueError(
            f"{where} has {len(numbers)} numbers in pose_keypoints; 54 (BODY_18) or 75 (BODY_25) are expected"
        )
    found = torch.tensor(numbers, dtype=torch.float32).reshape(-1, 3)
    if len(found) == 25:
        found = found[list(_FROM_BODY25)]
    present = (found[:, 2:] > 0).float()
    return torch.cat((found[:, :2], torch.ones_like(present)), dim=1) * present


def _fields(line: str, columns: list[int], where: str) -> tuple[str, list[int], list[int]]:
    parts = line.rstrip("\r\n").split(":")
    if len(parts) != 3:
        raise ValueError(f"{where}: {len(parts)} fields separated by colons where 3 are expected")
    name = parts[columns[0]].strip()
    lists = []
    for key, column in zip((_X, _Y), columns[1:], strict=True):
        try:
            values = json.loads(parts[column])
        except json.JSONDecodeError:
            raise ValueError(f"{where} ({name}): {key} is not a list of whole numbers") from None
        if not isinstance(values, list) or any(type(value) is not int for value in values):
            raise ValueError(f"{where} ({name}): {key} is not a list of whole numbers")
        if len(values) != NUM_KEYPOINTS:
            raise ValueError(
                f"{where} ({name}): {key} has {len(values)} numbers where {NUM_KEYPOINTS} are expected"
            )
        lists.append(values)
    for joint, (x, y) in enumerate(zip(*lists, strict=True)):
        if (x == -1) != (y == -1):
            raise ValueError(
                f"{where} ({name}): joint {joint} has x {x} and y {y}; a missing joint is -1 in both"
            )
    return name, lists[0], lists[1]


def _refuse_beyond(keypoints: Tensor, size: tuple[int, int], path: Path) -> None:
    # Single joints may leave the frame, since cropping does not clip them; a file is wrong when exchanging
    # x and y would bring in more of them than it would lose.
    height, width = size
    x, y = (keypoints[..., axis][keypoints[..., 2] > 0] for axis in (0, 1))
    if ((x >= width) | (y >= height)).sum() > ((y >= width) | (x >= height)).sum():
        raise ValueError(
            f"{path}: x reaches {int(x.max())} and y {int(y.max())} in a frame {width} wide and {height} "
            "high; y and x look exchanged"
        )


def _refuse_lying(keypoints: Tensor, path: Path) -> None:
    whole = keypoints[(keypoints[:, [NECK, RIGHT_HIP, LEFT_HIP], 2] > 0).all(dim=1)]
    trunk = whole[:, [RIGHT_HIP, LEFT_HIP], :2].mean(dim=1) - whole[:, NECK, :2]  # [people, 2]
    across, down = trunk.abs().sum(dim=0).tolist()
    if across > 1.5 * down:
        raise ValueError(
            f"{path}: from neck to hips people reach further across than down; y and x look exchanged "
            "(if these people really lie, read the file with upright=False)"
        )
