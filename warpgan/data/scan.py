"""Folders of pictures and label maps gone through one file at a time: headers of all, pixels of a few."""

from __future__ import annotations

import hashlib
import heapq
import os
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warpgan.data.compact_names import Names
from warpgan.data.layouts import PICTURES
from warpgan.data.names import key
from warpgan.data.pictures import FORMATS
from warpgan.data.report import Report
from warpgan.parsing import MOST_PIXELS, read_parsing
from warpgan.reading import require_file

_MOST_SIDE = (1 << 20) - 1
_SUFFIXES = frozenset(PICTURES)


def walk(folder: Path, report: Report) -> Iterator[tuple[str, Path]]:
    """Go through the files below a folder, links to folders followed once; what cannot be reached is reported.

    Yields:
        (name seen from the folder with slashes, path); hidden files are left out.
    """
    seen: set[tuple[int, int]] = set()
    waiting = [("", folder)]
    while waiting:
        prefix, place = waiting.pop()
        try:
            status = os.stat(place)
            if (status.st_dev, status.st_ino) in seen:
                report.add("warning", "a folder found twice", place, None, "a link to a folder already gone through",
                           "each folder once", "remove the link; nothing was counted twice")
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    path = Path(place, entry.name)
                    try:
                        if entry.is_dir():
                            waiting.append((f"{prefix}{entry.name}/", path))
                            continue
                        require_file(path)
                        yield prefix + entry.name, path
                    except (OSError, ValueError) as error:
                        unreadable(report, path, error)
        except OSError as error:
            unreadable(report, place, error)


def unreadable(report: Report, path: Path, error: Exception) -> None:
    """Report a file or folder that cannot be read.

    Args:
        report: where the problem goes.
        path: of the file or folder.
        error: what reading it raised.
    """
    text = getattr(error, "strerror", None) or str(error)
    report.add("error", "cannot be read", path, None, text.removeprefix(f"{path}: "),
               "a file or folder that can be read", "mend or remove the link, or allow reading")


class Sample:
    """The few files that are decoded: those whose names have the smallest digests, wherever and whenever looked at."""

    def __init__(self, size: int):
        self._size, self._heap = size, []

    def offer(self, name: str, value: Any) -> None:
        """Keep the value if its name is among the first `size`."""
        digest = int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest())
        entry = (-digest, name, value)
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, entry)
        elif self._size and entry[:2] > self._heap[0][:2]:
            heapq.heapreplace(self._heap, entry)

    def __iter__(self) -> Iterator[Any]:
        return (value for *_, value in sorted(self._heap, key=lambda entry: entry[1]))


