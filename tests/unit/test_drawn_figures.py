"""The drawn figures are those that the code draws now, can be read by everybody, and are shown where they belong."""

import importlib
import json
import re
import time
from itertools import combinations
from pathlib import Path

import drawings
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from PIL import Image
from skimage.color import rgb2lab
from torch import nn

from figures import drawn, printing, pyramid, sketch
from warpgan.models import PyramidDiscriminator

ROOT = Path(__file__).resolve().parents[2]
NEAR, FAR = 1.0, 40  # levels by which the picture may be off: in the mean, and anywhere
SECONDS = 40  # of processor time for all figures
GREY, LAB = 40, 25  # least distance of two colours with a meaning: levels of 255 in grey, and in CIELAB
# Severity 1 of Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", IEEE TVCG 15(6), 2009, doi 10.1109/TVCG.2009.113: on linear RGB.
SEEN_WITHOUT = {
    "red cones": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "green cones": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "blue cones": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
every_figure = pytest.mark.parametrize("name", drawn.NAMES)


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory):
    """All figures drawn anew: their pages, the folder of their files, and the seconds that it took."""
    folder, pages = tmp_path_factory.mktemp("figures"), {}
    start = time.process_time()
    for name in drawn.NAMES:
        pages[name] = drawn.draw(name)
        printing.save(pages[name], folder / name, drawn.alternatives()[name]["alt"])
    return pages, folder, time.process_time() - start


def committed(name, suffix):
    return drawn.FOLDER / f"{name}{suffix}"


def svg(folder, name):
    return (folder / f"{name}.svg").read_text(encoding="utf-8")


@every_figure
def test_the_files_are_what_the_code_draws(rebuilt, name):
    _, folder, _ = rebuilt
    told = "run python -m figures.drawn"
    assert drawings.differences(svg(drawn.FOLDER, name), svg(folder, name)) == [], told
    mean, most = drawings.pixels_apart(Image.open(committed(name, ".png")), Image.open(folder / f"{name}.png"))
    assert mean < NEAR and most < FAR, f"{told}; the picture is {mean:.2f} levels off, {most:.0f} at the most"


def test_all_are_drawn_in_a_moment(rebuilt):
    assert rebuilt[2] < SECONDS


def test_what_is_drawn_otherwise_is_told(tmp_path):
    def file(change=None, words="alternative"):
        with sketch.styled():
            page = sketch.Page(160)
            page.panel(10, 10, 400, 140, "Title", "of $x$")
            page.text(200, 80, "some words")
            page.line([(30, 120), (380, 120)], colour=sketch.MAP)
        if change:
            change(page)
        printing.save(page, tmp_path / "page", words)
        return svg(tmp_path, "page"), Image.open(tmp_path / "page.png").copy()

    text, picture = file()
    again, same = file()
    assert text == again and drawings.pixels_apart(picture, same) == (0, 0)  # here even to the byte
    changes = {
        "words": lambda page: page.axes.texts[2].set_text("MMMMMMMMMM"),
        "place": lambda page: page.axes.texts[2].set_x(page.axes.texts[2].get_position()[0] + 4),
        "colour": lambda page: page.axes.texts[2].set_color("#1a1aff"),
        "line": lambda page: page.axes.lines[0].set_ydata(page.axes.lines[0].get_ydata() + 4),
        "style": lambda page: page.axes.lines[0].set_linewidth(3),
        "less": lambda page: page.axes.lines[0].remove(),
    }
    for what, change in changes.items():
        other, other_picture = file(change)
        assert drawings.differences(text, other), what
        if what == "words":  # the picture is looked at coarsely: its letters depend on the release
            assert drawings.pixels_apart(picture, other_picture)[1] > FAR
    assert drawings.differences(text, file(words="another alternative")[0]) == ["the text alternatives differ"]


