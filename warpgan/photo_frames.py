"""From a photo of any shape to the frame that the networks know, and back: the person cut out, the rest filled.

The cut is a map of one rectangle of the photo onto one rectangle of the frame, both of whole pixels, so that pictures,
parsings and keypoints go the same way there and back. Reached through `warpgan.photos`; notebook 02 walks through it.
"""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from warpgan import keypoints as joints
from warpgan.photo_boxes import MARGIN, Box, person_box, rectangles, with_margin, words
from warpgan.photo_files import Photo

PADS = ("edge", "white")


@dataclass(frozen=True)
class Frame:
    """A person in the frame of the networks, and the map back to the photo.

    Attributes:
        image: [3, H, W] float32 in [-1, 1].
        keypoints: [18, 3] in pixels of the frame, or None.
        photo_box: left, top, right, bottom of the shown part, whole pixels of `Photo.image`, right and bottom excluded.
        frame_box: the same of where it lies in the frame; what is outside is filled.
        photo_size: (height, width) of `Photo.image`.
        full_size: (height, width) of the file, in which keypoints come and go; equal to `photo_size` unless the photo
            was reduced.
        notes: a sentence for each thing worth knowing.
    """

    image: Tensor
    keypoints: Tensor | None
    photo_box: tuple[int, int, int, int]
    frame_box: tuple[int, int, int, int]
    photo_size: tuple[int, int]
    full_size: tuple[int, int]
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the frame."""
        return tuple(self.image.shape[-2:])

    def keypoints_to_frame(self, keypoints: Tensor) -> Tensor:
        """Move keypoints [..., 18, 3] of the photo (`full_size`) into the frame; those outside become missing."""
        inside = joints.rescale(keypoints.float(), self.full_size, self.photo_size)
        return joints.drop_outside(_moved(inside, self.photo_box, self.frame_box), self.size)

    def keypoints_to_photo(self, keypoints: Tensor) -> Tensor:
        """Move keypoints [..., 18, 3] of the frame to where they lie in the photo (`full_size`)."""
        back = _moved(keypoints.float(), self.frame_box, self.photo_box)
        return joints.rescale(back, self.photo_size, self.full_size)

    def parsing_to_frame(self, parsing: Tensor) -> Tensor:
        """Cut a label map of the photo as the photo was cut; a pixel takes the label at its centre.

        Args:
            parsing: [H, W] integers, of the size of `Photo.image` or of the file.

        Returns:
            [H, W] of the frame, background (0) where it is filled.

        Raises:
            ValueError: another size.
        """
        if tuple(parsing.shape) not in (self.photo_size, self.full_size):
            raise ValueError(
                f"the parsing is {words(parsing.shape)}, its photo {words(self.full_size)}"
                + (f" (read as {words(self.photo_size)})" if self.photo_size != self.full_size else "")
            )
        whole = _nearest(parsing, self.photo_size)
        left, top, right, bottom = self.frame_box
        framed = torch.zeros(self.size, dtype=parsing.dtype)
        framed[top:bottom, left:right] = _nearest(_cut(whole, self.photo_box), (bottom - top, right - left))
        return framed

    def put_back(self, result: Tensor, photo: Photo | Tensor | None = None) -> Tensor:
        """Lay a result of the networks back over the photo.

        Args:
            result: [3, H, W] in [-1, 1], or a label map [H, W] of integers, of the frame's size.
            photo: the photo that was framed; needed for a picture.

        Returns:
            For a picture [3, h, w] uint8, the photo with the shown part replaced; for labels [h, w], 0 elsewhere.

        Raises:
            ValueError: a result of another size, or no photo (or one of another size) for a picture.
        """
        if tuple(result.shape[-2:]) != self.size:
            raise ValueError(f"the result is {words(result.shape[-2:])}, the frame {words(self.size)}")
        left, top, right, bottom = self.photo_box
        part, wanted = _cut(result, self.frame_box), (bottom - top, right - left)
        if result.ndim == 2:
            back = torch.zeros(self.photo_size, dtype=result.dtype)
            back[top:bottom, left:right] = _nearest(part.cpu(), wanted)
            return back
        if photo is None:
            raise ValueError("a picture is put back into its photo; give the photo")
        back = _pixels(photo).clone()
        if tuple(back.shape[-2:]) != self.photo_size:
            raise ValueError(f"the photo is {words(back.shape[-2:])}, the framed one was {words(self.photo_size)}")
        pixels = ((part.detach().cpu().float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
        back[:, top:bottom, left:right] = _resized(pixels, wanted)
        return back


def frame_photo(
    image: Photo | Tensor,
    size: tuple[int, int],
    *,
    keypoints: Tensor | None = None,
    box: Box | None = None,
    margin: float = MARGIN,
    pad: str = "edge",
) -> Frame:
    """Cut a person out of a photo of any shape and size.

    1. The person's box is `box`, else `person_box(keypoints)`, else the whole photo. A box is enlarged on every side
       by `margin` of its longer side, and ends where the photo ends: nothing is made up around a person who is cut.
    2. It grows evenly to both sides until it has the shape of the frame: the person stays in the middle, where the
       networks were trained to see people. Where the photo cuts the person (the box reaches its edge) it grows to the
       other side alone: a cut body ends at the frame's edge, in all pictures of shops, and not in mid-air.
    3. What then lies beyond the photo is filled. "edge": one colour, the median of the photo's pixels along the filled
       sides; in front of a plain ground the seam is not seen, and elsewhere a plain fill is nearer to the plain
       grounds of shops than stretched pixels, which look like cloth. "white": as PATN pads to squares.
    4. The part that the photo shows is resized with antialiasing.

    Args:
        image: a `Photo`, or [3, H, W], uint8 or floating point in [-1, 1].
        size: (height, width) of the frame.
        keypoints: [18, 3] in pixels of the photo as the file has it (`Photo.full_size`).
        box: left, top, right, bottom of the person in the same pixels; right and bottom excluded.
        margin: share of the box's longer side, on every side.
        pad: "edge" or "white".

    Returns:
        The frame, the moved keypoints, and the way back.

    Raises:
        ValueError: an argument of another shape, a box outside the photo, or keypoints most of which are.
    """
    if pad not in PADS:
        raise ValueError(f"pad is {' or '.join(PADS)}, got {pad!r}")
    if len(size) != 2 or min(size) < 1:
        raise ValueError(f"size is (height, width) of the frame in pixels, got {tuple(size)}")
    pixels = _pixels(image)
    photo_size = tuple(pixels.shape[-2:])
    full = image.full_size if isinstance(image, Photo) else photo_size
    if keypoints is not None:
        keypoints = _inside(keypoints, full)
        box = person_box(keypoints) if box is None else box
    factor = photo_size[1] / full[1], photo_size[0] / full[0]
    box, cut = with_margin(box, full, margin)
    box = tuple(edge * factor[i % 2] for i, edge in enumerate(box))
    photo_box, frame_box = rectangles(box, photo_size, size, cut)
    shown = _cut(pixels, photo_box)
    ground = torch.full((3,), 255, dtype=torch.uint8) if pad == "white" else _ground(shown, frame_box, size)
    left, top, right, bottom = frame_box
    framed = ground[:, None, None].repeat(1, *size)
    framed[:, top:bottom, left:right] = _resized(shown, (bottom - top, right - left))
    notes = _remarks(photo_box, frame_box, size, pad)
    frame = Frame(framed.float() / 127.5 - 1, None, photo_box, frame_box, photo_size, full, notes)
    return frame if keypoints is None else replace(frame, keypoints=frame.keypoints_to_frame(keypoints))


def _inside(keypoints: Tensor, size: tuple[int, int]) -> Tensor:
    joints.require_person(keypoints, "the photo's keypoints")
    inside = joints.drop_outside(keypoints.float(), size)
    there, left = int((keypoints[:, 2] > 0).sum()), int((inside[:, 2] > 0).sum())
    if 2 * left < there:
        raise ValueError(
            f"{there - left} of {there} joints lie outside the photo ({words(size)}); they are in pixels of another "
            "picture, or of one that was turned or shrunk"
        )
    return inside


def _ground(shown: Tensor, frame_box: tuple[int, int, int, int], size: tuple[int, int]) -> Tensor:
    left, top, right, bottom = frame_box
    sides = (
        (left > 0, shown[:, :, 0]), (right < size[1], shown[:, :, -1]),
        (top > 0, shown[:, 0]), (bottom < size[0], shown[:, -1]),
    )
    filled = [pixels for needed, pixels in sides if needed]
    return torch.cat(filled, dim=1).median(dim=1).values if filled else shown[:, 0, 0]


def _remarks(photo_box, frame_box, size, pad) -> tuple[str, ...]:
    (_, top, _, bottom), (u0, v0, u1, v1) = photo_box, frame_box
    notes = []
    filled = 1 - (u1 - u0) * (v1 - v0) / (size[0] * size[1])
    if filled > 0.005:
        notes.append(f"{filled:.0%} of the frame lie beyond the photo and are filled ({pad})")
    factor = (v1 - v0) / (bottom - top)
    if factor > 1.05:
        notes.append(f"the person is small in the photo and was enlarged {factor:.1f} times: expect blur")
    return tuple(notes)


def _pixels(image: Photo | Tensor) -> Tensor:
    if isinstance(image, Photo):
        return image.image
    if image.ndim != 3 or image.shape[0] != 3 or 0 in image.shape:
        raise ValueError(f"a picture is [3, H, W], got {list(image.shape)}")
    if image.dtype == torch.uint8:
        return image
    if not image.is_floating_point() or not (image.min() >= -1.001 and image.max() <= 1.001):
        raise ValueError("a picture is uint8, or floating point in [-1, 1]")
    return ((image.detach().cpu().float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)


def _cut(maps: Tensor, box: tuple[int, int, int, int]) -> Tensor:
    left, top, right, bottom = box
    return maps[..., top:bottom, left:right]


def _resized(pixels: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(pixels[None], size=size, mode="bilinear", antialias=True, align_corners=False)[0]


def _nearest(labels: Tensor, size: tuple[int, int]) -> Tensor:
    rows, columns = (
        ((torch.arange(n) + 0.5) * (there / n)).long() for n, there in zip(size, labels.shape, strict=True)
    )
    return labels[rows[:, None], columns]


def _moved(keypoints: Tensor, start: tuple[int, int, int, int], end: tuple[int, int, int, int]) -> Tensor:
    x0, y0, x1, y1, u0, v0, u1, v1 = (*start, *end)
    scale = keypoints.new_tensor([(u1 - u0) / (x1 - x0), (v1 - v0) / (y1 - y0)])
    places = (keypoints[..., :2] + 0.5 - keypoints.new_tensor([x0, y0])) * scale
    places = (places + keypoints.new_tensor([u0, v0]) - 0.5) * (keypoints[..., 2:] > 0)
    return torch.cat((places, keypoints[..., 2:]), dim=-1)
