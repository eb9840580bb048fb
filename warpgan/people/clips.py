"""A clip: one person in the poses of a motion, before one camera, in one light and on one ground.

`render.render_person` draws a setting for every picture, as an album of photos has one for each. Here it is drawn once,
for all poses together, and the person stays in place: the hips above one point and the lowest point on the floor.
Taught in notebook 00.
"""

from __future__ import annotations

import numpy as np

from warpgan.people import motions
from warpgan.people.body import load_body
from warpgan.people.figure import Figure
from warpgan.people.render import expose, set_up
from warpgan.people.styles import style as find_style
from warpgan.people.wardrobe import random_person

MOTIONS = {"walk": motions.walk, "turn": motions.turn}


def render_clip(
    seed: np.random.SeedSequence, motion: str, frames: int, size: tuple[int, int], *, style: str = "plain",
    device: str = "cpu", **how: float,
) -> dict[str, np.ndarray]:
    """Render one person moving.

    Args:
        seed: `numpy.random.SeedSequence` of the person, who is the one that `render_person` makes of it.
        motion: name of one of `MOTIONS`. frames: number of pictures, at least 2. size: (height, width).
        style, device: as for `render_person`. how: options of the motion, such as `yaw`.

    Returns:
        dict of arrays: `images [F, H, W, 3]` uint8, `parsings [F, H, W]` uint8, `keypoints [F, 18, 3]` float32,
        `visible [F, 18]` bool, and `before [F, H, W, 2]` float32, where the point that a pixel shows lies in the frame
        before (of the first frame: in the last): x, y, or -1 where it is not seen there.
    """
    chosen = find_style(style)
    person_seed, setting_seed = (np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, *key))
                                 for key in ((0,), (0, 0)))  # no picture of `render_person` has the second
    figure = Figure(random_person(np.random.default_rng(person_seed)), device)
    poses = MOTIONS[motion](load_body(), figure.heads, frames, weight=figure.person.phenotype["weight"],
                            rest=figure.rest, **how)
    posed = _stand(figure, poses)
    points = np.concatenate([one[0].numpy()[figure.shown] for one in posed])
    rng = np.random.default_rng(setting_seed)
    setting = set_up(chosen, points, np.mean([one[2] for one in posed], axis=0), size, rng)
    state = rng.bit_generator.state
    shots = []
    for one in posed:  # lens and sensor are the same in every frame, too
        rng.bit_generator.state = state
        shots.append(expose(figure, one, setting, chosen, rng))
    out = {name: np.stack([shot[name] for shot in shots]) for name in ("images", "parsings", "keypoints", "visible")}
    out["before"] = np.stack([_find(figure, there, here).reshape(*size, 2)
                              for there, here in zip(shots[-1:] + shots[:-1], shots, strict=True)])
    return out


def _stand(figure, poses):
    # All poses with the root above the origin, the lowest point on one floor, the floor half of the height below.
    posed = [figure.pose(pose, origin=np.zeros(3)) for pose in poses]
    ends = [one[0].numpy()[figure.shown, 2] for one in posed]
    half = 0.5 * max(float(np.ptp(z)) for z in ends)
    return [figure.pose(pose, origin=np.array([0.0, 0.0, float(z.min()) + half]))
            for pose, z in zip(poses, ends, strict=True)]


def _find(figure, there, here):
    scene = figure.place_on(there["points"])
    return scene.find(there["view"], there["points"], there["normals_posed"], there["seen"], here["seen"])
