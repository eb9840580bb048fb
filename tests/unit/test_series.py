"""The series says what is run, in which order and with which parameters, and stops at the first fault."""

import json

import pytest

from warpgan import series

TWO = """
[[notebook]]
name = "00_first"
seconds = 5
[notebook.run]
steps = 3
[notebook.test]
steps = 1

[[notebook]]
name = "01_second"
needs = ["00_first"]
[notebook.run]
weights = "{runs}/00_first/gan"
"""
FIRST = 'from pathlib import Path\nPath(out, "metrics.json").write_text(f"{{}}")'
SECOND = (
    "from pathlib import Path\n"
    'Path(out, "table.csv").write_text(f"method,error\\nours,{len(weights)}\\n")\n'
    'Path(out, "samples").mkdir()\n'
    'Path(out, "samples", "a.png").write_bytes(b"")'
)


@pytest.fixture
def folder(write_notebook, monkeypatch):
    write_notebook("00_first", ("parameters", 'out = ""\nsteps = 10'), ("", FIRST))
    path = write_notebook("01_second", ("parameters", 'out = ""\nweights = ""'), ("", SECOND))
    (path.parent / "series.toml").write_text(TWO)
    return path.parent


def test_entries_come_in_the_order_of_the_file(folder):
    first, second = series.read_series(folder / "series.toml")
    assert (first.name, first.seconds, first.needs) == ("00_first", 5, ())
    assert (first.run, first.test) == ({"steps": 3}, {"steps": 1})
    assert (second.needs, second.test) == (("00_first",), {})


def test_a_later_notebook_finds_the_runs_of_an_earlier_one(folder, tmp_path):
    _, second = series.read_series(folder / "series.toml")
    done = series.run_entry(second, tmp_path / "all", folder=folder)
    config = json.loads((done / "config.json").read_text())
    assert config["parameters"] == {"weights": f"{tmp_path}/all/00_first/gan"}


@pytest.mark.parametrize(
    'text, says',
    [
        ("[[notebook", "not valid TOML"),
        ('[[notebook]]\nname = "00"\ntests = 1', "00: unknown field 'tests'"),
        ('[[notebook]]\nname = "00"\nseconds = "5"', "00: seconds is '5' where a whole number is expected"),
        (
            '[[notebook]]\nname = "00"\n[[notebook]]\nname = "00"',
            "00: every notebook needs a name of its own",
        ),
        ("[[notebook]]\nseconds = 1", "notebook 1: every notebook needs a name"),
    ],
)
def test_faults_of_the_file_are_named(tmp_path, text, says):
    (tmp_path / "series.toml").write_text(text)
    with pytest.raises(ValueError) as caught:
        series.read_series(tmp_path / "series.toml")
    assert "series.toml" in str(caught.value) and says in str(caught.value)


def test_outside_the_repository_the_missing_file_is_explained(tmp_path):
    with pytest.raises(FileNotFoundError, match="the notebooks are in the repository alone"):
        series.read_series(tmp_path / "series.toml")


def run_main(folder, monkeypatch, *arguments):
    entries = series.read_series(folder / "series.toml")
    run_entry = series.run_entry
    monkeypatch.setattr(series, "read_series", lambda: entries)
    monkeypatch.setattr(series, "run_entry", lambda *a, **k: run_entry(*a, **k, folder=folder))
    return series.main(list(arguments))


def test_the_command_ends_with_the_table_and_the_pictures(folder, tmp_path, monkeypatch, capsys):
    out = tmp_path / "all"
    assert run_main(folder, monkeypatch, "run", "--out", str(out)) == 0
    printed = capsys.readouterr().out
    assert printed.index("[1/2] 00_first") < printed.index("[2/2] 01_second") < printed.index("method")
    assert "ours" in printed and str(out / "01_second" / "samples" / "a.png") in printed


def test_the_first_fault_ends_the_series_with_one_sentence(folder, tmp_path, monkeypatch, capsys):
    text = (folder / "series.toml").read_text().replace("steps = 3", "step = 3")
    (folder / "series.toml").write_text(text)
    assert run_main(folder, monkeypatch, "run", "--out", str(tmp_path / "all")) == 1
    captured = capsys.readouterr()
    assert "error: 00_first.ipynb: no parameter 'step'; did you mean steps?" in captured.err
    assert "01_second" not in captured.out
