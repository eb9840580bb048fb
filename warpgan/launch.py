"""Start a training in processes of its own, through torchrun: the one way for notebooks, papermill and clusters.

Never by forking: a child forked after the parent's first convolution hangs in its own first. The notebook reads the
run folder meanwhile. Notebook 08 explains it.

    python -m warpgan.launch gan runs/mine --preset market --processes 2 --set gan_steps=1000 --frozen runs/before
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from warpgan import config as configuration
from warpgan.changes import read_changes
from warpgan.jobs import DATA, Job
from warpgan.run_folder import RunFolder
from warpgan.signals import STOPPED, Stopped, asked_to_stop

GRACE = 240  # seconds that processes get to finish a step and to save; clusters should warn 300 before the end
WARNING = {signal.SIGUSR2}  # what Slurm, asked by submitit, sends to every process of a job before its time is up
FAULT = re.compile(rb"^\w*(?:Error|Diverged): .+$", re.MULTILINE)  # as `jobs.main` says what went wrong
_running: set[subprocess.Popen] = set()


class LaunchError(RuntimeError):
    """The processes ended with a fault; the message is theirs."""


def command(job_file: Path, *, processes: int = 1, nodes: int = 1, rendezvous: str = "") -> list[str]:
    """The command line that starts a job on this machine.

    Args:
        job_file: written by `Job.write`.
        processes: on each machine; one a GPU.
        nodes: machines; each runs this same command.
        rendezvous: `host:port` of one of them, which all can reach; needed for several.

    Raises:
        ValueError: numbers below 1, or several machines that cannot find one another.
    """
    if processes < 1 or nodes < 1:
        raise ValueError(f"processes and nodes are {processes} and {nodes}; expected at least 1 each")
    if nodes > 1 and not rendezvous:
        raise ValueError(f"nodes is {nodes}; expected rendezvous='host:port' of one of the machines with it")
    meeting = ["--standalone"]
    if rendezvous:
        meeting = ["--rdzv-backend", "c10d", "--rdzv-endpoint", rendezvous, "--rdzv-id", job_file.parent.name]
    number = ["--nnodes", str(nodes), "--nproc-per-node", str(processes)]
    module = ["-m", "warpgan.jobs", str(job_file)]
    return [sys.executable, "-m", "torch.distributed.run", *meeting, *number, *module]


def launch(
    job: Job,
    *,
    processes: int = 1,
    nodes: int = 1,
    rendezvous: str = "",
    on_log: Callable[[RunFolder], None] | None = None,
) -> RunFolder:
    """Do a job in processes of its own, wait for them, and return what they wrote.

    What they print goes to `out/<stage>.out` (on the terminal too where `job.progress` is set). When this process is
    told to stop (SIGTERM) or interrupted, they finish their step and save first.

    Args:
        job: what to train.
        processes, nodes, rendezvous: see `command`.
        on_log: called with the run folder whenever its log has grown, and once when all is done.

    Raises:
        LaunchError: they ended with a fault; the message is theirs.
        Stopped: they were told to stop, and saved (unless a step took them longer than `GRACE`).
        ValueError: see `command`.
    """
    line = command(job.write(), processes=processes, nodes=nodes, rendezvous=rendezvous)
    # Several machines write into one folder, each a file of its own.
    output = job.folder.with_suffix(f".{socket.gethostname()}-{os.getpid()}.out" if nodes > 1 else ".out")
    # torchrun by itself would kill processes 30 seconds after it has told them to stop.
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "TORCH_ELASTIC_SHUTDOWN_TIMEOUT": str(GRACE)}
    log, size, shown = job.folder / "log.csv", 0, 0
    with output.open("wb") as out, asked_to_stop() as asked:
        # A session of its own, so that an interrupt from the keyboard reaches this process alone, which passes it on.
        # And deaf to a cluster's warning, which would kill it: only this process knows what to do then.
        heard = signal.pthread_sigmask(signal.SIG_BLOCK, WARNING)
        try:
            child = subprocess.Popen(
                line, env=environment, start_new_session=True, stdout=out, stderr=subprocess.STDOUT
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, heard)
        _running.add(child)
        try:
            while child.poll() is None and not asked:
                time.sleep(0.2)
                shown = _show(output, shown) if job.progress else 0
                if on_log and log.exists() and log.stat().st_size != size:
                    size = log.stat().st_size
                    on_log(RunFolder(job.folder))
        finally:
            if child.poll() is None:
                _end(child)
            _running.discard(child)
            if job.progress:
                _show(output, shown)
    if asked or child.returncode == STOPPED:
        raise Stopped(f"{job.stage}: told to stop; the same command goes on from {job.folder}")
    if child.returncode:
        raise LaunchError(f"{output}: {_fault(output, child.returncode)}")
    run = RunFolder(job.folder)
    if on_log and log.exists():
        on_log(run)
    return run


def stop() -> None:
    """Have what `launch` has started here finish its step and save, and wait for it; a signal's handler may call it."""
    for child in list(_running):
        _end(child)


