"""The pyramid discriminator: real or made up, judged patch by patch, with its feature maps at several depths.

Paper section 3.2 and figure 5: a PatchGAN discriminator whose strided layers feed the pyramidal hierarchy
loss. Stage I shows it 58 channels, stage II 64. Notebook 06 explains it.
"""

from torch import Tensor, nn

from warpgan.models.layers import feature_maps, initialise


class PyramidDiscriminator(nn.Module):
    """Score overlapping patches of a picture together with everything it was made from.

    Convolutions are 4x4 with padding 2, so that 256 pixels become 129, 65, 33, then 34 and 35 at stride 1.

    Args:
        in_channels: channels of the concatenated input: 58 in stage I (condition parsing, pose, parsing), 64
            in stage II (condition image and parsing, target parsing, pose, image).
        width: channels of the first layer (64 in the paper); doubled by each layer up to eight times.
        layers: strided layers (3 in the paper).
    """

    def __init__(self, in_channels: int, width: int = 64, *, layers: int = 3):
        super().__init__()
        if layers < 1:
            raise ValueError(f"layers: expected at least 1, found {layers}")
        first = nn.Conv2d(in_channels, width, 4, stride=2, padding=2)
        stages = [nn.Sequential(first, nn.LeakyReLU(0.2, True))]
        channels = width
        for i in range(1, layers + 1):
            wider = width * min(2**i, 8)
            stages.append(
                nn.Sequential(
                    nn.Conv2d(channels, wider, 4, stride=2 if i < layers else 1, padding=2),
                    nn.InstanceNorm2d(wider),
                    nn.LeakyReLU(0.2, True),
                )
            )
            channels = wider
        self.in_channels = in_channels
        self.stages = nn.ModuleList(stages)
        self.score = nn.Conv2d(channels, 1, 4, padding=2)
        initialise(self)

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the score map and the feature maps below it.

        Args:
            x: concatenated input [B, in_channels, H, W].

        Returns:
            Score map [B, 1, h, w] without activation (least squares GAN: 1 real, 0 made up), and layers + 1
            feature maps, shallow to deep; the last one is that of the stride-1 layer, which the paper's loss
            leaves out.

        Raises:
            ValueError: if `x` has another number of channels.
        """
        if x.dim() != 4 or x.shape[1] != self.in_channels:
            raise ValueError(f"x: expected [B, {self.in_channels}, H, W], found {tuple(x.shape)}")
        features = feature_maps(self.stages, x)
        return self.score(features[-1]), features
