"""Votes of a preference study: which of two pictures a rater has chosen, row by row in a CSV, and what they sum up to.

As in the paper's study one of two has to be chosen. A rater is a short code, and nothing else is noted of them.
"""

from __future__ import annotations

import csv
import io
import os
import re
import warnings
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from warpgan.metrics import bootstrap_interval
from warpgan.reading import text_lines

if TYPE_CHECKING:
    import pandas

CODE = re.compile(r"[a-z0-9]{2,12}")


@dataclass(frozen=True)
class Vote:
    """One row of the file; the fields are its columns.

    Attributes:
        study: which trials are asked about, `study.fingerprint`.
        rater: code of 2 to 12 small letters and digits.
        trial: name of the trial.
        left, right: methods, as they lay on the screen.
        chosen: one of the two.
        shown: seconds that the pictures were shown, "0" for as long as one likes.
        seconds: needed for the vote, two decimals, so that a row that was cut short is known by its end.
    """

    study: str
    rater: str
    trial: str
    left: str
    right: str
    chosen: str
    shown: str
    seconds: str


COLUMNS = tuple(field.name for field in fields(Vote))


class VoteLog:
    """The votes of one study in a file that only ever grows.

    Args:
        path: of the CSV; made with the first vote.
        study: the fingerprint that all rows must have.
    """

    def __init__(self, path: str | Path, study: str):
        self.path, self.study = Path(path), study

    def read(self) -> tuple[list[Vote], list[str]]:
        """Return the votes, and a sentence for each line that is torn.

        Raises:
            ValueError: the file has other columns, or is of another study; or it cannot be read.
        """
        if not os.path.lexists(self.path):
            return [], []
        votes, torn = read_votes(self.path)
        other = next((vote.study for vote in votes if vote.study != self.study), None)
        if other is not None:
            raise ValueError(
                f"{self.path}: holds votes of another study ({other}, with other trials or methods; this one is "
                f"{self.study}); choose another file"
            )
        return votes, torn

    def append(self, vote: Vote) -> None:
        """Write one vote to the disk, as one whole line; a torn line before it stays as it is.

        Raises:
            ValueError: it cannot be written; names the file.
        """
        line = _line(astuple(vote))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, "ab+", buffering=0) as file:  # one write a line, so that two raters do not mix theirs
                size = file.seek(0, os.SEEK_END)
                if not size:
                    line = _line(COLUMNS) + line
                elif not _ends_a_line(file):
                    line = b"\n" + line
                written = file.write(line)
                os.fsync(file.fileno())
        except OSError as error:
            raise ValueError(f"{self.path}: the vote could not be written ({error.strerror}); it is not lost, "
                             "choose again when that is mended") from None
        if written != len(line):
            raise ValueError(f"{self.path}: the disk is full; the vote was not counted, choose again")


def read_votes(path: str | Path) -> tuple[list[Vote], list[str]]:
    """Read a file of votes.

    Args:
        path: the CSV.

    Returns:
        (the votes in the order of the file, a sentence for each line that was cut short or is no vote).

    Raises:
        FileNotFoundError: there is none.
        ValueError: its columns are others, or it cannot be read; names the file and what was found.
    """
    votes, torn, header = [], [], None
    try:
        for number, line, fault in text_lines(path):
            cells = None if fault else _cells(line)
            if header is None:
                header = cells
                if cells is None or tuple(cells) != COLUMNS:
                    found = fault or repr(line[:80])
                    raise ValueError(f"{path}: not a file of votes; its first line is {found}, expected "
                                     f"{','.join(COLUMNS)!r}")
            elif cells != header:  # two raters who begin at once may both write it
                vote = _vote(cells)
                if vote is None:
                    torn.append(f"{path}, line {number}: no whole vote, not counted and left as it is: {line[:60]!r}")
                else:
                    votes.append(vote)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise ValueError(str(error) if error.strerror is None else f"{path}: {error.strerror}") from None
    return votes, torn


