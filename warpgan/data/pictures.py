"""Reading a picture or a label map of real people, and bringing it to the frame that is asked for."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from warpgan.data.folders import PICTURES
from warpgan.data.frames import Frame, frame_of, meet, show
from warpgan.parsing import read_parsing
from warpgan.reading import require_file

if TYPE_CHECKING:
    import PIL.Image

FORMATS = ("JPEG", "PNG", "BMP", "WEBP", "TIFF")  # others may start programs to be decoded


def open_picture(path: str | Path, near: tuple[int, int] | None = None) -> PIL.Image.Image:
    """Open a photo as PIL RGB.

    Grey, palette, CMYK and transparent pictures are turned into RGB. The rotation that a camera notes (EXIF) is not
    applied, because annotations of data sets count the pixels as they are stored.

    Args:
        path: the file.
        near: (height, width), the smallest that is wanted of it: a large JPEG is then decoded at a half, a quarter or
            an eighth of its size, which is no smaller than that and much sooner done.

    Raises:
        FileNotFoundError, IsADirectoryError: no file.
        ValueError: no picture, a damaged one, or one of 16 bits; names the file.
    """
    return _opened(path, lambda picture: _loaded(picture, path, near))


def picture_size(path: str | Path) -> tuple[int, int]:
    """Read (height, width) of a picture from its header alone; raises as `open_picture`."""
    return _opened(path, lambda picture: (picture.height, picture.width))


def _opened(path, use):
    from PIL import Image

    path = require_file(path)
    try:
        with Image.open(path, formats=FORMATS) as picture:
            return use(picture)
    except Image.UnidentifiedImageError:
        raise ValueError(f"{path}: not a picture") from None
    except Exception as error:  # of a damaged picture Pillow raises whatever its parsers meet
        if str(error).startswith(f"{path}: "):
            raise
        raise ValueError(f"{path}: the picture is damaged ({error})") from None


def _loaded(picture, path, near):
    if picture.mode[0] in "IF":
        raise ValueError(f"{path}: a picture of mode {picture.mode}; pictures have 8 bits a colour")
    if near is not None and picture.format == "JPEG" and picture.height >= 2 * near[0]:
        picture.draft(None, near[::-1])  # chooses the half, quarter or eighth; would only cost time in smaller ones
    picture.load()
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def to_tensor(picture: PIL.Image.Image) -> Tensor:
    """Turn a PIL RGB picture into [3, H, W] float32 in [-1, 1]."""
    planes = np.empty((3, picture.height, picture.width), np.float32)
    for colour, plane in zip("RGB", planes):  # one after the other stays in the cache, and nothing is turned round
        plane[...] = np.frombuffer(picture.tobytes("raw", colour), np.uint8).reshape(plane.shape)
        plane -= 127.5
        plane *= 1 / 127.5  # sooner done than a division, and still exactly -1 and 1 at the ends
    return torch.from_numpy(planes)


def read_photo(path: str | Path, size: tuple[int, int], *, shop: bool, stretch: bool) -> tuple[Tensor, Frame, Frame]:
    """Read a photo and bring it to a size by the rules of `frames`.

    Args:
        path: the file.
        size: (height, width) wanted.
        shop: whether it is an In-shop picture, see `frames.frame_of`.
        stretch: bring all of it to the size, whatever that does to its proportions.

    Returns:
        ([3, H, W] in [-1, 1], the frame of the file, the frame that is shown).

    Raises:
        FileNotFoundError, ValueError: as `open_picture` and `frames.meet`; names the file.
    """
    def read(picture):
        start = frame_of((picture.height, picture.width), shop=shop)
        try:
            end = meet(start, size, shop=shop, stretch=stretch)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        width = math.ceil(size[1] * (start.right - start.left) / (end.right - end.left))
        return _loaded(picture, path, (size[0], width)), start, end

    picture, start, end = _opened(path, read)
    return to_tensor(show(picture, start, end, smooth=True, fill=(255, 255, 255))), start, end


def read_labels(path: str | Path, photo: Frame, end: Frame, *, shop: bool, again: bool = False) -> Tensor:
    """Read the label map of a photo and bring it to a frame by nearest pixels; beside what it shows is background.

    The map has the photo's size; of an In-shop photo it may have another, as long as it is a square or its middle part.
    `again` is that of `parsing.read_parsing`.

    Args:
        path: the PNG.
        photo: what the photo's file shows.
        end: the frame that is wanted.
        shop: whether it is of an In-shop picture.
        again: see `parsing.read_parsing`.

    Returns:
        [H, W] int64, 0..19.

    Raises:
        ValueError: as `parsing.read_parsing`, or another size than the photo; names the file.
    """
    from PIL import Image

    labels = read_parsing(path, again=again)
    size = tuple(labels.shape)
    start = frame_of(size, shop=shop)
    same = start.left > 0 or size[0] == size[1]
    if size != tuple(photo.size) and not (shop and same):
        found, wanted = (f"{width} wide and {height} high" for height, width in (size, photo.size))
        raise ValueError(f"{path}: the parsing is {found}, its picture {wanted}")
    if size == tuple(end.size) and (start.left, start.right) == (end.left, end.right):
        return labels
    shown = show(Image.fromarray(labels.numpy().astype(np.uint8)), start, end, smooth=False, fill=0)
    return torch.from_numpy(np.array(shown)).long()


def some_size(folder: Path) -> tuple[int, int]:
    """Read (height, width) of the first picture of a folder; raises FileNotFoundError if there is none."""
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if name.lower().endswith(PICTURES) and not name.startswith("."):
                return picture_size(Path(place) / name)
    raise FileNotFoundError(f"{folder}: holds no picture (.jpg or .png)")
