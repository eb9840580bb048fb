"""The discriminator's pyramid, for notebook 06: what one number sees, what is compared, and what is judged."""

from typing import NamedTuple

import numpy as np
import torch

from figures import example
from figures.sketch import INK, MAP, PALE, QUIET, TARGET, Page
from warpgan import config
from warpgan.models import PyramidDiscriminator
from warpgan.plots import to_uint8

COLOURS = {"real": INK, "made up": TARGET, "compared": MAP}  # with a meaning in this figure
GIVEN = 3 + 20 + 20 + 18  # channels: condition picture and parsing, target parsing, pose
SCALE = 1.9  # pixels on the page of one place of a feature map


class Level(NamedTuple):
    """One map of the discriminator: channels, places (height, width), pixels that one place sees, pixels a place."""

    channels: int
    places: tuple[int, int]
    sees: int
    step: int


def levels(network: PyramidDiscriminator, size: tuple[int, int]) -> list[Level]:
    """Measure every feature map of a discriminator, shallow to deep, and its score map, which comes last.

    Args:
        network: as `models.build` makes it; on any device, "meta" too.
        size: (height, width) of the pictures.
    """
    device = network.score.weight.device
    with torch.no_grad():
        score, maps = network(torch.zeros(1, network.in_channels, *size, device=device))
    found, sees, step = [], 1, 1
    for convolution, made in zip([*(stage[0] for stage in network.stages), network.score], [*maps, score]):
        sees += (convolution.kernel_size[0] - 1) * step
        step *= convolution.stride[0]
        found.append(Level(made.shape[1], tuple(made.shape[2:]), sees, step))
    return found


def draw() -> Page:
    """The page."""
    page, one = Page(546), example.example()
    preset, size = config.preset("rendered"), one.transfer.size
    with torch.device("meta"):  # shapes only
        network = PyramidDiscriminator(GIVEN + 3, preset.discriminator_width, layers=preset.discriminator_layers)
    found = levels(network, size)
    compared = preset.hierarchy_maps
    _fields(page, to_uint8(one.pair["target_image"]), found, compared)
    _pyramids(page, one, found, compared)
    page.legend(528, {INK: "real", TARGET: "made up", MAP: "compared"})
    return page


def _fields(page, picture, found, compared):
    page.panel(12, 12, 278, 490, "What one number sees")
    scale, left, top = 2.35, 32, 66
    height, width = (scale * side for side in picture.shape[:2])
    page.picture(left, top, width, height, picture)
    centre = np.array([left + width / 2, top + 0.46 * height])
    for number, level in enumerate([*found[:compared], found[-1]]):
        last = number == compared
        side, colour, dashes = scale * level.sees, INK if last else MAP, (0, (1.2, 1.2)) if last else "solid"
        page.frame(*(centre - side / 2), side, side, colour="white", line=4, dashes="solid", zorder=6)
        page.frame(*(centre - side / 2), side, side, colour=colour, line=2, dashes=dashes, zorder=7)
        y = centre[1] - 30 * (number + 0.5)
        edge = np.clip(y, centre[1] - side / 2, centre[1] + side / 2)
        lead = [(centre[0] + side / 2, edge), (left + width + 16, y)]
        page.line(lead, colour=colour, line=1, dashes="solid", zorder=8)
        name = "$D$" if last else f"$F_{number}$"
        page.text(left + width + 21, y, f"{name}  {level.sees} × {level.sees}", align="left", size=10.5)
    page.text(151, 426, "pixels of the picture that one number\nof a map depends on: few at first,\n"
              "half of the picture at the end", size=9.5, colour=QUIET)  # fmt: skip


