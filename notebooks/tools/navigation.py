"""Write what is the same in every notebook, and the pages around the notebooks that say what lies where.

In the notebooks: the rows of badges, facts and navigation, and the cell that installs the project on a lent machine.
Around them: the map in README.md, `docs/contents.md` and `docs/files.md`. Titles and promises come from the notebooks,
order, prerequisites and measured seconds from series.toml, so nothing is typed twice. `--check` writes nothing and
fails where something is out of date.
"""

import argparse
import sys
from pathlib import Path

import contents
import hosted
import nbformat
import package_files
from reading import heading, reading_minutes

from warpgan.files import atomic
from warpgan.series import Entry, read_series

ROOT = Path(__file__).resolve().parents[2]
PAGES = {"README.md": contents.short_map, "docs/contents.md": contents.full_map, "docs/files.md": package_files.page}


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
    parts = ["[Contents](../docs/contents.md)"]
    if index:
        before = entries[index - 1].name
        parts.insert(0, f"Previous: [{titles[before]}]({before}.ipynb)")
    if index + 1 < len(entries):
        after = entries[index + 1].name
        parts.append(f"Next: [{titles[after]}]({after}.ipynb)")
    return "---\n" + " · ".join(parts)


def place(notebook: nbformat.NotebookNode, tag: str, source: str, index: int, *, kind: str = "markdown") -> None:
    """Give the cell that has a tag this source and this place, or make it; a negative index counts from the end."""
    index += 0 if index >= 0 else 1 + len(notebook.cells)
    for old, cell in enumerate(notebook.cells):
        if tag in cell.metadata.get("tags", []):
            cell.source = source
            notebook.cells.insert(min(index, len(notebook.cells) - 1), notebook.cells.pop(old))
            return
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    notebook.cells.insert(index, make(source, id=tag, metadata={"tags": [tag]}))


def place_set_up(notebook: nbformat.NotebookNode, source: str) -> None:
    """Put the set-up cell before all other code, and count the cells of an executed notebook anew.

    The cell prints nothing, so the notebook stays what an execution leaves. One whose cells were not executed in their
    order keeps its counts, and a test will tell.
    """
    tagged = [cell for cell in notebook.cells if "setup" in cell.metadata.get("tags", [])]
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell not in tagged]
    if not code:
        return
    before = notebook.cells.index(code[0])
    there = any(cell in tagged for cell in notebook.cells[:before])
    place(notebook, "setup", source, before - there, kind="code")
    counts = [cell.execution_count for cell in code]
    if None in counts or counts != list(range(counts[0], counts[0] + len(counts))):
        return
    for number, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1):
        cell.execution_count = number
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = number


def render(root: Path = ROOT) -> dict[Path, str]:
    """What every notebook and every page around them should hold, by path."""
    folder = root / "notebooks"
    listed = read_series(folder / "series.toml")
    entries = [entry for entry in listed if (folder / f"{entry.name}.ipynb").exists()]
    notebooks = {e.name: nbformat.read(folder / f"{e.name}.ipynb", as_version=4) for e in entries}
    titles = {name: heading(notebook)[0] for name, notebook in notebooks.items()}
    address = hosted.repository(root)
    texts = {}
    for entry in entries:
        notebook = notebooks[entry.name]
        place(notebook, "badges", hosted.badge_row(address, entry.name), 1)
        place(notebook, "facts", facts_row(entry, listed, notebook), 2)
        place(notebook, "navigation", navigation_row(entry, entries, titles), -1)
        place_set_up(notebook, hosted.set_up_source(address))
        texts[folder / f"{entry.name}.ipynb"] = nbformat.writes(notebook).rstrip("\n") + "\n"
    for name, write in PAGES.items():
        texts[root / name] = between_marks(root / name, write(root, entries, notebooks))
    return texts


def between_marks(path: Path, text: str) -> str:
    """The text of a page with its part between the marks `<!-- notebooks -->` or `<!-- written -->` replaced."""
    old = path.read_text(encoding="utf-8")
    for mark in ("notebooks", "written"):
        begin, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
        if begin in old and end in old:
            return f"{old.split(begin)[0]}{begin}\n{text}\n{end}{old.split(end)[1]}"
    raise ValueError(f"{path}: the lines <!-- written --> and <!-- /written --> are missing")


def stale(root: Path = ROOT) -> list[Path]:
    """The files that this tool would change."""
    return [path for path, text in render(root).items() if path.read_text(encoding="utf-8") != text]


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
        print(f"{path.relative_to(ROOT)}: {'out of date' if check else 'written'}")
        if not check:
            with atomic(path) as part:
                part.write_text(texts[path], encoding="utf-8")
    return int(check and bool(changed))


if __name__ == "__main__":
    sys.exit(main())
