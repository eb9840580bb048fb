"""How far two label maps agree: labels of the person, and intersection over union (notebooks 02, 03 and 07)."""

from __future__ import annotations

import torch

from warpgan.labels import BACKGROUND, NUM_LABELS
from warpgan.parsing import IGNORE


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
