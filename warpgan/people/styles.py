"""Styles: how a rendered person is framed, lit and photographed, as named presets.

"plain" shows the whole person before a quiet ground. "deepfashion" is a bright studio framed as the In-shop pictures
are; "market" is a surveillance camera. A style changes the picture alone: labels, joints and correspondences belong to
the ray through the pixel's centre and never pass through `finish`. Taught in notebook 01.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np

from . import grounds, street
from .camera import DISTANCE, Camera

LIGHT = np.array([-0.45, -0.75, 0.5]) / np.linalg.norm([-0.45, -0.75, 0.5])

# Shares of the frames. Among 434 annotated sample rows of the In-shop test set (256 x 256), 29 % show an ankle, 16 % a
# knee but no ankle, and 54 % end between hip and knee; details of the lower body are few and carry no joints there.
FRAMES = {"full": 0.30, "three-quarter": 0.17, "upper": 0.50, "lower": 0.03}
# Rows of two joints in those pictures as fractions of the height, (mean, deviation): neck and hips, for "lower" hips
# and ankles; for "full" the first and the last row of the person.
ROWS = {"full": ((0.045, 0.012), (0.957, 0.012)), "three-quarter": ((0.281, 0.024), (0.680, 0.035)),
        "upper": ((0.305, 0.030), (0.785, 0.045)), "lower": ((0.16, 0.04), (0.90, 0.02))}


@dataclass(frozen=True)
class Style:
    """One preset. Every function draws from the rng in a fixed order; the same rng state gives the same result.

    Attributes:
        frame: (points [N, 3], joints [18, 3], size, rng) -> `Camera`; posed points and joints in metres.
        light: (rng) -> direction [3] (unit, towards the light), ambient, diffuse (each a float or [3]).
        ground: (size, rng, camera, points) -> [H, W, 3] float32 in 0..1, what lies behind the person.
        finish: (image [H, W, 3] uint8, rng) -> [H, W, 3] uint8, what lens, sensor and file do to the picture.
    """

    name: str
    frame: Callable
    light: Callable
    ground: Callable
    finish: Callable


def _loose(points):
    # Camera coordinates at focal length 1, y down.
    return Camera((1, 1), 1.0, (0.0, 0.0)).project(points)


def whole(points, joints, size, rng):
    """A camera that sees all of the posed points, at a random scale and place.

    Args:
        points: [N, 3] posed vertices, metres. joints: unused. size: (height, width) in pixels. rng: numpy generator.
    """
    height, width = size
    loose = _loose(points)
    low, high = loose.min(0), loose.max(0)
    limit = np.array([width, height]) * 0.97 - 1.0
    # Nobody fills the picture by spreading the arms alone: the scale is bounded by the height first.
    focal = np.maximum(limit, 1.0) / np.maximum(high - low, 1e-6)
    focal = min(focal[0], focal[1]) * rng.uniform(0.88, 1.0)
    spare = np.maximum(np.array([width, height]) - 1.0 - focal * (high - low), 0.0)
    start = spare * (0.5 + rng.uniform(-0.38, 0.38, 2))
    return Camera(size, focal, start - focal * low)


def studio_frame(points, joints, size, rng):
    """A camera framed as the In-shop pictures are: one of `FRAMES`, with the rows of `ROWS`."""
    height, width = size
    kind = tuple(FRAMES)[int(np.searchsorted(np.cumsum(list(FRAMES.values())), rng.random(), side="right"))]
    shift, *wanted = np.clip(rng.standard_normal(3), -2.0, 2.0)
    rows = [(mean + deviation * z) * height for (mean, deviation), z in zip(ROWS[kind], wanted, strict=True)]
    loose, places = _loose(points), _loose(joints)
    hips, axis = places[[8, 11]].mean(0), 0.5 * (places[1, 0] + places[[8, 11], 0].mean())
    ends = {"full": (loose[:, 1].min(), loose[:, 1].max()), "lower": (hips[1], places[[10, 13], 1].max())}
    first, last = ends.get(kind, (places[1, 1], hips[1]))
    # A person who bends over has a short trunk in the picture: the shown length is at least 70 % of the true one.
    true = np.linalg.norm(joints[1] - joints[[8, 11]].mean(0)) / DISTANCE
    focal = (rows[1] - rows[0]) / max(last - first, 0.7 * true)
    if kind == "full":
        low, high = loose.min(0), loose.max(0)
        axis, widest = 0.5 * (low[0] + high[0]), 0.96 * width
    else:  # a crop may cut a hand that reaches out
        seen = loose[(loose[:, 1] > first - 0.06) & (loose[:, 1] < last + 0.03)]
        low, high = (seen if len(seen) else loose).min(0), (seen if len(seen) else loose).max(0)
        axis, widest = 0.5 * axis + 0.25 * (low[0] + high[0]), 1.06 * width
    narrow = widest / max(high[0] - low[0], 1e-6)
    if focal > narrow:  # keep the upper anchor, unless the whole person is to be seen: then the middle
        rows[0] += 0.5 * (kind == "full") * (rows[1] - rows[0]) * (1 - narrow / focal)
        focal = narrow
    top = rows[0] - focal * first
    if kind in ("three-quarter", "upper"):  # the head stays in the picture
        head = loose[np.abs(loose[:, 0] - places[0, 0]) < 0.03]
        above = (head if len(head) else loose)[:, 1].min()
        top = max(top, 0.005 * height - focal * max(above, places[0, 1] - 0.055))
    room = 0.5 * (width - 1 - focal * (high[0] - low[0]))
    aside = np.clip(0.022 * height * shift, -max(room, 0.0), max(room, 0.0))
    return Camera(size, focal, (0.5 * (width - 1) + aside - focal * axis, top))


def detected_frame(points, joints, size, rng):
    """A camera framed by a loose detector: off-centre, feet or head cut now and then."""
    height, width = size
    first, last = rng.uniform(0.01, 0.075), rng.uniform(0.91, 0.99)
    cut_feet, cut_head, feet, head = rng.random(), rng.random(), rng.uniform(1.0, 1.22), rng.uniform(-0.07, 0.0)
    last, first = (feet if cut_feet < 0.12 else last), (head if cut_head < 0.07 else first)
    aside = np.clip(rng.standard_normal(), -2.0, 2.0) * 0.055 * width
    loose = _loose(points)
    low, high = loose.min(0), loose.max(0)
    focal = (last - first) * height / max(high[1] - low[1], 1e-6)
    narrow = 1.05 * width / max(high[0] - low[0], 1e-6)
    middle = 0.5 * (first + last) * height if focal > narrow else None
    focal = min(focal, narrow)
    top = first * height - focal * low[1] if middle is None else middle - focal * 0.5 * (low[1] + high[1])
    room = max(0.5 * (1.12 * width - focal * (high[0] - low[0])), 0.0)
    across = 0.5 * (width - 1) + np.clip(aside, -room, room) - focal * 0.5 * (low[0] + high[0])
    return Camera(size, focal, (across, top))


def _towards(azimuth, elevation):
    # Degrees; azimuth 0 is behind the camera, positive to the picture's right.
    azimuth, elevation = np.radians(azimuth), np.radians(elevation)
    return np.array([np.sin(azimuth) * np.cos(elevation), -np.cos(azimuth) * np.cos(elevation), np.sin(elevation)])


def soft_light(rng):
    """The same soft light for everybody."""
    return LIGHT, 0.64, 0.40


def studio_light(rng):
    """Large lamps from the front: high ambient light, little shade, hardly a tint."""
    direction = _towards(rng.uniform(-55, 55), rng.uniform(15, 55))
    diffuse, bright = rng.uniform(0.20, 0.36), rng.uniform(0.98, 1.08)
    tint = 1.0 + 0.012 * np.clip(rng.standard_normal(3), -2, 2)
    return direction, (bright - 0.8 * diffuse) * tint, diffuse * tint


def street_light(rng):
    """Sun or an overcast sky, from any side, with the sky's tint in the shade and a varied exposure."""
    sunny, azimuth, elevation = rng.random() < 0.5, rng.uniform(-180, 180), rng.uniform(25, 70)
    share, exposure, warmth = rng.random(), rng.uniform(0.62, 1.05), rng.uniform(-1.0, 1.0)
    diffuse = 0.60 + 0.35 * share if sunny else 0.15 + 0.2 * share
    ambient = 0.50 - 0.15 * share if sunny else 0.78 - 0.15 * share
    sky = np.array([0.96, 1.0, 1.05]) if sunny else np.array([0.99, 1.0, 1.01])
    sun = np.array([1.04, 1.0, 0.92]) if sunny else np.ones(3)
    cast = 1.0 + 0.05 * warmth * np.array([1.0, 0.0, -1.0])
    return _towards(azimuth, elevation), exposure * ambient * sky * cast, exposure * diffuse * sun * cast


