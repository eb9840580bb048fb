"""Label maps for a folder of photos, in as many processes as one likes (notebook 02).

Whoever does the work, all that counts is in the files: each is written whole, what is there is not made again, and a
photo that cannot be read is told at the end without stopping the others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from warpgan.arguments import check_executor, whole_number
from warpgan.models import HumanParser
from warpgan.models.human_parser import HEIGHT, label_photo
from warpgan.parsing import read_parsing, write_parsing
from warpgan.reading import as_folder
from warpgan.transfer import load_human_parser

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".tif", ".tiff", ".bmp", ".gif")
TASK = 16  # photos a task: small enough that the bar moves, large enough that loading the network is little


@dataclass
class Labelled:
    """What became of a folder of photos.

    Attributes:
        made: photos that were labelled now.
        kept: photos that had their label map already.
        failed: photo to the reason why it has none, one sentence each.
    """

    made: int = 0
    kept: int = 0
    failed: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"{self.made} labelled, {self.kept} were there already, {len(self.failed)} failed"]
        return "\n".join(lines + [f"  {photo}: {reason}" for photo, reason in self.failed.items()])


def label_folder(
    photos: str | Path, out: str | Path, parser: HumanParser | str | Path = "human_parser", *, height: int = HEIGHT,
    workers: int = 0, executor: Any = None, progress: bool = True,
) -> Labelled:
    """Write a label map for each photo of a folder and its subfolders.

    Args:
        photos: the folder. What `photos.read_photo` reads is read, upright.
        out: for `a/b.jpg` it gets `a/b.png`, a palette picture of the size of the upright photo. Sound label maps that
            are there are kept: calling again goes on where one stopped.
        parser: a network, the name of shipped weights, or a run folder.
        height: see `label_photo`.
        workers: processes of this machine, one thread each; 0: this process.
        executor: does the work instead: any of `concurrent.futures`, submitit's, or whatever has
            `submit(function, *arguments)` whose answer has `result()`. Its workers must see both folders.
        progress: show a bar.

    Returns:
        How many were made and kept, and which failed and why. A worker that dies fails the photos of its task.

    Raises:
        FileNotFoundError, NotADirectoryError: no such folder of photos; no such weights.
        ValueError: an argument is none of these; two photos differ in their suffix alone; damaged weights.
        OSError: `out` cannot be written.
    """
    from tqdm.auto import tqdm

    height, workers = whole_number("height", height, 16), whole_number("workers", workers, 0)
    check_executor(executor)
    photos, out = as_folder(photos).resolve(), Path(out).resolve()
    if not isinstance(parser, HumanParser):
        load_human_parser(parser)  # told now, and not once for each worker
    pairs = _pairs(photos, out)
    out.mkdir(parents=True, exist_ok=True)
    todo = [pair for pair in pairs if not _sound(pair[1])]
    report = Labelled(kept=len(pairs) - len(todo))
    tasks = [todo[start : start + TASK] for start in range(0, len(todo), TASK)]
    answering = _answers(tasks, parser, height, min(workers, len(tasks)), executor)
    with tqdm(total=len(todo), unit="photo", desc="labelling", disable=not progress) as bar, answering as answers:
        for task, failed in zip(tasks, answers, strict=True):
            report.failed |= {str(Path(photo).relative_to(photos)): why for photo, why in failed.items()}
            report.made += len(task) - len(failed)
            bar.update(len(task))
    return report


def label_files(pairs: list[tuple[str, str]], parser: HumanParser | str, height: int) -> dict[str, str]:
    """Label some photos: what a worker does. Returns the reason of each photo that failed.

    Args:
        pairs: (photo, where its label map goes) each.
        parser: a network, the name of shipped weights, or a run folder.
        height: see `label_photo`.
    """
    from warpgan.photo_files import read_photo

    network = (parser if isinstance(parser, HumanParser) else load_human_parser(parser)).eval()
    failed = {}
    for photo, label_map in pairs:
        try:
            write_parsing(label_map, label_photo(read_photo(photo).image, network, height))
        except (OSError, ValueError, RuntimeError, MemoryError) as error:
            why = " ".join(str(error).split()) or type(error).__name__
            failed[photo] = why.removeprefix(f"{photo}: ")
    return failed


def _pairs(photos: Path, out: Path) -> list[tuple[str, str]]:
    found = []
    for folder, _, names in os.walk(photos):
        if out == photos or not Path(folder).is_relative_to(out):  # label maps below the photos are no photos
            found += [Path(folder, name) for name in names if Path(name).suffix.lower() in SUFFIXES]
    pairs: dict[Path, Path] = {}
    for photo in sorted(found):
        label_map = out / photo.relative_to(photos).with_suffix(".png")
        if label_map in pairs:
            raise ValueError(f"{photo} and {pairs[label_map].name} would both be labelled in {label_map}; rename one")
        if label_map == photo:
            raise ValueError(f"{photo}: its label map would replace it; choose another folder for label maps")
        pairs[label_map] = photo
    return [(str(photo), str(label_map)) for label_map, photo in pairs.items()]


def _sound(label_map: str) -> bool:
    try:
        read_parsing(label_map)
    except (OSError, ValueError):
        return False
    return True


@contextmanager
def _answers(tasks, parser, height: int, workers: int, executor) -> Iterator[Iterator[dict[str, str]]]:
    # What failed of each task, in their order, whoever does them.
    if executor is None and workers < 2:
        network = parser if isinstance(parser, HumanParser) or not tasks else load_human_parser(parser)
        yield (label_files(task, network, height) for task in tasks)
        return
    parser = parser if isinstance(parser, HumanParser) else str(parser)
    own = None
    if executor is None:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        # Fresh processes: a forked one hangs in its first convolution.
        own = executor = ProcessPoolExecutor(
            workers, mp_context=get_context("spawn"), initializer=torch.set_num_threads, initargs=(1,)
        )
    handed = []
    try:
        handed = [executor.submit(label_files, task, parser, height) for task in tasks]
        yield (_answer(future, task) for future, task in zip(handed, tasks, strict=True))
    finally:
        for future in handed:
            getattr(future, "cancel", bool)()
        if own is not None:
            own.shutdown(cancel_futures=True)


def _answer(future, task) -> dict[str, str]:
    try:
        return future.result()
    except Exception as error:  # noqa: BLE001 - the worker died, or its executor lost it: the others go on
        why = f"its worker ended early ({' '.join(str(error).split())[:200] or type(error).__name__}); call again"
        return {photo: why for photo, label_map in task if not _sound(label_map)}
