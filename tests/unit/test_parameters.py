"""A wrong parameter never reaches a notebook."""

import numpy as np
import pytest

from warpgan.parameters import check_parameters, read_parameters

CELL = """out = ""  # folder
steps = 10
rate: float = 1e-3  # of Adam
gate = "grid"
flip = False
shift = -2
"""


@pytest.fixture
def notebook(write_notebook):
    return write_notebook("dummy", ("text", "# Dummy"), ("parameters", CELL), ("", "steps"))


@pytest.mark.parametrize(
    "name, value, says",
    [
        ("step", 3, ["'step'", "steps"]),
        ("Rate", 0.1, ["'Rate'", "rate"]),
        ("zebra", 1, ["'zebra'", "steps, rate, gate"]),
        ("steps", 1.5, ["'steps'", "1.5 (float)", "whole number"]),
        ("steps", True, ["'steps'", "True (bool)", "whole number"]),
        ("steps", "20", ["'steps'", "'20' (str)", "without quotes"]),
        ("rate", "1e-3", ["'rate'", "'1e-3' (str)", "finite number", "1.0e-3"]),
        ("rate", float("nan"), ["'rate'", "nan", "finite"]),
        ("rate", True, ["'rate'", "True (bool)"]),
        ("gate", 3, ["'gate'", "3 (int)", "a text"]),
        ("gate", None, ["'gate'", "None"]),
        ("flip", 0, ["'flip'", "True or False"]),
        ("steps", (128, 64), ["'steps'", "(128, 64)", "height and width"]),
        ("out", "runs", ["'out'", "folder of the run"]),
    ],
)
def test_wrong_parameters_are_refused_in_one_sentence(notebook, name, value, says):
    with pytest.raises(ValueError) as caught:
        check_parameters(notebook, {name: value})
    message = str(caught.value)
    assert message.startswith("dummy.ipynb: ") and "\n" not in message
    assert all(part in message for part in says), message


def test_a_whole_number_serves_as_a_fraction_and_defaults_are_filled_in(notebook):
    checked = check_parameters(notebook, {"rate": 1, "steps": np.int64(7)})
    assert checked == {"steps": 7, "rate": 1.0, "gate": "grid", "flip": False, "shift": -2}
    assert [type(v) for v in checked.values()] == [int, float, str, bool, int]


def test_a_path_serves_as_a_text(notebook, tmp_path):
    assert check_parameters(notebook, {"gate": tmp_path})["gate"] == str(tmp_path)


def test_parameters_come_in_the_order_of_the_cell(notebook):
    assert list(read_parameters(notebook)) == ["out", "steps", "rate", "gate", "flip", "shift"]


@pytest.mark.parametrize(
    "line", ["size = (128, 64)", "steps = 2 * 3", "x = None", "import os", "a = b = 1", "x: int"]
)
def test_a_parameters_cell_holds_plain_literals_only(write_notebook, line):
    with pytest.raises(ValueError, match="name = literal") as caught:
        read_parameters(write_notebook("odd", ("parameters", f"steps = 1\n{line}")))
    assert repr(line) in str(caught.value) and "odd.ipynb" in str(caught.value)


def test_a_notebook_has_exactly_one_parameters_cell(write_notebook):
    with pytest.raises(ValueError, match="0 cells tagged 'parameters'"):
        read_parameters(write_notebook("none", ("", "steps = 1")))
    with pytest.raises(ValueError, match="2 cells tagged 'parameters'"):
        read_parameters(write_notebook("two", ("parameters", "a = 1"), ("parameters", "b = 1")))


def test_files_that_are_no_notebooks_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent.ipynb"):
        read_parameters(tmp_path / "absent.ipynb")
    (tmp_path / "text.ipynb").write_text("hello")
    with pytest.raises(ValueError, match="text.ipynb"):
        read_parameters(tmp_path / "text.ipynb")
