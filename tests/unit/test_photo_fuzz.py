"""Three hundred broken pictures: each is read or told in one sentence, soon and in little memory."""

import io
import random
import resource
import time

import numpy as np
import torch
from photo_people import scene
from PIL import Image, ImageCms

from warpgan.photo_files import REDUCED_ABOVE, read_photo


def seeds():
    """Small sound files of every form, as bytes."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "a picture"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    rgb = Image.fromarray(scene())
    forms = [
        (rgb, "JPEG", {"exif": exif, "icc_profile": profile}), (rgb, "JPEG", {"progressive": True}),
        (rgb.convert("CMYK"), "JPEG", {}), (rgb, "PNG", {"exif": exif}), (rgb.convert("RGBA"), "PNG", {}),
        (rgb.convert("P"), "PNG", {"transparency": 3}), (Image.fromarray(scene()[..., 0].astype(np.uint16)), "PNG", {}),
        (rgb, "WEBP", {"exif": exif}), (rgb, "TIFF", {"exif": exif}), (rgb, "TIFF", {"compression": "tiff_lzw"}),
        (rgb.convert("P"), "GIF", {}), (rgb, "BMP", {}),
    ]
    made = []
    for picture, form, options in forms:
        buffer = io.BytesIO()
        picture.save(buffer, form, **options)
        made.append(buffer.getvalue())
    return made


def mutated(data, rng):
    """One damage: cut, bits turned, a run of bytes overwritten, dropped or doubled, a number made huge."""
    data, kind = bytearray(data), rng.randrange(6)
    place = rng.randrange(len(data)) if rng.random() < 0.5 else rng.randrange(min(len(data), 64))
    if kind == 0:
        return bytes(data[:place])
    if kind == 1:
        for _ in range(rng.randrange(1, 8)):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif kind == 2:
        data[place : place + 8] = rng.randbytes(8)
    elif kind == 3:
        del data[place : place + rng.randrange(1, 40)]
    elif kind == 4:
        data[place:place] = data[place : place + rng.randrange(1, 40)]
    else:
        data[place : place + 4] = rng.choice([b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\0\x01\0\0"])
    return bytes(data)


def test_three_hundred_broken_pictures_are_read_or_told(tmp_path):
    rng, sound, told = random.Random(0), seeds(), 0
    path = tmp_path / "broken.img"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    slowest = 0.0
    for number in range(300):
        path.write_bytes(mutated(sound[number % len(sound)], rng))
        start = time.perf_counter()
        try:
            photo = read_photo(path)
        except ValueError as error:
            told += 1
            assert str(error).startswith(f"{path}: ") and "\n" not in str(error) and len(str(error)) < 400
        else:
            assert photo.image.dtype == torch.uint8 and photo.image.ndim == 3 and len(photo.image) == 3
            assert 0 not in photo.image.shape and photo.image.shape[1:].numel() <= REDUCED_ABOVE
        slowest = max(slowest, time.perf_counter() - start)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024  # MiB
    assert 100 < told < 300 and slowest < 10 and grown < 1000
