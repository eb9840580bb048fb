"""The pixel-wise loss of stage II in its three forms, and `pixel_term`, which takes the configured one.

`person` is the paper's mean absolute difference (`losses.pixel`); the two others are those of compared systems: PG2's
pose-mask loss (Ma et al. 2017, section 3) and Def-GAN's nearest-neighbour loss (Siarohin et al. 2018, section 3).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from warpgan.batches import Batch
from warpgan.config import Config
from warpgan.keypoints import limb_mask
from warpgan.losses import person_mean, pixel
from warpgan.opponent import to_opponent


def pixel_term(fake: Tensor, batch: Batch, config: Config) -> Tensor:
    """Return the pixel-wise loss that `config.pixel_loss` names, not yet weighted.

    Args:
        fake: [B, 3, H, W] in [-1, 1].
        batch: with the true picture, its parsing and, for "pose_mask", its joints.
        config: `pixel_loss`, and `person_weight` for "person".

    Raises:
        ValueError: "pose_mask" without joints.
    """
    real = batch.target_image
    if config.pixel_loss == "pose_mask":
        if batch.target_keypoints is None:
            raise ValueError("pixel_loss 'pose_mask' needs the target's joints; expected pairs with target_keypoints")
        return pose_mask(fake, real, batch.target_keypoints)
    if config.pixel_loss == "nearest":
        return nearest(fake, real)
    return pixel(fake, real, batch.target_parsing, person_weight=config.person_weight)


def chroma(fake: Tensor, real: Tensor, parsing: Tensor, *, person_weight: float = 1.0) -> Tensor:
    """Return the mean squared error of hue and saturation, in units of how much they vary over clothes.

    The mean absolute difference has the same slope for a pink that was painted grey as for a grey that is off by a
    shade, and there are many more of these: a short training leaves saturated colours out. Squares do not.

    Args:
        fake: [B, 3, H, W] in [-1, 1].
        real: the same shape.
        parsing: true labels of `real`, int64 [B, H, W].
        person_weight: of a pixel that is not background, beside 1, as in `losses.pixel`.
    """
    off = to_opponent(fake - real)[:, 1:].square().mean(dim=1)  # [B, H, W], without brightness
    return person_mean(off, parsing, person_weight)


def pose_mask(fake: Tensor, real: Tensor, keypoints: Tensor) -> Tensor:
    """Return the mean of |fake - real| (1 + M), M being 1 on the target's limbs and joints and 0 elsewhere.

    M is `keypoints.limb_mask`: limbs and discs, holes closed, as PG2 makes it.

    Args:
        fake: [B, 3, H, W] in [-1, 1].
        real: the same shape.
        keypoints: joints of `real`, [B, 18, 3].
    """
    mask = limb_mask(keypoints, fake.shape[-2:])[:, None]  # [B, 1, H, W]
    return ((fake - real).abs() * (1 + mask.to(fake.dtype))).mean()


def nearest(fake: Tensor, real: Tensor, *, area: int = 5, patch: int = 5) -> Tensor:
    """Return the mean distance of each patch of `fake` to the nearest patch of `real` around the same place.

    A texture that is right but some pixels away costs nothing, where the plain difference would rather have it
    blurred. Def-GAN describes a patch by VGG-19's second layer, which sees 5x5 pixels; here it is these pixels' own
    colours, so that no weights are needed: a departure.

    Args:
        fake: [B, 3, H, W] in [-1, 1].
        real: the same shape; beyond its border it goes on as at the border.
        area: side of the square of places that are looked at, pixels, odd (5 in the paper); 1: only the same place.
        patch: side of a patch, pixels, odd.

    Returns:
        Scalar: mean over places of the mean absolute difference of the two patches; 0 where equal.

    Raises:
        ValueError: sides that are not odd.
    """
    for name, side in (("area", area), ("patch", patch)):
        if side < 1 or side % 2 == 0:
            raise ValueError(f"{name}: expected an odd number of pixels, found {side}")
    height, width = fake.shape[-2:]
    reach = area // 2
    padded = F.pad(real, [reach] * 4, mode="replicate")
    distances = []
    for top in range(area):
        for left in range(area):
            there = padded[..., top : top + height, left : left + width]
            away = (fake - there).abs().mean(dim=1, keepdim=True)  # [B, 1, H, W]
            # The distance of two patches is the mean of their pixels' distances.
            distances.append(F.avg_pool2d(away, patch, stride=1, padding=patch // 2, count_include_pad=False))
    return torch.stack(distances).min(dim=0).values.mean()
