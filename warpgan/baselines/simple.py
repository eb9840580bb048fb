"""Two baselines without learning: copy the condition picture, and paint each target label in one colour.

Plain people under plain light are mostly flat areas, and SSIM rewards flat areas: painting by label reaches a
high SSIM without knowing any texture. Notebook 07 puts both beside the networks.
"""

from __future__ import annotations

import torch

from warpgan.labels import NUM_LABELS


def copy_condition(condition_image: torch.Tensor, *_unused: torch.Tensor) -> torch.Tensor:
    """The condition picture itself.

    Args:
        condition_image: `[B, 3, H, W]` in [-1, 1].

    Returns:
        `[B, 3, H, W]`, the same tensor.
    """
    return condition_image


def paint_by_label(
    condition_image: torch.Tensor, condition_parsing: torch.Tensor, target_parsing: torch.Tensor
) -> torch.Tensor:
    """Fill every label of the target with the median colour that the label has in the condition.

    A label that the condition does not show takes the median colour of the condition's foreground, or grey where
    there is no foreground.

    Args:
        condition_image: `[B, 3, H, W]` in [-1, 1].
        condition_parsing: `[B, H, W]` labels 0..19 of the condition.
        target_parsing: `[B, H, W]` labels 0..19 to fill.

    Returns:
        `[B, 3, H, W]` in [-1, 1].

    Raises:
        ValueError: the three do not agree in size.
    """
    if (
        condition_image.shape[-2:] != condition_parsing.shape[-2:]
        or condition_parsing.shape != target_parsing.shape
    ):
        raise ValueError(
            f"sizes disagree: image {tuple(condition_image.shape)}, condition parsing "
            f"{tuple(condition_parsing.shape)}, target parsing {tuple(target_parsing.shape)}"
        )
    painted = torch.zeros_like(condition_image)
    for image, condition, target, out in zip(
        condition_image, condition_parsing, target_parsing, painted, strict=True
    ):
        foreground = image[:, condition > 0]  # [3, N]
        fallback = foreground.median(dim=1).values if foreground.shape[1] else image.new_zeros(3)
        for label in range(NUM_LABELS):
            wanted = target == label  # [H, W]
            if wanted.any():
                shown = image[:, condition == label]  # [3, N]
                colour = shown.median(dim=1).values if shown.shape[1] else fallback
                out[:, wanted] = colour[:, None]
    return painted
