"""What is made sure of before a file or folder is read, and lists of any size read line by line."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path


def require_file(path: str | Path) -> str | Path:
    """Give the path back as it is, or say why there is no file to read.

    Args:
        path: of a file.

    Raises:
        FileNotFoundError: nothing is there, or a link that leads nowhere.
        IsADirectoryError: it is a folder.
        OSError: it is a pipe or a device, which might never end, or it cannot be reached.
        ValueError: the name cannot be one of a file.
    """
    try:
        mode = os.stat(path).st_mode  # a Path made for each picture would take longer than this
    except FileNotFoundError:
        what = "a link to something that is not there" if os.path.islink(path) else "no such file"
        raise FileNotFoundError(f"{path}: {what}") from None
    except OSError as error:  # links in a circle, a name that is too long, a folder that may not be entered
        raise OSError(f"{path}: cannot be reached ({error.strerror})") from None
    except ValueError as error:
        raise ValueError(f"{str(path)!r}: not the name of a file ({error})") from None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(f"{path}: a folder where a file is expected")
    if not stat.S_ISREG(mode):
        raise OSError(f"{path}: a pipe or a device where a file is expected")
    return path


def as_folder(path: str | Path) -> Path:
    """Give `path` as a Path, or say why there is no folder to read.

    Args:
        path: of a folder.

    Raises:
        FileNotFoundError: nothing is there.
        NotADirectoryError: it is a file.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such folder")
    if not path.is_dir():
        raise NotADirectoryError(f"{path}: a file where a folder is expected")
    return path


def text_lines(path: str | Path, *, longest: int = 1 << 16) -> Iterator[tuple[int, str, str | None]]:
    """Read a list line by line in constant memory, whatever the file holds.

    Args:
        path: the file, UTF-8, with or without a byte order mark, lines ending in LF or CRLF.
        longest: bytes that a line may have.

    Yields:
        (number of the line from 1, the line without its end, None), or in place of None what is wrong with the line,
        which then is empty: too long, not UTF-8, or holding control characters.

    Raises:
        OSError: there is no such file (`require_file`).
        ValueError: the file is UTF-16.
    """
    with open(require_file(path), "rb") as file:
        number = 0
        while line := file.readline(longest):
            number += 1
            whole = line.endswith(b"\n") or len(line) < longest
            while line and not whole:
                rest = file.readline(longest)
                whole = rest.endswith(b"\n") or len(rest) < longest
                line = b"\n" * (longest + 1)  # marks a line too long, of which nothing is kept
            if number == 1 and line[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise ValueError(f"{path}: UTF-16 text; save it as UTF-8")
            if len(line) > longest:
                yield number, "", f"a line of more than {longest} bytes"
                continue
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8").removesuffix("\n").removesuffix("\r")
            except UnicodeDecodeError as error:
                yield number, "", f"byte {error.start + 1} is not UTF-8 text; save the file as UTF-8"
                continue
            control = next((character for character in text if character < " " and character != "\t"), None)
            if control is None:
                yield number, text, None
            else:
                yield number, "", f"holds the control character {control!r}"
