"""Who writes the shards: this process, fresh processes of its own, or any executor that is handed in.

A worker is told a job (a dict of plain values) and the numbers of shards; all that it hands back is files, so nothing
depends on who did what, and whatever was written before an interruption is there when one calls again.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from warpgan.people.shards import check_device, fault, people_done, people_in, unwritable, write_shard, write_shards

TASKS = 1024  # at most so many are handed to an executor
STALE = 3600.0  # seconds after which a half-written file belongs to nobody


def make_shards(
    job: dict[str, Any], shards: list[int], workers: int | None = None, progress: bool = True, executor: Any = None
) -> None:
    """Write shards.

    Args:
        job: see `shards.people_in`. shards: numbers of those to write. workers: processes; None for one a usable core,
            or none if few people are to be made. With an executor: tasks to hand in; None for one a shard.
        progress: show a bar. executor: anything with `submit(function, *arguments)` whose answer has `result()`:
            of `concurrent.futures`, submitit, ...

    Raises:
        OSError: the folder cannot be written, or its disk is full.
        ValueError: the device is not there.
        RuntimeError: a worker ended before its work was done; says how many people are done.
    """
    from tqdm.auto import tqdm

    folder = Path(job["folder"])
    if executor is None:
        check_device(job["device"])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        tempfile.TemporaryFile(dir=folder).close()  # before anybody is rendered in vain
    except OSError as error:
        raise OSError(unwritable(folder, error)) from error
    total = sum(people_in(job, shard) for shard in shards)
    with tqdm(total=total, unit="person", disable=not progress) as bar:
        def done(shard):
            bar.update(people_in(job, shard))

        words = f"rendering {job['split']} people"
        if executor is not None:
            bar.set_description(words)
            _in_executor(job, shards, executor, workers, done)
            return
        _prepare(job["device"], bar)
        bar.set_description(words)
        if workers is None:
            cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
            workers = min(cores, len(shards) // 2)
        if min(workers, len(shards)) <= 1:
            for shard in shards:
                write_shard(job, shard)
                done(shard)
        else:
            _in_processes(job, shards, min(workers, len(shards)), done)


def _prepare(device, bar):
    # Before any worker looks for the kernels; the first time this takes longer than the people that follow.
    from warpgan.people import kernels
    from warpgan.people.quiet import quiet_warp
    from warpgan.people.scene import prepare

    cache = quiet_warp().config.kernel_cache_dir
    compiled = cache and (Path(cache) / kernels.see.module.get_module_identifier()).exists()
    bar.set_description("loading kernels" if compiled else "compiling kernels, once on this machine")
    prepare(device)


def _sweep(folder):
    # A killed process leaves what it was writing under a hidden name; a living one is done within seconds.
    for part in folder.glob(".*.safetensors"):
        with suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > STALE:
                part.unlink()


def _stopped(job, who, why):
    return RuntimeError(f"{who} ended early ({why}): {people_done(job)} of {job['people']} people are done, and "
                        "calling again goes on with the others")


def _last_line(text):
    return (str(text).strip().splitlines() or ["no message"])[-1].strip()


def _in_executor(job, shards, executor, tasks, done):
    groups = [shards[start::min(tasks or TASKS, len(shards))] for start in range(min(tasks or TASKS, len(shards)))]
    handed = []
    try:
        for group in groups:  # one by one, so that those that were handed in can be cancelled
            handed.append(executor.submit(write_shards, job, group))  # noqa: PERF401
        for task, group in zip(handed, groups):
            task.result()
            for shard in group:
                done(shard)
    except BaseException as error:
        for task in handed:
            if hasattr(task, "cancel"):
                task.cancel()
        if isinstance(error, (OSError, ValueError)) or not isinstance(error, Exception):
            raise
        raise _stopped(job, f"a task of {type(executor).__name__}", _last_line(error)) from error
    lost = [shard for shard in shards if fault(job, shard) is not None]
    if lost:
        raise RuntimeError(f"all tasks of {type(executor).__name__} ended well but {len(lost)} of {len(shards)} shards "
                           f"are not in {job['folder']}: its workers must see the same folder")


def _in_processes(job, shards, workers, done):
    # Fresh interpreters, never forks: a forked child hangs in its first convolution, and multiprocessing's spawn would
    # run the caller's script again. They end by themselves when their stdin closes, that is, when this process is gone.
    path = [str(Path(__file__).resolve().parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(path)}
    command = [sys.executable, "-c", "from warpgan.people.workers import main; main()"]
    todo, news = SimpleQueue(), SimpleQueue()
    for shard in shards:
        todo.put(shard)
    with ExitStack() as stack:
        threads = []
        for _ in range(workers):
            errors = stack.enter_context(tempfile.TemporaryFile("w+"))
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
                                       env=environment, start_new_session=True)
            thread = Thread(target=_drive, args=(process, errors, job, todo, news), daemon=True)
            stack.callback(_end, process, thread)
            threads.append(thread)
        for thread in threads:
            thread.start()
        working = workers
        while working:
            kind, what = news.get()
            if kind == "shard":
                done(what)
            elif kind == "idle":
                working -= 1
            elif kind == "OSError":
                raise OSError(what)
            else:
                raise _stopped(job, "a rendering worker", what)


def _drive(process, errors, job, todo, news):
    # In a thread: hands shards to one worker, one by one, and tells what comes of each.
    try:
        print(json.dumps(job), file=process.stdin, flush=True)
        while True:
            print(todo.get_nowait(), file=process.stdin, flush=True)
            answer = process.stdout.readline()
            if not answer:
                raise BrokenPipeError
            news.put(json.loads(answer))
    except Empty:
        news.put(("idle", None))
    except (OSError, ValueError):
        status = process.wait()
        errors.seek(0)
        why = f"killed by {signal.Signals(-status).name}" if status < 0 else _last_line(errors.read())
        news.put(("died", why))


def _end(process, thread):
    if process.poll() is None:
        process.terminate()
    process.wait()
    if thread.ident is not None:
        thread.join()
    for pipe in (process.stdin, process.stdout):
        with suppress(BrokenPipeError):
            pipe.close()


def main() -> None:
    """A worker: read a job and then numbers of shards from stdin, and answer each on stdout when it is written."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing half-written is left
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else is printed here is no answer
    job = json.loads(sys.stdin.readline())
    for line in sys.stdin:
        try:
            write_shard(job, int(line))
            answer = ("shard", int(line))
        except OSError as error:
            answer = ("OSError", str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the one who waits is told
            answer = ("failed", f"{type(error).__name__}: {_last_line(error)}")
        print(json.dumps(answer), file=answers, flush=True)
