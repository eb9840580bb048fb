"""Where garments lie: coordinates of the body's vertices and fields that are positive inside, in metres from the hem.

Fields are interpolated over triangles, so hems and necklines are clean curves whatever the triangles are.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from warpgan.people.body import ARM_BONES, load_body

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class Fields:
    """Coordinates of every body vertex on the average body.

    Attributes: `place [V, 3]` metres; `arm [V]` 0 at the shoulder, 1 elbow, 2 wrist, negative off the arm;
    `armness [V]` share of the arm's bones; `armhole [V]` metres inside the armhole; `nowhere [V]` a region of nothing;
    `skirt [V]` bool, on the skirt surface.
    """

    def __init__(self) -> None:
        body = load_body()
        mean, skin = body.mean, body.skin
        self.place = mean
        arms = [index for name, index in body.bones.items() if name.startswith(ARM_BONES)]
        self.armness = skin[:, arms].sum(1).astype(np.float64)
        joints = [body.mean_heads[body.bones[name + ".L"]] for name in ("upperarm01", "lowerarm01", "wrist")]
        mirrored = mean.copy()
        mirrored[:, 0] = np.abs(mirrored[:, 0])
        upper, lower = joints[1] - joints[0], joints[2] - joints[1]
        first = (mirrored - joints[0]) @ upper / (upper @ upper)
        second = (mirrored - joints[1]) @ lower / (lower @ lower)
        # The bisecting plane at the elbow decides which bone a point is measured on.
        bend = (mirrored - joints[1]) @ (upper / np.linalg.norm(upper) + lower / np.linalg.norm(lower)) > 0
        along = np.where(bend, 1 + np.maximum(second, 0), np.minimum(first, 1))
        hole = (self.armness - 0.5) * 0.35  # 0 at the armhole
        self.arm = np.where(self.armness > 0.5, np.maximum(np.minimum(hole, 0.4), 0) * (along < 0.15)
                            + along * (along >= 0.15), np.minimum(hole, -1e-3))
        self.armhole = (0.5 - self.armness) * 0.2
        self.skirt = np.isin(np.arange(len(mean)), body.faces["skirt"])
        self.nowhere = np.full(len(mean), -1.0)


@lru_cache(maxsize=1)
def fields() -> Fields:
    """The `Fields` of the shipped body, made once a process."""
    return Fields()


def neck_field(kind: str, place: np.ndarray) -> np.ndarray:
    """Metres [N] below a neckline.

    Args:
        kind: "crew", "v", "scoop", "boat", "high" or "shirt" (where a collar begins).
        place: points [N, 3] of the average body.
    """
    x, y, z = place.T
    front = np.clip((0.0 - y) / 0.08, 0, 1)
    line = {"crew": 0.752, "v": 0.752, "scoop": 0.748, "boat": 0.742, "high": 0.79, "shirt": 0.774}[kind]
    line = line - 0.028 * front  # a shirt in front ends above the points of its collar: no skin shows below them
    if kind == "v":
        line = line - 0.12 * front * np.clip(1 - np.abs(x) / 0.085, 0, 1)
    elif kind == "scoop":
        line = line - 0.085 * front * np.clip(1 - (x / 0.095) ** 2, 0, 1)
    elif kind == "boat":
        line = line - 0.02 * front * np.clip(1 - (x / 0.12) ** 2, 0, 1)
    return line - z


def top_region(where: Fields, neck: str, sleeve: float, hem: float) -> np.ndarray:
    """Field [V] of a top: below its neckline, above its hem, and down the arm as far as `sleeve` (0 none, 2 wrist).

    Args:
        where: `Fields` of the body.
        neck: kind of the neckline, see `neck_field`.
        sleeve: how far down the arm, 0 none, 1 elbow, 2 wrist.
        hem: its height in metres.
    """
    place, shoulder = where.place, where.armness > 0.5
    body = np.minimum(neck_field(neck, place), place[:, 2] - hem)
    if sleeve <= 0:
        return np.minimum(body, where.armhole)
    arm = np.where(shoulder, (sleeve - where.arm) * 0.28, 1.0)
    # Only the trunk ends at the hem: a long sleeve may hang lower than it.
    return np.minimum(np.where(shoulder, neck_field(neck, place), body), arm)


def trouser_region(where: Fields, waist: float, hem: ArrayLike) -> np.ndarray:
    """Field [V] of trousers or shorts from the waist down to the height `hem`; hands are never inside.

    Args:
        where: `Fields` of the body.
        waist: its height in metres.
        hem: its height in metres, a number or [V].
    """
    height = where.place[:, 2]
    return np.minimum(np.minimum(waist - height, height - hem), where.armhole + 0.08)
