"""Measuring networks on unseen pairs: one row a pair, so that methods are compared pair by pair (notebook 07)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch
from torch.utils.data import Dataset

from warpgan import baselines, metrics
from warpgan.batches import Batch, person_of, spread
from warpgan.metrics.registry import MEASURES, check_names
from warpgan.modes import evaluating
from warpgan.stage_evaluation import matcher, matcher_pairs, parser, parser_pairs
from warpgan.transfer import PoseTransfer, Transfer

if TYPE_CHECKING:
    import pandas

__all__ = [
    "copy", "difference", "matcher", "matcher_pairs", "network", "paint", "paint_synthesised", "parser", "parser_pairs",
    "person_of", "pictures", "summary", "table",
]

KEYS = ("method", "pair", "person")
MEASURED = ("ssim", "l1", "clothing_l1")


def pictures(transfer: PoseTransfer, data: Dataset, pairs: int, device: torch.device | str = "cpu") -> dict[str, float]:
    """Stage II on unseen pairs, with everything derived from the synthesised parsing: averages over pairs.

    `clothing_l1` is left out where no pair has known correspondences, as no pair of photos has.

    Args:
        transfer: the networks.
        data: pairs.
        pairs: how many, spread evenly over the data.
        device: where to measure.
    """
    frame = table({"network": network(transfer)}, data, pairs, device=device)
    means = {name: float(frame[name].mean()) for name in ("ssim", "l1", "clothing_l1")}
    return {name: value for name, value in means.items() if not math.isnan(value)}


def network(
    transfer: PoseTransfer, *, true_parsing: bool = False
) -> Callable[[Batch], Transfer | torch.Tensor]:
    """A method for `table`: the networks, with stage I's parsing or (to see what it costs) the true one."""

    def render(batch: Batch) -> torch.Tensor:
        onehot = batch.target_onehot if true_parsing else None
        maps = (batch.condition_image, batch.condition_onehot, batch.pose_map, onehot, batch.condition_keypoints)
        with evaluating(transfer):
            return transfer.batch(*maps).image

    return render


def copy(batch: Batch) -> torch.Tensor:
    """A method for `table`: the condition picture."""
    return baselines.copy_condition(batch.condition_image)


def paint(batch: Batch) -> torch.Tensor:
    """A method for `table`: paint by label, with the true target parsing."""
    return baselines.paint_by_label(batch.condition_image, batch.condition_parsing, batch.target_parsing)


def paint_synthesised(transfer: PoseTransfer) -> Callable[[Batch], torch.Tensor]:
    """A method for `table`: paint by label, with the parsing that stage I draws, as a network must."""

    def render(batch: Batch) -> torch.Tensor:
        drawn = transfer.batch(batch.condition_image, batch.condition_onehot, batch.pose_map).parsing
        return baselines.paint_by_label(batch.condition_image, batch.condition_parsing, drawn)

    return render


@torch.no_grad()
def table(
    methods: dict[str, Callable[[Batch], torch.Tensor]], data: Dataset, pairs: int, *,
    metrics: Sequence[str] = MEASURED, device: torch.device | str = "cpu",
) -> pandas.DataFrame:
    """Every method on the same unseen pairs.

    Args:
        methods: name to a function from a batch to pictures `[B, 3, H, W]` in [-1, 1].
        data: pairs.
        pairs: how many, spread evenly over the data.
        metrics: names of `metrics.MEASURES`, one column each.
        device: where to measure.

    Returns:
        DataFrame with one row a method and pair: `method, pair, person` and the measures; by default `ssim, l1,
        clothing_l1` (mean absolute error, range of pictures 2; over clothing visible in both pictures, not-a-number
        where there is none or where the correspondences are not known).

    Raises:
        ValueError: an unknown measure; lists the known ones. FileNotFoundError: one that needs a network not fetched.
    """
    import pandas

    names, rows = check_names(metrics), []
    for batch in spread(data, pairs, device=device):
        for method, render in methods.items():
            image = render(batch)
            columns = [MEASURES[name](image, batch).tolist() for name in names]
            rows += [
                (method, pair, person_of(pair), *values) for pair, *values in zip(batch.names, *columns, strict=True)
            ]
    return pandas.DataFrame(rows, columns=[*KEYS, *names])


def summary(frame: pandas.DataFrame, *, level: float = 0.95) -> pandas.DataFrame:
    """Means of each method with bootstrap intervals over people.

    Args:
        frame: as `table` gives it, with whichever measures.
        level: share of resampled means inside an interval.

    Returns:
        DataFrame, one row a method: each metric as mean, lower and upper end; not-a-number where it is known of no
        pair.
    """
    import pandas

    rows = {}
    for name, part in frame.groupby("method", sort=False):
        rows[name] = {}
        for metric in [column for column in frame.columns if column not in KEYS]:
            known = part[metric].notna().any()
            mean, low, high = (
                metrics.bootstrap_interval(part[metric], part["person"], level=level) if known else [math.nan] * 3
            )
            rows[name] |= {metric: mean, f"{metric}_low": low, f"{metric}_high": high}
    return pandas.DataFrame.from_dict(rows, orient="index")


def difference(
    frame: pandas.DataFrame, one: str, other: str, metric: str = "clothing_l1"
) -> tuple[float, float, float]:
    """Mean of `one` minus `other` over the same pairs, with its bootstrap interval over people.

    Args:
        frame: as `table` gives it.
        one, other: names of methods in it.
        metric: one of its columns.

    Returns:
        (mean, lower end, upper end); of an error, negative where `one` has the smaller one.

    Raises:
        ValueError: a method or a measure that the frame does not have, or one that is known of no pair.
    """
    measures, methods = [column for column in frame.columns if column not in KEYS], list(frame["method"].unique())
    for name, known in ((metric, measures), (one, methods), (other, methods)):
        if name not in known:
            raise ValueError(f"the table has no {name!r}; it has {', '.join(known)}")
    pivot = frame.pivot(index="pair", columns="method", values=metric)
    people = [person_of(pair) for pair in pivot.index]
    return metrics.bootstrap_interval(pivot[one] - pivot[other], people)
