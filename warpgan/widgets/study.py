"""The preference study: two pictures for a second, and the question which shows the person more truly (notebook 07).

As in the paper's study one of two has to be chosen. Before the last vote nothing in the page tells which method made
which picture.
"""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import Any

import ipywidgets
import numpy as np
import torch
from PIL import Image

from warpgan import plots
from warpgan.widgets.panel import Look, Panel
from warpgan.widgets.study_log import VoteLog, summary
from warpgan.widgets.study_trials import Session, Trial, fingerprint
from warpgan.widgets.tables import html_table

QUESTION = "Which picture shows the person more truly?"
TALL = 384  # pixels of the screen for a picture, about


class PreferenceStudy(Panel):
    """Ask people, pair by pair, and write each vote to a file.

    Args:
        trials: two pictures each, see `study_trials.trials_of`.
        out: CSV that gets a row a vote; several raters may share it. `study_log.summary` reads it.
        seconds: how long the pictures of a trial are shown; 0: until the vote.
        seed: with the rater's code it gives the order of trials and the sides.

    Raises:
        ValueError: no trials, two of one name, or a negative time.
    """

    NAME = "Preference study"

    def __init__(self, trials: Sequence[Trial], out: str | Path, seconds: float = 1.0, seed: int = 0):
        if not 0 <= seconds <= 60:
            raise ValueError(f"seconds is {seconds!r}; expected 0 (for ever) to 60")
        self.trials, self.seconds, self.seed = list(trials), float(seconds), seed
        self.votes = VoteLog(out, fingerprint(self.trials))
        self.session: Session | None = None
        self._since = 0.0
        wide = {"style": {"description_width": "initial"}}
        self.code = ipywidgets.Text(secrets.token_hex(3), description="Rater's code", **wide)
        start = ipywidgets.Button(description="Start or go on", layout=ipywidgets.Layout(width="auto"))
        self.left, self.right = (ipywidgets.Button(description=side, disabled=True) for side in ("Left", "Right"))
        self.numbers = ipywidgets.HTML()
        start.on_click(lambda _: self.begin(self.code.value))
        self.left.on_click(lambda _: self.vote("left"))
        self.right.on_click(lambda _: self.vote("right"))
        words = ipywidgets.HTML(
            "The code stands for you in the file; no name, please. Keep it: with the same code you go on where you "
            "stopped. Under each pair choose with <b>Left</b> or <b>Right</b>, by mouse or with Tab and Enter."
        )
        super().__init__([words, ipywidgets.HBox([self.code, start], layout=ipywidgets.Layout(flex_flow="row wrap"))])
        *above, state = self.children
        self.children = (*above, ipywidgets.HBox([self.left, self.right]), self.numbers, state)

    def begin(self, code: str) -> bool:
        """Start with a rater's code, or go on with it; says whether that was possible."""
        with self.faults() as fine:
            self.session = Session(self.trials, self.votes, code, self.seed)
        if fine.fine:
            self.code.value = code
            self.refresh()
        return fine.fine

    def vote(self, side: str) -> None:
        """Vote for the picture on the "left" or "right", and show the next pair."""
        with self.faults() as fine:
            if self.session is None:
                raise ValueError("press Start first")
            self.session.vote(side, shown=self.seconds, seconds=monotonic() - self._since)
        if fine.fine:
            self.refresh()

    def look(self) -> Look:
        """Return the pair that is asked about, two empty places before the first, or the result after the last."""
        _, torn = self.votes.read() if self.session is None else (None, self.session.torn)
        asked = self.session.current if self.session else None
        self.left.disabled = self.right.disabled = asked is None
        self.picture.seconds = self.seconds if asked else 0.0
        self.numbers.value = ""
        told = "".join(f" {sentence}." for sentence in torn[:3])
        if asked:
            self._since = monotonic()
            return self._pair(asked, told)
        if self.session:
            return self._result(told)
        empty = torch.full_like(next(iter(self.trials[0].pictures.values())), 0.5)
        alt = "Two empty places, left and right, where pairs of pictures will be shown"
        said = f"Press Start. Of each pair you will be asked: {QUESTION}{told}"
        return Look(self._sheet(self.trials[0].reference, empty, empty), alt, said)

    def settings(self) -> dict[str, Any]:
        """Return the code of who is voting, "" before the start."""
        return {"rater": self.session.rater if self.session else ""}

    def use_settings(self, state: dict[str, Any]) -> None:
        """Go on as that rater; raises ValueError where it is no code."""
        if state["rater"] == "":
            self.session = None
            return
        self.session = Session(self.trials, self.votes, state["rater"], self.seed)
        self.code.value = self.session.rater

    def _pair(self, asked, told: str) -> Look:
        number, total = self.session.done + 1, self.session.total
        given = "the person, and beside them " if asked.trial.reference is not None else ""
        alt = f"Trial {number} of {total}: {given}two pictures, one on the left and one on the right"
        pictures = asked.trial.pictures
        sheet = self._sheet(asked.trial.reference, pictures[asked.left], pictures[asked.right])
        return Look(sheet, alt, f"Trial {number} of {total}. {QUESTION}{told}")

    def _sheet(self, reference, left, right) -> Image.Image:
        titles, row = ["left", "right"], [left, right]
        if reference is not None:
            titles, row = ["the person", *titles], [reference, *row]
        return plots.sheet([row], column_titles=titles, scale=max(1, TALL // left.shape[-2]), gap=16)

    def _result(self, told: str) -> Look:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what was left out stands in the status line
            frame = summary(self.votes.path)
        percent = {name: [100 * row[key] for key in ("share", "low", "high")] for name, row in frame.iterrows()}
        raters = int(frame["raters"].max())
        how = f"bootstrap over {raters} raters" if raters > 1 else "Wilson, one rater"
        rows = [
            [name, f"{row['chosen']:.0f} of {row['shown']:.0f}", f"{share:.0f} %", f"{low:.0f} % to {high:.0f} %"]
            for (name, row), (share, low, high) in zip(frame.iterrows(), percent.values(), strict=True)
        ]
        columns = ["method", "chosen", "share", "95 % interval"]
        self.numbers.value = html_table(f"All votes in the file; intervals: {how}", columns, rows)
        said = "; ".join(f"{name} {share} ({between})" for name, _, share, between in rows)
        own = f"All {self.session.total} trials are answered, thank you. "
        alt = f"A bar for each method, how often it was chosen where it was shown, with its 95 % interval: {said}"
        return Look(_bars(percent), alt, f"{own}Chosen most often: {said}.{told}")


def _bars(percent: dict[str, list[float]]) -> Image.Image:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 0.9 + 0.45 * len(percent)), layout="constrained")
    axes = figure.subplots()
    share, low, high = np.array(list(percent.values())).T
    reach = np.maximum([share - low, high - share], 0)
    axes.barh(list(percent), share, xerr=reach, color="tab:blue", alpha=0.6, capsize=5)
    axes.axvline(50, color="black", linewidth=1, linestyle=":")
    axes.set(xlim=(0, 100), xlabel="chosen, %")
    axes.invert_yaxis()
    file = BytesIO()
    figure.savefig(file, format="png", dpi=90)
    return Image.open(file).convert("RGB")
