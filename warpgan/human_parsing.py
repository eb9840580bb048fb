"""Training and measuring the human parser, which reads a person's label map off a picture (notebook 02).

The paper takes parsings as given and names the pixel-wise softmax of LIP; here is the stage that makes them, trained
like the other three (`training.py`): the same configuration, record, checkpoints and order of the data. Photos are
labelled by `labelling.label_folder` or the command `python -m warpgan.human_parsing label PHOTOS OUT`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch.utils.data import Dataset

from warpgan import checkpoints, metrics, structure
from warpgan.batches import evenly
from warpgan.config import Config
from warpgan.files import locked
from warpgan.human_batches import batch_at, label_weights, rendered
from warpgan.labelling import HEIGHT, label_folder
from warpgan.labels import LABELS, NUM_LABELS
from warpgan.machine import Machine
from warpgan.models import HumanParser, build_human_parser
from warpgan.modes import evaluating
from warpgan.parsing import IGNORE
from warpgan.records import StageRun
from warpgan.stages.common import colours
from warpgan.transfer import load_human_parser

__all__ = ["averaged", "confusion", "label_folder", "load_human_parser", "main", "measure", "rendered", "train"]

STAGE = "human_parser"
SHARE = 0.001  # a label that covers less of the pixels is reported but not averaged


def train(
    config: Config,
    out: str | Path,
    *,
    data: Dataset | None = None,
    unseen: Dataset | None = None,
    device: torch.device | str = "cpu",
    progress: bool = False,
) -> StageRun:
    """Train a human parser into `out/human_parser`, going on from the checkpoint that the folder may hold.

    With one thread on one machine a training that was stopped ends with the same bits as one that was not.

    Args:
        config: its fields `human_*`, `batch`, `seed`, `beta2`, `decay` and what is written.
        out: run folder.
        data: pictures: dicts of `image [3, H, W]` in [-1, 1] and `parsing [H, W]`, 0..19 and 255 where a pixel does
            not count, as `data.HumanParsing` gives; None: rendered people, as the configuration says.
        unseen: pictures of other people, measured before and after; None: rendered people of the validation split.
        device: where to train.
        progress: show a progress bar.

    Returns:
        The record of the stage, with its metrics, log and folder.

    Raises:
        ValueError: `out` holds a human parser trained with another configuration; a picture does not fit its parsing.
    """
    folder, machine = Path(out) / STAGE, Machine(config.replace(precision="32"), device)
    with locked(folder, "training the human parser"):
        data = data if data is not None else rendered(config, "train", progress)
        unseen = unseen if unseen is not None else rendered(config, "val", progress)
        return _train(config, folder, machine, data, unseen, progress)


def _train(config: Config, folder: Path, machine: Machine, data, unseen, progress: bool) -> StageRun:
    device = machine.device
    torch.manual_seed(config.seed)
    fresh = not checkpoints.exists(folder)
    parser = build_human_parser(config, begin=fresh).to(device, memory_format=torch.channels_last)
    adam = torch.optim.Adam(parser.parameters(), lr=config.human_learning_rate, betas=(0.9, config.beta2))
    run = StageRun(
        STAGE, config, folder, {STAGE: parser}, {STAGE: adam}, config.human_steps,
        machine=machine, progress=progress, pairs=len(data),
    )
    weights = label_weights(data, config.human_balance).to(device)
    run.measured("before", lambda: measure(parser, unseen, config.evaluation_pairs, device))
    for step in run.loop():
        parser.train()
        image, target = batch_at(data, step, config, device)
        logits, coarse, turn = parser.guess(image)
        pixels = structure.human_parsing(logits, target, structure=config.human_structure, weights=weights)
        first, facing = structure.coarse_losses(coarse, turn, target, weights)
        loss = pixels + config.human_guess * (first + facing)
        adam.zero_grad(set_to_none=True)
        loss.backward()
        adam.step()
        guess = logits.detach().argmax(dim=1)
        right = ((guess == target) & (target != IGNORE)).sum() / (target != IGNORE).sum().clamp(min=1)
        off = structure.structure_factor(guess, target).mean()
        run.log(loss=loss, pixels=pixels, coarse=first, facing=facing, structure=off, accuracy=right)
        run.sample(image, *(colours(labels) for labels in (target.where(target != IGNORE, 0), guess)))
    run.measured("after", lambda: measure(parser, unseen, config.evaluation_pairs, device))
    return run


def measure(
    parser: HumanParser, data: Dataset, count: int | None = None, device: torch.device | str = "cpu", batch: int = 8
) -> dict:
    """Measure a human parser on pictures.

    Args:
        parser: the network.
        data: as in `train`.
        count: how many pictures, evenly spread; None: all.
        device, batch: where and how many at once.

    Returns:
        `mean_iou`: over the labels that cover more than 0.1 % of the true pixels; `accuracy`: right pixels;
        `iou LABEL`: of each label that occurs in truth or prediction. Pixels are pooled over all pictures; those of
        label 255 do not count.
    """
    counts = confusion(parser, data, count, device, batch)
    overlap = metrics.class_iou(counts)
    named = {f"iou {LABELS[i]}": overlap[i].item() for i in range(NUM_LABELS) if not overlap[i].isnan()}
    accuracy = counts.trace() / counts.sum().clamp(min=1)
    return {"mean_iou": overlap[averaged(counts)].mean().item(), "accuracy": accuracy.item()} | named


@torch.no_grad()
def confusion(
    parser: HumanParser, data: Dataset, count: int | None = None, device: torch.device | str = "cpu", batch: int = 8
) -> torch.Tensor:
    """Count the pixels of pictures by true and predicted label, `[20, 20]`; arguments as for `measure`.

    Args:
        parser: the network.
        data: as in `train`.
        count: how many pictures, evenly spread; None: all.
        device: where to measure.
        batch: how many at once.
    """
    counts, chosen = torch.zeros(NUM_LABELS, NUM_LABELS, dtype=torch.int64), evenly(len(data), count)
    with evaluating(parser):
        for start in range(0, len(chosen), batch):
            picked = [data[i] for i in chosen[start : start + batch]]
            image = torch.stack([item["image"] for item in picked]).to(device)
            target = torch.stack([item["parsing"] for item in picked])
            counts += metrics.label_confusion(parser(image).argmax(dim=1).cpu(), target)
    return counts


def averaged(counts: torch.Tensor) -> torch.Tensor:
    """Which labels `mean_iou` averages: those of more than 0.1 % of the true pixels; `[20]` bool for the counts."""
    return counts.sum(dim=1) > SHARE * counts.sum()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command `python -m warpgan.human_parsing label PHOTOS OUT`; 1 if a photo failed or nothing could be done."""
    command = argparse.ArgumentParser(prog="python -m warpgan.human_parsing", description=__doc__.split("\n")[0])
    label = command.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "label", help="write a label map for each photo of a folder", description=label_folder.__doc__.split("\n")[0]
    )
    label.add_argument("photos", metavar="PHOTOS", help="folder of photos; subfolders are searched too")
    label.add_argument("out", metavar="OUT", help="folder for the label maps; what is there is kept")
    label.add_argument("--weights", default=STAGE, help="shipped weights or a run folder (%(default)s)")
    label.add_argument("--height", type=int, default=HEIGHT, help="pixels at which photos are seen (%(default)s)")
    label.add_argument("--workers", type=int, default=0, help="processes (%(default)s: none but this one)")
    chosen = command.parse_args(arguments)
    try:
        report = label_folder(
            chosen.photos, chosen.out, chosen.weights, height=chosen.height, workers=chosen.workers
        )
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(report)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
