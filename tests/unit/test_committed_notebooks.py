"""What a reader opens is executed from top to bottom, clean, small, described, and linked.

The numbers in the outputs are compared by nbval; here is what nbval does not look at.
"""

import ast
import re
from pathlib import Path

import navigation
import nbformat
import pytest
import splice

from warpgan.parameters import check_parameters, read_parameters
from warpgan.series import read_series

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
REQUIRED = [
    "00_quickstart",
    "01_people_poses_and_parsing",
    "02_human_parsing",
    "03_pose_guided_parsing",
    "04_geometric_matching",
    "05_soft_gated_warping",
    "06_warping_gan",
    "07_evaluation_and_ablation",
    "08_scaling_up",
]
TAGS = r"parameters|badges|facts|setup|navigation|checkpoint|(exercise|check)-\d+|nbval-ignore-output"
TIMING = r"\b\d+(\.\d+)?\s?(ms|s|sec|seconds|minutes|min|it/s|s/it)\b"
MACHINE_PATH = r"(?<![\w.:/<])/(home|root|tmp|Users|var|opt|mnt|usr|private)/|\b[A-Z]:\\\\"
every_notebook = pytest.mark.parametrize("name", NAMES)


def read(name):
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell):
    return cell.metadata.get("tags", [])


def printed(cell):
    """Texts that the cell left: stdout and plain values."""
    found = []
    for output in cell.outputs:
        if output.output_type == "stream":
            found.append(output.text)
        elif "data" in output and "image/png" not in output.data:
            found.append(output.data.get("text/plain", ""))
    return "\n".join(found)


def test_the_series_is_complete():
    assert [name for name in REQUIRED if name not in NAMES] == []
    assert [entry.name for entry in read_series()] == NAMES


def test_rows_and_map_are_up_to_date():
    assert [str(path) for path in navigation.stale()] == [], "run python notebooks/tools/navigation.py"


@every_notebook
def test_executed_from_top_to_bottom_without_errors_or_warnings(name):
    cells = code_cells(read(name))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error", cell.id
            assert output.get("name") != "stderr", f"{cell.id} writes to stderr: {output.text[:200]}"


@every_notebook
def test_small_and_clean(name):
    path, notebook = NOTEBOOKS / f"{name}.ipynb", read(name)
    assert path.stat().st_size <= 1.5e6
    nbformat.validate(notebook)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[a-z0-9_-]{1,40}", i) for i in ids), ids
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags"}, cell.id
        assert all(re.fullmatch(TAGS, tag) for tag in tags(cell)), (cell.id, tags(cell))
        kinds = {kind for output in cell.get("outputs", []) for kind in output.get("data", {})}
        assert not any("widget" in kind for kind in kinds), f"{cell.id} shows a widget that no kernel knows any more"


@every_notebook
def test_prints_nothing_that_differs_between_machines(name):
    for cell in code_cells(read(name)):
        for output in cell.outputs:
            html = output.get("data", {}).get("text/html", "")
            assert not re.search(MACHINE_PATH, html.replace("<", " ").replace(">", " ")), (cell.id, html[:200])
        assert not re.search(MACHINE_PATH, printed(cell)), (cell.id, printed(cell))
        assert not re.search(TIMING, printed(cell)), (cell.id, printed(cell))


@every_notebook
def test_parameters_are_literals_with_help_and_name_a_folder_and_a_seed(name):
    defaults = read_parameters(NOTEBOOKS / f"{name}.ipynb")
    assert defaults["out"] == "" and type(defaults["seed"]) is int
    (cell,) = [cell for cell in code_cells(read(name)) if "parameters" in tags(cell)]
    lines = [line for line in cell.source.splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if "  # " not in line] == [], (
        "each parameter has a comment that explains it"
    )


