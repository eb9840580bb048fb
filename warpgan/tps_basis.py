"""The arithmetic behind the thin-plate spline: everything about it that does not depend on the map itself.

A spline through K control points is linear in where they are sent: place = basis(point) @ control. The basis
depends on the regular control grid and on the point alone, so for the pixels of a picture it is worked out
once, in double precision, and kept. U(r^2) = r^2 ln r^2, no regularisation. Explained in notebook 04.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor


def lattice(side: int, *, device: torch.device | str | None = None, dtype: torch.dtype = torch.float32) -> Tensor:
    """Make a regular square of points from edge to edge, row by row from the top left.

    These are the control points of the identity TPS (side = grid size) and the places at which the
    transformed-grid loss compares two maps (side = 20).

    Args:
        side: points along each side, at least 2.
        device: where to make them.
        dtype: their type.

    Returns:
        [side * side, 2], (x, y) in [-1, 1].
    """
    if side < 2:
        raise ValueError(f"a lattice needs at least 2 points along each side, got {side}")
    axis = torch.linspace(-1, 1, side, device=device, dtype=dtype)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack((x, y), dim=-1).reshape(-1, 2)


def pixel_centres(
    size: tuple[int, int], *, device: torch.device | str | None = None, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Give the places of all pixels of a picture, row by row, [H * W, 2], (x, y) in (-1, 1).

    Args:
        size: (height, width).
        device: where to make them.
        dtype: their type.
    """
    y, x = ((2 * torch.arange(n, device="cpu", dtype=torch.float64) + 1) / n - 1 for n in size)
    y, x = torch.meshgrid(y, x, indexing="ij")
    return torch.stack((x, y), dim=-1).reshape(-1, 2).to(device, dtype)


def control_side(tps: Tensor) -> int:
    """Give g for control points [B, g * g, 2], and refuse any other shape."""
    side = math.isqrt(tps.shape[1]) if tps.ndim == 3 else 0
    if side < 2 or side * side != tps.shape[1] or tps.shape[2] != 2:
        raise ValueError(f"a TPS is [B, g * g, 2] control points with g at least 2, got {list(tps.shape)}")
    return side


def basis_at(points: Tensor, side: int) -> Tensor:
    """Give the weight of every control point at any points.

    Args:
        points: [..., 2], (x, y), anywhere.
        side: g, control points along each side.

    Returns:
        [..., g * g], of the points' type; each row sums to 1.
    """
    wide = torch.float32 if points.device.type == "mps" else torch.float64  # mps has no double precision
    points = points.to(wide)
    solution = _solution(side).to(points.device, wide)
    return _terms(points, lattice(side, device=points.device, dtype=wide)) @ solution


@lru_cache(maxsize=16)
def pixel_terms(
    side: int | None, size: tuple[int, int], device: torch.device, dtype: torch.dtype
) -> Tensor:
    """Give all that the place of a pixel is a weighted sum of; kept between calls, not to be written to.

    Args:
        side: g, control points along each side, or None for no spline.
        size: (height, width).
        device: where it is needed.
        dtype: its type.

    Returns:
        [H * W, g * g + 3]: the weight of every control point at the pixel, then the pixel's x, y and 1.
    """
    # A tensor born in inference mode could never serve in training, and this one is kept for both.
    with torch.inference_mode(False), torch.no_grad():
        centres = pixel_centres(size, device="cpu", dtype=torch.float64)
        terms = torch.cat((centres, torch.ones_like(centres[:, :1])), dim=1)
        if side is not None:
            terms = torch.cat((basis_at(centres, side), terms), dim=1)
        return terms.to(device, dtype)


@lru_cache(maxsize=16)
def _solution(side: int) -> Tensor:
    # The left columns of the inverse of [[U, P], [P', 0]]: control values -> spline coefficients, [K + 3, K].
    with torch.inference_mode(False), torch.no_grad():
        control = lattice(side, device="cpu", dtype=torch.float64)
        count = len(control)
        system = torch.zeros(count + 3, count + 3, device="cpu", dtype=torch.float64)
        system[:count] = _terms(control, control)
        system[count:, :count] = system[:count, count:].T
        return torch.linalg.inv(system)[:, :count].contiguous()


def _terms(points: Tensor, control: Tensor) -> Tensor:
    # [..., K + 3]: U of the squared distance to each control point, then 1, x, y.
    squared = (points[..., None, :] - control).square().sum(dim=-1)
    # Kept off zero because ln 0 is infinite and its gradient too; the product is 0 there all the same.
    squared = squared.clamp_min(torch.finfo(squared.dtype).tiny)
    return torch.cat((squared * squared.log(), torch.ones_like(points[..., :1]), points), dim=-1)
