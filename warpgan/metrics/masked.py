"""Scores of the person alone: the ground is half of a picture and easily drawn (notebook 07)."""

from __future__ import annotations

import torch
from torch import Tensor

from warpgan.arguments import choose
from warpgan.keypoints import limb_mask
from warpgan.labels import BACKGROUND
from warpgan.metrics.pictures import as_bytes, check_pair, mean_error, psnr
from warpgan.metrics.similarity import CONVENTIONS, GAUSSIAN, ssim_map
from warpgan.parsing import IGNORE


def mask_ssim(image: Tensor, target: Tensor, target_keypoints: Tensor, *, convention: str = "ssim_patn") -> Tensor:
    """Mask-SSIM as PG2, Def-GAN and PATN: SSIM of both pictures, each black outside the target pose's body mask.

    The mask are limbs and discs of radius 4 pixels whose holes are closed (`keypoints.limb_mask`); the papers use it
    on Market-1501's 128x64 alone. The score is that of the whole picture, so its black part, equal in both, counts as
    perfectly drawn: the smaller the person, the higher the value.

    Args:
        image, target: `[B, 3, H, W]` in [-1, 1].
        target_keypoints: `[B, 18, 3]`, x, y in pixels of these pictures.
        convention: a name of `CONVENTIONS`: "ssim_patn" is Def-GAN's and PATN's, "ssim_pg2" PG2's.

    Returns:
        `[B]` at most 1.

    Raises:
        ValueError: an unknown convention, pictures that are no pair or too small for it, keypoints of another shape.
    """
    measure = CONVENTIONS[choose("convention", convention, CONVENTIONS)]
    image, target = (_blacked(picture, target_keypoints) for picture in (image, target))
    return measure(image, target)


def mask_l1(image: Tensor, target: Tensor, target_keypoints: Tensor) -> Tensor:
    """Mean absolute error within the target pose's body mask, `[B]` in the units of the picture (range 2).

    Unlike `mask_ssim` it is averaged over the mask, not over the black around it; not-a-number where nobody is.

    Args:
        image: `[B, 3, H, W]` in [-1, 1].
        target: the same shape.
        target_keypoints: `[B, 18, 3]`, x, y in pixels of these pictures.
    """
    _check_keypoints(image, target_keypoints)
    return mean_error(image, target, limb_mask(target_keypoints, tuple(image.shape[2:])))


def foreground(target_parsing: Tensor) -> Tensor:
    """Pixels of the target's person, `[B, H, W]` booleans: any label but background and 255 (not counted)."""
    return (target_parsing != BACKGROUND) & (target_parsing != IGNORE)


def foreground_ssim(image: Tensor, target: Tensor, target_parsing: Tensor) -> Tensor:
    """Mean of the SSIM map over the target's person, as Pose with Style (AlBahar et al. 2021) measures.

    The map is Def-GAN's and PATN's (Gaussian window of sigma 1.5, population covariance, 8-bit pictures), with the
    fixed range 255. Pixels less than 5 from the picture's border have no whole window and do not count. A window at the
    silhouette's edge still sees the ground.

    Args:
        image, target: `[B, 3, H, W]` in [-1, 1], at least 11 pixels a side; rounded to 8 bits here.
        target_parsing: `[B, H, W]` labels.

    Returns:
        `[B]` at most 1; not-a-number where there is nobody.
    """
    check_pair(image, target, target_parsing, window=GAUSSIAN)
    border = GAUSSIAN // 2
    mask = foreground(target_parsing)[:, border:-border, border:-border]
    similar = ssim_map(as_bytes(image), as_bytes(target), data_range=255)
    return (similar * mask).sum(dim=(1, 2)) / mask.sum(dim=(1, 2))


def foreground_psnr(image: Tensor, target: Tensor, target_parsing: Tensor) -> Tensor:
    """Peak signal-to-noise ratio of the squared error averaged over the target's person, `[B]` in decibel.

    Args:
        image: `[B, 3, H, W]` in [-1, 1].
        target: the same shape.
        target_parsing: `[B, H, W]` labels.
    """
    return psnr(image, target, foreground(target_parsing))


def _blacked(picture: Tensor, keypoints: Tensor) -> Tensor:
    _check_keypoints(picture, keypoints)
    mask = limb_mask(keypoints, tuple(picture.shape[2:]))[:, None]
    return torch.where(mask, picture, -1.0)


def _check_keypoints(picture: Tensor, keypoints: Tensor) -> None:
    if keypoints.shape != (len(picture), 18, 3):
        raise ValueError(f"target_keypoints: expected [{len(picture)}, 18, 3], found {list(keypoints.shape)}")
