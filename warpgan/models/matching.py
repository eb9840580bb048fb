"""What every geometric matcher does: correlate, regress an affine map, warp, regress a thin-plate spline on top.

Paper section 3.1.2 and figure 3, after Rocco et al. 2017. `matcher.py` has the light form, trained from scratch;
`geo_matcher.py` that of Rocco et al. on published features. Notebook 04 explains both.
"""

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from warpgan import geometry
from warpgan.arguments import choose
from warpgan.labels import BACKGROUND, NUM_LABELS
from warpgan.models.layers import check_maps

MAPS = ("both", "affine", "tps", "none")
SEES = ("parsing", "picture")


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


def find_maps(
    matcher: nn.Module, condition_onehot: Tensor, target_onehot: Tensor, which: str = "both"
) -> tuple[Tensor, Tensor]:
    """Return the maps between two parsings, or some of them: what the ablations of notebook 07 hand on.

    Args:
        matcher: a `Matcher`.
        condition_onehot: [B, 20, H, W].
        target_onehot: [B, 20, H, W].
        which: "both"; "affine" alone; "tps" alone, estimated straight between the two parsings; "none", the identity.

    Returns:
        (affine [B, 2, 3], tps [B, K, 2]); what is left out is the identity.

    Raises:
        ValueError: another `which`, or a matcher that sees pictures.
    """
    choose("maps", which, MAPS)
    if getattr(matcher, "sees", "parsing") == "picture":
        raise ValueError("this matcher compares pictures, and the target's is what stage II is asked for")
    if which == "both":
        return matcher(condition_onehot, target_onehot)
    count, options = len(condition_onehot), {"device": condition_onehot.device, "dtype": condition_onehot.dtype}
    affine = geometry.identity_affine(count, **options)
    tps = geometry.identity_tps(count, matcher.tps_grid, **options)
    if which == "affine":
        affine = matcher(condition_onehot, target_onehot, only="affine")
    if which == "tps":
        tps = matcher(condition_onehot, target_onehot, only="tps")
    return affine, tps


def seen(matcher: nn.Module, batch: Any) -> tuple[Tensor, Tensor]:
    """Return what a matcher compares of pairs: their parsings, or the pictures for one that sees those.

    Args:
        matcher: a `Matcher`.
        batch: a `batches.Batch`.

    Returns:
        Two of [B, 20, H, W] in [0, 1], or two of [B, 3, H, W] in [-1, 1].
    """
    if matcher.sees == "picture":
        return batch.condition_image, batch.target_image
    return batch.condition_onehot, batch.target_onehot


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
        sees: "parsing" as in the paper, or "picture" to be measured against: where it says one-hot parsings
            [B, 20, H, W] below, such a matcher takes pictures [B, 3, H, W].
        affine_reach, tps_reach: the offset x of a map is bounded as reach * tanh(x / reach); None: it is not.
    """

    sees: str = "parsing"
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
        return affine, self.tps(self.warp_seen(condition_onehot, affine.detach(), None), target_onehot)

    def warp_seen(self, seen: Tensor, affine: Tensor | None, tps: Tensor | None) -> Tensor:
        """Return what this network compares, carried along by maps: `warp_parsing`, or grey outside a picture.

        Args:
            seen: parsing [B, 20, H, W], or picture [B, 3, H, W].
            affine: [B, 2, 3] or None.
            tps: [B, K, 2] or None.
        """
        if self.sees == "parsing":
            return self.warp_parsing(seen, affine, tps)
        return geometry.warp(seen, geometry.warp_grid(affine, tps, tuple(seen.shape[2:])))

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
        if self.sees == "parsing":
            check_maps(1, condition_onehot=(a, NUM_LABELS), target_onehot=(b, NUM_LABELS))
            fine = usable(a) & usable(b)  # [B]
        else:
            check_maps(1, condition_image=(a, 3), target_image=(b, 3))
            fine = torch.isfinite(torch.cat([a, b], dim=1)).flatten(1).all(dim=1)  # [B]
        keep = fine[:, None, None, None]
        # Zeros go through the network in place of bad samples, so that nothing non-finite reaches a gradient.
        return torch.where(keep, a, 0), torch.where(keep, b, 0), fine


def _offset(identity: Tensor, raw: Tensor, reach: float | None, keep: Tensor) -> Tensor:
    keep = keep & torch.isfinite(raw).flatten(1).all(dim=1)
    step = raw if reach is None else reach * torch.tanh(raw / reach)
    return torch.where(keep[:, None, None], identity + step, identity)
