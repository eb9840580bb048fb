"""Networks switched for a while: into evaluation mode, or with weights that collect no gradient."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Within the block a network is in evaluation mode, and afterwards in the one that it was in."""
    before = module.training
    module.eval()
    try:
        yield
    finally:
        module.train(before)


@contextmanager
def frozen_weights(module: nn.Module) -> Iterator[None]:
    """Within the block gradients pass through a module to its input, but its own weights collect none."""
    module.requires_grad_(False)
    try:
        yield
    finally:
        module.requires_grad_(True)
