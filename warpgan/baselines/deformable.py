"""Def-GAN's deformable skips: what the condition's encoder found is moved body part by body part.

Facts from Siarohin et al. 2018 (arXiv 1801.00055), section 3, and the authors' code (AliaksandrSiarohin/pose-gan): two
encoders without common weights, one for the condition and one for the target's pose; 4x4 convolutions of stride 2,
leaky rectifiers, dropout in the decoder's first three levels while training; each skip of the condition is moved by
every part's affine map, masked, and the largest of the moved maps is kept at each place; the nearest-neighbour loss
(`pixel_losses.nearest`). Departures: the label maps are inputs too and the condition's pose is not, as for the network
it is compared with.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from warpgan import geometry
from warpgan.baselines.layers import doubling, down, up
from warpgan.baselines.parts import carried, joints_of, part_maps, part_masks
from warpgan.labels import NUM_KEYPOINTS, NUM_LABELS
from warpgan.models.layers import check_generator_maps, feature_maps, initialise
from warpgan.opponent import Palette

DEPTH = 6  # at 256x256; 5 at 128x64
NOISY = 3  # levels of the decoder with dropout


def move_parts(features: Tensor, maps: Tensor, masks: Tensor) -> Tensor:
    """Move features by each part's map, keep them where the part lies, and take the largest at each place.

    Args:
        features: of the condition, [B, C, h, w].
        maps: from the target to the condition, [B, P, 2, 3], normalised.
        masks: of the parts in the target, [B, P, h, w], in [0, 1].

    Returns:
        [B, C, h, w], nowhere negative: where no part lies there is 0.
    """
    batch, parts = maps.shape[:2]
    grids = geometry.warp_grid(maps.flatten(0, 1), None, tuple(features.shape[2:]))  # [B P, h, w, 2]
    grids = grids.unflatten(0, (batch, parts))
    largest = torch.zeros_like(features)
    for part in range(parts):
        moved = geometry.warp(features, grids[:, part])
        largest = torch.maximum(largest, moved * masks[:, part, None].to(moved.dtype))
    return largest


class Deformable(nn.Module):
    """Render a person from two encoders, the condition's skips moved part by part.

    The target's joints are read off the pose map. The condition's joints come as `condition_keypoints`
    (`models.painting.ask` hands them over where a batch has them); where they are not known, they are taken to be
    where the matcher's map sends the target's joints, which is coarser.

    Args:
        deepest: channels of the smallest maps (512 in the paper); the first level has an eighth.
        depth: halvings.
    """

    palette = Palette()  # `systems.build` gives the configured one

    needs_keypoints = True

    def __init__(self, deepest: int = 512, *, depth: int = DEPTH):
        super().__init__()
        self.multiple = 2**depth
        widths = doubling(deepest, depth + 1, times=3)
        self.condition_encoder = _encoder(3 + NUM_LABELS, widths)
        self.target_encoder = _encoder(NUM_LABELS + NUM_KEYPOINTS, widths)
        self.decoder = nn.ModuleList(
            up(widths[i + 1] * (2 if i == depth - 1 else 3), widths[i], dropout=i >= depth - NOISY)
            for i in range(depth)
        )
        self.last = nn.Sequential(nn.ReLU(), nn.Conv2d(3 * widths[0], 3, 3, padding=1))
        initialise(self)
        for stem in (self.condition_encoder[0], self.target_encoder[0]):
            initialise(stem, normalised=False)

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
        condition_keypoints: Tensor | None = None,
    ) -> tuple[Tensor, None]:
        """Return the picture [B, 3, H, W] in [-1, 1], and None: there is no gate.

        Arguments as in `WarpingGenerator.forward`; the maps between the poses only stand in for missing joints.

        Args:
            condition_keypoints: [B, 18, 3], x and y in pixels of the condition and presence, or None.

        Raises:
            ValueError: for other channels, unequal sizes, or a size that cannot be halved `depth` times.
        """
        check_generator_maps(self.multiple, condition_image, condition_onehot, target_onehot, pose_map)
        size = tuple(pose_map.shape[2:])
        target = joints_of(pose_map)  # [B, 18, 3]
        if condition_keypoints is None:
            condition_keypoints = carried(target, affine, tps, size)
        maps, present = part_maps(condition_keypoints, target, size)  # [B, 10, 2, 3], [B, 10]

        condition = torch.cat([self.palette.read(condition_image), condition_onehot], dim=1)
        looks = feature_maps(self.condition_encoder, condition)
        poses = feature_maps(self.target_encoder, torch.cat([target_onehot, pose_map], dim=1))
        x = None
        for level in reversed(range(len(looks))):
            look, pose = looks[level], poses[level]  # [B, C, H / 2**level, W / 2**level]
            moved = move_parts(look, maps, part_masks(target, present, size, tuple(look.shape[2:])))
            x = torch.cat([pose, moved] if x is None else [x, pose, moved], dim=1)
            x = self.decoder[level - 1](x) if level else self.last(x)
        return self.palette.paint(x), None


def _encoder(in_channels: int, widths: list[int]) -> nn.ModuleList:
    stem = nn.Conv2d(in_channels, widths[0], 3, padding=1)
    return nn.ModuleList([stem, *(down(a, b) for a, b in pairwise(widths))])
