"""A number with a name: a range and a field beside it, for mouse, keyboard and screen reader.

ipywidgets' own slider has no accessible name.
"""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from warpgan.widgets.picture import STATIC


class Slider(anywidget.AnyWidget):
    """A number between two others.

    Args:
        label, value: its name and where it begins.
        values: the other attributes, where they differ from 0, 1 and 0.05.

    Attributes:
        label: its name.
        value, min, max, step: plain numbers.
        disabled: whether it can be changed.
    """

    _esm = STATIC / "slider.js"
    _css = STATIC / "slider.css"

    label = traitlets.Unicode("").tag(sync=True)
    value = traitlets.Float(0.0).tag(sync=True)
    min = traitlets.Float(0.0).tag(sync=True)
    max = traitlets.Float(1.0).tag(sync=True)
    step = traitlets.Float(0.05).tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)

    def __init__(self, label: str, value: float, **values: Any):
        super().__init__(label=label, value=value, **values)

    @traitlets.validate("value")
    def _inside(self, proposal) -> float:
        return min(max(proposal["value"], self.min), self.max)
