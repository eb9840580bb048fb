"""The trials of a preference study: who sees which two pictures in which order, and what is still to be asked."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.utils.data import Dataset

from warpgan.batches import Batch, spread
from warpgan.widgets.study_log import CODE, Vote, VoteLog

FASTEST = 0.2
"""Seconds below which a vote is a slip of the hand: the second half of a double click."""


@dataclass(frozen=True)
class Trial:
    """Two pictures of which one has to be chosen.

    Attributes:
        name: unique in the study.
        pictures: the two methods' names -> [3, H, W] in [-1, 1], of one size.
        reference: the condition, [3, H, W] in [-1, 1] of any size, or None.

    Raises:
        ValueError: not two pictures, or names or pictures that are none.
    """

    name: str
    pictures: dict[str, Tensor] = field(compare=False)
    reference: Tensor | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if len(self.pictures) != 2:
            raise ValueError(f"trial {self.name!r}: {len(self.pictures)} pictures; expected those of two methods")
        for name in (self.name, *self.pictures):
            if not isinstance(name, str) or not name.strip() or not name.isprintable():
                raise ValueError(f"trial {self.name!r}: {name!r} is no name; expected one printed line")
        shown = {**self.pictures} | ({} if self.reference is None else {"reference": self.reference})
        for name, picture in shown.items():
            if picture.ndim != 3 or picture.shape[0] != 3 or not -1.001 <= picture.min() <= picture.max() <= 1.001:
                raise ValueError(f"trial {self.name!r}, {name}: expected a picture [3, H, W] in [-1, 1], found "
                                 f"{list(picture.shape)} from {picture.min():.3g} to {picture.max():.3g}")
        sizes = [list(picture.shape[1:]) for picture in self.pictures.values()]
        if sizes[0] != sizes[1]:
            raise ValueError(f"trial {self.name!r}: pictures of sizes {sizes[0]} and {sizes[1]}; expected one size")


@dataclass(frozen=True)
class Showing:
    """A trial as a rater sees it: which method lies on the left and which on the right."""

    trial: Trial
    left: str
    right: str


@torch.no_grad()
def trials_of(methods: dict[str, Callable[[Batch], Tensor]], data: Dataset, pairs: int) -> list[Trial]:
    """Make a trial of each of some pairs, with the condition as reference.

    Args:
        methods: two, as `evaluation.table` takes them: name -> function from a batch to pictures [B, 3, H, W].
        data: pairs.
        pairs: how many, spread evenly over the data.

    Raises:
        ValueError: not two methods, or fewer than one pair.
    """
    if len(methods) != 2:
        raise ValueError(f"{len(methods)} methods: {', '.join(methods)}; a study compares two")
    trials = []
    for batch in spread(data, pairs):
        made = {name: render(batch).clamp(-1, 1) for name, render in methods.items()}
        trials += [
            Trial(name, {method: images[i] for method, images in made.items()}, batch.condition_image[i])
            for i, name in enumerate(batch.names)
        ]
    return trials


def fingerprint(trials: Sequence[Trial]) -> str:
    """Twelve digits that tell studies apart.

    They depend on the names of trials and methods, not on pixels, which differ between machines.

    Args:
        trials: of the study, in any order.

    Raises:
        ValueError: no trial, or a name that stands twice.
    """
    names = [trial.name for trial in trials]
    twice = next((name for name in names if names.count(name) > 1), None)
    if not names or twice is not None:
        raise ValueError(f"trial {twice!r} stands twice" if names else "a study needs at least one trial")
    text = json.dumps(sorted([trial.name, *sorted(trial.pictures)] for trial in trials))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def plan(trials: Sequence[Trial], seed: int, rater: str) -> list[Showing]:
    """The order and the sides that a rater sees: drawn from the seed and the rater's code alone.

    Args:
        trials: in any order.
        seed: of the study.
        rater: code.
    """
    draw = random.Random(f"{seed} {rater}")
    order = sorted(trials, key=lambda trial: trial.name)
    draw.shuffle(order)
    return [Showing(trial, *draw.sample(sorted(trial.pictures), 2)) for trial in order]


class Session:
    """One rater's way through a study; what was voted before is not asked again.

    Args:
        trials: of the study.
        log: where votes go.
        rater: code of 2 to 12 small letters and digits.
        seed: of the study.

    Attributes:
        torn: a sentence for each torn line of the file.

    Raises:
        ValueError: another code, or a file of another study.
    """

    def __init__(self, trials: Sequence[Trial], log: VoteLog, rater: str, seed: int = 0):
        if not isinstance(rater, str) or not CODE.fullmatch(rater):
            raise ValueError(f"rater: {rater!r} is no code; expected 2 to 12 small letters and digits, and no name")
        self.log, self.rater, self.total = log, rater, len(trials)
        votes, self.torn = log.read()
        done = {vote.trial for vote in votes if vote.rater == rater}
        self._left = [showing for showing in plan(trials, seed, rater) if showing.trial.name not in done]

    @property
    def current(self) -> Showing | None:
        """What is asked now; None: everything has been answered."""
        return self._left[0] if self._left else None

    @property
    def done(self) -> int:
        """How many trials have been answered."""
        return self.total - len(self._left)

    def vote(self, side: str, *, shown: float, seconds: float) -> None:
        """Write a vote, and go on to the next trial.

        Args:
            side: "left" or "right".
            shown: how long the pictures were shown, seconds; 0: for as long as one likes.
            seconds: needed for the vote.

        Raises:
            ValueError: nothing is asked, it came too fast, or it could not be written; the trial is then still asked.
        """
        if self.current is None:
            raise ValueError("everything has been answered; there is nothing to vote on")
        if seconds < FASTEST:
            raise ValueError(f"a vote after {seconds:.2f} s is not counted: look at both pictures, then choose")
        now = self.current
        votes, self.torn = self.log.read()
        if not any((vote.rater, vote.trial) == (self.rater, now.trial.name) for vote in votes):  # not in another page
            chosen = now.left if side == "left" else now.right
            row = (self.log.study, self.rater, now.trial.name, now.left, now.right, chosen)
            self.log.append(Vote(*row, f"{shown:g}", f"{seconds:.2f}"))
        self._left.pop(0)
