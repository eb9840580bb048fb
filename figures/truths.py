"""Measures of the rendered people's truths, taken from what `render_person` gives and from nothing else.

Each function looks at one person's pictures and counts; `people.py` adds the counts up over many people, and the tests
over a few. Notebook 01 explains the truths themselves.
"""

import numpy as np

from warpgan import labels as names
from warpgan.people import render_person
from warpgan.people.shards import person_seed

SLEEVES = (names.UPPER_CLOTHES, names.DRESS, names.COAT)
HANGING = (names.DRESS, names.COAT, names.SKIRT, names.PANTS)
LIMBS = range(names.RIGHT_SHOULDER, names.LEFT_ANKLE + 1)
LARGER = 12  # times, so that strips of skin too thin for a small picture are seen to hang together
DEEPEST = 0.25  # of the trunk's length below the shoulders: no neckline of the wardrobe ends lower
# of the same length, below the shoulders and to either side of the line from neck to hips: skin so near to the throat
# is a neckline's, even where a collar, a lapel or one's own raised sleeve cuts it off from the neck
NEAR = (0.10, 0.16)
# what may separate the skin of the neck from the face, and the arms, beside which an armhole lies
BESIDE = (names.FACE, names.HAIR, names.HAT, names.SCARF, names.SUNGLASSES, names.LEFT_ARM, names.RIGHT_ARM,
          names.GLOVE)


def _own(joint):
    # Labels of the joint's own side: arm, leg and shoe.
    right = names.KEYPOINTS[joint].startswith("right")
    sides = (names.RIGHT_ARM, names.RIGHT_LEG, names.RIGHT_SHOE), (names.LEFT_ARM, names.LEFT_LEG, names.LEFT_SHOE)
    return sides[0] if right else sides[1]


def allowed(joint):
    """Labels that may lie around a visible joint (0..17): the skin of its own side, and what may be worn there."""
    arm, leg, shoe = _own(joint)
    part = names.KEYPOINTS[joint].split("-")[-1]
    return {
        "nose": (names.FACE, names.SUNGLASSES, names.SCARF),
        "neck": (*SLEEVES, names.TORSO_SKIN, names.SCARF, names.HAIR, names.FACE),
        "shoulder": (*SLEEVES, arm, names.TORSO_SKIN, names.SCARF, names.HAIR),
        "elbow": (*SLEEVES, arm),
        "wrist": (*SLEEVES, arm, names.GLOVE),
        "hip": (*HANGING, names.UPPER_CLOTHES),
        "knee": (*HANGING, leg, names.SOCKS),
        "ankle": (*HANGING, leg, shoe, names.SOCKS),
        "eye": (names.FACE, names.SUNGLASSES, names.HAIR, names.HAT),
        "ear": (names.FACE, names.SUNGLASSES, names.HAIR, names.HAT, names.SCARF),
    }[part]


def person(number, poses, size, *, style="plain", split="test", seed=0, extras=()):
    """Render the person with this number of a split, as `render_person` gives it."""
    return render_person(person_seed(seed, split, number), poses, size, style=style, extras=extras)


def bilinear(image, places):
    """Values of an image between its pixels.

    Args:
        image: [H, W, ...], of numbers. places: [N, 2], x and y in pixels; pixel centres have whole coordinates.

    Returns:
        values [N, ...] float64 and the four pixels [N, 4, 2] (row, column) that they come from.
    """
    limit = np.array(image.shape[1::-1]) - 1
    low = np.clip(np.floor(places).astype(int), 0, np.maximum(limit - 1, 0))
    share = np.clip(places - low, 0, 1)
    value, corners = 0.0, []
    for down in (0, 1):
        for right in (0, 1):
            column, row = np.minimum(low + np.array((right, down)), limit).T
            weight = (share[:, 0] if right else 1 - share[:, 0]) * (share[:, 1] if down else 1 - share[:, 1])
            value = value + weight.reshape(-1, *[1] * (image.ndim - 2)) * image[row, column].astype(np.float64)
            corners.append(np.stack([row, column], axis=1))
    return value, np.stack(corners, axis=1)


def pair_error(made, target, condition):
    """How far a condition's unlit colours, moved along the correspondence, lie from the target's.

    Only pixels count whose rays agree on the label: all of the target's pixel and of the condition's four neighbours.

    Args:
        made: what `render_person` gives with the extra "unlit". target, condition: numbers of its pictures.

    Returns:
        sum of the absolute errors as a share of the range (0..1), number of compared pixels, share of the person's
        pixels in the target that are seen in the condition.
    """
    places, parsing = made["correspondences"][target, condition], made["parsings"][target]
    valid = places[..., 0] >= 0
    chosen = valid & made["pure"][target]
    moved, corners = bilinear(made["unlit"][condition], places[chosen])
    row, column = corners[..., 0], corners[..., 1]
    same = made["pure"][condition][row, column].all(1)
    same &= (made["parsings"][condition][row, column] == parsing[chosen][:, None]).all(1)
    error = np.abs(moved - made["unlit"][target][chosen])[same] / 255
    return float(error.mean(1).sum()), int(same.sum()), float(valid.sum() / max((parsing > 0).sum(), 1))


