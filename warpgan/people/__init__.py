"""Rendered people: a parametric body, a wardrobe, poses and a camera, all drawn from one seed.

`render_person` makes one person in several poses with every truth that a real data set lacks. Nothing heavy is
imported before it is called. Taught in notebook 01.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.random import SeedSequence


def render_person(seed: SeedSequence, poses: int, size: tuple[int, int], **options: Any) -> dict[str, Any]:
    """Render one person in several poses; see `warpgan.people.render.render_person`.

    Args:
        seed: `numpy.random.SeedSequence` of the person.
        poses: number of poses, at least 1.
        size: (height, width), pixels.
        options: the other arguments of that function.
    """
    from warpgan.people.render import render_person as render

    return render(seed, poses, size, **options)


__all__ = ["render_person"]
