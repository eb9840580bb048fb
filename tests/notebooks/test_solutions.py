"""The solutions solve the exercises: spliced into their notebooks, every self-check says so."""

import json

import nbformat
import pytest
import splice

from warpgan import runs
from warpgan.series import NOTEBOOKS, read_series, resolve

NAMES = sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


@pytest.mark.parametrize("name", NAMES)
def test_solved_notebook_passes_its_own_checks(name, tmp_path):
    # The solved notebook is executed where the notebook is, so that its relative paths hold.
    (entry,) = [entry for entry in read_series() if entry.name == name]
    solved = splice.splice_files(name)
    source = tmp_path / f"{name}.ipynb"
    nbformat.write(solved, source)
    folder = runs.run(source, resolve(entry.test, tmp_path), tmp_path / "run", timeout=300, cwd=NOTEBOOKS)
    assert json.loads((folder / "config.json").read_text())["state"] == "done"
    executed = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    checks = splice.tagged(executed, "check")
    assert checks
    for number, cell in checks.items():
        text = "".join(output.get("text", "") for output in cell.outputs)
        assert f"exercise {number}: solved" in text.splitlines() and "not yet" not in text, text
