"""The gallery of the rendered people: the first of a split in three styles, and one person with every truth."""

import numpy as np
import torch

from figures import truths
from figures.printing import few_colours
from warpgan.drawing import draw_keypoints, to_uint8
from warpgan.files import atomic
from warpgan.labels import LABEL_COLOURS

WIDTH, GAP, TITLE = 1080, 4, 20  # pixels: of the sheet, between rows, of a line of text
ROWS = (  # style, size, people, title
    ("plain", (256, 128), range(8), "plain: the whole person before a quiet ground"),
    ("deepfashion", (256, 176), range(8, 14), "deepfashion: a bright studio, cropped as a shop crops"),
    ("market", (128, 64), range(14, 30), "market: a surveillance camera, at its own 128x64"),
)
SIZE, AMONG = (256, 128), 40  # of the person who is shown with every truth; chosen among so many
COLOURS = 256
ALTERNATIVE = (
    "Four rows of rendered people. Eight whole people before plain grounds; six in a bright studio, three of them "
    "cropped between thigh and shin; sixteen small blurred pedestrians before street grounds; and one person in three "
    "poses, then the first of these poses again as coloured parsing, skeleton of 18 joints, the second picture's cloth "
    "moved along the correspondence with grey where it is not seen there, depth in greys, and normals in colours."
)


def telling():
    """Number of the person, seen from the front, of whom the pictures tell most: many labels, much seen in both."""
    best, person = 0.0, 0
    for number in range(AMONG):
        made = truths.person(number, 3, (64, 32))
        there = made["parsings"][0] > 0
        seen = (made["correspondences"][0, 1][there, 0] >= 0).mean()
        count = len(np.unique(made["parsings"][0])) * min(seen, 0.6)  # the same view once more would tell little
        if made["views"][0] == "front" and count > best:
            best, person = count, number
    return person


def truths_of(made):
    """Pictures [H, W, 3] uint8 of one person with their titles: three poses, then every truth of the first."""
    places, first = made["correspondences"][0, 1], made["parsings"][0] > 0
    moved = np.full((*first.shape, 3), 255, np.uint8)
    moved[first] = 200
    seen = places[..., 0] >= 0
    moved[seen] = np.round(truths.bilinear(made["unlit"][1], places[seen])[0])
    depth, normals = made["depth"][0], made["normals"][0]
    low, high = depth[first].min(), depth[first].max()
    near = np.where(first, 0.85 * (high - depth) / max(high - low, 1e-6), 1.0)
    colours = np.where(first[..., None], 0.5 + 0.5 * normals[..., [0, 2, 1]] * [1, 1, -1], 1.0)
    joints = torch.from_numpy(made["keypoints"][0])
    return [
        *((made["images"][pose], f"pose {pose + 1}") for pose in range(3)),
        (to_uint8(torch.from_numpy(made["parsings"][0]).long()), "parsing"),
        (draw_keypoints(made["images"][0] // 2 + 127, joints, radius=2.5), "18 joints"),
        (moved, "cloth of pose 2"),
        (np.round(255 * near[..., None].repeat(3, 2)).astype(np.uint8), "depth"),
        (np.round(255 * colours).astype(np.uint8), "normals"),
    ]


def sheet():
    """The gallery [H, W, 3] uint8."""
    from PIL import Image, ImageDraw, ImageFont

    rows = []
    for style, size, numbers, title in ROWS:
        made = (truths.person(number, 1, size, style=style)["images"][0] for number in numbers)
        rows.append((title, [(picture, "") for picture in made]))
    made = truths.person(telling(), 3, SIZE, extras=("unlit", "depth", "normals"))
    rows.append(("one person, and the truths of the first picture", truths_of(made)))
    heights = [TITLE + row[0][0].shape[0] + (TITLE if row[0][1] else 0) + GAP for _, row in rows]
    canvas = Image.new("RGB", (WIDTH, sum(heights)), "white")
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(13)
    top = 0
    for (title, row), height in zip(rows, heights):
        pen.text((2, top + 2), title, fill="black", font=font)
        room = (WIDTH - sum(picture.shape[1] for picture, _ in row)) / (len(row) - 1)
        left = 0.0
        for picture, name in row:
            canvas.paste(Image.fromarray(picture), (round(left), top + TITLE))
            middle = round(left) + picture.shape[1] / 2 - font.getlength(name) / 2
            pen.text((middle, top + TITLE + picture.shape[0] + 2), name, fill="black", font=font)
            left += picture.shape[1] + room
        top += height
    return np.asarray(canvas)


def draw(path):
    """Write the gallery as a PNG with a palette, in which white and the labels keep their own colours, whole or not."""
    from PIL import Image

    picture = few_colours(Image.fromarray(sheet()), [*LABEL_COLOURS, (255, 255, 255)], COLOURS)
    with atomic(path) as part:
        picture.save(part, optimize=True)
