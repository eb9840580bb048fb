"""What the loops of the trainings share: the optimiser, the terms of a step's losses, and colours for samples."""

from __future__ import annotations

import torch

from warpgan import parsing
from warpgan.config import Config


def adam(
    module: torch.nn.Module, config: Config, rate: float | None = None, beta1: float | None = None
) -> torch.optim.Adam:
    """Adam with the configured rate and betas, or others (the authors' code: 2e-4, 0.5, 0.999).

    Args:
        module: to be trained.
        config: its betas and rate.
        rate: instead of the configured one.
        beta1: instead of the configured one.
    """
    betas = (config.beta1 if beta1 is None else beta1, config.beta2)
    # Fused: one pass over the weights instead of ten, of which the paper's generator has 184 million.
    return torch.optim.Adam(module.parameters(), lr=rate or config.learning_rate, betas=betas, fused=True)


class Terms:
    """The terms of a step's losses, gathered over its parts."""

    def __init__(self) -> None:
        self._values: dict[str, list[torch.Tensor]] = {}

    def add(self, **terms: torch.Tensor) -> None:
        """Note the terms of a part."""
        for name, value in terms.items():
            self._values.setdefault(name, []).append(value.detach())

    def means(self) -> dict[str, torch.Tensor]:
        """The mean of each term over the parts, without a graph."""
        return {name: torch.stack(values).mean() for name, values in self._values.items()}


def colours(labels: torch.Tensor) -> torch.Tensor:
    """Labels `[B, H, W]` in the colours of the figures, `[B, 3, H, W]` in [-1, 1]."""
    return parsing.colourise(labels).permute(0, 3, 1, 2) / 127.5 - 1
