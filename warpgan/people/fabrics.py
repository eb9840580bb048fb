"""Denim, knit, shoes and hair; and what is sewn or printed on a cloth: logos, letters, buttons, pockets.

Taught in notebook 01.
"""

from functools import lru_cache

import numpy as np

from . import charts
from .letters import text_mask
from .motifs import figure
from .weaves import along, band

GRAIN = 0.025  # spread of a texel's brightness in ordinary cloth
THREAD = np.array((0.78, 0.56, 0.30), np.float32)  # of the seams of jeans
CHEST, THIGH = 0.50, -0.10  # heights of the middle of what is printed on tops, and on skirts
SOLE, ANKLE = -0.802, -0.70


@lru_cache(maxsize=16)
def _noise(chart, height, width):
    # White noise and the diagonal ridges of twill, [h, w]; the same for everybody, shifted by each cloth.
    rng = np.random.default_rng(chart)
    white = rng.standard_normal((height, width), np.float32)
    i, j = np.arange(height)[:, None], np.arange(width)[None]
    ridges = np.where(np.mod(i + j, 4) < 2, 1, -1).astype(np.float32) if width % 4 == 0 else (
        np.where(np.mod(i + 2 * j, 4) < 2, 1, -1).astype(np.float32))
    streaks = (white + np.roll(white, 1, 0) + np.roll(white, 2, 0) + np.roll(white, 3, 0)) * 0.5
    return white, ridges, streaks


def _noise_of(flat):
    return _noise(flat.chart, len(flat.v), len(flat.u))


@lru_cache(maxsize=16)
def _grain(chart, height, width):
    white, _, _ = _noise(chart, height, width)
    return np.repeat(np.clip(1 + GRAIN * white, 0.9, 1.1)[..., None], 3, axis=2)


def _shade(brightness, colour):
    # A colour [3] times a brightness [h, w].
    out = np.empty((*brightness.shape, 3), np.float32)
    for k in range(3):
        np.multiply(brightness, colour[k], out=out[..., k])
    return out


def _bump(at, middle, width):
    return np.exp(-np.square((at - middle) / width)).astype(np.float32)


def denim(cloth, flat):
    """Twill that has faded where it is rubbed, with double seams of thread."""
    _, ridges, streaks = _noise_of(flat)
    brightness = 0.045 * ridges + 0.045 * np.roll(streaks, cloth["shift"] % len(flat.u), axis=1)
    brightness += 1.0
    fade = 0.1 + 0.12 * cloth["style"]
    if flat.chart in charts.LEGS:  # thighs, knees and seat
        front = _bump(flat.u, 0.0, 0.055)
        height = _bump(flat.v, -0.16, 0.16) + 0.7 * _bump(flat.v, -0.42, 0.07)
    else:
        front = _bump(flat.u, 0.0, 0.3)
        height = _bump(flat.v, 0.42, 0.16) + _bump(flat.v, 0.05, 0.1)
    brightness += fade * height[:, None] * front[None]
    out = _shade(brightness, cloth["colours"][0])
    thread = THREAD if cloth["style"] < 3 else cloth["colours"][2]
    sides = band(flat.u, 0.5 * flat.girth, 0.25 * flat.girth, 0.012, flat.texel)
    columns = np.flatnonzero(sides)
    dashes = np.where(np.mod(np.arange(len(flat.v)), 4) < 3, 0.75, 0.2).astype(np.float32)
    ink = sides[columns][None] * dashes[:, None]
    out[:, columns] += ink[..., None] * (thread - out[:, columns])
    if flat.chart == charts.TRUNK:
        for side in (-1, 1):  # on the seat, and on the chest of a jacket
            _pocket(out, flat, side * 0.355, 0.172, 0.052, 0.066, thread)
            _pocket(out, flat, side * 0.095, 0.50, 0.042, 0.05, thread)
        _pocket(out, flat, 0.0, 0.19, 0.022, 0.10, thread)  # the fly
    return out


