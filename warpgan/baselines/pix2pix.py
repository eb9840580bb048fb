"""A pix2pix-like network, with or without the soft-gated warping-block on one of its skips.

Facts from Isola et al. 2017 (arXiv 1611.07004), sections 3.2 and 6.1: 4x4 convolutions of stride 2 all the way down,
channels 64, 128, 256 and from there on 512, leaky rectifiers of slope 0.2, no normalisation after the first, skips by
concatenation, dropout of one half in the decoder's first three levels as its noise, a tanh. Departures: instance
normalisation, which is what batch normalisation is with the paper's batch of one picture; the smallest maps are 2
pixels across instead of 1, whose normalisation would leave nothing; dropout only while training, so that a picture
does not change when it is asked for again.
"""

import torch
from torch import Tensor, nn

from warpgan.baselines.layers import INPUTS, Stacked, doubling, down, up
from warpgan.models.layers import initialise
from warpgan.models.warping_block import SoftGatedWarpingBlock, grid_for

DEPTH = 8  # at 256x256
NOISY = 3  # levels of the decoder with dropout


class Pix2Pix(Stacked):
    """Render a person from a picture, two label maps and a pose map, all laid on top of each other.

    The block is made last, so that with one seed a network with it and one without start from equal weights.

    Args:
        deepest: channels of the smallest maps (512 in the paper); the first level has an eighth.
        depth: halvings, at least 2.
        warping: whether the block stands on a skip.
        level: of that skip: its maps have been halved so often; from 1 to `depth - 1`.
        residual: the block's residual, see `SoftGatedWarpingBlock`.
        gate: the block's gate, see there.

    Raises:
        ValueError: fewer than 2 halvings: there would be no skip.
    """

    def __init__(
        self,
        deepest: int = 512,
        *,
        depth: int = DEPTH,
        warping: bool = True,
        level: int = 2,
        residual: str = "two_conv",
        gate: str = "learned_channel",
    ):
        super().__init__()
        if depth < 2:
            raise ValueError(f"depth: expected at least 2 halvings, found {depth}")
        widths = doubling(deepest, depth, times=3)  # of the maps halved 1 to depth times
        self.multiple, self.level = 2**depth, min(max(level, 1), depth - 1)
        first = nn.Conv2d(INPUTS, widths[0], 4, stride=2, padding=1)
        self.encoder = nn.ModuleList([first, *(down(widths[i - 1], widths[i]) for i in range(1, depth))])
        # Decoder i makes maps halved i times; all but the deepest are given a skip beside what lies below.
        self.decoder = nn.ModuleList(
            up(widths[i] * (1 if i == depth - 1 else 2), widths[i - 1], dropout=i >= depth - NOISY)
            for i in range(1, depth)
        )
        self.last = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(2 * widths[0], 3, 4, stride=2, padding=1))
        initialise(self)
        initialise(first, normalised=False)
        self.block = SoftGatedWarpingBlock(widths[self.level - 1], residual, gate=gate) if warping else None

    def draw(
        self, maps: Tensor, affine: Tensor | None, tps: Tensor | None, forced_gate: float | None
    ) -> tuple[Tensor, Tensor | None]:
        """Return the picture and the gate; see `Stacked`."""
        x, gate, skips = maps, None, []
        for layers in self.encoder:
            x = layers(x)
            skips.append(x)  # skips[i] has been halved i + 1 times
        for level in reversed(range(1, len(self.encoder))):
            x, skip = self.decoder[level - 1](x), skips[level - 1]
            if self.block and level == self.level:
                skip, gate = self.block(skip, grid_for(skip, affine, tps), context=x, forced_gate=forced_gate)
            x = torch.cat([skip, x], dim=1)  # [B, 2 widths[level - 1], H / 2**level, W / 2**level]
        return self.palette.paint(self.last(x)), gate
