"""Stage II, the Warping-GAN generator: a picture of the condition's person in the target pose.

Paper section 3.1.2 and figure 2: one encoder for what the person looks like, one for where everything goes,
one warping-block between them on the smallest maps, then residual blocks and a decoder. Notebook 06 trains it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from warpgan import geometry
from warpgan.arguments import choose
from warpgan.labels import NUM_KEYPOINTS, NUM_LABELS
from warpgan.models.layers import Decoder, Encoder, ResidualBlock, activated, check_generator_maps, initialise
from warpgan.models.matching import warp_onehot
from warpgan.models.warping_block import SoftGatedWarpingBlock, grid_for
from warpgan.opponent import Palette

MERGES = ("concat", "conv")
NORMS = ("everywhere", "blocks")
PASSES = ("one", "two")
WARPED = ("features", "pixels")


class WarpingGenerator(nn.Module):
    """Render a person in a target pose from its picture, two label maps, a pose map and a map between them.

    The block is made last, so that with one seed a generator with it and one without start from equal
    weights.

    Args:
        width: channels after the first layers (64 in the paper).
        blocks: residual blocks in the middle (9 in the paper).
        merge: "concat" keeps both streams' channels through the residual blocks, as the paper does; "conv"
            halves them first with a 3x3 convolution, a third of the parameters.
        residual: the warping-block's residual, see `SoftGatedWarpingBlock`.
        gate: the warping-block's gate, see there.
        warping: False takes the warping-block out and leaves everything else.
        downs: halvings of each encoder (3 in the paper, whose pictures are 256 pixels wide).
        norm: "everywhere" normalises after every convolution, as the paper does; "blocks" only inside the
            residual branches, so that the brightness of a whole picture is not divided away.
        passes: "one" warps by the composed grid; "two" by the affine map, then by the spline, as the authors' code
            does, see `warping_block.warp_twice`.
        block_level: halvings of the encoders after which the block stands, 0 to `downs`; None: all of them, as in the
            paper.
        warped: "features" for the block; "pixels" moves the condition's picture and parsing instead, before the
            encoder, and has no block: what the paper argues against.
        colours: "rgb" as in the paper; "opponent" reads and paints in the axes of `warpgan.opponent`, ours.
        decoder_sees_target: the target's parsing and pose go into the decoder, too, after each doubling. In the paper
            they come through the smallest maps alone, which have lost where exactly an edge is; ours.
    """

    UNTOUCHED_AT_FIRST = ("reminders",)  # they begin by handing on what comes in: weights without them can go on

    def __init__(
        self,
        width: int = 64,
        blocks: int = 9,
        *,
        merge: str = "concat",
        residual: str = "two_conv",
        gate: str = "learned_channel",
        warping: bool = True,
        downs: int = 3,
        norm: str = "everywhere",
        passes: str = "one",
        block_level: int | None = None,
        warped: str = "features",
        colours: str = "rgb",
        decoder_sees_target: bool = False,
    ):
        super().__init__()
        self.palette = Palette(colours)
        self.passes = choose("passes", passes, PASSES)
        self.warps_pixels = choose("warped", warped, WARPED) == "pixels"
        self.block_level = downs if block_level is None else block_level
        if not 0 <= self.block_level <= downs:
            raise ValueError(f"block_level: expected 0 to {downs}, the halvings of the encoders, found {block_level}")
        choose("merge", merge, MERGES)
        everywhere = choose("norm", norm, NORMS) == "everywhere"
        self.multiple = 2**downs
        self.condition_encoder = Encoder(3 + NUM_LABELS, width, downs=downs, norm=everywhere)
        self.target_encoder = Encoder(NUM_LABELS + NUM_KEYPOINTS, width, downs=downs, norm=everywhere)
        channels = self.condition_encoder.out_channels
        merged = 2 * channels if merge == "concat" else channels
        self.merge = nn.Identity()
        if merge == "conv":
            halve = nn.Conv2d(2 * channels, channels, 3, padding=1, padding_mode="reflect")
            self.merge = activated(halve, channels, norm=everywhere)
        self.blocks = nn.Sequential(*(ResidualBlock(merged) for _ in range(blocks)))
        self.decoder = Decoder(merged, width, out_channels=3, downs=downs, norm=everywhere)
        initialise(self)
        if not everywhere:
            for part in (self.condition_encoder, self.target_encoder, self.merge, *list(self.decoder)[:-1]):
                initialise(part, normalised=False)
        block = warping and not self.warps_pixels
        self.warping = SoftGatedWarpingBlock(width * 2**self.block_level, residual, gate=gate) if block else None
        # Made later still, and at first they let through what they are given, so that nothing else is changed.
        doublings = range(1, downs + 1) if decoder_sees_target else ()
        self.reminders = nn.ModuleList(_reminder(merged // 2**i, everywhere) for i in doublings)

    def encode(
        self, condition_image: Tensor, condition_onehot: Tensor, target_onehot: Tensor, pose_map: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the features of the condition and of the target where the block stands, before any warp.

        Args:
            condition_image: [B, 3, H, W] in [-1, 1].
            condition_onehot: condition parsing, one-hot, [B, 20, H, W].
            target_onehot: target parsing, one-hot (true or from stage I), [B, 20, H, W].
            pose_map: target pose, [B, 18, H, W].

        Returns:
            (phi, context), each [B, C, h, w] with C = width * 2**level, h = H / 2**level, w = W / 2**level, level
            being `block_level`.

        Raises:
            ValueError: for other channels, unequal sizes, or a size that cannot be halved `downs` times.
        """
        check_generator_maps(self.multiple, condition_image, condition_onehot, target_onehot, pose_map)
        condition = torch.cat([self.palette.read(condition_image), condition_onehot], dim=1)  # 23 channels
        target = torch.cat([target_onehot, pose_map], dim=1)  # 38 channels
        stop = self.block_level + 1
        return self.condition_encoder(condition, stop=stop), self.target_encoder(target, stop=stop)

    def render(
        self,
        phi: Tensor,
        context: Tensor,
        *,
        affine: Tensor | None,
        tps: Tensor | None,
        forced_gate: float | None = None,
        target: Tensor | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Warp, encode to the end, merge and decode features that `encode` returned.

        Args:
            phi: condition features [B, C, h, w].
            context: target features [B, C, h, w].
            affine: map from output to source, [B, 2, 3], or None for the identity.
            tps: control points [B, K, 2], or None for the identity.
            forced_gate: a constant in [0, 1] that replaces the gate.
            target: see `decode`.

        Returns:
            (image [B, 3, H, W] in [-1, 1], gate [B, 1 or C, h, w]); gate is None without a warping-block.
        """
        moved, gate = self.warp(phi, context, affine=affine, tps=tps, forced_gate=forced_gate)
        return self.decode(moved, context, target), gate

    def warp(
        self,
        phi: Tensor,
        context: Tensor,
        *,
        affine: Tensor | None,
        tps: Tensor | None,
        forced_gate: float | None = None,
        block: SoftGatedWarpingBlock | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Let the warping-block act on features: the first half of `render`, arguments as there.

        Args:
            block: another one to act instead of the generator's own, for looking at another gate.

        Returns:
            (T [B, C, h, w], gate [B, 1 or C, h, w]); phi itself and None without a warping-block.
        """
        block = self.warping if block is None else block
        if block is None:
            return phi, None
        options = {"twice": (affine, tps)} if self.passes == "two" else {}
        return block(phi, grid_for(phi, affine, tps), context=context, forced_gate=forced_gate, **options)

    def decode(self, moved: Tensor, context: Tensor, target: Tensor | None = None) -> Tensor:
        """Encode to the end, merge and decode: the second half of `render`.

        Args:
            moved: the condition's features after the block, T, [B, C, h, w].
            context: target features [B, C, h, w].
            target: parsing and pose map of the target, [B, 38, H, W], which a decoder that sees them needs again.

        Returns:
            [B, 3, H, W] in [-1, 1].

        Raises:
            ValueError: the decoder sees the target, and there is none.
        """
        if self.reminders and target is None:
            raise ValueError("target: this generator's decoder sees the target's parsing and pose, and found none")
        start = self.block_level + 1
        moved, context = self.condition_encoder(moved, start), self.target_encoder(context, start)
        merged = self.merge(torch.cat([context, moved], dim=1))  # [B, 2C or C, h, w] of the smallest maps
        maps = self.blocks(merged)
        for i, stage in enumerate(self.decoder):
            maps = stage(maps)
            if i < len(self.reminders):
                seen = F.adaptive_avg_pool2d(target, maps.shape[2:])  # [B, 38, h, w] shares of labels and joints
                maps = self.reminders[i](torch.cat([maps, seen], dim=1))
        return self.palette.paint(maps)

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
        """Return the picture and the gate: `render` after `encode`, arguments as there."""
        if self.warps_pixels and (affine is not None or tps is not None):
            grid = geometry.warp_grid(affine, tps, tuple(condition_image.shape[2:]))
            condition_image = geometry.warp(condition_image, grid)
            condition_onehot = warp_onehot(condition_onehot, grid)
        phi, context = self.encode(condition_image, condition_onehot, target_onehot, pose_map)
        target = torch.cat([target_onehot, pose_map], dim=1) if self.reminders else None
        return self.render(phi, context, affine=affine, tps=tps, forced_gate=forced_gate, target=target)


def _reminder(channels: int, norm: bool) -> nn.Module:
    mix = nn.Conv2d(channels + NUM_LABELS + NUM_KEYPOINTS, channels, 3, padding=1, padding_mode="reflect")
    nn.init.dirac_(mix.weight)
    nn.init.zeros_(mix.bias)
    return activated(mix, channels, norm=norm)
