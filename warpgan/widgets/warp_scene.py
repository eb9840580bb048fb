"""What an affine map and a thin-plate spline make of a pair, and how well they fit it: the warp panel's logic.

Knows nothing of widgets; explained in notebook 04.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from warpgan import geometry, metrics, parsing, plots
from warpgan.models.matching import Matcher, find_maps, warp_onehot
from warpgan.widgets.warp_maps import MapsInHand

NEEDED = ("condition_image", "condition_parsing", "target_image", "target_parsing")
MARGIN = 0.3  # of the picture's sides: how much beyond it is shown
GAP = 8  # pixels between the picture with points and the others
FAR = 1 / 8  # of the height: a distance from the truth that is drawn black


@dataclass(frozen=True)
class Fit:
    """How well a map fits a pair.

    Attributes:
        agreement: share of the target's person that the warped condition labels rightly.
        median, mean: distance in pixels from where the map looks to where the same body point is; None where that is
            not known.
    """

    agreement: float
    median: float | None = None
    mean: float | None = None


@dataclass(frozen=True)
class Warped:
    """What maps make of a pair.

    Attributes:
        grid: [H, W, 2], places in the condition in [-1, 1].
        parsing: [H, W] labels of the warped condition.
        image: [3, H, W] in [-1, 1], the warped condition.
        folds: [H - 1, W - 1] bool, where the map turns over.
        distance: [H, W] pixels from the truth, not-a-number where it is not known; None for a pair without one.
        fit: the numbers.
    """

    grid: Tensor
    parsing: Tensor
    image: Tensor
    folds: Tensor
    distance: Tensor | None
    fit: Fit


class WarpScene:
    """A pair, the maps in one's hands, and what the matcher answers.

    Args:
        pair: a dict of the pair contract; the correspondence may be missing.
        matcher: a `Matcher` that sees parsings.

    Attributes:
        size: (height, width) of the pair.
        hand: `MapsInHand`, at first the identity.
        answer: the matcher's affine map [2, 3] and spline [K, 2].
        unwarped, matched: `Fit` of no map and of the matcher's answer.

    Raises:
        ValueError: the pair lacks a picture or shows nobody, or shapes differ.
    """

    @torch.no_grad()
    def __init__(self, pair: dict[str, Any], matcher: Matcher):
        self.pair, self.size = pair, _check_pair(pair)
        self._onehot = parsing.one_hot(pair["condition_parsing"][None])  # [1, 20, H, W]
        known = pair.get("correspondence_valid")
        self._known = known[None] if known is not None and bool(known.any()) else None  # [1, H, W]
        target = parsing.one_hot(pair["target_parsing"][None])
        self.answer = tuple(one[0].clone() for one in find_maps(matcher, self._onehot, target))
        self.hand = MapsInHand(self.size, math.isqrt(len(self.answer[1])))
        self.unwarped, self.matched = (self.warped(*maps).fit for maps in (self.hand.identity(), self.answer))

    @torch.no_grad()
    def warped(self, affine: Tensor, tps: Tensor) -> Warped:
        """Return what maps make of the pair: [2, 3] and [K, 2].

        Args:
            affine: [2, 3].
            tps: [K, 2].
        """
        grid = geometry.warp_grid(affine[None], tps[None], self.size)  # [1, H, W, 2]
        labels = warp_onehot(self._onehot, grid).argmax(dim=1)  # [1, H, W]
        image = geometry.warp(self.pair["condition_image"][None], grid, padding="border")
        agreement = metrics.label_agreement(labels, self.pair["target_parsing"][None]).item()
        fit, distance = Fit(agreement), None
        if self._known is not None:
            truth = self.pair["correspondence"][None]
            distance = metrics.correspondence_distances(grid, truth).where(self._known, torch.nan)[0]
            median, mean = metrics.median_correspondence_error, metrics.correspondence_error
            fit = Fit(agreement, *(measure(grid, truth, self._known).item() for measure in (median, mean)))
        return Warped(grid[0], labels[0], image[0], geometry.folds(grid)[0], distance, fit)

    @property
    def scale(self) -> int:
        """Screen pixels for one of the picture that has the points on it."""
        return max(1, round(384 / self.size[0]))

    @property
    def corner(self) -> tuple[float, float]:
        """Where the first pixel of `picture` lies, (x, y) in pixels of the condition."""
        return -float(round(MARGIN * self.size[1])), -float(round(MARGIN * self.size[0]))

    def picture(self, warped: Warped) -> Image.Image:
        """Draw it all: left the condition with the warped grid over it, from `corner` on; right the results."""
        condition = self.pair["condition_image"]
        left = Image.fromarray(plots.draw_grid(warped.grid, condition, margin=MARGIN, scale=self.scale))
        right = self._results(warped)
        sides = left.width + GAP + right.width, max(left.height, right.height)
        # Whole pixels of the condition, as a page counts in these where points are.
        canvas = Image.new("RGB", tuple(-(-side // self.scale) * self.scale for side in sides), "white")
        canvas.paste(left, (0, 0))
        canvas.paste(right, (left.width + GAP, 0))
        return canvas

    def _results(self, warped: Warped) -> Image.Image:
        faded = 255 - (255 - plots.to_uint8(warped.image)) // 2
        rows = [
            [warped.parsing, self.pair["target_parsing"], plots.hatch(faded, _whole(warped.folds, self.size))],
            [warped.image, self.pair["target_image"]],
        ]
        titles = [["warped parsing", "target parsing", "folds, hatched"], ["warped picture", "target picture"]]
        if warped.distance is not None:
            shade = 0.85 * (1 - warped.distance / (FAR * self.size[0])).clamp(0, 1)
            rows[1].append(shade.nan_to_num(1.0))  # white where nothing is known
            titles[1].append("miss (dark: far)")
        scale = max(1, round(256 / self.size[0]))
        lines = [plots.sheet([row], column_titles=t, scale=scale) for row, t in zip(rows, titles, strict=True)]
        return plots.sheet([[line] for line in lines], scale=1, gap=0)

    def said(self, warped: Warped) -> str:
        """Say the numbers of it, beside those of no map and of the matcher."""
        fit, others = warped.fit, (("no map", self.unwarped), ("the matcher", self.matched))
        text = ""
        if fit.median is not None:
            beside = "; ".join(f"{name}: {other.median:.1f} and {other.mean:.1f}" for name, other in others)
            text = f"The map misses the truth by {fit.median:.1f} pixels in the median, {fit.mean:.1f} in the mean "
            text += f"({beside}). "
        beside = "; ".join(f"{name}: {100 * other.agreement:.0f}" for name, other in others)
        text += f"It gives {100 * fit.agreement:.0f} % of the target's person the right label ({beside}). "
        turned, places = int(warped.folds.sum()), warped.folds.numel()
        return text + (f"It folds at {turned} of {places} places." if turned else f"None of {places} places folds.")


def _whole(folds: Tensor, size: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(size, bool)
    mask[:-1, :-1] = folds.numpy()
    return mask


def _check_pair(pair: dict[str, Any]) -> tuple[int, int]:
    for name in NEEDED:
        if name not in pair:
            raise ValueError(f"pair: {name!r} is missing; expected {', '.join(NEEDED)}")
    size = tuple(pair["condition_parsing"].shape)
    if len(size) != 2:
        raise ValueError(f"pair: condition_parsing has shape {list(size)}; expected [H, W]")
    wanted = {"condition_image": (3, *size), "target_image": (3, *size), "target_parsing": size}
    if pair.get("correspondence_valid") is not None:
        wanted |= {"correspondence": (*size, 2), "correspondence_valid": size}
    for name, shape in wanted.items():
        if tuple(pair[name].shape) != shape:
            raise ValueError(f"pair: {name} has shape {list(pair[name].shape)}; expected {list(shape)}")
    for name in ("condition_parsing", "target_parsing"):
        if not (pair[name] > 0).any():
            raise ValueError(f"pair: {name} shows nobody; there is nothing to match")
    return size
