"""A picture without symmetry and a person who stands upright, for the tests of photos."""

import numpy as np
import torch

from warpgan.labels import KEYPOINTS
from warpgan.photo_boxes import TRUNKS

HEIGHT, WIDTH = 40, 24


def scene():
    """[40, 24, 3] uint8 without any symmetry: red grows to the right, green down, a blue corner at the top left."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[..., 0] = np.linspace(20, 230, WIDTH)[None]
    pixels[..., 1] = np.linspace(10, 200, HEIGHT)[:, None]
    pixels[:8, :8, 2] = 255
    return pixels


def standing(height=200.0):
    """[18, 3]: a person who stands upright, eyes to ankles `height` pixels."""
    rows = {"nose": 0.03, "neck": 0.12, "shoulder": 0.12, "elbow": 0.32, "wrist": 0.48, "hip": 0.12 + 1 / TRUNKS,
            "knee": 0.74, "ankle": 1.0, "eye": 0.0, "ear": 0.01}
    keypoints = torch.ones(18, 3)
    for joint, name in enumerate(KEYPOINTS):
        aside = {"right": -20.0, "left": 20.0}.get(name.split("-")[0], 0.0)
        keypoints[joint, :2] = torch.tensor([150.0 + aside, 50.0 + height * rows[name.split("-")[-1]]])
    return keypoints
