"""From pairs to the tensors that the networks eat: one-hot parsings and pose maps, made in the batch.

Nothing of this is stored: one-hot maps and pose maps of a real data set would fill a disk. The order of the data
depends on the seed and the step alone, so that a resumed training sees what it would have seen.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache

import torch
from torch.utils.data import Dataset, default_collate

from warpgan import keypoints, parsing


@dataclass
class Batch:
    """Pairs on the device, with the maps that the networks need.

    Attributes:
        condition_image, target_image: `[B, 3, H, W]` in [-1, 1].
        condition_parsing, target_parsing: `[B, H, W]` labels.
        condition_onehot, target_onehot: `[B, 20, H, W]` of 0 and 1.
        pose_map: `[B, 18, H, W]`, discs around the target's joints.
        names: name of each pair.
        correspondence, correspondence_valid: `[B, H, W, 2]` and `[B, H, W]`, or None where no truth is known.
        condition_keypoints, target_keypoints: `[B, 18, 3]`, or None where the pairs have none.
    """

    condition_image: torch.Tensor
    condition_parsing: torch.Tensor
    condition_onehot: torch.Tensor
    target_image: torch.Tensor
    target_parsing: torch.Tensor
    target_onehot: torch.Tensor
    pose_map: torch.Tensor
    names: list[str]
    correspondence: torch.Tensor | None = None
    correspondence_valid: torch.Tensor | None = None
    condition_keypoints: torch.Tensor | None = None
    target_keypoints: torch.Tensor | None = None

    def __len__(self) -> int:
        return len(self.names)


def collate(pairs: Sequence[dict], device: torch.device | str = "cpu") -> Batch:
    """Stack pairs (dicts of the pair contract) and add the maps.

    Args:
        pairs: as `RenderedPeople` gives them; all of one size.
        device: where the tensors go before the maps are made.
    """
    stacked = default_collate(list(pairs))
    moved = {key: value.to(device) for key, value in stacked.items() if isinstance(value, torch.Tensor)}
    size = moved["target_image"].shape[-2:]
    return Batch(
        condition_image=moved["condition_image"],
        condition_parsing=moved["condition_parsing"],
        condition_onehot=parsing.one_hot(moved["condition_parsing"]),
        target_image=moved["target_image"],
        target_parsing=moved["target_parsing"],
        target_onehot=parsing.one_hot(moved["target_parsing"]),
        pose_map=keypoints.pose_map(moved["target_keypoints"], size),
        names=list(stacked["name"]),
        correspondence=moved.get("correspondence"),
        correspondence_valid=moved.get("correspondence_valid"),
        condition_keypoints=moved.get("condition_keypoints"),
        target_keypoints=moved["target_keypoints"],
    )


def with_itself(batch: Batch, share: float, step: int) -> Batch:
    """The batch with the target of some pairs replaced by their condition: nothing has to move there.

    Args:
        batch: pairs with the condition's keypoints.
        share: how many of them, 0 to 1, on average: a pair's name and the step decide, so that it does not matter how
            a batch is shared out among processes.
        step: of the training.

    Raises:
        ValueError: a share above 0 of pairs without the condition's keypoints.
    """
    draws = [hashlib.sha256(f"{step} {name}".encode()).digest()[:4] for name in batch.names]
    chosen = torch.tensor([int.from_bytes(draw) / 2**32 < share for draw in draws])
    if not chosen.any():
        return batch
    if batch.condition_keypoints is None:
        raise ValueError("pairs without the condition's keypoints cannot be their own targets")
    kinds = ("image", "parsing", "onehot", "keypoints")
    own = {f"target_{kind}": getattr(batch, f"condition_{kind}") for kind in kinds}
    own["pose_map"] = keypoints.pose_map(batch.condition_keypoints, batch.target_image.shape[-2:])
    mixed = {}
    for name, value in own.items():
        mask = chosen.to(value.device).view(-1, *[1] * (value.ndim - 1))
        mixed[name] = torch.where(mask, value, getattr(batch, name))
    return replace(batch, **mixed, correspondence=None, correspondence_valid=None)


def indices(length: int, batch: int, step: int, seed: int) -> list[int]:
    """Which pairs the batch of a step holds: every pair once an epoch, in an order drawn anew for each.

    Args:
        length: number of pairs.
        batch: pairs a step.
        step: counted from 0 over all epochs.
        seed: of the order.

    Returns:
        `batch` indices; an epoch that does not divide runs on into the next.
    """
    chosen = []
    for position in range(step * batch, (step + 1) * batch):
        epoch, place = divmod(position, length)
        chosen.append(int(_permutation(length, seed, epoch)[place]))
    return chosen


def batch_at(data: Dataset, step: int, *, batch: int, seed: int, device: torch.device | str = "cpu") -> Batch:
    """The batch of a training step.

    Args:
        data: pairs.
        step: counted from 0.
        batch: pairs a step.
        seed: of the order, see `indices`.
        device: where the batch goes.
    """
    return collate([data[i] for i in indices(len(data), batch, step, seed)], device)


class ReadAhead:
    """A dataset in the order of a training's steps, read by threads a little before it is needed.

    Threads, not processes: reading and decoding pictures leaves Python's lock, nothing is copied between processes,
    and what comes out does not depend on how many there are.

    Args:
        data: the dataset.
        plan: step to the indices that it needs, in one list a part.
        threads: how many read; 0: everything is read when it is asked for.
        ahead: steps that are read before they are asked for.
    """

    def __init__(self, data: Dataset, plan: Callable[[int], list[list[int]]], threads: int = 2, *, ahead: int = 2):
        self.data, self.plan, self.ahead = data, plan, ahead
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="read-ahead") if threads else None
        self._coming: dict[int, list[list[Future]]] = {}

    def at(self, step: int) -> list[list[dict]]:
        """The items of a step, in one list a part; raises what reading them raised."""
        if self._pool is None:
            return [[self.data[i] for i in part] for part in self.plan(step)]
        for coming in range(step, step + 1 + self.ahead):
            if coming not in self._coming:
                parts = self.plan(coming)
                self._coming[coming] = [[self._pool.submit(self.data.__getitem__, i) for i in part] for part in parts]
        return [[item.result() for item in part] for part in self._coming.pop(step)]

    def close(self) -> None:
        """Stop reading."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def evenly(length: int, count: int | None = None) -> list[int]:
    """Give `count` indices spread evenly over a list, or all of them where it has no more; always the same ones.

    Args:
        length: of the list.
        count: how many; None: all.
    """
    count = length if count is None else min(count, length)
    return [i * length // count for i in range(count)]


def spread(data: Dataset, count: int, *, batch: int = 16, device: torch.device | str = "cpu") -> Iterator[Batch]:
    """Batches of `count` pairs spread evenly over a dataset, for measuring; always the same ones.

    Args:
        data: pairs.
        count: how many, see `evenly`.
        batch: pairs of a batch; the last one may have fewer.
        device: where the batches go.
    """
    chosen = evenly(len(data), count)
    for start in range(0, len(chosen), batch):
        yield collate([data[i] for i in chosen[start : start + batch]], device)


# Only the latest permutations are kept: an epoch of DeepFashion is 100,000 numbers, drawn once, used all along.
@lru_cache(maxsize=2)
def _permutation(length: int, seed: int, epoch: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed((seed + 1) * 1_000_003 + epoch)
    return torch.randperm(length, generator=generator)


def person_of(pair: str) -> str:
    """The person in a pair's name: all but the numbers of its two pictures, `test-00007` of `test-00007-01-03`."""
    return re.sub(r"[-_]\d+-\d+$", "", pair)
