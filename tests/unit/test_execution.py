"""A notebook is executed by this interpreter with the threads it is given; its code is its fingerprint."""

import json
import sys

import nbformat
import pytest

from warpgan.execution import RunError, current_kernel_manager, execute, fingerprint

PARAMETERS = 'out = ""\nsteps = 1\n'
BODY = """
import json, os, sys
from pathlib import Path
import torch
found = {"python": sys.executable, "threads": torch.get_num_threads(), "steps": steps}
Path(out, "found.json").write_text(json.dumps(found))
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_the_kernel_is_this_interpreter_with_so_many_threads(write_notebook, tmp_path, threads):
    notebook = write_notebook("asks", ("parameters", PARAMETERS), ("", BODY))
    execute(notebook, {"out": str(tmp_path), "steps": 5}, tmp_path, {}, threads=threads)
    found = json.loads((tmp_path / "found.json").read_text())
    assert found == {"python": sys.executable, "threads": threads, "steps": 5}
    assert (tmp_path / "asks.ipynb").is_file()


def test_without_a_number_the_machine_decides():
    assert current_kernel_manager()().kernel_spec.env == {}
    assert current_kernel_manager(2)().kernel_spec.env == {"OMP_NUM_THREADS": "2"}


def test_a_fault_is_told_and_what_was_executed_is_kept(write_notebook, tmp_path):
    notebook = write_notebook("faulty", ("parameters", PARAMETERS), ("", "print('so far')"), ("", "1 / 0"))
    with pytest.raises(RunError, match="faulty.ipynb: cell .*'1 / 0' ..., raised ZeroDivisionError"):
        execute(notebook, {"out": str(tmp_path)}, tmp_path, {})
    assert "so far" in (tmp_path / "faulty.ipynb").read_text()


def test_texts_and_outputs_do_not_change_the_fingerprint_but_code_does(write_notebook, tmp_path):
    def made(text, code):
        return fingerprint(write_notebook("one", ("text", text), ("parameters", PARAMETERS), ("", code)))

    first = made("# One", "a = 1")
    assert len(first) == 16 and made("# Two", "a = 1") == first
    assert made("# One", "a = 2") != first
    path = write_notebook("one", ("text", "# One"), ("parameters", PARAMETERS), ("", "a = 1"))
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1]["outputs"] = [nbformat.v4.new_output("stream", text="hello")]
    nbformat.write(notebook, path)
    assert fingerprint(path) == first
    (tmp_path / "broken.ipynb").write_text("[1, 2")
    with pytest.raises(ValueError, match="broken.ipynb"):
        fingerprint(tmp_path / "broken.ipynb")
