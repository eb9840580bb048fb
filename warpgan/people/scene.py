"""A dressed person on a device, ready for rays: the mesh, what it looks like, and the kernels' launches.

Arrays go in as numpy and come out as numpy; in between they stay on the device. Used by `render`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from warpgan.people import charts
from warpgan.people.camera import DISTANCE

if TYPE_CHECKING:
    import warp
    from numpy.typing import ArrayLike

    from warpgan.people import kernels
    from warpgan.people.camera import Camera

MISS, SKIN, EYE = -1, -1, -2  # as in `shader`, which is imported late because it needs warp
# The rays of a pixel, in pixels from its centre: the centre, which decides everything but the colour, and three more.
RAYS = np.array([[0.0, 0.0], [0.34, -0.13], [-0.28, -0.23], [-0.06, 0.36]])
LEVELS = 4  # of a texture: as it is painted, and halved up to three times
PAIR = np.tile(0.25 * np.eye(3, dtype=np.float32), (2, 1))
SHARP = 0.5  # levels by which textures are finer than pixels, for a pixel has several rays


def prepare(device: str = "cpu") -> None:
    """Compile (or load) the kernels; worth calling once before worker processes start."""
    from warpgan.people import kernels

    kernels.wp.force_load(device=device, modules=[kernels.see.module])


def _halved(texture):
    # Means of two by two texels; an odd row or column at the end stands for two.
    high, wide = texture.shape[0] % 2, texture.shape[1] % 2
    even = np.pad(texture, ((0, high), (0, wide), (0, 0)), mode="edge") if high or wide else texture
    rows = even[::2] + even[1::2]
    # Two neighbours as a product of [6] with [6, 3]: many times faster than adding pieces of three numbers each.
    return (rows.reshape(-1, 6) @ PAIR).reshape(rows.shape[0], -1, 3)


class Scene:
    """A triangle mesh with its looks.

    Args:
        points: warp array of V places on the device.
        faces: [F, 3]. columns: dict of the arrays of `shader.Look` by name, `textures` apart.
        textures: for each garment and then for the skin a dict chart -> [h, w, 3].
        device: of `points`.
    """

    def __init__(
        self, points: warp.array, faces: np.ndarray, columns: dict[str, Any], textures: Sequence[dict[int, np.ndarray]],
        device: str = "cpu",
    ):
        from warpgan.people import kernels

        self.wp, self.kernels, self.device = kernels.wp, kernels, device
        kinds = {"colour": kernels.wp.vec3, "trim": kernels.wp.vec3, "place": kernels.wp.vec3,
                 "texels": kernels.wp.vec3,
                 "trunk_uv": kernels.wp.vec2, "limb_uv": kernels.wp.vec2, "extent": kernels.wp.vec4}
        integers = {"faces", "number", "chart", "label", "start", "rows", "columns"}
        columns = {**columns, "faces": faces.ravel(), **self._atlas(textures)}
        look = kernels.Look()
        for name, value in columns.items():
            kind = kinds.get(name, int if name in integers else float)
            setattr(look, name, self._array(value, kind))
        look.garments = len(textures) - 1
        self.look = look
        self._mesh = kernels.wp.Mesh(points=points, indices=look.faces)

    def _array(self, value, kind):
        kept = np.int32 if kind is int else np.uint8 if kind is self.wp.uint8 else np.float32
        return self.wp.array(np.ascontiguousarray(value, kept), dtype=kind, device=self.device)

    def _atlas(self, textures):
        # All textures one behind another, each followed by its halves, and where each begins.
        start = np.full((LEVELS, len(textures), len(charts.NAMES)), -1, np.int32)
        rows, columns = np.zeros_like(start), np.zeros_like(start)
        flat, place, known = [], 0, {}
        for row, by_chart in enumerate(textures):
            for chart, texture in sorted(by_chart.items()):
                if id(texture) not in known:  # two sleeves may share one
                    known[id(texture)] = []
                    level = texture
                    for _ in range(LEVELS):
                        known[id(texture)].append((place, *level.shape[:2]))
                        flat.append(level.reshape(-1, 3))
                        place += len(flat[-1])
                        level = _halved(level)
                for number, (first, high, wide) in enumerate(known[id(texture)]):
                    start[number, row, chart] = first
                    rows[number, row, chart], columns[number, row, chart] = high, wide
        start, rows, columns = (value.reshape(-1, len(charts.NAMES)) for value in (start, rows, columns))
        texels = np.concatenate(flat) if flat else np.zeros((1, 3))
        extent = np.array([charts.EXTENT.get(chart, (0, 1, 0, 1)) for chart in range(len(charts.NAMES))])
        return {"start": start, "rows": rows, "columns": columns, "texels": texels, "extent": extent}

    def move(self, points: warp.array) -> None:
        """Give the vertices new places, a warp array of them."""
        self._mesh.points = points
        self._mesh.refit()

    def see(self, view: kernels.View, normals: warp.array, ground: np.ndarray) -> dict[str, warp.array]:
        """Every pixel of a picture.

        Args:
            view: `kernels.View`. normals: warp array of V. ground: [H, W, 3] colours in 0..1 behind the person.

        Returns:
            dict of warp arrays of H*W: `face` (MISS where nothing is met), `weights`, `depth` (metres along y),
            `label`, `picture`, `unlit`, `normal`, `pure`.
        """
        wp, count = self.wp, view.width * view.height
        kinds = {"face": int, "weights": wp.vec3, "depth": float, "label": wp.uint8, "picture": wp.vec3,
                 "unlit": wp.vec3, "normal": wp.vec3, "pure": wp.uint8}
        out = {name: wp.zeros(count, dtype=kind, device=self.device) for name, kind in kinds.items()}
        wp.launch(self.kernels.see, dim=count, device=self.device, inputs=[
            self._mesh.id, self.look, view, normals, self._array(RAYS, wp.vec2),
            self._array(ground.reshape(-1, 3), wp.vec3), *out.values()])
        return out

    def probe(self, view: kernels.View, pixels: np.ndarray) -> tuple[np.ndarray, ...]:
        """What the rays through places [N, 2] (x, y in pixels) of the picture meet.

        Returns:
            face [N] (MISS where nothing is met), weights [N, 3], depth [N] in metres, label [N].
        """
        wp, count = self.wp, len(pixels)
        kinds = (int, wp.vec3, float, int)
        out = [wp.zeros(count, dtype=kind, device=self.device) for kind in kinds]
        wp.launch(self.kernels.probe, dim=count, device=self.device,
                  inputs=[self._mesh.id, self.look, view, self._array(pixels, wp.vec2), *out])
        return tuple(value.numpy() for value in out)

    def find(
        self, view: kernels.View, points: warp.array, normals: warp.array, there: dict[str, warp.array],
        here: dict[str, warp.array],
    ) -> np.ndarray:
        """Where the points that the pixels of `here` show lie in `there`: [H*W, 2], (-1, -1) where they are hidden.

        Args:
            view, points, normals: those of the condition, whose `points` the mesh has. there, here: what `see` gave
                for condition and target.
        """
        wp, count = self.wp, view.width * view.height
        found = wp.empty(count, dtype=wp.vec2, device=self.device)
        wp.launch(self.kernels.find, dim=count, device=self.device, inputs=[
            self._mesh.id, self.look, view, points, normals, there["label"], here["face"], here["weights"],
            here["label"], found])
        return found.numpy()

    def view(
        self, camera: Camera, light: ArrayLike = (0.0, -1.0, 0.0), ambient: ArrayLike = 1.0, diffuse: ArrayLike = 0.0,
        shadow: float = 0.0,
    ) -> kernels.View:
        """The kernels' camera and light; see `styles` for the numbers.

        Args:
            camera: a `Camera`.
            light: [3] unit, towards the light.
            ambient: light from everywhere, a number or [3].
            diffuse: light from there, a number or [3].
            shadow: share 0..1 of the diffuse light that a shadow takes away.
        """
        view = self.kernels.View()
        view.height, view.width = camera.size
        # A texture much finer than the pixels would show other points of itself in every picture.
        texels = DISTANCE / camera.focal / charts.TEXEL[charts.TRUNK]  # in a pixel, one way
        view.level = float(np.clip(np.log2(texels) - SHARP, 0, LEVELS - 1))
        view.focal, (view.x, view.y) = camera.focal, camera.centre
        three = (self.wp.vec3(*np.broadcast_to(value, 3).astype(float)) for value in (light, ambient, diffuse))
        view.light, view.ambient, view.diffuse = three
        view.shadow = shadow
        return view
