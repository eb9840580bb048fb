"""Drawing on pictures: colours of anything, skeletons, warped grid lines, label tints.

Everything comes back as [H, W, 3] uint8. Reached through `warpgan.plots`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from torch import Tensor

from warpgan.geometry import normalised_to_pixel
from warpgan.labels import KEYPOINT_COLOURS, LIMBS
from warpgan.parsing import colourise

if TYPE_CHECKING:
    import PIL.Image

Picture: TypeAlias = "Tensor | np.ndarray | PIL.Image.Image"
"""What `to_uint8` takes."""

_FINE = 4  # skeletons and grid lines are drawn this much larger and then reduced, so that they are smooth


def to_uint8(image: Picture) -> np.ndarray:
    """Turn whatever this project calls a picture into colours.

    Args:
        image: a float image [3, H, W] in [-1, 1]; a float map [H, W] or [1, H, W] in [0, 1], shown in greys;
            a parsing [H, W] of integers, shown in its colours; a mask [H, W] of booleans, shown in black and
            white; or colours [H, W, 3] of uint8, or a Pillow image.

    Returns:
        [H, W, 3] uint8.

    Raises:
        ValueError: something else, a whole batch for example.
    """
    if isinstance(image, Tensor):
        picture = image.detach().cpu()
    elif isinstance(image, np.ndarray):
        picture = torch.from_numpy(np.ascontiguousarray(image))
    else:
        picture = torch.from_numpy(np.array(image.convert("RGB")))
    shape, floats = tuple(picture.shape), picture.is_floating_point()
    if floats and len(shape) == 3 and shape[0] == 3:
        bright = ((picture.float().clamp(-1, 1) + 1) * 127.5).round().byte()
        return bright.permute(1, 2, 0).contiguous().numpy()
    if len(shape) == 3 and shape[0] == 1 and (shape[2] != 3 or picture.dtype != torch.uint8):
        picture = picture[0]
    if picture.ndim == 2 and (floats or picture.dtype == torch.bool):
        grey = (picture.float().clamp(0, 1) * 255).round().byte()
        return grey[..., None].expand(-1, -1, 3).contiguous().numpy()
    if picture.ndim == 2:
        return colourise(picture).numpy()
    if picture.dtype == torch.uint8 and len(shape) == 3 and shape[2] == 3:
        return picture.contiguous().numpy()
    raise ValueError(
        "a picture is floats [3, H, W] or [H, W], a parsing [H, W] or colours [H, W, 3] of uint8, "
        f"got {picture.dtype} {list(shape)}"
    )


def enlarged(pixels: np.ndarray, scale: int) -> np.ndarray:
    """Make every pixel of [H, W, 3] a square of `scale` pixels."""
    return np.ascontiguousarray(pixels.repeat(scale, axis=0).repeat(scale, axis=1))


def draw_keypoints(
    image: Picture | tuple[int, int], keypoints: Tensor, *, radius: float = 2.0, scale: int = 1
) -> np.ndarray:
    """Draw a skeleton: warm colours on the person's right, cold ones on the left.

    Args:
        image: anything `to_uint8` takes, or (height, width) for a black ground.
        keypoints: [18, 3], x, y in pixels of the image.
        radius: of a joint, in pixels of the result.
        scale: how much to enlarge the image first.

    Returns:
        [scale * H, scale * W, 3] uint8.
    """
    ground = np.zeros((*image, 3), np.uint8) if isinstance(image, tuple) else to_uint8(image)
    ground, fine = enlarged(ground, scale), scale * _FINE
    places = [((x + 0.5) * fine, (y + 0.5) * fine) for x, y in keypoints[:, :2].tolist()]
    present = (keypoints[:, 2] > 0).tolist()
    reach = radius * _FINE

    def draw(pen):
        for start, end in LIMBS:
            if present[start] and present[end]:
                colour = KEYPOINT_COLOURS[end]
                pen.line([places[start], places[end]], (*colour, 255), max(1, round(1.2 * reach)))
        for (x, y), here, colour in zip(places, present, KEYPOINT_COLOURS, strict=True):
            if here:
                pen.ellipse((x - reach, y - reach, x + reach, y + reach), (*colour, 255))

    return _drawn_over(ground, draw)


def draw_grid(
    grid: Tensor, image: Picture | tuple[int, int], *, lines: int = 9, margin: float = 0.15, scale: int = 2
) -> np.ndarray:
    """Show where a map looks: the regular lines of the warped picture, laid over the source.

    Args:
        grid: [H, W, 2], for each output pixel its place (x, y) in the source, in [-1, 1].
        image: the source, anything `to_uint8` takes, or its (height, width).
        lines: lines along each direction.
        margin: how much of the outside to show on every side, as a share of the picture.
        scale: how much to enlarge the image first.

    Returns:
        [.., .., 3] uint8; blue lines run across, orange ones down, and a grey frame marks the picture's edge.
    """
    ground = np.full((*image, 3), 255, np.uint8) if isinstance(image, tuple) else to_uint8(image)
    size = ground.shape[:2]
    y, x = (round(margin * side) for side in size)
    ground = np.pad(ground, ((y, y), (x, x), (0, 0)), constant_values=255)
    finer = _FINE if scale <= 2 else 2  # a large picture is smooth enough with less, and drawn in a third of the time
    fine = scale * finer
    offset = torch.tensor([x, y], dtype=torch.float32) + 0.5
    places = (normalised_to_pixel(grid.detach().cpu().float(), size) + offset) * fine  # [H, W, 2]
    rows, columns = (torch.linspace(0, side - 1, lines).round().long().tolist() for side in grid.shape[:2])

    def draw(pen):
        frame = (x * fine, y * fine, (x + size[1]) * fine, (y + size[0]) * fine)
        pen.rectangle(frame, outline=(150, 150, 150, 255), width=finer)
        paths = [(path, (0, 110, 220, 255)) for path in places[rows].tolist()]
        paths += [(path, (235, 110, 0, 255)) for path in places[:, columns].transpose(0, 1).tolist()]
        for width, white in ((3.2, True), (1.6, False)):  # white below the lines keeps them visible
            for path, colour in paths:
                shade = (255, 255, 255, 160) if white else colour
                pen.line([tuple(point) for point in path], shade, round(width * finer), joint="curve")

    return _drawn_over(enlarged(ground, scale), draw, finer)


def overlay(image: Picture, parsing: Tensor, *, strength: float = 0.5) -> np.ndarray:
    """Tint a picture with the colours of its labels; the background stays as it is.

    Args:
        image: anything `to_uint8` takes.
        parsing: [H, W], labels 0..19, of the same size.
        strength: 0 shows the picture alone, 1 the labels alone.

    Returns:
        [H, W, 3] uint8.
    """
    ground, colours = to_uint8(image).astype(np.float32), to_uint8(parsing).astype(np.float32)
    if ground.shape != colours.shape:
        raise ValueError(f"the parsing is {colours.shape[:2]}, its picture {ground.shape[:2]}, height first")
    share = strength * (parsing.cpu().numpy() > 0)[..., None]
    return (ground * (1 - share) + colours * share).round().astype(np.uint8)


def hatch(image: Picture, mask: np.ndarray, *, stripe: int = 2) -> np.ndarray:
    """Mark places of a picture by slanting stripes, black and white, that can be seen on any colour.

    Args:
        image: anything `to_uint8` takes.
        mask: [H, W] bool, of the same size.
        stripe: width of one, in pixels.

    Returns:
        [H, W, 3] uint8.
    """
    pixels = to_uint8(image).copy()
    y, x = np.indices(mask.shape)
    pixels[mask] = np.where((x + y) // stripe % 2, 255, 0)[mask][:, None]
    return pixels


def _drawn_over(ground: np.ndarray, draw, finer: int = _FINE) -> np.ndarray:
    from PIL import Image, ImageDraw

    height, width = ground.shape[:2]
    layer = Image.new("RGBA", (width * finer, height * finer))
    draw(ImageDraw.Draw(layer))
    layer = layer.resize((width, height), Image.Resampling.BOX)
    return np.array(Image.alpha_composite(Image.fromarray(ground).convert("RGBA"), layer).convert("RGB"))