@every_notebook
def test_the_series_gives_parameters_that_the_notebook_has(name):
    (entry,) = [entry for entry in read_series() if entry.name == name]
    for parameters in (entry.run, entry.test):
        check_parameters(NOTEBOOKS / f"{name}.ipynb", parameters)
    assert entry.test, "the papermill test changes at least one parameter"
    assert 0 < entry.seconds <= 90


@every_notebook
def test_checkpoints_assert_and_print_one_line(name):
    cells = [cell for cell in code_cells(read(name)) if "checkpoint" in tags(cell)]
    assert cells
    for cell in cells:
        assert "nbval-ignore-output" not in tags(cell)
        assert any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(cell.source))), cell.id
        assert len(printed(cell).strip().splitlines()) == 1, (cell.id, printed(cell))


@every_notebook
def test_every_picture_has_its_text_beneath(name):
    notebook = read(name)
    following = [*notebook.cells[1:], None]
    for cell, after in zip(notebook.cells, following):
        kinds = {kind for output in cell.get("outputs", []) for kind in output.get("data", {})}
        if any(kind.startswith("image/") for kind in kinds):
            assert after is not None and after.cell_type == "markdown", cell.id
            assert after.source.startswith("*Picture:*") and len(after.source) > 40, cell.id


@every_notebook
def test_cells_are_short_enough_to_read(name):
    for cell in code_cells(read(name)):
        lines = [x for x in cell.source.splitlines() if x.strip() and not x.strip().startswith("#")]
        only_imports = all(re.match(r"(import|from|\s+\w+,|\)|%)", line) for line in lines)
        assert len(lines) <= 25 or only_imports or "parameters" in tags(cell), (cell.id, len(lines))


@every_notebook
def test_the_parts_are_there_in_their_order(name):
    notebook = read(name)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    wanted = ["Goals", "Exercises", "Summary", "Further reading"]
    places = [re.search(rf"^## {heading}", text, re.MULTILINE) for heading in wanted]
    assert all(places), dict(zip(wanted, places))
    assert [p.start() for p in places] == sorted(p.start() for p in places)
    assert [tags(cell) for cell in notebook.cells[1:3]] == [["badges"], ["facts"]]
    assert tags(notebook.cells[-1]) == ["navigation"]
    first, second = code_cells(notebook)[:2]
    assert tags(first) == ["setup"] and second.source.splitlines()[0].startswith(("import ", "from ", "%"))
    assert printed(first) == ""


@every_notebook
def test_links_lead_somewhere(name):
    for folder in (NOTEBOOKS, NOTEBOOKS / "solutions"):
        path = folder / f"{name}.ipynb"
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                for target in re.findall(r"\]\(([^)\s]+)", cell.source):
                    file = target.partition("#")[0]
                    if file and not re.match(r"[a-z]+:", target):
                        assert (folder / file).exists(), (path.name, cell.id, target)


@every_notebook
def test_exercises_are_open_in_the_notebook_and_solved_beside_it(name):
    notebook = read(name)
    exercises, checks = splice.tagged(notebook, "exercise"), splice.tagged(notebook, "check")
    assert exercises and exercises.keys() == checks.keys()
    for cell in checks.values():
        assert printed(cell).startswith("not yet:"), (cell.id, printed(cell))
    solutions = nbformat.read(NOTEBOOKS / "solutions" / f"{name}.ipynb", as_version=4)
    assert splice.tagged(solutions, "solution").keys() == exercises.keys()
    title = notebook.cells[0].source.splitlines()[0].removeprefix("# ")
    assert solutions.cells[0].source.startswith(f"# Solutions to {title}\n"), solutions.cells[0].source
    assert f"](../{name}.ipynb)" in solutions.cells[0].source
    for cell in code_cells(solutions):
        assert cell.outputs == [] and cell.execution_count is None, "solutions are kept without outputs"
        assert all(re.fullmatch(r"solution-\d+", tag) for tag in tags(cell)) and tags(cell), cell.id


def test_no_solution_is_left_over():
    assert sorted(path.stem for path in (NOTEBOOKS / "solutions").glob("*.ipynb")) == NAMES