def picture_header(path: Path) -> tuple[int, int]:
    """Read height and width from a picture's header.

    Raises:
        OSError: it cannot be read.
        ValueError: not a picture, or a damaged header; names the file.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as picture:
                width, height = picture.size
    except Image.DecompressionBombError:
        raise ValueError(f"{path}: more pixels than any camera takes") from None
    except Exception as error:  # noqa: BLE001 - of a damaged header Pillow raises whatever its parsers meet
        what = "not a picture" if isinstance(error, Image.UnidentifiedImageError) else f"a damaged header ({error})"
        raise ValueError(f"{path}: {what}") from None
    if not (0 < width <= _MOST_SIDE and 0 < height <= _MOST_SIDE):
        raise ValueError(f"{path}: {width} wide and {height} high")
    return height, width


def scan_pictures(report: Report, folder: Path, names: Names, sample: int) -> Counter:
    """Read the headers of all pictures below a folder, and decode a few.

    Args:
        report: where problems go. folder: the folder. sample: how many are decoded.
        names: gets the `names.key` of each picture with its size (`pack`).

    Returns:
        (height, width) -> how many, of the first hundred sizes.
    """
    sizes, chosen = Counter(), Sample(sample)
    for name, path in walk(folder, report):
        if os.path.splitext(name)[1].lower() not in _SUFFIXES:
            continue
        try:
            size = picture_header(path)
        except (OSError, ValueError) as error:
            report.add("error", "no picture inside", path, None, _told(error, path), "a JPEG or PNG picture",
                       "fetch this file again; it looks cut off or replaced by a message of the server")
            size = (_MOST_SIDE, _MOST_SIDE)  # it is there, so lists that name it are not at fault
        else:
            if size in sizes or len(sizes) < 100:
                sizes[size] += 1
            chosen.offer(name, (path, size))
        if names.set(key(name), pack(size)):
            report.add("warning", "two pictures of one name", path, None, f"{name} a second time",
                       "each picture once", "remove one of them")
    for path, (height, width) in chosen:
        if height * width <= MOST_PIXELS:
            report.decoded.append(report.inside(path))
            _decode(report, path)
    return sizes


def scan_parsings(report: Report, folder: Path, pictures: Names | None, ignore: bool, sample: int) -> Names:
    """Compare label maps with their pictures by name and size, and read a few whole; returns their names.

    Args:
        report: where problems go.
        folder: of the label maps.
        pictures: names and sizes of their pictures, as `scan_pictures` gathers them; None if there are none.
        ignore: whether 255 may occur.
        sample: how many are decoded.
    """
    names, chosen = Names(), Sample(sample)
    for name, path in walk(folder, report):
        stem, suffix = os.path.splitext(name)
        if suffix.lower() != ".png" or stem.endswith("_vis"):
            continue
        names.set(key(name))
        try:
            size = picture_header(path)
        except (OSError, ValueError) as error:
            report.add("error", "no label map inside", path, None, _told(error, path), "a PNG",
                       "write this parsing again")
            continue
        chosen.offer(name, path)
        packed = pictures.get(key(name)) if pictures is not None else pack(size)
        if not packed:
            report.add("warning", "a parsing without a picture", path, None, f"no picture {stem}",
                       "a picture of the same name", "name it like its picture, or remove it")
        elif packed not in (pack(size), pack((_MOST_SIDE, _MOST_SIDE))):
            height, width = unpack(packed)
            report.add("error", "a parsing of another size", path, None, f"{size[1]} wide and {size[0]} high",
                       f"{width} wide and {height} high, as its picture", "make the parsing from this very picture")
    for path in chosen:
        report.decoded.append(report.inside(path))
        try:
            read_parsing(path, ignore=ignore)
        except (OSError, ValueError) as error:
            report.add("error", "no parsing of 20 labels", path, None, _told(error, path),
                       "labels 0..19 as grey values, palette indices or the colours of one table",
                       "only a few parsings were decoded: look at how all of them were written")
    return names


def report_missing(report: Report, folder: Path, names: Names, kind: str, expected: str, advice: str) -> None:
    """Report the pictures below a folder whose `names.key` is not there.

    Args:
        report: where problems go.
        folder: of the pictures.
        names: the `names.key` of what belongs to them.
        kind: the problem, in the same few words for all of it.
        expected: what should be there.
        advice: what to do.
    """
    for name, path in walk(folder, Report(report.root)):  # what cannot be reached was reported before
        if os.path.splitext(name)[1].lower() in _SUFFIXES and not names.get(key(name)):
            report.add("warning", kind, path, None, name, expected, advice)


def pack(size: tuple[int, int]) -> int:
    """A size as one number, never 0; `unpack` gives it back."""
    return size[0] << 20 | size[1]


def unpack(packed: int) -> tuple[int, int]:
    """See `pack`."""
    return packed >> 20, packed & _MOST_SIDE


def _decode(report: Report, path: Path) -> None:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as picture:
                picture.load()
    except Exception as error:  # noqa: BLE001 - as in `picture_header`
        report.add("error", "a damaged picture", path, None, _told(error, path), "a whole picture",
                   "fetch this file again; only a few were decoded, so look at others of the same download")


def _told(error: Exception, path: Path) -> str:
    return str(error).removeprefix(f"{path}: ")
