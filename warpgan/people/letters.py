"""Words and numbers printed on clothes, from a bitmap font of 5 x 7 cells.

The font is drawn here and not taken from the system, so that a seed gives the same pixels everywhere. Notebook 01.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

# Rows from the top, five cells each, as the bits of a number from 0 to 31 in base 32 digits.
FONT = {
    "A": "EHHVHHH", "B": "UHHUHHU", "C": "EHGGGHE", "D": "UHHHHHU", "E": "VGGUGGV", "F": "VGGUGGG", "G": "EHGNHHE",
    "H": "HHHVHHH", "I": "E44444E", "K": "HIKOKIH", "L": "GGGGGGV", "M": "HRLLHHH", "N": "HPPLJJH", "O": "EHHHHHE",
    "P": "UHHUGGG", "R": "UHHUKIH", "S": "FGGE11U", "T": "V444444", "U": "HHHHHHE", "V": "HHHHAA4", "W": "HHHLLRH",
    "X": "HHA4AHH", "Y": "HHA4444", "Z": "V1248GV", "0": "EHJLPHE", "1": "4C4444E", "2": "EH1248V", "3": "V1261HE",
    "4": "26AIV22", "5": "VGU11HE", "6": "68GUHHE", "7": "V124444", "8": "EHHEHHE", "9": "EHHF12C",
}
STARTS, VOWELS, ENDS = "BDFGHKLMNPRSTVWZ", "AEIOU", "KLMNRSTX"


def word(rng: np.random.Generator) -> str:
    """A made-up word of three to six capital letters that can be spoken."""
    text = ""
    for _ in range(1 + int(rng.integers(2))):
        text += STARTS[rng.integers(len(STARTS))] + VOWELS[rng.integers(len(VOWELS))]
    return text + (ENDS[rng.integers(len(ENDS))] if rng.random() < 0.7 or len(text) < 4 else "")


def number(rng: np.random.Generator) -> str:
    """A jersey number, 1 to 99, as text."""
    return str(int(rng.integers(1, 100)))


@lru_cache(maxsize=64)
def bitmap(text: str) -> np.ndarray:
    """Cells [9, 6n + 1] float32, 0 or 1, of a text of n letters, with an empty border.

    Raises:
        ValueError: for a letter that the font lacks.
    """
    missing = sorted(set(text) - set(FONT))
    if missing:
        raise ValueError(f"no glyph for {missing}; the font has {''.join(sorted(FONT))}")
    cells = np.zeros((9, 6 * len(text) + 1), np.float32)
    for place, letter in enumerate(text):
        for row, digit in enumerate(FONT[letter]):
            bits = int(digit, 32)
            cells[1 + row, 1 + 6 * place:6 + 6 * place] = [bits >> (4 - i) & 1 for i in range(5)]
    return cells


def _hats(position, count):
    # Weights of linear interpolation [n, count].
    return np.maximum(0, 1 - np.abs(position[:, None] - np.arange(count, dtype=np.float32))).astype(np.float32)


def text_mask(text: str, x: np.ndarray, y: np.ndarray, height: float, texel: float, stretch: float = 1.0) -> np.ndarray:
    """How much ink [len(y), len(x)] float32 in 0..1 a text centred at the origin leaves at places.

    Args:
        text: letters of `FONT`. x: [w] metres, growing the way one reads. y: [h] metres, upwards. height: of a letter,
        metres. texel: metres over which edges are soft. stretch: width of a letter over its height, in shares of 5/7.
    """
    cells = bitmap(text)
    cell = height / 7
    rows = _hats(4 - y / cell, cells.shape[0])
    columns = _hats(x / (cell * stretch) + (cells.shape[1] - 1) / 2, cells.shape[1])
    ink = np.einsum("hr,rc,wc->hw", rows, cells, columns, optimize=["einsum_path", (0, 1), (0, 1)])
    return np.clip((ink - 0.5) * max(cell / texel, 1.0) + 0.5, 0, 1)
