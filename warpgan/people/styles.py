"""Styles: how a rendered person is framed, lit and photographed, as named presets.

"plain" shows the whole person before a quiet ground. "deepfashion" is a bright studio framed as the In-shop pictures
are; "market" is a surveillance camera. A style changes the picture alone: labels, joints and correspondences belong to
the ray through the pixel's centre and never pass through `finish`. Taught in notebook 01.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from warpgan.arguments import choose
from warpgan.people import framing, grounds, street

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Light: TypeAlias = "tuple[np.ndarray, ArrayLike, ArrayLike, float]"
"""What `Style.light` gives."""

LIGHT = np.array([-0.45, -0.75, 0.5]) / np.linalg.norm([-0.45, -0.75, 0.5])
GRAIN = np.array([[0.9, 0.9, 0.9], [0.4, -0.1, -0.5]], np.float32)  # brightness, and a little colour


@dataclass(frozen=True)
class Style:
    """One preset. Every function draws from the rng in a fixed order; the same rng state gives the same result.

    Attributes:
        frame: (points [N, 3], joints [18, 3], size, rng) -> `Camera`; posed points and joints in metres.
        light: (rng) -> direction [3] (unit, towards the light), ambient, diffuse (each a float or [3]), and the share
            0..1 of the diffuse light that the person's own shadow takes away.
        ground: (size, rng, camera, points) -> [H, W, 3] float32 in 0..1, what lies behind the person.
        finish: (image [H, W, 3] uint8, rng) -> [H, W, 3] uint8, what lens, sensor and file do to the picture.
    """

    name: str
    frame: Callable
    light: Callable
    ground: Callable
    finish: Callable


def _towards(azimuth, elevation):
    # Degrees; azimuth 0 is behind the camera, positive to the picture's right.
    azimuth, elevation = np.radians(azimuth), np.radians(elevation)
    return np.array([np.sin(azimuth) * np.cos(elevation), -np.cos(azimuth) * np.cos(elevation), np.sin(elevation)])


def soft_light(_rng: np.random.Generator) -> Light:
    """The same soft light for everybody."""
    return LIGHT, 0.64, 0.40, 0.0


def studio_light(rng: np.random.Generator) -> Light:
    """Large lamps from the front: high ambient light, little shade, hardly a tint."""
    direction = _towards(rng.uniform(-55, 55), rng.uniform(15, 55))
    diffuse, bright = rng.uniform(0.20, 0.36), rng.uniform(0.98, 1.08)
    tint = 1.0 + 0.012 * np.clip(rng.standard_normal(3), -2, 2)
    return direction, (bright - 0.8 * diffuse) * tint, diffuse * tint, rng.uniform(0.2, 0.6)


def street_light(rng: np.random.Generator) -> Light:
    """Sun or an overcast sky, from any side, with the sky's tint in the shade and a varied exposure."""
    sunny, azimuth, elevation = rng.random() < 0.5, rng.uniform(-180, 180), rng.uniform(25, 70)
    share, exposure, warmth = rng.random(), rng.uniform(0.62, 1.05), rng.uniform(-1.0, 1.0)
    diffuse = 0.60 + 0.35 * share if sunny else 0.15 + 0.2 * share
    ambient = 0.50 - 0.15 * share if sunny else 0.78 - 0.15 * share
    sky = np.array([0.96, 1.0, 1.05]) if sunny else np.array([0.99, 1.0, 1.01])
    sun = np.array([1.04, 1.0, 0.92]) if sunny else np.ones(3)
    cast = 1.0 + 0.05 * warmth * np.array([1.0, 0.0, -1.0])
    direction, shadow = _towards(azimuth, elevation), 0.9 if sunny else 0.4
    return direction, exposure * ambient * sky * cast, exposure * diffuse * sun * cast, shadow


def untouched(image: np.ndarray, _rng: np.random.Generator) -> np.ndarray:
    """The picture as it was rendered."""
    return image


