"""The warp panel: drag an affine map and a thin-plate spline over a picture and see how well they fit (notebook 04)."""

from __future__ import annotations

from typing import Any

import ipywidgets

from warpgan.models.matching import MAPS, Matcher
from warpgan.transfer import load_network
from warpgan.widgets.panel import Look, Panel
from warpgan.widgets.warp_maps import FRAMES
from warpgan.widgets.warp_scene import WarpScene

HELP = (
    "Circles are the spline's control points, squares the affine map's centre and the ends of its axes. "
    "Each lies where the map looks in the condition picture. Drag them, or move them with the arrow keys."
)


class WarpPanel(Panel):
    """Drag the maps of a pair; see the condition warped, the folds, and the distance from the truth.

    Args:
        pair: a dict of the pair contract; without a correspondence only labels are compared.
        matcher: a matcher of parsings; None loads the shipped one.

    Attributes:
        scene: what it shows, a `WarpScene`.

    Raises:
        ValueError: the pair lacks a picture or shows nobody, or shapes differ.
    """

    NAME = "Warp"

    def __init__(self, pair: dict[str, Any], matcher: Matcher | None = None):
        self.scene = WarpScene(pair, load_network("matcher", "rendered") if matcher is None else matcher)
        self.hand, self._stroke = self.scene.hand, None  # the drag that `undo` takes back as one
        self.maps = ipywidgets.Dropdown(
            options=MAPS, value="both", description="Maps that act", style={"description_width": "initial"}
        )
        self.maps.observe(lambda change: self._act(change["new"]), "value")
        doings = {"Reset": self.reset, "Matcher's answer": self.ask_matcher, "Undo": self.undo}
        buttons = [ipywidgets.Button(description=name, layout=ipywidgets.Layout(width="auto")) for name in doings]
        for button, doing in zip(buttons, doings.values(), strict=True):
            button.on_click(lambda _, doing=doing: doing())
        row = ipywidgets.HBox([self.maps, *buttons], layout=ipywidgets.Layout(flex_flow="row wrap"))
        super().__init__([ipywidgets.HTML(HELP), row])
        self.picture.on_move(self._move)

    def look(self) -> Look:
        """Return the pictures and numbers of the present maps; puts the points where they belong."""
        warped = self.scene.warped(*self.hand.acting())
        image, text = self.scene.picture(warped), self.scene.said(warped)
        left, top, right, bottom = self.hand.reach
        points = self.hand.points()
        inside = [at and [min(max(at[0], left), right), min(max(at[1], top), bottom)] for at in points]
        beyond = sum(at != place for at, place in zip(points, inside, strict=True))
        self._place(image, inside)
        if beyond:
            text += f" Beyond the edge, and shown at it: {beyond} of the points."
        shown = "left, the condition picture with the lines of the warped grid"
        shown += "; right, above, the warped parsing, the target parsing, and the folds hatched over the faded result"
        shown += "; below, the warped picture, the target picture"
        shown += "" if warped.distance is None else ", and how far each pixel misses the truth, the darker the further"
        return Look(image, f"Maps that act: {self.hand.maps}. Pictures: {shown}. {text}", text)

    def reset(self) -> None:
        """Make both maps the identity, as the button does."""
        self._do(self.hand.take, *self.hand.identity(), self.hand.maps)

    def ask_matcher(self) -> None:
        """Load the matcher's answer, both maps of it, as the button does."""
        self._do(self.hand.take, *self.scene.answer, "both")

    def undo(self) -> None:
        """Take the last change back, a drag as one, as the button does."""
        self._do(self.hand.undo)

    def settings(self) -> dict[str, Any]:
        """Return both maps and which of them act."""
        return self.hand.settings()

    def use_settings(self, state: dict[str, Any]) -> None:
        """Take over maps; raises ValueError that names what is wrong."""
        self.hand.use_settings(state)
        self._stroke = None
        self.maps.value = self.hand.maps

    def _place(self, image, points) -> None:
        """Tell the page where the points are on the picture whose left part they lie on."""
        picture, scale = self.picture, self.scene.scale
        picture.width, picture.height = image.width // scale, image.height // scale
        picture.origin, picture.reach, picture.scale = list(self.scene.corner), list(self.hand.reach), float(scale)
        picture.names, picture.lines = self.hand.names, self.hand.lines
        picture.kinds = ["frame"] * len(FRAMES) + ["round"] * (len(points) - len(FRAMES))
        picture.put_handles(points)

    def _move(self, index: int, x: float, y: float) -> None:
        stroke = self.picture.moved.get("stroke")
        with self.faults() as fine:
            self.hand.move(index, x, y, begins=stroke is None or stroke != self._stroke)
        if fine.fine:
            self._stroke = stroke
            self.refresh()
        else:
            self.picture.refuse_move()

    def _act(self, maps: str) -> None:
        self._stroke = None
        if maps != self.hand.maps:
            self.hand.take(self.hand.affine, self.hand.tps, maps)
            self.refresh()

    def _do(self, doing, *arguments) -> None:
        self._stroke = None
        with self.faults(), self.together():
            doing(*arguments)
            self.maps.value = self.hand.maps
