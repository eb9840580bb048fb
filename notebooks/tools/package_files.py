"""docs/files.md: a sentence for every file of the package, taken from where it is kept.

The sentence of a Python file is the first line of its docstring, that of a script its first comment. Data files have
theirs below. The notebooks that explain a file are those that its docstring names.
"""

import ast
import itertools
import re
from pathlib import Path

import nbformat

from warpgan.series import Entry

DATA = {
    "*/people/README.md": "The data card of the rendered people: how they are made, how good, under which licences.",
    "*/people/adult_body.md": "Where the body comes from, and under which licences.",
    "*/people/adult_body.safetensors": "The body of the rendered people: mean, changes, bones and weights of the skin.",
    "*/weights/README.md": "The card of the shipped weights: trained on what, for how long, with which result.",
    "*/state.json": "What the weights beside it are: configuration, step and facts of the training.",
    "*/state.safetensors": "Shipped weights.",
    "*/static/picture.css": "How the view of the panels looks.",
    "*/static/slider.css": "How the slider looks.",
}
SKIP = {"__pycache__"}
NAMED = r"\s*(\(|; |Taught in |Used in )?[Nn]otebooks? \d\d[ ,\dand]*(\.|\))"  # the end of a sentence that names some


def package(root: Path) -> list[Path]:
    """Every file of the package, folder by folder."""
    found = [path for path in (root / "warpgan").rglob("[!.]*") if path.is_file() and not SKIP & set(path.parts)]
    return sorted(found, key=lambda path: (path.parent, path.name))


def sentence(path: Path) -> str:
    """What a file is, in one sentence.

    Raises:
        ValueError: the file does not say it; names the file.
    """
    if path.suffix == ".py":
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    elif path.suffix == ".js":  # comments may break their first sentence
        lines = itertools.takewhile(lambda line: line.startswith("//"), path.read_text(encoding="utf-8").split("\n"))
        text = " ".join(line.removeprefix("//").strip() for line in lines).replace(". ", ".\n")
    else:
        text = next((words for pattern, words in DATA.items() if path.match(pattern)), "")
    line = re.sub(NAMED, _rest, text.split("\n")[0].strip())
    if not line.endswith((".", "?")):
        raise ValueError(f"{path}: does not begin with a line that is a sentence, but with {line!r}")
    return line


def _rest(named: re.Match) -> str:
    # What is left of the end of a sentence whose notebook stands in a column of its own.
    before, after = named.groups()
    return ")" if before == "; " else "" if before == "(" or before is None or after == "." else named.group()


def notebooks_of(path: Path) -> list[str]:
    """The numbers of the notebooks that a Python file's docstring names, such as 05."""
    if path.suffix != ".py":
        return []
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    groups = re.findall(r"\b[Nn]otebooks?\s+(\d\d(?:(?:,\s*|\s+and\s+|\s+to\s+)\d\d)*)", text)
    return sorted({number for group in groups for number in re.findall(r"\d\d", group)})


def explained_by(root: Path, number: str) -> list[str]:
    """The Python files that name a notebook, as paths from the root; packages' own `__init__` are left out."""
    return [
        path.relative_to(root).as_posix()
        for path in package(root)
        if path.name != "__init__.py" and number in notebooks_of(path)
    ]


def slug(folder: str) -> str:
    """The anchor of a folder's heading."""
    return re.sub(r"[^\w\- ]", "", folder.lower()).replace(" ", "-")


def page(root: Path, entries: list[Entry], _: dict[str, nbformat.NotebookNode]) -> str:
    """The part of docs/files.md that is written: a heading a folder, a row a file."""
    names = {entry.name.split("_")[0]: entry.name for entry in entries}
    lines, folder = [], None
    for path in package(root):
        if path.parent != folder:
            folder = path.parent
            lines += ["", f"## {folder.relative_to(root).as_posix()}", ""]
            lines += ["| file | what it is | notebooks |", "|---|---|---|"]
        place = path.relative_to(root).as_posix()
        links = " ".join(f"[{n}](../notebooks/{names[n]}.ipynb)" for n in notebooks_of(path) if n in names)
        lines.append(f"| [`{path.name}`](../{place}) | {sentence(path).replace('|', chr(92) + '|')} | {links} |")
    return "\n".join(lines).strip("\n")
