"""A training so small that it can be killed many times, or be shared out; run as a program it is the one that is.

`python small_training.py STAGE OUT` trains on painted boxes; under torchrun, with the configuration in
OUT/settings.json, each process leaves a note of its weights beside the run.
"""

import os
import sys
from pathlib import Path

from scenes import Boxes

from warpgan import config, training
from warpgan.files import read_json, write_json
from warpgan.machine import leave
from warpgan.watch import Diverged

SMALL = config.preset(
    "quick", height=64, width=32, parser_width=4, parser_blocks=1, matcher_width=8, generator_width=8,
    generator_blocks=2, discriminator_width=8, batch=4, parser_steps=6, matcher_map_steps=3, matcher_pair_steps=3,
    gan_steps=120, log_every=1, sample_every=50, checkpoint_every=3, evaluation_pairs=4,
)

TINY = SMALL.replace(
    generator_width=4, generator_blocks=1, discriminator_width=4, batch=2, gan_steps=6, sample_every=4
)  # for what is trained once or twice


def train(stage: str, out: Path, settings: config.Config = SMALL, **options):
    """Train a stage on boxes."""
    return training.train(stage, settings, out, data=Boxes(), unseen=Boxes(6, seed=1), **options)


def weights(run) -> dict[str, float]:
    """One number for the weights of each network of a run."""
    every = {name: [w.detach().double().abs().sum() for w in part.parameters()] for name, part in run.modules.items()}
    return {name: sum(sums).item() for name, sums in every.items()}


def together(stage: str, out: Path) -> None:
    """Train as one of several processes; then the second moves a weight, and all try to save."""
    rank = os.environ["RANK"]
    run = train(stage, out, config.from_dict(read_json(out / "settings.json")))
    note = {"weights": weights(run), "refused": ""}
    if rank == "1":
        first = next(iter(run.modules.values()))
        next(first.parameters()).data.add_(1e-3)
    try:
        run.save()
    except Diverged as error:
        note["refused"] = str(error)
    write_json(out / f"process{rank}.json", note)


if __name__ == "__main__":
    chosen, folder = sys.argv[1], Path(sys.argv[2])
    if "TORCHELASTIC_RUN_ID" in os.environ:
        together(chosen, folder)
        leave()
    else:
        train(chosen, folder)
