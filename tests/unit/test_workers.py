"""Whoever renders, the bytes are the same; whoever is killed, what was written stays and the rest is made next time."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest
import stand_in

from warpgan.data import RenderedPeople
from warpgan.people import render, workers
from warpgan.people.shards import PER_SHARD, SPLITS, fault, shard_path

ROOT = Path(workers.__file__).parents[2]


def make(cache, people=2 * PER_SHARD + 1, **changes):
    options = {"workers": 0, "progress": False, **changes}
    return RenderedPeople("val", (24, 16), people, 2, 3, cache=cache, **options)


def written(data):
    """The bytes of every file of a set, by name."""
    return {path.name: path.read_bytes() for path in sorted(data.folder.iterdir())}


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What one process writes."""
    return written(make(tmp_path_factory.mktemp("alone")))




def test_processes_write_what_one_process_writes(tmp_path, alone):
    data = make(tmp_path, workers=2)
    assert written(data) == alone and len(alone) == 3


def test_threads_write_what_one_process_writes(tmp_path, alone):
    with ThreadPoolExecutor(2) as pool:
        assert written(make(tmp_path, workers=None, executor=pool)) == alone


def test_spawned_processes_write_what_one_process_writes(tmp_path, alone, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert written(make(tmp_path, workers=2, executor=pool)) == alone


@pytest.mark.parametrize("kind", ["debug", "local"])
def test_submitit_writes_what_one_process_writes(tmp_path, alone, kind, monkeypatch):
    submitit = pytest.importorskip("submitit")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])))
    executor = submitit.AutoExecutor(tmp_path / "log", cluster=kind)
    executor.update_parameters(timeout_min=5)
    assert written(make(tmp_path / "people", workers=1, executor=executor)) == alone


class Lazy:
    """An executor as small as one can be: no futures of the standard library, nothing done before `result` asks."""

    def __init__(self, after=lambda: None):
        self.tasks, self.after = [], after

    def submit(self, function, *arguments):
        self.tasks.append(arguments)
        return type("Task", (), {"result": lambda _: (function(*arguments), self.after())[0]})()


def test_any_executor_will_do_and_workers_says_into_how_many_tasks(tmp_path, monkeypatch):
    monkeypatch.setattr(render, "render_person", stand_in.render_person)
    for tasks, wanted in ((None, 5), (2, 2), (99, 5)):
        executor = Lazy()
        make(tmp_path / str(tasks), 5 * PER_SHARD, executor=executor, workers=tasks)
        assert len(executor.tasks) == wanted
        assert sorted(shard for _, shards in executor.tasks for shard in shards) == list(range(5))


def test_a_failing_task_says_what_is_done_and_the_next_call_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(render, "render_person", stand_in.render_person)

    class Failing(Lazy):
        def submit(self, function, *arguments):
            task = super().submit(function, *arguments)
            if len(self.tasks) == 2:
                task = Future()
                task.set_exception(RuntimeError("a long trace\nnode 7 went away"))
            return task

    with pytest.raises(RuntimeError) as told:
        make(tmp_path, 3 * PER_SHARD, executor=Failing())
    assert str(told.value) == ("a task of Failing ended early (node 7 went away): 8 of 24 people are done, and calling "
                               "again goes on with the others")
    executor = Lazy()
    make(tmp_path, 3 * PER_SHARD, executor=executor)
    assert [shards for _, shards in executor.tasks] == [[1], [2]]


def test_workers_that_see_another_folder_are_found_out(tmp_path):
    class Elsewhere:
        def submit(self, function, job, shards):
            done = Future()
            done.set_result(None)
            return done

    with pytest.raises(RuntimeError, match="2 of 2 shards are not in .*must see the same folder"):
        make(tmp_path, 2 * PER_SHARD, executor=Elsewhere())


