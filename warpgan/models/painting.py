"""Asking a generator for a picture, whatever it is: the Warping-GAN's own or one of the compared systems'.

All take the same maps. Only one that moves body parts by their joints (`baselines.deformable`) is told where the
condition's joints are, so that no other needs an argument that it does not look at.
"""

from torch import Tensor, nn


def ask(
    generator: nn.Module, *maps: Tensor | None, condition_keypoints: Tensor | None = None
) -> tuple[Tensor, Tensor | None]:
    """Return a generator's picture and gate; the condition's joints go only to one that says `needs_keypoints`.

    Args:
        generator: a `WarpingGenerator`, or anything that is called like one.
        *maps: condition image, condition parsing, target parsing, pose map, affine map, spline, as in
            `WarpingGenerator.forward`.
        condition_keypoints: [B, 18, 3], x and y in pixels and presence, or None where they are not known.

    Returns:
        (image [B, 3, H, W] in [-1, 1], gate or None).
    """
    seen = {}
    if getattr(generator, "needs_keypoints", False):
        seen["condition_keypoints"] = condition_keypoints
    return generator(*maps, **seen)