def test_another_picture_inside_is_told(rebuilt):
    _, folder, _ = rebuilt
    text = svg(folder, "gate")
    pictures = sorted(set(re.findall(r"base64,([^\"]+)", text)), key=len)
    assert drawings.differences(text, text.replace(pictures[-1], pictures[len(pictures) // 2]))


@every_figure
def test_sizes(name):
    assert committed(name, ".svg").stat().st_size < 150_000 and committed(name, ".png").stat().st_size < 200_000
    assert 1400 <= Image.open(committed(name, ".png")).width <= 1800


@every_figure
def test_words_are_large_enough_and_stand_free(rebuilt, name):
    page = rebuilt[0][name]
    page.figure.draw_without_rendering()  # or the names of axes have no place yet
    canvas = page.figure.canvas.get_renderer()
    written = [text for axes in page.figure.axes for text in axes.texts if text.get_text()]
    written += [text for axes in page.figure.axes[1:] for text in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    written += [axes.xaxis.label for axes in page.figure.axes[1:]]
    assert all(text.get_fontsize() >= sketch.SMALLEST for text in written)
    boxes = {text: text.get_window_extent(canvas).padded(-1.5) for text in written}
    for box in boxes.values():
        assert box.x0 > 0 and box.y0 > 0 and box.x1 < page.figure.bbox.x1 and box.y1 < page.figure.bbox.y1
    for one, other in combinations(boxes, 2):
        assert not boxes[one].overlaps(boxes[other]), (one.get_text(), other.get_text())
    pictures = [image.get_window_extent(canvas) for image in page.axes.images]
    for text, box in boxes.items():
        if not text.get_path_effects():  # those with a halo are written upon a picture
            assert not any(box.overlaps(picture) for picture in pictures), text.get_text()
    grounds = [patch.get_window_extent(canvas) for patch in page.axes.patches
               if np.allclose(patch.get_facecolor()[:3], to_rgb(sketch.PANEL))]  # fmt: skip
    assert len(grounds) >= 2
    for text, box in boxes.items():
        for ground in grounds:
            inside = ground.x0 < box.x0 and box.x1 < ground.x1 and ground.y0 < box.y0 and box.y1 < ground.y1
            assert inside or not box.overlaps(ground), f"{text.get_text()!r} crosses the edge of its panel"


def seen_as(pixels, matrix):
    """Colours [N, 3] in [0, 1] as somebody sees them who lacks one kind of cones."""
    linear = np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(matrix).T, 0, 1)
    return np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055)


def greys(pixels):
    return np.asarray(Image.fromarray(np.round(255 * pixels)[None].astype(np.uint8)).convert("L"), float)[0]


@every_figure
def test_colours_with_a_meaning_keep_apart_for_everybody(rebuilt, name):
    pixels = np.asarray(Image.open(committed(name, ".png")).convert("RGB"))
    meanings = importlib.import_module(f"figures.{name}").COLOURS
    assert len({str(sketch.DASHES[colour]) for colour in meanings.values()}) == len(meanings) >= 2
    used = {}
    for meaning, colour in meanings.items():
        there = (pixels == np.round(255 * np.array(to_rgb(colour)))).all(axis=-1)
        assert there.sum() > 400, f"{meaning} is hardly to be seen"
        used[meaning] = pixels[there][:1] / 255
    for one, other in combinations(used, 2):
        assert abs(greys(used[one]) - greys(used[other]))[0] >= GREY, (one, other)
        for lacking, matrix in SEEN_WITHOUT.items():
            a, b = (seen_as(used[meaning], matrix) for meaning in (one, other))
            assert np.linalg.norm(rgb2lab(a) - rgb2lab(b)) >= LAB, (one, other, lacking)
    for meaning, colour in used.items():  # three to one, as WCAG asks of what is no text
        light = 0.2126 * (linear := ((colour[0] + 0.055) / 1.055) ** 2.4)[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert 1.05 / (light + 0.05) >= 2.95, meaning


def test_the_simulation_leaves_greys_alone_and_confuses_red_and_green():
    grey, red, green = np.full((1, 3), 0.5), np.array([[0.8, 0.27, 0.2]]), np.array([[0.45, 0.48, 0.2]])
    for matrix in SEEN_WITHOUT.values():
        assert np.abs(seen_as(grey, matrix) - grey).max() < 0.01
    without = [seen_as(colour, SEEN_WITHOUT["green cones"]) for colour in (red, green)]
    all_cones, two_cones = (np.linalg.norm(rgb2lab(a) - rgb2lab(b)) for a, b in ((red, green), without))
    assert two_cones < 0.4 * all_cones


@every_figure
def test_the_alternative_says_what_the_figure_says(name):
    entry = drawn.alternatives()[name]
    assert 2 <= len(re.findall(r"[.!?](?:\s|$)", entry["alt"])) <= 5
    assert not re.search(r"[\[\]\n$]", entry["alt"]), "it stands in a Markdown link as it is"
    assert entry["alt"] in svg(drawn.FOLDER, name) and 'role="img"' in svg(drawn.FOLDER, name)


@every_figure
def test_the_notebook_shows_the_figure_with_its_alternative(name):
    entry = drawn.alternatives()[name]
    cells = json.loads((ROOT / "notebooks" / f"{entry['notebook']}.ipynb").read_text(encoding="utf-8"))["cells"]
    found = ["".join(cell["source"]) for cell in cells if cell["id"] == f"figure-{name}"]
    assert len(found) == 1, f"{entry['notebook']} has no cell figure-{name}"
    shown = re.findall(r"!\[([^\]]*)\]\(\.\./figures/(\w+)\.png\)", found[0])
    assert [(" ".join(alt.split()), file) for alt, file in shown] == [(" ".join(entry["alt"].split()), name)]


def test_what_a_number_sees_is_measured_and_right():
    network = PyramidDiscriminator(5, 4)
    found = pyramid.levels(network, (160, 160))
    for stage in network.stages[1:]:
        stage[1] = nn.Identity()  # a norm sees the whole picture
    picture = torch.rand(1, 5, 160, 160, requires_grad=True)
    score, maps = network(picture)
    for level, made in zip(found, [*maps, score], strict=True):
        middle = made[0, :, made.shape[2] // 2, made.shape[3] // 2].sum()
        (slope,) = torch.autograd.grad(middle, picture, retain_graph=True)
        rows = slope.abs().sum(dim=(0, 1, 3)).nonzero()
        assert int(rows.max() - rows.min()) + 1 == level.sees
        assert level.places == tuple(made.shape[2:]) and level.channels == made.shape[1]


def test_the_command_draws_what_is_asked_for(tmp_path, capsys):
    assert drawn.main(["spline", "--out", str(tmp_path / "new")]) == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["spline.png", "spline.svg"]
    with pytest.raises(SystemExit):
        drawn.main(["splines"])
    assert "there is no figure 'splines'; there are two_stages, correlation" in capsys.readouterr().err
