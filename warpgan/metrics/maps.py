"""Where a map looks, against where the same body point really is: what a geometric matcher finds (notebooks 04, 07)."""

from __future__ import annotations

import torch

from warpgan import geometry


def correspondence_distances(grid: torch.Tensor, correspondence: torch.Tensor) -> torch.Tensor:
    """Distance, of each pixel, between where a map looks and where the same body point really is.

    Args:
        grid: `[B, H, W, 2]` normalised coordinates in the condition picture, as `geometry.warp_grid` gives.
        correspondence: `[B, H, W, 2]` true (x, y) in pixels of the condition picture.

    Returns:
        `[B, H, W]` in pixels; meaningless where the point is not visible in both pictures.

    Raises:
        ValueError: the two have not one shape `[B, H, W, 2]`.
    """
    if grid.dim() != 4 or grid.shape[-1] != 2 or grid.shape != correspondence.shape:
        raise ValueError(
            "grid and correspondence: expected one shape [B, H, W, 2], found "
            f"{list(grid.shape)} and {list(correspondence.shape)}"
        )
    return (geometry.normalised_to_pixel(grid, grid.shape[1:3]) - correspondence).norm(dim=-1)


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
    distance = correspondence_distances(grid, correspondence)
    return (distance * valid).sum(dim=(1, 2)) / valid.sum(dim=(1, 2))


def median_correspondence_error(
    grid: torch.Tensor, correspondence: torch.Tensor, valid: torch.Tensor
) -> torch.Tensor:
    """Median of the distances of which `correspondence_error` is the mean: a few pixels far off do not move it.

    Args:
        grid, correspondence, valid: as for `correspondence_error`.

    Returns:
        `[B]` in pixels; not-a-number where nothing is visible in both.
    """
    distance = correspondence_distances(grid, correspondence)
    return torch.stack([median(one[seen]) for one, seen in zip(distance, valid, strict=True)])


def share_within(
    grid: torch.Tensor, correspondence: torch.Tensor, valid: torch.Tensor, pixels: float = 2.0
) -> torch.Tensor:
    """Share of the pixels visible in both pictures whose body point the map misses by at most so much.

    Args:
        grid, correspondence, valid: as for `correspondence_error`.
        pixels: how far off still counts, in pixels of the condition picture.

    Returns:
        `[B]` in [0, 1]; not-a-number where nothing is visible in both.

    Raises:
        ValueError: `pixels` is not positive.
    """
    if not pixels > 0:
        raise ValueError(f"pixels: expected a positive number, found {pixels!r}")
    near = (correspondence_distances(grid, correspondence) <= pixels) & valid
    return near.sum(dim=(1, 2)) / valid.sum(dim=(1, 2))


def median(values: torch.Tensor) -> torch.Tensor:
    """Median of values `[N]`, the mean of the middle two where N is even; not-a-number of none."""
    if not len(values):
        return values.new_tensor(torch.nan)
    ordered = values.sort().values  # torch.quantile refuses more than 16 million values
    return (ordered[(len(values) - 1) // 2] + ordered[len(values) // 2]) / 2
