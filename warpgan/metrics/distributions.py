"""How far a set of pictures is from another, by the features that a network finds in them (notebook 07).

FID (Heusel et al. 2017) and the inception score (Salimans et al. 2016) are two formulas and one network, Inception of
2015-12-05. The formulas are here; `inception` has the network, which must be fetched, `parser_features` one that comes
with the project and whose figures are called otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class Statistics:
    """Mean and covariance of features, summed up batch by batch: memory does not grow with the number of pictures.

    Attributes:
        count: how many pictures were added.
        mean: `[D]`, float64 on the CPU; None before the first.
        scatter: `[D, D]`, the sum of (x - mean)(x - mean)^T.
    """

    count: int = 0
    mean: Tensor | None = None
    scatter: Tensor | None = None

    def add(self, features: Tensor) -> Statistics:
        """Add features `[B, D]`; returns itself.

        Raises:
            ValueError: another shape, another D than before, or values that are no numbers.
        """
        if features.dim() != 2:
            raise ValueError(f"features: expected [B, D], found {list(features.shape)}")
        if self.mean is not None and features.shape[1] != len(self.mean):
            raise ValueError(f"features: expected {len(self.mean)} of each picture, found {features.shape[1]}")
        if not features.isfinite().all():
            raise ValueError("features: expected numbers, found infinities or not-a-numbers")
        if not len(features):
            return self
        features = features.detach().cpu().double()
        mean = features.mean(dim=0)
        apart = features - mean
        return self.merge(Statistics(len(features), mean, apart.T @ apart))

    def merge(self, other: Statistics) -> Statistics:
        """Add what another process has summed up; returns itself (Chan et al. 1983)."""
        if not other.count:
            return self
        if self.mean is None:
            self.count, self.mean, self.scatter = other.count, other.mean, other.scatter
            return self
        count = self.count + other.count
        apart = other.mean - self.mean
        self.scatter = self.scatter + other.scatter + torch.outer(apart, apart) * (self.count * other.count / count)
        self.mean = self.mean + apart * (other.count / count)
        self.count = count
        return self

    @property
    def covariance(self) -> Tensor:
        """`[D, D]`, divided by count - 1.

        Raises:
            ValueError: fewer than two pictures.
        """
        if self.count < 2:
            raise ValueError(f"a covariance needs at least 2 pictures, found {self.count}")
        return self.scatter / (self.count - 1)


def statistics(pictures: Iterable[Tensor], features: Callable[[Tensor], Tensor]) -> Statistics:
    """Sum up the features of pictures.

    Args:
        pictures: batches `[B, 3, H, W]` in [-1, 1], one after the other.
        features: from a batch to `[B, D]`.
    """
    found = Statistics()
    for batch in pictures:
        with torch.no_grad():
            found.add(features(batch))
    return found


def frechet_distance(one: Statistics, other: Statistics) -> float:
    """Squared Frechet distance of the two Gaussians that have these means and covariances.

    |mean - mean'|^2 + trace(C + C' - 2 (C C')^(1/2)), the formula of FID; the trace of the root is taken as the sum of
    the roots of the eigenvalues of C^(1/2) C' C^(1/2), which is symmetric. It falls as pictures are added, even of one
    and the same kind, and with fewer pictures than features it is far too large: compare equal numbers alone.

    Raises:
        ValueError: fewer than two pictures of one, or different features.
    """
    first, second = one.covariance, other.covariance
    if first.shape != second.shape:
        raise ValueError(f"expected as many features of both sets, found {len(first)} and {len(second)}")
    values, vectors = torch.linalg.eigh(first)
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    middle = torch.linalg.eigvalsh(root @ second @ root).clamp_min(0).sqrt().sum()
    apart = (one.mean - other.mean).square().sum()
    return max(0.0, float(apart + first.trace() + second.trace() - 2 * middle))


def classes_score(probabilities: Tensor, splits: int = 10) -> tuple[float, float]:
    """The inception score's formula: exp of the mean divergence of each picture's classes from those of its split.

    As in the published program the splits follow the order of the list, and the deviation is the population's
    (torchmetrics shuffles first and divides by one less).

    Args:
        probabilities: `[N, K]` of each picture's classes, each row adding up to 1.
        splits: parts of the list, scored by themselves.

    Returns:
        Mean and standard deviation over the splits: 1 where all pictures look alike or none is of a clear class, at
        most K.

    Raises:
        ValueError: rows that do not add up to 1, or fewer pictures than splits.
    """
    if probabilities.dim() != 2 or ((probabilities.sum(dim=1) - 1).abs() > 1e-3).any():
        raise ValueError(f"probabilities: expected rows [N, K] that add up to 1, found {list(probabilities.shape)}")
    count = len(probabilities)
    if not 1 <= splits <= count:
        raise ValueError(f"splits: expected 1 to the {count} pictures, found {splits}")
    scores = []
    for number in range(splits):
        part = probabilities[number * count // splits : (number + 1) * count // splits].double()
        mean = part.mean(dim=0)
        divergence = (torch.xlogy(part, part) - torch.xlogy(part, mean)).sum(dim=1)
        scores.append(divergence.mean().exp())
    scores = torch.stack(scores)
    return float(scores.mean()), float(scores.std(correction=0))
