"""Cloth patterns: colours as functions of the place on the average body in its rest pose.

Because the place is a point of the cloth and not of the picture, the same stripe, dot or logo is seen from every view
and in every pose: that is what a transferred texture is measured against. Taught in notebook 01.
"""

import colorsys

import numpy as np

PATTERNS = ("stripes", "columns", "checks", "tartan", "dots", "gradient", "print", "blocks", "logo", "plain")
SHARES = (0.15, 0.08, 0.11, 0.09, 0.12, 0.09, 0.12, 0.08, 0.12, 0.04)
ARM_BONE, TORSO_RADIUS, ARM_RADIUS, LEG_RADIUS = 0.28, 0.15, 0.05, 0.08  # metres on the average body
LOGOS = ("disc", "ring", "star", "square", "cross", "heart", "triangle", "bars")


def vivid(rng, dark=0.25, light=1.0):
    """A random colour [3] in 0..1: mostly saturated, now and then grey, white or black."""
    if rng.random() < 0.16:
        return np.full(3, rng.choice([0.06, 0.25, 0.55, 0.8, 0.97]))
    hue, saturation, value = rng.random(), rng.uniform(0.35, 0.95), rng.uniform(dark, light)
    return np.array(colorsys.hsv_to_rgb(hue, saturation, value))


def palette(rng, count=3):
    """Colours [count, 3] that differ well from one another."""
    colours = [vivid(rng)]
    while len(colours) < count:
        tries = [vivid(rng) for _ in range(6)]
        apart = [min(np.abs(one - other).sum() for other in colours) for one in tries]
        colours.append(tries[int(np.argmax(apart))])
    return np.array(colours)


def random_cloth(rng, patterns=PATTERNS, shares=SHARES):
    """Draw a cloth: a dict of its pattern, colours, period and the other numbers that `paint` reads."""
    shares = np.array([shares[PATTERNS.index(name)] for name in patterns])
    kind = patterns[int(np.searchsorted(np.cumsum(shares / shares.sum()), rng.random(), side="right"))]
    return {
        "kind": kind, "colours": palette(rng), "period": rng.uniform(0.075, 0.17), "phase": rng.random(2),
        "duty": rng.uniform(0.35, 0.65), "waves": rng.normal(size=(5, 3)) * rng.uniform(16, 34),
        "shifts": rng.uniform(0, 2 * np.pi, 5), "axis": int(rng.integers(2)), "logo": LOGOS[rng.integers(len(LOGOS))],
        "back_logo": LOGOS[rng.integers(len(LOGOS))], "size": rng.uniform(0.07, 0.115),
        "sleeves": rng.random() < 0.22, "trim": rng.random() < 0.35,
    }


def cloth_coordinates(place, arm, side, legs):
    """Coordinates (around, along) in metres on a sleeve, a trouser leg or the trunk.

    Args:
        place: [N, 3] on the average body. arm: [N] 0 shoulder, 1 elbow, 2 wrist, below 0 off the arm.
        side: [N] sign of the body half. legs: [N] bool, on a trouser leg.

    Returns:
        [N, 2]; a turn about the limb is a fixed length, so periods can close on themselves.
    """
    x, y, z = place.T
    centre_x, centre_y = np.zeros_like(x), np.full_like(x, -0.02)
    radius, along = np.full_like(x, TORSO_RADIUS), z
    centre_x = np.where(legs, side * np.interp(z, [-0.74, -0.26, 0.1], [0.195, 0.15, 0.11]), centre_x)
    radius = np.where(legs, LEG_RADIUS, radius)
    around = np.arctan2((x - centre_x), -(y - centre_y))
    on_arm = arm > 0
    # Across a sleeve: x outwards and y; the arm hangs down and forwards, so this is nearly the angle about it.
    axis_x = side * np.interp(arm, [0, 1, 2], [0.198, 0.39, 0.52])
    axis_y = np.interp(arm, [0, 1, 2], [-0.028, -0.042, -0.217])
    axis_z = np.interp(arm, [0, 1, 2], [0.654, 0.447, 0.318])
    outward = side * (x - axis_x) * 0.75 + (z - axis_z) * 0.66
    around = np.where(on_arm, np.arctan2(side * outward, -(y - axis_y)), around)
    radius = np.where(on_arm, ARM_RADIUS, radius)
    along = np.where(on_arm, 0.66 - ARM_BONE * arm, along)
    return np.stack([around * radius, along], axis=1), 2 * np.pi * radius


