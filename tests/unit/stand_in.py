"""A renderer that takes no time: everything about a person is drawn from the seed, as `render_person` gives it."""

import numpy as np


def render_person(seed, poses, size, *, style="plain", given=None, extras=(), device="cpu"):
    """Noise with the shapes and ranges of a rendered person."""
    rng = np.random.default_rng(seed)
    height, width = size
    frames = (poses, height, width)
    parsings = rng.integers(0, 20, frames, np.uint8) * (rng.random(frames) < 0.4)
    places = rng.uniform(0, 1, (poses, *frames, 2)) * (width - 1, height - 1)
    places[rng.random((poses, *frames)) < 0.3] = -1
    out = {"images": rng.integers(0, 256, (*frames, 3), np.uint8), "parsings": parsings.astype(np.uint8),
           "keypoints": rng.uniform(0, 16, (poses, 18, 3)).astype(np.float32), "visible": rng.random((poses, 18)) < 0.5,
           "views": ["front"] * poses, "correspondences": places.astype(np.float32)}
    seen = parsings > 0
    if "depth" in extras:
        out["depth"] = (rng.uniform(3, 7, frames) * seen).astype(np.float32)
    if "normals" in extras:
        normals = rng.normal(size=(*frames, 3))
        normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
        out["normals"] = (normals * seen[..., None]).astype(np.float32)
    if "unlit" in extras:
        out["unlit"], out["pure"] = rng.integers(0, 256, (*frames, 3), np.uint8), rng.random(frames) < 0.5
    return out
