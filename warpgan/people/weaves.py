"""Woven patterns on a chart: stripes, columns, checks, tartans, dots, runs of colour, blocks, and repeated prints.

Most are products of a function of u and one of v, so they cost a few passes over the texture; edges are as soft as a
texel is wide, and whole periods go round a limb so that no seam shows. Taught in notebook 01.
"""

from __future__ import annotations

import numpy as np

from warpgan.people import charts

SIDES = {charts.LEFT_ARM: 1, charts.LEFT_LEG: 1, charts.RIGHT_ARM: -1, charts.RIGHT_LEG: -1}


def band(at: np.ndarray, period: float, middle: float, width: float, texel: float) -> np.ndarray:
    """Share [n] of each texel inside the bands of a width (metres) about middle + any whole number of periods.

    Args:
        at: [n] places, metres.
        period: metres.
        middle: of one of the bands, metres.
        width: of a band, metres.
        texel: metres over which an edge is soft.
    """
    distance = np.abs(np.mod(at - middle + 0.5 * period, period) - 0.5 * period)
    return np.clip((0.5 * width - distance) / texel + 0.5, 0, 1).astype(np.float32)


def around(flat: charts.Flat, period: float) -> float:
    """The period nearest to the given one, in metres, of which a whole number goes round the limb: at least two."""
    return flat.girth / max(round(flat.girth / period), 2)


