"""Files appear whole or not at all."""

import hashlib
import os
import subprocess
import sys

import pytest

from warpgan import files
from warpgan.files import atomic, read_json, write_json


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), atomic(path) as part:
        part.write_text("half of the ne")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["log.csv"]


def test_a_finished_write_takes_the_place_of_the_old_file(tmp_path):
    path = tmp_path / "deep" / "state.safetensors"
    for text in ("first", "second"):
        with atomic(path) as part:
            assert part.parent == path.parent and part.suffix == ".safetensors" and part != path
            part.write_text(text)
            assert not path.exists() or path.read_text() != text
    assert path.read_text() == "second"
    assert list(path.parent.iterdir()) == [path]


def test_writing_nothing_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="empty.txt: nothing was written"), atomic(tmp_path / "empty.txt"):
        pass


def test_json_comes_back(tmp_path):
    value = {"steps": 3, "size": [128, 64], "name": "Grüße"}
    write_json(tmp_path / "config.json", value)
    assert read_json(tmp_path / "config.json", dict) == value


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b'{"steps": 3,\n "size": [128, ', r"not valid JSON at line 2"),
        (b"\x89PNG\xff\xfe", r"not valid JSON: not a text file"),
        (b"[1, 2]", r"holds a list where a dict is expected"),
    ],
)
def test_broken_json_is_one_sentence_naming_the_file(tmp_path, content, sentence):
    path = tmp_path / "config.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=sentence) as error:
        read_json(path, dict)
    assert str(error.value).startswith(str(path)) and "\n" not in str(error.value)


def test_missing_json_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="metrics.json: no such file"):
        read_json(tmp_path / "metrics.json")


def test_json_refuses_what_json_cannot_hold(tmp_path):
    for value in ({"loss": float("nan")}, {"path": tmp_path}):
        with pytest.raises(ValueError, match="metrics.json: cannot be written as JSON"):
            write_json(tmp_path / "metrics.json", value)
    assert not list(tmp_path.iterdir())


def test_a_folder_is_for_one_process_at_a_time(tmp_path):
    code = (
        "import sys\nfrom warpgan import files\n"
        "try:\n    with files.locked(sys.argv[1], 'training'):\n        print('free')\n"
        "except BlockingIOError as error:\n    print(error)\n"
    )

    def other():
        line = [sys.executable, "-c", code, str(tmp_path)]
        return subprocess.run(line, capture_output=True, text=True, check=True).stdout

    with files.locked(tmp_path, "training"):
        assert f"{tmp_path}: process {os.getpid()} on" in other()
        with files.locked(tmp_path, "training"):  # the same process: a cell that was interrupted and runs again
            pass
    assert other() == "free\n"


def test_a_durable_file_is_whole_too(tmp_path):
    with files.atomic(tmp_path / "state.bin", durable=True) as part:
        part.write_bytes(b"x" * 1000)
    assert (tmp_path / "state.bin").stat().st_size == 1000
    assert files.sha256(tmp_path / "state.bin") == hashlib.sha256(b"x" * 1000).hexdigest()
