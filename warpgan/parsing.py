"""Parsings: maps of the 20 body-part and clothing labels, read, written, coloured, mirrored and made one-hot.

People have them as index pictures (grey value = label), palette pictures (SCHP) and colour pictures (LIP,
CIHP, SCHP). A reader that mistakes one for another ruins a training in silence, so a file is checked against
what it claims to be, and refused where two readings are possible. Explained in notebook 01.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from warpgan.files import atomic
from warpgan.labels import LABEL_COLOURS, LABEL_SWAPS, NUM_LABELS, VOC_COLOURS
from warpgan.png import GREY, SIGNATURE, check_png
from warpgan.reading import require_file

IGNORE = 255
"""The value that LIP and CIHP give to pixels that should not count."""
MOST_PIXELS = 1 << 25
"""Of a parsing: more than any camera's picture of a person, and small enough to be read on a laptop."""

_SWAPPED = {label: other for pair in LABEL_SWAPS for label, other in (pair, pair[::-1])}
_MIRRORED = [_SWAPPED.get(label, label) for label in range(NUM_LABELS)]
_TABLES = (LABEL_COLOURS, VOC_COLOURS)
_SIGNS = {b"GIF8": "GIF", b"BM": "BMP", b"RIFF": "WebP", b"II*\0": "TIFF", b"MM\0*": "TIFF"}
_GREYS = {round(0.299 * r + 0.587 * g + 0.114 * b) for table in _TABLES for r, g, b in table}


def read_parsing(
    path: str | Path, size: tuple[int, int] | None = None, *, ignore: bool = False,
    colours: Sequence[tuple[int, int, int]] | None = None, again: bool = False,
) -> Tensor:
    """Read a label map.

    Args:
        path: a PNG: one grey channel of labels, a palette whose indices are the labels, or RGB colours that
            all belong to one colour table.
        size: (height, width) of the picture it describes, if known.
        ignore: whether 255, "do not count this pixel", may occur in grey and palette pictures.
        colours: 20 (red, green, blue) of an RGB picture; None tries `labels.LABEL_COLOURS` and
            `labels.VOC_COLOURS`.
        again: this function has read the file before, and it has not changed since: then checksums, palette and
            labels are not looked at again, which takes as long as decoding it.

    Returns:
        [H, W] int64, labels 0..19 (and 255 where `ignore` allows it).

    Raises:
        ValueError: a label above 19, a colour of no table, a colour map stored as grey or as a palette in
            another order, another kind of picture, or another size than the picture's; names the file.
    """
    pixels, mode, palette = _open(path, again)
    if again and mode != "RGB":
        labels = pixels
    elif mode == "RGB":
        labels = _from_colours(pixels, path, (LABEL_COLOURS, VOC_COLOURS) if colours is None else (colours,))
    else:
        labels = _from_indices(pixels, palette, path, ignore)
    if size is not None and labels.shape != tuple(size):
        found, expected = (f"{width} wide and {height} high" for height, width in (labels.shape, size))
        raise ValueError(f"{path}: the parsing is {found}, its picture {expected}")
    return torch.from_numpy(labels.astype(np.int64))


def write_parsing(path: str | Path, parsing: Tensor) -> None:
    """Write a label map as a palette PNG: the indices are the labels, and it looks coloured when opened.

    Args:
        path: where to; ends in .png.
        parsing: [H, W], labels 0..19.
    """
    from PIL import Image

    if Path(path).suffix.lower() != ".png":
        raise ValueError(f"{path}: a parsing is written as .png, which changes no label")
    if parsing.ndim != 2:
        raise ValueError(f"a parsing to write is [H, W], got {list(parsing.shape)}")
    _check(parsing)
    picture = Image.fromarray(parsing.cpu().numpy().astype(np.uint8)).convert("L")
    picture.putpalette([channel for colour in LABEL_COLOURS for channel in colour])
    with atomic(path) as part:
        picture.save(part)


def one_hot(parsing: Tensor) -> Tensor:
    """Give each label its own channel.

    Args:
        parsing: [B, H, W] integers 0..19.

    Returns:
        [B, 20, H, W] float32, 1 in the channel of the pixel's label and 0 elsewhere, on the same device.

    Raises:
        ValueError: another shape, or a label outside 0..19.
    """
    if parsing.ndim != 3:
        raise ValueError(f"one_hot takes a batch of parsings [B, H, W], got {list(parsing.shape)}")
    _check(parsing)
    batch, height, width = parsing.shape
    channels = torch.zeros(batch, NUM_LABELS, height, width, device=parsing.device)
    return channels.scatter_(1, parsing[:, None].long(), 1.0)


def mirror(parsing: Tensor) -> Tensor:
    """Mirror parsings as the picture is mirrored: columns turned round, left and right labels exchanged.

    Args:
        parsing: [..., H, W], labels 0..19.

    Returns:
        [..., H, W].
    """
    _check(parsing)
    table = torch.tensor(_MIRRORED, device=parsing.device, dtype=parsing.dtype)
    return table[parsing.flip(-1).long()]


def colourise(parsing: Tensor) -> Tensor:
    """Paint each label in its colour (`labels.LABEL_COLOURS`).

    Args:
        parsing: [..., H, W], labels 0..19.

    Returns:
        [..., H, W, 3] uint8, red, green, blue.
    """
    _check(parsing)
    return torch.tensor(LABEL_COLOURS, device=parsing.device, dtype=torch.uint8)[parsing.long()]