def _end(child: subprocess.Popen) -> None:
    child.send_signal(signal.SIGTERM)  # torchrun passes it on
    try:
        child.wait(GRACE + 30)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


# Show on the terminal what has been written since; up to a fault, which comes as an error here, where torchrun
# would add a page of its own. Gives the place to go on from, -1 after a fault.
def _show(output: Path, shown: int) -> int:
    if shown < 0:
        return shown
    with output.open("rb") as file:
        file.seek(shown)
        new = file.read()
    fault = FAULT.search(new)
    sys.stderr.write((new[: fault.start()] if fault else new).decode("utf-8", errors="replace"))
    sys.stderr.flush()
    return -1 if fault else shown + len(new)


# The sentence of the first process that failed, or what is known without one.
def _fault(output: Path, status: int) -> str:
    written = output.read_bytes()
    fault = FAULT.search(written)
    if fault:
        return fault.group().decode("utf-8", errors="replace")
    lines = written.decode("utf-8", errors="replace").split("\n")
    return f"the processes ended with status {status}; the last line is {(lines[-2:-1] or [''])[0]!r}"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command `python -m warpgan.launch STAGE OUT ...`."""
    parser = argparse.ArgumentParser(prog="python -m warpgan.launch", description=__doc__.split("\n")[0])
    parser.add_argument("stage", choices=("parser", "matcher", "gan"))
    parser.add_argument("out", help="run folder; a training that was stopped there goes on")
    parser.add_argument("--preset", default="quick", help="of the configuration (%(default)s)")
    parser.add_argument("--set", metavar="FIELD=VALUE", action="append", default=[], help="change a field; repeat")
    parser.add_argument("--data", default="rendered", choices=DATA, help="(%(default)s)")
    parser.add_argument("--root", default="", help="folder of the data")
    parser.add_argument("--option", metavar="NAME=VALUE", action="append", default=[], help="of the data; repeat")
    parser.add_argument("--frozen", default="", help="run folder or shipped weights with parser and matcher, for gan")
    parser.add_argument("--start", default="", help="run folder or shipped weights to begin with")
    parser.add_argument("--device", default="cpu", help="cpu or cuda (%(default)s)")
    parser.add_argument("--processes", type=int, default=1, help="on this machine, one a GPU (%(default)s)")
    parser.add_argument("--nodes", type=int, default=1, help="machines, each with this command (%(default)s)")
    parser.add_argument("--rendezvous", default="", help="host:port of one of the machines")
    chosen = parser.parse_args(arguments)
    try:
        job = Job(
            stage=chosen.stage, config=configuration.preset(chosen.preset, **read_changes(chosen.set)), out=chosen.out,
            data=chosen.data, root=chosen.root, options=read_changes(chosen.option), frozen=chosen.frozen,
            start=chosen.start, device=chosen.device, progress=True,
        )
        launch(job, processes=chosen.processes, nodes=chosen.nodes, rendezvous=chosen.rendezvous)
    except (LaunchError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
