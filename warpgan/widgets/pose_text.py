"""Poses as text that other programs read and write: OpenPose JSON, one person.

The package's reader of such files (`keypoint_files`) reads it back. Used by `pose.PoseEditor`.
"""

from __future__ import annotations

import json
from typing import Any

import torch
from torch import Tensor

from warpgan.files import parse_json
from warpgan.keypoint_files import openpose_people
from warpgan.keypoints import drop_outside
from warpgan.labels import KEYPOINTS, NUM_KEYPOINTS

FILE_NAME = "pose_keypoints.json"
_SHARE = 0.85  # of the picture that a pose fills at most once it has been fitted


def plain(keypoints: Tensor) -> list[list[float]]:
    """Give [18, 3] as lists of the shortest decimals that are the same float32 numbers again."""
    return [[float(str(value)) for value in row] for row in keypoints.float().numpy()]


def pose_from_lists(joints: Any, name: str, size: tuple[int, int]) -> Tensor:
    """Give [18, 3] from what `plain` wrote, after a look at each of its values.

    Args:
        joints: 18 lists [x, y, present], all within the picture.
        name: what to call them in a message. size: (height, width) of the picture.

    Raises:
        ValueError: something else; says what was found for which joint.
    """
    if not isinstance(joints, list) or len(joints) != NUM_KEYPOINTS:
        found = f"a list of {len(joints)}" if isinstance(joints, list) else repr(joints)[:80]
        raise ValueError(f"{name} is {found}; expected a list of {NUM_KEYPOINTS} [x, y, present]")
    for keypoint, joint in zip(KEYPOINTS, joints, strict=True):
        fine = isinstance(joint, list) and len(joint) == 3 and all(type(value) in (int, float) for value in joint)
        if not fine or not (0 <= joint[0] <= size[1] - 1 and 0 <= joint[1] <= size[0] - 1 and joint[2] in (0, 1)):
            raise ValueError(
                f"{name} has {repr(joint)[:80]} for the {keypoint}; expected [x, y, present] with x from 0 to "
                f"{size[1] - 1}, y from 0 to {size[0] - 1}, and present 0 or 1"
            )
    return torch.tensor(joints, dtype=torch.float32)


def pose_as_text(keypoints: Tensor) -> str:
    """Write a pose as OpenPose does, BODY_18; a missing joint is 0, 0 with confidence 0.

    Args:
        keypoints: [18, 3] in pixels.
    """
    numbers = [value for joint in plain(keypoints) for value in joint]
    person = {"person_id": [-1], "pose_keypoints_2d": numbers, "face_keypoints_2d": [], "hand_left_keypoints_2d": [],
              "hand_right_keypoints_2d": []}
    return json.dumps({"version": 1.3, "people": [person]})


def pose_from_text(text: str, name: str, size: tuple[int, int]) -> tuple[Tensor, str]:
    """Read a pose from OpenPose JSON, BODY_18 or BODY_25: of several people the first that has a joint.

    A pose that lies within the picture stays as it is. Another one is of a larger picture: it is put into the middle,
    and made smaller where it must be, without stretching.

    Args:
        text: the JSON. name: what to call it in sentences. size: (height, width) of the picture it is for.

    Returns:
        [18, 3] in pixels of that picture, and a sentence that says whom it shows and what was done.

    Raises:
        ValueError: no such JSON, or nobody in it.
    """
    people = openpose_people(parse_json(text, name, dict), name)
    number = next((number for number, one in enumerate(people) if (one[:, 2] > 0).any()), None)
    if number is None:
        found = "an empty list of people" if not people else f"no joint of {len(people)} listed"
        raise ValueError(f"{name}: nobody to take a pose from, found {found}")
    said = f"{name}: {int(people[number][:, 2].sum())} of {NUM_KEYPOINTS} joints"
    if len(people) > 1:
        said += f" of person {number + 1} of {len(people)}, the first with a joint"
    if torch.equal(drop_outside(people[number], size), people[number]):
        return people[number], said
    fitted, factor = fit(people[number], size)
    return fitted, f"{said}, put into the middle" + (f" and made {factor:.2f} times as large" if factor < 1 else "")


def fit(keypoints: Tensor, size: tuple[int, int]) -> tuple[Tensor, float]:
    """Put a pose of any frame into the middle of a picture.

    Args:
        keypoints: [18, 3] with at least one present joint. size: (height, width) of the picture.

    Returns:
        [18, 3], and the factor by which it was scaled, at most 1.
    """
    here, picture = keypoints[:, 2] > 0, torch.tensor([size[1], size[0]])
    low, high = keypoints[here, :2].amin(0), keypoints[here, :2].amax(0)
    factor = float((_SHARE * picture / (high - low).clamp_min(1e-6)).amin().clamp_max(1))
    places = (keypoints[:, :2] - (low + high) / 2) * factor + (picture - 1) / 2
    return torch.cat((places, keypoints[:, 2:]), 1) * here[:, None], factor