def test_a_killed_worker_is_told_in_one_sentence_and_the_next_call_goes_on(tmp_path, alone, monkeypatch):
    started = []
    popen = subprocess.Popen
    monkeypatch.setattr(workers.subprocess, "Popen", lambda *a, **o: started.append(popen(*a, **o)) or started[-1])
    monkeypatch.setattr(workers, "_drive", kill_first(workers._drive))
    with pytest.raises(RuntimeError) as told:
        make(tmp_path, workers=2)
    assert "a rendering worker ended early (killed by SIGKILL): " in str(told.value)
    assert "of 17 people are done, and calling again goes on with the others" in str(told.value)
    assert all(process.poll() is not None for process in started)
    monkeypatch.undo()
    assert written(make(tmp_path)) == alone


def kill_first(drive):
    """`_drive`, whose first process dies when it has begun."""
    killed = []

    def driven(process, *rest):
        if not killed:
            killed.append(process)
            process.send_signal(signal.SIGKILL)
        drive(process, *rest)

    return driven


def test_an_error_in_a_worker_is_that_error(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "check_device", lambda device: None)
    monkeypatch.setattr(workers, "_prepare", lambda device, bar: None)
    with pytest.raises(RuntimeError, match="a rendering worker ended early .*: 0 of 17 people are done"):
        make(tmp_path, workers=2, device="cuda:77")


def test_a_device_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match="device 'cuda:77' is not here: found . CUDA devices"):
        make(tmp_path, device="cuda:77")
    with pytest.raises(ValueError, match="device 'cuda:77' is not here"):  # asked where it matters: in the task
        make(tmp_path, device="cuda:77", executor=Lazy())


INTERRUPTED = """
import signal, sys
from warpgan.data import RenderedPeople
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a test run in a shell's background would not have
print("begun", flush=True)
RenderedPeople("train", (24, 16), 4000, 2, cache=sys.argv[1], workers=2, progress=False)
"""


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs Linux to list processes")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interruption_leaves_no_process_and_nothing_half_written(tmp_path, how):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MARK": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", INTERRUPTED, str(tmp_path)], env=environment,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.time() + 200
    while time.time() < end and not list(tmp_path.rglob("0*.safetensors")):
        time.sleep(0.05)
    children = [int(number) for number in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    assert len(children) == 2
    process.send_signal(how)
    _, said = process.communicate(timeout=100)
    assert ("KeyboardInterrupt" in said) == (how == signal.SIGINT)
    while time.time() < end and any(Path(f"/proc/{child}").exists() for child in children):
        time.sleep(0.05)  # without their parent they finish the shard that they are at
    assert not any(Path(f"/proc/{child}").exists() for child in children)
    folder = next(tmp_path.iterdir())
    assert all(not path.name.startswith(".") for path in folder.iterdir())


def test_two_processes_that_want_the_same_people_both_end_well(tmp_path, alone):
    code = ("import sys; from warpgan.data import RenderedPeople as People; "
            "data = People('val', (24, 16), int(sys.argv[2]), 2, 3, cache=sys.argv[1], workers=0, progress=False); "
            "print(sum(float(pair['target_image'].mean()) for pair in data))")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(people)], env=environment,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for people in (17, 12)]
    for process in both:
        out, said = process.communicate(timeout=200)
        assert process.returncode == 0, said
        assert float(out)
    assert written(make(tmp_path)) == alone
    assert all(fault({"split": SPLITS[1], "seed": 3, "size": [24, 16], "poses": 2, "people": 17, "style": "plain",
                      "extras": [], "folder": next(tmp_path.iterdir())}, shard) is None for shard in range(3))


def test_the_bar_says_why_the_first_picture_takes_long(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(render, "render_person", stand_in.render_person)
    from warpgan.people import quiet

    cache = tmp_path / "kernels"
    monkeypatch.setattr(quiet.quiet_warp().config, "kernel_cache_dir", str(cache))
    monkeypatch.setattr("warpgan.people.scene.prepare", lambda device: None)
    make(tmp_path / "people", 1, progress=True)
    said = capsys.readouterr().err
    assert said.index("compiling kernels, once on this machine") < said.index("rendering val people")
    assert shard_path(next((tmp_path / "people").iterdir()), 0).exists()
