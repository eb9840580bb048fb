"""The two badges of the notebooks as small SVG files: `python -m figures.badges` writes them.

Drawn here, so that opening a notebook asks no other machine for a picture. Their words are the links' text, too.
"""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
BADGES = {"badge_colab": ("Open in Colab", 100), "badge_binder": ("Open in Binder", 104)}  # words, width in pixels
HEIGHT = 20


def badge(words: str, width: int) -> str:
    """A rounded label with white words on dark blue, as SVG; the contrast is above 7 to 1."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" role="img" aria-label="{words}">\n'
        f"  <title>{words}</title>\n"
        f'  <rect width="{width}" height="{HEIGHT}" rx="4" fill="#1b3a5c"/>\n'
        f'  <text x="{width / 2:g}" y="14" fill="#ffffff" font-family="Verdana, DejaVu Sans, sans-serif" '
        f'font-size="11" text-anchor="middle">{words}</text>\n'
        "</svg>\n"
    )


def main(folder: Path = FOLDER) -> int:
    """Write both."""
    for name, (words, width) in BADGES.items():
        (folder / f"{name}.svg").write_text(badge(words, width), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
