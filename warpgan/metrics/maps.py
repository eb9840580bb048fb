"""Where a map looks, against where it should (notebooks 04 and 07)."""

from __future__ import annotations

import torch

from warpgan import geometry


def correspondence_error(
    grid: torch.Tensor, correspondence: torch.Tensor, valid: torch.Tensor
) -> torch.Tensor:
    """Mean distance between where a map looks and where the same body point really is.

    Args:
        grid: `[B, H, W, 2]` normalised coordinates in the condition picture, as `geometry.warp_grid` gives.
        correspondence: `[B, H, W, 2]` true (x, y) in pixels of the condition picture.
        valid: `[B, H, W]` booleans: pixels whose point is visible in both pictures.

    Returns:
        `[B]` in pixels; not-a-number where nothing is visible in both.
    """
    looked = geometry.normalised_to_pixel(grid, grid.shape[1:3])
    distance = (looked - correspondence).norm(dim=-1)  # [B, H, W]
    return (distance * valid).sum(dim=(1, 2)) / valid.sum(dim=(1, 2))
