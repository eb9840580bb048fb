"""Shards of rendered people: a few people a file, written whole, compact, and checked before they are read.

What belongs to the person alone (correspondences, depth, normals) is kept for foreground pixels only, in fixed steps.
A shard says in its header which people it holds, so that a foreign or shortened file is never read as ours; one that
holds too few people is lengthened, and the people in it stay byte for byte. Used by notebook 01.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from warpgan.files import atomic

VERSION = 3  # of the pictures: raised whenever a seed would give another one
PER_SHARD = 8
SPLITS = ("train", "val", "test")
EXTRAS = ("depth", "normals", "unlit")
HIDDEN = 65535
DEPTH_STEPS = 4000  # a metre: a quarter of a millimetre, up to 16 m
NORMAL_STEPS = 127
KINDS = {"U8": np.uint8, "I8": np.int8, "U16": np.uint16, "I64": np.int64, "F32": np.float32}
_rendering = Lock()  # kernels are launched by one thread at a time


def person_seed(seed: int, split: str, person: int) -> np.random.SeedSequence:
    """The seed sequence of one person; people of different splits never share one.

    Args:
        seed: of all people.
        split: one of `SPLITS`.
        person: its number in the split.
    """
    return np.random.SeedSequence(seed, spawn_key=(SPLITS.index(split), person))


def step_of(size: tuple[int, int]) -> int:
    """Steps of a stored correspondence in one pixel: 64, fewer in pictures too large for 16 bits."""
    return min(64, HIDDEN // (max(size) + 1))


def shard_path(folder: str | Path, shard: int) -> Path:
    """Where shard number `shard` lies."""
    return Path(folder) / f"{shard:05d}.safetensors"


def people_in(job: dict[str, Any], shard: int) -> int:
    """How many people a shard must hold.

    Args:
        job: dict of `split, seed, size, poses, people, style, extras, device, folder`, plain values, so that it can be
            sent anywhere.
        shard: its number.
    """
    return min(PER_SHARD, job["people"] - shard * PER_SHARD)


def layout(job: dict[str, Any], people: int, pixels: int) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Kind and shape of every array of a shard of so many people with so many foreground pixels.

    Args:
        job: see `people_in`.
        people: how many.
        pixels: foreground pixels of all their pictures.
    """
    (height, width), poses = job["size"], job["poses"]
    arrays = {"images": ("U8", (people, poses, height, width, 3)), "parsings": ("U8", (people, poses, height, width)),
              "keypoints": ("F32", (people, poses, 18, 3)), "visible": ("U8", (people, poses, 18)),
              "counts": ("I64", (people * poses,)), "correspondences": ("U16", (pixels * (poses - 1), 2))}
    if "depth" in job["extras"]:
        arrays["depth"] = ("U16", (pixels,))
    if "normals" in job["extras"]:
        arrays["normals"] = ("I8", (pixels, 3))
    if "unlit" in job["extras"]:
        arrays["unlit"] = ("U8", (people, poses, height, width, 3))
        arrays["pure"] = ("U8", (people, poses, -(-height * width // 8)))
    return arrays


def pack(out: dict[str, Any], size: tuple[int, int]) -> dict[str, np.ndarray]:
    """What `render_person` gives, as arrays of a shard of one person.

    Foreground pixels (label above 0) go row by row, picture by picture; `counts [P]` says how many a picture has.
    Correspondences follow target by target and, within, condition by condition, the target left out.

    Args:
        out: what `render_person` gave.
        size: (height, width) in pixels.
    """
    seen, poses = out["parsings"] > 0, len(out["parsings"])
    places = np.concatenate([out["correspondences"][target, condition][seen[target]]
                             for target in range(poses) for condition in range(poses) if condition != target])
    kept = np.round(places * step_of(size))
    kept[places[:, 0] < 0] = HIDDEN
    arrays = {name: out[name][None] for name in ("images", "parsings", "keypoints", "visible")}
    arrays |= {"counts": seen.sum((1, 2)), "correspondences": kept}
    if "depth" in out:
        arrays["depth"] = np.clip(np.round(out["depth"][seen] * DEPTH_STEPS), 0, 65535)
    if "normals" in out:
        arrays["normals"] = np.round(out["normals"][seen] * NORMAL_STEPS)
    if "unlit" in out:
        arrays["unlit"] = out["unlit"][None]
        arrays["pure"] = np.packbits(out["pure"].reshape(poses, -1), axis=1)[None]
    return arrays


def _header(job, shard):
    kept = {name: job[name] for name in ("split", "seed", "poses", "style")}
    lists = {name: list(job[name]) for name in ("size", "extras")}
    return {"version": VERSION, **lists, **kept, "first": shard * PER_SHARD}


def fault(job: dict[str, Any], shard: int) -> str | None:
    """Why a shard cannot be used: `None` if it can, "missing", "short" (fewer people) or a sentence.

    Args:
        job: see `people_in`.
        shard: its number.
    """
    from safetensors import SafetensorError, safe_open

    path = shard_path(job["folder"], shard)
    if not path.exists():
        return "missing"
    try:
        with safe_open(path, framework="numpy") as file:
            header = json.loads((file.metadata() or {}).get("people", "{}"))
            count = header.pop("count", 0) if isinstance(header, dict) else 0
            if header != _header(job, shard) or not isinstance(count, int) or not 1 <= count <= PER_SHARD:
                return f"{path} holds other people than its folder says; it is made again"
            wanted = layout(job, count, int(file.get_tensor("counts").sum()))
            found = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            found = {name: (part.get_dtype(), tuple(part.get_shape())) for name, part in found.items()}
            if found != wanted:
                return f"{path} holds other arrays than it says; it is made again"
    except (SafetensorError, ValueError, OSError) as error:
        return f"{path} is cut short or no shard of people ({error}); it is made again"
    return "short" if count < people_in(job, shard) else None


def people_done(job: dict[str, Any]) -> int:
    """How many of a job's people can be read."""
    shards = range(-(-job["people"] // PER_SHARD))
    return sum(people_in(job, shard) for shard in shards if fault(job, shard) is None)


def check_device(device: str) -> None:
    """Raise ValueError where `device` ("cpu", "cuda" or "cuda:1") is not here."""
    if device == "cpu":
        return
    from warpgan.people.quiet import quiet_warp

    here = quiet_warp().get_cuda_device_count()
    if int(device.partition(":")[2] or 0) >= here:
        raise ValueError(f"device {device!r} is not here: found {here} CUDA devices; device=\"cpu\" always works")


def write_shards(job: dict[str, Any], shards: Iterable[int]) -> None:
    """Write some shards of a job; what a worker is sent.

    Raises:
        OSError: the folder cannot be written or its disk is full. ValueError: the device is not there.
    """
    check_device(job["device"])
    for shard in shards:
        write_shard(job, shard)


def write_shard(job: dict[str, Any], shard: int) -> None:
    """Render the people of one shard and write it whole; people that it holds already are kept as they are.

    Args:
        job: see `people_in`.
        shard: its number.
    """
    from safetensors.numpy import load_file, save

    from warpgan.people.render import render_person

    path, problem = shard_path(job["folder"], shard), fault(job, shard)
    if problem is None:
        return
    size, first, count = tuple(job["size"]), shard * PER_SHARD, people_in(job, shard)
    parts = [load_file(path)] if problem == "short" else []
    for person in range(first + len(parts[0]["images"]) if parts else first, first + count):
        with _rendering:
            out = render_person(person_seed(job["seed"], job["split"], person), job["poses"], size, style=job["style"],
                                extras=tuple(job["extras"]), device=job["device"])
        parts.append(pack(out, size))
    kinds = {name: KINDS[kind] for name, (kind, _) in layout(job, count, 0).items()}
    arrays = {name: np.concatenate([part[name].astype(kind) for part in parts]) for name, kind in kinds.items()}
    whole = save(arrays, metadata={"people": json.dumps({**_header(job, shard), "count": len(arrays["images"])})})
    try:
        with _alone(path.parent):
            if fault(job, shard) is not None:  # another process may have written more people meanwhile
                with atomic(path) as part:
                    part.write_bytes(whole)
    except OSError as error:
        raise OSError(unwritable(path.parent, error, len(whole))) from error


def unwritable(folder: str | Path, error: OSError, size: int = 0) -> str:
    """The sentence about a folder that could not be written: why, and what to do.

    Args:
        folder: that could not be written.
        error: what was raised.
        size: bytes that were to be written.
    """
    other = "give another folder as cache= or in WARPGAN_CACHE"
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return f"{folder} cannot be written ({error.strerror or error}): {other}"
    free = shutil.disk_usage(folder).free if Path(folder).is_dir() else 0
    return (f"the disk of {folder} is full: the next shard needs {size / 1e6:.2f} MB and {free / 1e6:.2f} MB are free; "
            f"what is written already is kept: make room, or {other}, and call again")


# Two processes that want different numbers of the same people must not put a shorter shard over a longer one. Where a
# file system knows no locks, each still writes a whole shard.
@contextmanager
def _alone(folder):
    handle = None
    with suppress(ImportError, OSError):
        import fcntl

        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)
