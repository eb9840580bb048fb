"""Affine and thin-plate-spline maps, their composition, and warping by sampling.

A map runs from output to source: for each place of the warped picture it says where to look in the original.
Coordinates are (x, y) in [-1, 1] across the picture's whole area (`align_corners=False`): pixel column x has
its centre at (2x + 1) / W - 1. Section 3.1.2 of the paper and Rocco et al. 2017; explained in notebook 04.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor

from warpgan.random_maps import random_affine, random_tps
from warpgan.tps_basis import basis_at, control_side, lattice, pixel_centres, pixel_terms

Size = tuple[int, int]

__all__ = [
    "affine_points", "compose_affine", "coverage", "folds", "grid_error", "identity_affine", "identity_grid",
    "identity_tps", "lattice", "normalised_to_pixel", "pixel_to_normalised", "random_affine", "random_tps",
    "tps_points", "warp", "warp_grid",
]


def pixel_to_normalised(points: Tensor, size: Size) -> Tensor:
    """Turn pixel positions (centre of the first pixel is 0, 0) into coordinates in [-1, 1].

    Args:
        points: [..., 2], (x, y) in pixels.
        size: (height, width).

    Returns:
        [..., 2], (x, y); -1 and 1 are the outer edges of the picture.
    """
    return (2 * points + 1) / points.new_tensor([size[1], size[0]]) - 1


def normalised_to_pixel(points: Tensor, size: Size) -> Tensor:
    """Turn coordinates in [-1, 1] into pixel positions; the inverse of `pixel_to_normalised`."""
    return ((points + 1) * points.new_tensor([size[1], size[0]]) - 1) / 2


def identity_affine(
    batch: int, *, device: torch.device | str | None = None, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Give the affine map that moves nothing, [batch, 2, 3], of this dtype and on this device."""
    return torch.eye(2, 3, device=device, dtype=dtype).repeat(batch, 1, 1)


