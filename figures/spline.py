"""How a thin-plate spline bends, for notebook 04: control points, where they look, and the bump behind it."""

import numpy as np
import torch

from figures.sketch import CONDITION, INK, MAP, QUIET, TARGET, Page, lattice_lines
from warpgan import geometry
from warpgan.tps_basis import basis_at

COLOURS = {"condition": CONDITION, "target": TARGET, "map": MAP}  # with a meaning in this figure
SIDE = 5  # control points along each side, as in notebook 04
AFFINE = ((0.9, 0.2, 0.0), (-0.12, 0.84, 0.05))
PULL = (0.3, -0.22)  # of the middle point
SQUARE, TOP = 164, 72  # pixels of a side of a drawn plane, and where it begins


def draw() -> Page:
    """The page."""
    page = Page(616)
    regular = geometry.lattice(SIDE)[None]  # [1, K, 2]
    affine = geometry.affine_points(torch.tensor([AFFINE]), regular)
    pulled = regular.clone()
    pulled[0, SIDE**2 // 2] += torch.tensor(PULL)
    every = geometry.random_tps(1, SIDE, torch.Generator().manual_seed(3), jitter=0.12)
    page.panel(12, 12, 216, 308, "Output", "regular")
    page.panel(252, 12, 636, 308, "Source", "where the control points look, and all else with them")
    _plane(page, 36, regular, regular, TARGET, "control points")
    _plane(page, 276, regular, affine, CONDITION, "affine: bends nothing")
    _plane(page, 486, regular, pulled, CONDITION, "one point pulled")
    _plane(page, 696, regular, every, CONDITION, "all points moved")
    for x, radius, colour, fill, words in (
        (60, 4.2, "white", TARGET, "$c_k$, in the output"),
        (400, 2.6, TARGET, "white", "$c_k$, unmoved"),
        (594, 4.2, "white", CONDITION, "$v_k = T(c_k)$, where it looks"),
    ):
        page.dots([(x, 297)], radius, colour=colour, fill=fill)
        page.text(x + 12, 297, words, align="left", size=9.5, colour=QUIET)
    page.arrow((212, 150), (262, 150), colour=MAP, dashes="solid", line=2)
    page.text(240, 134, "$T$", size=13)
    _bump(page)
    _share(page)
    _sum(page)
    return page


def _plane(page, left, regular, looked, colour, words):
    # Lines of the output through its control points and amid them, sent through the spline.
    page.frame(left, TOP, SQUARE, SQUARE, colour=QUIET, line=0.8, fill="white", dashes="solid", zorder=1)
    lines, steps = 2 * SIDE - 1, 1 if words.startswith(("control", "affine")) else 3  # a straight line needs two points
    count = steps * (lines - 1) + 1
    fine = geometry.tps_points(looked, geometry.lattice(count)[None]).reshape(count, count, 2).numpy()
    for number, points in enumerate(lattice_lines(fine, left, TOP, SQUARE, SQUARE)):
        crossing, between = divmod(number % count, steps)
        if not between:
            ends = points[[0, -1]] if steps == 1 else points
            page.line(ends, colour=INK, line=0.4 if crossing % 2 else 0.9, dashes="solid")
    page.text(left + SQUARE / 2, 268, words)
    homes, ends = (np.array([left, TOP]) + (one[0].numpy() + 1) / 2 * SQUARE for one in (regular, looked))
    moved = np.linalg.norm(ends - homes, axis=1) > 7
    if moved.any():
        page.dots(homes[moved], 2.6, colour=TARGET)
    for home, end in zip(homes[moved], ends[moved]):
        page.line([home, end], colour=MAP, line=1.4, dashes="solid", zorder=6)
    page.dots(ends, 4.2, colour="white", fill=colour, line=0.8, zorder=8)


def _bump(page):
    page.panel(12, 336, 280, 268, "The bump", r"$U(r) = r^2\, \ln r^2$")
    axes = page.chart(58, 386, 212, 138, xlim=(0, 1.5), ylim=(-0.6, 2), xticks=(0, 0.5, 1, 1.5), yticks=(0, 1, 2),
                      xlabel="distance $r$ from its control point")  # fmt: skip
    r = np.linspace(0, 1.5, 91)
    axes.axhline(0, color=QUIET, linewidth=0.7)
    axes.plot(r, r**2 * np.log(np.maximum(r, 1e-9) ** 2), color=MAP, linewidth=2)
    axes.plot([0, 1], [0, 0], "o", color=MAP, markersize=5, clip_on=False)
    page.text(152, 583, "smooth; reaches the whole plane", size=9.5, colour=QUIET)


def _share(page):
    page.panel(310, 336, 280, 268, "One point's share", "$B_k(p)$")
    axes = page.chart(356, 386, 212, 138, xlim=(-1.08, 1.08), ylim=(-0.35, 1.2), xticks=(-1, 0, 1), yticks=(0, 1),
                      xlabel="$x$ of $p$, along the middle row")  # fmt: skip
    x = torch.linspace(-1, 1, 121, dtype=torch.float64)
    share = basis_at(torch.stack([x, torch.zeros_like(x)], dim=1), SIDE)[:, SIDE**2 // 2]
    axes.axhline(0, color=QUIET, linewidth=0.7)
    axes.plot(x, share, color=MAP, linewidth=2)
    knots = np.linspace(-1, 1, SIDE)
    axes.plot(knots, knots == 0, "o", color=TARGET, markersize=7, markeredgecolor="white", zorder=4, clip_on=False)
    page.text(450, 583, "1 at its own point, 0 at all others", size=9.5, colour=QUIET)


def _sum(page):
    page.panel(608, 336, 280, 268, "Together", "for each place $p$")
    rows = (
        (r"$T(p) = a_0 + a_x x + a_y y$", "affine part: bends nothing"),
        (r"$+\ \sum_{k=1}^{K} w_k\, U(\Vert p - c_k \Vert)$", "one bump for each control point"),
        (r"$=\ \sum_{k=1}^{K} B_k(p)\, v_k$", "linear in where the points look"),
    )
    for (formula, words), left, y, below in zip(rows, (626, 650, 650), (390, 462, 546), (23, 37, 37)):
        page.text(left, y, formula, size=13, align="left")
        page.text(626, y + below, words, size=9.5, align="left", colour=QUIET)
