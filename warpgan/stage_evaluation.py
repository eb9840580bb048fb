"""Measuring stage I and the matcher on unseen pairs, as means and one row a pair (notebook 07)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.utils.data import Dataset

from warpgan import geometry, metrics
from warpgan.batches import Batch, person_of, spread
from warpgan.metrics.maps import median
from warpgan.models.matching import seen
from warpgan.models.parser import ask
from warpgan.modes import evaluating

if TYPE_CHECKING:
    import pandas


def parser(module: torch.nn.Module, data: Dataset, pairs: int, device: torch.device | str = "cpu") -> dict[str, float]:
    """Stage I on unseen pairs: foreground label agreement and mean IoU, averaged over pairs.

    Args:
        module: a `PoseGuidedParser`.
        data: pairs.
        pairs: how many, spread evenly over the data.
        device: where to measure.
    """
    return _means(parser_pairs(module, data, pairs, device))


@torch.no_grad()
def parser_pairs(
    module: torch.nn.Module, data: Dataset, pairs: int, device: torch.device | str = "cpu"
) -> pandas.DataFrame:
    """Stage I on unseen pairs, one row each: DataFrame `pair, person, label_agreement, mean_iou`.

    Arguments as for `parser`.
    """
    frames = []
    for batch in spread(data, pairs, device=device):
        with evaluating(module):
            answer = ask(module, batch.condition_onehot, batch.pose_map, batch.condition_image)
        drawn = answer.argmax(dim=1)
        agreement = metrics.label_agreement(drawn, batch.target_parsing)
        frames.append(_frame(batch, label_agreement=agreement, mean_iou=metrics.mean_iou(drawn, batch.target_parsing)))
    return _concat(frames)


def matcher(module: torch.nn.Module, data: Dataset, pairs: int, device: torch.device | str = "cpu") -> dict[str, float]:
    """The matcher between true parsings of unseen pairs: label agreement and how far its map misses, in pixels.

    Args:
        module: a `Matcher`.
        data: pairs.
        pairs: how many, spread evenly over the data.
        device: where to measure.

    Returns:
        `label_agreement`, averaged over pairs. Where correspondences are known, `correspondence_error`, the mean over
        pairs of each pair's mean miss; and of the misses of all pixels visible in both pictures of a pair, all pairs
        pooled, `median_correspondence_error` and `share_within_2`, the share of at most 2 pixels. The last two also by
        what the two pictures show (`metrics.views`), for instance `median_correspondence_error front-back`, with
        `pairs front-back`, the number of pairs. With `unwarped_` before the name: of the map that moves nothing.
    """
    misses = _Misses()
    return _means(matcher_pairs(module, data, pairs, device, misses)) | misses.summary()


@torch.no_grad()
def matcher_pairs(
    module: torch.nn.Module, data: Dataset, pairs: int, device: torch.device | str = "cpu",
    misses: _Misses | None = None,
) -> pandas.DataFrame:
    """The matcher on unseen pairs, one row each.

    Args:
        module, data, pairs, device: as for `matcher`.
        misses: gathers the distance of every pixel, for `matcher`.

    Returns:
        DataFrame `pair, person, label_agreement` and, where correspondences are known, `correspondence_error`, the
        pair's mean miss in pixels; both also with `unwarped_` before the name, of the map that moves nothing.
    """
    frames = []
    for batch in spread(data, pairs, device=device):
        with evaluating(module):
            affine, tps = module(*seen(module, batch))
        columns = {}
        for prefix, maps in (
            ("", (affine, tps)),
            ("unwarped_", (geometry.identity_affine(len(batch)), None)),
        ):
            maps = tuple(None if m is None else m.to(device) for m in maps)
            warped = module.warp_parsing(batch.condition_onehot, *maps).argmax(dim=1)
            columns[prefix + "label_agreement"] = metrics.label_agreement(warped, batch.target_parsing)
            if batch.correspondence is not None:
                grid = geometry.warp_grid(*maps, batch.target_parsing.shape[-2:])
                error = metrics.correspondence_error(grid, batch.correspondence, batch.correspondence_valid)
                columns[prefix + "correspondence_error"] = error
                if misses is not None:
                    misses.add(prefix, grid, batch)
        frames.append(_frame(batch, **columns))
    return _concat(frames)


class _Misses:
    # How far maps look from where they should, of every pixel seen in both pictures, by the views of the two.

    def __init__(self) -> None:
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


def _frame(batch: Batch, **columns: torch.Tensor):
    import pandas

    named = {"pair": batch.names, "person": [person_of(name) for name in batch.names]}
    return pandas.DataFrame(named | {name: values.tolist() for name, values in columns.items()})


def _concat(frames: list):
    import pandas

    return pandas.concat(frames, ignore_index=True)


def _means(frame) -> dict[str, float]:
    return {name: float(frame[name].mean()) for name in frame if name not in ("pair", "person")}
