"""What the compared systems share: how they are called, how deep they are, how wide each level is, and units.

A network is as wide as `deepest`, the channels of its smallest maps, says: the levels above have a share of it, so
that a network can be made of any size in small steps (`systems.matched`).
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from warpgan.labels import NUM_KEYPOINTS, NUM_LABELS
from warpgan.models.layers import check_generator_maps
from warpgan.opponent import Palette

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


class Stacked(nn.Module, ABC):
    """A network that sees everything laid on top of each other; called like a `WarpingGenerator`.

    A subclass sets `multiple`, of which height and width must be multiples, and says in `draw` what it makes of them.

    Attributes:
        palette: the colours in which it reads and paints.
    """

    palette = Palette()  # `systems.build` gives the configured one
    multiple: int

    @abstractmethod
    def draw(
        self, maps: Tensor, affine: Tensor | None, tps: Tensor | None, forced_gate: float | None
    ) -> tuple[Tensor, Tensor | None]:
        """Return the picture [B, 3, H, W] in [-1, 1], and the gate of the warping-block or None without one.

        Args:
            maps: the condition's picture as `palette` reads it, both parsings and the pose map, [B, 61, H, W].
            affine, tps, forced_gate: as for `forward`.
        """

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
    ) -> tuple[Tensor, Tensor | None]:
        """Return the picture [B, 3, H, W] in [-1, 1] and the gate [B, 1 or C, h, w], None without a warping-block.

        Arguments as in `WarpingGenerator.forward`; the maps between the poses serve the block alone.

        Raises:
            ValueError: for other channels, unequal sizes, or a size that the network does not take.
        """
        check_generator_maps(self.multiple, condition_image, condition_onehot, target_onehot, pose_map)
        seen = self.palette.read(condition_image)
        maps = torch.cat([seen, condition_onehot, target_onehot, pose_map], dim=1)
        return self.draw(maps, affine, tps, forced_gate)


def down(channels: int, out: int, *, norm: bool = True) -> nn.Sequential:
    """Return LeakyReLU - 4x4 convolution of stride 2 - norm: pix2pix's unit of the encoder, halving the size.

    Args:
        channels: of the input.
        out: channels of the answer, [B, out, h / 2, w / 2].
        norm: False leaves out the instance normalisation.
    """
    layers = [nn.LeakyReLU(SLOPE), nn.Conv2d(channels, out, 4, stride=2, padding=1)]
    return nn.Sequential(*layers, *([nn.InstanceNorm2d(out)] if norm else []))


def up(channels: int, out: int, *, dropout: bool = False) -> nn.Sequential:
    """Return ReLU - 4x4 transposed convolution of stride 2 - norm (- dropout of one half): its unit of the decoder.

    Args:
        channels: of the input.
        out: channels of the answer, [B, out, 2 h, 2 w].
        dropout: while training.
    """
    layers = [nn.ReLU(), nn.ConvTranspose2d(channels, out, 4, stride=2, padding=1), nn.InstanceNorm2d(out)]
    return nn.Sequential(*layers, *([nn.Dropout(0.5)] if dropout else []))
