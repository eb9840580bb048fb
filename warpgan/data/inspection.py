"""`warpgan.data.check`: what a data folder holds, what is wrong with it, and what to do.

Taught in notebook 02.
"""

import os
import time
from contextlib import contextmanager
from pathlib import Path

from warpgan.data.compact_names import Names
from warpgan.data.layouts import LISTS, PUBLISHED, SOURCES, TITLES, recognise
from warpgan.data.list_checks import check_annotations, check_names, check_openpose, check_pairs
from warpgan.data.names import key
from warpgan.data.report import Report
from warpgan.data.scan import report_missing, scan_parsings, scan_pictures, unreadable, walk

_SIZES = {  # (height, width) that the pictures of a layout have, where they have one
    "deepfashion-renamed": {(256, 176), (256, 256)},
    "market1501": {(128, 64)},
    "market1501-lists": {(128, 64)},
}
_WORDS = {
    "annotated": "pictures annotated", "nobody": "rows without a person", "partial": "rows without shoulders or hips",
    "valid": "rows with shoulders and hips", "usable": "pictures for pairs", "keys": "people, or garments of a person",
    "pairs": "ordered pairs by the rule", "wide": "pixels across that x needs", "high": "pixels down that y needs",
}


def check(root: str | Path, *, limit: int = 20, sample: int = 8) -> Report:
    """Look through a data folder and tell what it holds and what is wrong with it.

    Layouts: DeepFashion In-shop as given out or renamed (PATN), Market-1501 as given out or with PATN's lists, LIP,
    CIHP, an export of rendered people, photos with OpenPose results. Whatever is wrong in the data is a row of the
    report. Lists are read row by row and pictures by their headers, so a large set takes no more memory than a small
    one, but for 16 to 40 bytes a name.

    Args:
        root: the folder, or the one above it.
        limit: how many problems of a kind are kept; all are counted.
        sample: how many pictures, and how many parsings, are decoded in each folder (`Report.decoded` names them).

    Returns:
        The report: `print(report)`, or let a notebook show it; `report.ok`, `report.problems`, `report.counts`.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    root, start = Path(root), time.perf_counter()
    if not root.is_dir():
        raise FileNotFoundError(f"{root}: no such folder")
    report = Report(root, limit=limit)
    layout = recognise(root)
    report.layout, report.title = layout.key, TITLES[layout.key]
    if layout.key == "unknown":
        with _part(report, root):
            there = ", ".join(sorted(os.listdir(root))[:8]) or "an empty folder"
            known = "; ".join(title for key, title in TITLES.items() if key != "unknown")
            report.add("error", "no known layout", root, None, there, known,
                       "give the folder that holds the lists and the folders of pictures, as the sources unpack")
    pictures, sizes = _pictures(report, layout, sample)
    people = _annotations(report, layout, pictures, sizes)
    for (family, split, prefix), path in layout.pairs.items():
        with _part(report, path):
            family = _family(layout, family)
            annotated = people.get((family, split, prefix)) or people.get((family, split))
            listed = check_pairs(report, path, family, annotated, _of(pictures, split))
            _count(report, path, family, split, "listed", f"{path.name}: pairs listed", listed)
    for split, path in layout.names.items():
        with _part(report, path):
            number = check_names(report, path, _of(pictures, split))
            _count(report, path, _family(layout), split, "names", f"{path.name}: names", number)
    for split, folder in layout.parsings.items():
        with _part(report, folder):
            names = scan_parsings(report, folder, _of(pictures, split), layout.ignore, sample)
            report.count(f"{split}: parsings", len(names))
            if split in layout.pictures:
                report_missing(report, layout.pictures[split], names, "a picture without a parsing",
                               "a parsing of the same name, .png", "make it with a human parser, such as SCHP")
    for split, folder in layout.keypoints.items():
        with _part(report, folder):
            _openpose(report, split, folder, layout, pictures.get(split))
    if layout.key == "photos" and not layout.keypoints:
        report.add("note", "photos without keypoints", root, None, "no JSON file",
                   "a file <name>_keypoints.json a photo", "detect them (warpgan.photos), or give them by hand")
    report.seconds = time.perf_counter() - start
    return report


@contextmanager
def _part(report: Report, path: Path):
    # A list with another first line, a folder that may not be read: a problem, and the rest is looked at all the same.
    try:
        yield
    except OSError as error:
        unreadable(report, path, error)
    except ValueError as error:
        report.add("error", "another kind of file", path, None, str(error).removeprefix(f"{path}: "),
                   "a file as its name says", "use the list of the source, saved as UTF-8 text")


def _family(layout, family: str = "") -> str:
    # Names and figures of DeepFashion mean nothing for rendered people, whose lists may be called alike.
    if layout.key == "rendered":
        return ""
    return family or layout.key.partition("-")[0].replace("lists", "")


def _of(pictures: dict[str, Names], split: str) -> Names | None:
    # In-shop's lists of both splits speak of the pictures of one folder.
    return next((pictures[one] for one in (split, "all", "plain", "high resolution") if one in pictures), None)


def _count(report: Report, path: Path, family: str, split: str, what: str, words: str, number: int) -> None:
    # Of a part of a list every number is another; that its rows and pairs are fewer says it all.
    warn = what in ("pictures", "annotated", "pairs", "listed", "names")
    published = PUBLISHED.get((family, split, what), ())
    report.count(words, number, published, SOURCES.get(family, LISTS), file=path if warn else None)


def _pictures(report: Report, layout, sample: int) -> tuple[dict[str, Names], dict[str, tuple[int, int]]]:
    # Names of the pictures of each folder, and the size that most of them have.
    found, usual, family = {}, {}, _family(layout)
    for split, folder in layout.pictures.items():
        found[split] = names = Names()
        with _part(report, folder):
            sizes = scan_pictures(report, folder, names, sample)
            part = {"plain": "all", "high resolution": "all"}.get(split, split)
            _count(report, folder, family, part, "pictures", f"{split}: pictures", len(names))
            if sizes:
                usual[split] = sizes.most_common(1)[0][0]
                _judge_sizes(report, layout, split, folder, sizes)
    return found, usual


def _judge_sizes(report: Report, layout, split: str, folder: Path, sizes) -> None:
    expected = {(256, 256)} if (layout.key, split) == ("deepfashion", "plain") else _SIZES.get(layout.key)
    told = "; ".join(f"{number:,} of {width}x{height}" for (height, width), number in sizes.most_common(4))
    if (layout.key == "rendered" and len(sizes) > 1) or (expected and (len(sizes) > 1 or not set(sizes) <= expected)):
        words = " or ".join(f"{width}x{height}" for height, width in sorted(expected or ())) or "one size"
        report.add("warning", "pictures of other sizes", folder, None, f"{told} (width x height)",
                   f"{words}, all the same", "joints and parsings belong to one size: resize none of the pictures, or "
                   "all of them with their lists")


def _annotations(report: Report, layout, pictures, sizes) -> dict[tuple, Names]:
    found = {}
    for (family, split, prefix), path in layout.annotations.items():
        family, there = _family(layout, family), _of(pictures, split)
        with _part(report, path):
            if there is None:
                report.add("warning", "lists without pictures", path, None, f"no folder {split}",
                           f"a folder {split} beside the list", "rows are checked, but not against pictures")
            size = next((sizes[one] for one in (split, "all", "plain") if one in sizes), None)
            people, counts = check_annotations(report, path, family, there, size)
            found[family, split, prefix] = found[family, split] = people
            for what, words in _WORDS.items():
                _count(report, path, family, split, what, f"{path.name}: {words}", counts[what])
            if split in layout.pictures and counts["matched"] < len(there):
                report_missing(report, layout.pictures[split], people, "a picture without annotation",
                               f"a row in {path.name}", "nothing, if it is not meant to be used")
    return found


def _openpose(report: Report, split: str, folder: Path, layout, pictures: Names | None) -> None:
    names, files = Names(), 0
    for name, path in walk(folder, report):
        if not name.endswith(".json"):
            continue
        if check_openpose(report, path) < 0:
            continue
        files += 1
        names.set(key(name))
        if pictures is not None and not pictures.get(key(name)):
            report.add("warning", "keypoints without a photo", path, None, f"no photo {key(name)}",
                       "a photo of the same name", "put the photo beside it, or remove the file")
    report.count(f"{split}: OpenPose results", files)
    if pictures is not None and split in layout.pictures:
        report_missing(report, layout.pictures[split], names, "a photo without keypoints",
                       "a file <name>_keypoints.json", "detect them (warpgan.photos), or give them by hand")
