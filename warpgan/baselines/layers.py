"""What the compared systems share: how deep they are, how wide each level is, and the grid of their warping-block.

A network is as wide as `deepest`, the channels of its smallest maps, says: the levels above have a share of it, so
that a network can be made of any size in small steps (`systems.matched`).
"""

import torch
from torch import Tensor, nn

from warpgan import geometry
from warpgan.labels import NUM_KEYPOINTS, NUM_LABELS
from warpgan.models.layers import check_maps

INPUTS = 3 + NUM_LABELS + NUM_LABELS + NUM_KEYPOINTS  # 61: everything that the Warping-GAN's generator is given
SLOPE = 0.2  # of the leaky rectifiers


def depth_of(size: tuple[int, int], most: int, *, least_side: int = 2) -> int:
    """Return how often pictures of a size can be halved.

    Args:
        size: (height, width), pixels.
        most: halvings of the published network.
        least_side: the shorter side of the smallest maps is at least this.

    Raises:
        ValueError: they cannot be halved at all.
    """
    fit = [d for d in range(1, most + 1) if not any(side % 2**d or side < least_side * 2**d for side in size)]
    if not fit:
        raise ValueError(f"size {size[0]}x{size[1]} (height x width) cannot be halved; expected even sides")
    return max(fit)


def doubling(deepest: int, levels: int, *, times: int) -> list[int]:
    """Return the channels of each level, shallow to deep: doubled `times` times, the same from there on.

    Args:
        deepest: channels of the last level.
        levels: how many there are.
        times: doublings from the first level; more than there are levels for are left out.
    """
    times = min(times, levels - 1)
    return [-(-deepest // 2 ** max(0, times - level)) for level in range(levels)]  # rounded up


def stack(
    multiple: int, condition_image: Tensor, condition_onehot: Tensor, target_onehot: Tensor, pose_map: Tensor
) -> Tensor:
    """Return everything that a generator is given in one map, [B, 61, H, W].

    Raises:
        ValueError: for other channels, unequal sizes, or a size that is no multiple of `multiple`.
    """
    check(multiple, condition_image, condition_onehot, target_onehot, pose_map)
    return torch.cat([condition_image, condition_onehot, target_onehot, pose_map], dim=1)


def check(multiple: int, image: Tensor, condition: Tensor, target: Tensor, pose: Tensor) -> None:
    """Refuse maps of other channels or sizes, as `WarpingGenerator` does."""
    check_maps(
        multiple,
        condition_image=(image, 3),
        condition_onehot=(condition, NUM_LABELS),
        target_onehot=(target, NUM_LABELS),
        pose_map=(pose, NUM_KEYPOINTS),
    )


def grid_for(features: Tensor, affine: Tensor | None, tps: Tensor | None) -> Tensor:
    """Return the sampling grid of a map between two poses at the size of features, [B, h, w, 2]; None: identity."""
    size = tuple(features.shape[2:])
    if affine is None and tps is None:
        return geometry.identity_grid(len(features), size, device=features.device)
    return geometry.warp_grid(affine, tps, size)


def down(channels: int, out: int, *, norm: bool = True) -> nn.Sequential:
    """Return LeakyReLU - 4x4 convolution of stride 2 - norm: pix2pix's unit of the encoder, halving the size."""
    layers = [nn.LeakyReLU(SLOPE), nn.Conv2d(channels, out, 4, stride=2, padding=1)]
    return nn.Sequential(*layers, *([nn.InstanceNorm2d(out)] if norm else []))


def up(channels: int, out: int, *, dropout: bool = False) -> nn.Sequential:
    """Return ReLU - 4x4 transposed convolution of stride 2 - norm (- dropout of one half): its unit of the decoder."""
    layers = [nn.ReLU(), nn.ConvTranspose2d(channels, out, 4, stride=2, padding=1), nn.InstanceNorm2d(out)]
    return nn.Sequential(*layers, *([nn.Dropout(0.5)] if dropout else []))
