"""Stage I, the pose-guided parser: what the person's label map looks like in the target pose.

Paper section 3.1.1 and figure 2. Label map and pose map in, logits of the 20 labels out; no colours are
needed, as in figure 2 and in the authors' code (the text, which speaks of the condition image, can be read
otherwise). Their code ends in a tanh; we keep raw logits, because the softmax cross-entropy wants them.
Notebook 03 explains and trains it.
"""

import torch
from torch import Tensor, nn

from warpgan.arguments import choose
from warpgan.labels import NUM_KEYPOINTS, NUM_LABELS
from warpgan.models.layers import Decoder, Encoder, ResidualBlock, check_maps, initialise

OUTPUTS = ("logits", "tanh")


def ask(parser: nn.Module, parsing_onehot: Tensor, pose_map: Tensor, image: Tensor) -> Tensor:
    """Return a parser's answer; only one that sees images is given the image, so that a parser may have two inputs.

    Args:
        parser: a `PoseGuidedParser`, or anything that is called like one.
        parsing_onehot: condition parsing, [B, 20, H, W].
        pose_map: target pose, [B, 18, H, W].
        image: condition image, [B, 3, H, W].
    """
    seen = (image,) if getattr(parser, "sees_image", False) else ()
    return parser(parsing_onehot, pose_map, *seen)


class PoseGuidedParser(nn.Module):
    """Predict the target's label map from the condition's label map and the target pose.

    Args:
        width: channels after the first layer (64 in the paper).
        blocks: residual blocks in the middle (9 in the paper).
        downs: halvings of the encoder (3 in the paper).
        output: "logits", or "tanh" to end as the authors' code does.
        sees_image: whether the condition's colours are an input too: 41 channels instead of 38.
    """

    def __init__(
        self, width: int = 64, blocks: int = 9, *, downs: int = 3, output: str = "logits", sees_image: bool = False
    ):
        super().__init__()
        self.multiple, self.sees_image = 2**downs, sees_image
        self.output = choose("output", output, OUTPUTS)
        self.in_channels = NUM_LABELS + NUM_KEYPOINTS + (3 if sees_image else 0)
        self.encoder = Encoder(self.in_channels, width, downs=downs)
        channels = self.encoder.out_channels
        self.blocks = nn.Sequential(*(ResidualBlock(channels) for _ in range(blocks)))
        self.decoder = Decoder(channels, width, out_channels=NUM_LABELS, downs=downs)
        initialise(self)

    def forward(self, parsing_onehot: Tensor, pose_map: Tensor, image: Tensor | None = None) -> Tensor:
        """Return the logits of the target's labels, or the tanh of them where `output` is so.

        Args:
            parsing_onehot: condition parsing, one-hot, [B, 20, H, W], in [0, 1].
            pose_map: target pose, [B, 18, H, W], in [0, 1].
            image: condition image, [B, 3, H, W] in [-1, 1]; needed with `sees_image`, else not looked at, so that
                callers may always hand it over.

        Returns:
            [B, 20, H, W]; the largest of the 20 is the label in either case.

        Raises:
            ValueError: for other channels, unequal sizes, a size that cannot be halved `downs` times, or no image
                where one is needed.
        """
        maps = {"parsing_onehot": (parsing_onehot, NUM_LABELS), "pose_map": (pose_map, NUM_KEYPOINTS)}
        if self.sees_image:
            if image is None:
                raise ValueError("image: this parser sees the condition image, expected [B, 3, H, W], found None")
            maps["image"] = (image, 3)
        check_maps(self.multiple, **maps)
        x = torch.cat([tensor for tensor, _ in maps.values()], dim=1)  # [B, 38 or 41, H, W]
        x = self.encoder(x)  # [B, 8 width, H/8, W/8]
        x = self.decoder(self.blocks(x))  # [B, 20, H, W]
        return torch.tanh(x) if self.output == "tanh" else x

    def shown(self, answer: Tensor) -> Tensor:
        """Return what a discriminator is shown of an answer of `forward`, beside the true one-hot parsing.

        Args:
            answer: [B, 20, H, W].

        Returns:
            [B, 20, H, W]: the probabilities of the labels; after a tanh the answer itself, as in the authors' code.
        """
        return answer if self.output == "tanh" else answer.softmax(dim=1)

    def features(self, x: Tensor) -> list[Tensor]:
        """Return the encoder's maps of an already concatenated input, for the perceptual loss.

        Args:
            x: parsing and pose map (and image, if it sees one) concatenated, [B, 38 or 41, H, W].

        Returns:
            Maps after the stem and each halving, shallow to deep, see `Encoder.features`.
        """
        check_maps(self.multiple, x=(x, self.in_channels))
        return self.encoder.features(x)
