"""The three trainings: pose-guided parser, geometric matcher, warping GAN (paper sections 3.1 and 3.2).

The loops are in `stages/`, a file each, and read as the method does: batch, networks, discriminator step, generator
step, log. Book-keeping is in `records.py`, devices and processes in `machine.py`, losses in `losses.py`. Notebooks 03,
04 and 06 train with `train`; `launch.py` calls it in several processes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import torch
from torch.utils.data import Dataset

from warpgan import models
from warpgan.config import Config
from warpgan.files import locked
from warpgan.machine import Machine
from warpgan.modes import frozen_weights
from warpgan.records import StageRun
from warpgan.stages import train_gan, train_matcher, train_parser
from warpgan.transfer import find, load_network

__all__ = ["STAGES", "frozen_weights", "rendered", "train"]

STAGES = {"parser": train_parser, "matcher": train_matcher, "gan": train_gan}


def train(
    stage: str,
    config: Config,
    out: str | Path,
    *,
    data: Dataset | None = None,
    unseen: Dataset | None = None,
    frozen: str | Path | None = None,
    start: str | Path | None = None,
    device: torch.device | str = "cpu",
    progress: bool = False,
    on_log: Callable[[StageRun], None] | None = None,
) -> StageRun:
    """Train one stage into the folder `out/<stage>`, going on from the checkpoint that it may hold.

    Args:
        stage: `parser`, `matcher` or `gan`.
        config: networks, losses and steps.
        out: run folder, shared by the three stages.
        data: training pairs; None: rendered people, as the configuration says.
        unseen: pairs of other people, measured before and after training; None: rendered people of the
            validation split.
        frozen: where stage II finds the trained parser and matcher: a run folder or the name of shipped weights;
            None: `out`.
        start: run folder or shipped weights that the stage's network begins with (see `resuming.begin_with`); None:
            random weights.
        device: where to train.
        progress: show a progress bar.
        on_log: called with the record after each row of the log, for instance `plots.LiveCurves`.

    Returns:
        The record of the stage, with its metrics, log and folder.

    Raises:
        ValueError: unknown stage; `out` holds this stage trained with another configuration; `start` has another form.
        FileNotFoundError: stage II without a trained parser or matcher; no weights at `start`.
        BlockingIOError: another process trains this stage into this folder.
        OSError: the folder cannot be written, or its disk is full; the last checkpoint is whole.
        FloatingPointError: a loss is not finite or exploded (`watch.Diverged`); the last checkpoint is from before.
        SystemExit: the process was told to stop (SIGTERM) and saved its state (`signals.Stopped`).
    """
    if stage not in STAGES:
        raise ValueError(f"unknown stage {stage!r}; expected one of {', '.join(STAGES)}")
    # The matcher stays in 32 bits: a coordinate in bf16 is off by half a pixel at 256.
    precision = "32" if stage == "matcher" else config.precision
    machine = Machine(config.replace(batch=config.batch_of(stage), precision=precision), device)
    folder = Path(out) / stage
    with locked(folder, f"training the {stage}") if machine.first else nullcontext():
        given = {}  # before anything is rendered: it may not be there
        if stage == "gan":
            given = {name: load_network(name, frozen if frozen is not None else out) for name in ("parser", "matcher")}
        data = data if data is not None else machine.one_first(lambda: rendered(config, "train", progress))
        unseen = unseen if unseen is not None else machine.one_first(lambda: rendered(config, "val", progress))
        torch.manual_seed(config.seed)
        networks = models.build(config, begin=stage == "matcher") | given
        networks = {name: module.to(machine.device) for name, module in networks.items()}
        return STAGES[stage](
            networks, config, machine, data, unseen, folder, progress=progress, pairs=len(data), on_log=on_log,
            start=None if start is None else find(start) / stage,
        )


def rendered(config: Config, split: str, progress: bool = False) -> Dataset:
    """The rendered people that a configuration trains on (`train`) or is measured on (`val`, `test`).

    Args:
        config: how many people and poses, and which size.
        split: `train`, `val` or `test`.
        progress: show a bar where they must be rendered first.
    """
    from warpgan.data import RenderedPeople

    people = config.people if split == "train" else None
    return RenderedPeople(split, config.size, people, config.poses, config.data_seed, progress=progress)
