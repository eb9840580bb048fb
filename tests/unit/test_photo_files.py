"""Reading one's own photo: what is seen on the screen is what is read, whatever the file's form."""

import struct
import time
import zlib

import numpy as np
import pytest
import torch
from photo_people import HEIGHT, WIDTH, scene
from PIL import Image, ImageCms

from warpgan.photo_files import LARGEST, LARGEST_JPEG, REDUCED_ABOVE, read_photo


def saved(path, picture, **options):
    (picture if isinstance(picture, Image.Image) else Image.fromarray(picture)).save(path, **options)
    return path


def shown(photo):
    return photo.image.permute(1, 2, 0).numpy().astype(int)


def png(path, mode, depth, pixels):
    """A PNG written by hand: colour type `mode`, `depth` bits, rows of bytes; for what Pillow does not write."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = len(pixels), pixels.shape[1]
    raw = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, depth, mode, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    return path


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp", ".tif"])
def test_a_plain_picture_is_read_as_it_is(tmp_path, suffix):
    options = {"quality": 98, "subsampling": 0} if suffix == ".jpg" else {"lossless": True} if suffix == ".webp" else {}
    photo = read_photo(saved(tmp_path / f"a{suffix}", scene(), **options))
    assert photo.size == photo.full_size == (HEIGHT, WIDTH) and photo.notes == ()
    assert photo.image.dtype == torch.uint8
    assert abs(shown(photo) - scene()).max() <= (12 if suffix == ".jpg" else 0)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_the_picture_upright(tmp_path, suffix, orientation):
    # What a camera stores so that a viewer who obeys the note sees `scene`: the note's inverse, by its definition
    # (which side of the stored picture is the top and which the left of the scene).
    stored = {
        1: scene(), 2: scene()[:, ::-1], 3: scene()[::-1, ::-1], 4: scene()[::-1],
        5: scene().swapaxes(0, 1), 6: scene()[:, ::-1].swapaxes(0, 1)[:, :].copy(),
        7: scene()[::-1, ::-1].swapaxes(0, 1), 8: scene()[::-1].swapaxes(0, 1),
    }[orientation]
    if orientation == 6:  # row 0 of the file is the right side of the scene
        stored = np.rot90(scene(), 1)
    if orientation == 8:  # row 0 of the file is the left side
        stored = np.rot90(scene(), -1)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 98, "subsampling": 0} if suffix == ".jpg" else {"lossless": True} if suffix == ".webp" else {}
    photo = read_photo(saved(tmp_path / f"a{suffix}", np.ascontiguousarray(stored), exif=exif, **options))
    assert photo.size == photo.full_size == (HEIGHT, WIDTH)
    assert abs(shown(photo) - scene()).max() <= (14 if suffix == ".jpg" else 0)
    if suffix != ".tif":  # Pillow turns TIFF files by itself
        assert ("turned upright" in " ".join(photo.notes)) == (orientation > 1)


def test_transparent_parts_are_laid_over_white(tmp_path):
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[:10], alpha[10:20] = 0, 51
    photo = read_photo(saved(tmp_path / "a.png", np.dstack([scene(), alpha])))
    expected = scene() * (alpha[..., None] / 255) + 255 * (1 - alpha[..., None] / 255)
    assert abs(shown(photo) - expected).max() <= 1 and "laid over white" in photo.notes[0]
    opaque = read_photo(saved(tmp_path / "b.png", np.dstack([scene(), np.full_like(alpha, 255)])))
    assert (shown(opaque) == scene()).all() and opaque.notes == ()


def test_grey_with_alpha_and_transparent_palettes(tmp_path):
    grey, alpha = scene()[..., 0], np.zeros((HEIGHT, WIDTH), np.uint8)
    photo = read_photo(saved(tmp_path / "a.png", Image.merge("LA", [Image.fromarray(grey), Image.fromarray(alpha)])))
    assert (shown(photo) == 255).all()
    palette = Image.fromarray((scene()[..., 2] > 0).astype(np.uint8)).convert("P")
    palette.putpalette([10, 20, 30, 200, 100, 50])
    expected = np.where(scene()[..., 2:] > 0, (200, 100, 50), (10, 20, 30))
    assert (shown(read_photo(saved(tmp_path / "b.png", palette))) == expected).all()
    expected = np.where(scene()[..., 2:] > 0, (200, 100, 50), 255)
    assert (shown(read_photo(saved(tmp_path / "c.png", palette, transparency=0))) == expected).all()
    assert (shown(read_photo(saved(tmp_path / "d.gif", palette, transparency=0))) == expected).all()


def test_grey_and_black_and_white(tmp_path):
    grey = scene()[..., 1]
    assert (shown(read_photo(saved(tmp_path / "a.png", grey))) == grey[..., None]).all()
    line = grey > 100
    assert (shown(read_photo(saved(tmp_path / "b.png", Image.fromarray(line)))) == 255 * line[..., None]).all()


def test_sixteen_bits_keep_their_brightness(tmp_path):
    deep = scene()[..., 1].astype(np.uint16) * 257 + 3
    for name in ("a.png", "a.tif"):
        photo = read_photo(saved(tmp_path / name, deep))
        assert abs(shown(photo) - scene()[..., 1:2]).max() <= 1 and "16 bits" in photo.notes[0], name
    rgb = read_photo(png(tmp_path / "rgb.png", 2, 16, (scene().astype(">u2") * 257).reshape(HEIGHT, WIDTH, 3)))
    assert abs(shown(rgb) - scene()).max() <= 1 and "16 bits" in rgb.notes[0]
    with pytest.raises(ValueError, match=r"f\.tif: floating-point values"):
        read_photo(saved(tmp_path / "f.tif", deep.astype(np.float32)))
    with pytest.raises(ValueError, match=r"i\.tif: grey values 0\.\.100000"):
        read_photo(saved(tmp_path / "i.tif", np.array([[0, 100_000]], np.int32)))


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_cmyk_becomes_rgb(tmp_path, suffix):
    flat = np.zeros((16, 16, 3), np.uint8) + np.uint8([200, 60, 30])
    photo = read_photo(saved(tmp_path / f"a{suffix}", Image.fromarray(flat).convert("CMYK")))
    assert abs(shown(photo) - flat).max() <= 6 and "CMYK" in photo.notes[0]


def test_colour_profiles_are_converted(tmp_path):
    flat = np.zeros((16, 16, 3), np.uint8) + np.uint8([200, 60, 30])
    same = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = read_photo(saved(tmp_path / "s.png", flat, icc_profile=same))
    assert (shown(photo) == flat).all() and photo.notes == ()
    photo = read_photo(saved(tmp_path / "x.png", flat, icc_profile=b"no profile"))
    assert (shown(photo) == flat).all() and "colour profile could not be used" in photo.notes[0]


def test_a_photo_in_adobe_rgb_becomes_more_vivid(realdata):
    photo = read_photo(realdata / "coco" / "000000000785.jpg")
    with Image.open(realdata / "coco" / "000000000785.jpg") as picture:
        raw = np.array(picture).astype(int)
    assert photo.size == (425, 640) and "Adobe RGB" in photo.notes[0]
    assert np.ptp(shown(photo), axis=2).mean() > np.ptp(raw, axis=2).mean()


def test_large_jpegs_are_drawn_at_a_reduced_scale_and_stay_small_in_memory(tmp_path):
    path = tmp_path / "large.jpg"
    pixels = Image.fromarray(scene()).resize((6000, 9000), Image.Resampling.BILINEAR)
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=80)
    del pixels
    photo = read_photo(path)
    assert photo.full_size == (9000, 6000) and photo.size == (4500, 3000)
    assert photo.size[0] * photo.size[1] <= REDUCED_ABOVE
    assert "drawn at 3000 x 4500 (width x height) instead of 6000 x 9000" in photo.notes[-1]
    small = torch.nn.functional.adaptive_avg_pool2d(photo.image[None].float(), (HEIGHT, WIDTH))[0]
    assert (small.permute(1, 2, 0).numpy() - scene())[:, :, :2].__abs__().max() < 12


def test_bombs_are_refused_before_they_are_unpacked(tmp_path):
    start = time.perf_counter()
    bomb = png(tmp_path / "bomb.png", 0, 1, np.zeros((9000, 8000 // 8), np.uint8)[:, : 8000 // 8])
    header = bytearray(bomb.read_bytes())
    for width, height in ((8000, 9000), (30_000, 30_000), (2**31 - 1, 2**31 - 1)):
        header[16:24] = struct.pack(">II", width, height)
        header[29:33] = struct.pack(">I", zlib.crc32(bytes(header[12:29])))
        bomb.write_bytes(bytes(header))
        with pytest.raises(ValueError, match=r"bomb\.png: more pixels than are read|bomb\.png: .*at most 50 million"):
            read_photo(bomb)
    assert time.perf_counter() - start < 5
    assert LARGEST == 50_000_000 < LARGEST_JPEG


@pytest.mark.parametrize("progressive, allowed", [(False, True), (True, False)])
def test_a_progressive_jpeg_counts_as_what_it_needs(tmp_path, progressive, allowed):
    path = saved(tmp_path / "a.jpg", Image.new("L", (64, 64)), progressive=progressive)
    data = bytearray(path.read_bytes())
    frame = data.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 9000, 9000)  # the header claims 81 million pixels
    path.write_bytes(bytes(data))
    sentence = "bytes cannot hold the 9000 x 9000 pixels" if allowed else "9000 x 9000 pixels .* at most 50 million"
    with pytest.raises(ValueError, match=sentence):
        read_photo(path)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".gif", ".bmp"])
def test_cut_files_are_told(tmp_path, suffix):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    path = saved(tmp_path / f"a{suffix}", noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ValueError, match=rf"a\{suffix}: (the picture is cut off or damaged \(|not a picture)") as error:
        read_photo(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "an empty file"),
        (b"hello, I am a text", "not a picture that is read here"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC photo.*export it as JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture that is read here"),
    ],
)
def test_other_files_are_told_apart(tmp_path, content, sentence):
    (tmp_path / "me.heic").write_bytes(content)
    with pytest.raises(ValueError, match=rf"me\.heic: {sentence}"):
        read_photo(tmp_path / "me.heic")


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(FileNotFoundError, match="me.jpg: no such file"):
        read_photo(tmp_path / "me.jpg")
    with pytest.raises(ValueError, match="not a file; a photo is one picture file"):
        read_photo(tmp_path)
