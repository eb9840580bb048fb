"""What the gate does, in numbers: how far each pair has to move, how far its map reaches, how much is let in.

The paper claims that a large change of pose opens the gate and a small one hardly needs it. Notebook 07 puts these
numbers of each pair into bins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import Dataset

from warpgan import geometry, labels
from warpgan.batches import Batch, person_of, spread
from warpgan.models import SoftGatedWarpingBlock
from warpgan.modes import evaluating
from warpgan.transfer import PoseTransfer, Transfer

if TYPE_CHECKING:
    import pandas

PARTS = {
    "head": (labels.HAT, labels.HAIR, labels.SUNGLASSES, labels.FACE),
    "trunk": (labels.UPPER_CLOTHES, labels.DRESS, labels.COAT, labels.TORSO_SKIN, labels.SCARF),
    "arms": (labels.GLOVE, labels.LEFT_ARM, labels.RIGHT_ARM),
    "legs": (labels.SOCKS, labels.PANTS, labels.SKIRT, labels.LEFT_LEG, labels.RIGHT_LEG),
    "shoes": (labels.LEFT_SHOE, labels.RIGHT_SHOE),
}
"""Groups of labels over which a gate is averaged; sleeves belong to the trunk, as their label does."""


def pose_distance(condition: Tensor, target: Tensor, height: int) -> Tensor:
    """Return how far the joints of two poses lie apart: the mean over the joints that both have.

    Args:
        condition, target: keypoints [B, 18, 3], pixels.
        height: of the pictures, pixels.

    Returns:
        [B], in heights of the picture; not-a-number where they have no joint in common.
    """
    both = (condition[..., 2] > 0) & (target[..., 2] > 0)  # [B, 18]
    apart = (condition[..., :2] - target[..., :2]).norm(dim=-1)  # [B, 18]
    return (apart * both).sum(dim=1) / both.sum(dim=1) / height


def warp_magnitude(grid: Tensor, person: Tensor) -> Tensor:
    """Return how far a map looks from where it stands, averaged over the person's pixels.

    Args:
        grid: [B, H, W, 2], see `geometry.warp_grid`.
        person: bool [B, H, W].

    Returns:
        [B], in heights of the picture; not-a-number where nobody is.
    """
    size = tuple(grid.shape[1:3])
    here = geometry.identity_grid(len(grid), size, device=grid.device, dtype=grid.dtype)
    moved = geometry.normalised_to_pixel(grid, size) - geometry.normalised_to_pixel(here, size)  # [B, H, W, 2]
    return (moved.norm(dim=-1) * person).sum(dim=(1, 2)) / person.sum(dim=(1, 2)) / size[0]


def let_in(features: Tensor, result: Tensor) -> Tensor:
    """Return what a warping-block has added to its features, relative to them, at each place.

    Args:
        features: Phi, [B, C, h, w].
        result: T, the same shape.

    Returns:
        [B, 1, h, w]: |T - Phi| / (|T - Phi| + |Phi|), norms over channels; 0 nothing was added, 1 nothing else is left.
    """
    added, kept = (result - features).norm(dim=1, keepdim=True), features.norm(dim=1, keepdim=True)
    return added / (added + kept).clamp(min=1e-12)


def mean_over(maps: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of small maps over pixels of the picture.

    Args:
        maps: [B, 1, h, w].
        mask: bool [B, H, W].

    Returns:
        [B]; not-a-number where the mask is empty.
    """
    full = F.interpolate(maps, tuple(mask.shape[1:]), mode="nearest")[:, 0]  # [B, H, W]
    return (full * mask).sum((1, 2)) / mask.sum((1, 2))


def block_of(transfer: PoseTransfer) -> SoftGatedWarpingBlock:
    """Return the warping-block of trained networks.

    Raises:
        ValueError: the generator has none.
    """
    block = getattr(transfer.generator, "warping", None)
    if not isinstance(block, SoftGatedWarpingBlock):
        raise ValueError("this generator has no warping-block, and so no gate to measure")
    return block


@torch.no_grad()
def table(transfer: PoseTransfer, data: Dataset, pairs: int, *, device: torch.device | str = "cpu") -> pandas.DataFrame:
    """Measure the gate of a trained generator on unseen pairs.

    Args:
        transfer: the trained networks, with a warping-block.
        data: pairs with keypoints.
        pairs: how many, spread evenly over the data.
        device: where to measure.

    Returns:
        DataFrame, one row a pair: `pair, person, pose_distance, warp` (heights of the picture), `gate` and `let_in`
        (means over the person, as stage I draws it) and both again for each of `PARTS`, as `gate_head`.

    Raises:
        ValueError: the generator has no warping-block.
    """
    import pandas

    block = block_of(transfer)
    seen: list[tuple[Tensor, Tensor]] = []
    watch = block.register_forward_hook(lambda _module, given, result: seen.append((given[0], result[0])))
    rows = []
    try:
        with evaluating(transfer):
            for batch in spread(data, pairs, device=device):
                answer = transfer.batch(batch.condition_image, batch.condition_onehot, batch.pose_map)
                rows += _rows(batch, answer, let_in(*seen.pop()))
    finally:
        watch.remove()
    return pandas.DataFrame(rows)


def _rows(batch: Batch, answer: Transfer, added: Tensor) -> list[dict]:
    drawn, size = answer.parsing, tuple(answer.parsing.shape[1:])
    places = {"": drawn != labels.BACKGROUND}
    places |= {f"_{name}": torch.isin(drawn, torch.tensor(group, device=drawn.device)) for name, group in PARTS.items()}
    columns = {
        "pose_distance": pose_distance(batch.condition_keypoints, batch.target_keypoints, size[0]),
        "warp": warp_magnitude(answer.grid, places[""]),
    }
    for name, maps in (("gate", answer.gate.mean(dim=1, keepdim=True)), ("let_in", added)):
        columns |= {name + part: mean_over(maps, mask) for part, mask in places.items()}
    values = {name: column.tolist() for name, column in columns.items()}
    return [
        {"pair": pair, "person": person_of(pair)} | {name: column[i] for name, column in values.items()}
        for i, pair in enumerate(batch.names)
    ]
