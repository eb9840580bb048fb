"""How much a sequence of pictures flickers: change of colour along the true motion of the cloth (notebook 07)."""

from __future__ import annotations

import torch

from warpgan import geometry


def flicker(
    frames: torch.Tensor, forward: torch.Tensor, valid: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """Mean absolute change of colour from one frame to the next, followed along the true motion.

    Cloth that keeps its colours has 0, wherever it moves. Rendered frames themselves have a little more, since light
    falls differently on cloth that turns, and every frame samples it at other points: that is the floor to hold a
    method against. A method that draws all cloth in one colour has less than the floor; `frames` may therefore also be
    the error, drawn minus rendered, which is 0 for the truth and does not reward what is missing in every frame alike.

    Args:
        frames: `[F, 3, H, W]` in [-1, 1]: drawn, or rendered. The frame before the first is the last.
        forward: `[F, H, W, 2]` for each pixel of frame k the place (x, y in pixels) of the same body point in frame
            k - 1, and valid: `[F, H, W]` booleans, where it is seen in both; as `data.motion_clip` gives them.
        mask: `[F, H, W]` booleans, the pixels to look at, such as clothing. Those count whose point lies inside the
            mask of the frame before, too, with the four pixels that its colour there is taken from.

    Returns:
        `[F]` in the units of the picture (its range is 2), frame k against frame k - 1; not-a-number where nothing
        counts.

    Raises:
        ValueError: the four do not agree in size.
    """
    if frames.ndim != 4 or frames.shape[1] != 3:
        raise ValueError(f"frames has shape {tuple(frames.shape)}; expected [F, 3, H, W]")
    count, _, height, width = frames.shape
    wanted = {"forward": (forward, (2,)), "valid": (valid, ()), "mask": (mask, ())}
    for name, (value, last) in wanted.items():
        expected = (count, height, width, *last)
        if tuple(value.shape) != expected:
            raise ValueError(f"{name} has shape {tuple(value.shape)}; the frames ask for {expected}")
    grid = geometry.pixel_to_normalised(forward, (height, width))
    before = torch.cat([frames, mask[:, None].to(frames.dtype)], dim=1).roll(1, dims=0)  # [F, 4, H, W]
    before = geometry.warp(before, grid.to(frames.dtype), padding="border")
    counted = mask.bool() & valid.bool() & (before[:, 3] > 0.999)  # [F, H, W]
    change = (frames - before[:, :3]).abs().mean(dim=1)  # [F, H, W]
    return (change * counted).sum(dim=(1, 2)) / counted.sum(dim=(1, 2))
