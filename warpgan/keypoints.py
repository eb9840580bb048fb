"""Body keypoints: 18 joints as x, y in pixels and present 0 or 1, mirrored, rescaled and drawn as pose maps.

The order is OpenPose BODY_18 (`labels.KEYPOINTS`); 14 to 17 are right eye, left eye, right ear, left ear of
the person. Missing joints are 0, 0, 0. Files are read by `keypoint_files`. Explained in notebook 01.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from warpgan.keypoint_files import read_annotation_csv, read_openpose_json
from warpgan.labels import (
    FROM_COCO,
    KEYPOINT_SWAPS,
    LEFT_EAR,
    LEFT_HIP,
    LEFT_SHOULDER,
    LIMBS,
    NECK,
    NUM_KEYPOINTS,
    RIGHT_EAR,
    RIGHT_HIP,
    RIGHT_SHOULDER,
    TORSO,
)

Size = tuple[int, int]

__all__ = [
    "drop_outside", "from_coco17", "is_valid", "limb_mask", "mirror", "pose_map", "read_annotation_csv",
    "read_openpose_json", "require_person", "rescale",
]

# The limbs of drawings, and lines that close the outline of the head and the trunk.
_MASK_LIMBS = (
    *LIMBS, (NECK, RIGHT_EAR), (NECK, LEFT_EAR), (RIGHT_EAR, LEFT_EAR),
    (RIGHT_HIP, LEFT_HIP), (RIGHT_HIP, RIGHT_SHOULDER), (LEFT_HIP, LEFT_SHOULDER),
)
_SWAPPED = {joint: other for pair in KEYPOINT_SWAPS for joint, other in (pair, pair[::-1])}
_MIRRORED = [_SWAPPED.get(joint, joint) for joint in range(NUM_KEYPOINTS)]


def from_coco17(coco: Tensor) -> Tensor:
    """Reorder 17 COCO keypoints into the 18, the neck being the middle of the shoulders.

    Args:
        coco: [17, 3], x, y and visibility; 0 is missing, 1 (hidden) and 2 (seen) are present.

    Returns:
        [18, 3] float32; the neck is present when both shoulders are.

    Raises:
        ValueError: another shape.
    """
    coco = torch.as_tensor(coco, dtype=torch.float32)
    if coco.shape != (17, 3):
        raise ValueError(f"COCO keypoints are [17, 3] (x, y, visibility), got {list(coco.shape)}")
    keypoints = torch.zeros(NUM_KEYPOINTS, 3)
    for joint, place in enumerate(FROM_COCO):
        if place is not None and coco[place, 2] > 0:
            keypoints[joint] = torch.tensor([coco[place, 0], coco[place, 1], 1.0])
    if keypoints[RIGHT_SHOULDER, 2] and keypoints[LEFT_SHOULDER, 2]:
        keypoints[NECK] = (keypoints[RIGHT_SHOULDER] + keypoints[LEFT_SHOULDER]) / 2
    return keypoints


def is_valid(keypoints: Tensor) -> bool:
    """Say whether both shoulders and both hips are present: the rule for a picture to be used in pairs."""
    return bool((keypoints[..., list(TORSO), 2] > 0).all())


def require_person(keypoints: Tensor, name: str) -> Tensor:
    """Give the keypoints back, or refuse an annotation in which nobody was found.

    Args:
        keypoints: [18, 3].
        name: what to call the annotation in the message.

    Raises:
        ValueError: another shape, or no joint present.
    """
    if keypoints.shape != (NUM_KEYPOINTS, 3):
        raise ValueError(f"{name}: keypoints are [18, 3] (x, y, present), got {list(keypoints.shape)}")
    if not bool((keypoints[:, 2] > 0).any()):
        raise ValueError(f"{name}: no person, all {NUM_KEYPOINTS} joints are missing")
    return keypoints


def mirror(keypoints: Tensor, width: int) -> Tensor:
    """Mirror keypoints as the picture is mirrored: x turned round, the person's left and right exchanged.

    Args:
        keypoints: [..., 18, 3].
        width: of the picture, pixels.

    Returns:
        [..., 18, 3].
    """
    swapped = keypoints[..., _MIRRORED, :].clone()
    present = swapped[..., 2] > 0
    swapped[..., 0] = torch.where(present, width - 1 - swapped[..., 0], swapped[..., 0])
    return swapped


def drop_outside(keypoints: Tensor, size: Size) -> Tensor:
    """Make joints missing whose nearest pixel lies outside the picture.

    Args:
        keypoints: [..., 18, 3].
        size: (height, width).

    Returns:
        [..., 18, 3], missing joints all zero.
    """
    x, y, present = keypoints.unbind(-1)
    inside = (present > 0) & (x >= -0.5) & (x < size[1] - 0.5) & (y >= -0.5) & (y < size[0] - 0.5)
    return torch.where(inside[..., None], keypoints, torch.zeros_like(keypoints))


def rescale(keypoints: Tensor, from_size: Size, to_size: Size) -> Tensor:
    """Move keypoints to where they lie after the picture is resized.

    The area of the picture is what is scaled, as in resizing with `align_corners=False`: the centre of the
    first pixel, 0, goes to half the factor less a half.

    Args:
        keypoints: [..., 18, 3].
        from_size: (height, width) in which they are given.
        to_size: (height, width) wanted.

    Returns:
        [..., 18, 3].
    """
    factor = keypoints.new_tensor([to_size[1] / from_size[1], to_size[0] / from_size[0]])
    places = (keypoints[..., :2] + 0.5) * factor - 0.5
    places = places * (keypoints[..., 2:] > 0)
    return torch.cat((places, keypoints[..., 2:]), dim=-1)


def pose_map(
    keypoints: Tensor, size: Size, *, kind: str = "disc", radius: float = 4, sigma: float = 6
) -> Tensor:
    """Draw each joint into its own channel.

    Args:
        keypoints: [B, 18, 3], x, y in pixels of this size.
        size: (height, width).
        kind: "disc" (the paper's: 1 within `radius` of the joint's pixel) or "gaussian" (PATN's:
            exp(-d^2 / 2 sigma^2) around the joint).
        radius: of the disc, pixels.
        sigma: of the Gaussian, pixels.

    Returns:
        [B, 18, H, W] in [0, 1], on the keypoints' device; the channel of a missing joint is all zero.

    Raises:
        ValueError: another shape or an unknown kind.
    """
    if keypoints.ndim != 3 or keypoints.shape[1:] != (NUM_KEYPOINTS, 3):
        raise ValueError(f"a pose map is drawn from keypoints [B, 18, 3], got {list(keypoints.shape)}")
    if kind not in ("disc", "gaussian"):
        raise ValueError(f"kind of pose map is disc or gaussian, got {kind!r}")
    places = keypoints[..., :2]
    if kind == "disc":
        places = places.round()  # a disc is a fixed set of pixels around one pixel
    dy, dx = (
        torch.arange(n, device=keypoints.device, dtype=keypoints.dtype) - places[..., axis, None]
        for n, axis in zip(size, (1, 0), strict=True)
    )  # [B, 18, H], [B, 18, W]
    squared = dy.square()[..., :, None] + dx.square()[..., None, :]  # [B, 18, H, W]
    drawn = (squared <= radius**2).to(squared) if kind == "disc" else torch.exp(squared / (-2 * sigma**2))
    return drawn * (keypoints[..., 2] > 0)[..., None, None]


def limb_mask(keypoints: Tensor, size: Size, *, radius: float = 4) -> Tensor:
    """Cover the body: a disc at each joint, a bar along each limb, holes closed by a 5x5 square.

    The mask of the masked scores of PG2 and pose-gan.

    Args:
        keypoints: [B, 18, 3], x, y in pixels of this size.
        size: (height, width).
        radius: of the discs, and half the width of the bars, pixels.

    Returns:
        [B, H, W] bool, all false where nobody is present.
    """
    y, x = (torch.arange(n, device=keypoints.device, dtype=keypoints.dtype) for n in size)
    y, x = torch.meshgrid(y, x, indexing="ij")
    mask = torch.zeros(len(keypoints), *size, device=keypoints.device, dtype=torch.bool)
    joints = keypoints[..., None, None]  # [B, 18, 3, 1, 1]
    for joint in joints.unbind(1):
        mask |= ((x - joint[:, 0]) ** 2 + (y - joint[:, 1]) ** 2 < radius**2) & (joint[:, 2] > 0)
    for start, end in _MASK_LIMBS:
        start, end = joints[:, start], joints[:, end]
        along = end[:, :2] - start[:, :2]  # [B, 2, 1, 1]
        length = along.norm(dim=1).clamp_min(1e-6)
        dx, dy = x - start[:, 0], y - start[:, 1]
        ahead = (dx * along[:, 0] + dy * along[:, 1]) / length
        aside = (dx * along[:, 1] - dy * along[:, 0]) / length
        inside = (ahead >= 0) & (ahead <= length) & (aside.abs() <= radius)
        mask |= inside & (start[:, 2] > 0) & (end[:, 2] > 0)
    grown = F.max_pool2d(mask[:, None].float(), 5, stride=1, padding=2)
    return -F.max_pool2d(-grown, 5, stride=1, padding=2)[:, 0] > 0