def untouched(image, rng):
    """The picture as it was rendered."""
    return image


def _saved(picture, quality):
    # What a JPEG file of this quality leaves of the picture.
    from PIL import Image

    file = BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def studio_finish(image, rng):
    """A sharpened picture from a shop's site: fine grain and JPEG of quality 75 to 92."""
    from PIL import Image, ImageFilter

    soft, sharp, quality = rng.uniform(0.25, 0.5), int(rng.integers(20, 70)), int(rng.integers(75, 93))
    scale = image.shape[0] / 256
    picture = Image.fromarray(image).filter(ImageFilter.GaussianBlur(soft * scale))
    picture = picture.filter(ImageFilter.UnsharpMask(1.2 * scale, sharp, 0))
    return np.asarray(_saved(picture, quality))


def street_finish(image, rng):
    """A surveillance camera: video of low resolution, blur, contrast, noise, blocks, then a box stored as JPEG."""
    from PIL import Image, ImageFilter

    height, width = image.shape[:2]
    shrink, blur, length = rng.uniform(0.55, 1.0), rng.uniform(0.25, 0.75), rng.random()
    noise, contrast = rng.uniform(1.0, 5.0), rng.uniform(0.68, 1.08)
    lift, gamma = rng.uniform(0, 34), rng.uniform(0.85, 1.2)
    video, sharp, stored = int(rng.integers(38, 82)), int(rng.integers(0, 130)), int(rng.integers(70, 90))
    small = max(round(height * shrink), 1), max(round(width * shrink), 1)
    picture = Image.fromarray(image)
    if length > 0.65:  # a step during the exposure: sideways, symmetric about every pixel
        picture = _smear(picture, (length - 0.65) / 0.35 * 2.2 * height / 128)
    picture = picture.resize(small[::-1], Image.Resampling.BOX if shrink > 0.999 else Image.Resampling.HAMMING)
    picture = picture.filter(ImageFilter.GaussianBlur(blur * height / 128))
    values = np.asarray(picture, np.float32) / 255
    grain = rng.standard_normal((*small, 1), np.float32) * 0.8 + rng.standard_normal((*small, 3), np.float32) * 0.5
    values = lift + contrast * (255 - lift) * values ** np.float32(gamma) + noise * grain
    picture = _saved(Image.fromarray(np.clip(np.round(values), 0, 255).astype(np.uint8)), video)
    picture = picture.resize((width, height), Image.Resampling.BICUBIC)
    picture = picture.filter(ImageFilter.UnsharpMask(1.0 * height / 128, sharp, 0))
    return np.asarray(_saved(picture, stored))


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
    "plain": Style("plain", whole, soft_light, grounds.quiet, untouched),
    "deepfashion": Style("deepfashion", studio_frame, studio_light, grounds.studio, studio_finish),
    "market": Style("market", detected_frame, street_light, street.street, street_finish),
}


def style(name):
    """The preset called `name`.

    Raises:
        ValueError: no preset has this name.
    """
    if name not in STYLES:
        raise ValueError(f"style: expected one of {', '.join(STYLES)}, found {name!r}")
    return STYLES[name]
