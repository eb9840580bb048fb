"""An animation shows every picture, in its colours and its place, and stays small."""

import base64
import io

import clean
import numpy as np
import pytest
from PIL import Image

from warpgan import plots


def played(png):
    """The pictures of a PNG as colours, and its loop and duration."""
    picture, frames = Image.open(io.BytesIO(png)), []
    for number in range(getattr(picture, "n_frames", 1)):
        picture.seek(number)
        frames.append(np.array(picture.convert("RGB")).astype(int))
    return np.stack(frames), picture.info.get("loop"), picture.info.get("duration")


def test_an_animation_plays_every_sheet_in_its_place(tmp_path):
    still = plots.checker((20, 12))
    frames = [[[still, np.full((20, 12, 3), 40 * number, np.uint8)]] for number in range(5)]
    moving = plots.animation(frames, ["row"], column_titles=["still", "moving"], scale=3, duration=80, loop=2)
    assert repr(moving) == "<animation of 5 pictures>" and len(moving) == 5
    moving.save(tmp_path / "moving.png")
    pictures, loop, duration = played((tmp_path / "moving.png").read_bytes())
    assert (loop, duration) == (2, 80) and len(pictures) == 5
    for shown, rows in zip(pictures, frames):
        wanted = np.array(plots.sheet(rows, ["row"], column_titles=["still", "moving"], scale=3)).astype(int)
        assert shown.shape == wanted.shape and np.abs(shown - wanted).mean() < 3
    moved = (pictures[1:] != pictures[:1]).any(axis=(0, 1, 3)).nonzero()[0]
    assert len(moved) == 36 and moved.max() - moved.min() == 35  # the still tile does not shimmer


def test_a_clip_of_the_usual_size_is_a_small_file():
    generator = np.random.default_rng(0)
    y, x = np.mgrid[:128, :64]
    frames = []
    for number in range(12):  # a patterned figure before a quiet ground, four times
        tile = np.repeat((220 - 0.2 * y)[..., None], 3, -1).astype(np.uint8)
        inside = ((x - 32 - number) / 14) ** 2 + ((y - 64) / 55) ** 2 < 1
        tile[inside] = generator.normal((150, 90, 60), 14, (inside.sum(), 3)).clip(0, 255)
        frames.append([[tile] * 4])
    assert len(plots.animation(frames)._repr_png_()) < 300_000


def test_what_cannot_move_is_told():
    pictures = [Image.new("RGB", (4, 3)), Image.new("RGB", (5, 3))]
    with pytest.raises(ValueError, match=r"pictures of one size, found 4x3, 5x3 \(width x height\)"):
        plots.Animation(pictures)
    with pytest.raises(ValueError, match="of one size, found none"):
        plots.animation([])
    with pytest.raises(ValueError, match="duration must be a whole number from 1 to 65535, found 0"):
        plots.Animation(pictures[:1], duration=0)
    with pytest.raises(ValueError, match="loop must be .* found 1.5"):
        plots.Animation(pictures[:1], loop=1.5)


def test_an_animation_in_a_notebook_is_a_picture_that_moves(write_notebook):
    source = ("from PIL import Image\nfrom warpgan import plots\n"
              "plots.Animation([Image.new('RGB', (300, 200), colour) for colour in ('red', 'blue')])")
    path = write_notebook("moving", ("", source))
    notebook = clean.clean(clean.execute(path))
    (output,) = notebook.cells[0].outputs
    assert output.data["text/plain"] == "<animation of 2 pictures>"
    assert len(played(base64.b64decode(output.data["image/png"]))[0]) == 2
