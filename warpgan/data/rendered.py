"""Rendered people as a torch dataset: pairs of pictures of one person with truths that no real set has.

A person is a seed; the people of a split are numbered from 0, and asking for more of them leaves the first ones as
they are. They are rendered once, into a cache of shards, and read from there. Taught in notebook 01.
"""

from __future__ import annotations

import os
import re
import warnings
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from warpgan.arguments import check_executor, height_width, whole_number
from warpgan.people.shards import (
    DEPTH_STEPS,
    EXTRAS,
    HIDDEN,
    NORMAL_STEPS,
    PER_SHARD,
    SPLITS,
    VERSION,
    fault,
    shard_path,
    step_of,
)
from warpgan.people.workers import make_shards
from warpgan.recent import recent

DEFAULT_PEOPLE = {"train": 240, "val": 32, "test": 48}
DEFAULT_POSES = 4
LARGEST = 2048  # pixels of a side
OPEN_SHARDS = 16  # memory-mapped, so that few of them are ever in memory


def cache_folder(cache: str | Path | None = None) -> Path:
    """Where rendered people are kept: `cache`, else `$WARPGAN_CACHE`, else `warpgan` in the user's cache folder."""
    if cache is not None:
        return Path(cache)
    if os.environ.get("WARPGAN_CACHE"):
        return Path(os.environ["WARPGAN_CACHE"])
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "warpgan"


def device_name(device: str) -> str:
    """An argument as the name of a device; ValueError where it is none. Whether it is there is another matter."""
    if not isinstance(device, str) or not re.fullmatch(r"cpu|cuda(:\d{1,3})?", device):
        raise ValueError(f'device must be "cpu", "cuda" or "cuda:" and a number, found {device!r}')
    return device


def style_name(style: str) -> str:
    """An argument as the name of a style; ValueError where there is none of this name."""
    from warpgan.people import styles

    if not isinstance(style, str):
        raise ValueError(f"style must be a name, found {style!r}")
    return styles.style(style).name


def _extras(extras):
    if isinstance(extras, str) or not isinstance(extras, (tuple, list)) or not set(extras) <= set(EXTRAS):
        raise ValueError(f"extras must be a tuple among {', '.join(EXTRAS)}, found {extras!r}")
    return tuple(name for name in EXTRAS if name in extras)


