"""How much of a training step is spent waiting for data: `python tests/benchmarks/benchmark_waiting.py`.

Trains stage II of the preset `quick`, with the shipped parser and matcher, on rendered people, and reads `speed.csv`,
which every training writes: its column `waiting` is the share of the time that the loop stood still until a batch was
read. The people are rendered before and lie in the cache. The same on a folder drawn like DeepFashion, whose pictures
are decoded. A row holds equally many steps as every other; its share is weighted with the time that it took.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import torch

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "unit"), str(Path(__file__).parent)]

from benchmark_real_data import photos  # noqa: E402
from measuring import judge, spread  # noqa: E402

from warpgan import config, training  # noqa: E402
from warpgan.data import DeepFashion  # noqa: E402

BAR = 5.0  # percent


def waiting(settings, data, unseen) -> tuple[float, float]:
    """Train once; gives the percentage of the time spent waiting for data, and pictures a second."""
    with tempfile.TemporaryDirectory() as folder:
        run = training.train("gan", settings, folder, data=data, unseen=unseen, frozen="rendered")
        rows = run.speed()
    seconds = 1 / rows["pictures_per_second"]  # of a picture; the rows hold equally many
    return 100 * (rows["waiting"] * seconds).sum() / seconds.sum(), 1 / seconds.mean()


def main(arguments: list[str] | None = None) -> int:
    """Print the figures and last the share at the preset; returns the exit status."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--steps", type=int, default=60)
    options.add_argument("--people", type=int, help="rendered people, by default those of the preset")
    options.add_argument("--batch", type=int, help="by default the preset's")
    options.add_argument("--loaders", type=int, help="threads that read, by default the preset's")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--threads", type=int, default=1)
    chosen = options.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    changes = {name: value for name in ("people", "batch", "loaders") if (value := getattr(chosen, name)) is not None}
    every = min(10, chosen.steps)
    settings = config.preset("quick", gan_steps=chosen.steps, log_every=every, evaluation_pairs=2, **changes)
    print(f"quick, batch {settings.batch}, {settings.loaders} threads that read, {chosen.threads} that compute, "
          f"{chosen.steps} steps, torch {torch.__version__}")
    shares = {}
    with tempfile.TemporaryDirectory() as folder:
        drawn = DeepFashion(photos(Path(folder), (256, 256)), "train", settings.size, fit="stretch")
        rendered = training.rendered(settings, "train")
        for name, data in (("a drawn folder of DeepFashion", drawn), ("rendered people", rendered)):
            found = [waiting(settings, data, rendered) for _ in range(chosen.runs)]
            shares[name] = [share for share, _ in found]
            print(f"{name}: {spread(shares[name], '.2f')} % of the time waiting, "
                  f"{spread([rate for _, rate in found], '.1f')} pictures a second")
    return judge("waiting for data at the preset quick", statistics.median(shares["rendered people"]), BAR, unit=" %")


if __name__ == "__main__":
    sys.exit(main())
