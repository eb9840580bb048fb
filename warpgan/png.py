"""PNG files looked at chunk by chunk: what they claim to be, and whether all of it is there and undamaged.

Picture libraries decode a PNG whose checksums are wrong and tell nobody. In a photo that is a speck; in a label map it
is another label. So a label map is walked through once before it is decoded, in constant memory.
"""

import struct
import zlib
from pathlib import Path
from typing import NamedTuple

from warpgan.files import require_file

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE = 0, 2, 3
_BLOCK = 1 << 16


class Header(NamedTuple):
    """What a PNG claims: width and height in pixels, bits a channel, and its colour type as in the standard."""

    width: int
    height: int
    depth: int
    kind: int


def check_png(path: str | Path) -> Header:
    """Read the header and the checksum of every chunk; decode no pixel.

    Args:
        path: the file.

    Returns:
        Its header.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: not a PNG, cut off, damaged, or of no pixels; names the file.
    """
    path = require_file(path)
    header = None
    with path.open("rb") as file:
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
            body = _checked(file, name, length, path)
            if header is None:
                header = Header(*struct.unpack(">IIBB", body[:10]))
    if not header.width or not header.height:
        raise ValueError(f"{path}: the picture is {header.width} wide and {header.height} high")
    return header


def _checked(file, name: bytes, length: int, path: Path) -> bytes:
    # The beginning of a chunk whose checksum is right.
    check, left, beginning = zlib.crc32(name), length, b""
    while left:
        block = file.read(min(left, _BLOCK))
        if not block:
            raise ValueError(f"{path}: the picture is damaged (it is cut off)")
        beginning = beginning or block
        check, left = zlib.crc32(block, check), left - len(block)
    if file.read(4) != struct.pack(">I", check):
        told = name.decode("ascii", "replace")
        raise ValueError(f"{path}: the picture is damaged (the checksum of a chunk {told!r} is wrong)")
    return beginning
