"""Annotation lists, pair lists and lists of names compared with the pictures they speak of, row by row."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from warpgan.data.compact_names import Names
from warpgan.data.names import group, key
from warpgan.data.report import Report
from warpgan.data.rows import name_rows, pair_rows
from warpgan.files import read_json
from warpgan.keypoint_files import annotation_rows, read_openpose_people
from warpgan.labels import LEFT_HIP, NECK, RIGHT_HIP, TORSO

NOBODY, PARTIAL, VALID = 1, 2, 3
_AS_WRITTEN = "a row as the format has it"


class Fault:
    """Reports rows of another form, and goes on: the `fault` of `annotation_rows`, `pair_rows` and `name_rows`.

    Args:
        report: where rows go.
        path: the list.
        advice: what to do with such a row.
    """

    def __init__(self, report: Report, path: Path, advice: str):
        self.report, self.path, self.advice = report, path, advice

    def __call__(self, row: int, sentence: str) -> None:
        """Report a row (its number from 1) by the sentence of its reader."""
        found = sentence.removeprefix(f"{self.path}, row {row}").lstrip(": ")
        self.report.add("error", "a row of another form", self.path, row, found, _AS_WRITTEN, self.advice)


def check_annotations(
    report: Report, path: Path, family: str, pictures: Names | None, size: tuple[int, int] | None
) -> tuple[Names, Counter]:
    """Check an annotation list; a row without a person, or without shoulders and hips, is noted as what it is.

    Args:
        report: where problems go. path: the list. family: see `layouts`.
        pictures: the pictures by `names.key`; None if there are none to compare with.
        size: (height, width) that most of the pictures have; None if unknown.

    Returns:
        Names (`names.key`) with NOBODY, PARTIAL or VALID, and counts: those of `inspection`, and how many are matched.
    """
    people, counts, keys = Names(), Counter(), Counter()
    frame = Counter()
    fault = Fault(report, path, "correct this row, or leave it out of both lists")
    for row, name, x, y in annotation_rows(path, fault):
        spelt = key(name)
        kind = VALID if all(x[joint] >= 0 and y[joint] >= 0 for joint in TORSO) else PARTIAL
        kind = kind if max(x) >= 0 and max(y) >= 0 else NOBODY
        if people.set(spelt, kind):
            report.add("error", "annotated a second time", path, row, name, "one row a picture",
                       "remove one of the rows")
            continue
        counts["annotated"] += 1
        counts[("nobody", "partial", "valid")[kind - 1]] += 1
        if kind == NOBODY:
            report.add("note", "no person", path, row, f"{name}: all joints are missing", "a person",
                       "nothing: the picture is left out of pairs")
        elif kind == PARTIAL:
            lacking = ", ".join(str(joint) for joint in TORSO if x[joint] < 0 or y[joint] < 0)
            report.add("note", "part of a person", path, row, f"{name}: joints {lacking} are missing",
                       "both shoulders and both hips (joints 2, 5, 8, 11)", "nothing: the picture is left out of pairs")
        elif not (family == "market1501" and name.startswith(("-1", "0000"))):
            counts["usable"] += 1
            keys[hash(group(name, _rule(family)))] += 1
        else:
            report.add("note", "a distractor", path, row, f"{name}: no person of the data set", "a person's number",
                       "nothing: the picture is left out of pairs")
        if pictures is not None:
            if pictures.get(spelt):
                counts["matched"] += 1
            else:
                report.add("error", "no such picture", path, row, name, "a picture of this name",
                           "fetch the picture, or check that names were changed as the lists need it")
        _measure(frame, x, y, size, report, path, row, name)
    counts["pairs"] = sum(number * (number - 1) for number in keys.values())
    counts["keys"] = len(keys)
    counts["wide"], counts["high"] = frame["x"] + 1, frame["y"] + 1
    _judge_frame(report, path, frame, size, counts["annotated"])
    return people, counts


def _rule(family: str) -> str:
    return family if family == "market1501" else "deepfashion"


def _measure(frame: Counter, x, y, size, report: Report, path: Path, row: int, name: str) -> None:
    frame["x"], frame["y"] = max(frame["x"], *x), max(frame["y"], *y)
    if min(x[NECK], x[RIGHT_HIP], x[LEFT_HIP], y[NECK], y[RIGHT_HIP], y[LEFT_HIP]) >= 0:
        frame["across"] += x[RIGHT_HIP] + x[LEFT_HIP] - 2 * x[NECK]
        frame["down"] += y[RIGHT_HIP] + y[LEFT_HIP] - 2 * y[NECK]
    frame["joints"] += sum(a != -1 for a in x)
    outside = [j for j, (a, b) in enumerate(zip(x, y)) if a < -1 or b < -1 or (size and (a >= size[1] or b >= size[0]))]
    if outside:
        frame["outside"] += len(outside)
        report.add("note", "a joint outside the picture", path, row, f"{name}: joint {outside[0]} at x "
                   f"{x[outside[0]]}, y {y[outside[0]]}", "a place in the picture" if size is None else
                   f"a place in the picture, {size[1]} wide and {size[0]} high", "nothing: it counts as missing")


def _judge_frame(report: Report, path: Path, frame: Counter, size, rows: int) -> None:
    reach = f"x reaches {frame['x']}, y reaches {frame['y']}"
    if abs(frame["across"]) > 1.5 * abs(frame["down"]):
        report.add("error", "y and x exchanged", path, None, "from neck to hips people reach further across than down",
                   "people who stand", "the columns are name:keypoints_y:keypoints_x; exchange two of them")
    elif size and frame["outside"] > 0.01 * frame["joints"]:
        report.add("error", "another frame", path, None, f"{reach}; {frame['outside']:,} joints of {frame['joints']:,} "
                   "outside", f"places in pictures {size[1]} wide and {size[0]} high",
                   "use the list of this frame: the resize lists belong to pictures of 256x176, the others to 256x256")
    elif size and size[1] >= 256 and frame["x"] < 176 and rows >= 100:
        report.add("warning", "another frame", path, None, reach, f"places in pictures {size[1]} wide",
                   "this looks like a list for pictures cut to 176: cut 40 columns on both sides, or add 40 to x")


def check_pairs(report: Report, path: Path, family: str, people: Names | None, pictures: Names | None) -> int:
    """Check a pair list against annotations and pictures; returns how many different pairs it lists.

    Args:
        report: where problems go.
        path: the list.
        family: see `layouts`.
        people: what `check_annotations` gave; None without an annotation list.
        pictures: the pictures by `names.key`, for lists without annotations; None if there are none.
    """
    pairs = Names()
    fault = Fault(report, path, "write two names separated by one comma, or remove the row")
    for row, *names in pair_rows(path, fault):
        if pairs.set(tuple(names)):
            report.add("error", "a pair listed twice", path, row, ",".join(names), "each pair once",
                       "remove one of them")
        if group(names[0], _rule(family)) != group(names[1], _rule(family)):
            report.add("warning", "two people in a pair", path, row, ",".join(names),
                       "two pictures of one person in one garment", "remove the pair, unless it is meant")
        for name in names:
            spelt = key(name)
            kind = VALID if people is None else people.get(spelt)
            if not kind:
                report.add("error", "a pair without annotation", path, row, name, "a row in the annotation list",
                           "use the two lists of one source, or add the row")
            elif kind != VALID:
                report.add("warning", "a pair that the rule leaves out", path, row, name,
                           "both shoulders and both hips", "leave the pair out")
            if people is None and pictures is not None and not pictures.get(spelt):
                report.add("error", "no such picture", path, row, name, "a picture of this name", "fetch the picture")
    return len(pairs)


def check_names(report: Report, path: Path, pictures: Names | None) -> int:
    """Check a list of names, with or without suffix, against pictures; returns how many it has.

    Args:
        report: where problems go.
        path: the list.
        pictures: the pictures by `names.key`; None if there are none to compare with.
    """
    seen = Names()
    for row, name in name_rows(path, Fault(report, path, "write one name a line")):
        spelt = key(name)
        if seen.set(spelt):
            report.add("warning", "named twice", path, row, name, "each name once", "remove one of them")
        elif pictures is not None and not pictures.get(spelt):
            report.add("error", "no such picture", path, row, name, "a picture of this name",
                       "fetch the picture, or remove the name")
    return len(seen)


def check_openpose(report: Report, path: Path) -> int:
    """Check an OpenPose result; returns how many people it has, -1 if it is a COCO file or none of both."""
    try:
        people = len(read_openpose_people(path))
    except (OSError, ValueError) as error:
        if _is_coco(path):
            report.add("note", "COCO keypoints", path, None, "images and annotations", "an OpenPose result",
                       "read its 17 keypoints and turn them with keypoints.from_coco17")
        else:
            report.add("error", "no OpenPose result", path, None, str(error).removeprefix(f"{path}: "),
                       "people with pose_keypoints or pose_keypoints_2d, 54 or 75 numbers",
                       "write the keypoints of this picture again")
        return -1
    if not people:
        report.add("note", "no person", path, None, "no people", "a person", "give keypoints by hand, or another photo")
    elif people > 1:
        report.add("note", "several people", path, None, f"{people} people", "one person",
                   "say which one: person=0, ...")
    return people


def _is_coco(path: Path) -> bool:
    try:
        return path.stat().st_size < 1 << 26 and {"images", "annotations"} <= set(read_json(path, expect=dict))
    except (OSError, ValueError):
        return False
