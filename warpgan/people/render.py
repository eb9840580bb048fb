"""One person in several poses: pictures, parsings, keypoints, joint visibility and correspondences.

The person is the unit of work: everything here depends on the person's seed, the number of poses and the size alone,
never on what is rendered beside it. Labels, visibility and correspondences are those of the ray through the pixel's
centre; colours average four rays. Taught in notebook 01.
"""

import numpy as np

from .body import load_body
from .camera import DISTANCE, MISS, Scene, frame, pixel_grid
from .figure import Figure, eighteen
from .wardrobe import random_person

LIGHT = np.array([-0.45, -0.75, 0.5]) / np.linalg.norm([-0.45, -0.75, 0.5])
SUBPIXELS = np.array([[-0.125, -0.375], [0.375, -0.125], [0.125, 0.375], [-0.375, 0.125]])  # rotated grid
HIDDEN = -1.0
GRAZING = 0.25  # cosine of the steepest view of a surface in which its points still count as seen
# how far on the average body a visible surface point may lie from the joint that it covers, metres
COVER = np.array([0.06, 0.17, 0.16, 0.12, 0.11, 0.16, 0.12, 0.11, 0.22, 0.20, 0.14, 0.22, 0.20, 0.14, 0.05, 0.05,
                  0.06, 0.06])


def presence(joints, head, joint_pixels, size):
    """Which of the 18 joints an annotator would mark.

    A joint hidden by the body is present; nose and eyes are missing when the head turns them away, an ear when its
    side of the head is turned away; whatever lies outside the picture is missing.

    Args:
        joints: [18, 3] metres. head: [3, 3] rotation of the head. joint_pixels: [18, 2]. size: (height, width).
    """
    present = np.ones(18, bool)
    outward = {0: (0, -1, 0), 14: (-0.42, -0.9, 0), 15: (0.42, -0.9, 0), 16: (-1, -0.1, 0), 17: (1, -0.1, 0)}
    for joint, direction in outward.items():
        facing = -(head @ np.array(direction))[1]  # the camera looks along +y
        present[joint] = facing > (-0.05 if joint < 16 else -0.25)
    inside = (joint_pixels >= -0.5) & (joint_pixels < np.array([size[1], size[0]]) - 0.5)
    return present & inside.all(axis=1)


def render_person(seed, poses, size, given=None):
    """Render one person in several poses.

    Args:
        seed: `numpy.random.SeedSequence` of the person. poses: number of poses, at least 1. size: (height, width).
        given: rotations by bone name for each pose, for instance of `fit.Fit`; None: drawn at random.

    Returns:
        dict of arrays: `images [P, H, W, 3]` uint8, `parsings [P, H, W]` uint8, `keypoints [P, 18, 3]` float32,
        `visible [P, 18]` bool, `correspondences [P, P, H, W, 2]` float32 (target, condition; x, y in the condition,
        `HIDDEN` where the point is not seen there), `views [P]` names
        ("given" for a given pose).
    """
    person_seed, *pose_seeds = (np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, i))
                                for i in range(poses + 1))
    person = random_person(np.random.default_rng(person_seed))
    figure = Figure(person)
    height, width = size
    out = {"images": np.zeros((poses, height, width, 3), np.uint8),
           "parsings": np.zeros((poses, height, width), np.uint8),
           "keypoints": np.zeros((poses, 18, 3), np.float32), "visible": np.zeros((poses, 18), bool), "views": [],
           "correspondences": np.full((poses, poses, height, width, 2), HIDDEN, np.float32)}
    grid, rest_joints = pixel_grid(size), eighteen(load_body().joints(load_body().mean))
    scene, seen = None, []
    for number, pose_seed in enumerate(pose_seeds):
        rng = np.random.default_rng(pose_seed)
        rotations, view = figure.random_pose(rng) if given is None else (given[number], "given")
        points, normals, joints, head = figure.pose(rotations)
        used = figure.faces[(figure.cut[figure.faces] > 0).any(1)]
        camera = frame(points[np.unique(used)], size, rng)
        if scene is None:
            scene = Scene(points, figure.faces, figure.cut)
        else:
            scene.move(points)
        face, weights, _ = scene.cast(camera.directions(grid))
        hit = np.flatnonzero(face != MISS)
        label, _ = figure.labels(face[hit], weights[hit])
        out["parsings"][number].flat[hit] = label
        out["images"][number] = _picture(figure, scene, camera, grid, normals)
        pixels = camera.project(joints)
        present = presence(joints, head, pixels, size)
        out["keypoints"][number] = np.concatenate([pixels, np.ones((18, 1))], 1) * present[:, None]
        over, over_weights, _ = scene.cast(camera.directions(pixels))
        near = np.zeros(18, bool)
        met = over != MISS
        away = figure.at("place", over[met], over_weights[met]) - rest_joints[met]
        near[met] = np.linalg.norm(away, axis=1) < COVER[met]
        out["visible"][number] = near & present
        out["views"].append(view)
        seen.append((points, normals, camera, hit, face[hit], weights[hit]))
    _correspond(figure, scene, seen, out["parsings"], out["correspondences"])
    return out


