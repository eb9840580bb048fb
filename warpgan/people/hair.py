"""Hair: a shell over the scalp for everybody, and a sheet over neck, shoulders and back for long hair.

The sheet is drawn once on the average body outside of head and back, and follows each person's shape and pose through
the body points nearest to it; it therefore lies on the back and never crosses the chest.
"""

from functools import lru_cache

import numpy as np

from .body import load_body

SPREAD = 0.15  # metres from the neck's axis beyond which hair does not reach over the shoulders
CENTRE_Y = -0.035  # of head and neck on the average body
ROWS = np.linspace(0.965, 0.40, 48)  # heights of the sheet's rows
ANGLES = np.radians(np.linspace(-112, 112, 57))  # 0 is the back of the head, negative the person's right


def scalp_field(place):
    """Signed height [N] in metres above the hairline for points [N, 3] on the average body."""
    x, y, z = place.T
    line = np.interp(y, [-0.2, -0.15, -0.115, -0.088, -0.075, -0.04, -0.02, 0.01, 0.05],
                     [0.972, 0.968, 0.955, 0.875, 0.915, 0.915, 0.85, 0.80, 0.79])
    line = line - 0.006 * np.cos(np.clip(np.abs(x) / 0.07, 0, 1) * np.pi) * (y < -0.11)
    ear = (np.abs(x) > 0.078) & (np.abs(y + 0.055) < 0.035) & (z < 0.917)
    return np.where(ear | (z < 0.7), -0.05, z - line)


@lru_cache(maxsize=1)
def sheet():
    """The long-hair sheet on the average body.

    Returns:
        dict of `points [N, 3]`, `faces [M, 3]`, `end [N]` (how far the strand may hang at this angle: lowest height),
        `angle [N]`, `nearest [N, 6]` body vertices it follows, `share [N, 6]`, `skin [N, bones]`, `down [N]` 0 at the
        head to 1 on the back.
    """
    body = load_body()
    mean = body.mean
    arms = [index for name, index in body.bones.items() if name.startswith(("upperarm", "lowerarm", "wrist", "finger",
                                                                             "metacarpal"))]
    solid = np.unique(body.faces["body"])
    solid = solid[(mean[solid, 2] > 0.35) & (body.skin[solid][:, arms].sum(1) < 0.6)]
    away = mean[solid] - [0, CENTRE_Y, 0]
    angle, radius = np.arctan2(away[:, 0], away[:, 1]), np.hypot(away[:, 0], away[:, 1])
    reach = np.zeros((len(ROWS), len(ANGLES)))
    for i, z in enumerate(ROWS):
        for j, a in enumerate(ANGLES):
            near = (np.abs(away[:, 2] - z) < 0.022) & (np.abs(np.mod(angle - a + np.pi, 2 * np.pi) - np.pi) < 0.16)
            reach[i, j] = radius[near].max() if near.any() else 0.0
    head = reach[(ROWS > 0.86)].max(0)
    fall = np.where(ROWS[:, None] > 0.9, reach, np.maximum(reach, head[None] * 1.0))
    fall = np.minimum(fall, SPREAD) + 0.014
    for _ in range(3):  # soften, without cutting into the body
        padded = np.pad(fall, 1, mode="edge")
        soft = (padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:] + 2 * fall) / 6
        fall = np.maximum(soft, np.minimum(reach, SPREAD) + 0.008)
    z, a = np.meshgrid(ROWS, ANGLES, indexing="ij")
    points = np.stack([fall * np.sin(a), CENTRE_Y + fall * np.cos(a), z], axis=-1).reshape(-1, 3)

    index = np.arange(len(points)).reshape(z.shape)
    quads = [index[:-1, :-1].ravel(), index[1:, :-1].ravel(), index[1:, 1:].ravel(), index[:-1, 1:].ravel()]
    faces = np.concatenate([np.stack([quads[0], quads[1], quads[2]], 1), np.stack([quads[0], quads[2], quads[3]], 1)])
    squared = (points ** 2).sum(1)[:, None] - 2 * points @ mean[solid].T + (mean[solid] ** 2).sum(1)[None]
    order = np.sort(np.argpartition(squared, 6, axis=1)[:, :6], axis=1)
    share = 1.0 / np.maximum(np.sqrt(np.maximum(np.take_along_axis(squared, order, 1), 0)), 1e-3)
    share /= share.sum(1, keepdims=True)
    nearest = solid[order]
    down = np.clip((0.80 - points[:, 2]) / 0.12, 0, 1)
    skin = np.einsum("nk,nkb->nb", share, body.skin[nearest]) * down[:, None]
    skin[:, body.bones["head"]] += 1 - down
    wide = np.clip((np.abs(a.ravel()) - np.radians(12)) / np.radians(60), 0, 1)
    return {"points": points, "faces": faces.astype(np.int32), "wide": wide, "angle": a.ravel(), "nearest": nearest,
            "share": share, "skin": skin.astype(np.float32), "down": down}


def sheet_cut(length, front):
    """Cut field [N] of the sheet for hair that hangs down to the height `length` of the average body.

    Args:
        length: lowest height at the back, 0.42 to 0.74. front: how far to the front it reaches, degrees (80 to 110).
    """
    part = sheet()
    end = length + max(0.70 - length, 0.0) * part["wide"] ** 2  # rounded: shorter towards the shoulders
    sides = (np.radians(front) - np.abs(part["angle"])) * 0.09
    return np.minimum(part["points"][:, 2] - end, sides)


def sheet_rest(rest, clearance):
    """Rest points [N, 3] of the sheet on a person.

    Args:
        rest: [V, 3] the person's rest vertices. clearance: metres of clothes under the hair on the back.
    """
    part = sheet()
    moved = np.einsum("nk,nkd->nd", part["share"], (rest - load_body().mean)[part["nearest"]])
    outward = np.stack([np.sin(part["angle"]), np.cos(part["angle"]), np.zeros_like(part["angle"])], 1)
    return part["points"] + moved + outward * (clearance * part["down"])[:, None]


def strands(place, colour, streak, seed):
    """Colours [N, 3] of hair at places [N, 3] on the average body: strands of slightly different brightness."""
    angle = np.arctan2(place[:, 0], place[:, 1] - CENTRE_Y)
    wave = np.sin(angle * 23 + seed) + np.sin(angle * 41 + 2.3 * seed + 6 * place[:, 2])
    return np.clip(colour * (1 + streak * wave[:, None]), 0, 1)
