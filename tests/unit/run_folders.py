"""Small folders as trainings leave them: the weights of networks that have not learned, and runs of them."""

import json
from pathlib import Path

import torch

from warpgan import checkpoints, config, models
from warpgan.changes import read_changes

SMALL = config.preset(
    "quick", height=64, width=32, parser_width=4, parser_blocks=1, matcher_width=8, generator_width=8,
    generator_blocks=1, discriminator_width=8,
)


def leave_weights(folder: Path, stages=tuple(checkpoints.SHIPPED), settings: config.Config = SMALL) -> Path:
    """Write checkpoints of some stages."""
    torch.manual_seed(settings.seed)
    networks = models.build(settings)
    for stage in stages:
        name = checkpoints.SHIPPED[stage]
        checkpoints.save(folder / stage, {name: networks[name]}, stage=stage, config=settings, step=1)
    return folder


def leave_run(root: Path, name: str, *, frozen: str, variant: str = "", seed: int = 0, state: str = "done",
              settings: config.Config = SMALL) -> Path:
    """Write what a run of the notebook `training_run` leaves that a panel reads."""
    changed = settings.replace(seed=seed, **read_changes(variant))
    folder = leave_weights(root / name, ("gan",), changed)
    parameters = {"stage": "gan", "variant": variant, "seed": seed, "frozen": frozen}
    record = {"notebook": "training_run", "parameters": parameters, "state": state}
    (folder / "config.json").write_text(json.dumps(record))
    return folder
