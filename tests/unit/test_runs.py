"""A run is a folder that tells what was run and how it ended; a failing notebook is never a quiet one."""

import json
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import nbformat
import pytest

from warpgan import runs

PARAMETERS = 'out = ""\nsteps = 10\nrate = 0.5\n'
BODY = """
import json, os, sys
from pathlib import Path
if steps == 13:
    raise RuntimeError("thirteen is not a number of steps")
metrics = {"doubled": 2 * steps, "rate_is": type(rate).__name__}
metrics |= {"where": os.getcwd(), "python": sys.executable}
Path(out, "metrics.json").write_text(json.dumps(metrics))
"""


@pytest.fixture
def notebook(write_notebook):
    return write_notebook("dummy", ("text", "# Dummy"), ("parameters", PARAMETERS), ("", BODY))


def test_a_run_leaves_what_was_asked_and_what_came_out(notebook, tmp_path, monkeypatch):
    # A kernel registered under the name python3 must not be taken for this interpreter's.
    spec = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": ["/bin/false"], "display_name": "wrong", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    here = Path.cwd()
    folder = runs.run(notebook, {"steps": 3, "rate": 1}, tmp_path / "runs" / "one")
    assert folder == tmp_path / "runs" / "one" and Path.cwd() == here
    config = json.loads((folder / "config.json").read_text())
    assert config["notebook"] == "dummy" and config["state"] == "done" and config["seconds"] > 0
    assert config["parameters"] == {"steps": 3, "rate": 1.0}
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["doubled"] == 6 and metrics["rate_is"] == "float"
    assert metrics["where"] == str(notebook.parent)  # the notebook's own folder, as when one opens it

    assert metrics["python"] == sys.executable
    executed = nbformat.read(folder / "dummy.ipynb", as_version=4)
    assert all(cell.execution_count for cell in executed.cells if cell.cell_type == "code")
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "dummy.ipynb", "metrics.json"]


def test_a_failing_notebook_raises_and_is_left_marked(notebook, tmp_path):
    with pytest.raises(runs.RunError) as caught:
        runs.run(notebook, {"steps": 13}, tmp_path / "run")
    message = str(caught.value)
    assert "dummy.ipynb" in message and "RuntimeError: thirteen is not a number of steps" in message
    assert json.loads((tmp_path / "run" / "config.json").read_text())["state"] == "failed"
    text = (tmp_path / "run" / "dummy.ipynb").read_text()
    assert "papermill-error-cell" in text and "thirteen" in text
    assert not (tmp_path / "run" / "metrics.json").exists()


def test_a_cell_that_takes_too_long_is_stopped_and_told(write_notebook, tmp_path):
    slow = write_notebook("slow", ("parameters", PARAMETERS), ("", "import time\ntime.sleep(60)"))
    with pytest.raises(runs.RunError, match="slow.ipynb: CellTimeoutError"):
        runs.run(slow, {}, tmp_path / "run", timeout=2)
    executed = nbformat.read(tmp_path / "run" / "slow.ipynb", as_version=4)
    assert "This run stopped" in executed.cells[0].source
    assert json.loads((tmp_path / "run" / "config.json").read_text())["state"] == "failed"


def test_nothing_is_written_for_a_wrong_parameter(notebook, tmp_path):
    with pytest.raises(ValueError, match="no parameter 'stepz'; did you mean steps"):
        runs.run(notebook, {"stepz": 3}, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_keeps_one_run(notebook, write_notebook, tmp_path):
    runs.run(notebook, {"steps": 3}, tmp_path / "run")
    runs.run(notebook, {"steps": 3}, tmp_path / "run")  # the same again: goes on or repeats
    with pytest.raises(ValueError, match="config.json: holds another run, with steps = 3 where 4 is asked"):
        runs.run(notebook, {"steps": 4}, tmp_path / "run")
    other = write_notebook("other", ("parameters", PARAMETERS))
    with pytest.raises(ValueError, match="holds another run, of dummy"):
        runs.run(other, {"steps": 3}, tmp_path / "run")


def test_a_notebook_must_say_where_it_writes(write_notebook, tmp_path):
    mute = write_notebook("mute", ("parameters", "steps = 1"))
    with pytest.raises(ValueError, match="mute.ipynb: has no parameter 'out'"):
        runs.run(mute, {}, tmp_path / "run")


@pytest.mark.parametrize("kind", ["none", "threads", "processes"])
def test_a_grid_is_the_product_of_its_axes_whoever_works(notebook, tmp_path, kind):
    axes = {"steps": [1, 2], "rate": [0.5]} if kind != "none" else {"steps": [1, 2]}
    executor = {
        "none": lambda: None,
        "threads": lambda: ThreadPoolExecutor(2),
        "processes": lambda: ProcessPoolExecutor(2, mp_context=get_context("spawn")),
    }[kind]()
    folders = runs.grid(notebook, axes, tmp_path / "grid", executor)
    if executor:
        executor.shutdown()
    assert [json.loads((f / "metrics.json").read_text())["doubled"] for f in folders] == [2, 4]
    table = runs.table(tmp_path / "grid")
    assert list(table["steps"]) == [1, 2] and list(table["doubled"]) == [2, 4]
    assert list(table.index) == [folder.name for folder in folders]


def test_a_grid_finishes_the_others_and_then_tells_who_failed(notebook, tmp_path):
    with pytest.raises(runs.RunError, match="1 of 2 runs failed") as caught:
        runs.grid(notebook, {"steps": [13, 4]}, tmp_path / "grid")
    assert "steps=13" in str(caught.value)
    table = runs.table(tmp_path / "grid")
    assert dict(table["state"]) == {"steps=13": "failed", "steps=4": "done"}


def test_a_grid_checks_every_combination_before_the_first_run(notebook, tmp_path):
    with pytest.raises(ValueError, match="'rate'"):
        runs.grid(notebook, {"steps": [1], "rate": [0.5, "high"]}, tmp_path / "grid")
    with pytest.raises(ValueError, match="twice"):
        runs.grid(notebook, {"rate": [1, 1.0]}, tmp_path / "grid")
    assert not (tmp_path / "grid").exists()


def test_the_table_leaves_out_trainings_inside_runs_and_names_broken_files(tmp_path):
    run = tmp_path / "a"
    (run / "gan").mkdir(parents=True)
    config = {"notebook": "x", "parameters": {"s": 1}, "state": "running"}
    (run / "config.json").write_text(json.dumps(config))
    (run / "gan" / "config.json").write_text(json.dumps({"width": 3}))
    table = runs.table(tmp_path)
    assert list(table.index) == ["a"] and table.loc["a", "state"] == "running"
    (run / "metrics.json").write_text('{"ssim": 0.')
    with pytest.raises(ValueError, match="metrics.json"):
        runs.table(tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        runs.table(tmp_path / "nowhere")


def test_a_run_can_be_started_from_a_notebook(notebook, write_notebook, tmp_path):
    inner = tmp_path / "inner"
    call = f"from warpgan import runs\nruns.run({str(notebook)!r}, {{'steps': 5}}, {str(inner)!r})"
    runs.run(write_notebook("outer", ("parameters", PARAMETERS), ("", call)), {}, tmp_path / "outer")
    assert json.loads((inner / "metrics.json").read_text())["doubled"] == 10