def knit(cloth, flat):
    """Rows of stitches: ribs, plain stitches, plaits, or coloured bands of small figures."""
    first, second, third = cloth["colours"]
    style, u, v = cloth["style"], flat.u, flat.v
    wide = flat.girth / round(flat.girth / (0.024 if style != 2 else 0.11))
    across = 2 * np.pi * (u / wide)
    rows = 2 * np.pi * v / 0.016
    if style == 0:  # ribs
        brightness = np.repeat((0.86 + 0.16 * np.cos(across))[None], len(v), axis=0)
        brightness += 0.05 * np.cos(rows)[:, None]
    elif style == 2:  # plaits between smooth strips
        sway = np.cos(2 * np.pi * v / 0.10)[:, None]
        plait = np.cos(3 * across[None] + 1.4 * sway * np.sign(np.sin(across))[None])
        brightness = 0.84 + 0.18 * plait * (np.cos(across) > -0.4)[None]
        brightness = brightness.astype(np.float32)
    else:  # a stitch is a V: two slanting strokes
        slant = np.abs(np.mod(u / wide, 1.0) - 0.5) * 5.0
        brightness = 0.9 + 0.11 * (np.cos(rows)[:, None] * np.cos(slant)[None] - np.sin(rows)[:, None]
                                   * np.sin(slant)[None])
    if style < 3:
        return _shade(brightness.astype(np.float32), first)
    stitch = 0.016
    row = np.floor(v / stitch + 100 * cloth["phase"][1]).astype(int) % 24
    column = np.floor(np.mod(u / flat.girth + 0.5, 1.0) * round(flat.girth / stitch / 8) * 8).astype(int) % 8
    fold = np.minimum(column, 7 - column)
    figures = np.where(np.arange(4)[None] == np.array([3, 2, 1, 0, 0, 1, 2, 3])[:, None], 1, 0)
    pattern = np.zeros((24, 4), int)
    pattern[2:10] = figures
    pattern[[0, 11]] = 2
    pattern[14:17] = [[1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]]
    if style == 4:
        pattern[18:24] = 2 * figures[:6]
    out = cloth["colours"][pattern[row][:, fold]]
    return out * brightness.astype(np.float32)[..., None]


def _window(flat, u, v, half_u, half_v):
    # Rows, columns and coordinates of the texels around a place; columns go round the limb.
    count = len(flat.u)
    columns = np.flatnonzero(np.abs(np.mod(flat.u - u + 0.5 * flat.girth, flat.girth) - 0.5 * flat.girth) < half_u)
    rows = np.flatnonzero(np.abs(flat.v - v) < half_v)
    x = np.mod(flat.u[columns] - u + 0.5 * flat.girth, flat.girth) - 0.5 * flat.girth
    order = np.argsort(x, kind="stable")
    return (rows[:, None], columns[order][None] % count), x[order], flat.v[rows] - v


def _print(out, where, ink, colour):
    part = out[where]
    part += ink[..., None] * (colour - part)
    out[where] = part


def _pocket(out, flat, u, v, half_u, half_v, thread):
    # The stitched outline of a pocket with a pointed lower end.
    where, x, y = _window(flat, u, v, half_u + 0.01, half_v + 0.02)
    if len(y) == 0:
        return
    lower = -half_v - 0.35 * (half_u - np.abs(x))[None] + 0.3 * half_u
    inside = np.minimum(half_u - np.abs(x)[None], np.minimum(half_v - y[:, None], y[:, None] - lower))
    _print(out, where, np.clip((0.004 - np.abs(inside)) / flat.texel + 0.5, 0, 0.85).astype(np.float32), thread)


def _figure(out, flat, kind, u, v, size, colour):
    where, x, y = _window(flat, u, v, 1.6 * size, 1.3 * size)
    if len(y):
        ink = np.clip(figure(kind, x[None] / size, y[:, None] / size) * size / flat.texel + 0.5, 0, 1)
        _print(out, where, ink.astype(np.float32), colour)


def _text(out, flat, text, u, v, height, colour, stretch=1.15):
    half = 0.5 * height / 7 * 6 * len(text) * stretch + height / 7
    where, x, y = _window(flat, u, v, half, 0.7 * height)
    if len(y):
        _print(out, where, text_mask(text, x, y, height, flat.texel, stretch), colour)


