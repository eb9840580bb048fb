"""One's own photo, from the file to what `PoseTransfer` takes, and the result back into the photo.

`read_photo` (photo_files) reads it, `find_keypoints` (photo_poses) finds the joints, `frame_photo` (photo_frames) cuts
the person out; `prepare` does all three and adds the parsing. Notebook 02 walks through it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from warpgan.labels import NUM_LABELS
from warpgan.parsing import read_parsing
from warpgan.photo_boxes import MARGIN, Box, person_box
from warpgan.photo_files import LARGEST, LARGEST_JPEG, REDUCED_ABOVE, Photo, read_photo
from warpgan.photo_frames import Frame, frame_photo
from warpgan.photo_poses import Person, detect_people, find_keypoints, keypoints_by_hand, load_detector

if TYPE_CHECKING:
    from warpgan.photo_poses import Source

__all__ = [
    "LARGEST",
    "LARGEST_JPEG",
    "MARGIN",
    "REDUCED_ABOVE",
    "Frame",
    "Person",
    "Photo",
    "Prepared",
    "detect_people",
    "find_keypoints",
    "frame_photo",
    "keypoints_by_hand",
    "load_detector",
    "person_box",
    "prepare",
    "read_photo",
]


@dataclass(frozen=True)
class Prepared:
    """A photo as the networks take it. The first two go into `PoseTransfer`, with somebody else's third.

    Attributes:
        image: [3, H, W] in [-1, 1].
        parsing: [H, W] int64 labels, or None where neither a parsing nor a parser was given.
        keypoints: [18, 3] in pixels of the frame, or None where none were given.
        frame: the map to the photo and back.
        photo: the photo.
        notes: what was done, a sentence each.
    """

    image: Tensor
    parsing: Tensor | None
    keypoints: Tensor | None
    frame: Frame
    photo: Photo
    notes: tuple[str, ...]


def prepare(
    photo: Photo | str | Path, size: tuple[int, int], *, keypoints: Source | None = None,
    parsing: Tensor | str | Path | None = None, parser: Callable[[Tensor], Tensor] | None = None,
    box: Box | None = None, person: int | None = None, detector: Callable | None = None, download: bool = False,
    margin: float = MARGIN, pad: str = "edge",
) -> Prepared:
    """Make of a photo what `PoseTransfer` takes.

        me, you = prepare("me.jpg", size, parser=parser), prepare("you.jpg", size, keypoints="you.json")
        result = transfer(me.image, me.parsing, you.keypoints)

    Args:
        photo: a `Photo` or its file.
        size: (height, width) that the networks were trained at.
        keypoints: None, or a source of `find_keypoints`: [18, 3], a list of (name, x, y), a file, or "detect".
        parsing: a label map of the whole photo: [H, W] integers, or a file of `parsing.read_parsing`.
        parser: makes the parsing where none is given: [1, 3, H, W] in [-1, 1] in, logits [1, 20, H, W] out.
        box: of the person in the photo; by default from the keypoints, or the detector's.
        person, detector, download: as for `find_keypoints`.
        margin, pad: as for `frame_photo`.

    Raises:
        ValueError, FileNotFoundError: what the steps raise; names the file.
    """
    photo = photo if isinstance(photo, Photo) else read_photo(photo)
    notes = list(photo.notes)
    if keypoints is not None:
        keypoints, found_box, note = find_keypoints(
            keypoints, photo, person=person, detector=detector, download=download
        )
        notes.append(note)
        box = found_box if box is None else box
    try:
        frame = frame_photo(photo, size, keypoints=keypoints, box=box, margin=margin, pad=pad)
        labels = _parsing(parsing, parser, frame, notes)
    except ValueError as error:
        raise ValueError(f"{photo.path or 'photo'}: {error}") from None
    notes.extend(frame.notes)
    return Prepared(frame.image, labels, frame.keypoints, frame, photo, tuple(notes))


def _parsing(parsing, parser, frame: Frame, notes: list[str]) -> Tensor | None:
    if parsing is not None:
        notes.append("parsing as given" if isinstance(parsing, Tensor) else f"parsing from {Path(parsing).name}")
        whole = parsing if isinstance(parsing, Tensor) else read_parsing(parsing)
        return frame.parsing_to_frame(whole).long()
    if parser is None:
        return None
    device = next((p.device for p in getattr(parser, "parameters", tuple)()), None)
    with torch.no_grad():
        logits = parser(frame.image[None].to(device) if device else frame.image[None])
    if logits.shape != (1, NUM_LABELS, *frame.size):
        raise ValueError(f"the parser gave {list(logits.shape)}; expected [1, {NUM_LABELS}, H, W] of the frame's size")
    labels = logits[0].argmax(dim=0).cpu()  # [H, W]
    # Nobody stands in what was filled.
    left, top, right, bottom = frame.frame_box
    inside = torch.zeros_like(labels)
    inside[top:bottom, left:right] = labels[top:bottom, left:right]
    notes.append("parsing made by the parser")
    return inside
