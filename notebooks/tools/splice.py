"""Put a notebook's solutions in the places of its exercises: `splice.py 04_geometric_matching solved.ipynb`.

A cell tagged `solution-N` in notebooks/solutions/<name>.ipynb replaces the whole source of the cell tagged
`exercise-N` in notebooks/<name>.ipynb. So nothing is kept twice, and the tests run what the reader is given.
"""

import argparse
import copy
import re
import sys
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).resolve().parents[1]


def tagged(notebook: nbformat.NotebookNode, kind: str) -> dict[int, nbformat.NotebookNode]:
    """The cells tagged `<kind>-N`, by N; two cells with one N are an error."""
    found = {}
    for cell in notebook.cells:
        for tag in cell.metadata.get("tags", []):
            match = re.fullmatch(rf"{kind}-(\d+)", tag)
            if match:
                number = int(match.group(1))
                if number in found:
                    raise ValueError(f"two cells are tagged {tag!r}")
                found[number] = cell
    return found


def splice(notebook: nbformat.NotebookNode, solutions: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with every exercise solved and no outputs; every exercise must have its solution."""
    solved = copy.deepcopy(notebook)
    exercises, answers = tagged(solved, "exercise"), tagged(solutions, "solution")
    if exercises.keys() != answers.keys():
        raise ValueError(f"exercises {sorted(exercises)} but solutions {sorted(answers)}")
    for number, cell in exercises.items():
        cell.source = answers[number].source
    for cell in solved.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return solved


def splice_files(name: str, folder: Path = NOTEBOOKS) -> nbformat.NotebookNode:
    """`splice` for notebooks/<name>.ipynb and notebooks/solutions/<name>.ipynb."""
    both = [nbformat.read(path / f"{name}.ipynb", as_version=4) for path in (folder, folder / "solutions")]
    try:
        return splice(*both)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", help="the notebook's name without .ipynb")
    parser.add_argument("out", type=Path, help="where to write the solved notebook")
    options = parser.parse_args()
    try:
        nbformat.write(splice_files(options.name), options.out)
    except (ValueError, FileNotFoundError) as error:
        sys.exit(f"error: {error}")
