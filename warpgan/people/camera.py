"""The camera: one perspective view, rays cast with warp-lang, and what a ray meets.

A surface has a cut field: where the field, interpolated over the hit triangle, is not positive, the cloth has ended
and the ray goes on. Hems and necklines are therefore clean curves whatever the triangles are. Taught in notebook 01.
"""

import os
import sys
from functools import lru_cache

import numpy as np

DISTANCE = 5.0  # metres from the camera to the person's centre
MISS = -1


class Camera:
    """A perspective camera that looks along +y; pixel centres have whole coordinates.

    Attributes: `size` (height, width); `focal` pixels; `centre` (x, y) of the principal point in pixels.
    """

    def __init__(self, size, focal, centre):
        self.size, self.focal, self.centre = size, float(focal), np.asarray(centre, np.float64)

    def project(self, points):
        """Pixel coordinates [..., 2] (x, y) of points [..., 3]."""
        depth = DISTANCE + points[..., 1]
        x = self.centre[0] + self.focal * points[..., 0] / depth
        y = self.centre[1] - self.focal * points[..., 2] / depth
        return np.stack([x, y], axis=-1)

    def directions(self, pixels):
        """Ray directions [N, 3] through pixel coordinates [N, 2]; their y is 1, so a ray's parameter is the depth."""
        x = (pixels[:, 0] - self.centre[0]) / self.focal
        z = (self.centre[1] - pixels[:, 1]) / self.focal
        return np.stack([x, np.ones_like(x), z], axis=1)


def frame(points, size, rng):
    """A camera that sees all of the posed points, at a random scale and place.

    Args:
        points: [N, 3] posed vertices, metres. size: (height, width) in pixels. rng: numpy generator.
    """
    height, width = size
    loose = Camera(size, 1.0, (0.0, 0.0)).project(points)
    low, high = loose.min(0), loose.max(0)
    limit = np.array([width, height]) * 0.97 - 1.0
    # Nobody fills the picture by spreading the arms alone: the scale is bounded by the height first.
    focal = np.maximum(limit, 1.0) / np.maximum(high - low, 1e-6)
    focal = min(focal[0], focal[1]) * rng.uniform(0.88, 1.0)
    spare = np.maximum(np.array([width, height]) - 1.0 - focal * (high - low), 0.0)
    start = spare * (0.5 + rng.uniform(-0.38, 0.38, 2))
    return Camera(size, focal, start - focal * low)


def pixel_grid(size):
    """Coordinates [H*W, 2] (x, y) of the pixel centres, row by row."""
    y, x = np.mgrid[:size[0], :size[1]]
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64)


@lru_cache(maxsize=1)
def quiet_warp():
    """The warp module, initialised without a word: it greets on stdout, and its absent GPU is no news here."""
    import warp as wp

    wp.config.log_level = 30
    # The library's C code writes straight to the file descriptor; a notebook would show it as an error.
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        wp.init()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
    return wp


@lru_cache(maxsize=1)
def _kernels():
    # Made at first use: importing warp takes a second.
    wp = quiet_warp()

    @wp.kernel(enable_backward=False, module="unique")
    def cast(mesh: wp.uint64, origin: wp.vec3, directions: wp.array(dtype=wp.vec3), cut: wp.array(dtype=float),
             faces: wp.array(dtype=int), face: wp.array(dtype=int), place: wp.array(dtype=wp.vec3)):
        ray = wp.tid()
        start = float(0.0)  # noqa: UP018 - to warp a bare number is a constant
        found = int(-1)  # noqa: UP018
        result = wp.vec3(0.0, 0.0, 0.0)
        for _ in range(24):
            hit = wp.mesh_query_ray(mesh, origin + start * directions[ray], directions[ray], 100.0)
            if not hit.result:
                break
            start = start + hit.t
            value = (hit.u * cut[faces[3 * hit.face]] + hit.v * cut[faces[3 * hit.face + 1]]
                     + (1.0 - hit.u - hit.v) * cut[faces[3 * hit.face + 2]])
            if value > 0.0:
                found = hit.face
                result = wp.vec3(hit.u, hit.v, start)
                break
            start = start + 1.0e-4
        face[ray] = found
        place[ray] = result

    return wp, cast


def prepare():
    """Compile (or load) the kernels; worth calling once before worker processes start."""
    from .body import Skin

    scene = Scene(np.array([[0, 2, 0], [1, 2, 0], [0, 2, 1.0]]), np.array([[0, 1, 2]]), np.ones(3))
    scene.cast(np.array([[0.1, 1.0, 0.1]]))
    Skin(np.zeros((1, 3)), np.ones((1, 3)), np.eye(8)[:1]).pose(np.zeros((8, 3, 4)))


class Scene:
    """A triangle mesh with a cut field, ready for rays from the camera."""

    def __init__(self, points, faces, cut):
        wp, self._kernel = _kernels()
        self._wp = wp
        self.faces = np.ascontiguousarray(faces, np.int32)
        self._indices = wp.array(self.faces.ravel(), dtype=int, device="cpu")
        self._cut = wp.array(np.ascontiguousarray(cut, np.float32), dtype=float, device="cpu")
        self._points = wp.array(np.ascontiguousarray(points, np.float32), dtype=wp.vec3, device="cpu")
        self._mesh = wp.Mesh(points=self._points, indices=self._indices)

    def move(self, points):
        """Give the vertices new places [N, 3]."""
        self._points.assign(np.ascontiguousarray(points, np.float32))
        self._mesh.refit()

    def cast(self, directions):
        """First surfaces met by rays from the camera.

        Args:
            directions: [R, 3] with y = 1.

        Returns:
            face [R] (`MISS` where nothing is met), weights [R, 3] of the face's corners, depth [R] in metres.
        """
        wp, count = self._wp, len(directions)
        rays = wp.array(np.ascontiguousarray(directions, np.float32), dtype=wp.vec3, device="cpu")
        face = wp.empty(count, dtype=int, device="cpu")
        place = wp.empty(count, dtype=wp.vec3, device="cpu")
        wp.launch(self._kernel, dim=count, device="cpu",
                  inputs=[self._mesh.id, wp.vec3(0.0, -DISTANCE, 0.0), rays, self._cut, self._indices, face, place])
        place = place.numpy()
        weights = np.stack([place[:, 0], place[:, 1], 1.0 - place[:, 0] - place[:, 1]], axis=1)
        return face.numpy(), weights, place[:, 2]
