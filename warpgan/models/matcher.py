"""The geometric matcher: where in the condition each place of the target comes from, read off two label maps.

Paper section 3.1.2 and figure 3, after Rocco et al. 2017: shared features, the correlation of every place
with every place, and two regressors, first an affine map, then a thin-plate spline on top. This is the light
form, trained from scratch on label maps; notebook 04 explains and trains it.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from warpgan import geometry
from warpgan.labels import BACKGROUND, NUM_LABELS
from warpgan.models.layers import check_maps, coordinate_channels

AFFINE_REACH = 2.0  # entries stay within the identity's +-2: scales up to 3, shifts beyond the picture
TPS_REACH = 1.0  # control points stay within half a picture of their place


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
    return finite & (onehot.argmax(dim=1) != BACKGROUND).flatten(1).any(dim=1)


class Regressor(nn.Module):
    """Read a few numbers off a correlation volume; zero before training.

    Args:
        channels: channels of the volume, hA * wA.
        outputs: how many numbers.
        size: (hB, wB).
        width: channels of the two convolutions are 4 and 2 times this.
    """

    def __init__(self, channels: int, outputs: int, *, size: tuple[int, int], width: int):
        super().__init__()
        height, breadth = (size[0] + 1) // 2, (size[1] + 1) // 2
        # Group, not batch normalisation as Rocco et al. have: no pair's map may depend on its batch.
        self.layers = nn.Sequential(
            nn.Conv2d(channels, 4 * width, 3, padding=1),
            nn.GroupNorm(4, 4 * width),
            nn.ReLU(inplace=True),
            nn.Conv2d(4 * width, 2 * width, 3, stride=2, padding=1),
            nn.GroupNorm(4, 2 * width),
            nn.ReLU(inplace=True),
            nn.Flatten(),
        )
        self.last = nn.Linear(2 * width * height * breadth, outputs)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, correlation: Tensor) -> Tensor:
        """Map [B, hA * wA, hB, wB] to [B, outputs]."""
        return self.last(self.layers(correlation))


class GeometricMatcher(nn.Module):
    """Estimate the affine and thin-plate-spline maps that carry a condition parsing onto a target parsing.

    Args:
        width: channels of the first convolution (an even number); doubled at each halving.
        size: (height, width) at which parsings are compared; others are resized to it, maps being resolution
            free.
        tps_grid: control points per side.
        depth: halvings; parsings are compared at size / 2**depth.

    Raises:
        ValueError: if `size` is no multiple of 2**depth or `width` is odd or `tps_grid` below 2.
    """

    def __init__(
        self, width: int = 32, size: tuple[int, int] = (128, 64), *, tps_grid: int = 5, depth: int = 3
    ):
        super().__init__()
        if any(side % 2**depth or side < 2**depth for side in size):
            raise ValueError(f"size: expected multiples of {2**depth}, found {tuple(size)}")
        if width < 2 or width % 2:
            raise ValueError(f"width: expected an even number, found {width}")
        if tps_grid < 2:
            raise ValueError(f"tps_grid: expected at least 2 control points per side, found {tps_grid}")
        self.size, self.tps_grid = tuple(size), tps_grid
        layers: list[nn.Module] = []
        channels = NUM_LABELS + 2  # a label's place matters, not only its shape: two coordinate channels
        for i in range(depth):
            wider = width * 2**i
            layers += [nn.Conv2d(channels, wider, 4, stride=2, padding=1)]
            layers += [nn.ReLU(inplace=True)] if i < depth - 1 else []
            channels = wider
        self.extractor = nn.Sequential(*layers)
        places = (size[0] // 2**depth, size[1] // 2**depth)
        count = places[0] * places[1]
        self.affine_regressor = Regressor(count, 6, size=places, width=width)
        self.tps_regressor = Regressor(count, 2 * tps_grid**2, size=places, width=width)

    def features(self, onehot: Tensor) -> Tensor:
        """Return features of unit length: [B, 20, H, W] to [B, C, h, w] (16 x 8 places for 128 x 64)."""
        if tuple(onehot.shape[2:]) != self.size:
            onehot = F.interpolate(onehot, self.size, mode="area")  # shares of each label
        return F.normalize(self.extractor(torch.cat([onehot, coordinate_channels(onehot)], dim=1)), dim=1)

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
            [B, 2, 3]; identity + 2 tanh(x / 2), so that no entry runs away. Exactly the identity for a sample
            in which either parsing is empty or not finite, and before training.
        """
        condition_onehot, target_onehot, usable_both = self._prepare(condition_onehot, target_onehot)
        raw = self.affine_regressor(self.correlation(condition_onehot, target_onehot)).unflatten(1, (2, 3))
        identity = geometry.identity_affine(raw.shape[0], device=raw.device, dtype=raw.dtype)
        return _bounded(identity, raw, AFFINE_REACH, usable_both)

    def tps(self, warped_onehot: Tensor, target_onehot: Tensor) -> Tensor:
        """Return the control points that finish what the affine map began.

        Args:
            warped_onehot: condition parsing after the affine map, see `warp_onehot`, [B, 20, H, W].
            target_onehot: [B, 20, H, W].

        Returns:
            Absolute positions [B, K, 2]: the regular grid + tanh(x); the regular grid where `affine` is the
            identity.
        """
        warped_onehot, target_onehot, usable_both = self._prepare(warped_onehot, target_onehot)
        raw = self.tps_regressor(self.correlation(warped_onehot, target_onehot)).unflatten(1, (-1, 2))
        identity = geometry.identity_tps(raw.shape[0], self.tps_grid, device=raw.device, dtype=raw.dtype)
        return _bounded(identity, raw, TPS_REACH, usable_both)

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


def _bounded(identity: Tensor, raw: Tensor, reach: float, keep: Tensor) -> Tensor:
    keep = keep & torch.isfinite(raw).flatten(1).all(dim=1)
    step = reach * torch.tanh(raw / reach)
    return torch.where(keep[:, None, None], identity + step, identity)
