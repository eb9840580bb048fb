"""One's own photo read as it is meant to be seen, whatever program or phone wrote it.

Phones turn pictures by a note in the file (EXIF), screenshots are transparent, scans have 16 bits, prints are CMYK.
Whatever is done to a picture is said in `Photo.notes`. Reached through `warpgan.photos`; notebook 02 walks through it.
"""

import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

REDUCED_ABOVE = 24_000_000
"""Pixels: a larger photo is drawn at a half, a quarter or an eighth. A person needs 256 of its rows."""
LARGEST = 50_000_000
"""Pixels: a larger picture is refused, because it is decoded whole (200 MB, and as much for each step) before it can be
reduced."""
LARGEST_JPEG = 170_000_000
"""Pixels: as `LARGEST` for ordinary JPEG files, which are reduced while they are decoded."""

_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF")  # no format that starts other programs
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_UPRIGHT = {  # what EXIF's orientation asks for, as methods of PIL.Image.Transpose
    2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270", 7: "TRANSVERSE",
    8: "ROTATE_90",
}


@dataclass(frozen=True)
class Photo:
    """A photo, upright, with three colours.

    Attributes:
        image: [3, H, W] uint8, sRGB.
        full_size: (height, width) of the upright photo as the file has it; larger than `image` if it was reduced.
            Keypoints of other programs are in these pixels.
        notes: a sentence for each thing that was done to the picture.
        path: the file.
    """

    image: Tensor
    full_size: tuple[int, int]
    notes: tuple[str, ...] = field(default=())
    path: Path | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of `image`."""
        return tuple(self.image.shape[-2:])


def read_photo(path: str | Path) -> Photo:
    """Read a photo: JPEG, PNG, WebP, AVIF, TIFF, BMP or GIF (of several pages or pictures the first).

    Pictures are turned upright as EXIF says. Transparency is laid over white, like the grounds of a shop's photos.
    Grey, palette and CMYK become RGB, 16 bits become the higher 8, and an embedded colour profile is converted to
    sRGB. Above `REDUCED_ABOVE` pixels the picture is drawn at a half, a quarter or an eighth of its sides.

    Args:
        path: the file.

    Returns:
        The photo; its `notes` say what was done.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not a picture, of another format, cut off or damaged, of more pixels than `LARGEST`
            (`LARGEST_JPEG`), or with values that have no agreed brightness (floating point); names the file.
    """
    path = Path(path)
    if not path.is_file():
        if path.exists():
            raise ValueError(f"{path}: not a file; a photo is one picture file")
        raise FileNotFoundError(f"{path}: no such file")
    notes: list[str] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large pictures and odd metadata: what matters is said in a sentence
            picture, full = _decode(path, notes)
            picture = _rgb(_eight_bits(picture, notes), notes)
    except (_Refused, MemoryError) as error:
        raise ValueError(f"{path}: {error or 'does not fit into the memory of this machine'}") from None
    except Exception as error:  # noqa: BLE001 - decoders raise whatever they stumble over: struct.error, KeyError, ...
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ValueError(f"{path}: the picture is cut off or damaged ({reason})") from None
    factor = _factor(picture.size)
    if factor > 1:
        picture = picture.reduce(factor)
    if (picture.height, picture.width) != full:
        notes.append(
            f"drawn at {picture.width} x {picture.height} (width x height) instead of {full[1]} x {full[0]}"
        )
    pixels = torch.from_numpy(np.array(picture)).permute(2, 0, 1).contiguous()  # [3, H, W]
    return Photo(pixels, full, tuple(notes), path)


class _Refused(Exception):
    # A reason that is ours, told as it is.
    pass


def _decode(path: Path, notes: list[str]):
    # The upright picture, perhaps reduced, and its full (height, width).
    from PIL import Image, UnidentifiedImageError

    Image.init()
    try:
        opened = Image.open(path, formats=[name for name in _FORMATS if name in Image.OPEN])
    except Image.DecompressionBombError:
        raise _Refused(
            f"more pixels than are read ({LARGEST // 10**6} million, {LARGEST_JPEG // 10**6} million of an ordinary "
            "JPEG); shrink it first"
        ) from None
    except UnidentifiedImageError:
        raise _Refused(_unknown(path)) from None
    with opened as picture:
        width, height = picture.size
        if width < 1 or height < 1:
            raise _Refused(f"{width} pixels wide and {height} high; nothing to see")
        # A progressive JPEG is kept whole in memory until its last pass, so it is no ordinary one.
        ordinary = picture.format in ("JPEG", "MPO") and not picture.info.get("progressive")
        limit = LARGEST_JPEG if ordinary else LARGEST
        if width * height > limit:
            raise _Refused(
                f"{width} x {height} pixels (width x height) where at most {limit // 10**6} million are read; "
                "shrink it first"
            )
        if picture.format in ("JPEG", "MPO") and path.stat().st_size < width * height // 512:
            # A block of 64 pixels takes at least one bit; the decoder would paint what is missing grey without a word.
            raise _Refused(f"its {path.stat().st_size} bytes cannot hold the {width} x {height} pixels that it claims")
        if any(";16" in str(tile) for tile in picture.tile):
            notes.append("its 16 bits a colour were reduced to 8")
        if picture.format in ("JPEG", "MPO"):
            factor = _factor(picture.size)
            picture.draft(None, (width // factor, height // factor))
        picture.load()
        orientation = _orientation(picture, notes)
        turned = picture.size != (width, height) and picture.size == (height, width)  # TIFF turns itself
        if orientation in _UPRIGHT:
            notes.append("turned upright as its EXIF orientation says")
            picture = picture.transpose(Image.Transpose[_UPRIGHT[orientation]])
            turned = orientation >= 5
        return picture, ((width, height) if turned else (height, width))


def _unknown(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC:
        return "a HEIC photo, which is not read here; export it as JPEG (phones do when they share a picture)"
    return "not a picture that is read here (JPEG, PNG, WebP, AVIF, TIFF, BMP, GIF)" if head else "an empty file"


def _factor(size: tuple[int, int]) -> int:
    return next((n for n in (1, 2, 4) if size[0] * size[1] <= REDUCED_ABOVE * n * n), 8)


def _orientation(picture, notes: list[str]) -> int:
    try:
        return picture.getexif().get(0x0112, 1)
    except Exception:  # noqa: BLE001 - metadata of any program, parsed by no strict reader; the picture itself is sound
        notes.append("its EXIF notes are damaged, so it was not turned")
        return 1


def _eight_bits(picture, notes: list[str]):
    # Pictures of one channel with more than 8 bits; those of three are reduced while they are decoded.
    from PIL import Image

    if picture.mode == "F":
        raise _Refused("floating-point values, whose white is not agreed on; save it with 8 or 16 bits")
    if not picture.mode.startswith("I"):
        return picture
    pixels = np.array(picture)
    if pixels.min() < 0 or pixels.max() > 65535:
        raise _Refused(f"grey values {pixels.min()}..{pixels.max()}; 0..65535 (16 bits) are read")
    if "its 16 bits a colour were reduced to 8" not in notes:
        notes.append("its 16 bits a colour were reduced to 8")
    return Image.fromarray((pixels >> 8).astype(np.uint8))


def _rgb(picture, notes: list[str]):
    from PIL import Image

    profile = picture.info.get("icc_profile")
    if picture.has_transparency_data:
        picture = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    elif picture.mode not in ("RGB", "CMYK", "L"):
        picture = picture.convert("RGB")
    if picture.mode == "CMYK":
        notes.append("its CMYK colours were turned into RGB")
    if profile:
        picture = _srgb(picture, profile, notes)
    if picture.mode == "RGBA" and picture.getextrema()[3] != (255, 255):
        notes.append("its transparent parts were laid over white")
        white = Image.new("RGB", picture.size, (255, 255, 255))
        white.paste(picture, mask=picture.getchannel("A"))
        return white
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _srgb(picture, profile: bytes, notes: list[str]):
    # Phones write Display P3, printers CMYK profiles: read as sRGB they would look pale or wrong.
    import io

    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = ImageCms.getProfileDescription(source).strip()
        if name.startswith("sRGB"):
            return picture
        target = "RGBA" if picture.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(
            picture, source, ImageCms.createProfile("sRGB"), outputMode=target
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        notes.append(f"its colour profile could not be used ({' '.join(str(error).split())[:80]})")
        return picture
    notes.append(f"its colours were converted from {name[:60]!r} to sRGB")
    return converted
