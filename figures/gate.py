"""What the gate of the soft-gated warping-block does, for notebook 05: equation 1, and the gate held at values."""

from figures import example
from figures.sketch import CONDITION, INK, MAP, PALE, QUIET, TARGET, Page, faded, lattice_lines
from warpgan.plots import to_uint8

COLOURS = {"condition": CONDITION, "target": TARGET, "map": MAP}  # with a meaning in this figure
THUMB = (64, 128)  # width and height of a small picture
LEVELS = ((0.0, "$g = 0$"), (0.5, "$g = 0.5$"), (1.0, "$g = 1$"), (None, "as trained"))


def draw() -> Page:
    """The page."""
    page, one = Page(572), example.example()
    answers = [example.gated(level) for level, _ in LEVELS]
    brightest = answers[2].after.abs().mean(dim=0).quantile(0.995)

    def strength(features):
        """Mean absolute value over the channels, [h, w] uint8, in one scale for the whole figure."""
        return to_uint8(features.abs().mean(dim=0) / brightest)[..., 0]

    _block(page, one, answers[-1], strength)
    _two_gates(page, answers[-1])
    _held(page, one, answers, strength)
    page.legend(553, {CONDITION: "of the condition", MAP: "moved by the map", TARGET: "of the target"})
    return page


def _block(page, one, trained, strength):
    page.panel(12, 12, 588, 276, "The block",
               r"$T(I) = \Phi(I) + R(\Phi(I)) \cdot W(I)$ (1); with a gate: $T = \Phi + g \odot W(R(\Phi))$")
    page.picture(34, 76, *THUMB, strength(trained.phi), colour=CONDITION)
    page.text(66, 226, r"$\Phi$", size=13)
    page.text(66, 246, "features", size=9.5)
    page.arrow((100, 140), (128, 140), colour=CONDITION)
    page.box(128, 118, 46, 44, "$R$", fill=PALE, size=14)
    page.text(151, 246, "residual", size=9.5)
    page.arrow((174, 140), (206, 140), colour=CONDITION)
    page.picture(216, 90, 50, 100, faded(to_uint8(one.pair["condition_parsing"])), colour=CONDITION, line=1)
    for points in lattice_lines(example.looks(7), 216, 90, 50, 100):
        page.line(points, colour=MAP, line=1.1, dashes="solid")
    page.text(243, 226, "$W$", size=13)
    page.text(243, 246, "where to look", size=9.5)
    page.arrow((284, 140), (312, 140), colour=MAP, dashes="solid")
    page.picture(314, 76, *THUMB, strength(trained.moved), colour=MAP)
    page.text(346, 226, r"$W(R(\Phi))$", size=13)
    page.text(346, 246, "moved", size=9.5)
    page.arrow((380, 140), (407, 140), colour=MAP, dashes="solid")
    page.sign(418, 140)
    page.dots([(418, 140)], 2, fill=INK, zorder=8)
    page.arrow((418, 196), (418, 151))
    page.box(398, 196, 40, 34, "$g$", fill=PALE, size=14)
    page.text(418, 246, "gate", size=9.5)
    page.arrow((429, 140), (459, 140), colour=MAP, dashes="solid")
    page.sign(470, 140, "$+$", size=15)
    page.arrow((66, 73), (66, 56), (470, 56), (470, 129), colour=CONDITION)
    page.arrow((481, 140), (510, 140))
    page.picture(512, 76, *THUMB, strength(trained.after))
    page.text(544, 226, "$T$", size=13)
    page.text(544, 246, "both", size=9.5)
    page.text(306, 269, r"$\Phi$ always passes; $g$ says how much of the moved residual is added to it.", size=9.5,
              colour=QUIET)  # fmt: skip


def _two_gates(page, trained):
    page.panel(612, 12, 276, 276, "Two gates", "black 0, white 1")
    for x, gate, name, words in (
        (650, trained.literal, "grid", ("row sums of $W$:", "knows the frame")),
        (788, trained.gate.mean(dim=0), "learned", ("mean of channels:", "sees the target")),
    ):
        page.picture(x, 76, *THUMB, to_uint8(gate)[..., 0])
        page.text(x + 32, 226, name, bold=True)
        for y, line in zip((247, 265), words):
            page.text(x + 32, y, line, size=9.5)


def _held(page, one, answers, strength):
    page.panel(12, 300, 876, 232, "The gate held",
               "at 0 nothing moved is let in, at 1 all of it; grey: mean strength of the features")  # fmt: skip
    captions = [(66, "condition"), (834, "truth")]
    page.picture(34, 372, *THUMB, to_uint8(one.pair["condition_image"]), colour=CONDITION)
    page.picture(802, 372, *THUMB, to_uint8(one.pair["target_image"]), colour=TARGET)
    for number, ((_, words), answer) in enumerate(zip(LEVELS, answers)):
        x = 132 + 164 * number
        page.picture(x, 372, *THUMB, strength(answer.after))
        page.picture(x + 74, 372, *THUMB, to_uint8(answer.image), colour=TARGET)
        page.text(x + 69, 354, words, size=12 if number < 3 else 10)
        captions += [(x + 32, "$T$"), (x + 106, "painted")]
    for x, words in captions:
        page.text(x, 515, words, size=9.5)
