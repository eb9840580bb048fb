"""The soft-gated warping-block: T = Phi + g * W(R(Phi)), the paper's contribution.

Paper section 3.1.2, equation 1 and figure 4: the residual R of the condition's features is carried to the
target pose by the grid W, and a gate g in [0, 1] says how much of it is let in. Read literally, "R . W" is a
product with the matrix of bilinear weights, whose rows sum to the gate (`grid`); the learned gates are ours.
Notebook 05 explains it.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from warpgan import geometry
from warpgan.arguments import choose
from warpgan.models.layers import initialise, residual_branch

RESIDUALS = ("two_conv", "identity")
GATES = ("learned_channel", "learned_pixel", "grid", "none")
TWICE_SIDE = 240  # pixels of the square at which the authors' code samples twice


def grid_for(features: Tensor, affine: Tensor | None, tps: Tensor | None) -> Tensor:
    """Return the sampling grid of a map at the size of features, [B, h, w, 2].

    Args:
        features: [B, C, h, w].
        affine: [B, 2, 3], or None for no affine part.
        tps: [B, K, 2], or None for no spline; without either it is the identity.
    """
    size = tuple(features.shape[2:])
    if affine is None and tps is None:
        return geometry.identity_grid(len(features), size, device=features.device)
    return geometry.warp_grid(affine, tps, size)


def warp_twice(features: Tensor, affine: Tensor | None, tps: Tensor | None, padding: str = "zeros") -> Tensor:
    """Warp as the authors' code does: by the affine map and then by the spline, at 240 x 240, then back to size.

    One pass by the composed grid (`geometry.warp_grid`) is the same map, cheaper and without blurring three times.

    Args:
        features: [B, C, h, w].
        affine: [B, 2, 3], or None for no affine part.
        tps: [B, K, 2], or None for no spline.
        padding: what lies outside, at each pass, as in `geometry.warp`.

    Returns:
        [B, C, h, w].
    """
    warped = features
    for grid in ((affine, None), (None, tps)):
        if any(part is not None for part in grid):
            warped = geometry.warp(warped, geometry.warp_grid(*grid, (TWICE_SIDE, TWICE_SIDE)), padding)
    return F.interpolate(warped, features.shape[2:], mode="bilinear", align_corners=False)


class SoftGatedWarpingBlock(nn.Module):
    """Add warped residual features to features, as far as a gate allows.

    | gate | outside the picture | gate returned |
    |---|---|---|
    | `grid` | zeros: a sample outside adds nothing | row sums of the sampling matrix, [B, 1, h, w] |
    | `none` | border values | ones, [B, 1, h, w] |
    | `learned_pixel` | zeros | sigmoid of a 3x3 convolution, [B, 1, h, w] |
    | `learned_channel` | zeros | the same for each channel, [B, C, h, w] |

    Args:
        channels: channels of the features.
        residual: "two_conv" for the two layers of the paper's figure 4, "identity" for R(x) = x as in the
            author's code.
        gate: one of the table's; the paper's reading is "grid", the default is ours.
    """

    def __init__(self, channels: int, residual: str = "two_conv", gate: str = "learned_channel"):
        super().__init__()
        self.gate = choose("gate", gate, GATES)
        self.channels = channels
        two_conv = choose("residual", residual, RESIDUALS) == "two_conv"
        self.residual = residual_branch(channels) if two_conv else nn.Identity()
        if gate.startswith("learned"):
            gates = channels if gate == "learned_channel" else 1
            self.gate_features = nn.Conv2d(2 * channels, gates, 3, padding=1)
            # A second convolution, added to the first: without a context the block is still whole.
            self.gate_context = nn.Conv2d(channels, gates, 3, padding=1, bias=False)
        initialise(self)

    def forward(
        self,
        features: Tensor,
        grid: Tensor,
        context: Tensor | None = None,
        *,
        forced_gate: float | None = None,
        twice: tuple[Tensor | None, Tensor | None] | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return the features with the gated, warped residual added.

        Args:
            features: Phi, [B, C, h, w].
            grid: source position of each output position, (x, y) in [-1, 1], [B, h, w, 2].
            context: what is known of the target, [B, C, h, w]; a learned gate sees it, the others do not.
            forced_gate: a constant in [0, 1] that replaces the gate, for looking and teaching. With `grid` it
                scales the product, whose own weights stay.
            twice: the affine map and the spline that `grid` is composed of, to warp by in two passes (`warp_twice`).

        Returns:
            (T, gate): T [B, C, h, w]; gate in [0, 1], [B, 1, h, w] or [B, C, h, w].

        Raises:
            ValueError: for shapes that do not fit or a forced gate outside [0, 1].
        """
        self._check(features, grid, context, forced_gate)
        residual = self.residual(features)  # [B, C, h, w]
        padding = "border" if self.gate == "none" else "zeros"
        warped = geometry.warp(residual, grid, padding) if twice is None else warp_twice(residual, *twice, padding)
        if forced_gate is not None:
            gate = torch.full_like(features[:, :1], forced_gate)  # [B, 1, h, w]
            return features + gate * warped, gate
        if self.gate == "none":
            return features + warped, torch.ones_like(features[:, :1])
        if self.gate == "grid":
            # The bilinear weights are the gate and have already been multiplied in: their sum is only shown.
            return features + warped, geometry.coverage(grid, features.shape[2:]).to(features.dtype)
        logits = self.gate_features(torch.cat([residual, warped], dim=1))  # [B, 1 or C, h, w]
        if context is not None:
            logits = logits + self.gate_context(context)
        gate = torch.sigmoid(logits)
        return features + gate * warped, gate

    def _check(
        self, features: Tensor, grid: Tensor, context: Tensor | None, forced_gate: float | None
    ) -> None:
        if features.dim() != 4 or features.shape[1] != self.channels:
            raise ValueError(f"features: expected [B, {self.channels}, h, w], found {tuple(features.shape)}")
        batch, _, height, width = features.shape
        if tuple(grid.shape) != (batch, height, width, 2):
            raise ValueError(f"grid: expected {(batch, height, width, 2)}, found {tuple(grid.shape)}")
        if context is not None and context.shape != features.shape:
            raise ValueError(f"context: expected {tuple(features.shape)}, found {tuple(context.shape)}")
        if forced_gate is not None and not 0 <= forced_gate <= 1:
            raise ValueError(f"forced_gate: expected a number in [0, 1], found {forced_gate}")
