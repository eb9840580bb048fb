"""Fabrics whose pattern is their make: plain cloth of several weaves, denim, knit; and hair.

Taught in notebook 01.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from warpgan.people import charts
from warpgan.people.weaves import around, band

TWINS = {charts.RIGHT_ARM: charts.LEFT_ARM, charts.RIGHT_LEG: charts.LEFT_LEG}  # limbs of one noise
GRAIN = 0.025  # spread of a texel's brightness in ordinary cloth
THREAD = np.array((0.78, 0.56, 0.30), np.float32)  # of the seams of jeans


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
    return _noise(TWINS.get(flat.chart, flat.chart), len(flat.v), len(flat.u))


@lru_cache(maxsize=16)
def _grain(chart, height, width):
    white, _, _ = _noise(chart, height, width)
    return np.repeat(np.clip(1 + GRAIN * white, 0.9, 1.1)[..., None], 3, axis=2)


def grain(flat: charts.Flat) -> np.ndarray:
    """Brightness [h, w, 3] of the single texels of ordinary cloth, about 1."""
    return _grain(TWINS.get(flat.chart, flat.chart), len(flat.v), len(flat.u))


def _shade(brightness, colour):
    # A colour [3] times a brightness [h, w].
    out = np.empty((*brightness.shape, 3), np.float32)
    for k in range(3):
        np.multiply(brightness, colour[k], out=out[..., k])
    return out


def _bump(at, middle, width):
    return np.exp(-np.square((at - middle) / width)).astype(np.float32)


def thread_of(cloth: dict[str, Any]) -> np.ndarray:
    """Colour [3] of the seams of denim."""
    return THREAD if cloth["style"] < 3 else cloth["colours"][2]


def plain(cloth: dict[str, Any], flat: charts.Flat) -> np.ndarray:
    """Cloth of one colour: smooth, flecked, quilted in lozenges, corded, or checked tone in tone.

    Args:
        cloth: dict of `cloth.random_cloth`.
        flat: the chart.
    """
    style, colour = cloth["style"], cloth["colours"][0]
    if cloth["kind"] != "plain":  # what is printed on keeps a calm ground
        style = (0, 1, 0, 4, 0)[style]
    if style == 0:
        brightness = np.ones((len(flat.v), len(flat.u)), np.float32)
    elif style == 1:
        _, _, streaks = _noise_of(flat)
        brightness = 1 + 0.08 * np.roll(streaks, (cloth["shift"] % len(flat.v), cloth["shift"] % len(flat.u)), (0, 1))
    elif style == 2:
        turn, period = around(flat, 0.09), 0.09
        one = flat.u[None] / turn + flat.v[:, None] / period
        other = flat.u[None] / turn - flat.v[:, None] / period
        away = np.minimum(np.abs(one - np.round(one)), np.abs(other - np.round(other)))  # shares of a period
        brightness = np.minimum(0.74 + 2.2 * away, 1.06)
    elif style == 3:
        turn = around(flat, 0.022)
        brightness = np.repeat((0.95 + 0.09 * np.cos(2 * np.pi * flat.u / turn))[None], len(flat.v), axis=0)
    else:
        rows = band(flat.v, 0.11, cloth["phase"][1] * 0.11, 0.05, flat.texel)
        turn = around(flat, 0.11)
        brightness = 1.05 - 0.09 * (rows[:, None] + band(flat.u, turn, 0.5 * turn, 0.5 * turn, flat.texel)[None])
    brightness = brightness.astype(np.float32)
    out = _shade(brightness, colour)
    out += (0.1 * (brightness - 1))[..., None]
    return out


def denim(cloth: dict[str, Any], flat: charts.Flat) -> np.ndarray:
    """Twill that has faded where it is rubbed, with double seams of thread.

    Args:
        cloth: dict of `cloth.random_cloth`.
        flat: the chart.
    """
    _, ridges, streaks = _noise_of(flat)
    brightness = 0.045 * ridges + 0.045 * np.roll(streaks, cloth["shift"] % len(flat.u), axis=1)
    brightness += 1.0
    fade = (0.1 + 0.12 * cloth["style"]) * (1.2 - cloth["colours"][0].mean())  # pale cloth has little left to lose
    if flat.chart in charts.LEGS:  # thighs, knees and seat
        front = _bump(flat.u, 0.0, 0.055)
        height = _bump(flat.v, -0.16, 0.16) + 0.7 * _bump(flat.v, -0.42, 0.07)
    else:
        front = _bump(flat.u, 0.0, 0.3)
        height = _bump(flat.v, 0.42, 0.16) + _bump(flat.v, 0.05, 0.1)
    brightness += fade * height[:, None] * front[None]
    out = _shade(brightness, cloth["colours"][0])
    thread = thread_of(cloth)
    sides = band(flat.u, 0.5 * flat.girth, 0.25 * flat.girth, 0.012, flat.texel)
    columns = np.flatnonzero(sides)
    dashes = np.where(np.mod(np.arange(len(flat.v)), 4) < 3, 0.75, 0.2).astype(np.float32)
    ink = sides[columns][None] * dashes[:, None]
    out[:, columns] += ink[..., None] * (thread - out[:, columns])
    return out


def knit(cloth: dict[str, Any], flat: charts.Flat) -> np.ndarray:
    """Rows of stitches: ribs, plain stitches, plaits, or coloured bands of small figures.

    Args:
        cloth: dict of `cloth.random_cloth`.
        flat: the chart.
    """
    first, style, u, v = cloth["colours"][0], cloth["style"], flat.u, flat.v
    wide = flat.girth / round(flat.girth / (0.024 if style != 2 else 0.11))
    across = 2 * np.pi * (u / wide)
    rows = 2 * np.pi * v / 0.016
    if style == 0:  # ribs
        brightness = np.repeat((0.86 + 0.16 * np.cos(across))[None], len(v), axis=0)
        brightness += 0.05 * np.cos(rows)[:, None]
    elif style == 2:  # plaits between smooth strips
        sway = np.cos(2 * np.pi * v / 0.10)[:, None]
        plait = np.cos(3 * across[None] + 1.4 * sway * np.sign(np.sin(across))[None])
        brightness = 0.84 + 0.20 * plait * (np.cos(across) > -0.4)[None]
        brightness = brightness.astype(np.float32)
    else:  # a stitch is a V: two slanting strokes
        slant = np.abs(np.mod(u / wide, 1.0) - 0.5) * 5.0
        brightness = 0.9 + 0.11 * (np.cos(rows)[:, None] * np.cos(slant)[None] - np.sin(rows)[:, None]
                                   * np.sin(slant)[None])
    brightness = brightness.astype(np.float32)
    if style < 3:
        out = _shade(brightness, first)
        out += (0.13 * (brightness - 0.9))[..., None]  # light catches black wool too
        return out
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
    return out * brightness[..., None]


def strands(colour: np.ndarray, streak: float, seed: int, flat: charts.Flat) -> np.ndarray:
    """Hair round the head: strands of different brightness, a parting on top, ends a little lighter.

    Args:
        colour: [3] in 0..1.
        streak: how much strands differ in brightness, a share.
        seed: of the strands.
        flat: the chart of the scalp.
    """
    rng = np.random.default_rng(seed)
    u, v = flat.u / np.float32(charts.HEAD_RADIUS), flat.v
    _, _, streaks = _noise_of(flat)
    brightness = 0.5 * streak * streaks
    for turns, bend in zip((17, 29, 46), rng.uniform(-12, 12, 3)):  # sin(a + b), taken apart into rows and columns
        across, down = turns * u + np.float32(rng.uniform(0, 2 * np.pi)), np.float32(bend) * v
        brightness += (np.cos(down) * np.float32(streak / 1.5))[:, None] * np.sin(across)[None]
        brightness += (np.sin(down) * np.float32(streak / 1.5))[:, None] * np.cos(across)[None]
    brightness += 1
    rows = 1 + 0.16 * np.clip((0.72 - v) / 0.3, 0, 1) - 0.10 * np.exp(-np.square((v - 0.80) / 0.07))
    brightness *= rows.astype(np.float32)[:, None]
    middle = np.pi - rng.uniform(-0.45, 0.45)  # the parting runs from the forehead backwards
    away = np.minimum(np.square((np.mod(u - middle + np.pi, 2 * np.pi) - np.pi) / 0.05), 20)
    top = v > 0.97
    parting = 0.3 * np.exp(-away)[None] * np.clip((v[top] - 0.97) / 0.02, 0, 1)[:, None]
    brightness[top] *= 1 - parting.astype(np.float32)
    out = _shade(brightness, np.asarray(colour, np.float32))
    out += (0.12 * (brightness - 1))[..., None]  # strands shine in black hair too
    return np.clip(out, 0, 1, out=out)
