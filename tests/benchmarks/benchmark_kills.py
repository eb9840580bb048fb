"""Kill a training twenty times, at random moments and in the middle of writes; its weights must not show it.

python tests/benchmarks/benchmark_kills.py --kills 20 --seed 1
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import torch

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "unit")]

from kills import kill_again_and_again, same_training  # noqa: E402
from small_training import SMALL, train  # noqa: E402

from warpgan import checkpoints  # noqa: E402


def main() -> int:
    """Print what was done and what differs; status 1 if anything does."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    torch.set_num_threads(1)  # as the training that is killed: the last bits depend on it
    with tempfile.TemporaryDirectory() as folder:
        whole, killed = Path(folder) / "whole", Path(folder) / "killed"
        for stage in ("parser", "matcher", "gan"):
            train(stage, whole)
        checkpoints.ship(whole, killed, {s: checkpoints.SHIPPED[s] for s in ("parser", "matcher")}, half=False)
        start = time.monotonic()
        done = kill_again_and_again("gan", killed, chosen.kills, chosen.seed)
        wrong = same_training(whole / "gan", killed / "gan")
    print(f"{SMALL.gan_steps} steps, a checkpoint every {SMALL.checkpoint_every}, {time.monotonic() - start:.0f} s")
    print(f"killed {done['kills']} times, {done['writing']} of them while a checkpoint was half written")
    print("differs: " + (", ".join(wrong) or "nothing, to the last bit"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
