"""The drawn figures of the notebooks: `python -m figures.drawn` makes all of them, each as an SVG and as a PNG.

Four of the five show answers of the shipped networks: run it again when the weights change. It needs half a minute.
"""

import argparse
import importlib
import sys
import tomllib
from pathlib import Path

from figures import printing, sketch

FOLDER = Path(__file__).parent
NAMES = ("two_stages", "correlation", "spline", "gate", "pyramid")


def alternatives() -> dict[str, dict[str, str]]:
    """Text alternative (`alt`) and notebook of each figure, from `figures/alternatives.toml`."""
    found = tomllib.loads((FOLDER / "alternatives.toml").read_text(encoding="utf-8"))
    return {name: {key: value.strip() for key, value in entry.items()} for name, entry in found.items()}


def draw(name: str) -> sketch.Page:
    """Draw one figure.

    Args:
        name: one of `NAMES`.
    """
    with sketch.styled():
        return importlib.import_module(f"figures.{name}").draw()


def main(arguments: list[str] | None = None) -> int:
    """Draw from the command line."""
    parser = argparse.ArgumentParser(prog="python -m figures.drawn", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"some of {', '.join(NAMES)}; all if none is given")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder for the files")
    options = parser.parse_args(arguments)
    for name in options.names or NAMES:
        if name not in NAMES:
            parser.error(f"there is no figure {name!r}; there are {', '.join(NAMES)}")
        options.out.mkdir(parents=True, exist_ok=True)
        printing.save(draw(name), options.out / name, alternatives()[name]["alt"])
        print(options.out / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