def summary(paths: str | Path | Sequence[str | Path], *, level: float = 0.95) -> pandas.DataFrame:
    """How often each method was chosen where it was shown.

    Args:
        paths: one file of votes, or several of one study.
        level: share of the interval.

    Returns:
        DataFrame, a row a method, the most chosen first: `chosen, shown`, their `share` with `low, high`, and `raters`.
        The interval resamples raters, as `metrics.bootstrap_interval` does with people; of one rater it is Wilson's,
        over trials. What was left out is in its `attrs["left_out"]`, and warned of.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: a file is not one of votes, files are of different studies, two files hold votes of one rater on one
            trial (one may be a copy of the other), or there is no vote.
    """
    import pandas

    paths = [paths] if isinstance(paths, (str, Path)) else list(paths)
    votes, left_out = _gather(paths)
    for sentence in left_out:
        warnings.warn(sentence, stacklevel=2)
    if not votes:
        raise ValueError(f"{', '.join(map(str, paths)) or 'no file'}: no vote yet")
    rows = {}
    for method in dict.fromkeys(name for vote in votes for name in sorted((vote.left, vote.right))):
        seen = [vote for vote in votes if method in (vote.left, vote.right)]
        won, raters = [float(vote.chosen == method) for vote in seen], [vote.rater for vote in seen]
        share, low, high = interval(won, raters, level=level)
        rows[method] = {"chosen": int(sum(won)), "shown": len(won), "share": share, "low": low, "high": high}
        rows[method]["raters"] = len(set(raters))
    frame = pandas.DataFrame.from_dict(rows, orient="index").sort_values("share", ascending=False, kind="stable")
    frame.attrs["left_out"] = left_out
    return frame


def interval(won: Sequence[float], raters: Sequence[str], *, level: float = 0.95) -> tuple[float, float, float]:
    """A share with its interval: bootstrap over raters, or Wilson's over votes where there is one rater.

    Args:
        won: 1 for each time that the method was chosen, 0 where the other was.
        raters: who voted.
        level: share of the interval.

    Returns:
        (share, lower end, upper end), each in [0, 1].
    """
    if len(set(raters)) > 1:
        return bootstrap_interval(won, raters, level=level)
    from statistics import NormalDist

    z, count = NormalDist().inv_cdf((1 + level) / 2), len(won)
    share = sum(won) / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = z / (1 + z * z / count) * (share * (1 - share) / count + z * z / (4 * count * count)) ** 0.5
    return share, max(0.0, middle - reach), min(1.0, middle + reach)


def _gather(paths: Sequence[str | Path]) -> tuple[list[Vote], list[str]]:
    votes: dict[tuple[str, str], tuple[Vote, str | Path]] = {}
    left_out, first = [], None
    for path in paths:
        found, torn = read_votes(path)
        left_out += torn
        for vote in found:
            first = first or (vote.study, path)
            if vote.study != first[0]:
                raise ValueError(f"{path}: votes of study {vote.study}, but {first[1]} has those of {first[0]}")
            before = votes.setdefault((vote.rater, vote.trial), (vote, path))
            if before[1] != path:
                raise ValueError(f"{path}: rater {vote.rater} has voted on {vote.trial!r} already, in {before[1]}")
            if before[0] is not vote:  # two pages of one rater
                left_out.append(f"{path}: a second vote of rater {vote.rater} on {vote.trial!r}, not counted")
    return [vote for vote, _ in votes.values()], left_out


def _line(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


def _ends_a_line(file) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _cells(line: str) -> list[str] | None:
    try:
        return next(csv.reader([line], strict=True), None)
    except csv.Error:  # a quotation mark that is never closed
        return None


def _vote(cells: list[str] | None) -> Vote | None:
    if cells is None or len(cells) != len(COLUMNS):
        return None
    vote = Vote(*cells)
    whole = re.fullmatch(r"\d+\.\d\d", vote.seconds) and CODE.fullmatch(vote.rater) and vote.left != vote.right
    return vote if whole and vote.chosen in (vote.left, vote.right) else None
