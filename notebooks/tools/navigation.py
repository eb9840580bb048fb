"""Write what is the same in every notebook: facts row, navigation row; and the map of notebooks in README.md.

Titles and promises come from the notebooks, order, prerequisites and measured seconds from series.toml, so
nothing is typed twice. `--check` writes nothing and fails where something is out of date.
"""

import argparse
import math
import re
import sys
from pathlib import Path

import nbformat

from warpgan.files import atomic
from warpgan.series import Entry, read_series

NOTEBOOKS = Path(__file__).resolve().parents[1]
README = NOTEBOOKS.parent / "README.md"
BEGIN, END = "<!-- notebooks -->", "<!-- /notebooks -->"
WORDS_A_MINUTE, LINES_A_MINUTE = 180, 12  # reading prose, reading code


def heading(notebook: nbformat.NotebookNode) -> tuple[str, str]:
    """Title and promise: the first heading and the first paragraph of the first cell."""
    first = notebook.cells[0].source
    match = re.match(r"# (.+)\n+((?:.+\n?)+)", first)
    if notebook.cells[0].cell_type != "markdown" or not match:
        raise ValueError("the first cell is not a title ('# 00 · Name'), a blank line and a promise")
    return match.group(1).strip(), " ".join(match.group(2).split())


def reading_minutes(notebook: nbformat.NotebookNode) -> int:
    """Minutes to read a notebook, to the next five."""
    prose = sum(len(c.source.split()) for c in notebook.cells if c.cell_type == "markdown")
    code = sum(len(c.source.splitlines()) for c in notebook.cells if c.cell_type == "code")
    return 5 * math.ceil((prose / WORDS_A_MINUTE + code / LINES_A_MINUTE) / 5)


def link(entry: Entry) -> str:
    """A link to a notebook from a notebook beside it, by its number."""
    return f"[{entry.name.split('_')[0]}]({entry.name}.ipynb)"


def facts_row(entry: Entry, entries: list[Entry], notebook: nbformat.NotebookNode) -> str:
    """Reading time, run time, prerequisites, solutions."""
    by_name = {other.name: other for other in entries}
    unknown = [name for name in entry.needs if name not in by_name]
    if unknown:
        raise ValueError(f"{entry.name}: needs {unknown[0]}, which series.toml does not list")
    parts = [
        f"**Reading** {reading_minutes(notebook)} min",
        f"**Running** {entry.seconds} s on two CPU cores",
        "**Before this** " + (" ".join(link(by_name[name]) for name in entry.needs) or "nothing"),
        f"**Solutions** [here](solutions/{entry.name}.ipynb)",
    ]
    return " · ".join(parts)


def navigation_row(entry: Entry, entries: list[Entry], titles: dict[str, str]) -> str:
    """Previous, contents, next."""
    index = entries.index(entry)
    parts = ["[Contents](../README.md#notebooks)"]
    if index:
        before = entries[index - 1].name
        parts.insert(0, f"Previous: [{titles[before]}]({before}.ipynb)")
    if index + 1 < len(entries):
        after = entries[index + 1].name
        parts.append(f"Next: [{titles[after]}]({after}.ipynb)")
    return "---\n" + " · ".join(parts)


def place(notebook: nbformat.NotebookNode, tag: str, source: str, index: int) -> None:
    """Fill the cell that has a tag, or insert it at `index` (counted from the end if negative)."""
    for cell in notebook.cells:
        if tag in cell.metadata.get("tags", []):
            cell.source = source
            return
    cell = nbformat.v4.new_markdown_cell(source, id=tag, metadata={"tags": [tag]})
    notebook.cells.insert(index if index >= 0 else len(notebook.cells) + 1 + index, cell)


def readme_map(entries: list[Entry], headings: dict[str, tuple[str, str]]) -> str:
    """The table of notebooks for the README."""
    lines = ["| notebook | what you will see |", "|---|---|"]
    for entry in entries:
        title, promise = headings[entry.name]
        lines.append(f"| [{title}](notebooks/{entry.name}.ipynb) | {promise} |")
    return "\n".join(lines)


def render(folder: Path = NOTEBOOKS, readme: Path = README) -> dict[Path, str]:
    """What every notebook and the README should hold, by path."""
    listed = read_series(folder / "series.toml")
    entries = [entry for entry in listed if (folder / f"{entry.name}.ipynb").exists()]
    notebooks = {e.name: nbformat.read(folder / f"{e.name}.ipynb", as_version=4) for e in entries}
    headings = {name: heading(notebook) for name, notebook in notebooks.items()}
    titles = {name: title for name, (title, _) in headings.items()}
    texts = {}
    for entry in entries:
        notebook = notebooks[entry.name]
        place(notebook, "navigation", navigation_row(entry, entries, titles), -1)
        place(notebook, "facts", "", 1)  # first the cell, then its text: the row's own words count as reading
        place(notebook, "facts", facts_row(entry, listed, notebook), 1)
        texts[folder / f"{entry.name}.ipynb"] = nbformat.writes(notebook).rstrip("\n") + "\n"
    text = readme.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{readme}: the lines {BEGIN} and {END} are missing")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    texts[readme] = f"{before}{BEGIN}\n{readme_map(entries, headings)}\n{END}{after}"
    return texts


def stale(folder: Path = NOTEBOOKS, readme: Path = README) -> list[Path]:
    """The files that this tool would change."""
    return [p for p, text in render(folder, readme).items() if p.read_text(encoding="utf-8") != text]


def main() -> int:
    """Write, or with --check only tell."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail if anything is stale")
    check = parser.parse_args().check
    try:
        texts, changed = render(), stale()
    except ValueError as error:
        sys.exit(f"error: {error}")
    for path in changed:
        print(f"{path.relative_to(README.parent)}: {'out of date' if check else 'written'}")
        if not check:
            with atomic(path) as part:
                part.write_text(texts[path], encoding="utf-8")
    return int(check and bool(changed))


if __name__ == "__main__":
    sys.exit(main())
