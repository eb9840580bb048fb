"""The maps of the notebooks: the short one of README.md and the full one of docs/contents.md.

Which package files a notebook explains is read off the files: their docstrings name the notebook. The sections of the
paper are the only thing written by hand, in docs/contents.toml.
"""

import tomllib
from pathlib import Path

import nbformat
from package_files import explained_by, slug
from reading import heading, reading_minutes

from warpgan.series import Entry

MANY = 4  # from so many files of one folder on, the folder stands for them


def short_map(_: Path, entries: list[Entry], notebooks: dict[str, nbformat.NotebookNode]) -> str:
    """Notebook and promise, a row each; links from the top of the repository."""
    lines = ["| notebook | what you will see |", "|---|---|"]
    for entry in entries:
        title, promise = heading(notebooks[entry.name])
        lines.append(f"| [{title}](notebooks/{entry.name}.ipynb) | {promise} |")
    return "\n".join(lines)


def full_map(root: Path, entries: list[Entry], notebooks: dict[str, nbformat.NotebookNode]) -> str:
    """The table of everything that one asks before opening a notebook, its sums, and what needs what; from docs/."""
    paper = tomllib.loads((root / "docs" / "contents.toml").read_text(encoding="utf-8"))
    titles = {name: heading(notebook)[0] for name, notebook in notebooks.items()}
    minutes = {name: reading_minutes(notebook) for name, notebook in notebooks.items()}
    lines = ["What needs what: each notebook uses only what those above it on its branch have explained.", ""]
    lines += ["```", *tree(entries, titles), "```", ""]
    for entry in entries:
        promise = heading(notebooks[entry.name])[1]
        lines.append(f"- **[{titles[entry.name]}](../notebooks/{entry.name}.ipynb)** {promise}")
    lines += ["", "| notebook | package files it explains | the paper | reading | running |", "|---|---|---|---|---|"]
    for entry in entries:
        if entry.name not in paper:
            raise ValueError(f"docs/contents.toml: {entry.name} is missing")
        number = f"[{entry.name.split('_')[0]}](../notebooks/{entry.name}.ipynb)"
        times = (f"{minutes[entry.name]} min", f"{entry.seconds} s")
        lines.append(f"| {' | '.join([number, files(root, entry.name), paper[entry.name]['paper'], *times])} |")
    hours, seconds = sum(minutes.values()) / 60, sum(entry.seconds for entry in entries)
    lines += [
        "",
        f"All together: about {hours:.0f} hours of reading and {seconds / 60:.1f} minutes of running, measured on two "
        "CPU cores at the parameters that are committed.",
    ]
    return "\n".join(lines)


def files(root: Path, name: str) -> str:
    """Links to the package files that a notebook explains; a folder where it explains many files of one."""
    by_folder: dict[str, list[str]] = {}
    for path in explained_by(root, name.partition("_")[0]):
        by_folder.setdefault(str(Path(path).parent), []).append(path)
    links = []
    for folder, paths in by_folder.items():
        if len(paths) >= MANY and folder != "warpgan":
            short = folder.removeprefix("warpgan/")
            links.append(f"[`{short}/`](files.md#{slug(folder)}) ({len(paths)} files)")
        else:
            links += [f"[`{path.removeprefix('warpgan/')}`](../{path})" for path in paths]
    return ", ".join(links)


def tree(entries: list[Entry], titles: dict[str, str]) -> list[str]:
    """What needs what, as lines of text: each notebook beneath the last of those that it needs."""
    below: dict[str, list[str]] = {}
    for entry in entries:
        below.setdefault(entry.needs[-1] if entry.needs else "", []).append(entry.name)

    def branch(name: str, indent: str) -> list[str]:
        lines = []
        for index, child in enumerate(below.get(name, [])):
            last = index == len(below[name]) - 1
            joint, more = ("└─ ", "   ") if last else ("├─ ", "│  ")
            lines += [f"{indent}{joint if name else ''}{titles[child]}"]
            lines += branch(child, indent + more if name else indent)
        return lines

    return branch("", "")
