"""A drawn page as files: an SVG that carries its text alternative, and a PNG with few colours.

Letters are outlines, so that they look alike everywhere; nothing in a file tells when or by which release it was made.
"""

import base64
import re
from collections.abc import Sequence
from io import BytesIO, StringIO
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image

from figures.sketch import CONDITION, FINE, INCH, INK, MAP, TARGET, Page, styled

# White, ink and the colours with a meaning.
KEPT = [tuple(round(255 * part) for part in to_rgb(name)) for name in ("white", INK, CONDITION, TARGET, MAP)]


def save(page: Page, stem: Path, alternative: str) -> None:
    """Write a page as `stem.svg` and `stem.png`.

    Args:
        page: as drawn.
        stem: path without its ending; the folder is there.
        alternative: what a sighted reader learns from the page.
    """
    with styled():
        drawn, text = BytesIO(), StringIO()
        page.figure.savefig(drawn, format="png", dpi=FINE * INCH)
        page.figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    stem.with_suffix(".svg").write_text(_described(text.getvalue(), stem.name, alternative), encoding="utf-8")
    drawn.seek(0)
    few_colours(Image.open(drawn).convert("RGB"), KEPT, 200).save(stem.with_suffix(".png"), optimize=True)


def _described(svg: str, name: str, alternative: str) -> str:
    # A screen reader finds the words where the picture is, and a search finds them in the file.
    start = svg.index("<svg ")
    end = svg.index(">", start) + 1
    opening = svg[start : end - 1] + f' role="img" aria-labelledby="{name}-alternative">'
    body = "\n".join(line.rstrip() for line in svg[end:].splitlines())
    body = re.sub(r"\d+\.\d{3,}", lambda found: _rounded(float(found[0])), body)
    body = re.sub(r'(?<=image/png;base64,)[^"]*', lambda found: _small(found[0]), body)
    return f'{svg[:start]}{opening}\n <desc id="{name}-alternative">{escape(alternative)}</desc>{body}\n'


def _rounded(number: float) -> str:
    # Numbers below 1 are the scales of letters, too.
    return f"{number:.{2 if number > 1 else 3}f}"


def _small(encoded: str, colours: int = 96) -> str:
    # A small picture in fewer bytes, with a palette of its own.
    picture, packed = Image.open(BytesIO(base64.b64decode(encoded))).convert("RGB"), BytesIO()
    few = picture.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(packed, "PNG", optimize=True)
    return base64.b64encode(packed.getvalue()).decode()


def few_colours(picture: Image.Image, kept: Sequence[tuple[int, int, int]], colours: int) -> Image.Image:
    """Give a picture a palette.

    Args:
        picture: in red, green and blue.
        kept: colours that stay exactly what they are.
        colours: of the palette, with these.
    """
    pixels, free = np.asarray(picture), colours - len(kept)
    few = picture.quantize(free, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    index = np.array(few)
    for number, colour in enumerate(kept):
        index[(pixels == colour).all(axis=-1)] = free + number
    result = Image.fromarray(index, "P")
    palette = [*few.getpalette(), *[0] * (3 * free)][: 3 * free]
    result.putpalette(palette + [part for colour in kept for part in colour])
    return result
