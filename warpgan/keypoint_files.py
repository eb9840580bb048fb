"""Readers for keypoint files: the annotation CSV of DeepFashion and Market-1501, and OpenPose JSON.

Faults are told in one sentence that names the file, the row or field, what was found and what was expected.
The functions are reached through `warpgan.keypoints`; notebook 01 reads such files.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor

from warpgan.files import read_json
from warpgan.labels import LEFT_HIP, NECK, NUM_KEYPOINTS, RIGHT_HIP
from warpgan.reading import require_file, text_lines

_NAME, _Y, _X = "name", "keypoints_y", "keypoints_x"
_HEADER = f"{_NAME}:{_Y}:{_X}"
# BODY_25 has the middle hip as joint 8, so legs and face come one later; its feet have no place here.
_FROM_BODY25 = (0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)
_FAR = 100_000  # pixels; no picture is so wide, so a joint out there is a slip
_MOST_BYTES = 1 << 24  # of an OpenPose result: thousands of people


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
    for number, name, x, y in annotation_rows(path):
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


def annotation_rows(
    path: str | Path, fault: Callable[[int, str], None] | None = None
) -> Iterator[tuple[int, str, list[int], list[int]]]:
    """Read an annotation file row by row, in constant memory.

    Args:
        path: the file (`read_annotation_csv`).
        fault: called with the number of a row of another form and with what is wrong with it, and then reading goes on;
            None raises instead.

    Yields:
        (number of the row in the file from 1, picture name, 18 x, 18 y), whole pixels, -1 in both where missing.
        A name that comes twice is given twice.

    Raises:
        OSError: there is no such file.
        ValueError: another header; without `fault`, a row of another form.
    """
    columns = None
    for number, line, problem in text_lines(path):
        where = f"{path}, row {number}"
        if columns is None:
            columns = _columns(line if problem is None else problem, path)
            continue
        try:
            if problem is not None:
                raise ValueError(f"{where}: {problem}")
            if not line.strip():
                continue
            row = _fields(line, columns, where)
        except ValueError as error:
            if fault is None:
                raise
            fault(number, str(error))
        else:
            yield number, *row
    if columns is None:
        raise ValueError(f"{path}: an empty file where a first line {_HEADER} is expected")


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
        OSError: there is no such file.
        ValueError: not such a file, or one of more than 16 MiB; names the file and the person.
    """
    size = os.stat(require_file(path)).st_size
    if size > _MOST_BYTES:
        raise ValueError(f"{path}: {size:,} bytes; an OpenPose result of one picture has at most {_MOST_BYTES:,}")
    return openpose_people(read_json(path, expect=dict), path)


def openpose_people(result: dict, name: str | Path) -> list[Tensor]:
    """Give everybody in an OpenPose result that has been read already; the same as `read_openpose_people`.

    Args:
        result: what the JSON held.
        name: what to call it in a message.
    """
    people = result.get("people")
    if not isinstance(people, list):
        raise ValueError(f"{name}: no list of people; an OpenPose result has a field 'people'")
    return [_person(found, f"{name}: person {number}") for number, found in enumerate(people)]


def _person(person, where: str) -> Tensor:
    found = torch.tensor(_numbers(person, where), dtype=torch.float32).reshape(-1, 3)
    if len(found) == 25:
        found = found[list(_FROM_BODY25)]
    present = (found[:, 2:] > 0).float()
    return torch.cat((found[:, :2], torch.ones_like(present)), dim=1) * present


def _numbers(person, where: str) -> list[float]:
    if not isinstance(person, dict):
        raise ValueError(f"{where} is a {type(person).__name__}; fields like pose_keypoints_2d are expected")
    given = [person[key] for key in ("pose_keypoints_2d", "pose_keypoints") if person.get(key)]
    numbers = given[0] if given else []
    if len(given) == 2 and given[0] != given[1]:
        raise ValueError(f"{where} has pose_keypoints and other pose_keypoints_2d; one of them is expected")
    if not isinstance(numbers, list) or any(type(value) not in (int, float) for value in numbers):
        raise ValueError(f"{where}: pose_keypoints is not a list of numbers")
    if len(numbers) not in (54, 75):
        raise ValueError(
            f"{where} has {len(numbers)} numbers in pose_keypoints; 54 (BODY_18) or 75 (BODY_25) are expected"
        )
    joints = [tuple(numbers[i : i + 3]) for i in range(0, len(numbers), 3)]
    for joint, (x, y, score) in enumerate(joints):
        if not (abs(x) <= _FAR and abs(y) <= _FAR and 0 <= score <= _FAR):
            raise ValueError(
                f"{where}: joint {joint} has x {x!s:.9}, y {y!s:.9} and confidence {score!s:.9}; pixels and a "
                "confidence from 0 are expected"
            )
    seen = [joint for joint in joints if joint[2] > 0]
    if len(seen) > 2 and all(abs(x) <= 1 and abs(y) <= 1 for x, y, _ in seen):
        raise ValueError(f"{where}: all joints lie within one pixel of the corner; they look divided by the picture's "
                         "size, and pixels are expected (keypoint_scale 0 of OpenPose)")
    return numbers


def _columns(header: str, path: Path) -> list[int]:
    fields = [field.strip() for field in header.split(":")]
    if sorted(fields) != sorted((_NAME, _Y, _X)):
        found = ":".join(fields)[:80]
        raise ValueError(f"{path}: the first line is {found!r} where {_HEADER} is expected")
    return [fields.index(key) for key in (_NAME, _X, _Y)]


def _fields(line: str, columns: list[int], where: str) -> tuple[str, list[int], list[int]]:
    parts = line.split(":")
    if len(parts) != 3:
        raise ValueError(f"{where}: {len(parts)} fields separated by colons where 3 are expected")
    name = parts[columns[0]].strip()
    if not name or name.startswith("/") or ".." in name.split("/"):
        raise ValueError(f"{where}: {name[:80]!r} where the name of a picture is expected")
    lists = []
    for key, column in zip((_X, _Y), columns[1:], strict=True):
        try:
            values = json.loads(parts[column])
        except (ValueError, RecursionError):
            raise ValueError(f"{where} ({name}): {key} is not a list of whole numbers") from None
        if not isinstance(values, list) or any(type(value) is not int for value in values):
            raise ValueError(f"{where} ({name}): {key} is not a list of whole numbers")
        if len(values) != NUM_KEYPOINTS:
            raise ValueError(
                f"{where} ({name}): {key} has {len(values)} numbers where {NUM_KEYPOINTS} are expected"
            )
        if max(values) > _FAR or min(values) < -_FAR:
            raise ValueError(f"{where} ({name}): {key} holds a joint more than {_FAR} pixels away")
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
