"""One person in several poses: pictures, parsings, keypoints, joint visibility, correspondences, depth and normals.

The person is the unit of work: everything here depends on the person's seed, the number of poses, the size and the
style alone, never on what is rendered beside it. Labels, visibility and correspondences are those of the ray through
the pixel's centre; colours average four rays. Taught in notebook 01.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from warpgan.people.body import load_body
from warpgan.people.figure import Figure, eighteen
from warpgan.people.scene import MISS
from warpgan.people.styles import style as find_style
from warpgan.people.wardrobe import random_person

if TYPE_CHECKING:
    from warpgan.people.camera import Camera
    from warpgan.people.styles import Style
    from warpgan.people.wardrobe import Person

HIDDEN = -1.0
EXTRAS = ("depth", "normals", "unlit")
# how far on the average body a visible surface point may lie from the joint that it covers, metres
COVER = np.array([0.06, 0.17, 0.16, 0.12, 0.11, 0.16, 0.12, 0.11, 0.22, 0.20, 0.14, 0.22, 0.20, 0.14, 0.05, 0.05,
                  0.06, 0.06])


def presence(head: np.ndarray, joint_pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Which of the 18 joints an annotator would mark.

    A joint hidden by the body is present; nose and eyes are missing when the head turns them away, an ear when its
    side of the head is turned away; whatever lies outside the picture is missing.

    Args:
        head: [3, 3] rotation of the head. joint_pixels: [18, 2]. size: (height, width).
    """
    present = np.ones(18, bool)
    outward = {0: (0, -1, 0), 14: (-0.42, -0.9, 0), 15: (0.42, -0.9, 0), 16: (-1, -0.1, 0), 17: (1, -0.1, 0)}
    for joint, direction in outward.items():
        facing = -(head @ np.array(direction))[1]  # the camera looks along +y
        present[joint] = facing > (-0.05 if joint < 16 else -0.25)
    inside = (joint_pixels >= -0.5) & (joint_pixels < np.array([size[1], size[0]]) - 0.5)
    return present & inside.all(axis=1)


def render_person(
    seed: np.random.SeedSequence, poses: int, size: tuple[int, int], *, style: str = "plain",
    given: Sequence[dict[str, np.ndarray]] | None = None, wear: str | Sequence[str] = (), person: Person | None = None,
    extras: Sequence[str] = (), device: str = "cpu",
) -> dict[str, Any]:
    """Render one person in several poses.

    Args:
        seed: `numpy.random.SeedSequence` of the person. poses: number of poses, at least 1. size: (height, width).
        style: name of the camera, light and ground, one of `styles.STYLES`.
        given: rotations by bone name for each pose, for instance of `fit.Fit`; None: drawn at random.
        wear: names of garments that the person is to wear, see `wardrobe.random_person`.
        person: a `wardrobe.Person` of your own; None: drawn from the seed.
        extras: further truths, of "depth", "normals" and "unlit".
        device: "cpu" or "cuda[:n]"; pictures of another device differ in rounding alone.

    Returns:
        dict of arrays: `images [P, H, W, 3]` uint8, `parsings [P, H, W]` uint8, `keypoints [P, 18, 3]` float32,
        `visible [P, 18]` bool, `correspondences [P, P, H, W, 2]` float32 (target, condition; x, y in the condition,
        `HIDDEN` where the point is not seen there and where target and condition are one), `views [P]` names ("given"
        for a given pose). With the extras
        `depth [P, H, W]` metres from the camera's plane, 0 on the ground; `normals [P, H, W, 3]` of length 1 (x right,
        y away from the camera, z up), 0 on the ground; `unlit [P, H, W, 3]` uint8 colours without light and
        `pure [P, H, W]` bool: all rays of the pixel show one label.

    Raises:
        ValueError: an unknown style, garment or extra.
    """
    unknown = [name for name in extras if name not in EXTRAS]
    if unknown:
        raise ValueError(f"extras are among {', '.join(EXTRAS)}, found {unknown[0]!r}")
    chosen = find_style(style)
    person_seed, *pose_seeds = (np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, i))
                                for i in range(poses + 1))
    if person is None:
        person = random_person(np.random.default_rng(person_seed), wear)
    figure = Figure(person, device)
    shots = [_shoot(figure, chosen, np.random.default_rng(pose_seed), size, None if given is None else given[number])
             for number, pose_seed in enumerate(pose_seeds)]
    out = {name: np.stack([shot[name] for shot in shots]) for name in ("images", "parsings", "keypoints", "visible")}
    out["views"] = [shot["view_name"] for shot in shots]
    out["correspondences"] = np.full((poses, poses, *size, 2), HIDDEN, np.float32)
    for condition, there in enumerate(shots):
        scene = figure.place_on(there["points"])
        for target, here in enumerate(shots):
            if target == condition:
                continue
            found = scene.find(there["view"], there["points"], there["normals_posed"], there["seen"], here["seen"])
            out["correspondences"][target, condition] = found.reshape(*size, 2)
    seen = [shot["seen"] for shot in shots]
    if "depth" in extras:
        out["depth"] = np.stack([one["depth"].numpy().reshape(size) for one in seen])
    if "normals" in extras:
        out["normals"] = np.stack([one["normal"].numpy().reshape(*size, 3) for one in seen])
    if "unlit" in extras:
        out["unlit"] = np.stack([_eight_bits(one["unlit"].numpy().reshape(*size, 3)) for one in seen])
        out["pure"] = np.stack([one["pure"].numpy().reshape(size).astype(bool) for one in seen])
    return out


