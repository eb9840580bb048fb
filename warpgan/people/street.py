"""The ground of the style "market": a made-up street, painted in layers at the resolution of a surveillance camera.

Far to near: a wall (panels, windows, hedge, bricks or dark glass), a floor (tiles, asphalt, grass or steps), things
that stand on it (bicycles, passers-by, poles, cars), patches of shade, and the person's own shadow. It is called as
every ground of `grounds` is: (size, rng, camera, points).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from warpgan.people.camera import DISTANCE
from warpgan.people.grounds import blurred, contact, fallen, low, noise, resized

if TYPE_CHECKING:
    from warpgan.people.camera import Camera

ROWS = 128  # rows at which a street is painted; it is out of focus anyhow
FINE = 2  # shapes are drawn this much finer, then reduced


def _grey(rng, low_value, high_value, tint=0.03):
    # A nearly grey colour [3] in 0..1.
    warmth, green, blue = tint * np.clip(rng.standard_normal(3), -2, 2)
    return rng.uniform(low_value, high_value) * (1 + np.array([warmth, 0.3 * green, 0.4 * blue - warmth]))


def _ink(colour):
    return tuple(int(v) for v in np.clip(np.asarray(colour) * 255, 0, 255))


def _wall(pen, box, rng):
    # box: (width, height) of the wall, which fills the picture from the top.
    width, height = box
    kind = rng.choice(["panels", "windows", "hedge", "bricks", "plain"], p=[0.3, 0.2, 0.22, 0.1, 0.18])
    base = _grey(rng, 0.18, 0.75, 0.06)
    if kind == "hedge":
        base = rng.uniform(0.12, 0.42) * np.array([rng.uniform(0.7, 1.0), 1.0, rng.uniform(0.45, 0.75)])
    if kind == "bricks":
        base = rng.uniform(0.3, 0.55) * np.array([1.0, rng.uniform(0.6, 0.8), rng.uniform(0.5, 0.7)])
    pen.rectangle((0, 0, width, height), fill=_ink(base))
    if kind == "panels":
        x, dark = -rng.uniform(0, 30), base * rng.uniform(0.45, 0.8)
        while x < width:
            step = rng.uniform(0.12, 0.5) * width
            pen.rectangle((x, 0, x + step * rng.uniform(0.3, 0.9), height), fill=_ink(base * rng.uniform(0.6, 1.3)))
            pen.line((x, 0, x, height), fill=_ink(dark), width=int(rng.integers(1, 5)))
            x += step
    if kind == "windows":
        across, up = rng.uniform(0.25, 0.7) * width, rng.uniform(0.2, 0.5) * height + 8
        glass, start = _grey(rng, 0.05, 0.3, 0.1), rng.uniform(-1, 0, 2)
        for row in range(6):
            for column in range(6):
                x, y = (start[0] + column) * across, (start[1] + row) * up
                pen.rectangle((x, y, x + 0.65 * across, y + 0.6 * up), fill=_ink(glass * rng.uniform(0.8, 1.5)))
    if kind == "bricks":
        for y in np.arange(0, height, rng.uniform(5, 10)):
            pen.line((0, y, width, y), fill=_ink(base * 0.75), width=1)
    if kind == "hedge":
        for _ in range(40):
            x, y, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(2, 14)
            pen.ellipse((x - r, y - r, x + r, y + 0.8 * r), fill=_ink(base * rng.uniform(0.4, 1.7)))
    if rng.random() < 0.3:  # a bright kerb or a dark gap where wall and floor meet
        edge = int(rng.integers(2, 12))
        pen.rectangle((0, height - edge, width, height), fill=_ink(base * rng.choice([0.5, 1.6])))


def _floor(pen, size, top, horizon, rng):
    # size: (width, height) of the picture; the floor fills it from row `top` down.
    width, height = size
    kind = rng.choice(["tiles", "asphalt", "grass", "steps"], p=[0.45, 0.27, 0.13, 0.15])
    base = _grey(rng, 0.3, 0.72, 0.05)
    if kind == "grass":
        base = rng.uniform(0.28, 0.6) * np.array([rng.uniform(0.75, 1.0), 1.0, rng.uniform(0.5, 0.75)])
    pen.rectangle((0, top, width, height), fill=_ink(base))
    joint = base * rng.choice([0.72, 0.85, 1.12])
    if kind == "tiles":
        horizon = min(horizon, top - 10)
        row, step, lean = top + 1.0, rng.uniform(0.06, 0.2), rng.uniform(-0.8, 0.8) * width
        while row < height + 20:
            pen.line((0, row, width, row + 0.04 * lean), fill=_ink(joint), width=1 + int(rng.random() < 0.3))
            row += max(step * (row - horizon), 3)
        for foot in np.arange(-3, 4.5, rng.uniform(0.25, 0.7)) * width:
            pen.line((width / 2 + lean, horizon, foot, height), fill=_ink(joint), width=1)
    if kind == "steps":
        row, dark = top, rng.uniform(0.45, 0.75)
        while row < height:
            step = rng.uniform(0.045, 0.07) * height * (0.6 + max(row, 0) / height)
            pen.rectangle((0, row, width, row + 0.45 * step), fill=_ink(base * dark))
            pen.line((0, row + 0.45 * step, width, row + 0.45 * step), fill=_ink(base * 1.15), width=2)
            row += step
    if kind in ("asphalt", "tiles") and rng.random() < 0.3:  # a painted line or a strip of grass
        x, lean, wide = rng.uniform(0, width), rng.uniform(-1, 1) * width, rng.uniform(4, 40)
        paint = _grey(rng, 0.8, 0.95) if rng.random() < 0.6 else np.array([0.3, 0.4, 0.2])
        pen.polygon([(x, top), (x + 0.3 * wide, top), (x + wide + lean, height), (x + lean, height)], fill=_ink(paint))


def _bicycle(pen, x, foot, tall, rng):
    ink, r, line = _ink(_grey(rng, 0.03, 0.25, 0.2)), 0.27 * tall, max(int(0.03 * tall), 1)
    gap = 1.0 * tall * rng.uniform(0.35, 1.0)
    for wheel in (x, x + gap):
        pen.ellipse((wheel - 0.7 * r, foot - 2 * r, wheel + 0.7 * r, foot), outline=ink, width=line)
    seat, bar = (x + 0.3 * gap, foot - 0.75 * tall), (x + 0.85 * gap, foot - 0.85 * tall)
    pen.line([(x, foot - r), seat, (x + 0.5 * gap, foot - r), bar, (x + gap, foot - r)], fill=ink, width=line)
    pen.line([seat, bar, (bar[0] - 0.15 * gap, bar[1] - 0.06 * tall)], fill=ink, width=line + 1)
    if rng.random() < 0.5:
        box = (bar[0], bar[1], bar[0] + 0.3 * gap, bar[1] + 0.25 * tall)
        pen.rectangle(box, fill=_ink(_grey(rng, 0.1, 0.6, 0.1)))


def _passer(pen, x, foot, tall, rng):
    wide = 0.13 * tall * rng.uniform(0.8, 1.3)
    legs, shirt = _grey(rng, 0.05, 0.5, 0.15), _grey(rng, 0.04, 0.8, rng.choice([0.05, 0.25]))
    stride = rng.uniform(-1, 1) * 0.12 * tall
    for side in (-1, 1):
        ankle = x + side * (0.35 * wide + stride)
        leg = (x + side * 0.4 * wide, foot - 0.5 * tall, ankle, foot)
        pen.line(leg, fill=_ink(legs), width=max(int(0.75 * wide), 1))
    pen.rounded_rectangle((x - wide, foot - 0.84 * tall, x + wide, foot - 0.44 * tall), 0.5 * wide, fill=_ink(shirt))
    arm = (x - wide, foot - 0.78 * tall, x - 1.15 * wide, foot - 0.45 * tall)
    pen.line(arm, fill=_ink(shirt * 0.8), width=max(int(0.4 * wide), 1))
    head = 0.07 * tall
    skin = np.array([0.75, 0.58, 0.47]) * rng.uniform(0.6, 1.1)
    skin = skin * rng.choice([0.2, 1.0])  # half of them turn their backs
    pen.ellipse((x - 0.75 * head, foot - tall, x + 0.75 * head, foot - 0.85 * tall), fill=_ink(skin))
    pen.pieslice((x - 0.8 * head, foot - 1.01 * tall, x + 0.8 * head, foot - 0.86 * tall), 170, 370, fill=(25, 22, 20))


def _pole(pen, x, foot, tall, rng):
    wide, colour = rng.uniform(0.015, 0.09) * tall + 1, _grey(rng, 0.08, 0.6, 0.1)
    pen.rectangle((x - wide, foot - 4 * tall, x + wide, foot), fill=_ink(colour))
    pen.rectangle((x - wide, foot - 4 * tall, x - 0.2 * wide, foot), fill=_ink(colour * 1.3))


def _car(pen, x, foot, tall, rng):
    colour, long = _grey(rng, 0.08, 0.9, 0.15), tall * rng.uniform(1.4, 2.2)
    top, sill = foot - 0.75 * tall, foot - 0.1 * tall
    pen.rectangle((x, foot - 0.45 * tall, x + long, sill), fill=_ink(colour))
    roof = [(x + 0.15 * long, top + 0.3 * tall), (x + 0.3 * long, top), (x + 0.75 * long, top),
            (x + 0.9 * long, top + 0.3 * tall)]
    pen.polygon(roof, fill=_ink(colour * 0.35))
    for wheel in (0.22, 0.78):
        centre, r = x + wheel * long, 0.16 * tall
        pen.ellipse((centre - r, foot - 2 * r, centre + r, foot), fill=(20, 20, 22))


def street(size: tuple[int, int], rng: np.random.Generator, camera: Camera, points: np.ndarray) -> np.ndarray:
    """A cluttered street with the person's shadow on its floor, in the manner of a surveillance camera's picture."""
    from PIL import Image, ImageDraw, ImageFilter

    # Each layer has a generator of its own: what one layer draws never depends on how often another drew.
    scene, wall, floor, things, light = (np.random.default_rng(seed) for seed in rng.integers(2**63, size=5))
    shape = low(size, ROWS)
    height, width = FINE * shape[0], FINE * shape[1]
    picture = Image.new("RGB", (width, height))
    pen = ImageDraw.Draw(picture)
    zoom = height / camera.size[0]
    feet = (camera.centre[1] - camera.focal * points[:, 2].min() / DISTANCE) * zoom
    person = max(camera.focal * np.ptp(points[:, 2]) / DISTANCE * zoom, 1.0)
    # Wall and floor meet between close behind the feet and the head; a crop without feet may have no floor.
    top = np.clip(feet - person * scene.uniform(0.08, 1.0), -0.2 * height, height)
    _wall(pen, (width, max(top, 0)), wall)
    _floor(pen, (width, height), top, top - person * scene.uniform(0.1, 0.6), floor)
    for near in sorted(things.uniform(-0.04, 0.28, things.integers(0, 6))):  # the nearer, the lower and the larger
        foot = min(max(top, 0.0), feet) + near * person
        tall = person * np.clip(1.0 - (feet - foot) / person, 0.3, 1.0) * things.uniform(0.7, 1.0)
        kind = things.choice([0, 1, 2, 3], p=[0.38, 0.3, 0.2, 0.12])
        place = things.choice([0.07, 0.92]) + things.uniform(-0.22, 0.22)
        x = width * (1.9 * place - 1.0 if kind == 3 else place)
        scale = (0.6, 1.0, 0.9, 0.75)[kind]
        (_bicycle, _passer, _pole, _car)[kind](pen, x, foot, scale * tall, things)
    picture = picture.resize(shape[::-1], Image.Resampling.BOX)
    picture = picture.filter(ImageFilter.GaussianBlur(scene.uniform(0.3, 1.1) * shape[0] / ROWS))
    return _lit(np.asarray(picture, np.float32) / 255, size, shape, light, camera, points)


def _lit(colours, size, shape, rng, camera, points):
    # Texture, patches of shade and the person's shadow.
    pixels = camera.focal / DISTANCE * shape[0] / camera.size[0]
    light = 1 + rng.uniform(0.03, 0.12) * noise(shape, (6, 4), rng)
    grain = noise(shape, (shape[0] // 2, max(shape[1] // 2, 2)), rng)
    light *= 1 + rng.uniform(0.01, 0.06) * grain
    edge, share, deep = noise(shape, (5, 3), rng), rng.random(), rng.uniform(0.25, 0.55)
    if share < 0.3:  # shade of trees and houses
        light *= 1 - deep * np.clip(0.5 + 2.5 * (edge - 0.4), 0, 1)
    sunny, sideways, back = rng.random() < 0.45, rng.uniform(-1.3, 1.3), rng.uniform(-0.8, 1.2)
    depth, spread = rng.uniform(0.3, 0.6), rng.uniform(0.015, 0.04)
    fall = np.clip(1.6 * blurred(fallen(points, camera, shape, sideways, back), spread * pixels), 0, 1)
    light *= 1 - (depth if sunny else 0.0) * fall
    light *= 1 - rng.uniform(0.25, 0.5) * contact(points, camera, shape, 0.05)
    colours = np.clip(colours * light[..., None], 0, 1)
    if shape == tuple(size):
        return colours.astype(np.float32)
    return np.clip(np.stack([resized(colours[..., i], size) for i in range(3)], axis=2), 0, 1)
