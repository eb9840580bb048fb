"""PNG files looked at chunk by chunk: what they claim to be, and whether all of it is there and undamaged.

Picture libraries decode a PNG whose checksums are wrong, or that holds more or less than it claims, and tell nobody.
In a photo that is a speck; in a label map it is another label. So a label map is walked through once before it is
decoded, in constant memory.
"""

import struct
import zlib
from pathlib import Path
from typing import NamedTuple

from warpgan.reading import require_file

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY = 0  # the colour type of pictures of one channel
_BLOCK = 1 << 16
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


class Header(NamedTuple):
    """What a PNG claims: width and height in pixels, bits a channel, and its colour type as in the standard."""

    width: int
    height: int
    depth: int
    kind: int


def check_png(path: str | Path, most_pixels: int | None = None) -> Header:
    """Read the header, the checksum of every chunk, and the length of what is packed in it; keep no pixel.

    Args:
        path: the file.
        most_pixels: a picture that claims more is refused before anything is unpacked.

    Returns:
        Its header.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: not a PNG, cut off, damaged, of no pixels or of too many; names the file.
    """
    header, unpacked = None, None
    with open(require_file(path), "rb") as file:
        if file.read(len(SIGNATURE)) != SIGNATURE:
            raise ValueError(f"{path}: not a PNG")
        name = b""
        while name != b"IEND":
            start = file.read(8)
            length, name = struct.unpack(">I4s", start) if len(start) == 8 else (0, b"")
            if not name or length > 0x7FFFFFFF:
                raise ValueError(f"{path}: the picture is damaged (it ends before its last chunk)")
            first = (header is None) == (name == b"IHDR") and (name != b"IHDR" or length == 13)
            if not first:
                raise ValueError(f"{path}: the picture is damaged (it must have one header, in the beginning)")
            body = _checked(file, name, length, path, unpacked if name == b"IDAT" else None)
            if header is None:
                header, unpacked = _header(body, path, most_pixels)
        if file.read(1):
            raise ValueError(f"{path}: the picture is damaged (something follows its last chunk)")
    unpacked.end()
    return header


def _header(body: bytes, path: str | Path, most_pixels: int | None) -> "tuple[Header, _Unpacked]":
    *fields, _, _, interlaced = struct.unpack(">IIBBBBB", body)
    header = Header(*fields)
    size = f"{header.width} wide and {header.height} high"
    if not header.width or not header.height:
        raise ValueError(f"{path}: the picture is {size}")
    if most_pixels is not None and header.width * header.height > most_pixels:
        pixels = header.width * header.height
        raise ValueError(f"{path}: {size}, {pixels:,} pixels; at most {most_pixels:,} are expected")
    if header.depth not in _DEPTHS.get(header.kind, ()) or interlaced > 1:
        told = f"no PNG has colour type {header.kind} with {header.depth} bits, interlaced {interlaced}"
        raise ValueError(f"{path}: the picture is damaged ({told})")
    return header, _Unpacked(path, _length(header, interlaced))


def _length(header: Header, interlaced: int) -> int:
    # Bytes of all rows, each with its filter; an interlaced picture is seven small ones.
    bits = header.depth * _CHANNELS[header.kind]
    total = 0
    for x, y, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        width, height = -((x - header.width) // across), -((y - header.height) // down)
        total += height * (1 + (width * bits + 7) // 8) if width > 0 and height > 0 else 0
    return total


class _Unpacked:
    # Counts what the packed pixels unpack to, block by block, and stops where there is more than there should be.
    def __init__(self, path: str | Path, length: int):
        self._path, self._left, self._stream = path, length, zlib.decompressobj()

    def __call__(self, block: bytes) -> None:
        while block:
            if self._stream.eof:
                raise ValueError(f"{self._path}: the picture is damaged (something follows its pixels)")
            try:
                self._left -= len(self._stream.decompress(block, _BLOCK))
            except zlib.error as error:
                raise ValueError(f"{self._path}: the picture is damaged ({error})") from None
            if self._left < 0:
                raise ValueError(f"{self._path}: the picture is damaged (it holds more pixels than it claims)")
            block = self._stream.unconsumed_tail or self._stream.unused_data

    def end(self) -> None:
        if self._left or not self._stream.eof:
            raise ValueError(f"{self._path}: the picture is damaged (it holds less pixels than it claims)")


def _checked(file, name: bytes, length: int, path: str | Path, unpacked: "_Unpacked | None") -> bytes:
    # The beginning of a chunk whose checksum is right.
    check, left, beginning = zlib.crc32(name), length, b""
    while left:
        block = file.read(min(left, _BLOCK))
        if not block:
            raise ValueError(f"{path}: the picture is damaged (it is cut off)")
        beginning = beginning or block
        check, left = zlib.crc32(block, check), left - len(block)
        if unpacked is not None:
            unpacked(block)
    if file.read(4) != struct.pack(">I", check):
        told = name.decode("ascii", "replace")
        raise ValueError(f"{path}: the picture is damaged (the checksum of a chunk {told!r} is wrong)")
    return beginning
