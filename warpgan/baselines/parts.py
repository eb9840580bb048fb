"""Ten body parts, the affine map of each from one pose to another, and where each lies: the geometry of Def-GAN.

Facts from Siarohin et al. 2018 (arXiv 1801.00055), section 3: torso, head, upper and lower arms and legs; each a
four-sided region spanned by joints; the affine map that takes the region's corners to those of the other pose by least
squares. Masks as in the authors' code: regions of the target, and the torso's map carries the whole picture, so that
the background comes along. Departures: the head goes from the neck through the middle of its joints; the corners of a
limb stand half a torso apart in every pose; a limb that the condition lacks is not replaced by the other side's.
"""

import torch
from torch import Tensor

from warpgan import geometry
from warpgan.labels import (
    LEFT_ANKLE,
    LEFT_EAR,
    LEFT_ELBOW,
    LEFT_EYE,
    LEFT_HIP,
    LEFT_KNEE,
    LEFT_SHOULDER,
    LEFT_WRIST,
    NECK,
    NOSE,
    RIGHT_ANKLE,
    RIGHT_EAR,
    RIGHT_ELBOW,
    RIGHT_EYE,
    RIGHT_HIP,
    RIGHT_KNEE,
    RIGHT_SHOULDER,
    RIGHT_WRIST,
)

HEAD = (NOSE, RIGHT_EYE, LEFT_EYE, RIGHT_EAR, LEFT_EAR)
LIMBS = (
    (RIGHT_SHOULDER, RIGHT_ELBOW), (LEFT_SHOULDER, LEFT_ELBOW), (RIGHT_ELBOW, RIGHT_WRIST), (LEFT_ELBOW, LEFT_WRIST),
    (RIGHT_HIP, RIGHT_KNEE), (LEFT_HIP, LEFT_KNEE), (RIGHT_KNEE, RIGHT_ANKLE), (LEFT_KNEE, LEFT_ANKLE),
)
PARTS = 2 + len(LIMBS)  # torso, head, limbs
CORNERS = (RIGHT_SHOULDER, LEFT_SHOULDER, RIGHT_HIP, LEFT_HIP)  # of the torso
HEAD_REACH, LIMB_REACH = 0.4, 0.2  # of masks, in lengths of the torso


def joints_of(pose_map: Tensor) -> Tensor:
    """Find the joints that a pose map shows: the centre of each channel.

    Args:
        pose_map: [B, 18, H, W], discs or Gaussians.

    Returns:
        [B, 18, 3], x and y in pixels and presence; of a disc that the border cuts, the centre of what is left.
    """
    mass = pose_map.sum(dim=(2, 3))  # [B, 18]
    places = []
    for axis in (2, 3):  # summed over rows: columns, x; summed over columns: rows, y
        along = pose_map.sum(dim=axis)
        steps = torch.arange(along.shape[-1], device=along.device, dtype=along.dtype)
        places.append((along * steps).sum(dim=-1) / mass.clamp(min=1e-6))
    return torch.stack([*places, (mass > 0).to(mass.dtype)], dim=-1)


def carried(keypoints: Tensor, affine: Tensor | None, tps: Tensor | None, size: tuple[int, int]) -> Tensor:
    """Send joints of the target through the matcher's map: where it thinks that they are in the condition.

    Args:
        keypoints: [B, 18, 3] in the target.
        affine: [B, 2, 3], or None for no affine part.
        tps: [B, K, 2], or None for no spline.
        size: (height, width).

    Returns:
        [B, 18, 3]; presence as in the target.
    """
    points = geometry.pixel_to_normalised(keypoints[..., :2], size)
    points = points if tps is None else geometry.tps_points(tps, points)
    points = points if affine is None else geometry.affine_points(affine, points)
    return torch.cat([geometry.normalised_to_pixel(points, size).to(keypoints.dtype), keypoints[..., 2:]], dim=-1)


