"""Rendered people written out as other projects read them: pictures, annotation and pair lists, label maps.

The layout is that of PATN (Zhu et al. 2019) and its followers, for any name before `-annotation-` and `-pairs-`;
joints are whole pixels with -1 for a missing one, y before x. `python -m warpgan.data.export` does the same.
"""

import csv
import json
from pathlib import Path

import numpy as np
import torch

from warpgan.data.rendered import RenderedPeople
from warpgan.drawing import to_uint8
from warpgan.files import atomic, read_json, write_json
from warpgan.parsing import write_parsing
from warpgan.people.shards import VERSION

SUFFIXES = (".png", ".jpg")
NAMES = ("plain", "deepfashion")
EIGHT = ("png", "npy")
MERGED = (0, 2, 2, 6, 4, 5, 5, 5, 7, 1, 4, 5, 3, 4, 6, 6, 7, 7, 7, 7)
"""The 20 labels merged to the 8 of ADGAN's `semantic_merge3`, as its author lists them (issue 10 of menyifang/ADGAN):
background, pants, hair, skirt, face, upper clothes, arm, leg."""


def export(people: RenderedPeople, out: str | Path, *, prefix: str = "people", suffix: str = ".png",
           names: str = "plain", eight: str | None = None, correspondences: bool = False,
           progress: bool = False) -> Path:
    """Write every picture of a split, and what belongs to it, into a folder; other splits may go into the same one.

    | file | holds |
    |---|---|
    | `<split>/<name><suffix>` | the picture |
    | `<split>_parsing/<name>.png` | its labels 0..19, a palette picture whose indices are the labels |
    | `<prefix>-annotation-<split>.csv` | `name:keypoints_y:keypoints_x`, a row for each picture |
    | `<prefix>-pairs-<split>.csv` | `from,to`, a row for each ordered pair of pictures of one person |
    | `<split>.lst` | the names, one a line |
    | `<split>.json` | how the people were made: version, style, seed, size, numbers |
    | `<split>SPL8/<name>.png` | with `eight="png"`: grey picture of merged labels 0..7 (`MERGED`) |
    | `semantic_merge3/ALL/<Split>/id_*/*.npy` | with `eight="npy"`: the same, uint8 [H, W], where ADGAN looks for it |
    | `<split>_correspondence/<from>___<to>.npz` | with `correspondences`: `correspondence [H, W, 2]` float32, the x
    and y in picture `from` of each pixel of `to` (the first pixel's centre is 0, 0), and `valid [H, W]` bool |

    PATN, ADGAN and DPTN read it with prefix `fasion-resize` (so spelt) at 256x176, PATN also `market` at 128x64; GFLA
    and PISE with prefix `fasion`, where `old_size` is the size given here. ADGAN takes names apart, so it needs
    `names="deepfashion"`. PATN and ADGAN also want folders `<split>K` of pose maps, 18 channels a picture: they hold
    nothing that the annotation file does not, weigh more than all the rest, and are made from it by the script
    `tool/generate_pose_map_fashion.py` (or `_market`) of those projects. PISE's own eight labels have another order,
    of which its authors give two lists; a network trained from the start does not mind.

    Pictures that are already there are kept, so that an interrupted export goes on.

    Args:
        people: the split.
        out: the folder, made if it is missing.
        prefix: what the lists' names begin with.
        suffix: ".png" changes no pixel; ".jpg" (quality 95, colours at full size) is what most loaders expect.
        names: "plain" (`train-00012-03`) or "deepfashion" (`fashionALLTrainid0000001203_7additional`: person 12,
            pose 3), which loaders take apart into gender, category, person and view.
        eight: write merged labels too, as "png" or "npy".
        correspondences: write them too, a file for each pair.
        progress: show a bar.

    Returns:
        The folder.

    Raises:
        ValueError: another suffix, names or kind of merged labels, "npy" without the names it is found by, a prefix
            that is not part of a file name, or `out` holds other people of this split; the message names what differs.
        OSError: the folder cannot be written, or its disk is full.
    """
    from tqdm.auto import tqdm

    check(prefix, suffix, names, eight)
    out, split = Path(out), people.split
    try:
        _claim(people, out, suffix, names)
        annotations, listing = out / f"{prefix}-annotation-{split}.csv", out / f"{split}.lst"
        with (
            atomic(annotations) as rows_part, atomic(listing) as names_part,
            rows_part.open("w", encoding="utf-8") as rows, names_part.open("w", encoding="utf-8") as lines,
        ):
            rows.write("name:keypoints_y:keypoints_x\n")
            for index in tqdm(range(people.num_pictures), desc=f"writing {split} pictures", disable=not progress):
                picture = people.pictures(index)
                name = picture_name(split, *divmod(index, people.poses), names)
                _write_picture(out / split / (name + suffix), to_uint8(picture["image"]))
                _write_labels(out, split, name, picture["parsing"], eight)
                y, x = whole_pixels(picture["keypoints"], people.size)
                rows.write(f"{name}{suffix}: {json.dumps(y)}: {json.dumps(x)}\n")
                lines.write(name + suffix + "\n")
        _write_pairs(people, out / f"{prefix}-pairs-{split}.csv", suffix, names)
        if correspondences:
            for index in tqdm(range(len(people)), desc=f"writing {split} correspondences", disable=not progress):
                _write_correspondence(people, index, out / f"{split}_correspondence", names)
    except OSError as error:
        raise OSError(f"{out} cannot be written ({error.strerror or error}): what is there is kept; make room or give "
                      "another folder, and call again") from error
    return out