def around(parsing, x, y):
    """Labels [9] of the pixel nearest to a place and of its eight neighbours, that pixel first; edges are repeated."""
    height, width = parsing.shape
    steps = np.array([(0, 0), *((i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j)])
    row = np.clip(round(float(y)), 0, height - 1) + steps[:, 0]
    column = np.clip(round(float(x)), 0, width - 1) + steps[:, 1]
    return parsing[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]


def joints(made):
    """Whether visible joints lie on the body and on labels that fit them.

    Returns:
        counts [18, 3] int: visible; of these, on the body (a label at the joint or beside it); of these, with a fitting
        label: the one at the joint, or, where that is background, one beside it. And a list of the misfits
        (joint's name, label's name).
    """
    counts, misfits = np.zeros((18, 3), int), []
    for parsing, points, visible in zip(made["parsings"], made["keypoints"], made["visible"]):
        for joint in np.flatnonzero(visible):
            near = around(parsing, *points[joint, :2])
            here = near[:1] if near[0] else near[near > 0]
            fits = bool(np.isin(here, allowed(joint)).any())
            counts[joint] += 1, len(here) > 0, fits
            if not fits:
                misfits.append((names.KEYPOINTS[joint], names.LABELS[here[0]] if len(here) else "background"))
    return counts, misfits


def bare_trunk(parsing, points):
    """Torso-skin pixels [H, W] bool where clothes belong: neither the neck nor a neckline.

    Such a pixel lies deep below the shoulders, or cloth separates it from head, neck, throat and arms.

    Args:
        parsing: [H, W]. points: [18, 3]; shoulders, hips and one knee must be in the picture.

    Raises:
        ValueError: the trunk is not in the picture, so that its skin cannot be judged.
    """
    trunk = [names.NECK, *names.TORSO]
    if not points[trunk, 2].all():
        raise ValueError("the test for a bare trunk needs neck, shoulders and hips in the picture")
    skin = parsing == names.TORSO_SKIN
    if not skin.any():
        return skin
    neck, hips = points[names.NECK, :2], points[[names.RIGHT_HIP, names.LEFT_HIP], :2].mean(0)
    # Who bends towards the camera has a short trunk in the picture; a trunk is 1.4 times as long as a thigh.
    thighs = [np.linalg.norm(points[hip, :2] - points[hip + 1, :2]) for hip in (names.RIGHT_HIP, names.LEFT_HIP)
              if points[hip + 1, 2]]
    down = hips - neck
    length = max(np.linalg.norm(down), *(1.4 * thigh for thigh in thighs), 1.0)
    rows, columns = np.nonzero(skin)
    along = down / max(np.linalg.norm(down), 1e-6)
    away = (np.stack([columns, rows], 1) - neck) / length
    depth, aside = away @ along, np.abs(away @ (-along[1], along[0]))
    throat = np.zeros_like(skin)
    close = (depth < NEAR[0]) & (aside < NEAR[1])
    throat[rows[close], columns[close]] = True
    result = np.zeros_like(skin)
    result[rows[depth > DEEPEST], columns[depth > DEEPEST]] = True
    # An open coat may hide the middle of a neckline: skin between coat and top is what is left of it.
    coat, under = parsing == names.COAT, np.isin(parsing, (names.UPPER_CLOTHES, names.DRESS))
    start = throat | _grown(np.isin(parsing, BESIDE)) | (_grown(coat) & _grown(under))
    return result | (skin & ~_reached(skin, start))


def bare_pixels(number, made, **options):
    """Pixels of bare trunk in the pictures of one person.

    In small pictures the tip of a neckline may be parted from the rest of it by a missing pixel: what looks bare is
    looked at again in pictures `LARGER` times as large, and counts if it is bare there too.

    Args:
        number: of the person. made: its pictures. options: of `person`, other than extras.
    """
    def count(one):
        return [int(bare_trunk(*each).sum()) for each in zip(one["parsings"], one["keypoints"])]

    found = count(made)
    if not any(found):
        return 0
    poses, height, width = made["parsings"].shape
    larger = count(person(number, poses, (LARGER * height, LARGER * width), **options))
    return sum(pixels for pixels, again in zip(found, larger) if again)


def _reached(skin, start):
    # Skin that one gets to from `start` in steps from pixel to neighbouring pixel, the first over at most two pixels.
    found = _grown(start) & skin
    while True:
        more = _grown(found) & skin
        if more.sum() == found.sum():
            return found
        found = more


def _grown(mask):
    padded = np.pad(mask, 1)
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    return rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]


def shown(made):
    """Which of the 20 labels [20] bool some picture of a person shows."""
    return np.bincount(made["parsings"].ravel(), minlength=names.NUM_LABELS)[: names.NUM_LABELS] > 0
