"""The geometric matcher: where in the condition each place of the target comes from, read off two label maps.

Paper section 3.1.2 and figure 3, after Rocco et al. 2017: shared features, the correlation of every place
with every place, and two regressors, first an affine map, then a thin-plate spline on top. This is the light
form, trained from scratch on label maps; notebook 04 explains and trains it.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from warpgan.arguments import choose
from warpgan.labels import NUM_LABELS
from warpgan.models.layers import coordinate_channels
from warpgan.models.matching import SEES, Matcher, correlate, usable, warp_onehot

__all__ = ["GeometricMatcher", "Regressor", "correlate", "usable", "warp_onehot"]

AFFINE_REACH = 2.0  # entries stay within the identity's +-2: scales up to 3, shifts beyond the picture
TPS_REACH = 1.0  # control points stay within half a picture of their place


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


class GeometricMatcher(Matcher):
    """The light matcher; no entry of its affine map runs away: identity + 2 tanh(x / 2), and control points: + tanh(x).

    Args:
        width: channels of the first convolution (an even number); doubled at each halving.
        size: (height, width) at which parsings are compared; others are resized to it, maps being resolution
            free.
        tps_grid: control points per side.
        depth: halvings; parsings are compared at size / 2**depth.
        sees: "parsing", or "picture" for a matcher of pictures, as Rocco et al.'s: for comparison, since at use no
            picture of the target is there.

    Raises:
        ValueError: if `size` is no multiple of 2**depth or `width` is odd or `tps_grid` below 2.
    """

    affine_reach, tps_reach = AFFINE_REACH, TPS_REACH

    def __init__(
        self, width: int = 32, size: tuple[int, int] = (128, 64), *, tps_grid: int = 5, depth: int = 3,
        sees: str = "parsing",
    ):
        super().__init__()
        self.sees = choose("sees", sees, SEES)
        if any(side % 2**depth or side < 2**depth for side in size):
            raise ValueError(f"size: expected multiples of {2**depth}, found {tuple(size)}")
        if width < 2 or width % 2:
            raise ValueError(f"width: expected an even number, found {width}")
        if tps_grid < 2:
            raise ValueError(f"tps_grid: expected at least 2 control points per side, found {tps_grid}")
        self.size, self.tps_grid = tuple(size), tps_grid
        layers: list[nn.Module] = []
        # A label's place matters, not only its shape: two coordinate channels.
        channels = (3 if sees == "picture" else NUM_LABELS) + 2
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
