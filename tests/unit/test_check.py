"""`data.check` recognises each layout, finds each planted fault with file and row, and raises for no data."""

import os
import runpy
import subprocess
import sys
import time
import tracemalloc

import folders
import pytest
from folders import HALF, HALF_X, LAYOUTS, MARKET, NOBODY, RENAMED, X, Y, annotation, labels, lines, openpose, picture

from warpgan.data import check


def found(report, level=None):
    """(kind, file, row) of the problems, without counts that differ because the folders are tiny."""
    return {(p.kind, p.file, p.row) for p in report.problems
            if p.kind != "another number than published" and level in (None, p.level)}


def number(report, what):
    return next(count.found for count in report.counts if count.what.endswith(what))


# What makes it what it is: a whole folder of each layout is recognised and has no error, a planted fault is found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_is_recognised_and_a_whole_one_has_no_error(tmp_path, layout):
    LAYOUTS[layout](tmp_path)
    report = check(tmp_path)
    assert report.layout == layout
    assert report.ok and {p.level for p in report.problems} <= {"warning", "note"}, str(report)
    notes = {("a distractor", f"market-annotation-{split}.csv", 4) for split in ("train", "test")}
    assert found(report) - notes == set()


def test_the_real_lists_give_the_numbers_of_the_published_rule(realdata):
    report = check(realdata / "posegan_csv")
    counts = {count.what: count.found for count in report.counts}
    for file, rows, pairs, usable in (("fasion", 454, 480, 434), ("market", 468, 1040, 441)):
        name = f"{file}-annotation-test-small.csv: "
        assert counts[name + "pictures annotated"] == rows
        assert counts[name + "ordered pairs by the rule"] == pairs
        assert counts[name + "pictures for pairs"] == usable
        assert counts[name + "rows without a person"] == 20
    assert report.totals["note", "no person"] == 40 and report.totals["note", "part of a person"] == 1
    assert report.ok and not any("pair" in kind for _, kind in report.totals)


@pytest.mark.parametrize("name, layout", [
    ("market1501", "market1501-lists"), ("cihp", "cihp"), ("viton", "photos"), ("openpose_json", "photos"),
    ("coco", "photos"), ("patn", "photos"),
])
def test_real_samples_have_no_error(realdata, name, layout):
    report = check(realdata / name)
    assert report.layout == layout and report.ok, str(report)


def test_faults_of_lists_are_told_with_file_and_row(tmp_path):
    folders.patn_market(tmp_path)
    names = [f"{name}.jpg" for name in MARKET]
    annotation(tmp_path / "market-annotation-test.csv", (names[0], Y, X), (names[1], HALF, HALF_X), (names[0], Y, X),
               ("0012_c1s1_000001_00.jpg", Y, X), (names[2], NOBODY, NOBODY), ("0013_c1s1_000001_00.jpg", Y[:9], X))
    lines(tmp_path / "market-pairs-test.csv", "from,to", f"{names[0]},{names[1]}", f"{names[0]},{names[1]}",
          f"{names[0]},gone.jpg", f"{names[0]}", f"{names[0]},{names[0]}")
    lines(tmp_path / "test.lst", *names, names[0], "gone.jpg")
    report = check(tmp_path)
    rows, pairs = "market-annotation-test.csv", "market-pairs-test.csv"
    assert found(report, "error") == {
        ("annotated a second time", rows, 4), ("no such picture", rows, 5), ("a row of another form", rows, 7),
        ("a pair listed twice", pairs, 3), ("a pair without annotation", pairs, 4),
        ("a row of another form", pairs, 5), ("a row of another form", pairs, 6), ("no such picture", "test.lst", 5),
    }
    assert {("a pair that the rule leaves out", pairs, 2), ("two people in a pair", pairs, 4),
            ("named twice", "test.lst", 4)} <= found(report, "warning")
    assert {("part of a person", rows, 3), ("no person", rows, 6)} <= found(report, "note")
    wrong = next(p for p in report.problems if p.row == 7)
    assert wrong.found == "(0013_c1s1_000001_00.jpg): keypoints_y has 9 numbers where 18 are expected"
    assert wrong.advice and wrong.expected and not report.ok


def test_pictures_and_parsings_are_compared(tmp_path):
    folders.renamed(tmp_path)
    first, second = (tmp_path / "test" / f"{name}.jpg" for name in RENAMED[:2])
    maps = tmp_path / "test_parsing"
    first.write_bytes(b"<html>404</html>")
    second.unlink()
    labels(maps / f"{RENAMED[2]}.png", (256, 256))
    (maps / f"{RENAMED[0]}.png").unlink()
    labels(maps / "other.png", (256, 176), value=200)
    kinds = found(check(tmp_path))
    assert kinds == {
        ("no picture inside", f"test/{first.name}", None), ("no such picture", "fasion-resize-annotation-test.csv", 3),
        ("no such picture", "test.lst", 2), ("a parsing of another size", f"test_parsing/{RENAMED[2]}.png", None),
        ("a parsing without a picture", f"test_parsing/{RENAMED[1]}.png", None),
        ("a parsing without a picture", "test_parsing/other.png", None),
        ("no parsing of 20 labels", "test_parsing/other.png", None),
        ("a picture without a parsing", f"test/{first.name}", None),
    }


