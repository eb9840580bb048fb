"""The camera that sees rendered people: where a point in space falls in the picture, and which way a pixel looks.

Taught in notebook 01.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

DISTANCE = 5.0  # metres from the camera to the person's centre


class Camera:
    """A perspective camera that looks along +y; pixel centres have whole coordinates.

    Attributes: `size` (height, width); `focal` pixels; `centre` (x, y) of the principal point in pixels.
    """

    def __init__(self, size: tuple[int, int], focal: float, centre: ArrayLike):
        self.size, self.focal, self.centre = size, float(focal), np.asarray(centre, np.float64)

    def project(self, points: np.ndarray) -> np.ndarray:
        """Pixel coordinates [..., 2] (x, y) of points [..., 3]."""
        depth = DISTANCE + points[..., 1]
        x = self.centre[0] + self.focal * points[..., 0] / depth
        y = self.centre[1] - self.focal * points[..., 2] / depth
        return np.stack([x, y], axis=-1)

    def directions(self, pixels: np.ndarray) -> np.ndarray:
        """Ray directions [N, 3] through pixel coordinates [N, 2]; their y is 1, so a ray's parameter is the depth."""
        x = (pixels[:, 0] - self.centre[0]) / self.focal
        z = (self.centre[1] - pixels[:, 1]) / self.focal
        return np.stack([x, np.ones_like(x), z], axis=1)