def identity_tps(
    batch: int, grid_size: int, *, device: torch.device | str | None = None, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Give the control points of the TPS that moves nothing, [batch, grid_size * grid_size, 2].

    Args:
        batch: how many.
        grid_size: g, control points along each side.
        device, dtype: where to make them, and their type.
    """
    return lattice(grid_size, device=device, dtype=dtype).repeat(batch, 1, 1)


def identity_grid(
    batch: int, size: Size, *, device: torch.device | str | None = None, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Give the sampling grid that moves nothing, [batch, H, W, 2]: every pixel's own centre.

    Args:
        batch: how many.
        size: (height, width).
        device, dtype: where to make them, and their type.
    """
    return pixel_centres(size, device=device, dtype=dtype).reshape(*size, 2).repeat(batch, 1, 1, 1)


def affine_points(affine: Tensor, points: Tensor) -> Tensor:
    """Send points through affine maps.

    Args:
        affine: [B, 2, 3]; source = affine[:, :, :2] @ output + affine[:, :, 2].
        points: [B, N, 2] or [1, N, 2], (x, y) in the output.

    Returns:
        [B, N, 2], (x, y) in the source.
    """
    _check_affine(affine)
    _check_points(points, len(affine))
    affine = _precise(affine)
    with _no_autocast(affine):
        return points @ affine[:, :, :2].transpose(1, 2) + affine[:, None, :, 2]  # [B, N, 2]


def compose_affine(outer: Tensor, inner: Tensor) -> Tensor:
    """Give the affine map that sends a point through `inner`, then through `outer`, all [B, 2, 3]."""
    corner = affine_points(outer, inner.transpose(1, 2))  # [B, 3, 2]: the columns of inner as points
    # Columns 0 and 1 are directions, so the shift of `outer` that they got as points is taken off again.
    return torch.cat((corner[:, :2] - outer[:, None, :, 2], corner[:, 2:]), dim=1).transpose(1, 2)


def tps_points(tps: Tensor, points: Tensor) -> Tensor:
    """Send points through thin-plate splines.

    Args:
        tps: [B, K, 2], where (x, y) in the source the K = g * g regular control points lie, row by row from
            the top left; the identity is `identity_tps`.
        points: [B, N, 2] or [1, N, 2], (x, y) in the output; they may lie outside [-1, 1].

    Returns:
        [B, N, 2], (x, y) in the source.
    """
    side = control_side(tps)
    _check_points(points, len(tps))
    tps = _precise(tps)
    with _no_autocast(tps):
        basis = basis_at(points, side).to(tps.dtype)  # [B or 1, N, K]
        return points + basis @ _displacement(tps, side)  # [B, N, 2]


def warp_grid(affine: Tensor | None, tps: Tensor | None, size: Size) -> Tensor:
    """Compose a TPS and an affine map into one sampling grid: source = affine(tps(output)).

    Warping once by this grid is warping by the affine map and then by the TPS, without blurring twice.

    Args:
        affine: [B, 2, 3], or None for no affine part.
        tps: [B, K, 2], or None for no TPS part.
        size: (height, width) of the output; the maps themselves know no resolution.

    Returns:
        [B, H, W, 2], for each output pixel the place (x, y) in the source, in single precision at least. The
        numbers of one pixel lie together for the whole batch, so `.contiguous()` copies them.

    Raises:
        ValueError: both are None, or a shape is another one.
    """
    if affine is None and tps is None:
        raise ValueError("warp_grid needs an affine map or a TPS; identity_grid makes a grid of neither")
    if affine is None:
        affine = identity_affine(len(tps), device=tps.device, dtype=tps.dtype)
    _check_affine(affine)
    size = (int(size[0]), int(size[1]))
    affine = _precise(affine)
    control, side = affine.transpose(1, 2), None  # [B, 3, 2]: what x, y and 1 are multiplied by
    with _no_autocast(affine):
        if tps is not None:
            side = control_side(tps)
            if len(tps) != len(affine):
                raise ValueError(f"{len(affine)} affine maps and {len(tps)} splines do not make pairs")
            # affine(p + basis @ offset) = affine(p) + basis @ (linear part of the affine map on offset)
            offset = _displacement(_precise(tps), side) @ control[:, :2]  # [B, K, 2]
            control = torch.cat((offset, control), dim=1)  # [B, K + 3, 2]
        terms = pixel_terms(side, size, control.device, control.dtype)  # [HW, K + 3]
        places = terms @ control.permute(1, 0, 2).flatten(1)  # [HW, 2B], one product for the whole batch
    return places.view(len(terms), -1, 2).transpose(0, 1).reshape(-1, *size, 2)


def warp(features: Tensor, grid: Tensor, padding: str = "zeros", mode: str = "bilinear") -> Tensor:
    """Sample features at the places of a grid.

    Args:
        features: [B, C, h, w], floating point. Labels are warped as one-hot maps, never as numbers.
        grid: [B, H, W, 2], (x, y) in [-1, 1]; H, W may differ from h, w.
        padding: what lies outside the picture: "zeros" or "border" (the nearest edge).
        mode: "bilinear" or "nearest".

    Returns:
        [B, C, H, W], of the features' type.

    Raises:
        ValueError: integer features, another shape, or an unknown padding or mode.
    """
    if not features.is_floating_point():
        raise ValueError(f"cannot blend {features.dtype}: warp labels as one-hot maps, then take argmax")
    if features.ndim != 4 or grid.ndim != 4 or grid.shape[-1] != 2 or len(features) != len(grid):
        raise ValueError(
            "warp takes features [B, C, h, w] and a grid [B, H, W, 2] of the same B, "
            f"got {list(features.shape)} and {list(grid.shape)}"
        )
    if padding not in ("zeros", "border") or mode not in ("bilinear", "nearest"):
        raise ValueError(f"padding is zeros or border, mode bilinear or nearest; got {padding!r}, {mode!r}")
    # Half precision cannot tell places a quarter of a pixel apart, so sampling is done in single at least.
    precise = torch.promote_types(_precise(features).dtype, grid.dtype)
    with _no_autocast(grid):
        warped = F.grid_sample(
            features.to(precise), grid.to(precise), mode=mode, padding_mode=padding, align_corners=False
        )
    return warped.to(features.dtype)


def coverage(grid: Tensor, size: Size) -> Tensor:
    """Say how much of each sample lies inside the source: the row sums of the bilinear sampling matrix.

    Args:
        grid: [B, H, W, 2].
        size: (height, width) of the source.

    Returns:
        [B, 1, H, W] in [0, 1]: 1 inside, 0 outside, between them within a pixel of the edge.
    """
    return warp(grid.new_ones(len(grid), 1, *size), grid)


def grid_error(grid: Tensor, other: Tensor) -> Tensor:
    """Measure how far apart two maps send the same points (the transformed-grid loss of Rocco et al. 2017).

    Args:
        grid: [B, ..., 2], points or a grid sent through one map.
        other: the same points through the other map.

    Returns:
        [B], mean squared distance in normalised units.
    """
    if grid.shape != other.shape:
        raise ValueError(f"grids of one shape are compared, got {list(grid.shape)} and {list(other.shape)}")
    return (grid - other).square().sum(dim=-1).flatten(1).mean(dim=1)


def folds(grid: Tensor) -> Tensor:
    """Find where a map folds over or turns the picture inside out.

    Args:
        grid: [B, H, W, 2].

    Returns:
        [B, H - 1, W - 1] bool, true where the Jacobian determinant, by differences to the right and downward
        neighbours, is not positive.
    """
    corner = grid[:, :-1, :-1]
    right, down = grid[:, :-1, 1:] - corner, grid[:, 1:, :-1] - corner
    return right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0] <= 0


def _displacement(tps: Tensor, side: int) -> Tensor:
    # The regular control points splined give the identity, so only what differs from them passes the basis:
    # the identity map is then exact, and rounding errors grow with the displacement alone.
    return tps - lattice(side, device=tps.device, dtype=tps.dtype)


def _precise(values: Tensor) -> Tensor:
    return values.to(torch.promote_types(values.dtype, torch.float32))


def _no_autocast(values: Tensor) -> AbstractContextManager:
    # Mixed precision would round coordinates to steps of about half a pixel. The meta device, on which networks are
    # only measured, knows no autocast.
    return nullcontext() if values.is_meta else torch.autocast(values.device.type, enabled=False)


def _check_affine(affine: Tensor) -> None:
    if affine.ndim != 3 or affine.shape[1:] != (2, 3):
        raise ValueError(f"an affine map is [B, 2, 3], got {list(affine.shape)}")


def _check_points(points: Tensor, batch: int) -> None:
    if points.ndim != 3 or points.shape[-1] != 2 or len(points) not in (1, batch):
        raise ValueError(f"points are [{batch}, N, 2] or [1, N, 2], got {list(points.shape)}")
