"""What every geometric matcher does: correlate, regress an affine map, warp, regress a thin-plate spline on top.

Paper section 3.1.2 and figure 3, after Rocco et al. 2017. `matcher.py` has the light form, trained from scratch;
`geo_matcher.py` that of Rocco et al. on published features. Notebook 04 explains both.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from warpgan import geometry
from warpgan.labels import BACKGROUND, NUM_LABELS
from warpgan.models.layers import check_maps


def correlate(a: Tensor, b: Tensor) -> Tensor:
    """Return the scalar product of every feature of `a` with every feature of `b`.

    Args:
        a: [B, C, hA, wA].
        b: [B, C, hB, wB].

    Returns:
        [B, hA * wA, hB, wB]; channel `row * wA + column` at (i, j) is <a[:, row, column], b[:, i, j]>, that
        is, positions of `a` become channels row by row.

    Raises:
        ValueError: if batch or channels differ.
    """
    if a.dim() != 4 or b.dim() != 4 or a.shape[:2] != b.shape[:2]:
        found = f"{tuple(a.shape)} and {tuple(b.shape)}"
        raise ValueError(f"a, b: expected [B, C, h, w] of one B and C, found {found}")
    product = a.flatten(2).transpose(1, 2) @ b.flatten(2)  # [B, hA wA, hB wB]
    return product.unflatten(2, b.shape[2:])


def warp_onehot(onehot: Tensor, grid: Tensor) -> Tensor:
    """Warp a one-hot parsing so that it stays a distribution over labels: outside the picture is background.

    Args:
        onehot: [B, 20, H, W], sums to 1 over the labels.
        grid: [B, h, w, 2], see `geometry.warp_grid`.

    Returns:
        [B, 20, h, w]; what a sample outside the picture lacks is added to the background.
    """
    warped = geometry.warp(onehot, grid, padding="zeros")
    missing = 1 - warped.sum(dim=1, keepdim=True)  # [B, 1, h, w]
    before, after = warped[:, :BACKGROUND], warped[:, BACKGROUND + 1 :]
    return torch.cat([before, warped[:, BACKGROUND : BACKGROUND + 1] + missing, after], dim=1)


def usable(onehot: Tensor) -> Tensor:
    """Say of each parsing of a batch whether it is finite and shows anybody.

    Args:
        onehot: [B, 20, H, W].

    Returns:
        Booleans [B].
    """
    finite = torch.isfinite(onehot).flatten(1).all(dim=1)
    # Of equals the background, the first label, wins: as argmax has it, which takes many times as long.
    shown = onehot[:, BACKGROUND + 1 :].amax(dim=1) > onehot[:, BACKGROUND]  # [B, H, W]
    return finite & shown.flatten(1).any(dim=1)


class Matcher(nn.Module, ABC):
    """Estimate the affine and thin-plate-spline maps that carry a condition parsing onto a target parsing.

    A subclass has `features`, `tps_grid` (control points per side) and the modules `affine_regressor` and
    `tps_regressor`, which read the offset from the identity off a correlation volume.

    Attributes:
        affine_reach, tps_reach: the offset x of a map is bounded as reach * tanh(x / reach); None: it is not.
    """

    affine_reach: float | None = None
    tps_reach: float | None = None
    tps_grid: int
    affine_regressor: nn.Module
    tps_regressor: nn.Module

    @abstractmethod
    def features(self, onehot: Tensor) -> Tensor:
        """Return features of unit length of a parsing: [B, 20, H, W] to [B, C, h, w]."""

    def correlation(self, condition_onehot: Tensor, target_onehot: Tensor) -> Tensor:
        """Return positive similarities of unit length over the condition's places, [B, h * w, h, w]."""
        volume = correlate(self.features(condition_onehot), self.features(target_onehot))
        return F.normalize(F.relu(volume), dim=1)

    def affine(self, condition_onehot: Tensor, target_onehot: Tensor) -> Tensor:
        """Return the affine map from target to condition places.

        Args:
            condition_onehot: [B, 20, H, W].
            target_onehot: [B, 20, H, W].

        Returns:
            [B, 2, 3]. Exactly the identity for a sample in which either parsing is empty or not finite, or the
            answer is not finite, and before training.
        """
        condition_onehot, target_onehot, usable_both = self._prepare(condition_onehot, target_onehot)
        raw = self.affine_regressor(self.correlation(condition_onehot, target_onehot)).unflatten(1, (2, 3))
        identity = geometry.identity_affine(raw.shape[0], device=raw.device, dtype=raw.dtype)
        return _offset(identity, raw, self.affine_reach, usable_both)

    def tps(self, warped_onehot: Tensor, target_onehot: Tensor) -> Tensor:
        """Return the control points that finish what the affine map began.

        Args:
            warped_onehot: condition parsing after the affine map, see `warp_onehot`, [B, 20, H, W].
            target_onehot: [B, 20, H, W].

        Returns:
            Absolute positions [B, K, 2]; the regular grid where `affine` is the identity.
        """
        warped_onehot, target_onehot, usable_both = self._prepare(warped_onehot, target_onehot)
        raw = self.tps_regressor(self.correlation(warped_onehot, target_onehot)).unflatten(1, (-1, 2))
        identity = geometry.identity_tps(raw.shape[0], self.tps_grid, device=raw.device, dtype=raw.dtype)
        return _offset(identity, raw, self.tps_reach, usable_both)

    def forward(
        self, condition_onehot: Tensor, target_onehot: Tensor, *, only: str | None = None
    ) -> tuple[Tensor, Tensor] | Tensor:
        """Return the affine map and the spline on top of it: source = affine(tps(output)).

        Args:
            condition_onehot: [B, 20, H, W].
            target_onehot: [B, 20, H, W].
            only: "affine" or "tps" for what the method of that name returns.

        Returns:
            (affine [B, 2, 3], tps [B, K, 2]); identities for a sample in which either parsing is empty.
        """
        if only is not None:
            return {"affine": self.affine, "tps": self.tps}[only](condition_onehot, target_onehot)
        affine = self.affine(condition_onehot, target_onehot)
        # Detached: the affine map learns from where it lands, not from how the second regressor sees it.
        warped = self.warp_parsing(condition_onehot, affine.detach(), None)
        return affine, self.tps(warped, target_onehot)

    @staticmethod
    def warp_parsing(onehot: Tensor, affine: Tensor | None, tps: Tensor | None) -> Tensor:
        """Return a parsing carried along by maps that this network estimated; background outside.

        Args:
            onehot: [B, 20, H, W].
            affine: [B, 2, 3] or None.
            tps: [B, K, 2] or None.

        Returns:
            [B, 20, H, W], a distribution over labels, see `warp_onehot`.
        """
        return warp_onehot(onehot, geometry.warp_grid(affine, tps, tuple(onehot.shape[2:])))

    def _prepare(self, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        check_maps(1, condition_onehot=(a, NUM_LABELS), target_onehot=(b, NUM_LABELS))
        fine = usable(a) & usable(b)  # [B]
        keep = fine[:, None, None, None]
        # Zeros go through the network in place of bad samples, so that nothing non-finite reaches a gradient.
        return torch.where(keep, a, 0), torch.where(keep, b, 0), fine


def _offset(identity: Tensor, raw: Tensor, reach: float | None, keep: Tensor) -> Tensor:
    keep = keep & torch.isfinite(raw).flatten(1).all(dim=1)
    step = raw if reach is None else reach * torch.tanh(raw / reach)
    return torch.where(keep[:, None, None], identity + step, identity)
