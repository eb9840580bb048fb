"""A training as a cluster's job: it runs, and an interrupted one saves, is queued again and ends as if nothing was."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from warpgan import checkpoints, cluster, config, launch
from warpgan.jobs import Job
from warpgan.training import train

submitit = pytest.importorskip("submitit", reason="the extra `scale`")
TINY = config.preset(
    "quick", height=32, width=16, people=2, poses=2, downs=2, parser_width=4, parser_blocks=1, discriminator_width=4,
    batch=2, parser_steps=400, log_every=1, checkpoint_every=1000, sample_every=1000, evaluation_pairs=2, decay=0.0,
)


@pytest.fixture
def path_of_package(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(cluster.__file__).parents[1]))
    monkeypatch.setenv("OMP_NUM_THREADS", str(torch.get_num_threads()))


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def process_of(folder):
    """The number of the process that does the job of a folder of logs: submitit starts it beneath another one."""
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = line.read_bytes().decode(errors="replace").split("\0")
        except OSError:  # it has just ended
            continue
        if "submitit.core._submit" in words and str(folder) in words:
            return int(line.parent.name)
    raise AssertionError(f"no process works for {folder}")


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="finds the job's process in /proc")
def test_an_interrupted_job_is_queued_again_and_ends_with_the_same_weights(tmp_path, path_of_package):
    job = Job("parser", TINY, str(tmp_path / "run"))
    executor = submitit.LocalExecutor(tmp_path / "logs")
    executor.update_parameters(timeout_min=60)
    submitted = executor.submit(cluster.Training(job))
    log = job.folder / "log.csv"
    wait_for(lambda: log.exists() and len(log.read_text().splitlines()) > 2)
    os.kill(process_of(tmp_path / "logs"), signal.SIGUSR2)  # as Slurm does when time is nearly up
    assert submitted.result() == str(job.folder)
    assert "Requeued job" in submitted.stdout()
    straight = train("parser", TINY, tmp_path / "straight")
    one, two = (checkpoints.load(folder).tensors for folder in (job.folder, straight.folder))
    assert one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


def test_what_is_launched_does_not_hear_the_warning(tmp_path, monkeypatch):
    tell = "import os, signal; os.kill(os.getpid(), signal.SIGUSR2); print('alive')"
    monkeypatch.setattr(launch, "command", lambda *args, **options: [sys.executable, "-c", tell])
    job = Job("parser", TINY, str(tmp_path))
    job.folder.mkdir()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    launch.launch(job)
    assert job.folder.with_suffix(".out").read_text() == "alive\n"
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before and not launch._running


def test_a_checkpoint_waits_for_the_processes_and_gives_the_same_training(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    launch._running.add(child)
    try:
        training = cluster.Training(Job("parser", TINY, str(tmp_path)), processes=2)
        again = training.checkpoint()
        assert child.returncode == -signal.SIGTERM
        assert again.function is training and (again.args, again.kwargs) == ((), {})
    finally:
        launch._running.discard(child)
    assert not os.path.exists(tmp_path / "parser")


def test_without_submitit_the_module_is_there(monkeypatch):
    monkeypatch.setitem(sys.modules, "submitit", None)
    assert callable(cluster.Training(Job("parser", TINY, "somewhere")))


def test_the_last_call_sees_the_whole_log(tmp_path, monkeypatch):
    job = Job("parser", TINY, str(tmp_path))
    job.folder.mkdir()
    rows = f"import pathlib; pathlib.Path({str(job.folder / 'log.csv')!r}).write_text('step,loss\\n0,1\\n1,2\\n')"
    monkeypatch.setattr(launch, "command", lambda *args, **options: [sys.executable, "-c", rows])
    seen = []
    launch.launch(job, on_log=lambda run: seen.append(len(run.losses())))
    assert seen[-1] == 2
