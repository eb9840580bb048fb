"""A plain U-Net, with or without the soft-gated warping-block on one of its skips.

Facts from Ronneberger et al. 2015 (arXiv 1505.04597), figure 1: two 3x3 convolutions a level, 2x2 pooling, doubled
channels, 2x2 transposed convolutions, skips by concatenation, four halvings. Departures: padding keeps the size,
instance normalisation but at full size, where brightness would be divided away, and a tanh for pictures.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from warpgan.baselines.layers import INPUTS, Stacked, doubling
from warpgan.models.layers import activated, initialise
from warpgan.models.warping_block import SoftGatedWarpingBlock, grid_for

DEPTH = 4


class UNet(Stacked):
    """Render a person from a picture, two label maps and a pose map, all laid on top of each other.

    The block is made last, so that with one seed a network with it and one without start from equal weights.

    Args:
        deepest: channels of the smallest maps (1024 in the paper); each level above has half of the one below.
        depth: halvings.
        warping: whether the block stands on a skip.
        level: of that skip: its maps have been halved so often; at most `depth - 1`.
        residual: the block's residual, see `SoftGatedWarpingBlock`.
        gate: the block's gate, see there.
    """

    def __init__(
        self,
        deepest: int = 1024,
        *,
        depth: int = DEPTH,
        warping: bool = True,
        level: int = 2,
        residual: str = "two_conv",
        gate: str = "learned_channel",
    ):
        super().__init__()
        widths = doubling(deepest, depth + 1, times=depth)  # [64, 128, 256, 512, 1024] in the paper
        self.multiple, self.level = 2**depth, min(level, depth - 1)
        self.encoder = nn.ModuleList(_twice(a, b, norm=i > 0) for i, (a, b) in enumerate(pairwise((INPUTS, *widths))))
        self.enlarge = nn.ModuleList(_enlarge(b, a, norm=i > 0) for i, (a, b) in enumerate(pairwise(widths)))
        self.decoder = nn.ModuleList(_twice(2 * a, a, norm=i > 0) for i, a in enumerate(widths[:-1]))
        self.last = nn.Conv2d(widths[0], 3, 1)
        initialise(self)
        for part in (self.encoder[0], self.enlarge[0], self.decoder[0]):
            initialise(part, normalised=False)
        self.block = SoftGatedWarpingBlock(widths[self.level], residual, gate=gate) if warping else None

    def draw(
        self, maps: Tensor, affine: Tensor | None, tps: Tensor | None, forced_gate: float | None
    ) -> tuple[Tensor, Tensor | None]:
        """Return the picture and the gate; see `Stacked`."""
        x, gate, skips = maps, None, []
        for level, layers in enumerate(self.encoder):
            x = layers(x if level == 0 else F.max_pool2d(x, 2))
            skips.append(x)  # [B, deepest / 2**(depth - level), H / 2**level, W / 2**level]
        for level in reversed(range(len(self.decoder))):
            x, skip = self.enlarge[level](x), skips[level]
            if self.block and level == self.level:
                skip, gate = self.block(skip, grid_for(skip, affine, tps), context=x, forced_gate=forced_gate)
            x = self.decoder[level](torch.cat([skip, x], dim=1))
        return self.palette.paint(self.last(x)), gate


def _twice(channels: int, out: int, *, norm: bool) -> nn.Sequential:
    first, second = nn.Conv2d(channels, out, 3, padding=1), nn.Conv2d(out, out, 3, padding=1)
    return nn.Sequential(activated(first, out, norm=norm), activated(second, out, norm=norm))


def _enlarge(channels: int, out: int, *, norm: bool) -> nn.Sequential:
    return activated(nn.ConvTranspose2d(channels, out, 2, stride=2), out, norm=norm)
