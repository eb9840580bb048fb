"""Shards of rendered people: a few people a file, written whole, compact, and checked before they are read.

Correspondences are kept for foreground pixels only, in fixed steps of a fraction of a pixel. A shard says in its
header which people it holds, so that a foreign or shortened file is never read as ours. Used by notebook 01.
"""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import numpy as np

from ..files import atomic

VERSION = 2  # of the pictures: raised whenever a seed would give another one
PER_SHARD = 8
SPLITS = ("train", "val", "test")
HIDDEN = 65535


def person_seed(seed, split, person):
    """The seed sequence of one person; people of different splits never share one."""
    return np.random.SeedSequence(seed, spawn_key=(SPLITS.index(split), person))


def step_of(size):
    """Steps of a stored correspondence in one pixel: 64, fewer in pictures too large for 16 bits."""
    return min(64, HIDDEN // (max(size) + 1))


def shard_path(folder, shard):
    """Where shard number `shard` lies."""
    return Path(folder) / f"{shard:05d}.safetensors"


def _header(job, shard):
    kept = {name: job[name] for name in ("split", "seed", "poses")}
    return {"version": VERSION, "size": list(job["size"]), **kept, "first": shard * PER_SHARD}


def people_in(job, shard):
    """How many people a shard must hold for a job (dict of split, seed, size, poses, people, folder)."""
    return min(PER_SHARD, job["people"] - shard * PER_SHARD)


def fault(job, shard):
    """Why a shard cannot be used: `None` if it can, "missing", "short" (fewer people) or a sentence."""
    from safetensors import SafetensorError, safe_open

    path = shard_path(job["folder"], shard)
    if not path.exists():
        return "missing"
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            header = json.loads(metadata.get("people", "{}"))
            count = header.pop("count", 0)
            if header != _header(job, shard):
                return f"{path} holds other people than its folder says; it is made again"
            if file.get_slice("images").get_shape()[0] != count:
                return f"{path} holds another number of people than it says; it is made again"
    except (SafetensorError, ValueError, OSError) as error:
        return f"{path} is cut short or no shard of people ({error}); it is made again"
    return "short" if count < people_in(job, shard) else None


def write_shard(job, shard):
    """Render the people of one shard and write it whole; people that it held already are rendered to the same bytes."""
    from safetensors.numpy import save_file

    from .render import render_person

    size, step = job["size"], step_of(job["size"])
    first, count = shard * PER_SHARD, people_in(job, shard)
    people, found, ends = [], [], [0]
    for person in range(first, first + count):
        out = render_person(person_seed(job["seed"], job["split"], person), job["poses"], size)
        people.append(out)
        for target in range(job["poses"]):
            seen = out["parsings"][target] > 0
            for condition in range(job["poses"]):
                if condition != target:
                    places = out["correspondences"][target, condition][seen]
                    kept = np.round(places * step)
                    kept[places[:, 0] < 0] = HIDDEN
                    found.append(kept.astype(np.uint16))
                    ends.append(ends[-1] + len(kept))
    arrays = {name: np.stack([out[name] for out in people]) for name in ("images", "parsings", "keypoints", "visible")}
    arrays["visible"] = arrays["visible"].astype(np.uint8)
    arrays["correspondences"], arrays["ends"] = np.concatenate(found), np.array(ends, np.int64)
    header = json.dumps({**_header(job, shard), "count": count})
    with atomic(shard_path(job["folder"], shard)) as part:
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, part,
                  metadata={"people": header})


def make_shards(job, shards, workers=None, progress=True):
    """Write shards, in worker processes if there are enough of them.

    Args:
        job: dict of split, seed, size, poses, people, folder. shards: their numbers. workers: processes; None for one a
            usable core, or none if few people are to be made. progress: show a bar.

    Raises:
        OSError: the folder cannot be written.
        RuntimeError: a worker ended before its work was done.
    """
    from tqdm.auto import tqdm

    if workers is None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        workers = min(cores, len(shards) // 2)
    workers = min(workers, len(shards))
    total = sum(people_in(job, shard) for shard in shards)
    folder = Path(job["folder"])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        raise OSError(f"{folder} cannot be written: give another folder as cache= or in WARPGAN_CACHE")
    with tqdm(total=total, desc=f"rendering {job['split']} people", unit="person", disable=not progress) as bar:
        if workers <= 1:
            for shard in shards:
                write_shard(job, shard)
                bar.update(people_in(job, shard))
        else:
            _in_processes(job, shards, workers, lambda shard: bar.update(people_in(job, shard)))


def _in_processes(job, shards, workers, done):
    # Fresh interpreters, never forks: a forked child hangs in its first convolution, and multiprocessing's spawn would
    # run the caller's script again. They are told what to do on stdin and name each finished shard on stdout.
    from .camera import prepare

    prepare()  # compiled once, before the workers look for it
    path = [str(Path(__file__).resolve().parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(path)}
    running, news = [], SimpleQueue()

    def listen(process):
        for line in process.stdout:
            news.put(int(line))
        news.put(None)

    with ExitStack() as stack:
        for worker in range(workers):
            errors = stack.enter_context(tempfile.TemporaryFile("w+"))
            command = [sys.executable, "-c", "from warpgan.people.shards import main; main()"]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
                                       env=environment)
            stack.callback(_end, process)
            running.append((process, errors))
            json.dump({"job": {**job, "folder": str(job["folder"])}, "shards": shards[worker::workers]}, process.stdin)
            process.stdin.close()
            Thread(target=listen, args=(process,), daemon=True).start()
        silent = 0
        while silent < workers:
            shard = news.get()
            if shard is None:
                silent += 1
            else:
                done(shard)
        for process, errors in running:
            if process.wait() != 0:
                errors.seek(0)
                last = (errors.read().strip().splitlines() or ["no message"])[-1]
                raise RuntimeError(f"a rendering worker ended early (exit status {process.returncode}): {last}")


def _end(process):
    if process.poll() is None:
        process.terminate()
    process.wait()
    process.stdout.close()


def main():
    """A worker: read a job from stdin, write its shards, name each on stdout."""
    order = json.load(sys.stdin)
    job = {**order["job"], "size": tuple(order["job"]["size"])}
    for shard in order["shards"]:
        write_shard(job, shard)
        print(shard, flush=True)

