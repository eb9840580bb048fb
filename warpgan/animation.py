"""Pictures one after another as an animated PNG, which notebooks, their previews and browsers play as they do a still.

Made by `plots.animation`; notebook 00 shows one.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from warpgan.arguments import whole_number


class Animation:
    """Pictures of one size, one after another: an animated PNG that a notebook plays.

    Viewers that know no animated PNG show the first one. All of them share one palette of 256 colours, so that what
    stands still does not shimmer, and only the rectangle that changes is stored.

    Args:
        pictures: Pillow images, as `sheet` gives them. duration, loop: as for `animation`.
    """

    def __init__(self, pictures: Sequence, *, duration: int = 100, loop: int = 0):
        sizes = {picture.size for picture in pictures}
        if len(sizes) != 1:
            found = ", ".join(f"{width}x{height}" for width, height in sorted(sizes)) or "none"
            raise ValueError(f"an animation needs pictures of one size, found {found} (width x height)")
        self.pictures = list(pictures)
        self.duration, self.loop = whole_number("duration", duration, 1, 65535), whole_number("loop", loop, 0, 65535)

    def __len__(self) -> int:
        return len(self.pictures)

    def __repr__(self) -> str:
        return f"<animation of {len(self)} pictures>"

    def _repr_png_(self) -> bytes:
        from PIL import Image

        width, height = self.pictures[0].size
        tall = Image.new("RGB", (width, height * len(self)))
        for number, picture in enumerate(self.pictures):
            tall.paste(picture, (0, number * height))
        few = tall.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        first, *others = (few.crop((0, y, width, y + height)) for y in range(0, tall.height, height))
        buffer = BytesIO()
        first.save(buffer, "PNG", save_all=True, append_images=others, duration=self.duration, loop=self.loop,
                   optimize=True)
        return buffer.getvalue()

    def save(self, path: str | Path) -> None:
        """Write the animated PNG."""
        Path(path).write_bytes(self._repr_png_())
