"""Chance: one of several things drawn by their shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping


def pick(rng: np.random.Generator, shares: Mapping[str, float]) -> str:
    """Draw one of the names of a table.

    Args:
        rng: numpy random generator, of which one number is taken.
        shares: name -> share; what they add up to does not matter, as long as it is more than nothing.
    """
    ends = np.cumsum(list(shares.values()))
    return list(shares)[int(np.searchsorted(ends / ends[-1], rng.random(), side="right"))]
