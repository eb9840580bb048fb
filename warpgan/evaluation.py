"""Measuring networks on unseen pairs: one row a pair, so that methods are compared pair by pair (notebook 07)."""

from __future__ import annotations

import re
from collections.abc import Callable

import torch
from torch.utils.data import Dataset

from . import baselines, geometry, metrics
from .batches import Batch, spread
from .models.matching import seen
from .models.parser import ask
from .transfer import PoseTransfer, Transfer


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
    """The matcher between true parsings of unseen pairs: label agreement and correspondence error in pixels.

    `unwarped_` figures are those of the map that moves nothing.
    """
    was_training = module.training
    module.eval()
    rows: dict[str, list[torch.Tensor]] = {}
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
    module.train(was_training)
    return {name: _mean(values) for name, values in rows.items()}


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
        image = transfer.batch(batch.condition_image, batch.condition_onehot, batch.pose_map, onehot).image
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
def table(methods: dict[str, Callable[[Batch], torch.Tensor]], data: Dataset, pairs: int, *, device="cpu"):
    """Every method on the same unseen pairs.

    Args:
        methods: name to a function from a batch to pictures `[B, 3, H, W]` in [-1, 1].
        data: pairs.
        pairs: how many, spread evenly over the data.

    Returns:
        DataFrame with one row a method and pair: `method, pair, person, ssim, l1, clothing_l1` (mean absolute
        error, range of pictures 2; over clothing visible in both pictures, not-a-number where there is none or where
        the correspondences are not known).
    """
    import pandas

    rows = []
    for batch in spread(data, pairs, device=device):
        mask = torch.zeros_like(batch.target_parsing, dtype=torch.bool)  # nothing is known to be seen in both
        if batch.correspondence_valid is not None:
            mask = metrics.shared_clothing(batch.target_parsing, batch.correspondence_valid)
        for name, method in methods.items():
            image = method(batch)
            values = zip(
                batch.names,
                metrics.ssim(image, batch.target_image).tolist(),
                metrics.mean_error(image, batch.target_image).tolist(),
                metrics.mean_error(image, batch.target_image, mask).tolist(),
                strict=True,
            )
            rows += [(name, pair, person_of(pair), *numbers) for pair, *numbers in values]
    return pandas.DataFrame(rows, columns=["method", "pair", "person", "ssim", "l1", "clothing_l1"])


def summary(frame, *, level: float = 0.95):
    """Means of each method with bootstrap intervals over people.

    Args:
        frame: as `table` gives it.

    Returns:
        DataFrame, one row a method: each metric as mean, lower and upper end.
    """
    import pandas

    rows = {}
    for name, part in frame.groupby("method", sort=False):
        rows[name] = {}
        for metric in ("ssim", "l1", "clothing_l1"):
            mean, low, high = metrics.bootstrap_interval(part[metric], part["person"], level=level)
            rows[name] |= {metric: mean, f"{metric}_low": low, f"{metric}_high": high}
    return pandas.DataFrame.from_dict(rows, orient="index")


def difference(frame, one: str, other: str, metric: str = "clothing_l1") -> tuple[float, float, float]:
    """Mean of `one` minus `other` over the same pairs, with its bootstrap interval over people.

    Returns:
        (mean, lower end, upper end); negative where `one` has the smaller error.
    """
    pivot = frame.pivot(index="pair", columns="method", values=metric)
    people = [person_of(pair) for pair in pivot.index]
    return metrics.bootstrap_interval(pivot[one] - pivot[other], people)


def person_of(pair: str) -> str:
    """The person in a pair's name: all but the numbers of its two pictures, `test-00007` of `test-00007-01-03`."""
    return re.sub(r"[-_]\d+-\d+$", "", pair)


def _mean(values: list[torch.Tensor]) -> float:
    return float(torch.cat(values).nanmean())
