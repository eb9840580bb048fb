"""Stage I, the pose-guided parser: what the person's label map looks like in the target pose.

Paper section 3.1.1 and figure 2. Label map and pose map in, logits of the 20 labels out; no colours are
needed. The author's code ends in a tanh; we keep raw logits, because the softmax cross-entropy wants them.
Notebook 03 explains and trains it.
"""

import torch
from torch import Tensor, nn

from warpgan.labels import NUM_KEYPOINTS, NUM_LABELS
from warpgan.models.layers import Decoder, Encoder, ResidualBlock, check_maps, initialise


class PoseGuidedParser(nn.Module):
    """Predict the target's label map from the condition's label map and the target pose.

    Args:
        width: channels after the first layer (64 in the paper).
        blocks: residual blocks in the middle (9 in the paper).
        downs: halvings of the encoder (3 in the paper).
    """

    def __init__(self, width: int = 64, blocks: int = 9, *, downs: int = 3):
        super().__init__()
        self.multiple = 2**downs
        self.encoder = Encoder(NUM_LABELS + NUM_KEYPOINTS, width, downs=downs)
        channels = self.encoder.out_channels
        self.blocks = nn.Sequential(*(ResidualBlock(channels) for _ in range(blocks)))
        self.decoder = Decoder(channels, width, out_channels=NUM_LABELS, downs=downs)
        initialise(self)

    def forward(self, parsing_onehot: Tensor, pose_map: Tensor) -> Tensor:
        """Return the logits of the target's labels.

        Args:
            parsing_onehot: condition parsing, one-hot, [B, 20, H, W], in [0, 1].
            pose_map: target pose, [B, 18, H, W], in [0, 1].

        Returns:
            Logits [B, 20, H, W].

        Raises:
            ValueError: for other channels, unequal sizes, or a size that cannot be halved `downs` times.
        """
        maps = {"parsing_onehot": (parsing_onehot, NUM_LABELS), "pose_map": (pose_map, NUM_KEYPOINTS)}
        check_maps(self.multiple, **maps)
        x = torch.cat([parsing_onehot, pose_map], dim=1)  # [B, 38, H, W]
        x = self.encoder(x)  # [B, 8 width, H/8, W/8]
        return self.decoder(self.blocks(x))  # [B, 20, H, W]

    def features(self, x: Tensor) -> list[Tensor]:
        """Return the encoder's maps of an already concatenated input, for the perceptual loss.

        Args:
            x: parsing and pose map concatenated, [B, 38, H, W].

        Returns:
            Maps after the stem and each halving, shallow to deep, see `Encoder.features`.
        """
        check_maps(self.multiple, x=(x, NUM_LABELS + NUM_KEYPOINTS))
        return self.encoder.features(x)
