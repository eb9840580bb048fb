"""The README's first picture: what each step of the method hands on, as notebook 00 shows it.

`python -m figures.steps` takes it from the committed notebook.
"""

import sys
from pathlib import Path

from figures.results import ROOT, picture
from warpgan.files import atomic

NOTEBOOK, CELL = ROOT / "notebooks" / "00_quickstart.ipynb", "in-between"


def main(folder: Path = ROOT / "figures") -> int:
    """Write steps.png."""
    with atomic(folder / "steps.png") as part:
        part.write_bytes(picture(NOTEBOOK, CELL))
    return 0


if __name__ == "__main__":
    sys.exit(main())
