"""The ablation panel: variants of the method side by side on one pair, with their numbers (notebook 07)."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import ipywidgets
from torch.utils.data import Dataset

from warpgan.widgets.ablation_scene import COPY, NAMES, PAINT, SHOWN, WEIGHTS, AblationScene, number, verdict, whose
from warpgan.widgets.link import query_of, state_in
from warpgan.widgets.panel import Look, Panel
from warpgan.widgets.tables import html_table

WIDE = ipywidgets.Layout(width="auto", max_width="34em")
LABELS = {"description_width": "initial"}


class AblationPanel(Panel):
    """Choose a pair and up to six variants, and see who is wrong where.

    Args:
        pairs: a dataset of pairs.
        runs: folder of trained runs, as `warpgan.ablations` fills it; None or "": only what needs none.
        weights: shipped weights or a run folder.

    Raises:
        ValueError: a dataset without pairs.
    """

    NAME = "Ablations"

    def __init__(self, pairs: Dataset, runs: str | Path | None = None, weights: str | Path = "rendered"):
        self.scene = AblationScene(pairs, runs, weights)
        people = list(self.scene.people)
        self.person = ipywidgets.Dropdown(description="Person", options=people, style=LABELS, layout=WIDE)
        self.pair = ipywidgets.Dropdown(description="Condition and target pose", style=LABELS, layout=WIDE)
        self._offer_pairs()
        self.boxes: dict[str, ipywidgets.Checkbox] = {}
        grid = {"display": "grid", "grid_template_columns": "repeat(auto-fill, minmax(24em, 1fr))"}
        self.choices = ipywidgets.Box(layout=ipywidgets.Layout(max_height="11em", overflow="auto", **grid))
        again = ipywidgets.Button(description="Look for runs again", layout=ipywidgets.Layout(width="max-content"))
        self.numbers, self.link = ipywidgets.HTML(), ipywidgets.HTML()
        self._offer_variants((COPY, PAINT, WEIGHTS))
        self.person.observe(self._other_person, "value")
        self.pair.observe(self.refresh, "value")
        again.on_click(lambda _: self.look_again())
        choice = ipywidgets.HTML(f"<b>Variants</b>, at most {SHOWN} at once")
        controls = [ipywidgets.HBox([self.person, self.pair], layout=ipywidgets.Layout(flex_flow="row wrap"))]
        super().__init__([*controls, choice, self.choices, *([again] if runs else [])])
        *above, state = self.children
        self.children = (*above, self.numbers, state, self.link)
        self._open_link()

    @property
    def chosen(self) -> list[str]:
        """Keys of the variants that are ticked."""
        return [key for key, box in self.boxes.items() if box.value]

    def look(self) -> Look:
        """Return the sheet of the chosen variants; their numbers go into the table and the link."""
        chosen, pair = self.chosen, self.pair.value
        if not 1 <= len(chosen) <= SHOWN:
            raise ValueError(f"{len(chosen)} variants are chosen; choose 1 to {SHOWN}, which fit side by side")
        answers = {key: self.scene.answer(key, pair) for key in chosen}
        labels = self.scene.variants
        rows = [[labels[key], *(number(one.numbers[name]) for name in NAMES)] for key, one in answers.items()]
        better = ["SSIM (more is better)", "L1 (less is better)", "clothing L1 (less is better)"]
        self.numbers.value = html_table(f"Pair {pair}", ["variant", *better], rows)
        self.link.value = self._link()
        said = "; ".join(
            f"{first}: " + ", ".join(f"{name} {value}" for name, value in zip(NAMES.values(), rest, strict=True))
            for first, *rest in rows
        )
        alt = (
            f"Pair {pair}: condition and truth, then {len(rows)} outputs, below each its error, black 0, white 1.0 or "
            f"more. {said}."
        )
        faults = "".join(f" Left out: {fault}." for fault in self.scene.faults[:3])
        return Look(self.scene.sheet(pair, answers), alt, verdict(answers, labels) + faults)

    def look_again(self) -> None:
        """Offer the runs that the run folder holds now; what is ticked stays so where it is still there."""
        with self.faults(), self.together():
            self.scene.look_for_runs()
            self._offer_variants(self.chosen)

    def settings(self) -> dict[str, Any]:
        """Return the pair's name and the keys of the chosen variants."""
        return {"pair": self.pair.value, "variants": self.chosen}

    def use_settings(self, state: dict[str, Any]) -> None:
        """Choose a pair and variants; raises ValueError or FileNotFoundError that names what is not there."""
        pair, variants = state["pair"], state["variants"]
        if not isinstance(pair, str) or pair not in self.scene.pairs:
            raise ValueError(f"state: pair is {pair!r}; expected one of the {len(self.scene.pairs)} pairs here")
        if not isinstance(variants, list) or not all(isinstance(key, str) for key in variants):
            raise ValueError(f"state: variants is {variants!r}; expected a list of names")
        if not 1 <= len(set(variants)) <= SHOWN:
            raise ValueError(f"state: variants has {len(set(variants))} names; expected 1 to {SHOWN}")
        self.scene.look_for_runs()
        for key in variants:
            self.scene.require(key)
        self._offer_variants(variants)
        self.person.value = whose(pair)
        self.pair.value = pair

    def _offer_pairs(self) -> None:
        person = self.person.value
        names = self.scene.people[person]
        self.pair.options = [(name.removeprefix(person).strip("-_") or name, name) for name in names]
        self.pair.value = names[0]

    def _offer_variants(self, ticked) -> None:
        for key in [key for key in self.boxes if key not in self.scene.variants]:
            self.boxes.pop(key).close()
        for key, label in self.scene.variants.items():
            if key in self.boxes:
                self.boxes[key].value = key in ticked
                continue
            layout = ipywidgets.Layout(width="auto")
            box = ipywidgets.Checkbox(key in ticked, description=label, indent=False, layout=layout)
            box.observe(self.refresh, "value")
            self.boxes[key] = box
        self.boxes = {key: self.boxes[key] for key in self.scene.variants}
        self.choices.children = list(self.boxes.values())

    def _other_person(self, _) -> None:
        with self.together():
            self._offer_pairs()

    def _link(self) -> str:
        try:
            address = escape(query_of(self.state))
        except ValueError as error:
            return escape(str(error))
        return f'<a href="{address}" target="_blank" rel="noopener">Link to this state (opens a new page)</a>'

    def _open_link(self) -> None:
        with self.faults():
            text = state_in()
            if text is not None and f'"{self.NAME}"' in text:  # another panel of the page may be meant
                self.apply(text)
