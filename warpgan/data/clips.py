"""Clips: a rendered person of a split walks or turns, with the truths of every frame and the way to the one before.

Made when it is asked for, in about a second; nothing is cached. Taught in notebook 00.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from warpgan.arguments import height_width, whole_number
from warpgan.data.rendered import LARGEST, device_name, signed, style_name
from warpgan.people.shards import SPLITS, check_device, person_seed

OPTIONS = {"walk": ("yaw",), "turn": ("yaw", "through")}


def motion_clip(
    name: str, person: int = 0, split: str = "test", frames: int = 12, size: tuple[int, int] = (128, 64), seed: int = 0,
    *, yaw: float | None = None, through: float | None = None, style: str = "plain", device: str = "cpu",
) -> dict[str, Any]:
    """Render a person of a split in motion, before one camera, in one light and on one ground.

    The motion goes round: the last frame leads to the first. The same arguments give the same bytes.

    Args:
        name: "walk", two steps on the spot, or "turn", standing on a turntable.
        person, split, seed: the person is number `person` of `RenderedPeople(split, seed=seed)`, in the same clothes.
        frames: 2 to 240. size: (height, width) in pixels, each 16 to 2048.
        yaw: degrees by which the person looks away from the camera, in the first frame: 0 towards it, 90 to the
            picture's right, 180 away from it; None: 35 for "walk", 0 for "turn".
        through: degrees of a turn, -360 to 360; None: 360. Less than a full turn goes there and back.
        style: see `RenderedPeople`. Grain and files (not "plain") make the ground differ between frames.
        device: "cpu", "cuda" or "cuda:1".

    Returns:
        dict of `images [F, 3, H, W]` in [-1, 1], `parsings [F, H, W]` int64, `keypoints [F, 18, 3]` (x, y, present),
        `joint_visible [F, 18]` bool, `forward [F, H, W, 2]`: for each pixel of frame k the place (x, y in pixels) of
        the same body point in frame k - 1, of the first frame in the last one, `valid [F, H, W]` bool: where that
        point is seen in both (`forward` is 0 elsewhere), and `name`.

    Raises:
        ValueError: an argument is not one of these; the message says what was found.
    """
    if name not in OPTIONS:
        raise ValueError(f"name must be one of {', '.join(OPTIONS)}, found {name!r}")
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}, found {split!r}")
    size = height_width(size, LARGEST)
    person, frames = whole_number("person", person, 0, 999_999), whole_number("frames", frames, 2, 240)
    how = {key: value for key, value in (("yaw", yaw), ("through", through)) if value is not None}
    for key, value in how.items():
        if key not in OPTIONS[name]:
            raise ValueError(f"a {name} has no {key}; it has {', '.join(OPTIONS[name])}")
        if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not -360 <= value <= 360:
            raise ValueError(f"{key} must be degrees from -360 to 360, found {value!r}")
    seed, style = whole_number("seed", seed, 0, 2**63 - 1), style_name(style)
    check_device(device_name(device))
    from warpgan.people.clips import render_clip

    out = render_clip(person_seed(seed, split, person), name, frames, size, style=style, device=device, **how)
    valid = out["before"][..., 0] >= 0
    return {
        "images": torch.stack([signed(torch.from_numpy(image)) for image in out["images"]]),
        "parsings": torch.from_numpy(out["parsings"]).long(),
        "keypoints": torch.from_numpy(out["keypoints"]),
        "joint_visible": torch.from_numpy(out["visible"]),
        "forward": torch.from_numpy(np.where(valid[..., None], out["before"], 0.0).astype(np.float32)),
        "valid": torch.from_numpy(valid),
        "name": f"{split}-{person:05d}-{name}",
    }
