"""Training and measuring the human parser, which reads a person's label map off a picture (notebook 02).

The paper takes parsings as given and names the pixel-wise softmax of LIP; here is the stage that makes them, trained
like the other three (`training.py`): the same configuration, record, checkpoints and order of the data. Label folders
of photos with `python -m warpgan.human_parsing label PHOTOS OUT`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch.nn import functional as F
from torch.utils.data import Dataset, default_collate

from . import metrics, parsing, structure
from .batches import indices
from .checkpoints import load
from .config import Config
from .labels import LABELS, NUM_LABELS
from .models import HumanParser
from .parsing import IGNORE
from .records import StageRun
from .transfer import find

STAGE = "human_parser"
SHARE = 0.001  # a label that covers less of the pixels is reported but not averaged
COUNTED = 200  # training pictures whose labels are counted for the weights


class Pictures(Dataset):
    """Single pictures of pair datasets, one after the other.

    Args:
        *datasets: each with `num_pictures` and `pictures(index)`, as `data.RenderedPeople`.
    """

    def __init__(self, *datasets):
        self.datasets = datasets

    def __len__(self):
        return sum(dataset.num_pictures for dataset in self.datasets)

    def __getitem__(self, index: int) -> dict:
        if not 0 <= index < len(self):
            raise IndexError(f"picture {index} of {len(self)}")
        for dataset in self.datasets:
            if index < dataset.num_pictures:
                return dataset.pictures(index)
            index -= dataset.num_pictures


def rendered(config: Config, split: str, progress: bool = False) -> Pictures:
    """Pictures of rendered people: `train` in all styles of the configuration, `val` and `test` in the first."""
    from .data import RenderedPeople

    styles = config.human_styles.split("+")
    people = config.people if split == "train" else None
    return Pictures(*(
        RenderedPeople(split, config.size, people, config.poses, config.data_seed, style=style, progress=progress)
        for style in (styles if split == "train" else styles[:1])
    ))  # fmt: skip


def build(config: Config) -> HumanParser:
    """The untrained network of a configuration."""
    return HumanParser(config.human_width, config.human_decoder)


def load_parser(name_or_folder: str | Path = STAGE) -> HumanParser:
    """A trained human parser, ready to use.

    Args:
        name_or_folder: "human_parser", the shipped weights for rendered people, or a run folder.

    Raises:
        FileNotFoundError: no such weights.
        ValueError: the checkpoint is damaged or of another stage.
    """
    folder = find(name_or_folder)
    found = load(folder / STAGE if (folder / STAGE).is_dir() else folder, STAGE)
    return found.load_into(STAGE, build(found.config)).eval()


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
    data = data if data is not None else rendered(config, "train", progress)
    unseen = unseen if unseen is not None else rendered(config, "val", progress)
    torch.manual_seed(config.seed)
    parser = build(config).to(device, memory_format=torch.channels_last)
    adam = torch.optim.Adam(
        parser.parameters(), lr=config.human_learning_rate, betas=(0.9, config.beta2)
    )
    run = StageRun(
        STAGE, config, Path(out) / STAGE, {STAGE: parser}, {STAGE: adam}, config.human_steps, progress=progress
    )
    weights = label_weights(data, config.human_balance).to(device)
    _measure(run, "before", parser, unseen, device)
    for step in run.loop():
        parser.train()
        image, target = batch_at(data, step, config, device)
        logits = parser(image)  # [B, 20, H, W]
        loss = structure.human_parsing(logits, target, structure=config.human_structure, weights=weights)
        adam.zero_grad(set_to_none=True)
        loss.backward()
        adam.step()
        guess = logits.detach().argmax(dim=1)
        right = ((guess == target) & (target != IGNORE)).sum() / (target != IGNORE).sum().clamp(min=1)
        run.log(loss=loss, structure=structure.structure_factor(guess, target).mean(), accuracy=right)
        run.sample(image, *(_colours(labels) for labels in (target.where(target != IGNORE, 0), guess)))
    _measure(run, "after", parser, unseen, device)
    return run


def batch_at(data: Dataset, step: int, config: Config, device) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the pictures `[B, 3, H, W]` and labels `[B, H, W]` of a step, mirrored and recoloured at random.

    Everything depends on the seed and the step alone, so that a resumed training sees what it would have seen.
    """
    picked = [data[i] for i in indices(len(data), config.batch, step, config.seed)]
    stacked = default_collate([{key: item[key] for key in ("image", "parsing")} for item in picked])
    image, target = stacked["image"].to(device), stacked["parsing"].to(device)
    generator = torch.Generator().manual_seed((config.seed + 1) * 1_000_003 + step)
    turned = torch.rand(len(image), generator=generator) < 0.5
    for i in turned.nonzero()[:, 0].tolist():
        image[i], target[i] = image[i].flip(-1), mirror(target[i])
    image = jitter(image, generator)
    if step < config.human_small * config.human_steps:
        image = F.avg_pool2d(image, 2)
        target = F.interpolate(target[:, None].float(), scale_factor=0.5, mode="nearest-exact")[:, 0].long()
    return image.contiguous(memory_format=torch.channels_last), target