def _pyramids(page, one, found, compared):
    page.panel(302, 12, 586, 490, "The pyramid", r"$L_{PH} = \sum_i\, \alpha_i\, \Vert F_i(\hat{I}) - F_i(I) \Vert_1$")
    lefts, meet = (430, 536, 610, 664), 251
    rows = ((148, "I", one.pair["target_image"], INK, "wanted: 1\n(real)"),
            (354, r"\hat{I}", one.result.image, TARGET, "wanted: 0\n(made up)"))  # fmt: skip
    for y, symbol, image, colour, answer in rows:
        for sheet in range(4, 0, -1):
            page.frame(320 + 4 * sheet, y - 60 - 4 * sheet, 62, 124, colour=QUIET, line=0.8, fill="white", zorder=1.5)
        page.picture(320, y - 60, 62, 124, to_uint8(image), colour=colour)
        page.text(320, y + 79, f"${symbol}$ and {GIVEN}", size=9.5, align="left")
        page.text(320, y + 94, "given channels", size=9.5, align="left")
        right = 402
        for number, (left, level) in enumerate(zip(lefts, found)):
            tall, wide = (SCALE * side for side in level.places)
            page.arrow((right, y), (left - 3, y), colour=colour, head=8)
            _stack(page, left, y - tall / 2, wide, tall, 2 + number, colour, kept=number < compared)
            right = left + wide + 3 * (1 + number) + 3
            if y < meet:
                page.text(left + wide / 2, y - tall / 2 - 22 - 3 * number, f"$F_{number}$", size=12)
            else:
                page.text(left + wide / 2, 470, "×".join(map(str, level.places)), size=9)
                page.text(left + wide / 2, 488, str(level.channels), size=9)
        _scores(page, right, y, found[-1], colour, answer)
    page.text(320, 470, "places", size=9, align="left")
    page.text(320, 488, "channels", size=9, align="left")
    page.text(680, 192, "left out", size=9, colour=QUIET)
    page.text(764, 70, "$D$", size=12)
    page.text(764, 470, "×".join(map(str, found[-1].places)), size=9)
    page.text(764, 488, str(found[-1].channels), size=9)
    page.text(744, meet, "each number\njudges one patch", size=9.5, align="left")
    _differences(page, [left + SCALE * level.places[1] / 2 for left, level in zip(lefts, found)][:compared],
                 [SCALE * level.places[0] / 2 for level in found], [row[0] for row in rows], meet)


def _differences(page, places, halves, rows, meet):
    for number, (x, half) in enumerate(zip(places, halves)):
        for y, side in zip(rows, (1, -1)):
            page.arrow((x, y + side * (half + 3)), (x, meet - side * 10), colour=MAP, head=8)
        page.sign(x, meet, radius=10)
        page.line([(x - 4.5, meet), (x + 4.5, meet)], line=1.4, zorder=8)
        end = places[number + 1] - 10 if number + 1 < len(places) else 666
        page.arrow((x + 10, meet), (end, meet), colour=MAP, head=8)
        page.text(x + 14, meet - 13, rf"$\alpha_{number}$", size=11, align="left")
    page.box(666, meet - 17, 52, 34, r"$L_{PH}$", colour=MAP, size=13)


def _stack(page, x, y, width, height, sheets, colour, kept):
    for sheet in range(sheets - 1, -1, -1):
        page.frame(x + 3 * sheet, y - 3 * sheet, width, height, colour=colour, line=1, fill="white" if kept else PALE,
                   zorder=3)  # fmt: skip


def _scores(page, right, y, level, colour, answer):
    cell, left = 5.4, 734
    height, width = (cell * side for side in level.places)
    page.arrow((right, y), (left - 3, y), colour=colour, head=8)
    page.frame(left, y - height / 2, width, height, colour=colour, fill="white", zorder=3)
    for k in range(1, level.places[0]):
        page.line([(left, y - height / 2 + k * cell), (left + width, y - height / 2 + k * cell)], line=0.35)
    for k in range(1, level.places[1]):
        page.line([(left + k * cell, y - height / 2), (left + k * cell, y + height / 2)], line=0.35)
    page.text(left + width + 12, y, answer, align="left")