def part_maps(condition: Tensor, target: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Find each part's affine map, from the target back to the condition.

    Args:
        condition: joints, [B, 18, 3].
        target: joints, [B, 18, 3].
        size: (height, width) that both are given in, pixels.

    Returns:
        (maps [B, 10, 2, 3] in normalised coordinates, present [B, 10] bool: in both poses).
    """
    (from_corners, in_condition), (to_corners, in_target) = (_regions(pose) for pose in (condition, target))
    source, output = (geometry.pixel_to_normalised(corners, size) for corners in (from_corners, to_corners))
    return _least_squares(source, output), in_condition & in_target


def part_masks(target: Tensor, present: Tensor, size: tuple[int, int], at: tuple[int, int]) -> Tensor:
    """Draw where each part lies in the target: a bar along each limb, a disc for the head, everywhere for the torso.

    Args:
        target: joints, [B, 18, 3].
        present: [B, 10] bool; the mask of a part that is not is empty.
        size: (height, width) that joints are given in, pixels.
        at: (height, width) of the masks.

    Returns:
        [B, 10, h, w] of 0 and 1.
    """
    pixels = geometry.normalised_to_pixel(geometry.identity_grid(1, at, device=target.device), size)  # [1, h, w, 2]
    torso, _ = _torso(target)
    (start, end), _ = _segments(target)  # [B, 9, 2] each
    along = end - start
    length = along.norm(dim=-1).clamp(min=1e-6)[..., None, None]  # [B, 9, 1, 1]
    offset = pixels[:, None] - start[:, :, None, None]  # [B, 9, h, w, 2]
    unit = along[:, :, None, None] / length[..., None]
    ahead = (offset * unit).sum(dim=-1)
    nearest = ahead.clamp(min=0).minimum(length)[..., None] * unit  # of the limb's own points
    distance = (offset - nearest).norm(dim=-1)
    distance[:, 0] = (pixels - (start + along / 2)[:, :1, None]).norm(dim=-1)  # of the head: from its middle
    reach = torch.full_like(distance[:1, :, :1, :1], LIMB_REACH)
    reach[:, 0] = HEAD_REACH
    inside = distance <= reach * torso[:, None, None, None]
    inside = torch.cat([torch.ones_like(inside[:, :1]), inside], dim=1)
    return (inside & present[..., None, None]).to(target.dtype)


def _torso(keypoints: Tensor) -> tuple[Tensor, Tensor]:
    # Mean distance of shoulder and hip, [B], at least one pixel, and whether all four are there, [B].
    places = keypoints[..., :2]
    right = (places[:, RIGHT_SHOULDER] - places[:, RIGHT_HIP]).norm(dim=-1)
    left = (places[:, LEFT_SHOULDER] - places[:, LEFT_HIP]).norm(dim=-1)
    return ((right + left) / 2).clamp(min=1), (keypoints[:, CORNERS, 2] > 0).all(dim=1)


def _segments(keypoints: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
    # Where head and limbs begin and end, [B, 9, 2] each, and whether they are there, [B, 9].
    places, there = keypoints[..., :2], keypoints[..., 2] > 0
    seen = there[:, HEAD, None].to(places.dtype)  # [B, 5, 1]
    middle = (places[:, HEAD] * seen).sum(dim=1) / seen.sum(dim=1).clamp(min=1)  # [B, 2]
    neck, (first, second) = places[:, NECK], zip(*LIMBS)
    start = torch.cat([neck[:, None], places[:, first]], dim=1)
    end = torch.cat([(2 * middle - neck)[:, None], places[:, second]], dim=1)
    head = there[:, NECK] & there[:, HEAD].any(dim=1)
    present = torch.cat([head[:, None], there[:, first] & there[:, second]], dim=1)
    return (start, end), present & ((end - start).norm(dim=-1) > 1)  # a limb of one pixel has no direction


def _regions(keypoints: Tensor) -> tuple[Tensor, Tensor]:
    # The corners of the ten parts, [B, 10, 4, 2] in pixels, and whether each is there, [B, 10].
    torso, whole = _torso(keypoints)
    (start, end), present = _segments(keypoints)
    along = end - start
    aside = torch.stack([-along[..., 1], along[..., 0]], dim=-1) / along.norm(dim=-1, keepdim=True).clamp(min=1e-6)
    aside = aside * torso[:, None, None] / 4
    bars = torch.stack([start + aside, start - aside, end + aside, end - aside], dim=2)  # [B, 9, 4, 2]
    corners = torch.cat([keypoints[:, None, CORNERS, :2], bars], dim=1)
    return corners, torch.cat([whole[:, None], present & whole[:, None]], dim=1)  # without a torso there is no width


def _least_squares(source: Tensor, output: Tensor) -> Tensor:
    # Affine maps that send corners of the output to those of the source, [..., 2, 3]; sums of products instead of a
    # solver, so that mixed precision and every device bear it. Where the corners lie on a line, nothing says what
    # happens across it: the small `eye` leaves that as it is.
    middle, centre = source.mean(dim=-2), output.mean(dim=-2)
    source, output = source - middle[..., None, :], output - centre[..., None, :]
    eye = 1e-6 * torch.eye(2, device=output.device, dtype=output.dtype)
    between = (source[..., :, None] * output[..., None, :]).sum(dim=-3) + eye  # [..., 2, 2]
    within = (output[..., :, None] * output[..., None, :]).sum(dim=-3) + eye
    (a, b), (c, d) = (row.unbind(-1) for row in within.unbind(-2))
    inverse = torch.stack([torch.stack([d, -b], -1), torch.stack([-c, a], -1)], -2) / (a * d - b * c)[..., None, None]
    linear = (between[..., :, :, None] * inverse[..., None, :, :]).sum(dim=-2)
    shift = middle - (linear * centre[..., None, :]).sum(dim=-1)
    return torch.cat([linear, shift[..., None]], dim=-1)
