"""One encoder instead of two, and no warp: the paper's own ablations "without warping-block" and "without parsing".

As the authors' code has them: the residual network of stage I fed with everything that stage II knows (61 channels),
or with the condition's picture and the pose alone (21 channels), whose discriminator is shown no parsing either.
Notebook 07 trains both.
"""

import torch
from torch import Tensor, nn

from warpgan.labels import NUM_KEYPOINTS, NUM_LABELS
from warpgan.models.layers import Decoder, Encoder, ResidualBlock, check_maps, initialise
from warpgan.opponent import Palette


class ResNetGenerator(nn.Module):
    """An encoder, residual blocks and a decoder, called like a `WarpingGenerator`.

    Args:
        width: channels after the first layer.
        blocks: residual blocks in the middle (9 in the paper).
        downs: halvings of the encoder (3 in the paper).
        norm: "everywhere" or "blocks", as for `WarpingGenerator`.
        parsing: whether both parsings go in; without them it sees the picture and the pose alone.
    """

    palette = Palette()  # `systems.build` gives the configured one

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

    def forward(
        self,
        condition_image: Tensor,
        condition_onehot: Tensor,
        target_onehot: Tensor,
        pose_map: Tensor,
        affine: Tensor | None = None,
        tps: Tensor | None = None,
        *,
        forced_gate: float | None = None,
    ) -> tuple[Tensor, None]:
        """Return (image [B, 3, H, W] in [-1, 1], None): there is no map to follow and no gate.

        Args:
            condition_image: [B, 3, H, W] in [-1, 1].
            condition_onehot, target_onehot: [B, 20, H, W]; not looked at without `parsing`.
            pose_map: [B, 18, H, W].
            affine, tps, forced_gate: not looked at.

        Raises:
            ValueError: for other channels, unequal sizes, or a size that cannot be halved `downs` times.
        """
        check_maps(
            self.multiple,
            condition_image=(condition_image, 3),
            condition_onehot=(condition_onehot, NUM_LABELS),
            target_onehot=(target_onehot, NUM_LABELS),
            pose_map=(pose_map, NUM_KEYPOINTS),
        )
        parsings = (condition_onehot, target_onehot) if self.sees_parsing else ()
        x = torch.cat([self.palette.read(condition_image), *parsings, pose_map], dim=1)  # [B, 61 or 21, H, W]
        return self.palette.paint(self.decoder(self.blocks(self.encoder(x)))), None
