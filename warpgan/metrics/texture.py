"""Whether the cloth is there, not only its colour (notebook 07)."""

from __future__ import annotations

import torch

from warpgan.labels import CLOTHING


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