class RenderedPeople(torch.utils.data.Dataset):
    """Ordered pairs (condition, target) of pictures of rendered people, made on first use and cached.

    The same arguments give the same bytes, whoever renders them and in however many processes. Asking for more people
    renders only those that are missing; a call that is interrupted goes on where it stopped.

    Args:
        split: `train`, `val` or `test`; their people are different by construction.
        size: (height, width) in pixels, each 16 to 2048.
        people: number of people; by default 240, 32 or 48 by split.
        poses: pictures of each person, 2 to 32; by default 4.
        seed: another seed gives other people.
        style: how they are photographed: a name of `warpgan.people.styles.STYLES`, as "plain", "deepfashion", "market".
        extras: more truths to keep, of "depth", "normals" and "unlit"; see `pictures`.
        device: "cpu", "cuda" or "cuda:1", where rays are cast and shaded. It is no part of the cache's name: pictures
            made on a GPU show the same people and differ by rounding alone: a few 8-bit steps, labels along edges.
        cache: folder of the shards; by default `$WARPGAN_CACHE` or the user's cache folder.
        workers: rendering processes; by default one a core, or none where few people are missing. With an executor:
            the number of tasks handed to it; by default one for every 8 people, at most 1024.
        executor: renders in its workers: any of `concurrent.futures`, submitit's, or whatever has
            `submit(function, *arguments)` whose answer has `result()`. All must see the cache's folder.
        progress: show a progress bar while rendering.

    Raises:
        ValueError: an argument is not one of these; the message says what was found. Or the device is not there.
        OSError: the cache cannot be written or its disk is full; names the folder.
        RuntimeError: a worker was killed or failed; says how many people are done. Calling again goes on.
    """

    def __init__(
        self, split: str, size: tuple[int, int] = (128, 64), people: int | None = None, poses: int | None = None,
        seed: int = 0, *, style: str = "plain", extras: Sequence[str] = (), device: str = "cpu",
        cache: str | Path | None = None, workers: int | None = None, executor: Any = None, progress: bool = True,
    ):
        if split not in SPLITS:
            raise ValueError(f"split must be one of {', '.join(SPLITS)}, found {split!r}")
        self.split, self.size = split, height_width(size, LARGEST)
        self.people = whole_number("people", DEFAULT_PEOPLE[split] if people is None else people, 1, 1_000_000)
        self.poses = whole_number("poses", DEFAULT_POSES if poses is None else poses, 2, 32)
        self.seed = whole_number("seed", seed, 0, 2**63 - 1)
        self.style, self.extras = style_name(style), _extras(extras)
        device = device_name(device)
        if workers is not None:
            workers = whole_number("workers", workers, 0, 256 if executor is None else 100_000)
        check_executor(executor)
        name = "-".join([f"people-v{VERSION}", split, self.style, f"{self.size[0]}x{self.size[1]}",
                         f"poses{self.poses}", f"seed{self.seed}", *self.extras])
        self.folder = cache_folder(cache).absolute() / name
        self._job = {"split": split, "seed": self.seed, "size": list(self.size), "poses": self.poses,
                     "people": self.people, "style": self.style, "extras": list(self.extras), "device": device,
                     "folder": str(self.folder)}  # plain values, that any worker can be sent
        self._open = OrderedDict()
        missing = []
        for shard in range(-(-self.people // PER_SHARD)):
            problem = fault(self._job, shard)
            if problem is not None:
                missing.append(shard)
                if problem not in ("missing", "short"):
                    warnings.warn(problem, stacklevel=2)
        if missing:
            make_shards(self._job, missing, workers, progress, executor)

    def __len__(self) -> int:
        return self.people * self.poses * (self.poses - 1)

    @property
    def num_pictures(self) -> int:
        """Number of single pictures."""
        return self.people * self.poses

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_open": OrderedDict()}  # open files do not travel to loader processes

    def _shard(self, shard):
        return recent(self._open, shard, lambda: self._opened(shard), OPEN_SHARDS)

    def _opened(self, shard):
        from safetensors import safe_open

        file = safe_open(shard_path(self.folder, shard), framework="pt")
        ends = torch.nn.functional.pad(file.get_tensor("counts").cumsum(0), (1, 0)).tolist()
        slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        return {**slices, "file": file, "ends": ends}

    def pictures(self, index: int) -> dict[str, Any]:
        """A single picture.

        Args:
            index: 0 to `num_pictures` - 1; the pictures of a person follow one another.

        Returns:
            dict of `image [3, H, W]` in [-1, 1], `parsing [H, W]` int64, `keypoints [18, 3]` (x, y, present),
            `joint_visible [18]` bool and `name`; and, where they are among the extras, `depth [H, W]` metres from the
            camera's plane and `normals [3, H, W]` unit, in the camera's axes (x to the right, y away from it, z up),
            both 0 where nobody is; `unlit [3, H, W]` in [-1, 1], the colours without light, and with it `pure [H, W]`
            bool: all rays of the pixel met the same label. All float32 where nothing is said.
        """
        if not 0 <= index < self.num_pictures:
            raise IndexError(f"picture {index} of {self.num_pictures}")
        person, pose = divmod(int(index), self.poses)
        shard, row = self._shard(person // PER_SHARD), person % PER_SHARD
        # every value is a copy: a view would keep the whole file mapped
        out = {"image": signed(shard["images"][row, pose]), "parsing": shard["parsings"][row, pose].long(),
               "keypoints": shard["keypoints"][row, pose].clone(), "joint_visible": shard["visible"][row, pose].bool(),
               "name": f"{self.split}-{person:05d}-{pose:02d}"}
        seen = out["parsing"] > 0
        start, end = shard["ends"][row * self.poses + pose:][:2]
        if "depth" in self.extras:
            out["depth"] = torch.zeros(self.size)
            out["depth"][seen] = shard["depth"][start:end].to(torch.int32) / DEPTH_STEPS
        if "normals" in self.extras:
            normals = torch.zeros(*self.size, 3)
            normals[seen] = torch.nn.functional.normalize(shard["normals"][start:end] / NORMAL_STEPS, dim=-1)
            out["normals"] = normals.permute(2, 0, 1)
        if "unlit" in self.extras:
            out["unlit"] = signed(shard["unlit"][row, pose])
            bits = np.unpackbits(shard["pure"][row, pose].numpy(), count=seen.numel()).astype(bool)
            out["pure"] = torch.from_numpy(bits).reshape(self.size)
        return out

    def pair(self, index: int) -> tuple[int, int, int]:
        """The (person, condition's pose, target's pose) of a pair; all pairs of a person follow one another."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"pair {index} of {len(self)}")
        person, pair = divmod(int(index) % len(self), self.poses * (self.poses - 1))
        condition, target = divmod(pair, self.poses - 1)
        return person, condition, target + (target >= condition)

    def __getitem__(self, index: int) -> dict[str, Any]:
        person, condition, target = self.pair(index)
        out = {}
        for role, pose in (("condition", condition), ("target", target)):
            picture = self.pictures(person * self.poses + pose)
            name = picture.pop("name")
            out.update({f"{role}_{key}": value for key, value in picture.items()})
            out["name"] = name if role == "condition" else f"{out['name']}-{pose:02d}"
        places, valid = self._correspondence(person, condition, target, out["target_parsing"] > 0)
        return {**out, "correspondence": places, "correspondence_valid": valid}

    def _correspondence(self, person, condition, target, seen):
        shard = self._shard(person // PER_SHARD)
        first, last = shard["ends"][person % PER_SHARD * self.poses + target:][:2]
        start = first * (self.poses - 1) + (condition - (condition > target)) * (last - first)
        kept = shard["correspondences"][start:start + last - first].to(torch.int32)
        shown = kept[:, 0] != HIDDEN
        valid = torch.zeros(self.size, dtype=torch.bool)
        places = torch.zeros(*self.size, 2)
        valid[seen] = shown
        places[seen] = torch.where(shown[:, None], kept / step_of(self.size), 0.0)
        return places, valid


def signed(colours: torch.Tensor) -> torch.Tensor:
    """Colours [H, W, 3] in 0..255 as an image [3, H, W] in [-1, 1]."""
    return colours.permute(2, 0, 1).float() / 127.5 - 1.0
