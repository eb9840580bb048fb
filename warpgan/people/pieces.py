"""Pieces: surfaces with a mesh of their own, such as a hat, a scarf or a pony tail.

A piece is drawn once on the average body in its rest pose. It follows each person's shape through the body points
nearest to it and each pose through skinning weights taken from them, or from the head. Taught in notebook 01.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from warpgan.people.body import ARM_BONES, load_body, strongest, vertex_normals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

CUBE = 0.012  # metres: of the body points in one cube of this size, pieces follow one
LOWEST = 0.3  # metres: no piece follows points below
SOFT = 0.015  # metres added to distances, so that no single point pulls a piece


@dataclass
class Piece:
    """A surface drawn on the average body.

    Attributes: `points [N, 3]` metres; `faces [M, 3]` int32; `uv [N, 2]` in 0..1; `cut [N]` positive where the surface
    exists; `nearest [N, K]` body vertices it follows and `share [N, K]` how much; `bones [N, 8]` that move it and their
    `weights [N, 8]`; `lift [N, 3]` metres added to the rest points, to clear the clothes below.
    """

    points: np.ndarray
    faces: np.ndarray
    uv: np.ndarray
    cut: np.ndarray
    nearest: np.ndarray
    share: np.ndarray
    bones: np.ndarray
    weights: np.ndarray
    lift: np.ndarray

    def rest(self, person_rest: np.ndarray) -> np.ndarray:
        """Rest points [N, 3] on a person whose body vertices at rest are `person_rest [V, 3]`."""
        change = person_rest[self.nearest] - load_body().mean[self.nearest]
        return self.points + self.lift + np.einsum("nk,nkd->nd", self.share, change)

    def worn(self, cut: np.ndarray | None = None, lift: np.ndarray | None = None) -> Piece:
        """The same piece with a cut field [N] and a lift [N, 3] of its own; arrays are shared, not copied."""
        return Piece(self.points, self.faces, self.uv, self.cut if cut is None else cut, self.nearest, self.share,
                     self.bones, self.weights, self.lift if lift is None else lift)


def mesh(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Triangles [M, 3] and uv [rows * columns, 2] of a grid of points that are listed row by row."""
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1].ravel(), index[1:, :-1].ravel(), index[1:, 1:].ravel(), index[:-1, 1:].ravel()
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)
    v, u = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
    return faces, np.stack([u.ravel(), v.ravel()], 1)


def join(*parts: tuple[np.ndarray, np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One (points, faces, uv) of several."""
    starts = np.cumsum([0] + [len(points) for points, _, _ in parts])
    return (np.concatenate([points for points, _, _ in parts]),
            np.concatenate([faces + start for (_, faces, _), start in zip(parts, starts, strict=False)]),
            np.concatenate([uv for _, _, uv in parts]))


@lru_cache(maxsize=1)
def solid_vertices() -> np.ndarray:
    """Indices of the body points that pieces follow: head, neck and trunk, without arms, thinned out evenly."""
    body = load_body()
    arms = [index for name, index in body.bones.items() if name.startswith(ARM_BONES)]
    index = np.unique(body.faces["body"])
    index = index[(body.mean[index, 2] > LOWEST) & (body.skin[index][:, arms].sum(1) < 0.6)]
    cube = np.floor(body.mean[index] / CUBE).astype(np.int64) + 512
    _, first = np.unique((cube[:, 0] * 1024 + cube[:, 1]) * 1024 + cube[:, 2], return_index=True)
    return index[np.sort(first)]


def turn(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Angles [count] once round and a little over, and the cut field [count] that ends both ends at the seam.

    The columns beyond the seam are never seen; they are there so that normals on both sides of it agree. The field is
    0 at the seam: what lies beyond has no corner inside and is left out, so that no two surfaces coincide.
    """
    step = 2 * np.pi / (count - 3)
    angle = np.linspace(-np.pi - step, np.pi + step, count)
    cut = 0.1 * (np.pi - np.abs(angle))
    cut[[1, -2]] = 0
    return angle, cut


def attach(
    points: np.ndarray, faces: np.ndarray, uv: np.ndarray, solid: np.ndarray | None = None, *, cut: ArrayLike = 1.0,
    head: ArrayLike = 1.0, count: int = 8,
) -> Piece:
    """Make a `Piece` that follows the body points nearest to its own.

    Args:
        points: [N, 3] on the average body. faces: [M, 3]. uv: [N, 2] in 0..1. solid: indices of the body points that
            may be followed; None: `solid_vertices`. cut: [N], or [columns] repeated row by row, or a number, positive
            where the surface exists. head: [N] or number, share of the head's bone in the skinning, the
            rest comes from the points followed. count: how many points are followed.
    """
    body = load_body()
    solid = solid_vertices() if solid is None else solid
    squared = _squared(points, body.mean[solid])
    order = np.sort(np.argpartition(squared, count, axis=1)[:, :count], axis=1)
    share = 1.0 / (np.sqrt(np.take_along_axis(squared, order, 1).astype(np.float64)) + SOFT)
    share /= share.sum(1, keepdims=True)
    nearest = solid[order]
    head = np.broadcast_to(np.asarray(head, np.float64), len(points))
    skin = np.einsum("nk,nkb->nb", share, body.skin[nearest]) * (1 - head)[:, None]
    skin[:, body.bones["head"]] += head
    cut = np.resize(np.asarray(cut, np.float64), len(points))
    bones, weights = strongest(skin.astype(np.float32))
    return Piece(points, faces.astype(np.int32), uv, cut, nearest, share, bones, weights, np.zeros_like(points))


def _squared(points, others):
    # no matrix product: a threaded one may round differently with another number of threads
    points, others = points.astype(np.float32), others.astype(np.float32)
    return sum((points[:, None, axis] - others[None, :, axis]) ** 2 for axis in range(3))


@lru_cache(maxsize=1)
def _outward():
    body = load_body()
    return vertex_normals(body.mean, body.faces["body"])


def cleared(points: np.ndarray, distance: ArrayLike, rounds: int = 3) -> np.ndarray:
    """Points [N, 3] moved along the body's normals until they lie `distance` metres ([N] or number) off the body.

    Args:
        points: [N, 3] near the average body, metres.
        distance: metres, a number or [N].
        rounds: how often they are moved.
    """
    solid = solid_vertices()
    place, normal = load_body().mean[solid], _outward()[solid]
    for _ in range(rounds):
        nearest = np.argmin(_squared(points, place), axis=1)
        height = ((points - place[nearest]) * normal[nearest]).sum(1)
        points = points + normal[nearest] * np.maximum(distance - height, 0)[:, None]
    return points


def smoothed(points: np.ndarray, rows: int, columns: int, rounds: int = 2) -> np.ndarray:
    """Grid points [rows * columns, 3] averaged with their neighbours.

    Args:
        points: [rows * columns, 3].
        rows: of the grid.
        columns: of the grid.
        rounds: how often.
    """
    grid = points.reshape(rows, columns, 3)
    for _ in range(rounds):
        wide = np.pad(grid, ((1, 1), (1, 1), (0, 0)), mode="edge")
        grid = (wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:] + 2 * grid) / 6
    return grid.reshape(-1, 3)
