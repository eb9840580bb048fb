"""Rendered people as a torch dataset: pairs of pictures of one person with truths that no real set has.

A person is a seed; the people of a split are numbered from 0, and asking for more of them leaves the first ones as
they are. They are rendered once, into a cache of shards, and read from there. Taught in notebook 01.
"""

import os
import warnings
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch

from ..people.shards import HIDDEN, PER_SHARD, SPLITS, VERSION, fault, make_shards, shard_path, step_of

DEFAULT_PEOPLE = {"train": 240, "val": 32, "test": 48}
DEFAULT_POSES = 4
OPEN_SHARDS = 16  # memory-mapped, so that few of them are ever in memory


def cache_folder(cache=None):
    """Where rendered people are kept: `cache`, else `$WARPGAN_CACHE`, else `warpgan` in the user's cache folder."""
    if cache is not None:
        return Path(cache)
    if os.environ.get("WARPGAN_CACHE"):
        return Path(os.environ["WARPGAN_CACHE"])
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "warpgan"


def _whole(value, name, low, high):
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not low <= value <= high:
        raise ValueError(f"{name} must be a whole number from {low} to {high}, found {value!r}")
    return int(value)


class RenderedPeople(torch.utils.data.Dataset):
    """Ordered pairs (condition, target) of pictures of rendered people, made on first use and cached.

    Args:
        split: `train`, `val` or `test`; their people are different by construction.
        size: (height, width) in pixels.
        people: number of people; by default 240, 32 or 48 by split.
        poses: pictures of each person; by default 4.
        seed: another seed gives other people.
        cache: folder of the shards; by default `$WARPGAN_CACHE` or the user's cache folder.
        workers: rendering processes; by default one a core, or none where few people are missing.
        progress: show a progress bar while rendering.

    Raises:
        ValueError: an argument is not one of these; the message says what was found.
    """

    def __init__(self, split, size=(128, 64), people=None, poses=None, seed=0, *, cache=None, workers=None,
                 progress=True):
        if split not in SPLITS:
            raise ValueError(f"split must be one of {', '.join(SPLITS)}, found {split!r}")
        if not isinstance(size, (tuple, list)) or len(size) != 2:
            raise ValueError(f"size must be (height, width) in pixels, found {size!r}")
        self.size = tuple(_whole(value, name, 16, 2048) for value, name in zip(size, ("height", "width"), strict=True))
        self.split = split
        self.people = _whole(DEFAULT_PEOPLE[split] if people is None else people, "people", 1, 1_000_000)
        self.poses = _whole(DEFAULT_POSES if poses is None else poses, "poses", 2, 32)
        self.seed = _whole(seed, "seed", 0, 2**63 - 1)
        if workers is not None:
            workers = _whole(workers, "workers", 0, 256)
        name = f"people-v{VERSION}-{split}-{self.size[0]}x{self.size[1]}-poses{self.poses}-seed{self.seed}"
        self.folder = cache_folder(cache) / name
        self._job = {"split": split, "seed": self.seed, "size": self.size, "poses": self.poses, "people": self.people,
                     "folder": self.folder}
        self._open = OrderedDict()
        missing = []
        for shard in range(-(-self.people // PER_SHARD)):
            problem = fault(self._job, shard)
            if problem is not None:
                missing.append(shard)
                if problem not in ("missing", "short"):
                    warnings.warn(problem, stacklevel=2)
        if missing:
            make_shards(self._job, missing, workers, progress)

    def __len__(self):
        return self.people * self.poses * (self.poses - 1)

    @property
    def num_pictures(self):
        """Number of single pictures."""
        return self.people * self.poses

    def __getstate__(self):
        return {**self.__dict__, "_open": OrderedDict()}  # open files do not travel to loader processes

    def _shard(self, shard):
        from safetensors import safe_open

        if shard not in self._open:
            while len(self._open) >= OPEN_SHARDS:
                self._open.popitem(last=False)
            file = safe_open(shard_path(self.folder, shard), framework="pt")
            slices = {name: file.get_slice(name) for name in ("images", "parsings", "keypoints", "visible",
                                                              "correspondences")}
            self._open[shard] = {"file": file, "ends": file.get_tensor("ends"), **slices}
        self._open.move_to_end(shard)
        return self._open[shard]

    def pictures(self, index):
        """A single picture.

        Args:
            index: 0 to `num_pictures` - 1; the pictures of a person follow one another.

        Returns:
            dict of `image [3, H, W]` in [-1, 1], `parsing [H, W]` int64, `keypoints [18, 3]` (x, y, present),
            `joint_visible [18]` bool and `name`.
        """
        if not 0 <= index < self.num_pictures:
            raise IndexError(f"picture {index} of {self.num_pictures}")
        person, pose = divmod(int(index), self.poses)
        shard, row = self._shard(person // PER_SHARD), person % PER_SHARD
        image = shard["images"][row, pose].permute(2, 0, 1).float()
        return {"image": image / 127.5 - 1.0, "parsing": shard["parsings"][row, pose].long(),
                "keypoints": shard["keypoints"][row, pose], "joint_visible": shard["visible"][row, pose].bool(),
                "name": f"{self.split}-{person:05d}-{pose:02d}"}

    def __getitem__(self, index):
        if not -len(self) <= index < len(self):
            raise IndexError(f"pair {index} of {len(self)}")
        person, pair = divmod(int(index) % len(self), self.poses * (self.poses - 1))
        condition, target = divmod(pair, self.poses - 1)
        target += target >= condition
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
        row = (person % PER_SHARD * self.poses + target) * (self.poses - 1) + condition - (condition > target)
        start, end = shard["ends"][row:row + 2].tolist()
        kept = shard["correspondences"][start:end].to(torch.int32)
        shown = kept[:, 0] != HIDDEN
        valid = torch.zeros(self.size, dtype=torch.bool)
        places = torch.zeros(*self.size, 2)
        valid[seen] = shown
        places[seen] = torch.where(shown[:, None], kept / step_of(self.size), 0.0)
        return places, valid
