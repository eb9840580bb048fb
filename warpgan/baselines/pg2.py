"""PG2: a coarse picture first, then a difference that refines it, and no warp.

Facts from Ma et al. 2017 (arXiv 1705.09368), section 3: G1 is a U-Net of residual blocks whose channels grow linearly
and whose smallest maps pass a fully connected layer of 64 units; G2, two levels shallower and without that layer, sees
the condition picture and the coarse one and draws what is to be added; both have the pose-mask loss
(`pixel_losses.pose_mask`), G2 the adversarial one too; rectifiers, enlarging by repetition of pixels. Departures: both
are trained side by side, the coarse picture being a constant for G2, instead of one after the other; instance
normalisation in the residual blocks, as in the network it is compared with; both pictures are kept in [-1, 1].
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from warpgan.baselines.layers import INPUTS, Stacked
from warpgan.models.layers import ResidualBlock, initialise

DEPTH = 5  # at 256x256; 4 at 128x64
UNITS = 64  # of the fully connected layer


class PG2(Stacked):
    """Render a person in two steps.

    While training, `coarse` holds the first step's picture of the last call, which has a pixel loss of its own: no
    other gradient reaches G1.

    Args:
        deepest: channels of the smallest maps; level k of n has k / n of them.
        size: (height, width) of the pictures: the fully connected layer fits no other.
        depth: halvings of G1; G2 has two less, but one at least.
    """

    def __init__(self, deepest: int, size: tuple[int, int], *, depth: int = DEPTH):
        super().__init__()
        widths = [-(-deepest * k // (depth + 1)) for k in range(1, depth + 2)]  # rounded up
        self.size, self.multiple = tuple(size), 2**depth
        self.first = ResidualUNet(INPUTS, widths, smallest=tuple(side // self.multiple for side in size))
        self.second = ResidualUNet(6, widths[: max(1, depth - 2) + 1])
        self.coarse: tuple[Tensor, ...] = ()

    def draw(
        self, maps: Tensor, affine: Tensor | None, tps: Tensor | None, forced_gate: float | None
    ) -> tuple[Tensor, None]:
        """Return the refined picture, and None: there is no gate, and no map to follow; see `Stacked`."""
        if tuple(maps.shape[2:]) != self.size:
            found = f"{maps.shape[2]}x{maps.shape[3]}"
            raise ValueError(f"condition_image: expected {self.size[0]}x{self.size[1]} (height x width), found {found}")
        coarse = self.palette.paint(self.first(maps))
        self.coarse = (coarse,) if self.training else ()
        coarse = coarse.detach()
        difference = self.palette.mix(self.second(torch.cat([maps[:, :3], self.palette.read(coarse)], dim=1)))
        return (coarse + difference).clamp(-1, 1), None


class ResidualUNet(nn.Module):
    """A U-Net of residual blocks, without an activation at the end.

    Args:
        in_channels: channels of the input.
        widths: channels of each level, shallow to deep.
        smallest: (height, width) of the smallest maps, which then pass a fully connected layer; None: they do not.
    """

    def __init__(self, in_channels: int, widths: list[int], smallest: tuple[int, int] | None = None):
        super().__init__()
        self.stem = nn.Conv2d(in_channels, widths[0], 3, padding=1)
        self.encoder = nn.ModuleList(ResidualBlock(width) for width in widths)
        self.halve = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(widths))
        self.bottleneck = nn.Identity()
        if smallest is not None:
            shape = (widths[-1], *smallest)
            numbers = shape[0] * shape[1] * shape[2]
            squeeze, widen = nn.Linear(numbers, UNITS), nn.Linear(UNITS, numbers)
            self.bottleneck = nn.Sequential(nn.Flatten(), squeeze, widen, nn.Unflatten(1, shape))
        self.enlarge = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairwise(widths))
        self.merge = nn.ModuleList(nn.Conv2d(2 * width, width, 3, padding=1) for width in widths)
        self.decoder = nn.ModuleList(ResidualBlock(width) for width in widths)
        self.last = nn.Conv2d(widths[0], 3, 3, padding=1)
        initialise(self, normalised=False)
        for part in (*self.encoder, *self.decoder, self.last):  # as `WarpingGenerator` begins with norm "blocks"
            initialise(part)

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, in_channels, H, W] to [B, 3, H, W]."""
        x, skips = F.relu(self.stem(x)), []
        for level, block in enumerate(self.encoder):
            x = block(x if level == 0 else F.relu(self.halve[level - 1](x)))
            skips.append(x)  # [B, widths[level], H / 2**level, W / 2**level]
        x = self.bottleneck(x)
        for level in reversed(range(len(skips))):
            x = self.decoder[level](F.relu(self.merge[level](torch.cat([x, skips[level]], dim=1))))
            if level:
                x = F.interpolate(F.relu(self.enlarge[level - 1](x)), scale_factor=2.0, mode="nearest")
        return self.last(x)
