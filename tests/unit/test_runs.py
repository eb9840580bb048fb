"""A run is a folder that tells what was run and how it ended; a failing notebook is never a quiet one."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise
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
    with pytest.raises(ValueError, match="axes: rate=1.0 stands twice"):
        runs.grid(notebook, {"rate": [1, 1.0]}, tmp_path / "grid")
    with pytest.raises(ValueError, match="axes: steps=1 stands twice"):
        runs.grid(notebook, [{"steps": [1, 2]}, {"steps": [1]}], tmp_path / "grid")
    assert not (tmp_path / "grid").exists()


def test_several_products_make_one_grid(notebook, tmp_path):
    folders = runs.grid(notebook, [{"steps": [1, 2]}, {"rate": [0.25], "steps": [3]}, {}], tmp_path)
    assert [folder.name for folder in folders] == ["steps=1", "steps=2", "rate=0.25,steps=3", "defaults"]
    assert list(runs.table(tmp_path).loc["rate=0.25,steps=3", ["steps", "rate"]]) == [3, 0.25]


def test_what_all_runs_share_names_no_folder(notebook, tmp_path):
    folders = runs.grid(notebook, {"steps": [1, 2]}, tmp_path, fixed={"rate": 0.25})
    assert [folder.name for folder in folders] == ["steps=1", "steps=2"]
    assert list(runs.table(tmp_path)["rate"]) == [0.25, 0.25]
    with pytest.raises(runs.RunError, match="holds another run, with rate = 0.25 where 0.75 is asked for"):
        runs.grid(notebook, {"steps": [1]}, tmp_path, fixed={"rate": 0.75})


COUNTING = """
import os, time
from pathlib import Path
began = time.time()
marks = Path(out).parent.parent / "marks"
marks.mkdir(exist_ok=True)
time.sleep(seconds)
(marks / f"{steps}-{time.time_ns()}").write_text(f"{began} {time.time()} {os.environ.get('OMP_NUM_THREADS')}")
"""


def test_a_grid_that_was_killed_half_way_repeats_nothing_that_was_finished(write_notebook, tmp_path):
    notebook = write_notebook("counting", ("parameters", PARAMETERS + "seconds = 1.0\n"), ("", COUNTING))
    steps, marks = [1, 2, 3, 4, 5, 6], tmp_path / "marks"
    call = (
        "import sys\nfrom concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing import get_context\n"
        "from warpgan import runs\n"
        "if __name__ == '__main__':\n"
        "    with ProcessPoolExecutor(2, mp_context=get_context('spawn')) as pool:\n"
        f"        runs.grid({str(notebook)!r}, {{'steps': {steps}}}, {str(tmp_path / 'grid')!r}, pool, threads=1)\n"
    )
    (tmp_path / "call.py").write_text(call)
    command = [sys.executable, str(tmp_path / "call.py")]
    first = subprocess.Popen(command, start_new_session=True)
    while first.poll() is None and len(list(marks.glob("*"))) < 3:
        time.sleep(0.05)
    assert first.poll() is None, "it ended before it could be killed"
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    finished = {name for name, state in runs.table(tmp_path / "grid")["state"].items() if state == "done"}
    assert 1 <= len(finished) < len(steps)
    before = {mark.name for mark in marks.iterdir()}
    subprocess.run(command, check=True)
    assert set(runs.table(tmp_path / "grid")["state"]) == {"done"}
    again = {mark.name.split("-")[0] for mark in marks.iterdir() if mark.name not in before}
    assert again == {str(step) for step in steps} - {name.removeprefix("steps=") for name in finished}
    # Both workers were busy at once, each run with one thread.
    spans = sorted(tuple(mark.read_text().split()) for mark in marks.iterdir())
    assert {threads for *_, threads in spans} == {"1"}
    assert any(float(later[0]) < float(earlier[1]) for earlier, later in pairwise(spans))


def test_what_was_finished_runs_again_only_if_the_code_has_changed(write_notebook, tmp_path):
    def grid(text, code):
        notebook = write_notebook("changing", ("text", text), ("parameters", PARAMETERS), ("", code))
        return runs.grid(notebook, {"steps": [3]}, tmp_path / "grid")[0]

    append = "with open(out + '/count', 'a') as f:\n    f.write('x')"
    folder = grid("# One", append)
    assert grid("# Another text", append) == folder and (folder / "count").read_text() == "x"
    grid("# One", append + "  # better")
    assert (folder / "count").read_text() == "xx"
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"state": "running"}))  # as a kill leaves it
    grid("# One", append + "  # better")
    assert (folder / "count").read_text() == "xxx"


def test_a_worker_that_dies_is_that_runs_own_fault(write_notebook, tmp_path):
    deadly = "import os\nif steps == 13:\n    os.kill(os.getppid(), 9)"  # the worker behind the kernel
    notebook = write_notebook("deadly", ("parameters", PARAMETERS), ("", deadly))
    broken = pytest.raises(runs.RunError, match="2 of 2 runs failed(.|\n)*steps=13: BrokenProcessPool")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool, broken:
        runs.grid(notebook, {"steps": [13, 4]}, tmp_path / "grid", pool)
    with pytest.raises(runs.RunError, match="1 of 2 runs failed(.|\n)*steps=13"):
        runs.grid(notebook, {"steps": [4, 13]}, tmp_path / "grid", FailingOnce())
    assert runs.table(tmp_path / "grid").loc["steps=4", "state"] == "done"


class FailingOnce(ThreadPoolExecutor):
    """Works here, but says of the second job that there is no room on the disk."""

    def submit(self, function, *arguments, **options):
        if "steps=13" in str(arguments):  # the run's folder; a bare 13 may stand in any path
            future = Future()
            future.set_exception(OSError("no space left on device"))
            return future
        return super().submit(function, *arguments, **options)


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
