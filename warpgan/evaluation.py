"""Measuring networks on unseen pairs: one row a pair, so that methods are compared pair by pair (notebook 07)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import torch
from torch.utils.data import Dataset

from . import baselines, geometry, metrics
from .batches import Batch, spread
from .metrics.maps import median
from .metrics.registry import MEASURES, check_names
from .models.matching import seen
from .models.parser import ask
from .transfer import PoseTransfer, Transfer

KEYS = ("method", "pair", "person")
MEASURED = ("ssim", "l1", "clothing_l1")


@torch.no_grad()
def parser(module: torch.nn.Module, data: Dataset, pairs: int, device="cpu") -> dict[str, float]:
    """Stage I on unseen pairs: foreground label agreement and mean IoU, averaged over pairs."""
    was_training = module.training
    module.eval()
    agreement, iou = [], []
    for batch in spread(data, pairs, device=device):
        answer = ask(module, batch.condition_onehot, batch.pose_map, batch.condition_image)
        drawn = answer.argmax(dim=1)
        agreement.append(metrics.label_agreement(drawn, batch.target_parsing))
        iou.append(metrics.mean_iou(drawn, batch.target_parsing))
    module.train(was_training)
    return {"label_agreement": _mean(agreement), "mean_iou": _mean(iou)}


@torch.no_grad()
def matcher(module: torch.nn.Module, data: Dataset, pairs: int, device="cpu") -> dict[str, float]:
    """The matcher between true parsings of unseen pairs: label agreement and how far its map misses, in pixels.

    Returns:
        `label_agreement`, averaged over pairs. Where correspondences are known, `correspondence_error`, the mean over
        pairs of each pair's mean miss; and of the misses of all pixels visible in both pictures of a pair, all pairs
        pooled, `median_correspondence_error` and `share_within_2`, the share of at most 2 pixels. The last two also by
        what the two pictures show (`metrics.views`), for instance `median_correspondence_error front-back`, with
        `pairs front-back`, the number of pairs. With `unwarped_` before the name: of the map that moves nothing.
    """
    was_training = module.training
    module.eval()
    rows: dict[str, list[torch.Tensor]] = {}
    misses = _Misses()
    for batch in spread(data, pairs, device=device):
        affine, tps = module(*seen(module, batch))
        for prefix, maps in (
            ("", (affine, tps)),
            ("unwarped_", (geometry.identity_affine(len(batch)), None)),
        ):
            maps = tuple(None if m is None else m.to(device) for m in maps)
            warped = module.warp_parsing(batch.condition_onehot, *maps).argmax(dim=1)
            rows.setdefault(prefix + "label_agreement", []).append(
                metrics.label_agreement(warped, batch.target_parsing)
            )
            if batch.correspondence is not None:
                grid = geometry.warp_grid(*maps, batch.target_parsing.shape[-2:])
                error = metrics.correspondence_error(grid, batch.correspondence, batch.correspondence_valid)
                rows.setdefault(prefix + "correspondence_error", []).append(error)
                misses.add(prefix, grid, batch)
    module.train(was_training)
    return {name: _mean(values) for name, values in rows.items()} | misses.summary()


def pictures(transfer: PoseTransfer, data: Dataset, pairs: int, device="cpu") -> dict[str, float]:
    """Stage II on unseen pairs, with everything derived from the synthesised parsing: averages over pairs.

    `clothing_l1` is left out where no pair has known correspondences, as no pair of photos has.
    """
    frame = table({"network": network(transfer)}, data, pairs, device=device)
    means = {name: float(frame[name].mean()) for name in ("ssim", "l1", "clothing_l1")}
    return {name: value for name, value in means.items() if value == value}


def network(
    transfer: PoseTransfer, *, true_parsing: bool = False
) -> Callable[[Batch], Transfer | torch.Tensor]:
    """A method for `table`: the networks, with stage I's parsing or (to see what it costs) the true one."""

    def render(batch: Batch) -> torch.Tensor:
        was_training = transfer.training
        transfer.eval()
        onehot = batch.target_onehot if true_parsing else None
        maps = (batch.condition_image, batch.condition_onehot, batch.pose_map, onehot, batch.condition_keypoints)
        image = transfer.batch(*maps).image
        transfer.train(was_training)
        return image

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
    methods: dict[str, Callable[[Batch], torch.Tensor]],
    data: Dataset,
    pairs: int,
    *,
    metrics: Sequence[str] = MEASURED,
    device="cpu",
):
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


def summary(frame, *, level: float = 0.95):
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


def difference(frame, one: str, other: str, metric: str = "clothing_l1") -> tuple[float, float, float]:
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


def person_of(pair: str) -> str:
    """The person in a pair's name: all but the numbers of its two pictures, `test-00007` of `test-00007-01-03`."""
    return re.sub(r"[-_]\d+-\d+$", "", pair)


class _Misses:
    # How far maps look from where they should, of every pixel seen in both pictures, by the views of the two.

    def __init__(self):
        self.found: dict[tuple[str, str], list[torch.Tensor]] = {}

    def add(self, prefix: str, grid: torch.Tensor, batch: Batch) -> None:
        distances = metrics.correspondence_distances(grid, batch.correspondence)
        sides = zip(metrics.views(batch.condition_keypoints), metrics.views(batch.target_keypoints), strict=True)
        for one, valid, side in zip(distances, batch.correspondence_valid, sides, strict=True):
            self.found.setdefault((prefix, "-".join(side)), []).append(one[valid].cpu())

    def summary(self) -> dict[str, float]:
        prefixes = dict.fromkeys(prefix for prefix, _ in self.found)
        out = {}
        for prefix in prefixes:
            out |= self._of(prefix, [one for key, values in self.found.items() if key[0] == prefix for one in values])
        for prefix, sides in sorted(self.found):
            values = self.found[prefix, sides]
            out |= self._of(prefix, values, f" {sides}")
            if not prefix:
                out[f"pairs {sides}"] = len(values)
        return out

    @staticmethod
    def _of(prefix: str, values: list[torch.Tensor], ending: str = "") -> dict[str, float]:
        pooled = torch.cat(values)
        if not len(pooled):
            return {}
        return {
            f"{prefix}median_correspondence_error{ending}": float(median(pooled)),
            f"{prefix}share_within_2{ending}": float((pooled <= 2).double().mean()),
        }


def _mean(values: list[torch.Tensor]) -> float:
    return float(torch.cat(values).nanmean())
