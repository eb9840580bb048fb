"""Variants of the method on one pair: what each answers, how far it is off, and by which numbers (notebook 07).

A variant is a method of `evaluation.table`: a baseline that learns nothing, the given weights, or a trained run.
"""

from __future__ import annotations

import math
import textwrap
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from warpgan import evaluation, plots
from warpgan.baselines import paint_by_label
from warpgan.batches import Batch, collate
from warpgan.metrics import MEASURES
from warpgan.models.parser import ask
from warpgan.parsing import one_hot
from warpgan.recent import recent
from warpgan.widgets.trained_runs import RunNetworks, TrainedRun, find_runs, inside

SHOWN = 6
PAIRS = 600
ANSWERS = 96
WHITE = 1.0
NAMES = {"ssim": "SSIM", "l1": "L1", "clothing_l1": "clothing L1"}
COPY, PAINT, PAINT_TRUE, WEIGHTS = "copy", "paint", "paint-true", "weights"
RUN = "run/"  # before a run's name, so that no folder can take the place of the four


@dataclass(frozen=True)
class Answer:
    """What a variant makes of a pair.

    Attributes:
        image: [3, H, W] in [-1, 1].
        error: [H, W], absolute difference to the truth, mean over colours, in [0, 2].
        numbers: measure -> value, not-a-number where it is not known.
    """

    image: Tensor
    error: Tensor
    numbers: dict[str, float]


