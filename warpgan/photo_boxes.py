"""Which part of a photo a frame shows: boxes around people, their margins, and their growth to the frame's shape.

Boxes are left, top, right, bottom from edge to edge: the first pixel reaches from 0 to 1. Used by `photo_frames`.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from warpgan.labels import LEFT_HIP, NECK, RIGHT_HIP

Box = tuple[float, float, float, float]
Whole = tuple[int, int, int, int]
Sides = tuple[bool, bool, bool, bool]

MARGIN = 0.05
"""Share of the box's longer side that is left free around the person."""
# How far a body reaches beyond its outermost joints, as shares of their longer extent: hair above the eyes, feet below
# the ankles, hands beyond the wrists. A little over the mean of 40 rendered pictures (0.05, 0.08, 0.05, 0.10); with the
# margin, over nine tenths of them on every side.
BEYOND = {"left": 0.06, "top": 0.09, "right": 0.06, "bottom": 0.11}
TRUNKS = 2.9
"""The extent of a standing person's joints, in trunks (neck to the middle of the hips)."""


def person_box(keypoints: Tensor) -> Box:
    """Guess how far a body reaches from its joints: their box, larger by `BEYOND`.

    The shares are of the joints' longer extent, but of no less than `TRUNKS` times the way from neck to hips: where
    only the upper body is seen, the hair is as high as on a whole one.

    Args:
        keypoints: [18, 3], at least one joint present.

    Returns:
        left, top, right, bottom in the keypoints' pixels, edge to edge (the first pixel reaches from 0 to 1).
    """
    places = keypoints[keypoints[:, 2] > 0, :2] + 0.5
    (left, top), (right, bottom) = places.amin(0).tolist(), places.amax(0).tolist()
    reach = max(right - left, bottom - top, 1.0)
    hips = keypoints[[RIGHT_HIP, LEFT_HIP]]
    if keypoints[NECK, 2] and hips[:, 2].any():
        middle = hips[hips[:, 2] > 0, :2].mean(0)
        reach = max(reach, TRUNKS * float((middle - keypoints[NECK, :2]).norm()))
    return (left - BEYOND["left"] * reach, top - BEYOND["top"] * reach,
            right + BEYOND["right"] * reach, bottom + BEYOND["bottom"] * reach)


def with_margin(box: Box | None, size: tuple[int, int], margin: float) -> tuple[Box, Sides]:
    """Enlarge a box on every side by a share of its longer side; it ends where the photo ends.

    Args:
        box: left, top, right, bottom, or None for the whole photo.
        size: (height, width) of the photo.
        margin: the share.

    Returns:
        The box, and of its four sides whether the photo cuts the person there: the box itself reaches the edge. Where
        that is so above and below, only below counts: room over a head looks natural, room under a cut leg does not.

    Raises:
        ValueError: the box holds nothing of the photo.
    """
    height, width = size
    if box is None:
        return (0.0, 0.0, float(width), float(height)), (False,) * 4
    left, top, right, bottom = (float(edge) for edge in box)
    if not (left < right and top < bottom and max(left, 0) < min(right, width) and max(top, 0) < min(bottom, height)):
        raise ValueError(
            f"the box (left {left:g}, top {top:g}, right {right:g}, bottom {bottom:g}) holds nothing of the photo "
            f"({words(size)})"
        )
    free = margin * max(right - left, bottom - top)
    larger = max(left - free, 0.0), max(top - free, 0.0), min(right + free, width), min(bottom + free, height)
    low = bottom >= height
    return larger, (left <= 0, top <= 0 and not low, right >= width, low)


def rectangles(
    box: Box, photo: tuple[int, int], size: tuple[int, int], cut: Sides = (False,) * 4
) -> tuple[Whole, Whole]:
    """Grow a box to the shape of the frame, and say which pixels of the photo go where in the frame.

    It grows evenly to both sides, but not beyond a side at which the photo cuts the person (unless it cuts both).

    Args:
        box: left, top, right, bottom in the photo.
        photo: (height, width) of the photo.
        size: (height, width) of the frame.
        cut: whether left, top, right and bottom cut the person.

    Returns:
        A rectangle of whole pixels in the photo, and the one in the frame that shows it; at least one pixel each.
    """
    left, top, right, bottom = box
    scale = min(size[1] / (right - left), size[0] / (bottom - top))  # frame pixels a photo pixel
    spans = []
    axes = (left, right, photo[1], size[1], *cut[::2]), (top, bottom, photo[0], size[0], *cut[1::2])
    for low, high, there, here, cut_low, cut_high in axes:
        spare = here / scale - (high - low)
        start = low - spare * (0.5 if cut_low == cut_high else 0.0 if cut_low else 1.0)  # of the frame, in the photo
        stop = start + here / scale
        first = min(max(round(start), 0), there - 1)
        last = max(min(round(stop), there), first + 1)
        # A cut inside the photo begins with a whole pixel, and nothing is filled for the fraction.
        begin = min(round(-start * scale), here - 1) if start < 0 else 0
        end = max(here - round((stop - there) * scale), begin + 1) if stop > there else here
        spans.append((first, last, begin, end))
    (x0, x1, u0, u1), (y0, y1, v0, v1) = spans
    return (x0, y0, x1, y1), (u0, v0, u1, v1)


def words(size: Sequence[int]) -> str:
    """Say a (height, width) in words."""
    return f"{size[1]} wide and {size[0]} high"
