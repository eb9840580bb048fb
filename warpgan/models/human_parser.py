"""Human parsing: from a picture to logits of the 20 labels, a small network on a torchvision backbone.

The backbone is MobileNetV3-large with stride 16 and the head of LR-ASPP (Howard et al. 2019, "Searching for
MobileNetV3"); a decoder then adds the backbone's finer maps step by step up to half resolution, because a glove or a
sock is smaller than the 8 pixels at which LR-ASPP stops. The paper takes such parsings as given. Notebook 02 trains it.
"""

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from warpgan.labels import NUM_LABELS
from warpgan.models.layers import choose

STEP = 16
"""Pixels: the backbone's stride. Pictures of other sizes are padded at the right and below."""

LEVELS = (1, 3, 6, 16)  # the backbone's layers whose maps are used: of stride 2, 4, 8 and 16


class HumanParser(nn.Module):
    """Predict the label of each pixel of a picture.

    Args:
        width: of the backbone, a factor of torchvision's channels (1).
        decoder: channels of the decoder's maps.
        weights: None: random weights, nothing is fetched. "imagenet": torchvision's ImageNet weights of the backbone,
            downloaded on first use (21 MB); they exist for width 1 alone.

    Raises:
        ValueError: ImageNet weights for another width, or a width or decoder that is not positive.
        OSError: the ImageNet weights cannot be fetched; says what to do instead.
    """

    def __init__(self, width: float = 1.0, decoder: int = 48, *, weights: str | None = None):
        super().__init__()
        if width <= 0 or decoder < 1:
            raise ValueError(f"width and decoder must be positive, found {width} and {decoder}")
        self.backbone = _backbone(width, weights)
        channels = _channels(self.backbone)
        self.high = _unit(nn.Conv2d(channels[-1], decoder, 1, bias=False), decoder)
        self.squeeze = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels[-1], decoder, 1, bias=False), nn.Sigmoid()
        )
        self.laterals = nn.ModuleList(nn.Conv2d(count, decoder, 1) for count in channels[-2::-1])
        self.refine = nn.ModuleList(_separable(decoder) for _ in self.laterals)
        self.classify = nn.Conv2d(decoder, NUM_LABELS, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Return the logits of each pixel's label.

        Args:
            image: [B, 3, H, W] in [-1, 1]; sides that are no multiples of `STEP` are padded with the last row and
                column, and the answer is cut back.

        Returns:
            Logits [B, 20, H, W], interpolated bilinearly from half resolution.

        Raises:
            ValueError: another shape, integers, or an empty picture.
        """
        if image.dim() != 4 or image.shape[1] != 3 or 0 in image.shape or not image.is_floating_point():
            raise ValueError(
                f"image: expected floating point [B, 3, H, W], found {image.dtype} {list(image.shape)}"
            )
        height, width = image.shape[-2:]
        padded = F.pad(image, (0, -width % STEP, 0, -height % STEP), mode="replicate")
        *finer, deep = self._maps(padded)  # strides 2, 4, 8 and 16
        x = self.high(deep) * self.squeeze(deep)  # [B, decoder, H/16, W/16]
        for lateral, refine, level in zip(self.laterals, self.refine, reversed(finer), strict=True):
            x = F.interpolate(x, size=level.shape[-2:], mode="bilinear", align_corners=False)
            x = refine(x + lateral(level))  # [B, decoder, H/8, W/8], then H/4, then H/2
        x = self.classify(x)  # [B, 20, H/2, W/2]
        x = F.interpolate(x, size=padded.shape[-2:], mode="bilinear", align_corners=False)
        return x[..., :height, :width]

    def _maps(self, x: Tensor) -> list[Tensor]:
        maps = []
        for index, layer in enumerate(self.backbone):
            x = layer(x)
            if index in LEVELS:
                maps.append(x)
        return maps


def _backbone(width: float, weights: str | None) -> nn.Sequential:
    from torchvision.models import MobileNet_V3_Large_Weights, mobilenet_v3_large

    if weights is None:
        # Running statistics of the last 20 steps, not of torchvision's 100, so that short trainings can be measured.
        norm = partial(nn.BatchNorm2d, eps=1e-3, momentum=0.05)
        return mobilenet_v3_large(weights=None, width_mult=width, dilated=True, norm_layer=norm).features
    choose("weights", weights, ("imagenet",))
    if width != 1:
        raise ValueError(f"weights: ImageNet weights exist for width 1 alone, found width {width}")
    chosen = MobileNet_V3_Large_Weights.IMAGENET1K_V1
    try:
        return mobilenet_v3_large(weights=chosen, dilated=True).features
    except OSError as error:  # urllib's errors are OSErrors
        raise OSError(
            f"weights: {chosen.url} cannot be fetched ({error}); use weights=None, or put the file into torch's "
            f"folder {torch.hub.get_dir()}/checkpoints by hand"
        ) from None


def _channels(backbone: nn.Sequential) -> list[int]:
    return [getattr(backbone[index], "out_channels") for index in LEVELS]  # noqa: B009 - set by torchvision


def _unit(convolution: nn.Module, channels: int) -> nn.Sequential:
    return nn.Sequential(convolution, nn.BatchNorm2d(channels, momentum=0.05), nn.ReLU(inplace=True))


# Depthwise 3x3, then 1x1: a tenth of the cost of a full 3x3, which at half resolution would outweigh the backbone.
def _separable(channels: int) -> nn.Sequential:
    depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
    return nn.Sequential(
        _unit(depthwise, channels), _unit(nn.Conv2d(channels, channels, 1, bias=False), channels)
    )
