"""What can be read off a notebook without running it: its title, its promise, how long it takes to read."""

import math
import re

import nbformat

WORDS_A_MINUTE, LINES_A_MINUTE = 180, 12  # reading prose, reading code
WRITTEN = {"badges", "facts", "navigation", "setup"}  # cells that a tool writes; nobody reads them


def heading(notebook: nbformat.NotebookNode) -> tuple[str, str]:
    """Title and promise: the first heading and the first paragraph of the first cell."""
    first = notebook.cells[0].source
    match = re.match(r"# (.+)\n+((?:.+\n?)+)", first)
    if notebook.cells[0].cell_type != "markdown" or not match:
        raise ValueError("the first cell is not a title ('# 00 · Name'), a blank line and a promise")
    return match.group(1).strip(), " ".join(match.group(2).split())


def reading_minutes(notebook: nbformat.NotebookNode) -> int:
    """Minutes to read a notebook, to the next five."""
    cells = [cell for cell in notebook.cells if not WRITTEN & set(cell.metadata.get("tags", []))]
    prose = sum(len(c.source.split()) for c in cells if c.cell_type == "markdown")
    code = sum(len(c.source.splitlines()) for c in cells if c.cell_type == "code")
    return 5 * math.ceil((prose / WORDS_A_MINUTE + code / LINES_A_MINUTE) / 5)
