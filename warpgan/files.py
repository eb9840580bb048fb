"""Files written whole or not at all, folders kept by one process, and JSON whose faults are told in a sentence.

A file appears under its name only when it is complete: it is written beside its place and then renamed,
so a run that is killed leaves nothing half-written for the next one to read.
"""

import hashlib
import json
import os
import re
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from warpgan.reading import require_file


@contextmanager
def atomic(path: str | Path, *, durable: bool = False) -> Iterator[Path]:
    """Give a temporary path beside `path` that takes its place on success and is removed on an error.

    Args:
        path: the file to write; missing parent folders are made. The temporary name keeps its suffix.
        durable: wait until the disk has it, so that a machine that loses power has the old file or the new one.

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
        if durable:
            _to_disk(part)
        os.replace(part, path)
        if durable:
            _to_disk(path.parent)
    finally:
        part.unlink(missing_ok=True)


def sweep(folder: str | Path) -> None:
    """Remove what `atomic` could not, because its process was killed; only where no other process writes."""
    for path in Path(folder).glob(".*"):
        if re.search(r"\.[0-9a-f]{12}(\.\w+)?$", path.name):
            path.unlink(missing_ok=True)


@contextmanager
def locked(folder: str | Path, purpose: str) -> Iterator[None]:
    """Keep a folder for this process until the block ends; a killed process leaves nothing locked.

    Args:
        folder: made if it does not exist.
        purpose: what is going on in it, for the other process' error.

    Raises:
        BlockingIOError: another process keeps it.
        OSError: it cannot be made or written; names the folder.
    """
    path = Path(folder) / ".lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("a+")
    except OSError as error:
        why = f"{folder}: cannot be written ({error.strerror}); choose another folder"
        raise type(error)(error.errno, why) from None
    with handle:
        # A lock of the process, not of the handle: a notebook's cell that was interrupted can be run again.
        with suppress(ImportError):
            import fcntl

            try:
                fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                handle.seek(0)
                raise BlockingIOError(
                    f"{folder}: {handle.read().strip() or 'another process'} is {purpose} here; wait for it to end, "
                    "or choose another folder"
                ) from None
            except OSError:  # a file system without locks
                pass
        handle.truncate(0)
        handle.write(f"process {os.getpid()} on {socket.gethostname()}")
        handle.flush()
        yield


def sha256(path: str | Path) -> str:
    """The SHA-256 of a file as hexadecimal digits, read piece by piece."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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
    """Read a JSON file, UTF-8, as `parse_json` does.

    Raises:
        OSError: there is no such file (`require_file`).
        ValueError: it is not JSON, or holds another kind of value; names the file and the place.
    """
    path = Path(require_file(path))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not valid JSON: not a text file") from error
    return parse_json(text, path, expect)


def parse_json(text: str, name: str | Path, expect: type | None = None) -> Any:
    """Give the value that a JSON text holds.

    Args:
        text: the JSON.
        name: what to call it in a message.
        expect: `dict` or `list` if it must hold one.

    Raises:
        ValueError: it is not JSON, gives a field twice, holds not-a-number (which JSON has not) or another kind of
            value.
    """
    try:
        value = json.loads(text, parse_constant=_refuse, object_pairs_hook=_fields)
    except json.JSONDecodeError as error:
        raise ValueError(f"{name}: not valid JSON at line {error.lineno}: {error.msg}") from error
    except RecursionError:
        raise ValueError(f"{name}: not valid JSON: brackets within brackets without end") from None
    except ValueError as error:  # of the two functions below, and of numbers with thousands of digits
        raise ValueError(f"{name}: not valid JSON: {error}") from None
    if expect is not None and not isinstance(value, expect):
        raise ValueError(f"{name}: holds a {type(value).__name__} where a {expect.__name__} is expected")
    return value


def _refuse(constant: str):
    raise ValueError(f"{constant}, which is no number of JSON")


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"field {twice[:80]!r} is given twice")
    return fields
