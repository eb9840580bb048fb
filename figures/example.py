"""One pair of rendered people and what the shipped networks answer for it: the thumbnails of the drawn figures."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import torch

from warpgan import geometry, plots
from warpgan.batches import collate
from warpgan.data import RenderedPeople
from warpgan.transfer import PoseTransfer

PEOPLE, POSES, PAIR = 8, 4, 75  # of the test split, which no network here has seen; the set of notebook 00
PLACE = 8  # pixels of a side of what one place of the matcher's features stands for


@cache
def example() -> SimpleNamespace:
    """The pair and the networks' answers.

    Returns:
        A namespace with `pair` (see `RenderedPeople`), `batch` of this one pair, `transfer`, and `result`, what it
        answers (`warpgan.transfer.Transfer`).
    """
    transfer = PoseTransfer.from_pretrained("rendered")
    pair = RenderedPeople("test", transfer.size, people=PEOPLE, poses=POSES, progress=False)[PAIR]
    result = transfer(pair["condition_image"], pair["condition_parsing"], pair["target_keypoints"])
    return SimpleNamespace(pair=pair, batch=collate([pair]), transfer=transfer, result=result)


def skeleton(radius: float = 4.0, scale: int = 2) -> np.ndarray:
    """The target pose of the example, drawn on black, [scale * H, scale * W, 3] uint8."""
    one = example()
    return plots.draw_keypoints(one.transfer.size, one.pair["target_keypoints"], radius=radius, scale=scale)


def looks(lines: int = 9) -> np.ndarray:
    """Where the map of the example looks: the places [lines, lines, 2] in [-1, 1] of a regular lattice."""
    one = example()
    points = geometry.lattice(lines)[None]  # [1, lines * lines, 2]
    sent = geometry.affine_points(one.result.affine[None], geometry.tps_points(one.result.tps[None], points))
    return sent.reshape(lines, lines, 2).numpy()


@torch.no_grad()
def correlation(row: int, column: int) -> np.ndarray:
    """How well each place of the condition fits one place of the target, [h, w] from 0 to 1 at the best."""
    one = example()
    volume = one.transfer.matcher.correlation(one.batch.condition_onehot, one.batch.target_onehot)
    fits = volume[0, :, row, column].reshape(volume.shape[2:])
    return (fits / fits.max()).numpy()


@torch.no_grad()
def gated(level: float | None) -> SimpleNamespace:
    """What the warping-block and the generator make of the example with the gate held at a level.

    Args:
        level: 0 to 1, or None for the gate as trained.

    Returns:
        A namespace with `phi` and `moved` (the residual, carried by the map), `after` (T), each [C, h, w], `gate`
        [1 or C, h, w], `literal` (row sums of W, [h, w]) and `image` [3, H, W].
    """
    one = example()
    generator, batch = one.transfer.generator, one.batch
    drawn, affine, tps = one.transfer.prepare(batch.condition_image, batch.condition_onehot, batch.pose_map)
    phi, context = generator.encode(batch.condition_image, batch.condition_onehot, drawn, batch.pose_map)
    grid = geometry.warp_grid(affine, tps, tuple(phi.shape[2:]))
    moved = geometry.warp(generator.warping.residual(phi), grid)
    after, gate = generator.warping(phi, grid, context, forced_gate=level)
    target = torch.cat([drawn, batch.pose_map], dim=1)
    image, _ = generator.render(phi, context, affine=affine, tps=tps, forced_gate=level, target=target)
    literal = geometry.coverage(grid, phi.shape[2:])[0, 0]
    return SimpleNamespace(phi=phi[0], moved=moved[0], after=after[0], gate=gate[0], literal=literal, image=image[0])
