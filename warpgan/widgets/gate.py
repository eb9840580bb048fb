"""The gate panel: give the trained warping-block another gate, and see what becomes of the picture (notebook 05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import ipywidgets
from torch.utils.data import Dataset

from warpgan.transfer import PoseTransfer
from warpgan.widgets.gate_scene import GATES, MAP_WORDS, GateScene, GateSetting
from warpgan.widgets.panel import Look, Panel
from warpgan.widgets.slider import Slider

GATE_WORDS = {"learned": "as trained", "literal": "literal: row sums of W", "forced": "held at the value below"}


class GatePanel(Panel):
    """Choose a pair, a gate, the maps that act and the channel that is shown.

    Moving the gate's slider holds the gate there; moving the channel's shows that channel.

    Args:
        pairs: pairs of the pair contract, at least one; of a long dataset the first `gate_scene.OFFERED` are offered.
        transfer: networks with a warping-block; None: the shipped ones for rendered people.

    Raises:
        ValueError: see `GateScene`.
    """

    NAME = "The gate"

    def __init__(self, pairs: Dataset | Sequence[dict], transfer: PoseTransfer | None = None):
        self.scene = GateScene(pairs, PoseTransfer.from_pretrained("rendered") if transfer is None else transfer)
        start = GateSetting()
        names = [(f"{index}: {name}", index) for index, name in enumerate(self.scene.names)]
        self.pair = _choice("Pair", names, start.pair)
        self.gate = _choice("Gate", [(GATE_WORDS[gate], gate) for gate in GATES], start.gate)
        self.maps = _choice("Maps", [(words, maps) for maps, words in MAP_WORDS.items()], start.maps)
        self.value = Slider("Held gate", start.value)
        beside = ipywidgets.Layout(margin="2px 12px")
        self.norm = ipywidgets.Checkbox(description="Norm over channels", value=True, indent=False, layout=beside)
        self.channel = Slider("Channel", 0.0, max=self.scene.channels - 1.0, step=1.0)
        for control in (self.pair, self.gate, self.maps, self.norm):
            control.observe(self.refresh, "value")
        self.value.observe(lambda _: self._turn(self.gate, "forced"), "value")
        self.channel.observe(lambda _: self._turn(self.norm, False), "value")
        choices = ipywidgets.HBox([self.pair, self.gate, self.maps], layout=_wrapped())
        features = ipywidgets.HBox([self.channel, self.norm], layout=_wrapped())
        super().__init__([choices, self.value, features])

    def look(self) -> Look:
        """Render what the controls say."""
        view = self.scene.view(self.scene.check(self.settings()))
        return Look(view.sheet(), view.alt(), view.status())

    def settings(self) -> dict[str, Any]:
        """Return the fields of a `GateSetting`."""
        channel = None if self.norm.value else round(self.channel.value)
        return asdict(GateSetting(self.pair.value, self.gate.value, self.value.value, self.maps.value, channel))

    def use_settings(self, state: dict[str, Any]) -> None:
        """Set the controls by the fields of a `GateSetting`; raises ValueError that names the field."""
        setting = self.scene.check(state)
        self.value.value = float(setting.value)
        if setting.channel is not None:
            self.channel.value = float(setting.channel)
        # Last, as moving a slider changes them.
        self.gate.value, self.norm.value = setting.gate, setting.channel is None
        self.pair.value, self.maps.value = setting.pair, setting.maps

    def _turn(self, control: ipywidgets.Widget, value: Any) -> None:
        with self.together():
            control.value = value


def _choice(name: str, options: list, value: Any) -> ipywidgets.Dropdown:
    layout = ipywidgets.Layout(width="max-content", margin="2px 12px 2px 2px")
    style = {"description_width": "initial"}
    return ipywidgets.Dropdown(description=name, options=options, value=value, layout=layout, style=style)


def _wrapped() -> ipywidgets.Layout:
    return ipywidgets.Layout(flex_flow="row wrap")
