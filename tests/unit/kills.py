"""Kill a training again and again, at random moments and in the middle of a write, and let it go on each time."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = Path(__file__).with_name("small_training.py")


def start(stage: str, out: Path) -> subprocess.Popen:
    """Start the small training in a process of its own, with one thread."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(PROGRAM.parents[2])}
    return subprocess.Popen([sys.executable, str(PROGRAM), stage, str(out)], env=environment, stderr=subprocess.PIPE)


def half_written(folder: Path) -> list[str]:
    """Checkpoints on their way to the disk."""
    return [entry.name for entry in os.scandir(folder) if entry.name.startswith(".state.")] if folder.is_dir() else []


def kill_again_and_again(stage: str, out: Path, kills: int, seed: int) -> dict[str, int]:
    """Kill the training `kills` times, every other time while it writes a checkpoint, and then let it end.

    Returns:
        `kills`: how often it was killed before it had ended; `writing`: how often a half-written checkpoint was left.

    Raises:
        AssertionError: it ended, or failed, before the last kill.
    """
    draw, folder = random.Random(seed), out / stage
    done = {"kills": 0, "writing": 0}
    while done["kills"] < kills:
        known = _stamp(folder / "speed.csv")
        child = start(stage, out)
        while _stamp(folder / "speed.csv") in (None, known):  # until it takes steps
            assert child.poll() is None, child.stderr.read().decode()
            time.sleep(0.002)
        if done["kills"] % 2:
            while child.poll() is None and not half_written(folder):
                pass
        else:
            time.sleep(draw.uniform(0, 0.4))
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert child.returncode == -signal.SIGKILL, f"ended after {done['kills']} kills: {child.stderr.read().decode()}"
        done["kills"] += 1
        done["writing"] += bool(half_written(folder))
    child = start(stage, out)
    assert child.wait() == 0, child.stderr.read().decode()
    return done


def _stamp(path: Path) -> int | None:
    return path.stat().st_mtime_ns if path.exists() else None


def same_training(one: Path, other: Path) -> list[str]:
    """What differs between two stage folders that should be the same: names of tensors and files; empty if nothing."""
    import torch

    from warpgan import checkpoints

    first, second = (checkpoints.load(folder).tensors for folder in (one, other))
    both = set(first) & set(second)
    wrong = sorted(set(first) ^ set(second)) + sorted(key for key in both if not torch.equal(first[key], second[key]))
    for name in ["log.csv", *(path.relative_to(one).as_posix() for path in (one / "samples").iterdir())]:
        if not (other / name).exists() or (one / name).read_bytes() != (other / name).read_bytes():
            wrong.append(name)
    return wrong + [path.name for path in other.rglob(".state.*")]
