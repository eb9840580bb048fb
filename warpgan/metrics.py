"""Numbers about parsings, maps and pictures, each in a named convention (notebook 07).

A figure without its convention cannot be compared: SSIM alone has half a dozen in this field. Every function
returns one value per sample, so that differences can be paired and their intervals bootstrapped over people.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from . import geometry
from .labels import BACKGROUND, CLOTHING, NUM_LABELS
from .parsing import IGNORE

SSIM_BORDER = 5  # half of the 11 pixels to which a window of sigma 1.5 is cut


def label_agreement(parsing: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Share of the target's foreground pixels that carry the right label.

    Args:
        parsing, target: `[B, H, W]` labels 0..19.

    Returns:
        `[B]` in [0, 1]; not-a-number where the target has no foreground.
    """
    foreground = target != BACKGROUND  # [B, H, W]
    right = (parsing == target) & foreground
    return right.sum(dim=(1, 2)) / foreground.sum(dim=(1, 2))


def mean_iou(parsing: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Intersection over union, averaged over the labels that occur in either map.

    Args:
        parsing, target: `[B, H, W]` labels 0..19.

    Returns:
        `[B]` in [0, 1].
    """
    labels = torch.arange(NUM_LABELS, device=target.device)[:, None, None]
    one, two = parsing[:, None] == labels, target[:, None] == labels  # [B, 20, H, W]
    union = (one | two).sum(dim=(2, 3))
    overlap = (one & two).sum(dim=(2, 3)) / union.clamp(min=1)
    return overlap.sum(dim=1) / (union > 0).sum(dim=1)


def label_confusion(parsing: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Count pixels by true and by predicted label.

    Args:
        parsing: `[B, H, W]` labels 0..19.
        target: the same shape; pixels of label 255 are not counted.

    Returns:
        `[20, 20]` int64, true label by predicted label; add those of several batches.
    """
    counted = target != IGNORE
    pairs = target[counted] * NUM_LABELS + parsing[counted]
    return torch.bincount(pairs, minlength=NUM_LABELS**2).view(NUM_LABELS, NUM_LABELS)


def class_iou(confusion: torch.Tensor) -> torch.Tensor:
    """Intersection over union of each label, pixels pooled over all pictures (LIP's and Pascal VOC's convention).

    Args:
        confusion: `[20, 20]` counts, as `label_confusion` gives.

    Returns:
        `[20]` in [0, 1]; not-a-number where a label is neither true nor predicted anywhere: leave it out of means.
    """
    union = confusion.sum(dim=0) + confusion.sum(dim=1) - confusion.diagonal()
    return confusion.diagonal() / torch.where(union > 0, union, torch.nan)


def ssim(image: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Structural similarity: Gaussian window of sigma 1.5, population covariance, colours averaged.

    Averaged where the window lies inside the picture, as scikit-image does. The data range is the fixed 2 of [-1, 1],
    unlike pose-gan's and PATN's, which take the generated picture's.

    Args:
        image, target: `[B, 3, H, W]` in [-1, 1], at least 11 pixels a side.

    Returns:
        `[B]` at most 1.
    """
    from torchmetrics.functional.image import structural_similarity_index_measure

    _, full = structural_similarity_index_measure(
        image,
        target,
        gaussian_kernel=True,
        sigma=1.5,
        data_range=2.0,
        reduction="none",
        return_full_image=True,
    )  # [B, 3, H, W]
    return full[..., SSIM_BORDER:-SSIM_BORDER, SSIM_BORDER:-SSIM_BORDER].mean(dim=(1, 2, 3))


def mean_error(image: torch.Tensor, target: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
    """Mean absolute difference over the pixels of a mask.

    Args:
        image, target: `[B, 3, H, W]` in [-1, 1].
        mask: `[B, H, W]` booleans, or None for all pixels.

    Returns:
        `[B]` in the units of the picture (its range is 2); not-a-number where the mask is empty.
    """
    error = (image - target).abs().mean(dim=1)  # [B, H, W]
    if mask is None:
        return error.mean(dim=(1, 2))
    return (error * mask).sum(dim=(1, 2)) / mask.sum(dim=(1, 2))


def shared_clothing(target_parsing: torch.Tensor, correspondence_valid: torch.Tensor) -> torch.Tensor:
    """Clothing pixels of the target whose cloth is also visible in the condition: where warping can help.

    Args:
        target_parsing: `[B, H, W]` labels.
        correspondence_valid: `[B, H, W]` booleans.

    Returns:
        `[B, H, W]` booleans.
    """
    return (
        torch.isin(target_parsing, torch.tensor(CLOTHING, device=target_parsing.device))
        & correspondence_valid
    )


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


def bootstrap_interval(
    values: Sequence[float], groups: Sequence, *, level: float = 0.95, samples: int = 2000, seed: int = 0
) -> tuple[float, float, float]:
    """Mean and bootstrap interval, resampling whole groups.

    The pairs of one person share clothes and are not independent, so people are drawn, not pairs.

    Args:
        values: one number a pair; not-a-numbers are left out.
        groups: the person of each pair.
        level: share of resampled means inside the interval.
        samples: how often to resample.
        seed: of the resampling.

    Returns:
        (mean, lower end, upper end).

    Raises:
        ValueError: lengths differ, or no value is a number.
    """
    import numpy as np

    values, groups = np.asarray(values, dtype=np.float64), np.asarray(groups)
    if len(values) != len(groups):
        raise ValueError(f"{len(values)} values and {len(groups)} groups; expected as many of each")
    known = ~np.isnan(values)
    if not known.any():
        raise ValueError("no value is a number; nothing to average")
    _, index = np.unique(groups[known], return_inverse=True)
    sums = np.bincount(index, values[known])
    counts = np.bincount(index)
    drawn = np.random.default_rng(seed).integers(len(sums), size=(samples, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(values[known].mean()), float(low), float(high)