def _picture(figure, scene, camera, grid, normals):
    # Four rays a pixel, averaged in linear light of the 8-bit values (that is, plainly).
    height, width = camera.size
    rays = (grid[:, None] + SUBPIXELS[None]).reshape(-1, 2)
    face, weights, _ = scene.cast(camera.directions(rays))
    ground = np.broadcast_to(figure.person.ground, (len(rays), 3)) * (1.02 - 0.09 * rays[:, 1:] / height)
    colour, hit = ground.copy(), np.flatnonzero(face != MISS)
    normal = np.einsum("nk,nkd->nd", weights[hit], normals[figure.faces[face[hit]]])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    normal *= np.where(normal[:, 1:2] > 0.05, -1, 1)  # the inside of a skirt or of hair is lit from its own side
    shade = 0.64 + 0.40 * np.clip(normal @ LIGHT, 0, 1)
    colour[hit] = figure.colours(face[hit], weights[hit]) * shade[:, None]
    picture = colour.reshape(height, width, len(SUBPIXELS), 3).mean(2)
    return np.clip(np.round(picture * 255), 0, 255).astype(np.uint8)


def _slant(figure, points, normals, face, weights):
    # Cosine between the surface and the ray towards the camera, of either sign.
    place = np.einsum("nk,nkd->nd", weights, points[figure.faces[face]]) + [0, DISTANCE, 0]
    normal = np.einsum("nk,nkd->nd", weights, normals[figure.faces[face]])
    length = np.linalg.norm(place, axis=1) * np.maximum(np.linalg.norm(normal, axis=1), 1e-6)
    return np.abs((place * normal).sum(1)) / length


def _correspond(figure, scene, seen, parsings, out):
    # For each condition: where do the points seen in the other pictures lie, and does a ray from the camera reach them?
    for condition, (points, normals, camera, *_) in enumerate(seen):
        scene.move(points)
        for target, (_, _, _, hit, face, weights) in enumerate(seen):
            place = np.einsum("nk,nkd->nd", weights, points[figure.faces[face]])
            pixels = camera.project(place)
            found, found_weights, depth = scene.cast(camera.directions(pixels))
            visible = (found != MISS) & (depth > place[:, 1] + DISTANCE - 0.02)
            visible &= figure.number[found] == figure.number[face]
            apart = figure.at("place", found, found_weights) - figure.at("place", face, weights)
            visible &= np.linalg.norm(apart, axis=1) < 0.03
            # A surface seen from its edge shows several centimetres in one pixel: no pixel there shows the point.
            visible &= _slant(figure, points, normals, face, weights) > GRAZING
            near = np.round(pixels).astype(int)
            visible &= (near >= 0).all(1) & (near < np.array([camera.size[1], camera.size[0]])).all(1)
            near = np.where(visible[:, None], near, 0)
            visible &= parsings[condition][near[:, 1], near[:, 0]] == parsings[target].reshape(-1)[hit]
            out[target, condition].reshape(-1, 2)[hit[visible]] = np.maximum(pixels[visible], 0)