def finish(cloth, flat, out):
    """Print and sew on a woven texture [h, w, 3], in place, what lies on its front and back."""
    kind, (first, second, third) = cloth["kind"], cloth["colours"]
    out *= _grain(flat.chart, len(flat.v), len(flat.u))
    if flat.chart != charts.TRUNK:
        return
    behind = 0.5 * flat.girth
    letters = min(0.085, 0.24 / len(cloth["word"]))
    if kind == "logo":
        for height in (CHEST, THIGH):
            _figure(out, flat, cloth["logo"], 0.0, height, cloth["size"], second)
            _figure(out, flat, cloth["logo"], 0.0, height, 0.45 * cloth["size"], third)
            _figure(out, flat, cloth["back_logo"], behind, height, 0.85 * cloth["size"], third)
    elif kind == "letters":
        _text(out, flat, cloth["word"], 0.0, CHEST + 0.03, letters, second)
        if cloth["style"] < 3:
            _text(out, flat, cloth["number"], 0.0, CHEST - 0.10, 0.12, third)
        _text(out, flat, cloth["number"], behind, CHEST - 0.04, 0.2, second)
        _text(out, flat, cloth["word"], 0.0, THIGH, letters, second)
    elif cloth["back"] and kind not in ("print", "dots"):
        colour = third if kind in ("plain", "denim", "knit") else 1 - np.round(first @ [0.3, 0.59, 0.11]) * 0.92
        if cloth["back"] == "logo":
            _figure(out, flat, cloth["back_logo"], behind, CHEST, cloth["size"], colour)
        elif cloth["back"] == "yoke":
            where, x, y = _window(flat, behind, 0.70, 0.5 * flat.girth - 0.235, 0.1)
            _print(out, where, np.ones((len(y), len(x)), np.float32), third)
        else:
            _text(out, flat, cloth[cloth["back"]], behind, CHEST, letters if cloth["back"] == "word" else 0.17, colour)
    if cloth["buttons"] and kind not in ("letters", "logo"):
        where, x, y = _window(flat, 0.0, 0.44, 0.026, 0.31)
        edge = band(x, 9.0, -0.018, 0.005, flat.texel) + band(x, 9.0, 0.018, 0.005, flat.texel)
        part = out[where]
        part *= 1 - 0.35 * edge[None, :, None]
        out[where] = part
        down = np.abs(np.mod(y, 0.085) - 0.0425)
        ink = np.clip((0.008 - np.hypot(x[None], down[:, None])) / flat.texel + 0.5, 0, 1)
        _print(out, where, ink.astype(np.float32), third)
    if cloth["pocket"] and kind not in ("letters", "logo", "denim"):
        _pocket(out, flat, 0.095, 0.50, 0.04, 0.045, third)


def shoes(cloth, flat):
    """Shoes on a leg's chart: upper, laces on the instep, cap on the toes, stripes at the sides, and the sole."""
    upper, laces, sole = cloth["colours"]
    u, v, style, texel = flat.u, flat.v, cloth["style"], flat.texel
    below = np.clip((SOLE - v) / texel + 0.5, 0, 1)[:, None]
    out = along(upper + below * (sole - upper), flat)
    rows = np.flatnonzero((v > SOLE) & (v < ANKLE))
    part = out[rows]
    if style in (0, 1):
        instep = band(u, 9.0, 0.0, 0.036, texel)[None] * band(v[rows], 0.013, 0.0, 0.006, texel)[:, None]
        instep = instep * (v[rows] > -0.785)[:, None]
        part += instep[..., None] * (laces - part)
    if style in (0, 3):
        cap = band(u, 9.0, 0.0, 0.05, texel)[None] * np.clip((-0.787 - v[rows]) / texel + 0.5, 0, 1)[:, None]
        part += cap[..., None] * (sole - part)
    if style in (1, 2):
        side = np.abs(u)[None] + 0.5 * (v[rows] + 0.76)[:, None]
        lines = band(side, 0.022, 0.011, 0.011, texel) * (np.abs(side - 0.11) < 0.033) * (v[rows] < -0.745)[:, None]
        part += lines[..., None].astype(np.float32) * (laces - part)
    if style == 4:
        heel = band(u, flat.girth, 0.5 * flat.girth, 0.11, texel)
        part += heel[None, :, None] * (laces - part)
    out[rows] = part
    return out


def strands(colour, streak, seed, flat):
    """Hair round the head: strands of different brightness, a parting on top, ends a little lighter."""
    rng = np.random.default_rng(seed)
    u, v = flat.u[None] / charts.HEAD_RADIUS, flat.v[:, None]
    waves = np.zeros((len(flat.v), len(flat.u)), np.float32)
    for turns, bend in zip((17, 29, 46), rng.uniform(-12, 12, 3)):
        waves += np.sin(turns * u + bend * v + np.float32(rng.uniform(0, 2 * np.pi))) / 1.5
    white, _, streaks = _noise_of(flat)
    brightness = 1 + streak * (waves + 0.5 * streaks)
    brightness *= 1 + 0.16 * np.clip((0.72 - v) / 0.3, 0, 1) - 0.10 * np.exp(-np.square((v - 0.80) / 0.07))
    middle = np.pi - rng.uniform(-0.45, 0.45)  # the parting runs from the forehead backwards
    parting = np.exp(-np.square((np.mod(u - middle + np.pi, 2 * np.pi) - np.pi) / 0.05))
    brightness *= 1 - 0.3 * parting * np.clip((v - 0.97) / 0.02, 0, 1)
    return np.clip(_shade(brightness.astype(np.float32), np.asarray(colour, np.float32)), 0, 1)
