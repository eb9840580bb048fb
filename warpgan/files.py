"""Files written whole or not at all, and JSON whose faults are told in one sentence.

A file appears under its name only when it is complete: it is written beside its place and then renamed,
so a run that is killed leaves nothing half-written for the next one to read.
"""

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path` that takes its place on success and is removed on an error.

    Args:
        path: the file to write; missing parent folders are made. The temporary name keeps its suffix.

    Yields:
        The path to write to; it does not exist yet.

    Raises:
        FileNotFoundError: the block ended without writing the file.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A random name, so that two processes writing the same file never share a temporary one. The file is not
    # created here: a file made by `tempfile` would keep its owner-only permissions after the renaming.
    part = path.with_name(f".{path.stem}.{uuid.uuid4().hex[:12]}{path.suffix}")
    try:
        yield part
        if not part.exists():
            raise FileNotFoundError(f"{path}: nothing was written")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_json(path: str | Path, value: Any) -> None:
    """Write `value` as indented JSON, whole or not at all.

    Args:
        path: the file to write.
        value: anything `json` can write; not-a-number and infinity are refused because JSON has none.

    Raises:
        ValueError: the value holds something that JSON cannot hold; names the file.
    """
    try:
        text = json.dumps(value, indent=2, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: cannot be written as JSON: {error}") from error
    with atomic(path) as part:
        part.write_text(text + "\n", encoding="utf-8")


def read_json(path: str | Path, expect: type | None = None) -> Any:
    """Read a JSON file.

    Args:
        path: the file to read.
        expect: `dict` or `list` if the file must hold one.

    Returns:
        The value in the file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not JSON, or holds another kind of value; names the file and the place.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: not valid JSON at line {error.lineno}: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not valid JSON: not a text file") from error
    if expect is not None and not isinstance(value, expect):
        raise ValueError(f"{path}: holds a {type(value).__name__} where a {expect.__name__} is expected")
    return value


def as_folder(path: str | Path) -> Path:
    """Give `path` as a Path, or raise FileNotFoundError or NotADirectoryError with a sentence that names it."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such folder")
    if not path.is_dir():
        raise NotADirectoryError(f"{path}: a file where a folder is expected")
    return path
