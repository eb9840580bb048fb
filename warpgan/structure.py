"""The losses of the human parser: pixel-wise softmax weighted by how far the body's joints are off, and a coarse guess.

Gong et al. 2017, "Look into Person": a parsing whose parts lie in the wrong places is punished more than
one with ragged edges. Joints need no annotation: they are the centroids of nine groups of labels. Notebook 02.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from warpgan import labels
from warpgan.parsing import IGNORE

JOINTS = (
    ("head", (labels.HAT, labels.HAIR, labels.SUNGLASSES, labels.FACE)),
    ("upper body", (labels.UPPER_CLOTHES, labels.COAT, labels.SCARF)),
    ("lower body", (labels.PANTS, labels.SKIRT)),
    ("left arm", (labels.LEFT_ARM,)),
    ("right arm", (labels.RIGHT_ARM,)),
    ("left leg", (labels.LEFT_LEG,)),
    ("right leg", (labels.RIGHT_LEG,)),
    ("left shoe", (labels.LEFT_SHOE,)),
    ("right shoe", (labels.RIGHT_SHOE,)),
)
"""Groups of labels whose centroids are joints; gloves, dresses, socks and label 10 belong to none (LIP's program)."""

CELL = 8  # pixels of a heatmap's cell
FACTOR = 0.05  # of half the squared distance, in LIP's program


def joints(parsing: Tensor) -> tuple[Tensor, Tensor]:
    """Find the nine joints of parsings.

    Args:
        parsing: [B, H, W] labels 0..19, 255 where a pixel does not count.

    Returns:
        Cells [B, 9, 2], the centroids (x, y) in cells of 8 pixels, cut to whole numbers; and [B, 9] bool, whether a
        group has any pixel.
    """
    table = torch.full((256,), len(JOINTS), device=parsing.device)
    for joint, (_, members) in enumerate(JOINTS):
        table[list(members)] = joint
    batch, height, width = parsing.shape
    bins = len(JOINTS) + 1  # the last one takes what belongs to no joint
    first = bins * torch.arange(batch, device=parsing.device)[:, None, None]
    cell = (table[parsing.long()] + first).flatten()  # of each pixel: its picture and its joint

    def total(values: Tensor | None = None) -> Tensor:
        if values is not None:
            values = values.to(parsing.device, torch.float64).expand(batch, height, width).flatten()
        return torch.bincount(cell, values, minlength=batch * bins).view(batch, bins)[:, :-1]  # [B, 9]

    count = total()
    centroids = torch.stack([total(torch.arange(width)), total(torch.arange(height)[:, None])], dim=-1)
    centroids = centroids / count.clamp(min=1)[..., None]  # [B, 9, 2]
    return (centroids / CELL).long(), count > 0


def structure_factor(parsing: Tensor, target: Tensor) -> Tensor:
    """Return how far the joints of parsings are off: 0.05 times half the squared distance of nine heatmaps.

    A joint's heatmap is a Gaussian of sigma 1 on a grid of 8 pixels; a group without pixels has an empty one.

    Args:
        parsing: [B, H, W] predicted labels.
        target: [B, H, W] true labels, 255 where a pixel does not count: there the prediction does not count either.

    Returns:
        [B], from 0 (all joints in the right cell) to about 1.4; no gradient flows through it.
    """
    parsing = torch.where(target == IGNORE, IGNORE, parsing)
    size = [-(-side // CELL) for side in target.shape[-2:]]
    difference = _heatmaps(*joints(parsing), size) - _heatmaps(*joints(target), size)  # [B, 9, H/8, W/8]
    return FACTOR * 0.5 * difference.square().sum(dim=(1, 2, 3))


def human_parsing(
    logits: Tensor, target: Tensor, *, structure: float = 1.0, weights: Tensor | None = None
) -> Tensor:
    """Return the softmax cross-entropy of each picture times (1 + structure * J), averaged; J of `structure_factor`.

    The paper multiplies by J alone, which stops learning as soon as every joint is in its cell; the 1 keeps the
    pixel-wise loss.

    Args:
        logits: [B, 20, H, W].
        target: int64 [B, H, W], 0..19, 255 where a pixel does not count.
        structure: factor of J; 0 is the plain pixel-wise loss.
        weights: of each label, [20]; None: all alike.

    Raises:
        ValueError: if the shapes do not fit.
    """
    if (logits.shape[0], *logits.shape[2:]) != tuple(target.shape):
        raise ValueError(
            f"target: expected {[logits.shape[0], *logits.shape[2:]]}, found {list(target.shape)}"
        )
    each = F.cross_entropy(logits, target, weights, ignore_index=IGNORE, reduction="none")  # [B, H, W]
    counted = (target != IGNORE).sum(dim=(1, 2)).clamp(min=1)
    each = each.sum(dim=(1, 2)) / counted  # [B]
    if structure:
        with torch.no_grad():
            factor = 1 + structure * structure_factor(logits.argmax(dim=1), target)
        each = each * factor
    return each.mean()


BROAD = 0.04  # of the width: left and right this far apart are seen broadside on


def facing(target: Tensor) -> tuple[Tensor, Tensor]:
    """Tell from parsings which way people face: whether left arms, legs and shoes lie to the right of right ones.

    Args:
        target: [B, H, W] labels 0..19, 255 where a pixel does not count.

    Returns:
        [B] from 0 (seen from behind) to 1 (faces the camera); and [B] bool, whether any pair is visible.
    """
    x = (torch.arange(target.shape[-1], device=target.device) + 0.5) / target.shape[-1]
    apart, seen = torch.zeros(2, len(target), device=target.device)
    for pair in labels.LABEL_SWAPS:
        left, right = ((target == label).flatten(1).float() for label in pair)
        counts = left.sum(dim=1), right.sum(dim=1)
        both = ((counts[0] > 5) & (counts[1] > 5)).float()
        across = x.expand_as(target).flatten(1)
        middles = [(m * across).sum(dim=1) / n.clamp(min=1) for m, n in zip((left, right), counts, strict=True)]
        apart, seen = apart + both * (middles[0] - middles[1]), seen + both
    return (apart / seen.clamp(min=1) / BROAD).sigmoid(), seen > 0


def coarse_losses(coarse: Tensor, turn: Tensor, target: Tensor, weights: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Return the losses of a human parser's first guess and of the way people face.

    Args:
        coarse: logits [B, 20, h, w] of a stride of 8 pixels, of the picture padded at the right and below.
        turn: logits [B] of "faces the camera".
        target: [B, H, W] labels 0..19, 255 where a pixel does not count.
        weights: of each label, [20]; None: all alike.

    Returns:
        The cross-entropy with the shares of the labels in each cell, and the binary one with `facing`.
    """
    shares = _shares(target, coarse.shape[1])  # [B, 20, H // 8, W // 8]
    likely = coarse[:, :, : shares.shape[2], : shares.shape[3]].log_softmax(dim=1)
    counted = shares.sum().clamp(min=1)
    if weights is not None:
        shares = shares * weights[:, None, None]
    each = -(shares * likely).sum() / counted
    aim, seen = facing(target)
    side = F.binary_cross_entropy_with_logits(turn, aim, reduction="none")
    return each, (side * seen).sum() / seen.sum().clamp(min=1)


# Of each whole cell of 8 x 8 pixels, the share of each label; counted, since one-hot maps of every pixel are slow.
def _shares(target: Tensor, count: int) -> Tensor:
    height, width = (side // CELL for side in target.shape[-2:])
    whole = target[:, : height * CELL, : width * CELL]
    number = torch.arange(len(target) * height * width, device=target.device).view(-1, height, 1, width, 1)
    cell = number.expand(-1, -1, CELL, -1, CELL).reshape(whole.shape)
    known = whole != IGNORE
    found = torch.bincount(cell[known] * count + whole[known], minlength=number.numel() * count)
    return found.view(-1, height, width, count).permute(0, 3, 1, 2) / CELL**2


def _heatmaps(cells: Tensor, present: Tensor, size: list[int]) -> Tensor:
    y, x = (torch.arange(side, device=cells.device) for side in size)
    across = (x - cells[..., :1]).square()[:, :, None, :]  # [B, 9, 1, w]
    down = (y - cells[..., 1:]).square()[:, :, :, None]  # [B, 9, h, 1]
    return torch.exp(-(across + down) / 2) * present[..., None, None]
