"""Fetching published weights of other people's networks, only when the caller says so, and reading what was fetched.

Nothing of this is needed for the tutorial itself. A file is known by its address, its size and the checksum that its
publisher put into its name; a download that was cut goes on where it stopped, and nothing unchecked takes the file's
name. Notebook 02 fetches a keypoint detector this way.
"""

import http.client
import os
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from warpgan import files
from warpgan.known_files import KNOWN, MEBI, File

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["KNOWN", "File", "fetch", "folder_of_downloads", "load"]

_CHUNK = 1 << 20  # bytes that are received at a time


def folder_of_downloads() -> Path:
    """Where fetched files are kept: torchvision's own folder, so that what it has fetched is found."""
    import torch

    return Path(torch.hub.get_dir()) / "checkpoints"


def fetch(
    name: str | File, *, download: bool = False, folder: str | Path | None = None, progress: bool = True
) -> Path:
    """Give the path of a known file, whole and checked; download it only if told to.

    Args:
        name: a name of `KNOWN`, or a `File`.
        download: whether it may be downloaded. False never opens a connection.
        folder: where the file is kept; by default `folder_of_downloads()`.
        progress: whether a bar shows how far the download is.

    Returns:
        The path. Its size and checksum are those of the table.

    Raises:
        KeyError: an unknown name; lists the known ones.
        FileNotFoundError: the file is not there and may not be downloaded; says its address, its size and where to
            put it.
        ConnectionError: it could not be reached, or the connection was cut; what has arrived is kept, and the next
            call goes on from there.
        ValueError: a file there, or what has arrived, has another size or checksum.
    """
    if isinstance(name, str) and name not in KNOWN:
        raise KeyError(f"{name!r} is no known file; known are {', '.join(KNOWN)}")
    file = KNOWN[name] if isinstance(name, str) else name
    path = Path(folder_of_downloads() if folder is None else folder) / file.filename
    if path.exists():
        if fault := _fault(file, path):
            raise ValueError(f"{path}: {fault}; delete it and fetch it again")
        return path
    if not download:
        raise FileNotFoundError(
            f"{path}: not there, and nothing is downloaded unasked; pass download=True, or fetch {file.url} "
            f"({file.what}, {file.mebibytes:.0f} MiB, sha256 {file.sha256}...) yourself and put it there"
        )
    part = path.with_name(f".{file.filename}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _alone(part) as out:
            if not path.exists():  # another process may have finished it meanwhile
                _receive(file, out, path, progress)
                if fault := _fault(file, part):
                    out.truncate(0)  # going on from wrong bytes would never end well
                    raise ValueError(f"{file.url}: what has arrived is not the published file: {fault}")
        if not path.exists():
            os.replace(part, path)
    finally:
        if part.exists() and not part.stat().st_size:
            part.unlink(missing_ok=True)
    return path


def load(name: str, prefix: str = "") -> "dict[str, Tensor]":
    """Read the weights in a known file that was fetched before; nothing is downloaded.

    Args:
        name: a name of `KNOWN`.
        prefix: of the tensors that are wanted, which are given without it.

    Returns:
        Name -> tensor, on the CPU.

    Raises:
        FileNotFoundError: the file has not been fetched; says how to.
        ValueError: a file there has another size or checksum.
    """
    import torch

    try:
        path = fetch(name)
    except FileNotFoundError as error:
        command = f"python -c \"from warpgan.downloads import fetch; fetch('{name}', download=True)\""
        raise FileNotFoundError(f"{error}; with a network: {command}") from None
    weights = torch.load(path, map_location="cpu", weights_only=True)
    return {key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)}


def _fault(file: File, path: Path) -> str:
    # What is wrong with a complete file, in words; empty if nothing is.
    if not path.is_file():
        return "not a file"
    size = path.stat().st_size
    if not file.fits(size):
        return f"it has {size} bytes ({size / MEBI:.3f} MiB) where {file.mebibytes} MiB are published"
    found = files.sha256(path)
    if not found.startswith(file.sha256):
        return f"its sha256 begins with {found[: len(file.sha256)]} where {file.sha256} is published"
    return ""


@contextmanager
def _alone(part: Path):
    # The unfinished file, open for appending, for one process at a time: two would mix their bytes. The lock goes
    # with the process, so that a killed one leaves none behind.
    busy = False
    with part.open("ab") as out:
        # Where a system or a file system knows no locks, a mixture is found by its sum.
        with suppress(ImportError, OSError):
            import fcntl

            try:
                fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                busy = True
        if busy:
            raise ConnectionError(f"{part}: another process is downloading this file; wait for it")
        yield out


def _receive(file: File, out: BinaryIO, path: Path, progress: bool) -> None:
    # Append what is missing to the unfinished file.
    from tqdm.auto import tqdm

    got = out.tell()
    if got and file.fits(got):
        return
    request = urllib.request.Request(file.url, headers={"User-Agent": "warpgan"})
    if got:
        request.add_header("Range", f"bytes={got}-")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            got = _place(answer, got, out)
            length = answer.headers.get("Content-Length")
            total = got + int(length) if length and length.isdigit() else None
            if total is not None and not file.fits(total):
                raise ValueError(
                    f"{file.url}: the server announces {total} bytes where {file.mebibytes} MiB are published; "
                    "nothing was taken"
                )
            with tqdm(total=total, initial=got, unit="B", unit_scale=True, disable=not progress,
                      desc=file.filename) as bar:
                while chunk := answer.read(_CHUNK):
                    got += len(chunk)
                    if got / MEBI > file.mebibytes + 0.001:
                        out.truncate(0)
                        raise ValueError(f"{file.url}: more than the published {file.mebibytes} MiB; nothing is kept")
                    out.write(chunk)
                    bar.update(len(chunk))
    except (OSError, http.client.HTTPException) as error:
        if getattr(error, "code", None) == 416:  # there is nothing after what we have: it is of another file
            out.truncate(0)
        out.flush()
        reason = getattr(error, "reason", None) or error
        raise ConnectionError(_unfinished(file, got, path, reason)) from None
    out.flush()
    if not file.fits(got):
        raise ConnectionError(_unfinished(file, got, path, "the connection was cut"))


def _place(answer, got: int, out: BinaryIO) -> int:
    # From which byte on the server sends: it may not know how to go on, and then sends everything.
    begins = answer.headers.get("Content-Range", "").removeprefix("bytes ").split("-")[0]
    if got and getattr(answer, "status", None) == 206 and begins == str(got):
        return got
    if getattr(answer, "status", None) == 206:
        raise ConnectionError(f"the server sends bytes from {begins or 'an unknown place'} on, not from {got}")
    out.truncate(0)
    return 0


def _unfinished(file: File, got: int, path: Path, reason) -> str:
    return (
        f"{file.url}: {got} bytes of {file.mebibytes} MiB have arrived ({reason}); call again to go on from there, "
        f"or fetch it on another machine and put it at {path}"
    )
