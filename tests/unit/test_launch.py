"""A launched training ends, stops and fails as one in this process does, and says so in one sentence."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from market_tree import market
from small_training import SMALL

from warpgan import config, launch
from warpgan.jobs import Job
from warpgan.run_folder import RunFolder
from warpgan.signals import Stopped

QUICK = config.preset("quick")


@pytest.fixture
def job(tmp_path):
    root = market(tmp_path / "data")
    settings = SMALL.replace(height=128, width=64, parser_steps=4, batch=2, evaluation_pairs=2, decay=0.0)
    return Job("parser", settings, str(tmp_path / "run"), data="market1501", root=str(root))


def changed(job, **fields):
    return Job(job.stage, job.config.replace(**fields), job.out, job.data, job.root)


def test_a_job_is_done_by_two_processes_and_goes_on_later(job):
    rows = []
    run = launch.launch(changed(job, parser_steps=2), processes=2, on_log=lambda run: rows.append(len(run.losses())))
    assert run.finished and run.step == 2 and run.losses()["step"].tolist() == [0, 1]
    assert rows and rows[-1] <= 2
    assert set(run.speed().columns) == {"step", "pictures_per_second", "waiting", "memory_mib"}
    run = launch.launch(job, processes=2)
    assert run.step == 4 and run.losses()["step"].tolist() == [0, 1, 2, 3]
    assert (job.folder.parent / "parser.out").exists()


def test_told_to_stop_it_lets_the_processes_save(job):
    long = changed(job, parser_steps=100_000)

    def stop():  # as soon as steps are taken
        while not (job.folder / "log.csv").exists():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=stop, daemon=True).start()
    with pytest.raises(Stopped, match="parser: told to stop; the same command goes on from"):
        launch.launch(long)
    run = RunFolder(job.folder)
    assert run.step > 0 and not run.finished
    assert run.losses()["step"].max() == run.step - 1  # saved after its last step


def test_a_process_that_does_not_stop_gets_as_long_as_is_said_and_no_longer(job, monkeypatch):
    """By itself torchrun would give it 30 seconds, which a step and a checkpoint of the paper's networks exceed."""
    deaf = job.folder.parent / "deaf.py"
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)"
    deaf.parent.mkdir(parents=True)
    deaf.write_text(f"{code}; time.sleep(60)")
    line = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "1", str(deaf)]
    monkeypatch.setattr(launch, "command", lambda *args, **how: line)
    monkeypatch.setattr(launch, "GRACE", 2)
    asked = []

    def stop():
        while b"deaf" not in job.folder.with_suffix(".out").read_bytes():
            time.sleep(0.05)
        asked.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Timer(0.5, stop).start()
    with pytest.raises(Stopped):
        launch.launch(job)
    assert 2 <= time.monotonic() - asked[0] < 28


def test_what_the_processes_could_not_do_is_told_in_their_words(job):
    with pytest.raises(launch.LaunchError, match="ValueError: batch is 3; it cannot be shared out among 2 processes"):
        launch.launch(changed(job, batch=3), processes=2)
    lost = Job(job.stage, job.config, job.out, job.data, job.root + "/elsewhere")
    with pytest.raises(launch.LaunchError, match="parser.out: .*Error: .*elsewhere"):
        launch.launch(lost)


def test_on_a_terminal_the_fault_is_the_last_word(job, capsys):
    line = ["parser", job.out, "--data", "market1501", "--root", job.root + "/elsewhere", "--set", "batch=3"]
    assert launch.main(line) == 1
    shown = capsys.readouterr().err
    assert shown.splitlines()[-1].endswith("elsewhere: no such folder") and "Traceback" not in shown
    assert shown.count("elsewhere") == 1


def test_the_command_line(tmp_path, capsys, monkeypatch):
    seen = []
    monkeypatch.setattr(launch, "launch", lambda job, **options: seen.append((job, options)))
    line = "gan runs/x --preset market --set gan_steps=7 --set gate=none --set compile=true --set precision=32"
    assert launch.main([*line.split(), "--processes", "2", "--device", "cuda"]) == 0
    (job, options), = seen
    assert (job.config.gan_steps, job.config.gate, job.config.compile, job.device) == (7, "none", True, "cuda")
    assert job.config.precision == "32"
    assert options == {"processes": 2, "nodes": 1, "rendezvous": ""}
    assert launch.main(["gan", "runs/x", "--set", "gan_stebs=7"]) == 1
    assert "unknown field 'gan_stebs'; did you mean gan_steps" in capsys.readouterr().err
    assert launch.main(["gan", "runs/x", "--set", "gan_steps"]) == 1
    assert "'gan_steps': expected FIELD=VALUE" in capsys.readouterr().err


def test_two_machines_train_together(job, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        meeting = f"127.0.0.1:{free.getsockname()[1]}"
    settings = SMALL.replace(height=128, width=64, parser_steps=2, batch=2, evaluation_pairs=2)
    fields = [f"{name}={value}" for name, value in settings.to_dict().items() if value != getattr(QUICK, name)]
    line = [sys.executable, "-m", "warpgan.launch", "parser", job.out, "--data", "market1501", "--root", job.root]
    line += ["--nodes", "2", "--rendezvous", meeting, *(word for field in fields for word in ("--set", field))]
    # Both on this machine; each starts its own torchrun, as the two tasks of a cluster's job would.
    machines = [subprocess.Popen(line, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [machine.communicate()[1] for machine in machines]
    assert [machine.returncode for machine in machines] == [0, 0], errors
    run = RunFolder(job.folder)
    assert run.finished and run.step == 2
    facts = json.loads((job.folder / "state.json").read_text())["facts"]
    assert facts["machine"]["processes"] == 2


def test_several_machines_need_a_place_to_meet(tmp_path):
    file = tmp_path / "run" / "gan.job.json"
    with pytest.raises(ValueError, match="nodes is 2; expected rendezvous='host:port'"):
        launch.command(file, nodes=2)
    with pytest.raises(ValueError, match="processes and nodes are 0 and 1; expected at least 1 each"):
        launch.command(file, processes=0)
    line = launch.command(file, processes=4, nodes=2, rendezvous="node1:29500")
    assert line[line.index("--rdzv-endpoint") + 1] == "node1:29500" and line[line.index("--nnodes") + 1] == "2"
    assert "--standalone" in launch.command(file)
