"""One encoder instead of two, and no warp: the paper's own ablations "without warping-block" and "without parsing".

As the authors' code has them: the residual network of stage I fed with everything that stage II knows (61 channels),
or with the condition's picture and the pose alone (21 channels), whose discriminator is shown no parsing either.
Notebook 07 trains both.
"""

import torch
from torch import Tensor, nn

from warpgan.baselines.layers import Stacked
from warpgan.labels import NUM_KEYPOINTS, NUM_LABELS
from warpgan.models.layers import Decoder, Encoder, ResidualBlock, initialise


class ResNetGenerator(Stacked):
    """An encoder, residual blocks and a decoder, called like a `WarpingGenerator`.

    Args:
        width: channels after the first layer.
        blocks: residual blocks in the middle (9 in the paper).
        downs: halvings of the encoder (3 in the paper).
        norm: "everywhere" or "blocks", as for `WarpingGenerator`.
        parsing: whether both parsings go in; without them it sees the picture and the pose alone.
    """

    def __init__(self, width: int, blocks: int, *, downs: int = 3, norm: str = "everywhere", parsing: bool = True):
        super().__init__()
        everywhere = norm == "everywhere"
        self.multiple, self.sees_parsing = 2**downs, parsing
        channels = 3 + NUM_KEYPOINTS + (2 * NUM_LABELS if parsing else 0)  # 61 or 21
        self.encoder = Encoder(channels, width, downs=downs, norm=everywhere)
        deepest = self.encoder.out_channels
        self.blocks = nn.Sequential(*(ResidualBlock(deepest) for _ in range(blocks)))
        self.decoder = Decoder(deepest, width, out_channels=3, downs=downs, norm=everywhere)
        initialise(self)
        if not everywhere:
            for part in (self.encoder, *list(self.decoder)[:-1]):
                initialise(part, normalised=False)

    def draw(
        self, maps: Tensor, affine: Tensor | None, tps: Tensor | None, forced_gate: float | None
    ) -> tuple[Tensor, None]:
        """Return the picture, and None: there is no gate, and no map to follow; see `Stacked`."""
        x = maps if self.sees_parsing else torch.cat([maps[:, :3], maps[:, -NUM_KEYPOINTS:]], dim=1)  # 61 or 21
        return self.palette.paint(self.decoder(self.blocks(self.encoder(x)))), None
