"""Colours in opponent axes: brightness, orange against blue, magenta against green, each in units of its own spread.

In red, green and blue the pixels of people vary six times as much in brightness as between magenta and green. A
network that is trained briefly, and a loss that counts every pixel's difference alike, learn the first and leave the
last. Nothing is lost in these axes: they are a rotation and three scales. Ours, not the paper's; notebook 06 uses them.
"""

import torch
from torch import Tensor

from warpgan.arguments import choose

COLOURS = ("rgb", "opponent")
AXES = ((1.0, 1.0, 1.0), (1.0, 0.0, -1.0), (1.0, -2.0, 1.0))
"""Directions in (red, green, blue), not yet of length 1: close to the principal axes of rendered people's colours."""

SPREAD = (0.73, 0.30, 0.12)
"""Standard deviation along each, of the person's pixels of 300 training people, pictures in [-1, 1]."""


class Palette:
    """The colours in which a network reads and paints.

    Args:
        colours: "rgb" as they are; "opponent": in opponent axes.

    Raises:
        ValueError: anything else.
    """

    def __init__(self, colours: str = "rgb"):
        self.turned = choose("colours", colours, COLOURS) == "opponent"

    def read(self, image: Tensor) -> Tensor:
        """Return a picture as the network sees it, [B, 3, H, W]."""
        return to_opponent(image) if self.turned else image

    def mix(self, values: Tensor) -> Tensor:
        """Return what the network's last layer answered in red, green and blue, [B, 3, H, W], without bounds."""
        return from_opponent(values) if self.turned else values

    def paint(self, values: Tensor) -> Tensor:
        """Return the picture of what the last layer answered, in [-1, 1]: `mix` and a tanh."""
        return torch.tanh(self.mix(values))


def to_opponent(image: Tensor) -> Tensor:
    """Turn colours into opponent axes.

    Args:
        image: [B, 3, H, W], red, green, blue; a difference of pictures just as well.

    Returns:
        [B, 3, H, W]: brightness, orange - blue, magenta - green; each with a spread of about 1 over clothes.
    """
    axes, spread = _axes(image)
    return torch.einsum("ij,bjhw->bihw", axes / spread[:, None], image)


def from_opponent(values: Tensor) -> Tensor:
    """Turn opponent axes back into red, green and blue, the inverse of `to_opponent`; [B, 3, H, W]."""
    axes, spread = _axes(values)
    return torch.einsum("ji,bjhw->bihw", axes * spread[:, None], values)


def _axes(like: Tensor) -> tuple[Tensor, Tensor]:
    axes, spread = like.new_tensor(AXES), like.new_tensor(SPREAD)
    return axes / axes.norm(dim=1, keepdim=True), spread
