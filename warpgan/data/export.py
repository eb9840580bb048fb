"""Rendered people written out as other projects read them: pictures, annotation and pair lists, label maps.

The layout is that of PATN (Zhu et al. 2019) and its followers, for any name before `-annotation-` and `-pairs-`;
joints are whole pixels with -1 for a missing one, y before x.
"""

import csv
import json
from pathlib import Path

import torch

from ..drawing import to_uint8
from ..files import atomic, read_json, write_json
from ..parsing import write_parsing
from ..people.shards import VERSION
from .rendered import RenderedPeople

SUFFIXES = (".png", ".jpg")


def export(people: RenderedPeople, out: str | Path, *, prefix: str = "people", suffix: str = ".png") -> Path:
    """Write every picture of a split, and what belongs to it, into a folder; other splits may go into the same one.

    | file | holds |
    |---|---|
    | `<split>/<name><suffix>` | the picture |
    | `<split>_parsing/<name>.png` | its labels 0..19, a palette picture whose indices are the labels |
    | `<prefix>-annotation-<split>.csv` | `name:keypoints_y:keypoints_x`, a row for each picture |
    | `<prefix>-pairs-<split>.csv` | `from,to`, a row for each ordered pair of pictures of one person |
    | `<split>.lst` | the names, one a line |
    | `<split>.json` | how the people were made: version, seed, size, numbers |

    Pictures that are already there are kept, so that an interrupted export goes on.

    Args:
        people: the split.
        out: the folder, made if it is missing.
        prefix: `fasion-resize` where a loader has DeepFashion's names built in.
        suffix: ".png" changes no pixel; ".jpg" (quality 95) is what most loaders expect.

    Returns:
        The folder.

    Raises:
        ValueError: another suffix, a prefix that is not part of a file name, or `out` holds other people of this
            split; the message names what differs.
    """
    if suffix not in SUFFIXES:
        raise ValueError(f"suffix must be one of {', '.join(SUFFIXES)}, found {suffix!r}")
    if not prefix or Path(prefix).name != prefix:
        raise ValueError(f"prefix must be the beginning of a file name, found {prefix!r}")
    out = Path(out)
    _claim(people, out, suffix)
    annotations, names = out / f"{prefix}-annotation-{people.split}.csv", out / f"{people.split}.lst"
    with atomic(annotations) as rows_part, atomic(names) as names_part:
        with rows_part.open("w", encoding="utf-8") as rows, names_part.open("w", encoding="utf-8") as lines:
            rows.write("name:keypoints_y:keypoints_x\n")
            for index in range(people.num_pictures):
                picture = people.pictures(index)
                name = picture["name"] + suffix
                _write_picture(out / people.split / name, picture["image"])
                labels = out / f"{people.split}_parsing" / f"{picture['name']}.png"
                if not labels.exists():
                    write_parsing(labels, picture["parsing"])
                y, x = whole_pixels(picture["keypoints"], people.size)
                rows.write(f"{name}: {json.dumps(y)}: {json.dumps(x)}\n")
                lines.write(name + "\n")
    _write_pairs(people, out / f"{prefix}-pairs-{people.split}.csv", suffix)
    return out


def whole_pixels(keypoints: torch.Tensor, size: tuple[int, int]) -> tuple[list[int], list[int]]:
    """Joints as an annotation file holds them.

    Args:
        keypoints: [18, 3] x, y, present.
        size: (height, width) of the picture.

    Returns:
        (y of each joint, x of each joint), rounded; -1 in both for a joint that is missing or outside the picture.
    """
    height, width = size
    x, y = (keypoints[:, axis].round().long() for axis in (0, 1))
    there = (keypoints[:, 2] > 0) & (x >= 0) & (y >= 0) & (x < width) & (y < height)
    return tuple(torch.where(there, axis, -1).tolist() for axis in (y, x))


# Two exports of different people in one folder would mix their pictures under the same names.
def _claim(people: RenderedPeople, out: Path, suffix: str) -> None:
    record = out / f"{people.split}.json"
    made = {"version": VERSION, "seed": people.seed, "size": list(people.size), "people": people.people,
            "poses": people.poses, "suffix": suffix}  # fmt: skip
    if record.exists():
        found = read_json(record, expect=dict)
        wrong = [key for key in made if found.get(key) != made[key]]
        if wrong:
            told = ", ".join(f"{key} {found.get(key)!r} there and {made[key]!r} here" for key in wrong)
            raise ValueError(f"{record}: the folder holds other {people.split} people: {told}")
    write_json(record, made)


def _write_picture(path: Path, image: torch.Tensor) -> None:
    from PIL import Image

    if path.exists():
        return
    with atomic(path) as part:
        Image.fromarray(to_uint8(image)).save(part, **({"quality": 95} if path.suffix == ".jpg" else {}))


def _write_pairs(people: RenderedPeople, path: Path, suffix: str) -> None:
    with atomic(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("from", "to"))
        for person in range(people.people):
            for one in range(people.poses):
                for other in range(people.poses):
                    if one != other:
                        names = (f"{people.split}-{person:05d}-{pose:02d}{suffix}" for pose in (one, other))
                        writer.writerow(names)
