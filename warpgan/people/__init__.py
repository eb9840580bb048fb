"""Rendered people: a parametric body, a wardrobe, poses and a camera, all drawn from one seed.

`render_person` makes one person in several poses with every truth that a real data set lacks. Nothing heavy is
imported before it is called. Taught in notebook 01.
"""


def render_person(seed, poses, size, **options):
    """Render one person in several poses; see `warpgan.people.render.render_person`."""
    from warpgan.people.render import render_person as render

    return render(seed, poses, size, **options)


__all__ = ["render_person"]
