"""How sure a mean is: bootstrap intervals over people (notebook 07)."""

from __future__ import annotations

from collections.abc import Sequence


def bootstrap_interval(
    values: Sequence[float], groups: Sequence, *, level: float = 0.95, samples: int = 2000, seed: int = 0
) -> tuple[float, float, float]:
    """Mean and bootstrap interval, resampling whole groups.

    The pairs of one person share clothes and are not independent, so people are drawn, not pairs.

    Args:
        values: one number a pair; not-a-numbers are left out.
        groups: the person of each pair.
        level: share of resampled means inside the interval.
        samples: how often to resample.
        seed: of the resampling.

    Returns:
        (mean, lower end, upper end).

    Raises:
        ValueError: lengths differ, or no value is a number.
    """
    import numpy as np

    values, groups = np.asarray(values, dtype=np.float64), np.asarray(groups)
    if len(values) != len(groups):
        raise ValueError(f"{len(values)} values and {len(groups)} groups; expected as many of each")
    known = ~np.isnan(values)
    if not known.any():
        raise ValueError("no value is a number; nothing to average")
    _, index = np.unique(groups[known], return_inverse=True)
    sums = np.bincount(index, values[known])
    counts = np.bincount(index)
    drawn = np.random.default_rng(seed).integers(len(sums), size=(samples, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(values[known].mean()), float(low), float(high)