def test_a_list_for_another_frame_and_exchanged_columns_are_seen(tmp_path):
    folders.renamed(tmp_path)
    path = tmp_path / "fasion-resize-annotation-test.csv"
    wide = [x + 150 if x >= 0 else -1 for x in X]
    annotation(path, *((f"{name}.jpg", Y, wide) for name in RENAMED))
    assert ("another frame", path.name, None) in found(check(tmp_path), "error")
    annotation(path, *((f"{name}.jpg", X, Y) for name in RENAMED))
    assert ("y and x exchanged", path.name, None) in found(check(tmp_path), "error")
    for name in RENAMED:
        picture(tmp_path / "test" / f"{name}.jpg", (256, 256))
    annotation(path, *((f"{i}.jpg", Y, X) for i in range(120)))
    assert ("another frame", path.name, None) in found(check(tmp_path), "warning")


def test_photos_and_keypoints_are_compared(tmp_path):
    folders.photos(tmp_path)
    picture(tmp_path / "you.jpg")
    openpose(tmp_path / "group_keypoints.json", people=3, key="pose_keypoints")
    (tmp_path / "bad_keypoints.json").write_text('{"people": [{"pose_keypoints": [1, 2]}]}')
    assert found(check(tmp_path)) == {
        ("a photo without keypoints", "you.jpg", None), ("several people", "group_keypoints.json", None),
        ("keypoints without a photo", "group_keypoints.json", None), ("no OpenPose result", "bad_keypoints.json", None),
    }


def test_links_in_a_circle_and_links_to_nothing_end(tmp_path):
    folders.renamed(tmp_path)
    os.symlink(tmp_path / "test", tmp_path / "test" / "again")
    os.symlink(tmp_path / "gone.jpg", tmp_path / "test" / "dangling.jpg")
    os.symlink("circle.jpg", tmp_path / "test" / "circle.jpg")
    os.mkfifo(tmp_path / "test" / "pipe.jpg")
    kinds = found(check(tmp_path))
    assert {(kind, file) for kind, file, _ in kinds} == {
        ("a folder found twice", "test/again"), ("cannot be read", "test/dangling.jpg"),
        ("cannot be read", "test/circle.jpg"), ("cannot be read", "test/pipe.jpg"),
    }


@pytest.mark.parametrize("entry", ["market-annotation-test.csv", "market-pairs-test.csv", "test.lst"])
def test_a_folder_in_place_of_a_list_is_a_problem(tmp_path, entry):
    folders.patn_market(tmp_path)
    (tmp_path / entry).unlink()
    (tmp_path / entry).mkdir()
    assert ("cannot be read", entry, None) in found(check(tmp_path), "error")


def test_no_folder_raises_and_an_unknown_one_does_not(tmp_path):
    with pytest.raises(FileNotFoundError, match="gone: no such folder"):
        check(tmp_path / "gone")
    report = check(tmp_path)
    assert report.layout == "unknown" and not report.ok
    assert report.problems[0].found == "an empty folder" and "Market-1501" in report.problems[0].expected


# How it is shown


def test_it_prints_a_table_and_shows_itself_in_a_notebook(tmp_path):
    folders.photos(tmp_path)
    picture(tmp_path / "<b>\n.jpg")
    report = check(tmp_path)
    text, html = str(report), report._repr_html_()
    assert "photos with OpenPose keypoints" in text and "a photo without keypoints: <b>\\n.jpg" in text
    assert "0 errors, 1 warning, 0 notes" in text and all(len(line) < 250 for line in text.splitlines())
    assert "&lt;b&gt;\\n.jpg" in html and "<b>\n" not in html and html.count("<table>") == 2 == html.count("</table>")
    assert repr(report).startswith("Report(layout='photos'")
    assert set(report.decoded) == {"me.jpg", "<b>\n.jpg"}


def test_many_problems_of_a_kind_are_counted_and_a_few_kept(tmp_path):
    annotation(tmp_path / "market-annotation-test.csv", *((f"{i:04}_c1.jpg", NOBODY, NOBODY) for i in range(300)))
    report = check(tmp_path, limit=5)
    assert report.totals["note", "no person"] == 300 == report.number("note")
    assert len([p for p in report.problems if p.kind == "no person"]) == 5
    assert "note: no person: 300 in all; check(root, limit=...) has more" in str(report)


@pytest.mark.parametrize("fault, status", [(False, 0), (True, 1)])
def test_the_command_line_says_it_with_its_exit_status(tmp_path, capsys, monkeypatch, fault, status):
    folders.patn_market(tmp_path)
    if fault:
        (tmp_path / "market-pairs-test.csv").write_text("from;to\n")
    monkeypatch.setattr(sys, "argv", ["check", str(tmp_path), "--limit", "3"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("warpgan.data.check", run_name="__main__")
    assert end.value.code == status and "Market-1501" in capsys.readouterr().out


def test_the_command_line_warns_of_nothing_and_knows_missing_folders(tmp_path):
    ended = subprocess.run([sys.executable, "-m", "warpgan.data.check", str(tmp_path / "gone")], capture_output=True,
                           text=True, check=False)
    assert ended.returncode == 1 and ended.stderr == f"error: {tmp_path / 'gone'}: no such folder\n"


# Large lists


def test_45000_rows_take_seconds_and_no_more_memory_than_4500(tmp_path):
    peaks = []
    for rows in (4_500, 45_000):
        folder = tmp_path / str(rows)
        folder.mkdir()
        names = [f"{i // 20:04}_c1s1_{i:06}_00.jpg" for i in range(rows)]
        annotation(folder / "market-annotation-test.csv", *((name, Y, X) for name in names))
        lines(folder / "market-pairs-test.csv", "from,to", *(f"{a},{b}" for a, b in zip(names[::2], names[1::2])))
        start = time.perf_counter()
        assert number(check(folder), "pictures annotated") == rows
        assert time.perf_counter() - start < 20
        tracemalloc.start()
        check(folder)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 1_000_000 and peaks[1] < 30_000_000, peaks
