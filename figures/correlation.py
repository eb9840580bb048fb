"""How a correlation volume arises, for notebook 04: one place of the target against all places of the condition."""

import numpy as np

from figures import example
from figures.sketch import CONDITION, INK, PALE, QUIET, TARGET, Page, faded
from warpgan import labels
from warpgan.plots import to_uint8

COLOURS = {"condition": CONDITION, "target": TARGET}  # with a meaning in this figure
JOINT = labels.LEFT_KNEE  # whose place of the target is looked at
TOP, CELL = 60, 16  # of the tiles, and pixels of one place in them


def draw() -> Page:
    """The page."""
    page, one = Page(466), example.example()
    column, row = (one.pair["target_keypoints"][JOINT, :2] / example.PLACE).long().tolist()
    fits = example.correlation(row, column)  # [h, w]
    _compare(page, one, (row, column), fits)
    _little_map(page, fits)
    _volume(page, fits.shape, (row, column))
    page.legend(447, {TARGET: "of the target", CONDITION: "of the condition"})
    return page


def _compare(page, one, place, fits):
    page.panel(12, 12, 428, 410, "Compare", "one place with every place")
    best = np.unravel_index(fits.argmax(), fits.shape)
    middle, tall = 188, 7 * 12
    for role, left, colour, where, vector, feature in (
        ("target", 28, TARGET, place, 182, r"$f_B(i,j)$"),
        ("condition", 296, CONDITION, best, 258, r"$f_A(k)$"),
    ):  # fmt: skip
        pixels = faded(to_uint8(one.pair[f"{role}_parsing"]))
        _places(page, left, fits.shape, pixels, colour)
        x, y = left + CELL * where[1], TOP + CELL * where[0]
        _mark(page, x, y, colour)
        page.text(x + CELL / 2, y + CELL + 12, "$(i,j)$" if role == "target" else "$k$", size=11, halo=True)
        for k in range(7):
            y_k = middle - tall / 2 + 12 * k
            page.frame(vector, y_k, 12, 12, colour=colour, line=1.1, fill="white", dashes="solid")
        page.text(vector + 6, middle - tall / 2 - 14, feature, size=11)
        inner = (vector if role == "target" else vector + 12, middle)
        page.arrow((x + (CELL if role == "target" else 0), y + CELL / 2), inner, colour=colour, dashes="solid")
        page.text(left + 64, TOP + 275, role)
        page.text(left + 64, TOP + 292, f"{fits.shape[0]} × {fits.shape[1]} places", size=9.5, colour=QUIET)
    page.sign(226, middle, r"$\langle\,,\rangle$", size=10, radius=13)
    page.arrow((194, middle), (213, middle), head=7)
    page.arrow((258, middle), (239, middle), head=7)
    page.arrow((226, middle + 13), (226, 362))
    page.text(226, 380, r"$c_k(i,j) = \langle f_B(i,j),\, f_A(k) \rangle$", size=13)
    page.text(226, 404, "one scalar product, for this place and one $k$", size=9.5, colour=QUIET)


def _little_map(page, fits):
    page.panel(452, 12, 176, 410, "All $k$", "a little map")
    greys = np.round(255 * fits).astype(np.uint8)
    _places(page, 476, fits.shape, greys, CONDITION, ink="#7f7f7f")
    best = np.unravel_index(fits.argmax(), fits.shape)
    x, y = 476 + CELL * best[1], TOP + CELL * best[0]
    _mark(page, x, y, CONDITION)
    page.text(540, TOP + 275, "over the condition")
    page.text(540, TOP + 292, "white: fits best", size=9.5, colour=QUIET)
    page.text(540, 392, "negatives become 0,\nthe map gets length 1", size=9.5, colour=QUIET)


def _volume(page, shape, place):
    page.panel(640, 12, 248, 410, "All $(i,j)$", "the volume")
    cell, left, bottom, deep = 9, 676, 286, np.array([112.0, -84.0])
    height, width = shape[0] * cell, shape[1] * cell
    front = np.array([(left, bottom - height), (left + width, bottom - height), (left + width, bottom), (left, bottom)])
    back = front + deep
    page.shape([front[0], back[0], back[1], front[1]], fill=PALE, line=1)
    page.shape([front[1], back[1], back[2], front[2]], fill="#d3d3ce", line=1)
    page.shape(front, fill="white", line=1, colour=TARGET)
    for slice_ in np.linspace(0, 1, 17)[1:-1, None]:
        edge = front + slice_ * deep
        page.line([edge[0], edge[1], edge[2]], line=0.4, colour=INK)
    for k in range(1, shape[0]):
        page.line([(left, bottom - k * cell), (left + width, bottom - k * cell)], line=0.35)
    for k in range(1, shape[1]):
        page.line([(left + k * cell, bottom - height), (left + k * cell, bottom)], line=0.35)
    x, y = left + cell * place[1], bottom - height + cell * place[0]
    corner = np.array([(x, y), (x + cell, y), (x + cell, y + cell), (x, y + cell)])
    for start in corner:
        page.line([start, start + deep], colour=TARGET, line=1.2, dashes=(0, (3, 1.6)), zorder=6)
    page.shape(corner + deep, colour=TARGET, fill="none", line=1.2, zorder=6)
    page.shape(corner, colour=TARGET, fill=TARGET, line=1, zorder=7)
    page.arrow((606, y + cell / 2), (x, y + cell / 2), colour=INK, zorder=8)
    page.text(left + width / 2, bottom + 16, str(shape[1]))
    page.text(left - 13, bottom - 0.8 * height, str(shape[0]))
    along = (front[2] + back[2]) / 2 + np.array([11, 14])
    page.text(*along, f"{shape[0] * shape[1]} channels $k$", turned=np.degrees(np.arctan2(-deep[1], deep[0])))
    page.arrow((764, 326), (764, 362))
    page.text(764, 388, "off it, a regressor reads the affine\nmap; off a second one, the spline", size=9.5)


def _mark(page, x, y, colour):
    page.frame(x, y, CELL, CELL, colour="white", line=5, dashes="solid")
    page.frame(x, y, CELL, CELL, colour=colour, line=2.6, dashes="solid")


def _places(page, left, shape, pixels, colour, ink=INK):
    # A tile under the lines between its places.
    width, height = shape[1] * CELL, shape[0] * CELL
    page.picture(left, TOP, width, height, pixels, colour=colour)
    for k in range(1, shape[0]):
        page.line([(left, TOP + k * CELL), (left + width, TOP + k * CELL)], colour=ink, line=0.35, dashes="solid")
    for k in range(1, shape[1]):
        page.line([(left + k * CELL, TOP), (left + k * CELL, TOP + height)], colour=ink, line=0.35, dashes="solid")
