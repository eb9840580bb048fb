"""Lists beside pictures, read row by row in constant memory: pairs, and names one a line.

Faults are told in one sentence with file and row, as in `keypoint_files`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from warpgan.data.names import key
from warpgan.reading import text_lines

SPLIT_WORDS = ("train", "test", "val", "query", "gallery")

Fault = Callable[[int, str], None]


def pair_rows(
    path: str | Path, fault: Fault | None = None, *, split: str | None = None
) -> Iterator[tuple[int, str, str]]:
    """Read a pair list: `from,to` with commas (PATN), or lines `condition target split` with spaces.

    Args:
        path: the file; .csv begins with the line `from,to`, columns in either order; any other suffix has no header.
        fault: called with the number of a row of another form and with what is wrong with it, and then reading goes
            on; None raises instead.
        split: which lines of a file with a third column to take; None takes all.

    Yields:
        (number of the row in the file from 1, condition name, target name).

    Raises:
        OSError: there is no such file.
        ValueError: another first line; without `fault`, a row of another form.
    """
    commas = Path(path).suffix.lower() == ".csv"
    columns = None if commas else (0, 1)
    for number, line, problem in text_lines(path):
        fields = [field.strip() for field in line.split(",")] if commas else line.split()
        if columns is None:
            if problem or sorted(fields) != ["from", "to"]:
                raise ValueError(f"{path}: the first line is {problem or line[:60]!r} where from,to is expected")
            columns = fields.index("from"), fields.index("to")
        elif problem is None and line.strip():
            whole = len(fields) == 2 or (not commas and len(fields) == 3 and fields[2] in SPLIT_WORDS)
            if not whole or not all(map(_is_name, fields[:2])):
                problem = f"found {line.strip()[:60]!r}; expected two names" + ("" if commas else " and a split")
            elif key(fields[0]) == key(fields[1]):
                problem = f"{fields[0][:80]} is paired with itself"
            elif split is None or len(fields) == 2 or fields[2] == split:
                yield number, *(fields[column] for column in columns)
        if problem:
            _tell(f"{path}, row {number}: {problem}", number, fault)
    if columns is None:
        raise ValueError(f"{path}: the first line is '' where from,to is expected")


def name_rows(path: str | Path, fault: Fault | None = None) -> Iterator[tuple[int, str]]:
    """Read names, one a line (`train.lst`, `train_id.txt`); arguments and errors as in `pair_rows`, no first line."""
    for number, line, problem in text_lines(path):
        name = line.strip()
        if problem is None and name and not _is_name(name):
            problem = f"{name[:80]!r} where the name of a picture is expected"
        if problem:
            _tell(f"{path}, row {number}: {problem}", number, fault)
        elif name:
            yield number, name


def _is_name(name: str) -> bool:
    return bool(name) and not name.startswith("/") and ".." not in name.split("/")


def _tell(sentence: str, number: int, fault: Fault | None) -> None:
    if fault is None:
        raise ValueError(sentence)
    fault(number, sentence)
