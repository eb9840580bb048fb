"""Files and folders are looked at before they are read, and a list of any size is read line by line."""

import os

import pytest

from warpgan.reading import as_folder, require_file, text_lines


def test_what_can_be_read_comes_back(tmp_path):
    file = tmp_path / "list.txt"
    file.touch()
    assert require_file(file) is file and require_file(str(file)) == str(file)
    assert as_folder(str(tmp_path)) == tmp_path


def test_what_cannot_be_read_is_told_with_its_name(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    (tmp_path / "round").symlink_to(tmp_path / "round")
    os.mkfifo(tmp_path / "pipe")
    cases = [
        (require_file, "missing", FileNotFoundError, "no such file"), (require_file, "", IsADirectoryError, "a folder"),
        (require_file, "lost", FileNotFoundError, "a link to something that is not there"),
        (require_file, "round", OSError, "cannot be reached"), (require_file, "pipe", OSError, "a pipe or a device"),
        (as_folder, "missing", FileNotFoundError, "no such folder"), (as_folder, "file", NotADirectoryError, "a file"),
    ]
    for read, name, kind, sentence in cases:
        with pytest.raises(kind, match=sentence) as error:
            read(tmp_path / name)
        assert str(error.value).startswith(str(tmp_path / name))
    with pytest.raises(ValueError, match="not the name of a file"):
        require_file("a\0b")


def test_lines_come_with_their_numbers_and_faults(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\n\ntw\to\n\xff\n" + b"x" * 40 + b"\na\x07\nlast")
    assert list(text_lines(path, longest=20)) == [
        (1, "one", None),
        (2, "", None),
        (3, "tw\to", None),
        (4, "", "byte 1 is not UTF-8 text; save the file as UTF-8"),
        (5, "", "a line of more than 20 bytes"),
        (6, "", "holds the control character '\\x07'"),
        (7, "last", None),
    ]
    path.write_text("one", encoding="utf-16")
    with pytest.raises(ValueError, match="UTF-16 text; save it as UTF-8"):
        list(text_lines(path))
