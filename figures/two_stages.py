"""The whole method on one page, for notebook 00: stage I, the geometric matcher, stage II and its judge."""

from figures import example
from figures.sketch import CONDITION, MAP, PALE, QUIET, TARGET, Page, faded, lattice_lines
from warpgan.plots import to_uint8

COLOURS = {"condition": CONDITION, "target": TARGET, "map": MAP}  # with a meaning in this figure
THUMB = (64, 128)  # width and height of a small picture


def draw() -> Page:
    """The page."""
    page, one = Page(690), example.example()
    tiles = {
        "I_c": (to_uint8(one.pair["condition_image"]), r"$I_c$ image", CONDITION),
        "S_c": (to_uint8(one.pair["condition_parsing"]), r"$S_c$ parsing", CONDITION),
        "P_t": (example.skeleton(), r"$P_t$ pose", TARGET),
        "drawn": (to_uint8(one.result.parsing), r"$\hat{S}_t$ parsing", TARGET),
        "painted": (to_uint8(one.result.image), r"$\hat{I}_t$ picture", TARGET),
        "I_t": (to_uint8(one.pair["target_image"]), r"$I_t$ truth", TARGET),
    }

    def tile(name, x, y):
        pixels, words, colour = tiles[name]
        page.picture(x, y, *THUMB, pixels, colour=colour)
        page.text(x + 32, y + 145, words)

    _stage_one(page, tile)
    _matcher(page, tile, tiles["S_c"][0])
    _stage_two(page, tile)
    page.legend(672, {CONDITION: "of the condition", TARGET: "of the target", MAP: "the map between them"})
    return page


def _stage_one(page, tile):
    page.panel(12, 12, 424, 218, "Stage I", "draws what will be where")
    tile("S_c", 30, 56)
    tile("P_t", 108, 56)
    page.arrow((174, 120), (204, 120))
    page.shape([(204, 62), (266, 92), (328, 62), (328, 178), (266, 148), (204, 178)], fill=PALE)
    page.text(266, 120, "pose-guided\nparser")
    page.text(266, 200, r"$G_\mathrm{I}$", size=12)
    page.number(204, 62, 1)
    page.arrow((328, 120), (354, 120))
    tile("drawn", 356, 56)


def _matcher(page, tile, parsing):
    page.panel(464, 12, 424, 218, "Geometric matcher", "finds what came from where")
    page.arrow((422, 120), (480, 120), colour=TARGET)
    tile("drawn", 482, 56)
    tile("S_c", 560, 56)
    page.arrow((626, 120), (648, 120), head=8)
    for x, width, words, count in ((648, 58, "affine\nmap", 6), (724, 68, "thin-plate\nspline", 50)):
        page.box(x, 92, width, 56, words, fill=PALE, size=9)
        page.text(x + width / 2, 163, f"{count} numbers", size=9)
    page.number(648, 92, 2)
    page.arrow((706, 120), (724, 120), head=7)
    page.arrow((792, 120), (808, 120), colour=MAP, dashes="solid", head=8)
    page.picture(824, 72, 44, 88, faded(parsing), colour=CONDITION, line=1)
    for points in lattice_lines(example.looks(7), 824, 72, 44, 88):
        page.line(points, colour=MAP, line=1.1, dashes="solid")
    page.text(846, 201, "$T$ map")


def _stage_two(page, tile):
    page.panel(12, 258, 876, 392, "Stage II", "paints the picture")
    for y, first, second, colour in ((304, "I_c", "S_c", CONDITION), (478, "drawn", "P_t", TARGET)):
        tile(first, 30, y)
        tile(second, 108, y)
        page.arrow((174, y + 64), (204, y + 64), colour=colour)
        page.funnel(204, y + 64, 76, 112, 56)
        page.text(241, y + 64, "encoder")
    page.arrow((280, 368), (312, 368), colour=CONDITION)
    page.box(312, 334, 106, 68, "soft-gated\nwarping-block", fill=PALE)
    page.number(312, 334, 3)
    page.arrow((846, 218), (846, 244), (365, 244), (365, 334), colour=MAP)
    page.arrow((418, 368), (446, 368), colour=CONDITION)
    page.arrow((280, 542), (446, 542), colour=TARGET)
    page.box(446, 322, 26, 266, fill="white")
    page.text(459, 455, "side by side", turned=90)
    page.arrow((472, 455), (494, 455))
    for block in range(4):
        page.box(494 + 18 * block, 415, 12, 80, fill=PALE)
    page.text(527, 512, "residual blocks")
    page.arrow((560, 455), (582, 455))
    page.funnel(582, 455, 72, 56, 112)
    page.text(619, 455, "decoder")
    page.number(582, 427, 4)
    page.text(619, 532, r"$G_\mathrm{II}$", size=12)
    page.arrow((654, 455), (669, 455), (669, 368), (684, 368))
    tile("painted", 686, 304)
    tile("I_t", 686, 478)
    page.box(772, 420, 106, 70, "discriminator:\nreal or\nmade up?", dashed=True, size=9.5)
    for y, end in ((368, 420), (542, 490)):
        page.arrow((752, y), (825, y), (825, end), dashes=(0, (1.2, 1.6)))
    page.text(825, 562, "in training only", size=9, colour=QUIET)