def check(prefix: str, suffix: str, names: str, eight: str | None) -> None:
    """Raise ValueError where these arguments of `export` do not go: `prefix`, `suffix`, `names` and `eight`."""
    choices = {"suffix": (suffix, SUFFIXES), "names": (names, NAMES), "eight": (eight, (None, *EIGHT))}
    for word, (value, allowed) in choices.items():
        if value not in allowed:
            raise ValueError(f"{word} must be one of {', '.join(map(str, allowed))}, found {value!r}")
    if eight == "npy" and names != "deepfashion":
        raise ValueError('eight="npy" is found by the names of DeepFashion: give names="deepfashion" with it')
    if not isinstance(prefix, str) or not prefix or Path(prefix).name != prefix:
        raise ValueError(f"prefix must be the beginning of a file name, found {prefix!r}")


def picture_name(split: str, person: int, pose: int, names: str = "plain") -> str:
    """The name of a picture without its suffix, in either form of `export`.

    Args:
        split: of the people.
        person: its number in the split.
        pose: number of the picture.
        names: "plain" or "deepfashion".
    """
    if names == "plain":
        return f"{split}-{person:05d}-{pose:02d}"
    return f"fashionALL{split.capitalize()}id{person:08d}{pose:02d}_7additional"


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
def _claim(people: RenderedPeople, out: Path, suffix: str, names: str) -> None:
    record = out / f"{people.split}.json"
    made = {"version": VERSION, "style": people.style, "seed": people.seed, "size": list(people.size),
            "people": people.people, "poses": people.poses, "suffix": suffix, "names": names}
    if record.exists():
        found = read_json(record, expect=dict)
        wrong = [key for key in made if found.get(key) != made[key]]
        if wrong:
            told = ", ".join(f"{key} {found.get(key)!r} there and {made[key]!r} here" for key in wrong)
            raise ValueError(f"{record}: the folder holds other {people.split} people: {told}")
    write_json(record, made)


def _write_picture(path: Path, pixels: np.ndarray) -> None:
    from PIL import Image

    if path.exists():
        return
    with atomic(path) as part:
        Image.fromarray(pixels).save(part, **({"quality": 95, "subsampling": 0} if path.suffix == ".jpg" else {}))


def _write_labels(out: Path, split: str, name: str, parsing: torch.Tensor, eight: str | None) -> None:
    path = out / f"{split}_parsing" / f"{name}.png"
    if not path.exists():
        write_parsing(path, parsing)
    if eight is None:
        return
    merged = np.array(MERGED, np.uint8)[parsing.numpy()]
    if eight == "png":
        _write_picture(out / f"{split}SPL8" / f"{name}.png", merged)
        return
    person, view = name.split("id", 1)[1][:8], name.split("id", 1)[1][8:]
    path = out / "semantic_merge3" / "ALL" / split.capitalize() / f"id_{person}" / f"{view[:4]}_{view[4:]}.npy"
    if not path.exists():
        with atomic(path) as part:
            np.save(part, merged, allow_pickle=False)


def _write_pairs(people: RenderedPeople, path: Path, suffix: str, names: str) -> None:
    with atomic(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("from", "to"))
        for index in range(len(people)):
            person, *poses = people.pair(index)
            writer.writerow(picture_name(people.split, person, pose, names) + suffix for pose in poses)


def _write_correspondence(people: RenderedPeople, index: int, folder: Path, names: str) -> None:
    person, *poses = people.pair(index)
    path = folder / ("___".join(picture_name(people.split, person, pose, names) for pose in poses) + ".npz")
    if not path.exists():
        pair = people[index]
        with atomic(path) as part:
            np.savez_compressed(part, correspondence=pair["correspondence"].numpy(),
                                valid=pair["correspondence_valid"].numpy())
