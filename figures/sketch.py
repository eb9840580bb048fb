"""Pens for the drawn figures: a page in pixels, boxes, arrows, small pictures, and three colours with a meaning.

Blue stands for what belongs to the condition, orange for the target, green for the map between them. Each has its own
line style too, and the three keep apart in grey and for the colour-blind (`tests/unit/test_drawn_figures.py`).
"""

from collections.abc import Sequence

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke

WIDTH = 900  # pixels in which a page is measured; it is meant to be shown about as wide
FINE = 2  # pixels of the PNG for each of them
INCH = 96  # pixels, so that a point of a letter is a point on the screen
SMALLEST = 9.0  # points, of any letter but those below or above a line

INK, PALE, PANEL, QUIET = "#1a1a1a", "#e4e4e0", "#f4f4f1", "#565656"
CONDITION, TARGET, MAP = "#0a2f6b", "#d97f06", "#038257"
DASHES = {CONDITION: "solid", TARGET: (0, (4.5, 2.2)), MAP: (0, (6, 2, 1.2, 2)), INK: "solid", QUIET: "solid"}
RULES = {
    "font.family": "DejaVu Sans", "mathtext.fontset": "cm", "text.hinting": "none",
    "svg.fonttype": "path", "svg.hashsalt": "warpgan", "svg.image_inline": True, "path.simplify": False,
    "path.snap": False, "lines.solid_capstyle": "butt", "image.composite_image": False,
}  # fmt: skip


def styled():
    """The settings in which pages are drawn and saved, whatever the reader's own are: a context manager."""
    return style.context(["default", RULES])


