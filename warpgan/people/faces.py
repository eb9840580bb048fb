"""Faces: the texture of the front of the head, seen along y, and that of the eyes.

Landmarks are those of the average head; the face follows its vertices to everybody. Towards the sides of the head,
where the planar chart would be stretched, everything fades into plain skin. Taught in notebook 01.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from warpgan.people import charts
from warpgan.people.dyes import vary

EYE = (0.0313, 0.9063)  # metres: x and z of an eye's middle, whose opening is about 0.026 wide and 0.011 high
IRIS, PUPIL = 0.0062, 0.0028  # radii, a little larger than life so that they are seen
BROW, MOUTH, NOSTRIL = 0.9275, 0.8312, (0.0068, 0.8545)
IRISES = np.array([(0.24, 0.14, 0.08), (0.15, 0.09, 0.06), (0.36, 0.24, 0.12), (0.30, 0.38, 0.24), (0.30, 0.44, 0.58),
                   (0.38, 0.46, 0.50)])
LIPSTICKS = np.array([(0.70, 0.10, 0.16), (0.78, 0.26, 0.36), (0.48, 0.09, 0.17), (0.80, 0.40, 0.36)])
SHADOWS = np.array([(0.35, 0.24, 0.20), (0.42, 0.30, 0.42), (0.24, 0.30, 0.42), (0.16, 0.14, 0.15), (0.62, 0.42, 0.28)])


@lru_cache(maxsize=2)
def _plane(chart):
    # u [1, w], v [h, 1] and noise [h, w] of a chart's texels
    u, v = charts.grid(chart)
    return u[:1], v[:, :1], np.random.default_rng(chart).standard_normal(u.shape, np.float32)


@lru_cache(maxsize=1)
def _half():
    # A face is painted on its left half, x > 0, and mirrored; above the brows there is plain skin.
    x, z, noise = _plane(charts.FACE)
    half, brow = x.shape[1] // 2, int(np.argmax(z[:, 0] < 0.95))
    return x[:, half:], z[brow:], noise[brow:, half:]


def _soft(distance, texel):
    return np.clip(distance / texel + 0.5, 0, 1)


@lru_cache(maxsize=64)
def _spot(middle, wide, high):
    # A soft spot of unit strength on the half of the face that is painted.
    a, z, _ = _half()
    away = np.square((a - np.float32(middle[0])) / wide) + np.square((z - np.float32(middle[1])) / high)
    return np.exp(-np.minimum(away, 20))  # numbers too small for their format are slow


def _over(picture, amount, colour):
    picture += amount.astype(np.float32)[..., None] * (np.asarray(colour, np.float32) - picture)


def face_textures(rng: np.random.Generator, skin: np.ndarray, hair: np.ndarray, woman: bool) -> dict[int, np.ndarray]:
    """Draw a face.

    Args:
        rng: numpy random generator. skin: colour [3] in 0..1. hair: colour [3] in 0..1, of brows and beard.
        woman: bool; women now and then wear make-up, men beards.

    Returns:
        dict of textures [h, w, 3] float32 in 0..1 on the charts FACE and EYES.
    """
    return {charts.FACE: _face(rng, np.asarray(skin), np.asarray(hair), woman), charts.EYES: _eyes(rng)}


def _face(rng, skin, hair, woman):
    x, _, noise = _plane(charts.FACE)
    (a, z, white), texel = _half(), charts.TEXEL[charts.FACE]
    out = np.empty((*white.shape, 3), np.float32)
    out[:] = skin
    blood = np.clip(skin * (1.0, 0.80, 0.78), 0, 1)
    _over(out, rng.uniform(0.15, 0.6) * _spot((0.043, 0.862), 0.016, 0.016), blood)
    _over(out, 0.35 * _spot((0.0, 0.864), 0.012, 0.012), blood)
    # sockets, the fold over the lid, and the sides of the nose
    _over(out, 0.35 * _spot((0.028, 0.909), 0.020, 0.011), skin * 0.62)
    _over(out, 0.25 * _spot((0.020, 0.893), 0.014, 0.006), skin * (0.70, 0.60, 0.62))
    _over(out, 0.22 * _spot((0.0155, 0.866), 0.0035, 0.008), skin * 0.6)
    if woman and rng.random() < 0.35:  # eye shadow
        shadow = SHADOWS[rng.integers(len(SHADOWS))]
        _over(out, rng.uniform(0.25, 0.6) * _spot((0.033, 0.9165), 0.014, 0.0055), shadow)
    if rng.random() < 0.15:
        freckles = (white > 1.5) * _spot((0.026, 0.872), 0.028, 0.016)
        _over(out, 0.45 * freckles, skin * (0.70, 0.52, 0.42))
    if not woman:
        _beard(rng, out, a, z, white, hair)
    _lids(rng, out, a, z, texel, skin, woman)
    _brows(rng, out, a, z, texel, white, skin, hair, woman)
    _over(out, 0.40 * _spot((0.0, 0.8525), 0.013, 0.0035), skin * 0.5)  # the shade under the nose
    _over(out, 0.85 * _soft(1 - np.hypot((a - NOSTRIL[0]) / 0.0040, (z - NOSTRIL[1]) / 0.0022), 0.5), skin * 0.22)
    _lips(rng, out, a, z, texel, skin, woman)
    _over(out, 0.25 * _spot((0.0, 0.8135), 0.014, 0.003), skin * 0.65)
    _over(out, np.clip((a - 0.064) / 0.012, 0, 1) + 0 * z, skin)
    whole = np.empty((*noise.shape, 3), np.float32)
    whole[:-len(z)] = skin
    whole[-len(z):] = np.concatenate([out[:, ::-1], out], axis=1)
    whole += (0.008 * noise * np.clip((0.076 - np.abs(x)) / 0.012, 0, 1))[..., None]
    return np.clip(whole, 0, 1, out=whole)


def _lids(rng, out, a, z, texel, skin, woman):
    across = (a - EYE[0]) / 0.0155  # -1 at the inner corner, 1 at the outer
    within = np.abs(across) < 1.1
    upper = EYE[1] + 0.0068 * np.clip(1 - across ** 2, 0, 1) + 0.0008 * across
    lower = EYE[1] - 0.0055 * np.clip(1 - across ** 2, 0, 1) + 0.0008 * across
    lash = 0.9 if woman and rng.random() < 0.6 else 0.55
    _over(out, lash * within * _soft(0.0016 - np.abs(z - upper), texel), skin * 0.12)
    _over(out, 0.4 * within * _soft(0.0008 - np.abs(z - lower), texel), skin * 0.3)
    _over(out, 0.35 * within * _soft(0.0008 - np.abs(z - upper - 0.0042), texel), skin * 0.45)


def _brows(rng, out, a, z, texel, white, skin, hair, woman):
    along = np.clip((a - 0.012) / 0.041, 0, 1)  # from the nose outwards
    arch = rng.uniform(0.002, 0.006) * np.sin(np.pi * along ** 1.3) - 0.004 * along ** 3 + rng.uniform(-0.002, 0.002)
    thick = (rng.uniform(0.0022, 0.0034) if woman else rng.uniform(0.003, 0.0045)) * (1 - 0.75 * along ** 2)
    inside = np.minimum(thick - np.abs(z - BROW - arch), np.minimum(a - 0.011, 0.054 - a))
    dark = np.minimum(hair * 0.65, skin * 0.75)
    _over(out, rng.uniform(0.65, 0.95) * _soft(inside, 1.5 * texel) * np.clip(1 + 0.15 * white, 0, 1), dark)


def _lips(rng, out, a, z, texel, skin, woman):
    wide = rng.uniform(0.0235, 0.0275)
    share = np.clip(1 - (a / wide) ** 2, 0, 1)
    bow = np.clip(1 - np.abs(a - 0.006) / 0.02, 0, 1)  # the upper lip is highest beside the middle
    full = rng.uniform(0.85, 1.15)
    line = MOUTH - 0.0008 * share + 0.0008 * (a / wide)
    upper = line + full * 0.0085 * share ** 0.7 * (0.75 + 0.25 * bow)
    lower = line - full * 0.0105 * share ** 0.8
    colour = skin * (0.86, 0.60, 0.60) + (0.06, 0.0, 0.01)
    amount = rng.uniform(0.55, 0.85)
    if woman and rng.random() < 0.45:
        colour, amount = vary(rng, LIPSTICKS[rng.integers(len(LIPSTICKS))]), 0.85
    inside = np.minimum(np.minimum(upper - z, z - lower), 0.6 * (wide - a))
    lips = amount * _soft(inside, texel)
    _over(out, lips * (z > line), np.clip(colour * 0.86, 0, 1))
    _over(out, lips * (z <= line), np.clip(colour, 0, 1))
    _over(out, 0.18 * _spot((0.0, 0.826), 0.010, 0.002), (1, 1, 1))
    _over(out, 0.8 * _soft(0.0010 - np.abs(z - line), 1.5 * texel) * (a < wide + 0.001), colour * 0.35)


def _beard(rng, out, a, z, white, hair):
    kind = rng.choice(4, p=[0.45, 0.27, 0.16, 0.12])  # shaven, stubble, full beard, moustache
    if kind == 0:
        return
    jaw = 0.842 - 0.012 * np.clip(1 - a / 0.03, 0, 1) + 1.1 * np.clip(a - 0.042, 0, 1)  # higher towards the ears
    cheeks = _soft(jaw - z, 0.010) * np.clip((0.064 - a) / 0.014, 0, 1)
    moustache = _soft(np.minimum(0.0072 - np.abs(z - 0.8465 + 6 * a ** 2), 0.030 - a), 0.004)
    free = 1 - _soft(1 - np.hypot(a / 0.029, (z - 0.831) / 0.0125), 0.3)  # the lips
    below = 1 - 0.5 * _spot((0.014, 0.818), 0.007, 0.006)
    where = moustache if kind == 3 else np.maximum(cheeks * below, 0.9 * moustache) * free
    strength = rng.uniform(0.2, 0.4) if kind == 1 else rng.uniform(0.75, 0.92)
    bristles = 1 + 0.14 * white * np.clip((0.064 - a) / 0.02, 0, 1)
    _over(out, np.clip(strength * where * bristles, 0, 1), np.clip(hair * 0.75, 0, 0.75))


@lru_cache(maxsize=1)
def _eye_masks():
    # The whites without an iris [h, w, 3], and where iris, its inner part, rays, pupil and highlight are [h, w].
    x, z, _ = _plane(charts.EYES)
    texel = charts.TEXEL[charts.EYES]
    away = np.abs(x) - EYE[0]
    r = np.hypot(away, z - EYE[1])
    white = np.empty((*r.shape, 3), np.float32)
    white[:] = (0.94, 0.93, 0.91)
    _over(white, np.clip(np.abs(away) / 0.016, 0, 1) ** 2 * 0.5 + 0 * z, (0.72, 0.58, 0.54))  # the corners are pink
    _over(white, 0.55 * np.clip((z - EYE[1] - 0.002) / 0.005, 0, 1) + 0 * x, (0.45, 0.40, 0.38))  # the lid's shade
    rays = 1 + 0.10 * np.sin(9 * np.arctan2(z - EYE[1], away)) * (r < IRIS)
    light = np.hypot(np.where(x > 0, away, -away) + 0.0024, z - EYE[1] - 0.0024)  # on the same side of both eyes
    return (white, _soft(IRIS - r, 1.5 * texel), _soft(IRIS - 0.0012 - r, 2 * texel), rays[..., None],
            _soft(PUPIL - r, texel), 0.9 * _soft(0.0014 - light, texel))


def _eyes(rng):
    white, rim, inner, rays, pupil, light = _eye_masks()
    iris, out = vary(rng, IRISES[rng.integers(len(IRISES))]), white.copy()
    _over(out, rim, iris * 0.55)
    _over(out, inner, np.clip(iris * 1.1, 0, 1))
    out *= rays
    _over(out, pupil, (0.03, 0.03, 0.03))
    _over(out, light, (1, 1, 1))
    return np.clip(out, 0, 1, out=out)
