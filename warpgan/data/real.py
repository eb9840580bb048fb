"""What datasets of real people share: files that the user has, matched by name, and pairs of the one contract.

Nothing is written: pictures, label maps and keypoints are read where they lie, and maps for networks are made in the
batch (`warpgan.batches`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from warpgan.arguments import height_width
from warpgan.data.folders import index, refuse_atr
from warpgan.data.frames import frame_of, meet, move, recognise
from warpgan.data.names import garment_name, key
from warpgan.data.pairs import make_pairs, read_pairs, status
from warpgan.data.pictures import picture_size, read_labels, read_photo
from warpgan.keypoint_sets import KeypointSet

Size = tuple[int, int]
CONVENTIONS = ("cihp", "lip")
LARGEST = 4096  # pixels of a side


class RealPairs(torch.utils.data.Dataset):
    """Ordered pairs of pictures of real people; the datasets `DeepFashion` and `Market1501` find its files.

    Item i is the dict of the pair contract: `condition_image`, `target_image` [3, H, W] in [-1, 1];
    `condition_parsing`, `target_parsing` [H, W] int64 0..19 (not with parsing=False); `condition_keypoints`,
    `target_keypoints` [18, 3] in pixels of the asked size; `name`, the names of both pictures joined by `___`.

    Args:
        split, size, frame, fit, missing: as for `DeepFashion`.
        pictures, parsing: folders of the files; parsing None reads no label maps.
        keypoints: the joints of all pictures.
        pairs: list of pairs; None makes them by `rule`, of the pictures in `members` (None: of all that have joints).
        rule: "deepfashion" or "market1501", see `pairs.make_pairs`.
        shop: whether the files show what In-shop pictures show, see `frames.frame_of`.
        apart_from: garments of which no pair is kept.

    Attributes:
        split, size, convention: as asked for.
        frame: for which the keypoints are written, or None where they are in each picture's own pixels.
        keypoint_source: file or folder of the keypoints. pair_source: list of pairs, or None where the rule made them.
        left_out: (name, reason) of every picture that is in no pair, and why: "no person", "part of a person: ...",
            "no picture", "no parsing", "alone" (no second picture of it), in Market-1501 "junk" and "distractor"; with
            a list of pairs, only of pictures of the list. Also (condition, target, reason) of pairs left out of a list.
    """

    def __init__(self, *, split: str, size: Size, pictures: Path, keypoints: KeypointSet, pairs: Path | None,
                 members: Sequence[str] | None, parsing: Path | None, rule: str, shop: bool,
                 frame: Size | str | None, fit: str, missing: str, apart_from: set[str] = frozenset()):
        self.split, self.size, self.rule = split, height_width(size, LARGEST), rule
        self.keypoint_source, self.pair_source, self.left_out = keypoints.path, pairs, []
        self._pictures, self._parsing, self._shop, self._stretch = pictures, parsing, shop, fit == "stretch"
        choices = {"fit": (fit, ("keep", "stretch")), "missing": (missing, ("error", "skip"))}
        for word, (value, allowed) in choices.items():
            if value not in allowed:
                raise ValueError(f"{word} must be {' or '.join(allowed)}, found {value!r}")
        paths = index(pictures)
        maps = None if parsing is None else index(parsing, (".png",))
        people = _by_key(keypoints)
        lacking = {}

        def lacks(one):
            if one not in lacking:
                lacking[one] = (
                    f"no picture in {pictures}" if one not in paths else
                    f"no row in {keypoints.path}" if one not in people else
                    f"no parsing in {parsing}" if maps is not None and one not in maps else ""
                )
            return lacking[one]

        chosen = self._listed(pairs, people, lacks, missing) if pairs else self._made(people, members, lacks, missing)
        if apart_from:
            chosen = [pair for pair in chosen if not apart_from & {one.item for one in map(garment_name, pair) if one}]
        if not chosen:
            why = "; ".join(f"{row[0]}: {row[-1]}" for row in self.left_out[:2])
            raise ValueError(f"{pairs or keypoints.path}: gives no pair of split {split!r} ({why or 'it is empty'})")
        # Arrays, not lists of objects: worker processes share them without copying them page by page. And not tensors
        # where single rows are read, which takes several times as long between two decodings.
        names = list(dict.fromkeys(name for pair in chosen for name in pair))
        places = {name: i for i, name in enumerate(names)}
        self._pairs = np.array([[places[name] for name in pair] for pair in chosen], np.int32)
        self._names = np.array(names)
        self._paths = np.array([paths[name] for name in names])
        self._maps = None if maps is None else np.array([maps[name] for name in names])
        self._marks = np.zeros((len(names), 2), np.int64)  # of label maps that were found to be good
        self._keypoints = torch.stack([people[name][1] for name in names])
        self._there = self._keypoints[..., 2].sum(1).numpy()
        sizes = [keypoints.sizes.get(people[name][0]) for name in names]
        self._sizes = np.array(sizes) if frame is None and all(sizes) else None  # of COCO files
        if parsing is not None:
            refuse_atr(parsing, [maps[name] for name in names])
        self.frame = self._frame(frame, keypoints)
        self._usual = None
        with suppress(OSError, ValueError):  # what is wrong with the first picture is told when it is read
            # Keypoints are moved at once for all pictures like the first, and one by one only for others.
            photo = frame_of(picture_size(self._pictures / str(self._paths[0])), shop=shop)
            self._usual = self._start(0, photo), meet(photo, self.size, shop=shop, stretch=self._stretch)
            self._placed = move(self._keypoints, *self._usual).numpy()
            self._inside = self._placed[..., 2].sum(1)

    def __len__(self) -> int:
        return len(self._pairs)

    def __repr__(self) -> str:
        frame = "each picture's own" if self.frame is None else f"{self.frame.size[0]}x{self.frame.size[1]}"
        made = self.pair_source or f"made by the rule {self.rule}"
        return (
            f"{type(self).__name__}({self.split!r}, {self.size}): {len(self)} pairs of {self.num_pictures} pictures; "
            f"pairs: {made}; keypoints: {self.keypoint_source}, frame {frame}; left out: {len(self.left_out)}"
        )

    @property
    def pairs(self) -> Tensor:
        """[pairs, 2] int32: the numbers of condition and target, as `pictures` takes them."""
        return torch.from_numpy(self._pairs)

    @property
    def num_pictures(self) -> int:
        """How many pictures are in pairs."""
        return len(self._names)

    def pictures(self, number: int) -> dict:
        """Read one picture: `image`, `parsing`, `keypoints` and `name`, as in pairs.

        Raises:
            FileNotFoundError, ValueError: a file is damaged, or contradicts what belongs to it; names the file.
        """
        path = f"{self._pictures}/{self._paths[number]}"
        image, photo, end = read_photo(path, self.size, shop=self._shop, stretch=self._stretch)
        start = self._start(number, photo)
        if (start, end) == self._usual:
            placed = torch.from_numpy(self._placed[number].copy())  # the caller may write into it
            inside = int(self._inside[number])
        else:
            placed = move(self._keypoints[number], start, end)
            inside = int(placed[:, 2].sum())
        there = int(self._there[number])
        if 2 * inside < there:
            raise ValueError(
                f"{path}: {inside} of {there} joints lie in the picture, in the "
                f"frame {start.size[0]}x{start.size[1]} of {self.keypoint_source}; if that frame is wrong, pass frame="
            )
        found = {"image": image, "keypoints": placed, "name": str(self._names[number])}
        if self._maps is not None:
            path = f"{self._parsing}/{self._maps[number]}"
            mark = _mark(path)
            again = mark == tuple(self._marks[number].tolist())
            found["parsing"] = read_labels(path, photo, end, shop=self._shop, again=again)
            self._marks[number] = mark
        return found

    def __getitem__(self, number: int) -> dict[str, Any]:
        if not -len(self) <= number < len(self):
            raise IndexError(f"pair {number} of {len(self)}")
        pair, names = {}, []
        for role, place in zip(("condition", "target"), self._pairs[number].tolist()):
            picture = self.pictures(place)
            names.append(picture.pop("name"))
            pair.update({f"{role}_{word}": value for word, value in picture.items()})
        return {**pair, "name": "___".join(names)}

    def _listed(self, path, people, lacks, missing):
        kept = []
        for condition, target in read_pairs(path, self.split):
            pair = key(condition), key(target)
            why = next((f"{one} has {lacks(one)}" for one in pair if lacks(one)), "") or next(
                (f"{one}: no person" for one in pair if not bool(people[one][1][:, 2].any())), "")
            if why:
                self.left_out.append((condition, target, why))
            else:
                kept.append(pair)
        if self.left_out and missing == "error":
            raise ValueError(_told(path, "pairs", len(kept) + len(self.left_out), [row[-1] for row in self.left_out]))
        return kept

    def _made(self, people, members, lacks, missing):
        if members is not None:
            people = {one: people.get(one) for one in map(key, members)}
        usable = {}
        absent = []
        for one, found in people.items():
            why = lacks(one) or status(found[0], found[1], self.rule)
            if lacks(one):
                absent.append(f"{one} has {why}")
            if why == "valid":
                usable[one] = found[1]
            else:
                self.left_out.append((one, why))
        if absent and missing == "error":
            raise ValueError(_told(self.keypoint_source, "pictures", len(people), absent))
        pairs = make_pairs(usable, self.rule)
        paired = {name for pair in pairs for name in pair}
        self.left_out += [(one, "alone") for one in usable if one not in paired]
        return pairs

    def _start(self, number, photo):
        # The frame in which the keypoints of a picture are given.
        if self._sizes is not None:
            return frame_of(tuple(self._sizes[number].tolist()), shop=self._shop)
        return self.frame or photo

    def _frame(self, asked, keypoints):
        if asked == "picture":
            return None
        if asked is not None:
            return frame_of(height_width(asked, LARGEST, "frame"), shop=self._shop)
        # Made-up names (people exported by warpgan) and detectors' files are in pixels of the picture itself.
        own = [garment_name(name) for name in (self._names[0], self._names[-1])]
        if keypoints.kind != "csv" or not self._shop or not all(name and name.gender != "ALL" for name in own):
            return None
        size = picture_size(self._pictures / str(self._paths[0]))
        return recognise(self._keypoints, size, str(keypoints.path), named=keypoints.path.name)


def check_arguments(split: str, convention: str) -> None:
    """Raise ValueError unless `split` is a word and the labels are of a convention that can be read."""
    if not isinstance(split, str) or not split.replace("_", "").isalnum():
        raise ValueError(f"split must be a name as train or test, found {split!r}")
    if convention == "atr":
        raise ValueError("ATR has 18 labels in another order; parse the pictures with a parser of LIP or CIHP, whose "
                         "20 labels the networks know")
    if convention not in CONVENTIONS:
        raise ValueError(f"convention must be {' or '.join(CONVENTIONS)}, found {convention!r}")


def _by_key(keypoints):
    people = {}
    for name, joints in keypoints.keypoints.items():
        known = people.setdefault(key(name), (name, joints))
        if known[0] != name:
            raise ValueError(f"{keypoints.path}: {known[0]} and {name} are the same picture to the lists; keep one")
    return people


def _mark(path):
    try:
        stat = os.stat(path)
    except OSError:
        return -1, -1
    return stat.st_mtime_ns, stat.st_size


def _told(path, what, whole, reasons):
    return (
        f"{path}: {len(reasons)} of {whole} {what} cannot be used; the first: {'; '.join(reasons[:3])}. Mend the "
        "folder, or leave them out with missing='skip'"
    )
