"""Finding the pictures and label maps of a data set of real people in the layouts that circulate.

Everything that is looked for has one place in a documented order, and two candidates of one rank are an error: a data
set that reads the wrong list without a word costs weeks.
"""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from warpgan.batches import evenly
from warpgan.data.names import key
from warpgan.parsing import read_parsing
from warpgan.reading import as_folder

PICTURES = (".jpg", ".jpeg", ".png")
_OTHER = re.compile(r"pars|segm|label|merge|keyp|pose|json|mask", re.IGNORECASE)
_REDUCED = ("SPL8", "semantic_merge3")
_ATR_FILES = 64  # of label maps looked at, to find maps of another convention


def candidates(root: Path, patterns: Iterable[str], *, folder: bool = False) -> list[Path]:
    """Give the files (or folders) of the first pattern that finds any, in `root` or one folder below it.

    Args:
        root: the folder.
        patterns: globs, the preferred first.
        folder: look for folders instead of files.
    """
    for pattern in patterns:
        for place in (pattern, f"*/{pattern}"):
            found = [path for path in root.glob(place) if (path.is_dir() if folder else path.is_file())]
            if found:
                return sorted(found)
    return []


def picture_folders(root: Path, names: Iterable[str]) -> list[Path]:
    """Give the `candidates` that hold pictures: `parsing/train` is no folder of photos, whatever its last part says.

    Args:
        root: the folder.
        names: of folders, the preferred first.
    """
    for name in names:
        found = candidates(root, (name,), folder=True)
        found = [path for path in found if not _OTHER.search(path.relative_to(root).as_posix())]
        if found:
            return found
    return []


def only(found: Sequence[Path], what: str, argument: str) -> Path | None:
    """Give the one candidate, None if there is none, or refuse to choose.

    Args:
        found: the candidates.
        what: to call several of them.
        argument: with which the caller can be told the one.
    """
    if len(found) > 1:
        names = ", ".join(str(path) for path in found[:4])
        raise ValueError(f"{len(found)} {what} are there: {names}; say which with {argument}=")
    return found[0] if found else None


def index(folder: Path, suffixes: Sequence[str] = PICTURES) -> dict[str, str]:
    """Find every picture in a folder and the folders inside, under its `names.key`.

    Coloured copies for the eye (`..._vis.png`) and hidden files are left out, links to folders are not followed.

    Returns:
        key -> path relative to `folder`, in the order of the paths.

    Raises:
        ValueError: two pictures have one key; names both.
    """
    found: dict[str, str] = {}
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            stem, suffix = os.path.splitext(name)
            if suffix.lower() not in suffixes or stem.endswith("_vis") or name.startswith("."):
                continue
            path = os.path.relpath(os.path.join(place, name), folder)
            known = found.setdefault(key(path), path)
            if known != path:
                raise ValueError(f"{folder}: {known} and {path} are the same picture to the lists; keep one of them")
    return found


def parsing_folder(root: Path, given: str | Path | None, split: str) -> Path:
    """Find the folder of label maps, or say what to do without one.

    Looked for, in this order: `<split>_parsing` (warpgan's export), `img_parsing_all` (the author's),
    `parsing/<split>`, `parsing`, `<split>_segmentations`.

    Args:
        root: folder of the data set.
        given: the folder instead, if the user says so.
        split: name of the split.

    Raises:
        FileNotFoundError: none of them.
        ValueError: maps of 8 merged labels (PISE, ADGAN), which cannot be taken apart again.
    """
    if given is not None:
        folder = as_folder(given)
    else:
        names = (f"{split}_parsing", "img_parsing_all", f"parsing/{split}", "parsing", f"{split}_segmentations")
        folder = only(candidates(root, names, folder=True), "folders of parsings", "parsing")
    reduced = candidates(root, (f"{split}SPL8", "semantic_merge3"), folder=True) if folder is None else []
    for path in [folder] if folder is not None else reduced:
        if any(mark in path.name for mark in _REDUCED):
            raise ValueError(f"{path}: 8 merged labels, of which the 20 cannot be had back; parse the pictures again")
    if folder is None:
        raise FileNotFoundError(
            f"{root}: no folder of parsings ({split}_parsing, img_parsing_all, parsing); write one with a human parser "
            "(labelling.label_folder, or SCHP with --dataset lip), give it with parsing=, or leave parsings out with "
            "parsing=False"
        )
    return folder


def refuse_atr(folder: Path, files: Sequence[str]) -> None:
    """Refuse a folder of label maps in the 18-label convention of ATR, as far as labels can show it.

    ATR has its face at 11 and its shoes at 9 and 10, LIP and CIHP have scarf, pants and label 10 there, and their shoes
    at 18 and 19, which ATR has not. So: among up to 64 maps of the folder (of at least 8), none holds 18 or 19, at
    least half hold 11, and more hold 11 than 13.
    """
    seen = [0] * 256
    chosen = [files[i] for i in evenly(len(files), _ATR_FILES)]
    if len(chosen) < 8:
        return
    for file in chosen:
        for label in read_parsing(folder / file, ignore=True).unique().tolist():
            seen[label] += 1
    if not seen[18] and not seen[19] and seen[11] * 2 >= len(chosen) and seen[11] > seen[13]:
        raise ValueError(
            f"{folder}: looks like the 18 labels of ATR (11, its face, is in {seen[11]} of {len(chosen)} maps, 18 and "
            "19, the shoes of LIP, in none); parse the pictures with a parser of LIP or CIHP (SCHP: --dataset lip)"
        )
