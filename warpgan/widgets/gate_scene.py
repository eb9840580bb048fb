"""The warping-block of trained networks under a gate of one's choice, for one pair: the logic of the gate panel.

What the networks find before the block is kept for the last few pairs, so that another gate, another map or another
channel costs one rendering. Notebook 05 shows it.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import Dataset

from warpgan import batches, gates, plots
from warpgan.labels import BACKGROUND
from warpgan.metrics.pictures import mean_error
from warpgan.metrics.registry import MEASURES
from warpgan.models import SoftGatedWarpingBlock
from warpgan.models.matching import MAPS
from warpgan.recent import recent
from warpgan.transfer import PoseTransfer

GATES = ("learned", "literal", "forced")
KEPT = 4  # pairs whose features are kept
OFFERED = 100  # pairs of a long dataset that are offered
WHITE = 0.5  # difference that is shown white; pictures have the range 2
NEEDED = ("condition_image", "condition_parsing", "target_image", "target_parsing", "target_keypoints", "name")
MAP_WORDS = {"both": "both maps", "affine": "the affine map alone", "tps": "the spline alone", "none": "no map"}
TITLES = ("condition", "target", "features\nbefore", "features\nafter", "gate", "output", "difference to\nthe trained")


@dataclass(frozen=True)
class GateSetting:
    """What is looked at.

    Attributes:
        pair: number of the pair.
        gate: "learned", the block as trained; "literal", the row sums of the sampling matrix; "forced" to `value`.
        value: the forced gate, 0 to 1.
        maps: which maps act, of `MAPS`.
        channel: whose features and gate are shown; None: their norm, and the mean gate.
    """

    pair: int = 0
    gate: str = "learned"
    value: float = 0.5
    maps: str = "both"
    channel: int | None = None


@dataclass
class _Found:  # in a pair, whatever the gate is
    batch: batches.Batch
    affine: Tensor  # [1, 2, 3]
    tps: Tensor  # [1, K, 2]
    phi: Tensor  # [1, C, h, w]
    context: Tensor  # [1, C, h, w]
    target: Tensor  # [1, 38, H, W], its drawn parsing and pose
    full: Tensor  # T with the gate held at 1: with both maps T lies between phi and this, whatever the gate
    image: Tensor  # [1, 3, H, W], with the trained gate and both maps
    person: Tensor  # bool [1, H, W], as stage I draws it
    clothing: float  # error of the image


@dataclass
class GateView:
    """What is seen, and its numbers.

    Attributes:
        setting: what was asked for.
        trained_as: the gate that the generator was trained with, of `warping_block.GATES`.
        name: of the pair.
        tiles: pictures in the order of `TITLES`.
        low, high: features that are black and white.
        gate: mean gate on the person, over all channels.
        shown_gate: the same of the channel that is shown, or None.
        let_in: share let in (`gates.let_in`), mean over the person.
        difference: mean absolute difference to the output of the trained gate and both maps, pictures' range 2.
        clothing, trained_clothing: `clothing_l1` of this output and of that one; not-a-number where it is not known.
    """

    setting: GateSetting
    trained_as: str
    name: str
    tiles: list[Tensor]
    low: float
    high: float
    gate: float
    shown_gate: float | None
    let_in: float
    difference: float
    clothing: float
    trained_clothing: float

    def sheet(self) -> Image.Image:
        """Return the tiles side by side."""
        scale = max(1, round(128 / self.tiles[0].shape[-1]))
        return plots.sheet([self.tiles], column_titles=TITLES, scale=scale)

    def what(self) -> str:
        """Say which gate and which maps act."""
        gate = {"learned": f"Trained gate ({self.trained_as})", "literal": "Literal gate (row sums of W)"}
        named = gate.get(self.setting.gate, f"Gate held at {self.setting.value:.2f}")
        return f"{named}, {MAP_WORDS[self.setting.maps]}"

    def numbers(self) -> str:
        """Say the numbers."""
        channel = "" if self.shown_gate is None else f" (channel {self.setting.channel}: {self.shown_gate:.3f})"
        clothing = f"{self.clothing:.3f}, of the trained output {self.trained_clothing:.3f}"
        if math.isnan(self.clothing):
            clothing = "not known, as no clothing is known to be seen in both pictures"
        person = f"mean gate on the person {self.gate:.3f}{channel}, let in {self.let_in:.3f}"
        if math.isnan(self.gate):
            person = "no gate on the person, as stage I draws nobody"
        return f"{person}, mean difference to the trained output {self.difference:.3f}, error over clothing {clothing}"

    def alt(self) -> str:
        """Describe the sheet, with the scale of every tile."""
        channel = self.setting.channel
        shown = "norm of the features over channels" if channel is None else f"features of channel {channel}"
        whose = "mean gate" if self.shown_gate is None else "gate of this channel"
        return (
            f"Pair {self.name}. {self.what()}. Condition, target, {shown} before and after the block (black "
            f"{self.low:.2f} or less, white {self.high:.2f} or more, in both), {whose} (black 0, white 1), output, and "
            f"its absolute difference to the output with the trained gate and both maps (black 0, white {WHITE} or "
            f"more, pictures having a range of 2). {self.numbers().capitalize()}."
        )

    def status(self) -> str:
        """Say the result in one sentence."""
        trial = self.setting.gate == "literal" and self.trained_as != "grid"
        start = f"An experiment, as this generator was trained with the gate {self.trained_as}. " if trial else ""
        return f"{start}{self.what()}: {self.numbers()}."


class GateScene:
    """Pairs, and trained networks whose block is given another gate.

    Args:
        pairs: pairs of the pair contract, at least one; of a long dataset the first `OFFERED`.
        transfer: the networks; put into evaluation mode.

    Raises:
        ValueError: no pair, a pair that lacks something or is of another size than the networks were trained at, or a
            generator without a warping-block.
    """

    def __init__(self, pairs: Dataset | Sequence[dict], transfer: PoseTransfer):
        self.block = gates.block_of(transfer)
        self.transfer, self.pairs = transfer.eval(), pairs
        self.channels = self.block.channels
        # The literal gate has no weights of its own: it is a block that shares the residual.
        self.literal = SoftGatedWarpingBlock(self.channels, "identity", gate="grid").eval()
        self.literal.residual = self.block.residual
        if not len(pairs):
            raise ValueError("a gate is looked at on a pair, found no pair at all")
        self.names = [self._pair(index)["name"] for index in range(min(len(pairs), OFFERED))]
        self._found: OrderedDict[int, _Found] = OrderedDict()

    def check(self, state: dict) -> GateSetting:
        """Make a setting of plain values.

        Raises:
            ValueError: naming the field, what was found and what was expected.
        """
        setting, last = GateSetting(**state), len(self.names) - 1
        for name, options in (("gate", GATES), ("maps", MAPS)):
            if (found := getattr(setting, name)) not in options:
                raise ValueError(f"state: {name} is {found!r}; expected one of {', '.join(options)}")
        if not _is_whole(setting.pair) or not 0 <= setting.pair <= last:
            raise ValueError(f"state: pair is {setting.pair!r}; expected a whole number from 0 to {last}")
        if not isinstance(setting.value, float | int) or isinstance(setting.value, bool) or not 0 <= setting.value <= 1:
            raise ValueError(f"state: value is {setting.value!r}; expected a number from 0 to 1")
        channel, highest = setting.channel, self.channels - 1
        if channel is not None and (not _is_whole(channel) or not 0 <= channel <= highest):
            raise ValueError(f"state: channel is {channel!r}; expected null or a whole number from 0 to {highest}")
        return setting

    @torch.no_grad()
    def view(self, setting: GateSetting) -> GateView:
        """Render a pair as a setting says, which `check` has seen.

        Raises:
            ValueError, FileNotFoundError: the pair cannot be read or does not fit.
        """
        found = recent(self._found, setting.pair, lambda: self._find(setting.pair), KEPT)
        generator = self.transfer.generator
        affine = found.affine if setting.maps in ("both", "affine") else None
        tps = found.tps if setting.maps in ("both", "tps") else None
        forced = setting.value if setting.gate == "forced" else None
        block = self.literal if setting.gate == "literal" else None
        options = {"affine": affine, "tps": tps, "forced_gate": forced, "block": block}
        moved, gate = generator.warp(found.phi, found.context, **options)
        image, size = generator.decode(moved, found.context, found.target), found.person.shape[1:]
        before, after, full = (self._features(maps, setting.channel) for maps in (found.phi, moved, found.full))
        low, high = float(torch.minimum(before, full).min()), float(torch.maximum(before, full).max())
        mean, one = gate.mean(dim=1, keepdim=True), None  # [1, 1, h, w]
        if setting.channel is not None and gate.shape[1] > 1:
            one = gate[:, setting.channel, None]
        maps = [(part - low) / max(high - low, 1e-12) for part in (before, after)] + [mean if one is None else one]
        maps = [F.interpolate(part, tuple(size), mode="nearest")[0, 0] for part in maps]  # [H, W]
        apart = (image - found.image).abs().mean(dim=1)[0]  # [H, W]
        batch = found.batch
        return GateView(
            setting, self.block.gate, batch.names[0],
            [batch.condition_image[0], batch.target_image[0], *maps, image[0], apart / WHITE], low, high,
            gate=float(gates.mean_over(mean, found.person)),
            shown_gate=None if one is None else float(gates.mean_over(one, found.person)),
            let_in=float(gates.mean_over(gates.let_in(found.phi, moved), found.person)),
            difference=float(mean_error(image, found.image)),
            clothing=float(MEASURES["clothing_l1"](image, batch)), trained_clothing=found.clothing,
        )

    @staticmethod
    def _features(maps: Tensor, channel: int | None) -> Tensor:
        return maps.norm(dim=1, keepdim=True) if channel is None else maps[:, channel, None]  # [1, 1, h, w]

    def _pair(self, index: int) -> dict:
        pair = self.pairs[index]
        missing = [name for name in NEEDED if name not in pair]
        if missing:
            raise ValueError(f"pair {index} has no {missing[0]}; it has {', '.join(map(str, pair))}")
        found, size = tuple(pair["condition_image"].shape[-2:]), tuple(self.transfer.size or ())
        if size and found != size:
            what = f"pair {index} ({pair['name']}) is {found[0]}x{found[1]} (height x width)"
            raise ValueError(f"{what}; these weights were trained at {size[0]}x{size[1]}")
        return pair

    @torch.no_grad()
    def _find(self, index: int) -> _Found:
        batch = batches.collate([self._pair(index)], next(self.transfer.parameters()).device)
        given, generator = (batch.condition_image, batch.condition_onehot), self.transfer.generator
        onehot, affine, tps = self.transfer.prepare(*given, batch.pose_map)
        phi, context = generator.encode(*given, onehot, batch.pose_map)
        full, _ = generator.warp(phi, context, affine=affine, tps=tps, forced_gate=1.0)
        target = torch.cat([onehot, batch.pose_map], dim=1)
        image, _ = generator.render(phi, context, affine=affine, tps=tps, target=target)
        clothing = float(MEASURES["clothing_l1"](image, batch))
        person = onehot.argmax(dim=1) != BACKGROUND
        return _Found(batch, affine, tps, phi, context, target, full, image, person, clothing)


def _is_whole(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
