"""PNG files walked through: a changed bit anywhere is noticed, though a picture library may decode it."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from warpgan.png import SIGNATURE, Header, check_png


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


def test_bytes_behind_the_end_are_refused(path):
    path.write_bytes(path.read_bytes() + b"a")
    with pytest.raises(ValueError, match="something follows its last chunk"):
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


@pytest.mark.parametrize("change", [-30, -1, 1, 31])
def test_more_or_fewer_pixels_than_claimed_are_noticed_though_every_checksum_is_right(path, change):
    raw = bytes(20 * 31 + change)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30, 20, 8, 0, 0, 0, 0))
    path.write_bytes(SIGNATURE + header + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))
    with pytest.raises(ValueError, match="it holds (more|less) pixels than it claims"):
        check_png(path)


def test_a_bomb_is_refused_before_it_is_unpacked(path):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 0, 0, 0, 0))
    path.write_bytes(SIGNATURE + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b""))
    with pytest.raises(ValueError, match="60000 wide and 60000 high, 3,600,000,000 pixels; at most 1,000 are"):
        check_png(path, most_pixels=1000)


@pytest.mark.parametrize("width, height", [(1, 1), (5, 3), (8, 8), (13, 9)])
@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P", "LA", "RGBA", "I;16"])
def test_whole_pictures_of_every_kind_pass(tmp_path, width, height, mode):
    Image.new(mode, (width, height)).save(tmp_path / "a.png")
    assert check_png(tmp_path / "a.png")[:2] == (width, height)


def test_interlaced_pictures_pass(tmp_path):
    # Rows of the seven passes over 5x3 pixels, written by hand: no picture library here writes them.
    rows = [(1, 1), (1, 1), (0, 0), (1, 1), (3, 1), (2, 2), (5, 1)]  # (width, height)
    raw = b"".join(bytes(height * (1 + width)) for width, height in rows if width and height)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 5, 3, 8, 0, 0, 0, 1))
    (tmp_path / "a.png").write_bytes(SIGNATURE + header + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))
    assert check_png(tmp_path / "a.png") == Header(5, 3, 8, 0)
    with Image.open(tmp_path / "a.png") as picture:
        picture.load()