def _check(parsing: Tensor) -> None:
    if parsing.is_floating_point() or parsing.dtype == torch.bool:
        raise ValueError(f"a parsing holds integers, got {parsing.dtype}")
    low, high = torch.stack(parsing.aminmax()).tolist() if parsing.numel() else (0, 0)  # one wait for the GPU
    if low < 0 or high >= NUM_LABELS:
        raise ValueError(f"labels are 0..{NUM_LABELS - 1}, this parsing holds {low}..{high}")


def _open(path: str | Path, again: bool) -> tuple[np.ndarray, str, np.ndarray | None]:
    # Pixels, mode (L, P or RGB) and, for P, the palette's colours [n, 3].
    from PIL import Image

    with open(require_file(path), "rb") as file:
        depth, kind = _depth_and_kind(path, file.read(26), again)
        file.seek(0)
        try:
            with Image.open(file, formats=["PNG"]) as picture:
                mode = picture.mode
                if mode == "RGBA" and picture.getextrema()[3] == (255, 255):
                    picture, mode = picture.convert("RGB"), "RGB"
                pixels = np.asarray(picture)
                palette = np.array(picture.getpalette("RGB")).reshape(-1, 3) if mode == "P" and not again else None
        except Exception as error:  # noqa: BLE001 - of a damaged picture: OSError, SyntaxError, ValueError, struct.error, ...
            raise ValueError(f"{path}: the picture is damaged ({error})") from None
    if mode not in ("L", "P", "RGB"):
        raise ValueError(f"{path}: picture mode {mode}; a parsing is 8-bit grey, palette or RGB")
    if mode == "L" and kind == GREY and depth < 8:
        # Pillow spreads 2 and 4 bits over the greys; labels are not greys.
        pixels = pixels // (255 // (2**depth - 1))
    return pixels, mode, palette


def _depth_and_kind(path: str | Path, start: bytes, again: bool) -> tuple[int, int]:
    if start.startswith(b"\xff\xd8\xff"):
        raise ValueError(f"{path}: a JPEG, whose compression changes labels; a parsing is a PNG")
    if not start.startswith(SIGNATURE):
        other = next((name for sign, name in _SIGNS.items() if start.startswith(sign)), None)
        raise ValueError(f"{path}: " + (f"a {other} picture; a parsing is a PNG" if other else "not a picture"))
    depth, kind = start[24:] if again else check_png(path, MOST_PIXELS)[2:]
    if depth == 16:
        raise ValueError(f"{path}: 16 bits a channel; a parsing has 8")
    return depth, kind


def _from_indices(pixels: np.ndarray, palette: np.ndarray | None, path, ignore: bool) -> np.ndarray:
    from PIL import Image

    used = np.flatnonzero(Image.fromarray(pixels).histogram())  # a seventh of the time of np.unique
    if used[-1] == IGNORE and not ignore:
        raise ValueError(f"{path}: holds {IGNORE} (pixels to ignore); pass ignore=True if it may")
    counted = used[used != IGNORE].tolist()
    if palette is not None and counted and counted[-1] < len(palette):
        _check_palette([tuple(palette[i].tolist()) for i in counted], counted, path)
    if counted and counted[-1] >= NUM_LABELS:
        hint = "; it looks like a colour map turned into grey" if set(counted) <= _GREYS else ""
        raise ValueError(f"{path}: label {counted[-1]} where labels are 0..{NUM_LABELS - 1}{hint}")
    return pixels


def _check_palette(shown: list[tuple[int, ...]], indices: list[int], path) -> None:
    # Programs that shrink PNGs pack an RGB or grey picture into a palette of just the values that occur, and
    # then the indices mean nothing. A palette in the order of a colour table, or of free colours, is honest.
    if any(shown == [table[i] for i in indices if i < NUM_LABELS] for table in _TABLES):
        return
    if any(set(shown) <= set(table) for table in _TABLES):
        raise ValueError(
            f"{path}: a colour map packed into a palette whose order is not the labels'; save it as RGB"
        )
    greys = [red for red, green, blue in shown if red == green == blue < NUM_LABELS]
    if len(greys) == len(shown) and greys != indices:
        raise ValueError(
            f"{path}: a grey label map packed into a palette whose order is not the labels'; save it as grey"
        )


def _from_colours(pixels: np.ndarray, path, tables) -> np.ndarray:
    # In strips of 256 rows: codes of all pixels of a large picture would need many times its memory.
    strips = [slice(top, top + 256) for top in range(0, len(pixels), 256)]
    used = sorted(set().union(*(np.unique(_codes(pixels[strip])).tolist() for strip in strips)))
    readings = []
    for table in tables:
        known = {r * 65536 + g * 256 + b: label for label, (r, g, b) in enumerate(table)}
        if all(code in known for code in used):
            readings.append([known[code] for code in used])
    if not readings:
        known = [r * 65536 + g * 256 + b for r, g, b in tables[0]]
        strip = next(strip for strip in strips if not np.isin(_codes(pixels[strip]), known).all())
        y, x = np.argwhere(~np.isin(_codes(pixels[strip]), known))[0].tolist()
        y += strip.start
        colour = tuple(pixels[y, x].tolist())
        hint = "labels written as greys belong into one channel" if len(set(colour)) == 1 else (
            "an RGB parsing has only colours of one table (LABEL_COLOURS, VOC_COLOURS or colours=)"
        )
        raise ValueError(f"{path}: colour {colour} at x {x}, y {y} stands for no label; {hint}")
    if any(reading != readings[0] for reading in readings):
        raise ValueError(f"{path}: its few colours are in both tables with different labels; pass colours=")
    labels = np.array(readings[0], np.uint8)
    return np.concatenate([labels[np.searchsorted(used, _codes(pixels[strip]))] for strip in strips])


def _codes(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.int32) @ np.array((65536, 256, 1), np.int32)
