"""Whether the cloth itself is there, and not only its colour (notebook 07).

The mean error over clothing is won by the flat median colour: where a stripe lands a pixel beside its place, it costs
twice what leaving it out does. So its detail is compared by itself.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from warpgan.labels import CLOTHING
from warpgan.metrics.pictures import check_pair

FAINT = 0.01  # root mean square, in a range of 2: a target with less detail (1.3 grey levels) has none to be found
FLAT = 0.001  # the same of a picture: rounding errors of a flat colour are no detail


def shared_clothing(target_parsing: Tensor, correspondence_valid: Tensor) -> Tensor:
    """Clothing pixels of the target whose cloth is also visible in the condition: where warping can help.

    Args:
        target_parsing: `[B, H, W]` labels.
        correspondence_valid: `[B, H, W]` booleans.

    Returns:
        `[B, H, W]` booleans.
    """
    clothing = torch.tensor(CLOTHING, device=target_parsing.device)
    return torch.isin(target_parsing, clothing) & correspondence_valid


def detail_correlation(
    image: Tensor, target: Tensor, target_parsing: Tensor, valid: Tensor | None = None, *, sigma: float = 2.0
) -> Tensor:
    """How much of the cloth's detail is at its place: correlation of both pictures' detail over clothing pixels.

    Detail is a picture minus its Gaussian blur. The blur stays within a garment: where two garments, or a garment and
    the ground, meet, the step between their flat colours is no detail, or whoever knows the parsing would be paid for
    it. A correlation and not an error, because an error again prefers none to a shifted one: here flat colour gets 0,
    as detail that has nothing to do with the target's does, and only detail at its place gets more. Its price: half
    the contrast at the right place still gets 1; read it beside `mean_error` over the same pixels.

    Args:
        image, target: `[B, 3, H, W]` in [-1, 1].
        target_parsing: `[B, H, W]` labels 0..19.
        valid: `[B, H, W]` booleans: pixels whose cloth is also visible in the condition, where it can be known; None
            for all.
        sigma: of the Gaussian, in pixels: coarser patterns than about six times it are taken for colour.

    Returns:
        `[B]` in [-1, 1]; 1 for the truth, 0 for flat colour, not-a-number where the target's clothes have no detail
        (less than 0.01 in root mean square) or no clothing is visible in both.

    Raises:
        ValueError: pictures that are no pair, a parsing or mask of another size, a sigma that is not positive.
    """
    check_pair(image, target, target_parsing)
    if valid is None:
        valid = torch.ones_like(target_parsing, dtype=torch.bool)
    if valid.shape != target_parsing.shape:
        raise ValueError(f"valid: expected {list(target_parsing.shape)}, found {list(valid.shape)}")
    if not sigma > 0:
        raise ValueError(f"sigma: expected a positive number of pixels, found {sigma!r}")
    shared = shared_clothing(target_parsing, valid)  # [B, H, W]
    kernel = _gaussian(sigma).to(image)
    both = torch.cat([image, target], dim=1)  # [B, 6, H, W]
    detail = torch.zeros_like(both)
    for label in CLOTHING:
        mask = (shared & (target_parsing == label))[:, None].to(image)  # [B, 1, H, W]
        blurred = _blur(both * mask, kernel) / _blur(mask, kernel).clamp_min(1e-6)
        detail += (both - blurred) * mask
    count = 3 * shared.sum(dim=(1, 2)).to(image)
    mine, true = detail.flatten(1).chunk(2, dim=1)  # [B, 3 H W] each
    rms_mine, rms_true = (part.square().sum(dim=1).div(count).sqrt() for part in (mine, true))
    value = (mine * true).sum(dim=1) / count / (rms_mine.clamp_min(FLAT) * rms_true)
    return torch.where(rms_true >= FAINT, value, torch.nan)


def _gaussian(sigma: float) -> Tensor:
    radius = math.ceil(3 * sigma)
    line = torch.exp(torch.arange(-radius, radius + 1).square() / (-2 * sigma**2))
    return line / line.sum()


def _blur(pictures: Tensor, kernel: Tensor) -> Tensor:
    # Beyond the border nothing counts: zero there, in the mask too.
    flat, radius = pictures.flatten(0, 1)[:, None], len(kernel) // 2
    flat = F.conv2d(flat, kernel.view(1, 1, -1, 1), padding=(radius, 0))
    flat = F.conv2d(flat, kernel.view(1, 1, 1, -1), padding=(0, radius))
    return flat[:, 0].unflatten(0, pictures.shape[:2])