class Page:
    """A white page, `WIDTH` wide, on which places are (x, y) in pixels from the top left.

    Args:
        height: of the page in pixels.
    """

    def __init__(self, height: int):
        self.height = height
        self.figure = Figure(figsize=(WIDTH / INCH, height / INCH), dpi=FINE * INCH, facecolor="white")
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, WIDTH), ylim=(height, 0))
        self.axes.axis("off")

    def text(self, x: float, y: float, words: str, *, size: float = 10, colour: str = INK, align: str = "center",
             bold: bool = False, turned: float = 0, halo: bool = False) -> None:  # fmt: skip
        """Write words (with $formulas$) whose middle, left or right is at a place; `size` in points.

        One line stands so that its capitals have their middle there, and lines side by side have one baseline; several
        lines are centred, and so is what is turned. A `halo` of white keeps words readable upon a picture.
        """
        if size < SMALLEST:
            raise ValueError(f"size: at least {SMALLEST} points can be read, found {size}")
        flat = not turned and "\n" not in words
        capital = 0.73 * size * INCH / 72  # pixels
        written = self.axes.text(x, y + capital / 2 if flat else y, words, fontsize=size, color=colour, ha=align,
                                 va="baseline" if flat else "center", rotation=turned, linespacing=1.25, zorder=9,
                                 fontweight="bold" if bold else "normal")  # fmt: skip
        if halo:
            written.set_path_effects([withStroke(linewidth=2.5, foreground="white")])

    def panel(self, x: float, y: float, width: float, height: float, title: str = "", rest: str = "") -> None:
        """Lay a pale ground under a part of the figure, with a title in bold and the rest of its line."""
        self._rounded(x, y, width, height, facecolor=PANEL, edgecolor="none", radius=8, zorder=0)
        if title:
            self.text(x + 14, y + 21, title, size=11, align="left", bold=True)
            self.text(self._right_end() + 9, y + 21, rest, align="left")

    def box(self, x: float, y: float, width: float, height: float, words: str = "", *, colour: str = INK,
            fill: str = "white", dashed: bool = False, size: float = 10, line: float = 1.1) -> None:  # fmt: skip
        """Draw a box with rounded corners, with words in its middle."""
        dashes = DASHES[TARGET] if dashed else "solid"
        self._rounded(x, y, width, height, facecolor=fill, edgecolor=colour, linewidth=line, linestyle=dashes,
                      radius=5, zorder=3)  # fmt: skip
        self.text(x + width / 2, y + height / 2, words, size=size)

    def frame(self, x: float, y: float, width: float, height: float, *, colour: str = INK, line: float = 1.5,
              fill: str = "none", dashes=None, zorder: float = 5) -> None:  # fmt: skip
        """Draw a rectangle in the line style of its colour."""
        dashes = DASHES[colour] if dashes is None else dashes
        self.axes.add_patch(Rectangle((x, y), width, height, edgecolor=colour, facecolor=fill, linewidth=line,
                                      linestyle=dashes, zorder=zorder))  # fmt: skip

    def shape(self, points: Sequence, *, colour: str = INK, fill: str = "white", line: float = 1.1,
              zorder: float = 3, dashes="solid") -> None:  # fmt: skip
        """Draw a closed shape with these corners."""
        self.axes.add_patch(Polygon(np.asarray(points, float), closed=True, edgecolor=colour, facecolor=fill,
                                    linewidth=line, zorder=zorder, joinstyle="round", linestyle=dashes))  # fmt: skip

    def line(self, points: Sequence, *, colour: str = INK, line: float = 1.3, dashes=None, zorder: float = 4) -> None:
        """Draw a line through points, in the style of its colour."""
        x, y = np.asarray(points, float).T
        dashes = DASHES[colour] if dashes is None else dashes
        self.axes.add_line(Line2D(x, y, color=colour, linewidth=line, linestyle=dashes, zorder=zorder))

    def arrow(self, *points: tuple[float, float], colour: str = INK, line: float = 1.6, dashes=None,
              head: float = 9, bend: float = 9, zorder: float = 6) -> None:  # fmt: skip
        """Draw an arrow along points, with rounded bends; its tip touches the last one."""
        path = [np.array(point, float) for point in points]
        step = (path[-1] - path[-2]) / np.linalg.norm(path[-1] - path[-2])
        tip, base = path[-1], path[-1] - head * step
        across = np.array([-step[1], step[0]]) * head * 0.42
        path[-1] = base + 0.15 * head * step  # below the head, where no gap can show
        corners, codes = [path[0]], [Outline.MOVETO]
        for before, here, after in zip(path, path[1:], path[2:]):
            for end in (before, after):
                length = np.linalg.norm(end - here)
                near = here + (end - here) * min(bend, length / 2) / length
                corners += [near] if end is before else [here, near]
                codes += [Outline.LINETO] if end is before else [Outline.CURVE3, Outline.CURVE3]
        outline = Outline([*corners, path[-1]], [*codes, Outline.LINETO])
        dashes = DASHES[colour] if dashes is None else dashes
        self.axes.add_patch(PathPatch(outline, edgecolor=colour, facecolor="none", linewidth=line, linestyle=dashes,
                                      zorder=zorder))  # fmt: skip
        self.shape([tip, base + across, base - across], colour=colour, fill=colour, line=0.3, zorder=zorder)

    def number(self, x: float, y: float, step: int) -> None:
        """Write the number of a step into a dark disc."""
        self.axes.add_patch(Ellipse((x, y), 19, 19, facecolor=INK, edgecolor="white", linewidth=1, zorder=8))
        self.text(x, y, str(step), size=9.5, colour="white", bold=True)

    def dots(self, places: Sequence, radius: float, *, colour: str = INK, fill: str = "white", line: float = 1.0,
             zorder: float = 7) -> None:  # fmt: skip
        """Draw a disc at each of many places."""
        x, y = np.asarray(places, float).T
        self.axes.add_line(Line2D(x, y, linestyle="none", marker="o", markersize=2 * radius * 72 / INCH, zorder=zorder,
                                  markerfacecolor=fill, markeredgecolor=colour, markeredgewidth=line))  # fmt: skip

    def chart(self, x: float, y: float, width: float, height: float, **settings) -> Axes:
        """Give axes for a curve, whose frame fills a rectangle; `settings` as `Axes.set` takes them."""
        axes = self.figure.add_axes((x / WIDTH, 1 - (y + height) / self.height, width / WIDTH, height / self.height))
        axes.set(facecolor="none", **settings)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=SMALLEST, color=INK, labelcolor=INK)
        axes.xaxis.label.set(size=9.5, color=INK)
        axes.set_zorder(3)
        return axes

    def sign(self, x: float, y: float, sign: str = "", *, size: float = 15, radius: float = 11) -> None:
        """Write a sign of arithmetic into a circle."""
        self.axes.add_patch(Ellipse((x, y), 2 * radius, 2 * radius, facecolor="white", edgecolor=INK, linewidth=1.2,
                                    zorder=7))  # fmt: skip
        self.text(x, y, sign, size=size)
        self.axes.texts[-1].set(y=y, va="center")

    def picture(self, x: float, y: float, width: float, height: float, pixels: np.ndarray, *, colour: str = INK,
                line: float = 1.5, zorder: float = 2) -> None:  # fmt: skip
        """Place a picture [H, W, 3] or a map of greys [H, W], uint8, in a frame of its colour."""
        pixels = pixels if pixels.ndim == 3 else pixels[..., None].repeat(3, axis=2)
        self.axes.imshow(pixels, extent=(x, x + width, y + height, y), interpolation="none", zorder=zorder,
                         aspect="auto")  # fmt: skip
        self.axes.set(xlim=(0, WIDTH), ylim=(self.height, 0))
        gap = 0.75 * line  # of white: a dark picture would swallow the frame
        self.frame(x - gap, y - gap, width + 2 * gap, height + 2 * gap, colour="white", line=1.6 * line, dashes="solid",
                   zorder=zorder + 0.5)  # fmt: skip
        self.frame(x - 2 * gap, y - 2 * gap, width + 4 * gap, height + 4 * gap, colour=colour, line=line)

    def funnel(self, x: float, y: float, width: float, tall: float, short: float, *, fill: str = PALE) -> None:
        """Draw a coder from x on, its middle at y: `tall` high on the left, `short` on the right."""
        self.shape([(x, y - tall / 2), (x + width, y - short / 2), (x + width, y + short / 2), (x, y + tall / 2)],
                   fill=fill)  # fmt: skip

    def legend(self, y: float, meanings: dict[str, str]) -> None:
        """Say in one row what the colours mean: colour -> words."""
        places, right = [], 0.0
        for words in meanings.values():
            self.text(right + 53, y, words, align="left")
            places.append((right, self.axes.texts[-1]))
            right = self._right_end() + 40
        for colour, (x, words) in zip(meanings, places):
            x += (WIDTH - (right - 40)) / 2
            words.set_x(x + 53)
            self.line([(x, y), (x + 44, y)], colour=colour, line=2.2)

    def _right_end(self) -> float:
        box = self.axes.texts[-1].get_window_extent(self.figure.canvas.get_renderer())
        return float(self.axes.transData.inverted().transform((box.x1, box.y0))[0])

    def _rounded(self, x, y, width, height, *, radius, **options):
        self.axes.add_patch(FancyBboxPatch((x, y), width, height, boxstyle=f"round,pad=0,rounding_size={radius}",
                                           **options))  # fmt: skip


def lattice_lines(places: np.ndarray, x: float, y: float, width: float, height: float) -> list[np.ndarray]:
    """Lines along the rows and columns of places [h, w, 2] in [-1, 1], as pixels of a rectangle on the page."""
    pixels = np.array([x, y]) + (places + 1) / 2 * np.array([width, height])
    return [*pixels, *pixels.swapaxes(0, 1)]


def faded(parsing: np.ndarray, strength: float = 0.35) -> np.ndarray:
    """The colours of a parsing [H, W, 3] uint8, paler, on white: a ground to draw upon."""
    pale = 255 - strength * (255 - parsing.astype(float))
    return np.where((parsing == 0).all(axis=-1, keepdims=True), 255, pale).round().astype(np.uint8)