def _logo(kind, x, y):
    # True inside a figure of about unit radius.
    r = np.hypot(x, y)
    if kind == "disc":
        return r < 1
    if kind == "ring":
        return (r < 1.05) & (r > 0.55)
    if kind == "star":
        return r < 0.62 + 0.48 * np.cos(5 * np.arctan2(x, y))
    if kind == "square":
        return np.maximum(np.abs(x), np.abs(y)) < 0.85
    if kind == "cross":
        return (np.minimum(np.abs(x), np.abs(y)) < 0.33) & (np.maximum(np.abs(x), np.abs(y)) < 1.05)
    if kind == "heart":
        return (x * x + (y - 0.65 * np.sqrt(np.abs(x)) + 0.1) ** 2) < 0.85
    if kind == "triangle":
        return (y > -0.75) & (y < 1.05 - 1.9 * np.abs(x))
    return (np.abs(x) < 1.6) & (np.abs(np.mod(y + 1.0, 0.8) - 0.4) < 0.22) & (np.abs(y) < 1.0)


def paint(cloth, place, arm, side, legs):
    """Colours [N, 3] in 0..1 of a cloth at places on the average body; arguments as `cloth_coordinates`."""
    first, second, third = cloth["colours"]
    kind, phase, duty = cloth["kind"], cloth["phase"], cloth["duty"]
    coordinates, girth = cloth_coordinates(place, arm, side, legs)
    turns = np.maximum(np.round(girth / cloth["period"]), 2.0)  # whole periods around, so that no seam shows
    u = coordinates[:, 0] / girth * turns + 0.5
    v = coordinates[:, 1] / cloth["period"] + phase[1]
    along, across = np.mod(v, 1.0), np.mod(u, 1.0)
    colour = np.broadcast_to(first, place.shape).copy()
    if kind == "stripes":
        colour[along < duty] = second
        colour[(along > 0.9) & (np.mod(v, 2.0) > 1)] = third
    elif kind == "columns":
        colour[across < duty] = second
    elif kind == "checks":
        colour[(along < 0.5) ^ (across < 0.5)] = second
    elif kind == "tartan":
        mix = 0.5 * (along < duty)[:, None] + 0.5 * (across < duty)[:, None]
        colour = first + mix * (second - first)
        colour[(np.abs(along - 0.8) < 0.07) | (np.abs(across - 0.8) < 0.07)] = third
    elif kind == "dots":
        shifted = np.mod(across + 0.5 * np.floor(v), 1.0)
        colour[np.hypot(shifted - 0.5, along - 0.5) < 0.2 + 0.22 * duty] = second
    elif kind == "gradient":
        mix = np.clip((coordinates[:, 1] - 0.12) / 0.5, 0, 1)
        mix = mix if cloth["axis"] else 1 - mix
        low = np.clip((place[:, 2] + 0.65) / 0.75, 0, 1)  # trousers and skirts have their own run of colour
        mix = np.where(place[:, 2] < 0.1, low if cloth["axis"] else 1 - low, mix)
        colour = first + mix[:, None] * (second - first)
    elif kind == "print":
        wave = np.sin(place @ cloth["waves"].T + cloth["shifts"]).sum(1)
        colour[wave > 0.35] = second
        colour[wave < -1.1] = third
    elif kind == "blocks":
        part = side > 0 if cloth["axis"] else coordinates[:, 1] > np.where(place[:, 2] < 0.15, -0.25, 0.46)
        colour[part] = second
        if not cloth["axis"]:
            colour[np.abs(coordinates[:, 1] - np.where(place[:, 2] < 0.15, -0.25, 0.46)) < 0.02] = third
    elif kind == "logo":
        size, front = cloth["size"], place[:, 1] < -0.02
        trunk = (arm <= 0) & ~legs
        x = np.where(front, place[:, 0], -place[:, 0]) / size
        y = (place[:, 2] - np.where(place[:, 2] > 0.2, 0.5, -0.02)) / size
        colour[trunk & front & _logo(cloth["logo"], x, y)] = second
        colour[trunk & ~front & _logo(cloth["back_logo"], 1.2 * x, 1.2 * y)] = third
    if cloth["sleeves"] and kind not in ("print", "blocks"):
        colour[arm > 0] = third
    return colour
