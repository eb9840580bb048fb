"""Damaged files: 2,000 of them are refused in one sentence with the file's name or read as the format has it.

The run is `tests/benchmarks/fuzz_readers.py`; WARPGAN_FUZZ sets another number of files. Below stand the finds of
earlier runs, each against a reader that once fell over it.
"""

import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import folders
import numpy as np
import pytest
from folders import HEADER, NOBODY, X, Y
from mutations import judge_annotation, judge_labels, judge_pairs, png_bytes, png_chunks

from warpgan.data.rows import name_rows, pair_rows
from warpgan.keypoint_files import read_annotation_csv, read_openpose_json
from warpgan.parsing import read_parsing

ROOT = Path(__file__).parents[2]


def test_damaged_files_are_refused_in_a_sentence_or_read_as_the_format_has_it():
    command = [sys.executable, str(ROOT / "tests/benchmarks/fuzz_readers.py"), "--files"]
    files = int(os.environ.get("WARPGAN_FUZZ", "2000"))
    ended = subprocess.run([*command, str(files)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    numbers = json.loads(ended.stdout.splitlines()[-1])
    assert numbers["refused"] > files / 2 and numbers["accepted"] > files / 20 and numbers["find"] == 0
    assert numbers["megabytes"] < 1000 and numbers["slowest"] < 2


def test_the_judges_know_whole_files_and_broken_ones(tmp_path):
    folders.patn_market(tmp_path)
    rows, pairs = (tmp_path / f"market-{kind}-test.csv" for kind in ("annotation", "pairs"))
    assert judge_annotation(rows.read_bytes())["0011_c6s4_002502_01.jpg"][1] == [33, 26, 1]
    assert judge_annotation(rows.read_bytes().replace(b"26", b"26.5", 1)) is None
    assert len(judge_pairs(pairs.read_bytes())) == 2 and judge_pairs(pairs.read_bytes() + b"a") is None
    labels = np.random.default_rng(0).integers(0, 20, (30, 50)).cumsum(1).astype(np.uint8)
    from PIL import Image

    Image.fromarray(labels).save(tmp_path / "filtered.png")
    assert np.array_equal(judge_labels((tmp_path / "filtered.png").read_bytes()), labels)


def refused(read, path, sentence):
    with pytest.raises((ValueError, OSError), match=sentence) as error:
        read(path)
    assert str(error.value).startswith(str(path)) and "\n" not in str(error.value) and len(str(error.value)) < 600


def row(y=Y, x=X, name="p.jpg"):
    return f"{HEADER}\n{name}: {y}: {x}\n".encode()


@pytest.mark.parametrize("data, sentence", [
    (b"", "an empty file where a first line name:keypoints_y:keypoints_x is expected"),
    (row().replace(b"p.jpg", "Gr\xf6\xdfe.jpg".encode("latin-1")), "row 2: byte 3 is not UTF-8 text"),
    (row().decode().encode("utf-16"), "UTF-16 text; save it as UTF-8"),
    (row().replace(b"\n", b"\r"), "the first line is .*control character"),
    (row().replace(b"\n", b"\r\r\n"), "the first line is .*control character"),
    (row([*Y[:17], 10**400]), "row 2 .p.jpg.: keypoints_y holds a joint more than 100000 pixels away"),
    (row("[" + "1" * 6000 + "]"), "row 2 .p.jpg.: keypoints_y is not a list of whole numbers"),
    (row("[" * 50_000), "row 2 .p.jpg.: keypoints_y is not a list of whole numbers"),
    (row() + b"a" * 300_000, "row 3: a line of more than 65536 bytes"),
    (row(name=""), "row 2: '' where the name of a picture is expected"),
    (row(name="../../p.jpg"), "row 2: '../../p.jpg' where the name of a picture is expected"),
    (row().replace(b"p.jpg", b"p\0.jpg"), "row 2: holds the control character"),
])
def test_annotation_lists_that_readers_fell_over(tmp_path, data, sentence):
    (tmp_path / "a.csv").write_bytes(data)
    refused(read_annotation_csv, tmp_path / "a.csv", sentence)


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + row(NOBODY, NOBODY).replace(b"\n", b"\r\n"))
    assert list(read_annotation_csv(tmp_path / "a.csv")) == ["p.jpg"]


def pose(value=0, key="pose_keypoints", number=54):
    return json.dumps({"people": [{key: [10.0, 20.0, 0.5] * (number // 3 - 1) + [value, 5, 1]}]})


@pytest.mark.parametrize("text, sentence", [
    ("", "not valid JSON"), ("[" * 100_000, "brackets within brackets without end"), ("{}", "no list of people"),
    (pose().replace('"people"', '"people": [], "people"'), "field 'people' is given twice"),
    (pose(float("nan")), "NaN, which is no number of JSON"), (pose("7"), "not a list of numbers"),
    (pose(True), "not a list of numbers"), (pose(None), "not a list of numbers"),
    (pose(10**400), "joint 17 has x 100000000, y 5"),
    (pose(8).replace(" 8, 5, 1", " 1e999, 5, 1"), "joint 17 has x inf, y 5"),
    (pose().replace(": [10.0", ": [" + "1" * 6000), "not valid JSON: Exceeds the limit"),
    ('{"people": [7]}', "person 0 is a int; fields like pose_keypoints_2d"),
    (json.dumps({"people": [{"pose_keypoints": [0.5, 0.5, 0.9] * 18}]}), "look divided by the picture's size"),
    (json.dumps({"people": [{"pose_keypoints": [9, 9, -1] * 18}]}), "joint 0 has x 9, y 9 and confidence -1"),
    (json.dumps({"people": [{"pose_keypoints": [9] * 54, "pose_keypoints_2d": [8] * 75}]}), "one of them is expected"),
])
def test_openpose_results_that_readers_fell_over(tmp_path, text, sentence):
    (tmp_path / "pose.json").write_text(text)
    refused(read_openpose_json, tmp_path / "pose.json", sentence)


@pytest.mark.parametrize("read, data, sentence", [
    (pair_rows, b"", "the first line is '' where from,to is"), (pair_rows, b"from;to\n", "the first line is"),
    (pair_rows, b"from,to\na.jpg\n", "row 2: found 'a.jpg'; expected two names"),
    (pair_rows, b"from,to\na.jpg,\n", "row 2: found 'a.jpg,'; expected two names"),
    (pair_rows, b"from,to\na.jpg,a.jpg\n", "row 2: a.jpg is paired with itself"),
    (pair_rows, b"from,to\na.jpg,\xe9.jpg\n", "row 2: byte 7 is not UTF-8"),
    (name_rows, b"/etc/passwd", "row 1: '/etc"),
])
def test_lists_that_are_refused(tmp_path, read, data, sentence):
    (tmp_path / "a.csv").write_bytes(data)
    refused(lambda path: list(read(path)), tmp_path / "a.csv", sentence)


PACKED = zlib.compress(bytes(30_000_000))


@pytest.mark.parametrize("name, extra, sentence", [
    ("a bomb of text", (b"zTXt", b"a\0\0" + PACKED), "the picture is damaged .Decompressed data too large"),
    ("a half animation", (b"fcTL", bytes(3)), "the picture is damaged"),
    ("a claim of many pixels", (b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)), "one header"),
])
def test_label_maps_that_readers_fell_over(tmp_path, name, extra, sentence):
    path = tmp_path / "map.png"
    folders.labels(path, (12, 9))
    header, *rest = png_chunks(path.read_bytes())
    path.write_bytes(png_bytes([header, extra, *rest]))
    refused(read_parsing, path, sentence)


def test_a_wrong_sum_behind_right_checksums_is_noticed(tmp_path):
    path = tmp_path / "map.png"
    folders.labels(path, (12, 9))
    chunks = [(name, body[:-1] + b"\x55" if name == b"IDAT" else body) for name, body in png_chunks(path.read_bytes())]
    path.write_bytes(png_bytes(chunks))
    refused(read_parsing, path, "the picture is damaged")


@pytest.mark.parametrize("what", ["folder", "pipe", "circle", "dangling", "gone"])
@pytest.mark.parametrize("read", [read_annotation_csv, read_openpose_json, read_parsing, lambda p: list(pair_rows(p))])
def test_what_is_no_file_is_refused_and_nothing_hangs(tmp_path, what, read):
    path = tmp_path / "file"
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what != "gone":
        path.symlink_to("file" if what == "circle" else "nothing")
    refused(read, path, "a folder where|a pipe or a device|cannot be reached|a link to something|no such file")
