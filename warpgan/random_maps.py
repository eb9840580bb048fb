"""Random affine maps and thin-plate splines, from which the geometric matcher learns before it sees pairs.

The ranges are those of Rocco et al. 2017; reached through `warpgan.geometry` and shown in notebook 04.
"""

import math

import torch
from torch import Tensor

from warpgan.tps_basis import lattice


def random_affine(
    batch: int, generator: torch.Generator | None = None, *, rotation: float = 15.0, shear: float = 30.0,
    scale: tuple[float, float] = (0.75, 1.25), shift: float = 0.25,
) -> Tensor:
    """Draw affine maps as Rocco et al. 2017 do: scale along two turned axes, rotate, shift.

    Args:
        batch: how many.
        generator: the source of randomness; the maps are made on its device.
        rotation: largest angle in degrees.
        shear: largest angle of the scaled axes in degrees.
        scale: range of both scales.
        shift: largest shift along x and y, normalised units.

    Returns:
        [batch, 2, 3].
    """
    device = None if generator is None else generator.device
    draw = torch.rand(batch, 6, generator=generator, device=device)
    signed = 2 * draw - 1
    turn, axes = (_rotation(math.radians(most) * signed[:, i]) for i, most in enumerate((rotation, shear)))
    stretch = torch.diag_embed(scale[0] + (scale[1] - scale[0]) * draw[:, 2:4])
    linear = turn @ axes.transpose(1, 2) @ stretch @ axes  # [batch, 2, 2]
    return torch.cat((linear, shift * signed[:, 4:, None]), dim=2)


def random_tps(
    batch: int, grid_size: int, generator: torch.Generator | None = None, *, jitter: float | None = None
) -> Tensor:
    """Draw splines whose control points are moved independently along x and y.

    Args:
        batch: how many.
        grid_size: g, control points along each side.
        generator: the source of randomness; the maps are made on its device.
        jitter: largest move in normalised units; None takes 0.4 of the distance between neighbouring control
            points, which is the 0.4 of Rocco et al. 2017 on their 3x3 grid.

    Returns:
        [batch, grid_size * grid_size, 2].
    """
    jitter = 0.8 / (grid_size - 1) if jitter is None else jitter
    device = None if generator is None else generator.device
    still = lattice(grid_size, device=device)
    return still + jitter * (2 * torch.rand(batch, *still.shape, generator=generator, device=device) - 1)


def _rotation(angle: Tensor) -> Tensor:
    cos, sin = angle.cos(), angle.sin()
    return torch.stack((cos, -sin, sin, cos), dim=-1).reshape(-1, 2, 2)