def _saved(picture, quality):
    # What a JPEG file of this quality leaves of the picture.
    from PIL import Image

    file = BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def studio_finish(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A sharpened picture from a shop's site: fine grain and JPEG of quality 75 to 92.

    Args:
        image: [H, W, 3] uint8.
        rng: numpy random generator.
    """
    from PIL import Image, ImageFilter

    soft, sharp, quality = rng.uniform(0.25, 0.5), int(rng.integers(20, 70)), int(rng.integers(75, 93))
    scale = image.shape[0] / 256
    picture = Image.fromarray(image).filter(ImageFilter.GaussianBlur(soft * scale))
    picture = picture.filter(ImageFilter.UnsharpMask(1.2 * scale, sharp, 0))
    return np.asarray(_saved(picture, quality))


def street_finish(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A surveillance camera: video of low resolution, blur, contrast, noise, blocks, then a box stored as JPEG.

    Args:
        image: [H, W, 3] uint8.
        rng: numpy random generator.
    """
    from PIL import Image, ImageFilter

    height, width = image.shape[:2]
    shrink, blur, length = rng.uniform(0.6, 1.0), rng.uniform(0.1, 0.6), rng.random()
    noise, contrast, bright = rng.uniform(0.5, 3.5), rng.uniform(0.75, 1.4), rng.uniform(70, 125)
    lift = rng.uniform(0, 30)
    video, sharp, stored = int(rng.integers(38, 82)), int(rng.integers(20, 125)), int(rng.integers(70, 90))
    small = max(round(height * shrink), 1), max(round(width * shrink), 1)
    picture = Image.fromarray(image)
    if length > 0.65:  # a step during the exposure: sideways, symmetric about every pixel
        picture = _smear(picture, (length - 0.65) / 0.35 * 2.2 * height / 128)
    picture = picture.resize(small[::-1], Image.Resampling.HAMMING)
    picture = picture.filter(ImageFilter.GaussianBlur(blur * height / 128))
    values = np.asarray(picture, np.float32)
    grain = rng.standard_normal((*small, 2), dtype=np.float32) @ GRAIN
    # The camera sets its exposure by the mean, though not all the way; contrast turns about the new mean.
    mean = max(float(values.mean()), 1.0)
    values *= np.float32((bright / mean) ** 0.7)
    mean *= (bright / mean) ** 0.7
    values = _film(mean + contrast * (values - mean), lift) + noise * grain
    picture = _saved(Image.fromarray(np.clip(np.round(values), 0, 255).astype(np.uint8)), video)
    picture = picture.resize((width, height), Image.Resampling.BICUBIC)
    picture = picture.filter(ImageFilter.UnsharpMask(1.0 * height / 128, sharp, 0))
    return np.asarray(_saved(picture, stored))


def _film(values, lift):
    # Blacks are lifted and whites bend over instead of breaking off, as in a video signal; 0..255.
    values = np.clip(values, 0, 340) / 255
    bent = np.where(values > 0.75, 0.75 + 0.25 * np.tanh((values - 0.75) / 0.25), values)
    return lift + (255 - lift) * bent


def _smear(picture, reach):
    # Mean of the picture moved by -reach..reach pixels sideways.
    from PIL import Image

    values = np.pad(np.asarray(picture, np.float32), ((0, 0), (3 * int(reach + 1),) * 2, (0, 0)), mode="edge")
    width, pad = picture.width, 3 * int(reach + 1)
    total = np.zeros((picture.height, width, 3), np.float32)
    steps = 5
    for step in np.linspace(-reach, reach, steps):
        whole_step = int(np.floor(step))
        part = np.float32(step - whole_step)
        start = pad + whole_step
        total += (1 - part) * values[:, start:start + width] + part * values[:, start + 1:start + 1 + width]
    return Image.fromarray(np.round(total / steps).astype(np.uint8))


STYLES = {
    "plain": Style("plain", framing.whole, soft_light, grounds.quiet, untouched),
    "deepfashion": Style("deepfashion", framing.studio, studio_light, grounds.studio, studio_finish),
    "market": Style("market", framing.detected, street_light, street.street, street_finish),
}


def style(name: str) -> Style:
    """The preset called `name`.

    Raises:
        ValueError: no preset has this name.
    """
    return STYLES[choose("style", name, STYLES)]