def mixed(mask: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Colours [h, w, 3] between two colours [3]: `one` where the mask [h, w] is 0, `other` where it is 1."""
    out = np.empty((*mask.shape, 3), np.float32)
    for k in range(3):
        np.multiply(mask, np.float32(other[k] - one[k]), out=out[..., k])
        out[..., k] += np.float32(one[k])
    return out


def along(colours: np.ndarray, flat: charts.Flat) -> np.ndarray:
    """A texture whose rows have the colours [h, 3]."""
    return np.repeat(np.ascontiguousarray(colours, np.float32)[:, None], len(flat.u), axis=1)


def across(colours: np.ndarray, flat: charts.Flat) -> np.ndarray:
    """A texture whose columns have the colours [w, 3]."""
    return np.repeat(np.ascontiguousarray(colours, np.float32)[None], len(flat.v), axis=0)


def _line(mask, one, other):
    return one + mask[:, None] * (other - one)


def _stripes(cloth, flat):
    first, second, third = cloth["colours"]
    period, style = cloth["period"], cloth["style"]
    v, start = flat.v, cloth["phase"][1] * cloth["period"]
    if style == 3:  # rugby: wide bands in turn
        line = _line(band(v, 2.4 * period, start, 0.8 * period, flat.texel), first, second)
        return along(_line(band(v, 2.4 * period, start + 1.2 * period, 0.6 * period, flat.texel), line, third), flat)
    if style == 4:  # one broad band over the chest, another on the thighs
        line = _line(band(v, 0.62, 0.5, 0.17, flat.texel), first, second)
        return along(_line(band(v, 0.62, 0.5, 0.05, flat.texel), line, third), flat)
    line = _line(band(v, period, start, period * (0.3 if style == 2 else cloth["duty"]), flat.texel), first, second)
    if style == 1:
        line = _line(band(v, 2 * period, start + 0.5 * period, 0.22 * period, flat.texel), line, third)
    return along(line, flat)


def _columns(cloth, flat):
    first, second, third = cloth["colours"]
    period, style, u = around(flat, cloth["period"]), cloth["style"], flat.u
    if style == 3:  # two lines down the sides of trunk and limbs
        side = SIDES.get(flat.chart, 1) * 0.25 * flat.girth
        middles = (side, -side) if flat.chart == charts.TRUNK else (side,)
        line = np.broadcast_to(first, (len(u), 3))
        for middle in middles:
            line = _line(band(u, flat.girth, middle, 0.062, flat.texel), line, second)
            line = _line(band(u, flat.girth, middle, 0.022, flat.texel), line, third)
        return across(line, flat)
    start = 0.5 * period
    line = _line(band(u, period, start, period * (0.22 if style == 2 else cloth["duty"]), flat.texel), first, second)
    if style == 1:
        line = _line(band(u, period, start, 0.16 * period, flat.texel), line, third)
    return across(line, flat)


def _checks(cloth, flat):
    first, second, third = cloth["colours"]
    period, style = cloth["period"], cloth["style"]
    turn = around(flat, period)
    duty = 0.5 if style < 3 else 0.2  # windowpanes are thin
    rows = band(flat.v, period, cloth["phase"][1] * period, duty * period, flat.texel)
    columns = band(flat.u, turn, 0.5 * turn, duty * turn, flat.texel)
    if style == 0:  # a chessboard
        return mixed(rows[:, None] + columns[None] - 2 * rows[:, None] * columns[None], first, second)
    if style in (1, 2):  # gingham: half the colour where one thread crosses, all where two do
        return mixed(0.5 * (rows[:, None] + columns[None]), first, second if style == 1 else third)
    out = across(_line(columns, first, second), flat)
    if style == 4:
        second = third
    out += rows[:, None, None] * (second - out)
    return out


def _tartan(cloth, flat):
    colours, threads = cloth["colours"], []
    for at, period, start in ((flat.u, around(flat, cloth["period"]), 0.0), (flat.v, cloth["period"],
                                                                           cloth["phase"][1])):
        line = np.broadcast_to(colours[0], (len(at), 3))
        for middle, width, number in cloth["sett"]:
            line = _line(band(at, period, (middle + start) * period, width * period, flat.texel), line,
                         colours[int(number)])
        threads.append(0.5 * line)
    out = across(threads[0], flat)
    out += threads[1].astype(np.float32)[:, None]
    return out


def _dots(cloth, flat):
    first, second, third = cloth["colours"]
    style, period = cloth["style"], cloth["period"]
    turn = around(flat, period)
    radius = (0.17 + 0.16 * cloth["duty"]) * min(turn, period)
    start, out = cloth["phase"][1] * period, None
    u = np.mod(flat.u / turn, 1.0) * turn
    for number in range(2):  # even rows, then odd ones, shifted by half a period
        du = np.abs(np.mod(u + 0.5 * number * turn, turn) - 0.5 * turn)
        dv = np.abs(np.mod(flat.v - start + number * period, 2 * period) - period)
        near = np.flatnonzero(dv < radius + flat.texel)
        if style == 4:  # lozenges
            distance = radius * 1.2 - du[None] - dv[near, None]
        else:
            distance = radius - np.sqrt(np.square(du)[None] + np.square(dv[near])[:, None])
        if style == 3:  # rings
            distance = np.minimum(distance, 0.55 * radius - distance)
        ink = third if number and style in (1, 2) else second
        out = np.empty((len(flat.v), len(u), 3), np.float32) if out is None else out
        if number == 0:
            out[:] = first
        out[near] = mixed(np.clip(distance / flat.texel + 0.5, 0, 1).astype(np.float32), first, ink)
    return out


def _gradient(cloth, flat):
    first, second, third = cloth["colours"]
    upper = np.clip((flat.v - 0.12) / 0.5, 0, 1)  # a top
    lower = np.clip((0.1 - flat.v) / 0.7, 0, 1)  # trousers, skirts and the lower part of a dress
    if cloth["style"] > 2:  # dipped: the change is quick
        upper, lower = np.clip(3 * upper - 1, 0, 1), np.clip(3 * lower - 1, 0, 1)
    return along(_line(lower, _line(upper, first, second), third), flat)


def _blocks(cloth, flat):
    first, second, third = cloth["colours"]
    style, v, u = cloth["style"], flat.v, flat.u
    if style == 0 and flat.chart != charts.OWN:  # left and right differ
        side = SIDES.get(flat.chart)
        share = np.full(len(u), side > 0, np.float32) if side else (
            band(u, flat.girth, 0.25 * flat.girth, 0.5 * flat.girth, flat.texel))
        return across(_line(share, first, second), flat)
    edge = 0.46 if flat.chart not in charts.LEGS else -0.25
    if style in (1, 2) and flat.chart == charts.TRUNK:  # a slanting or pointed yoke
        height = v[:, None] - edge - 0.45 * (np.abs(u) if style == 1 else np.sin(u / charts.TRUNK_RADIUS) * 0.12)[None]
        return mixed(np.clip(height / flat.texel + 0.5, 0, 1).astype(np.float32), first, second)
    line = _line(np.clip((v - edge) / flat.texel + 0.5, 0, 1), first, second)
    line = _line(np.clip((-0.1 - v) / flat.texel + 0.5, 0, 1) * (flat.chart == charts.TRUNK), line, second)
    return along(_line(band(v, 9.0, edge - 0.03, 0.05, flat.texel), line, third), flat)


def repeat(tile: np.ndarray, flat: charts.Flat, width: float, start: np.ndarray) -> np.ndarray:
    """A tile [n, n, 3] laid all over a chart: about `width` metres each, whole ones round a limb; start: shares [2].

    Args:
        tile: [n, n, 3].
        flat: the chart.
        width: of a tile, about, metres.
        start: [2], shares of a tile by which it is shifted.
    """
    count = len(tile)
    turns = max(round(flat.girth / width), 1)
    columns = np.mod((flat.u / flat.girth + 0.5) * turns, 1.0) * count
    rows = np.mod(-flat.v / width + start[1], 1.0) * count
    return np.take(tile[np.minimum(rows.astype(int), count - 1)], np.minimum(columns.astype(int), count - 1), axis=1)


def _print(cloth, flat):
    return repeat(cloth["tile"], flat, 2.2 * cloth["period"], cloth["phase"])


WEAVES = {"stripes": _stripes, "columns": _columns, "checks": _checks, "tartan": _tartan, "dots": _dots,
          "gradient": _gradient, "blocks": _blocks, "print": _print}
