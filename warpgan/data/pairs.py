"""Pairs of pictures of one person: read from the lists that circulate, or made by the rule that made those lists.

The rule is that of pose-gan and PATN: a picture counts if both shoulders and both hips were found, and all ordered
pairs of pictures of one garment (DeepFashion) or of one person (Market-1501) are pairs. Explained in notebook 01.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from torch import Tensor

from warpgan.data.names import group
from warpgan.data.rows import SPLIT_WORDS, name_rows, pair_rows
from warpgan.keypoints import is_valid
from warpgan.labels import KEYPOINTS, TORSO
from warpgan.reading import text_lines

RULES = ("deepfashion", "market1501")


def status(name: str, keypoints: Tensor, rule: str) -> str:
    """Say in words whether a picture may be used in pairs, and if not, why.

    Args:
        name: of the picture.
        keypoints: [18, 3].
        rule: "deepfashion" or "market1501".

    Returns:
        "valid"; "no person" (no joint at all); "part of a person: no right-hip" (of shoulders and hips those that are
        missing); in Market-1501 "junk" (the name begins with -1: a detector's fault) and "distractor" (0000: a person
        or a background of no identity), whose names group pictures of different people.
    """
    if rule not in RULES:
        raise ValueError(f"the rule of pairs is {' or '.join(RULES)}, found {rule!r}")
    who = group(name, rule)
    if rule == "market1501" and who in ("-1", "0000"):
        return "junk" if who == "-1" else "distractor"
    if is_valid(keypoints):
        return "valid"
    if not bool((keypoints[:, 2] > 0).any()):
        return "no person"
    return "part of a person: no " + ", no ".join(KEYPOINTS[joint] for joint in TORSO if keypoints[joint, 2] <= 0)


def make_pairs(annotations: Mapping[str, Tensor], rule: str, *, count: int | None = None,
               seed: int = 0) -> list[tuple[str, str]]:
    """Make all ordered pairs by the published rule (paper.md 8.1; PATN's create_pairs_dataset).

    On PATN's DeepFashion test annotation the rule gives the published 8,570 pairs, on Market-1501's training
    annotation 263,632.

    Args:
        annotations: picture name -> keypoints [18, 3], in the order of the file.
        rule: "deepfashion": pictures of one garment in one colour; "market1501": pictures of one person, without
            distractors (0000) and junk (-1).
        count: draw so many of the pairs without repetition; None gives all. Market-1501's test protocol is 12,000.
        seed: of the draw.

    Returns:
        (condition, target) names: group by group as groups first occur, pictures in the order of the file.

    Raises:
        ValueError: another rule, or a count below 1.
    """
    if rule not in RULES:
        raise ValueError(f"the rule of pairs is {' or '.join(RULES)}, found {rule!r}")
    if count is not None and count < 1:
        raise ValueError(f"count of pairs is at least 1, found {count}")
    groups: dict[str, list[str]] = {}
    for name, keypoints in annotations.items():
        if status(name, keypoints, rule) == "valid":
            groups.setdefault(group(name, rule), []).append(name)
    pairs = [(one, other) for names in groups.values() for one in names for other in names if one != other]
    if count is not None and count < len(pairs):
        drawn = np.random.RandomState(seed).choice(len(pairs), count, replace=False)  # the generator pandas draws with
        pairs = [pairs[i] for i in drawn]
    return pairs


def read_pairs(path: str | Path, split: str | None = None) -> list[tuple[str, str]]:
    """Read a list of pairs: `from,to` with commas (PATN), or lines `condition target split` with spaces.

    Args:
        path: the file; .csv begins with the line `from,to`, columns in any order; any other suffix has no header.
        split: which lines of a file with a third column to take.

    Returns:
        (condition, target) names as they are spelt in the file.

    Raises:
        ValueError: another header, a row of another length, a pair of a picture with itself, no pair at all, or text
            that is not UTF-8; names file and row.
    """
    pairs = [tuple(names) for _, *names in pair_rows(path, split=split)]
    if not pairs:
        raise ValueError(f"{path}: holds no pair" + (f" of split {split}" if split else ""))
    return pairs


def read_names(path: str | Path) -> list[str]:
    """Read a list of names (`.lst`, `train_id.txt`): one a line, empty lines left out, each once.

    Raises:
        ValueError: a name twice, or text that is not UTF-8; names file and row.
    """
    names: dict[str, int] = {}
    for number, name in name_rows(path):
        if name in names:
            raise ValueError(f"{path}, row {number}: {name} stands there a second time, first in row {names[name]}")
        names[name] = number
    return list(names)


def read_partition(path: str | Path, split: str) -> list[str]:
    """Read the names of a split from the shop's `list_eval_partition.txt`.

    Its first line is the number of pictures, its second the header, and each other line is a picture, an item and one
    of train, query and gallery; query and gallery together are the split "test".

    Raises:
        ValueError: a line of another form, another number of lines than the first says, or no picture of the split.
    """
    lines = []
    for number, line, problem in text_lines(path):
        if problem:
            raise ValueError(f"{path}, row {number}: {problem}")
        lines.append(line)
    wanted = {"train": ("train",), "test": ("query", "gallery")}.get(split, (split,))
    names = []
    for number, line in enumerate(lines[2:], start=3):
        words = line.split()
        if len(words) != 3 or words[2] not in SPLIT_WORDS:
            raise ValueError(f"{path}, row {number}: found {line[:60]!r}; expected a picture, an item and a split")
        if words[2] in wanted:
            names.append(words[0])
    if not lines or lines[0].strip() != str(len(lines) - 2):
        found = lines[0][:40] if lines else ""
        raise ValueError(f"{path}: the first line says {found!r} pictures and {max(len(lines) - 2, 0)} lines follow")
    if not names:
        raise ValueError(f"{path}: no picture of split {split!r}")
    return names
