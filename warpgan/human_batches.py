"""What the human parser learns from: pictures, mirrored and recoloured at random, and the weights of their labels.

Everything random depends on the seed and the step alone, so that a resumed training sees what it would have seen.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional as F
from torch.utils.data import Dataset, default_collate

from warpgan import parsing
from warpgan.batches import evenly, indices
from warpgan.config import Config
from warpgan.labels import NUM_LABELS
from warpgan.parsing import IGNORE

COUNTED = 200  # training pictures whose labels are counted for the weights


class Pictures(Dataset):
    """Single pictures of pair datasets, one after the other.

    Args:
        *datasets: each with `num_pictures` and `pictures(index)`, as `data.RenderedPeople`.
    """

    def __init__(self, *datasets: Any):
        self.datasets = datasets

    def __len__(self) -> int:
        return sum(dataset.num_pictures for dataset in self.datasets)

    def __getitem__(self, index: int) -> dict:
        if not 0 <= index < len(self):
            raise IndexError(f"picture {index} of {len(self)}")
        for dataset in self.datasets:
            if index < dataset.num_pictures:
                break
            index -= dataset.num_pictures
        return dataset.pictures(index)


def rendered(config: Config, split: str, progress: bool = False) -> Pictures:
    """Pictures of rendered people: `train` in all styles of the configuration, `val` and `test` in the first.

    Args:
        config: how many people, poses, which styles and size.
        split: `train`, `val` or `test`.
        progress: show a bar where they must be rendered first.
    """
    from warpgan.data import RenderedPeople

    styles = config.human_styles.split("+")
    people = config.people if split == "train" else None
    return Pictures(*(
        RenderedPeople(split, config.size, people, config.poses, config.data_seed, style=style, progress=progress)
        for style in (styles if split == "train" else styles[:1])
    ))


def batch_at(data: Dataset, step: int, config: Config, device: torch.device | str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the pictures `[B, 3, H, W]` and labels `[B, H, W]` of a step, mirrored and recoloured at random.

    Everything depends on the seed and the step alone, so that a resumed training sees what it would have seen.

    Args:
        data: pictures.
        step: counted from 0.
        config: its `batch`, `seed`, `human_small` and `human_steps`.
        device: where the batch goes.
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
    labels = [data[i]["parsing"].flatten() for i in evenly(len(data), COUNTED)]
    counts = torch.bincount(torch.cat(labels), minlength=256)[:NUM_LABELS].double()
    shares = counts / counts.sum().clamp(min=1)
    weights = shares.clamp(min=1e-4) ** -balance
    return (weights / (shares * weights).sum()).float()