class AblationScene:
    """Answers of variants to pairs; the last ones are kept.

    Args:
        data: pairs, of which the first `PAIRS` are offered.
        runs: folder of trained runs, or None.
        weights: shipped weights or a run folder.

    Attributes:
        pairs: name of each pair -> its index.
        variants: key -> label of what can be chosen now.
        faults: a sentence for each run that cannot be read, and for a run folder that is not there.
    """

    def __init__(self, data: Dataset, runs: str | Path | None = None, weights: str | Path = "rendered"):
        self.data, self.root = data, runs or None
        self.networks = RunNetworks(self.root, weights)
        self.pairs = _names(data)
        self.free = {
            COPY: "copy the condition",
            PAINT: "paint by label",
            PAINT_TRUE: "paint by label, true parsing",
            WEIGHTS: f"weights {str(weights)!r}",
        }
        self._answers: OrderedDict[tuple, Answer] = OrderedDict()
        self._batch: tuple[str, Batch] | None = None
        self._drawn: dict[torch.nn.Module, Tensor] = {}  # parser -> the parsing that it draws for this batch
        self.look_for_runs()

    def look_for_runs(self) -> None:
        """Bring `variants` and `faults` up to date with the run folder."""
        self._runs: dict[str, TrainedRun] = {}
        self.faults: list[str] = []
        if self.root is not None:
            try:
                found, self.faults = find_runs(self.root)
                self._runs = {RUN + run.name: run for run in found}
            except OSError as error:
                self.faults = [str(error)]
        self.variants = self.free | {key: run.label for key, run in self._runs.items()}

    @property
    def people(self) -> dict[str, list[str]]:
        """Each person, or condition picture of real pairs, with the names of its pairs."""
        found: dict[str, list[str]] = {}
        for name in self.pairs:
            found.setdefault(whose(name), []).append(name)
        return found

    def require(self, variant: str) -> str:
        """Give a variant's key back.

        Raises:
            ValueError: none of `variants`, or a run that leads out of the run folder. FileNotFoundError: one that has
                vanished.
        """
        if variant in self.variants:
            return variant
        if variant.startswith(RUN) and self.root is not None:
            path = inside(self.root, variant.removeprefix(RUN))
            raise ValueError(f"{path}: holds no finished run of stage II")
        raise ValueError(f"no variant is called {variant!r}; there are {', '.join(self.variants)}")

    def batch(self, pair: str) -> Batch:
        """The pair as a batch of one; the last one is kept."""
        if self._batch is None or self._batch[0] != pair:
            self._batch = pair, collate([self.data[self.pairs[pair]]])
            self._drawn.clear()
        return self._batch[1]

    @torch.no_grad()
    def answer(self, variant: str, pair: str) -> Answer:
        """What a variant makes of a pair.

        Args:
            variant: a key of `variants`.
            pair: a name of `pairs`.

        Raises:
            FileNotFoundError, ValueError: the run has vanished or is damaged, or takes pictures of another size.
        """
        run = self._runs.get(self.require(variant))
        key = (variant, pair, *(self.networks.mark(run) if run else ()))
        return recent(self._answers, key, lambda: self._answer(variant, pair), ANSWERS)

    def sheet(self, pair: str, answers: dict[str, Answer]) -> Image.Image:
        """Condition, truth and a column for each variant: its output, and below it where it is wrong.

        Args:
            pair: a name of `pairs`.
            answers: of some variants, by key.
        """
        batch = self.batch(pair)
        titles = ["condition", "truth", *(textwrap.fill(self.variants[key], 17) for key in answers)]
        lines = max(title.count("\n") for title in titles)
        titles = [title + "\n" * (lines - title.count("\n")) for title in titles]
        rows = [
            [batch.condition_image[0], batch.target_image[0], *(one.image for one in answers.values())],
            [None, None, *(one.error / WHITE for one in answers.values())],
        ]
        return plots.sheet(rows, ["output", f"error\nwhite: {WHITE:.1f}\nor more"], column_titles=titles)

    def _answer(self, variant: str, pair: str) -> Answer:
        batch = self.batch(pair)
        image = self._render(variant, batch)
        numbers = {name: float(MEASURES[name](image, batch)) for name in evaluation.MEASURED}
        error = (image - batch.target_image).abs().mean(dim=1)[0]  # [H, W]
        return Answer(image[0], error, numbers)

    def _render(self, variant: str, batch: Batch) -> Tensor:
        if variant == COPY:
            return evaluation.copy(batch)
        if variant == PAINT_TRUE:
            return evaluation.paint(batch)
        run = self._runs.get(variant)
        transfer = self.networks.of_run(run) if run else self.networks.of_weights()
        size = tuple(batch.target_image.shape[-2:])
        if tuple(transfer.size) != size:
            trained = "x".join(map(str, transfer.size))
            raise ValueError(
                f"{run.name if run else self.networks.weights}: trained at {trained}; the pairs are "
                f"{size[0]}x{size[1]}, height first"
            )
        if transfer.parser not in self._drawn:
            self._drawn[transfer.parser] = ask(
                transfer.parser, batch.condition_onehot, batch.pose_map, batch.condition_image
            ).argmax(dim=1)
        drawn = self._drawn[transfer.parser]  # [1, H, W]
        if variant == PAINT:
            return paint_by_label(batch.condition_image, batch.condition_parsing, drawn)
        maps = (batch.condition_image, batch.condition_onehot, batch.pose_map, one_hot(drawn))
        return transfer.batch(*maps, condition_keypoints=batch.condition_keypoints).image


def whose(pair: str) -> str:
    """The person in a rendered pair's name, or the condition picture in that of a real one."""
    return pair.split("___", maxsplit=1)[0] if "___" in pair else evaluation.person_of(pair)


def number(value: float) -> str:
    """A number for people: three digits, or that it is not known."""
    return "not known" if math.isnan(value) else f"{value:.3f}"


def verdict(answers: dict[str, Answer], labels: dict[str, str]) -> str:
    """Say which variant is best by clothing error, and by how much.

    Args:
        answers: of some variants, by key.
        labels: key -> label.
    """
    ranked = sorted((one.numbers["clothing_l1"], labels[key]) for key, one in answers.items()
                    if not math.isnan(one.numbers["clothing_l1"]))
    if not ranked:
        return "The clothing error of this pair is not known: no clothing of the target is seen in the condition."
    (least, best), *others = ranked
    text = f"Smallest error over clothing seen in both pictures: {best} with {least:.3f}"
    return text + (f"; next {others[0][1]} with {others[0][0]:.3f}." if others else ".")


def _names(data: Dataset) -> dict[str, int]:
    count = min(len(data), PAIRS)
    if not count:
        raise ValueError("pairs: an empty dataset; expected at least one pair")
    return {data[index]["name"]: index for index in range(count)}
