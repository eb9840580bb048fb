"""PNG files walked through: a changed bit anywhere is noticed, though a picture library may decode it."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from warpgan.png import Header, check_png


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@pytest.fixture
def path(tmp_path):
    Image.fromarray((np.arange(600) % 20).reshape(20, 30).astype(np.uint8)).save(tmp_path / "map.png")
    return tmp_path / "map.png"


def test_every_flipped_bit_and_every_cut_is_noticed(path):
    whole = path.read_bytes()
    assert check_png(path) == Header(30, 20, 8, 0)
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        with pytest.raises(ValueError, match="map.png: "):
            check_png(path)
        path.write_bytes(whole[:at])
        with pytest.raises(ValueError, match="map.png: "):
            check_png(path)


def test_a_second_header_and_a_picture_of_no_pixels_are_refused(path):
    whole = path.read_bytes()
    second = chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 0, 0, 0, 0))
    path.write_bytes(whole[:33] + second + whole[33:])
    with pytest.raises(ValueError, match="one header, in the beginning"):
        check_png(path)
    path.write_bytes(whole[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 20, 8, 0, 0, 0, 0)) + whole[33:])
    with pytest.raises(ValueError, match="the picture is 0 wide and 20 high"):
        check_png(path)