def _shoot(figure, style, rng, size, given):
    # One picture: pose, camera, light and ground are drawn in this order from the pose's own generator.
    rotations, view_name = figure.random_pose(rng) if given is None else (given, "given")
    posed = figure.pose(rotations)
    setting = set_up(style, posed[0].numpy()[figure.shown], posed[2], size, rng)
    return {**expose(figure, posed, setting, style, rng), "view_name": view_name}


def set_up(
    style: Style, points: np.ndarray, joints: np.ndarray, size: tuple[int, int], rng: np.random.Generator
) -> tuple[Camera, tuple, np.ndarray]:
    """Draw camera, light (as `Style.light` has it) and ground for posed points [N, 3] and joints [18, 3].

    Args:
        style: how people are photographed.
        points: [N, 3] posed vertices that bound what is seen, metres.
        joints: [18, 3], metres.
        size: (height, width) in pixels.
        rng: numpy random generator.
    """
    camera = style.frame(points, joints, size, rng)
    light = style.light(rng)
    return camera, light, style.ground(size, rng, camera, points)


def expose(figure: Figure, posed: tuple, setting: tuple, style: Style, rng: np.random.Generator) -> dict[str, Any]:
    """Take one picture of a figure posed by `Figure.pose` in a setting drawn by `set_up`; a dict of arrays.

    Args:
        figure: the person.
        posed: what `Figure.pose` gave.
        setting: what `set_up` gave.
        style: how people are photographed.
        rng: numpy random generator.
    """
    (points, normals, joints, head), (camera, light, ground) = posed, setting
    size = camera.size
    scene = figure.place_on(points)
    view = scene.view(camera, *light)
    seen = scene.see(view, normals, ground)
    image = style.finish(_eight_bits(seen["picture"].numpy().reshape(*size, 3)), rng)
    pixels = camera.project(joints)
    present = presence(head, pixels, size)
    return {"images": image, "parsings": seen["label"].numpy().reshape(size), "seen": seen,
            "keypoints": (np.concatenate([pixels, np.ones((18, 1))], 1) * present[:, None]).astype(np.float32),
            "visible": present & _visible(figure, scene, view, pixels), "points": points, "normals_posed": normals,
            "view": view}


def _visible(figure, scene, view, pixels):
    # A joint is seen where the ray towards it meets the body close to it, on the body's own side.
    face, weights, _, _ = scene.probe(view, pixels)
    place = np.einsum("nk,nkd->nd", weights, figure.place[figure.faces[np.maximum(face, 0)]])
    return (face != MISS) & (np.linalg.norm(place - _rest_joints(), axis=1) < COVER)


@lru_cache(maxsize=1)
def _rest_joints():
    return eighteen(load_body().joints(load_body().mean))


def _eight_bits(colours):
    return np.clip(np.round(colours * 255), 0, 255).astype(np.uint8)
