"""What is sewn and printed on woven cloth: logos, letters, panels, buttons, pockets, seams; and shoes.

Taught in notebook 01.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from warpgan.people import charts
from warpgan.people.fabrics import grain, thread_of
from warpgan.people.letters import text_mask
from warpgan.people.motifs import figure
from warpgan.people.weaves import SIDES, along, band, repeat

CHEST, THIGH = 0.50, -0.10  # heights of the middle of what is printed on tops, and on skirts
SOLE, ANKLE = -0.802, -0.70


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


def _panel(out, flat, cloth, u):
    # A framed piece of print on the chest or the back.
    where, x, y = _window(flat, u, CHEST - 0.02, 0.13, 0.13)
    edge = np.minimum(0.118 - np.abs(x)[None], 0.118 - np.abs(y)[:, None])
    _print(out, where, np.clip(edge / flat.texel + 0.5, 0, 1), cloth["colours"][2])
    picture = repeat(cloth["tile"], flat, 0.19, cloth["phase"])[where]
    part = out[where]
    part += np.clip((edge - 0.01) / flat.texel + 0.5, 0, 1)[..., None] * (picture - part)
    out[where] = part


def _text(out, flat, text, u, v, height, colour, stretch=1.15):
    half = 0.5 * height / 7 * 6 * len(text) * stretch + height / 7
    where, x, y = _window(flat, u, v, half, 0.7 * height)
    if len(y):
        _print(out, where, text_mask(text, x, y, height, flat.texel, stretch), colour)


def _rings(out, flat, v, one, other):
    # Two bands round a limb.
    for height, colour in ((v, one), (v - 0.024, other)):
        rows = np.flatnonzero(np.abs(flat.v - height) < 0.012)
        share = band(flat.v[rows], 9.0, height, 0.014, flat.texel)[:, None, None]
        out[rows] += share * (colour - out[rows])


def _seams(cloth, flat, out):
    # The outer side of a trouser leg: a coloured stripe, or a seam that is only darker.
    side = SIDES[flat.chart] * 0.25 * flat.girth
    wide = cloth["kind"] != "plain" or cloth["style"] == 4
    colour = cloth["colours"][1] if wide else 0.6 * cloth["colours"][0]
    share = band(flat.u, flat.girth, side, 0.04 if wide else 0.005, flat.texel)
    columns = np.flatnonzero(share)
    out[:, columns] += share[columns][None, :, None] * (colour - out[:, columns])


def finish(cloth: dict[str, Any], flat: charts.Flat, out: np.ndarray) -> None:
    """Print and sew on a woven texture [h, w, 3], in place, what lies on its front and back.

    Args:
        cloth: dict of `cloth.random_cloth`.
        flat: the chart.
        out: [h, w, 3], the woven cloth, changed in place.
    """
    kind, (first, second, third) = cloth["kind"], cloth["colours"]
    out *= grain(flat)
    if flat.chart in charts.ARMS and kind in ("logo", "letters") and not cloth["sleeves"] and cloth["style"] < 3:
        _rings(out, flat, 0.565, second, third)  # round a short sleeve
    if flat.chart in charts.LEGS and kind in ("logo", "letters", "plain"):
        _seams(cloth, flat, out)
    if flat.chart != charts.TRUNK:
        return
    if kind == "denim":
        thread = thread_of(cloth)
        for side in (-1, 1):  # on the seat, and on the chest of a jacket
            _pocket(out, flat, side * 0.355, 0.172, 0.052, 0.066, thread)
            _pocket(out, flat, side * 0.095, 0.50, 0.042, 0.05, thread)
        _pocket(out, flat, 0.0, 0.19, 0.022, 0.10, thread)  # the fly
    behind = 0.5 * flat.girth
    letters = min(0.085, 0.24 / len(cloth["word"]))
    if kind == "logo":
        if "tile" in cloth:
            _panel(out, flat, cloth, behind if cloth["shift"] % 3 == 0 else 0.0)
        for height in (CHEST, THIGH) if "tile" not in cloth else (THIGH,):
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


def shoes(cloth: dict[str, Any], flat: charts.Flat) -> np.ndarray:
    """Shoes on a leg's chart: upper, laces on the instep, cap on the toes, stripes at the sides, and the sole.

    Args:
        cloth: dict of `cloth.random_shoes`.
        flat: the chart of a leg.
    """
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
