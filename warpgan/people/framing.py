"""Framing: where the camera of each style puts a person in the picture.

Every function is (points [N, 3], joints [18, 3], size, rng) -> `Camera`, with posed points and OpenPose joints in
metres. Used by `styles`; taught in notebook 01.
"""

from __future__ import annotations

import numpy as np

from warpgan.people.camera import DISTANCE, Camera

# Shares of the frames. Among 434 annotated sample rows of the In-shop test set (256 x 256), 29 % show an ankle, 16 % a
# knee but no ankle, and 54 % end between hip and knee; details of the lower body are few and carry no joints there.
FRAMES = {"full": 0.30, "three-quarter": 0.17, "upper": 0.50, "lower": 0.03}
# Rows of two joints in those pictures as fractions of the height, (mean, deviation): neck and hips, neck and knees,
# hips and ankles; for "full" the first and the last row of the person.
ROWS = {"full": ((0.045, 0.012), (0.957, 0.012)), "three-quarter": ((0.281, 0.024), (0.950, 0.022)),
        "upper": ((0.305, 0.030), (0.785, 0.045)), "lower": ((0.16, 0.04), (0.90, 0.02))}


def _loose(points):
    # Camera coordinates at focal length 1, y down.
    return Camera((1, 1), 1.0, (0.0, 0.0)).project(points)


def _crown(loose, places):
    # The highest row of the head, its hair or hat (a hand beside the head is not counted).
    head = loose[(np.abs(loose[:, 0] - places[[0, 16, 17], 0].mean()) < 0.025) & (loose[:, 1] < places[1, 1])]
    head = head[head[:, 1] > places[0, 1] - 0.065]
    return head[:, 1].min() if len(head) else places[0, 1] - 0.03


def whole(points: np.ndarray, _joints: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> Camera:
    """A camera that sees all of the posed points, at a random scale and place."""
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


def studio(points: np.ndarray, joints: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> Camera:
    """A camera framed as the In-shop pictures are: one of `FRAMES`, with the rows of `ROWS`."""
    height, width = size
    kind = str(rng.choice(tuple(FRAMES), p=tuple(FRAMES.values())))
    shift, *wanted = np.clip(rng.standard_normal(3), -2.0, 2.0)
    rows = [(mean + deviation * z) * height for (mean, deviation), z in zip(ROWS[kind], wanted, strict=True)]
    loose, places = _loose(points), _loose(joints)
    hips, axis = places[[8, 11]].mean(0), 0.5 * (places[1, 0] + places[[8, 11], 0].mean())
    ends = {"full": (loose[:, 1].min(), loose[:, 1].max()), "lower": (hips[1], places[[10, 13], 1].max()),
            "three-quarter": (places[1, 1], places[[9, 12], 1].max())}
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
        top = max(top, 0.005 * height - focal * _crown(loose, places))
    room = 0.5 * (width - 1 - focal * (high[0] - low[0]))
    aside = np.clip(0.022 * height * shift, -max(room, 0.0), max(room, 0.0))
    return Camera(size, focal, (0.5 * (width - 1) + aside - focal * axis, top))


def detected(points: np.ndarray, joints: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> Camera:
    """A camera framed by a loose detector: off-centre, a hand, the feet or the head cut now and then.

    In the annotated sample rows of Market-1501 the neck lies in row 25 and the ankles in row 115 of 128.
    """
    height, width = size
    first, last = rng.uniform(0.005, 0.075), rng.uniform(0.91, 0.985)
    cut_feet, cut_head, feet, head = rng.random(), rng.random(), rng.uniform(1.0, 1.22), rng.uniform(-0.07, 0.0)
    last, first = (feet if cut_feet < 0.12 else last), (head if cut_head < 0.07 else first)
    aside = 0.055 * width * np.clip(rng.standard_normal(), -2.0, 2.0)
    loose = _loose(points)
    low, high = loose.min(0), loose.max(0)
    # Raised hands enlarge the box, yet less than they reach: the detector looks for a head above a trunk.
    top = min(low[1] + 0.6 * max(_crown(loose, _loose(joints)) - low[1], 0.0), high[1] - 1e-6)
    focal = min((last - first) * height / (high[1] - top), 1.2 * width / max(high[0] - low[0], 1e-6))
    middle = 0.5 * (first + last) * height - focal * 0.5 * (top + high[1])
    axis = 0.25 * (low[0] + high[0]) + 0.5 * np.median(loose[:, 0])
    return Camera(size, focal, (0.5 * (width - 1) + aside - focal * axis, middle))
