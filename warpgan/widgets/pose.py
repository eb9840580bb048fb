"""The pose editor: a skeleton whose joints are dragged, and, if networks are there, the person that follows it.

What it does to a pose lies in `pose_scene`, what it reads and writes in `pose_text`. Used in notebooks 00 and 01.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from typing import Any

import ipywidgets
import numpy as np
import torch
from ipywidgets import Button, Checkbox, Dropdown, HBox, Layout, VBox
from PIL import Image
from torch import Tensor

from warpgan.drawing import draw_keypoints, to_uint8
from warpgan.labels import KEYPOINT_COLOURS, LEFT_EAR, LIMBS, NUM_KEYPOINTS, RIGHT_EYE
from warpgan.plots import sheet
from warpgan.transfer import PoseTransfer
from warpgan.widgets.panel import Look, Panel
from warpgan.widgets.picture import Picture
from warpgan.widgets.pose_scene import NAMES, PoseScene, inside
from warpgan.widgets.pose_text import FILE_NAME, plain, pose_as_text, pose_from_lists, pose_from_text

OWN = "(moved by hand)"
HINT = (
    "Drag a joint, or reach it with Tab and press arrow keys (with Shift: 5 pixels). "
    "Warm colours are the person's right side, cold ones the left."
)
_KINDS = ["small" if RIGHT_EYE <= joint <= LEFT_EAR else "round" for joint in range(NUM_KEYPOINTS)]
_NAMED = {"style": {"description_width": "initial"}}


@functools.lru_cache(maxsize=4)
def motion_poses(size: tuple[int, int]) -> dict[str, Tensor]:
    """Give poses of a rendered person that turns round and walks: name -> [18, 3]; takes a second the first time."""
    from warpgan.data import motion_clip

    views = motion_clip("turn", frames=4, size=size)["keypoints"]
    steps = motion_clip("walk", frames=4, size=size)["keypoints"]
    names = ["facing us", "facing right", "from behind", "facing left", *(f"walking {step}" for step in range(1, 5))]
    return dict(zip(names, [*views, *steps], strict=True))


class PoseEditor(Panel):
    """A pose under the hand; `keypoints` gives it to other cells.

    Args:
        keypoints: [18, 3], x, y in pixels and present; the pose to begin with.
        size: (height, width).
        transfer: networks of this size; with a condition, the person follows the pose.
        condition_image: [3, H, W] in [-1, 1], whom to put into the pose; without networks it is the ground, darkened.
        condition_parsing: [H, W] labels; None: those that `transfer` finds.
        presets: name -> [18, 3], poses to walk through; None: `motion_poses`.

    Raises:
        ValueError: keypoints or a preset that are none, or a condition of another size.
    """

    NAME = "Pose editor"

    def __init__(
        self, keypoints: Tensor, size: tuple[int, int] = (128, 64), transfer: PoseTransfer | None = None,
        condition_image: Tensor | None = None, condition_parsing: Tensor | None = None,
        presets: dict[str, Tensor] | None = None,
    ):
        self.size = tuple(size)
        for name, value in (("condition_image", condition_image), ("condition_parsing", condition_parsing)):
            if value is not None and tuple(value.shape[-2:]) != self.size:
                raise ValueError(f"{name} has shape {list(value.shape)}; the pose is for (height, width) {self.size}")
        found = motion_poses(self.size) if presets is None else presets
        self.presets = {name: inside(pose, self.size, f"preset {name!r}") for name, pose in found.items()}
        self.scene = PoseScene(keypoints, self.size, guide=next(iter(self.presets.values()), None))
        self._transfer = transfer if condition_image is not None else None
        if self._transfer is not None and condition_parsing is None:
            condition_parsing = transfer.find_parsing(condition_image)
        self._image, self._parsing = condition_image, condition_parsing
        self._said, self._visited = "pose as given", 0
        super().__init__(self._controls())

    @property
    def keypoints(self) -> Tensor:
        """The pose as it is now, [18, 3]: x, y in pixels and present; missing joints are zero."""
        return self.scene.keypoints

    def _controls(self) -> list[ipywidgets.Widget]:
        self.keep = Checkbox(True, description="Keep bone lengths", indent=False, layout=Layout(width="auto"))
        self.keep.observe(lambda _: self._sync(), "value")
        self.preset = Dropdown(options=[OWN, *self.presets], description="Pose", layout=Layout(width="240px"), **_NAMED)
        self.preset.observe(lambda change: self._choose(change["new"]), "value")
        joints = list(zip(NAMES, range(NUM_KEYPOINTS), strict=True))
        self.joint = Dropdown(options=joints, description="Joint", layout=Layout(width="200px"), **_NAMED)
        self.joint.observe(lambda _: self._sync(), "value")
        self.present = Checkbox(True, description="Present", indent=False, layout=Layout(width="auto"))
        self.present.observe(lambda change: self._set_present(change["new"]), "value")
        scene = self.scene
        return [
            ipywidgets.HTML(HINT),
            _row([self.preset, _button("Previous pose", lambda: self._walk(-1)),
                  _button("Next pose", lambda: self._walk(1)), _button("Mirror", lambda: self._do(scene.mirror)),
                  _button("Undo", lambda: self._do(scene.undo)), _button("Redo", lambda: self._do(scene.redo))]),
            _row([self.keep, self.joint, self.present]),
        ]

    def _files(self) -> ipywidgets.Widget:
        self.text = ipywidgets.Textarea(
            description="OpenPose JSON", rows=2, layout=Layout(width="auto"), placeholder='{"people": [...]}', **_NAMED
        )
        self.upload = ipywidgets.FileUpload(accept=".json", description="Import a file", layout=Layout(width="auto"))
        self.upload.observe(lambda _: self._import_file(), "value")
        self.link = ipywidgets.HTML()
        read = _button("Import", lambda: self._import(self.text.value, "pasted text"))
        return VBox([self.text, _row([read, self.upload, _button("Export", self._export), self.link])])

    def view(self) -> ipywidgets.Widget:
        """Return the skeleton to drag, beside it the sheet if there is a person, and the pose as text below."""
        self.canvas = self.picture if self._transfer is None else Picture()
        self.canvas.height, self.canvas.width = self.size
        self.scale = max(1, round(640 / self.size[0]))  # joints of a head lie close together
        self.canvas.scale, self.canvas.names, self.canvas.kinds = self.scale, list(NAMES), _KINDS
        self.canvas.colours = [f"rgb{colour}".replace(" ", "") for colour in KEYPOINT_COLOURS]
        self.canvas.lines = [list(limb) for limb in LIMBS]
        self.canvas.on_move(self._moved)
        ground = np.zeros((*self.size, 3)) if self._image is None else to_uint8(self._image)
        self._ground = (28 + 0.4 * ground).astype(np.uint8)  # dark, so that all colours of joints stand out
        if self._transfer is None:
            return VBox([self.picture, self._files()])
        self.canvas.show(Image.fromarray(self._ground), "")
        self.picture.layout = Layout(flex="1 1 280px")  # beside the skeleton if there is room
        return VBox([_row([self.canvas, self.picture], align="flex-start"), self._files()])

    def look(self) -> Look:
        """Return the sheet, or the skeleton alone; the points go to their places first, since networks take longer."""
        self._sync()
        pose = self.keypoints
        here = [f"{name} {x:.0f}, {y:.0f}" for name, (x, y, present) in zip(NAMES, pose.tolist()) if present]
        count = f"{len(here)} of {NUM_KEYPOINTS} joints"
        joints = f"{count}: {'; '.join(here)}." if here else f"{count}."
        if self._transfer is None:
            drawn = Image.fromarray(draw_keypoints(self._ground, pose, radius=4, scale=self.scale))
            return Look(drawn, f"A skeleton, {joints}", f"{self._said}; {count}.")
        self.canvas.alt = f"The condition, darkened, under {count} that can be moved."
        answer = self._transfer(self._image, self._parsing, pose)
        upper = sheet([[self._image, answer.parsing]], column_titles=["condition", "drawn parsing"])
        lower = sheet([[answer.image, draw_keypoints(self.size, pose)]], column_titles=["output", "skeleton"])
        share = f"the drawn person covers {100 * float((answer.parsing > 0).float().mean()):.1f} % of the picture"
        alt = f"Condition, drawn parsing, output and skeleton; {share}. {joints}"
        return Look(sheet([[upper], [lower]], scale=1, gap=0), alt, f"{self._said}; {count}, {share}.")

    def settings(self) -> dict[str, Any]:
        """Return the joints as lists of x, y, present, and whether bones keep their lengths."""
        return {"joints": plain(self.keypoints), "keep_lengths": self.keep.value}

    def use_settings(self, state: dict[str, Any]) -> None:
        """Take over joints and flag; ValueError names what is wrong."""
        keep, pose = state["keep_lengths"], pose_from_lists(state["joints"], "state: joints", self.size)
        if not isinstance(keep, bool):
            raise ValueError(f"state: keep_lengths is {keep!r}; expected true or false")
        self._said = self.scene.take(pose, "state")
        self.keep.value = keep

    def _do(self, action: Callable[..., str], *arguments, **options) -> None:
        with self.faults() as fine:
            self._said = action(*arguments, **options)
        if fine.fine:
            self.refresh()

    def _sync(self) -> None:
        """Let points and controls show the pose; setting a control to what the pose has changes nothing."""
        pose = self.keypoints
        self.canvas.put_handles([[x, y] if present else None for x, y, present in pose.tolist()])
        free: list[None] = [None] * NUM_KEYPOINTS
        self.canvas.circles = self.scene.circles() if self.keep.value else free
        self.present.value = self.scene.has(self.joint.value)
        self.preset.value = next((name for name, one in self.presets.items() if torch.equal(one, pose)), OWN)
        data = base64.b64encode(pose_as_text(pose).encode()).decode()
        self.link.value = (
            f'<a href="data:application/json;base64,{data}" download="{FILE_NAME}">Download {FILE_NAME}</a>'
        )

    def _moved(self, joint: int, x: float, y: float) -> None:
        self.joint.value = joint
        self._do(self.scene.move, joint, x, y, keep=self.keep.value, stroke=self.canvas.moved.get("stroke"))

    def _set_present(self, present: bool) -> None:
        if present != self.scene.has(self.joint.value):
            self._do(self.scene.set_present, self.joint.value, present)

    def _choose(self, name: str) -> None:
        if name == OWN:
            return
        self._visited = list(self.presets).index(name)
        if not torch.equal(self.presets[name], self.keypoints):
            self._do(self.scene.take, self.presets[name], f"pose {name!r}")

    def _walk(self, step: int) -> None:
        if not self.presets:
            self.tell("there are no poses to walk through")
            return
        here = self.preset.value != OWN  # the first press goes to the pose that was visited last
        self._visited = (self._visited + (step if here else 0)) % len(self.presets)
        self._choose(list(self.presets)[self._visited])

    def _import(self, text: str, name: str) -> None:
        def read() -> str:
            pose, said = pose_from_text(text, name, self.size)
            self.scene.take(pose, name)
            return said

        self._do(read)

    def _import_file(self) -> None:
        for file in self.upload.value:
            with self.faults():
                try:
                    text = bytes(file["content"]).decode("utf-8-sig")
                except UnicodeDecodeError:
                    raise ValueError(f"{file['name']}: not valid JSON: not a text file") from None
                self._import(text, file["name"])
        self.upload.value = ()

    def _export(self) -> None:
        self.text.value = pose_as_text(self.keypoints)
        self.tell("the pose is written as OpenPose JSON, to be copied; the link beside it gives a file")


def _button(text: str, action: Callable[[], Any]) -> Button:
    made = Button(description=text)
    made.on_click(lambda _: action())
    return made


def _row(children: list[ipywidgets.Widget], align: str = "center") -> HBox:
    return HBox(children, layout=Layout(flex_flow="row wrap", align_items=align, grid_gap="4px 12px"))
