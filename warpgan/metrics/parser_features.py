"""Distances of sets of pictures where no network can be fetched: by the human parser that comes with the project.

The formulas are those of FID and of the inception score, the network is ours. The figures have their own names and
nothing to do with published ones: they compare methods on the same pictures, measured by the same parser. Notebook 07.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from warpgan.labels import BACKGROUND
from warpgan.metrics.distributions import classes_score, frechet_distance, statistics


class HumanParserFeatures(nn.Module):
    """What the human parser sees of a picture: its map of stride 8 after the layers that look at the whole, averaged.

    Args:
        parser: a `models.HumanParser`, which is copied; None: the shipped one.

    Attributes:
        num_features: 96, so that a few hundred pictures make a covariance.
    """

    def __init__(self, parser: nn.Module | None = None):
        super().__init__()
        if parser is None:
            from warpgan.transfer import load_human_parser

            parser = load_human_parser()
        self.parser = copy.deepcopy(parser).eval().requires_grad_(False)
        self.num_features = parser.coarse.in_channels

    def forward(self, images: Tensor) -> Tensor:
        """Return `[B, 96]` of pictures `[B, 3, H, W]` in [-1, 1], shown at the height that the parser knows."""
        return self.look(images)[0]

    def look(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return the features `[B, 96]` and the shares `[B, 19]` of the person's labels, adding up to 1.

        Raises:
            ValueError: not `[B, 3, H, W]`, or values outside [-1, 1].
        """
        from warpgan.metrics.pictures import check_pair
        from warpgan.models.human_parser import HEIGHT

        check_pair(images, images)
        images = images.to(self.parser.coarse.weight.device)
        height, width = images.shape[2:]
        size = (HEIGHT, max(1, round(width * HEIGHT / height)))
        shown = F.interpolate(images, size=size, mode="bilinear", antialias=True, align_corners=False)
        kept: list[Tensor] = []
        hook = self.parser.look[-1].register_forward_hook(lambda _module, _given, found: kept.append(found))
        try:
            with torch.no_grad():
                logits = self.parser(shown)
        finally:
            hook.remove()
        labels = logits.softmax(dim=1)
        person = torch.cat([labels[:, :BACKGROUND], labels[:, BACKGROUND + 1 :]], dim=1).mean(dim=(2, 3))  # [B, 19]
        return kept[0].mean(dim=(2, 3)), person / person.sum(dim=1, keepdim=True)

    def train(self, mode: bool = True) -> HumanParserFeatures:  # noqa: ARG002 - whatever is asked for
        """Stay in evaluation mode: the features are a fixed yardstick."""
        return super().train(False)


def human_parser_frechet_distance(
    images: Iterable[Tensor], real: Iterable[Tensor], parser: nn.Module | HumanParserFeatures | None = None
) -> float:
    """Frechet distance of two sets of pictures by the human parser's features. It is not FID and no paper has it.

    It judges sharpness and noise above all. Two sets of 160 rendered people of the test split are 1.0 apart; with one
    of them blurred (Gaussian of 1 pixel) 8, with noise of deviation 0.1 in it 227. So a flat picture with sharp edges
    may come out better than a soft one that is nearer to the truth: never read it without a measure of each pair.

    Args:
        images: generated pictures, batches `[B, 3, H, W]` in [-1, 1].
        real: true pictures, as many.
        parser: a `models.HumanParser`, or its `HumanParserFeatures`; None: the shipped one. It was trained on rendered
            people: to pictures that differ in what it never saw it may be blind.

    Returns:
        0 for equal sets; larger is further apart. Depends on the number of pictures, see `frechet_distance`.

    Raises:
        ValueError: fewer than two pictures in a set, or a batch that holds no pictures.
    """
    features = _features(parser)
    return frechet_distance(statistics(images, features), statistics(real, features))


def human_parser_score(
    images: Iterable[Tensor], parser: nn.Module | HumanParserFeatures | None = None, splits: int = 1
) -> tuple[float, float]:
    """The inception score's formula on the shares of labels that the human parser sees. It is not the inception score.

    Higher where each person wears few, clear things and different people wear different ones.

    Args:
        images, parser: as for `human_parser_frechet_distance`.
        splits: parts of the list, scored by themselves.

    Returns:
        Mean and standard deviation over the splits, 1 to 19.
    """
    features = _features(parser)
    return classes_score(torch.cat([features.look(batch)[1].cpu() for batch in images]), splits)


def _features(parser) -> HumanParserFeatures:
    return parser if isinstance(parser, HumanParserFeatures) else HumanParserFeatures(parser)
