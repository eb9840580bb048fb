"""The backbone of the human parser: torchvision's MobileNetV3-large, of any width, or with ImageNet's weights.

Howard et al. 2019, "Searching for MobileNetV3", table 1; the last stage is dilated, so that the stride ends at 16.
"""

from functools import partial

import torch
from torch import nn

from warpgan.arguments import choose
from warpgan.downloads import load

LEVELS = (1, 3, 6, 16)
"""The layers whose maps are used: of stride 2, 4, 8 and 16."""

PUBLISHED = "mobilenet_v3_large_v1"
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's pictures in [0, 1]


def backbone(width: float, weights: str | None = None) -> nn.Sequential:
    """Make the backbone; `channels` says what its maps hold.

    Args:
        width: a factor of torchvision's channels.
        weights: None: random weights. "imagenet": those of torchvision's classifier, adapted to pictures in [-1, 1];
            they exist for width 1 alone and must have been fetched before.

    Raises:
        ValueError: ImageNet weights for another width; a damaged file.
        FileNotFoundError: they have not been fetched; says how to.
    """
    from torchvision.models import mobilenet_v3_large

    # Running statistics of the last 20 steps, not of torchvision's 100, so that short trainings can be measured.
    norm = partial(nn.BatchNorm2d, eps=1e-3, momentum=0.05)
    layers = mobilenet_v3_large(weights=None, width_mult=width, dilated=True, norm_layer=norm).features
    if weights is None:
        return layers
    choose("weights", weights, ("imagenet",))
    if width != 1:
        raise ValueError(f"weights: ImageNet weights exist for width 1 alone, found width {width}")
    layers.load_state_dict(load(PUBLISHED, "features."))
    _take_pictures_as_they_are(layers)
    return layers


def channels(layers: nn.Sequential) -> list[int]:
    """Return the channels of the maps of `LEVELS`."""
    return [getattr(layers[index], "out_channels") for index in LEVELS]  # noqa: B009 - set by torchvision


# The published weights expect (p - MEAN) / DEVIATION of p in [0, 1]. With x = 2 p - 1 that is a factor and a shift of
# x: the factor goes into the first convolution, the shift into the mean of the normalisation after it. Exact but for
# the outermost pixels, where the convolution sees its padding.
@torch.no_grad()
def _take_pictures_as_they_are(layers: nn.Sequential) -> None:
    convolution, norm = layers[0][0], layers[0][1]
    mean, deviation = torch.tensor(MEAN), torch.tensor(DEVIATION)
    shift = (0.5 - mean) / deviation
    norm.running_mean -= (convolution.weight.sum(dim=(2, 3)) * shift).sum(dim=1)
    convolution.weight *= (0.5 / deviation)[:, None, None]
