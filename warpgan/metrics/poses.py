"""Whether the person stands as asked, and which side of the person a picture shows (notebook 07)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from warpgan.labels import (
    LEFT_EAR,
    LEFT_EYE,
    LEFT_HIP,
    LEFT_SHOULDER,
    NECK,
    NOSE,
    NUM_KEYPOINTS,
    RIGHT_EAR,
    RIGHT_EYE,
    RIGHT_HIP,
    RIGHT_SHOULDER,
)

HEAD = (NOSE, NECK, RIGHT_EYE, LEFT_EYE, RIGHT_EAR, LEFT_EAR)
VIEWS = ("front", "side", "back")
# Apartness of both shoulders and of both hips, in lengths of the trunk, of a person who faces the camera: found on 40
# rendered people of the training split.
SHOULDERS, HIPS = 0.58, 0.37
SIDE = 0.42  # cosine of 65 degrees, from where on the renderer calls a view a side view


def pckh(found: Tensor, truth: Tensor, alpha: float = 0.5) -> Tensor:
    """Share of the true joints that are found near their place, PCKh as PATN's program computes it.

    Near is measured by the head: the smallest box around the true nose, neck, eyes and ears that are present. A joint
    is right where it is off by less than `alpha` times the box's width across and less than `alpha` times its height
    down. PATN pools the joints of all pictures, here is the share of each.

    Args:
        found: `[B, 18, 3]`, x, y in pixels and present; a joint that is not found is wrong.
        truth: `[B, 18, 3]`; missing joints do not count.
        alpha: how much of the head.

    Returns:
        `[B]` in [0, 1]; not-a-number where fewer than two joints of the true head are present (PATN leaves such
        pictures out).

    Raises:
        ValueError: another shape, or an `alpha` that is not positive.
    """
    for name, keypoints in (("found", found), ("truth", truth)):
        if keypoints.shape != (len(truth), NUM_KEYPOINTS, 3):
            raise ValueError(f"{name}: expected [{len(truth)}, {NUM_KEYPOINTS}, 3], found {list(keypoints.shape)}")
    if not alpha > 0:
        raise ValueError(f"alpha: expected a positive share of the head, found {alpha!r}")
    head = truth[:, list(HEAD)]
    there = head[..., 2:] > 0  # [B, 6, 1]
    low = head[..., :2].masked_fill(~there, torch.inf).amin(dim=1)
    high = head[..., :2].masked_fill(~there, -torch.inf).amax(dim=1)
    near = ((found - truth)[..., :2].abs() < alpha * (high - low)[:, None]).all(dim=-1)  # [B, 18]
    known = truth[..., 2] > 0
    right = near & known & (found[..., 2] > 0)
    share = right.sum(dim=1) / known.sum(dim=1)
    return torch.where(there.sum(dim=(1, 2)) >= 2, share, torch.nan)


def detected_pckh(
    images: Tensor,
    truth: Tensor,
    alpha: float = 0.5,
    *,
    detector: Callable | None = None,
    download: bool = False,
) -> Tensor:
    """PCKh of pictures: their joints are found by Keypoint R-CNN (`photo_poses`) and compared with those asked for.

    The papers used OpenPose, whose joints differ: compare figures of one detector alone, and with those of the true
    pictures, which no detector finds whole either.

    Args:
        images: `[B, 3, H, W]` in [-1, 1].
        truth: `[B, 18, 3]` in pixels of these pictures.
        alpha: as for `pckh`.
        detector: another network, as for `photo_poses.detect_people`; None: torchvision's, whose weights must be there.
        download: whether these (226 MiB) may be downloaded.

    Returns:
        `[B]`; 0 where nobody is found. Of several people the largest counts.

    Raises:
        FileNotFoundError, ConnectionError, ValueError: the detector's weights are not there, or not whole.
        ValueError: as `pckh`, or pictures of another shape.
    """
    from warpgan import downloads, photo_poses
    from warpgan.metrics.pictures import as_bytes

    if images.dim() != 4 or images.shape[1] != 3 or len(images) != len(truth):
        raise ValueError(f"images: expected [{len(truth)}, 3, H, W], found {list(images.shape)}")
    if detector is None:
        try:
            downloads.fetch(photo_poses.DETECTOR, download=download)
        except (FileNotFoundError, ConnectionError) as error:
            raise type(error)(
                f"the poses of pictures are measured where a keypoint detector is present: {error}"
            ) from None
        detector = photo_poses.load_detector().to(images.device)
    found = truth.new_zeros(truth.shape)
    for number, picture in enumerate(as_bytes(images).byte()):
        people = photo_poses.detect_people(picture, detector=detector)
        if people:
            found[number] = people[0].keypoints.to(found)
    return pckh(found, truth, alpha)


def views(keypoints: Tensor) -> list[str]:
    """Which side of each person the camera sees, from the joints alone.

    Who faces the camera has the right shoulder and the right hip at the left of the picture. How far shoulders and
    hips are apart across the picture, in lengths of the trunk, gives the cosine of the turn; beyond 65 degrees either
    way it is a side view, so that three-quarter views count as front or back. Eyes and nose that are seen are never
    seen from behind. Of 320 pictures of 80 rendered people of the test split 312 (97.5 %) get the view that the
    renderer drew; no front is taken for a back, four side views are.

    Args:
        keypoints: `[B, 18, 3]`, x, y and present.

    Returns:
        "front", "side" or "back" of each; by the face alone where neither both shoulders nor both hips are present
        or the trunk has no length, and "unknown" where that says nothing either.

    Raises:
        ValueError: another shape.
    """
    if keypoints.dim() != 3 or keypoints.shape[1:] != (NUM_KEYPOINTS, 3):
        raise ValueError(f"keypoints: expected [B, 18, 3], found {list(keypoints.shape)}")
    return [_view(one) for one in keypoints.detach().cpu().double()]


def _view(joints: Tensor) -> str:
    there = joints[:, 2] > 0
    eyes_and_nose = int(there[[NOSE, RIGHT_EYE, LEFT_EYE]].sum())
    pairs = [
        (float(joints[left, 0] - joints[right, 0]), full)
        for right, left, full in ((RIGHT_SHOULDER, LEFT_SHOULDER, SHOULDERS), (RIGHT_HIP, LEFT_HIP, HIPS))
        if there[right] and there[left]
    ]
    trunk = _trunk(joints, there)
    if not pairs or trunk <= 0:
        if eyes_and_nose >= 2:
            return "front"
        return "back" if there[[RIGHT_EAR, LEFT_EAR]].all() and not eyes_and_nose else "unknown"
    cosine = sum(apart / trunk / full for apart, full in pairs) / len(pairs)
    if abs(cosine) <= SIDE or (cosine < 0 and eyes_and_nose >= 2):
        return "side"
    return "front" if cosine > 0 else "back"


def _trunk(joints: Tensor, there: Tensor) -> float:
    # From the middle of the shoulders (or one of them, or the neck) to that of the hips (or one); 0 where not known.
    ends = []
    for group in ((RIGHT_SHOULDER, LEFT_SHOULDER), (RIGHT_HIP, LEFT_HIP)):
        known = [joint for joint in group if there[joint]] or ([NECK] if group[0] == RIGHT_SHOULDER else [])
        known = [joint for joint in known if there[joint]]
        if not known:
            return 0.0
        ends.append(joints[known, :2].mean(dim=0))
    return float((ends[0] - ends[1]).norm())