def mirror(labels: torch.Tensor) -> torch.Tensor:
    """As `parsing.mirror`, with 255 staying what it is."""
    ignored = labels == IGNORE
    return parsing.mirror(labels.masked_fill(ignored, 0)).masked_fill(ignored.flip(-1), IGNORE)


def jitter(image: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Change brightness, contrast, saturation and the three channels of each picture at random.

    Args:
        image: [B, 3, H, W] in [-1, 1].
        generator: on the CPU.

    Returns:
        The same shape, in [-1, 1].
    """
    low = torch.tensor([-0.2, 0.75, 0.6, 0.9, 0.9, 0.9])  # brightness; factors of contrast, saturation, channels
    high = torch.tensor([0.2, 1.25, 1.4, 1.1, 1.1, 1.1])
    drawn = low + (high - low) * torch.rand(len(image), 6, generator=generator)
    brightness, contrast, saturation, channels = drawn.to(image.device)[..., None, None].split([1, 1, 1, 3], dim=1)
    grey = image.mean(dim=1, keepdim=True)
    image = grey + saturation * (image - grey)
    return (channels * contrast * image + brightness).clamp(-1, 1)


def label_weights(data: Dataset, balance: float) -> torch.Tensor:
    """Weights of the labels: their share of the pixels to the power -balance, 1 on average over pixels.

    Args:
        data: as in `train`; at most 200 pictures, evenly spread, are counted.
        balance: 0 (all alike) to 1 (each label counts as much as each other).

    Returns:
        [20]; a label that does not occur weighs like one that covers a ten-thousandth of the pixels.
    """
    count = min(len(data), COUNTED)
    labels = [data[i * len(data) // count]["parsing"].flatten() for i in range(count)]
    counts = torch.bincount(torch.cat(labels), minlength=256)[:NUM_LABELS].double()
    shares = counts / counts.sum().clamp(min=1)
    weights = shares.clamp(min=1e-4) ** -balance
    return (weights / (shares * weights).sum()).float()


@torch.no_grad()
def measure(parser: HumanParser, data: Dataset, count: int | None = None, device="cpu", batch: int = 8) -> dict:
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
    training = parser.training
    parser.eval()
    counts = torch.zeros(NUM_LABELS, NUM_LABELS, dtype=torch.int64)
    for picked in _spread(data, count, batch):
        image = torch.stack([item["image"] for item in picked]).to(device)
        target = torch.stack([item["parsing"] for item in picked])
        counts += metrics.label_confusion(parser(image).argmax(dim=1).cpu(), target)
    parser.train(training)
    overlap = metrics.class_iou(counts)
    large = counts.sum(dim=1) > SHARE * counts.sum()
    named = {f"iou {LABELS[i]}": overlap[i].item() for i in range(NUM_LABELS) if not overlap[i].isnan()}
    accuracy = counts.trace() / counts.sum().clamp(min=1)
    return {"mean_iou": overlap[large].mean().item(), "accuracy": accuracy.item()} | named


def _spread(data: Dataset, count: int | None, batch: int) -> Iterator[Sequence[dict]]:
    count = len(data) if count is None else min(count, len(data))
    chosen = [i * len(data) // count for i in range(count)]
    for start in range(0, count, batch):
        yield [data[i] for i in chosen[start : start + batch]]


def _measure(run: StageRun, when: str, parser: HumanParser, unseen: Dataset, device) -> None:
    noted = run.metrics.get(when)  # once each: see `training._measure`
    if noted is None or (when == "after" and noted.get("step") != run.step):
        run.measured(when, measure(parser, unseen, run.config.evaluation_pairs, device) | {"step": run.step})


def _colours(labels: torch.Tensor) -> torch.Tensor:
    return parsing.colourise(labels).permute(0, 3, 1, 2) / 127.5 - 1  # [B, 3, H, W] in [-1, 1]
