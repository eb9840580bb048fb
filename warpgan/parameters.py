"""The parameters of a notebook: read from its tagged cell, checked before a kernel starts.

papermill only warns of a parameter that the notebook does not have, and hands over text where a number is
meant. The literals in the cell tagged `parameters` say which names there are and of which type. Notebook 07
uses this.
"""

import ast
import difflib
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warpgan.files import read_json

Scalar = bool | int | float | str


def read_parameters(notebook: str | Path) -> dict[str, Scalar]:
    """Read the names and defaults in the cell of a notebook that is tagged `parameters`.

    Args:
        notebook: the `.ipynb` file.

    Returns:
        name -> default, in the order of the cell; the literal's type is the parameter's type.

    Raises:
        ValueError: the file is not a notebook, has no such cell or two, or the cell holds something else than
            `name = literal` with a text, a number or a truth value.
    """
    notebook = Path(notebook)
    content = read_json(notebook, expect=dict)
    cells = [c for c in content.get("cells", ()) if "parameters" in c.get("metadata", {}).get("tags", ())]
    if len(cells) != 1 or cells[0].get("cell_type") != "code":
        raise ValueError(
            f"{notebook}: {len(cells)} cells tagged 'parameters' where exactly one code cell is expected"
        )
    source = "".join(cells[0]["source"])
    defaults: dict[str, Scalar] = {}
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise ValueError(f"{notebook}: the parameters cell is not Python: {error}") from error
    for statement in statements:
        name, value = _assignment(statement)
        if not isinstance(value, Scalar):
            line = source.splitlines()[statement.lineno - 1]
            raise ValueError(
                f"{notebook}: the parameters cell holds {line!r} where 'name = literal' is expected, "
                "the literal being a text, a number or a truth value"
            )
        defaults[name] = value
    return defaults


def _assignment(statement: ast.stmt) -> tuple[str, Any]:
    """Name and value of `name = literal` or `name: type = literal`; the value is None for anything else."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            pass
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            pass
        case _:
            return "", None
    try:
        return name, ast.literal_eval(value)
    except ValueError:
        return name, None


def check_parameters(notebook: str | Path, parameters: Mapping[str, Any]) -> dict[str, Scalar]:
    """Check parameters against a notebook's `parameters` cell and fill in the defaults of the others.

    A whole number is taken where a fraction is expected; nothing else is converted. Text such as "1e-3" for a
    number is refused: it is what a YAML file makes of 1e-3, and papermill would hand it on as text.

    Args:
        notebook: the `.ipynb` file.
        parameters: name -> value; `out` is not among them.

    Returns:
        Every parameter of the notebook but `out`, in the notebook's order.

    Raises:
        ValueError: a name that the notebook does not have, or a value of another type.
    """
    notebook = Path(notebook)
    defaults = read_parameters(notebook)
    if "out" in parameters:
        raise ValueError(f"{notebook.name}: 'out' is the folder of the run, not one of the parameters")
    defaults.pop("out", None)
    checked = dict(defaults)
    for name, value in parameters.items():
        if name not in defaults:
            close = difflib.get_close_matches(str(name), defaults, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(close)}?" if close else ""
            known = ", ".join(defaults) or "none"
            raise ValueError(f"{notebook.name}: no parameter {name!r}; {hint or 'it has ' + known}")
        checked[name] = _checked(f"{notebook.name}: parameter {name!r}", value, type(defaults[name]))
    return checked


def _checked(what: str, value: Any, kind: type) -> Scalar:
    if hasattr(value, "item") and getattr(value, "shape", None) == ():  # a NumPy scalar, as grids make them
        value = value.item()
    if isinstance(value, os.PathLike) and kind is str:
        value = os.fspath(value)
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is kind and not (kind is float and not math.isfinite(value)):
        return value
    expected = {bool: "True or False", int: "a whole number", float: "a finite number", str: "a text"}[kind]
    hint = ""
    if isinstance(value, str):
        hint = ": write it without quotes (in YAML 1.0e-3, not 1e-3)"
    elif isinstance(value, (tuple, list)):
        hint = ": give its members as parameters of their own, such as height and width"
    raise ValueError(f"{what} is {value!r} ({type(value).__name__}) where {expected} is expected{hint}")
