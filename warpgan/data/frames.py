"""Frames: which part of the shop's square picture a file shows, and how it is brought to the size asked for.

In-shop pictures exist as squares of 256x256, as their middle 176 columns (256x176, columns 40 to 215), and in high
resolution (1101x750), which shows about the same middle part. Annotations are written for one of the first two. Whoever
mixes them up moves every joint by 40 pixels, so frames are recognised by the rules here and never guessed in silence.
What no rule can see: high-resolution pictures that somebody stretched to squares and stored look like the shop's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from warpgan.keypoints import drop_outside

if TYPE_CHECKING:
    import PIL.Image

Size = tuple[int, int]
_MIDDLE = (40 / 256, 216 / 256)
_EVIDENCE = 0.005  # of joints; outside of the cropped frame lie 0.0004 of those of the published test annotation


@dataclass(frozen=True)
class Frame:
    """A part of a picture at a size: `size` is (height, width), `left` and `right` are shares of the whole width."""

    size: Size
    left: float = 0.0
    right: float = 1.0


SQUARE = Frame((256, 256))
CROPPED = Frame((256, 176), *_MIDDLE)


@lru_cache  # asked thrice a picture, mostly of one size
def frame_of(size: Size, *, shop: bool = True) -> Frame:
    """Recognise what a picture of this size shows.

    Args:
        size: (height, width).
        shop: whether it is an In-shop picture. Then a square (width within 5 % of the height) is the whole, and a
            width of 0.64 to 0.72 of the height is the middle part. Any other picture shows all that there is.
    """
    shape = size[1] / size[0]
    return Frame(tuple(size), *(_MIDDLE if shop and 0.64 <= shape <= 0.72 else (0.0, 1.0)))


def recognise(keypoints: Tensor, picture: Size, where: str, *, named: str = "") -> Frame | None:
    """Recognise the frame for which an annotation of In-shop pictures was written.

    Rules, in this order. A file called `...-resize-...` is for 256x176. Otherwise, more than 0.5 % of the joints at
    x of 176 and more: 256x256, since the cropped frame ends there. Otherwise, more than 0.5 % at x below 40:
    256x176, since next to nobody reaches there in the square. Otherwise, the frame of the pictures, if they have
    256x256 or 256x176 themselves. Joints that contradict a name are an error, and so is a frame that no rule finds.

    Args:
        keypoints: [N, 18, 3] as read.
        picture: (height, width) of the pictures.
        where: what to call the annotation in a message.
        named: the file's name, or "" if it says nothing.

    Returns:
        `SQUARE` or `CROPPED`; None if joints reach beyond 256, so that coordinates can only be the picture's own.

    Raises:
        ValueError: name and joints contradict each other, or nothing tells the frame; says what to pass.
    """
    x, y = (keypoints[..., axis][keypoints[..., 2] > 0] for axis in (0, 1))
    if not len(x):
        return frame_of(picture)
    beyond, left, far = ((x >= 176).float().mean(), (x < 40).float().mean(), ((x >= 256) | (y >= 256)).float().mean())
    if "-resize-" in named:
        if beyond > _EVIDENCE:
            raise ValueError(
                f"{where}: its name says 256x176 (resize), but {beyond:.1%} of the joints have an x of 176 or more, up "
                f"to {int(x.max())}; pass frame=(256, 256) or frame=(256, 176)"
            )
        return CROPPED
    if far > _EVIDENCE:
        return None
    if beyond > _EVIDENCE:
        return SQUARE
    if left > _EVIDENCE:
        return CROPPED
    if tuple(picture) in (SQUARE.size, CROPPED.size):
        return frame_of(picture)
    raise ValueError(
        f"{where}: its {len(x)} joints lie between x {int(x.min())} and {int(x.max())}, as they would in 256x256 and "
        f"in 256x176, and pictures of {picture[0]}x{picture[1]} do not tell either; pass frame=(256, 256) or (256, 176)"
    )


def meet(picture: Frame, size: Size, *, shop: bool, stretch: bool) -> Frame:
    """Decide which part of the picture the wanted size shows.

    Args:
        picture: of the file.
        size: (height, width) wanted.
        shop: whether the pictures are In-shop ones, which may be cropped to their middle or padded to a square.
        stretch: show all of the picture, whatever that does to its proportions.

    Raises:
        ValueError: the proportions cannot be met; says both sizes.
    """
    if stretch:
        return Frame(tuple(size), picture.left, picture.right)
    wanted = frame_of(size, shop=shop)
    height, width = picture.size
    parts = (wanted.right - wanted.left) / (picture.right - picture.left)
    if not 0.9 < (size[1] / size[0]) / (width / height * parts) < 1.1:
        raise ValueError(
            f"pictures of {height}x{width} (height x width) are not brought to {size[0]}x{size[1]}, which would change "
            "their proportions by more than a tenth; ask for another size, or pass fit='stretch'"
        )
    return wanted


def move(keypoints: Tensor, start: Frame, end: Frame) -> Tensor:
    """Move keypoints from one frame to another; those that fall outside become missing.

    The centre of the first pixel is 0, 0, and areas are what is scaled, as in `keypoints.rescale`; between 256x256 and
    256x176 that is x - 40 and y unchanged.

    Args:
        keypoints: [..., 18, 3].
        start: in which they are given.
        end: in which they are wanted.

    Returns:
        [..., 18, 3].
    """
    if start == end:
        return drop_outside(keypoints, end.size)
    across = end.size[1] / (end.right - end.left)  # pixels of the end that a whole picture would be wide
    wider, higher = (start.right - start.left) / start.size[1] * across, end.size[0] / start.size[0]
    shift = (start.left - end.left) * across + 0.5 * wider - 0.5, 0.5 * higher - 0.5, 0.0
    moved = torch.addcmul(keypoints.new_tensor(shift), keypoints, keypoints.new_tensor((wider, higher, 1.0)))
    whole = moved.round()
    return drop_outside(torch.where((moved - whole).abs() < 1e-3, whole, moved), end.size)  # of float32


def show(
    picture: PIL.Image.Image, start: Frame, end: Frame, *, smooth: bool, fill: int | tuple[int, int, int]
) -> PIL.Image.Image:
    """Bring a PIL picture from its frame to another: crop or pad the sides, then resize, in one pass.

    Args:
        picture: PIL picture of `start.size`.
        start: what it shows.
        end: what is wanted.
        smooth: average over the area (photos), or take the nearest pixel (labels).
        fill: colour of what the picture does not show.
    """
    from PIL import Image

    height, width = end.size
    scale = picture.width / (start.right - start.left)
    box = (end.left - start.left) * scale, 0, (end.right - start.left) * scale, picture.height
    if box[0] > -1e-6 and box[2] < picture.width + 1e-6:
        box = max(box[0], 0), 0, min(box[2], picture.width), picture.height
        if box[0] == int(box[0]) and (box[2] - box[0], box[3]) == (width, height):
            return picture if picture.width == width else picture.crop(tuple(map(int, box)))
        return picture.resize((width, height), Image.Resampling.BILINEAR if smooth else Image.Resampling.NEAREST, box)
    per = width / (end.right - end.left)
    left, right = round((start.left - end.left) * per), round((start.right - end.left) * per)
    inner = show(picture, start, Frame((height, right - left), start.left, start.right), smooth=smooth, fill=fill)
    canvas = Image.new(picture.mode, (width, height), fill)
    canvas.paste(inner, (left, 0))
    return canvas
