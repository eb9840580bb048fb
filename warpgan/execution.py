"""Executing a notebook with papermill in a kernel of this very interpreter; `runs` keeps the books."""

import hashlib
import sys
from pathlib import Path
from typing import Any

from warpgan.files import atomic, read_json


class RunError(RuntimeError):
    """A notebook failed; the message names the executed notebook, the cell and the exception."""


def fingerprint(notebook: Path) -> str:
    """Tell versions of a notebook apart by its code: 16 hexadecimal digits; texts and outputs may differ.

    Raises:
        ValueError: the file is not a notebook.
    """
    cells = read_json(notebook, expect=dict).get("cells", [])
    code = ["".join(cell.get("source", [])) for cell in cells if cell.get("cell_type") == "code"]
    return hashlib.sha256("\0".join(code).encode()).hexdigest()[:16]


def execute(
    notebook: Path, parameters: dict, out: Path, options: dict[str, Any], *, threads: int | None = None
) -> None:
    """Execute a notebook into the folder `out`; what goes wrong is marked in what is written.

    Args:
        notebook: the `.ipynb` file.
        parameters: of its parameters cell.
        out: the folder that gets the executed notebook, under the same name.
        options: further arguments of `papermill.execute_notebook`.
        threads: of the kernel's computations; None: the machine's default.

    Raises:
        RunError: a cell raised or took too long, or the kernel died.
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    error = None
    with atomic(out / notebook.name) as part:
        try:
            papermill.execute_notebook(
                notebook,
                part,
                parameters,
                kernel_name="python3",
                kernel_manager_class=current_kernel_manager(threads),
                **options,
            )
        except PapermillExecutionError as fault:  # papermill has marked the cell in what it wrote
            begin = (fault.source.strip() or "(empty)").splitlines()[0]
            error = f"cell {fault.exec_count}, {begin!r} ..., raised {fault.ename}: {fault.evalue}"
        except (CellTimeoutError, DeadKernelError) as fault:
            error = f"{type(fault).__name__}: {str(fault).strip().splitlines()[0]}"
            _mark(part, error)
    if error:
        raise RunError(f"{out / notebook.name}: {error}")


def _mark(path: Path, error: str) -> None:
    """Say at the top of an executed notebook why it stops short; papermill does so for exceptions only."""
    import nbformat

    executed = nbformat.read(path, as_version=4)
    executed.cells.insert(0, nbformat.v4.new_markdown_cell(f"**This run stopped.** `{error}`"))
    nbformat.write(executed, path)


def current_kernel_manager(threads: int | None = None) -> type:
    """Give a class for `kernel_manager_class` of nbclient whose kernels are this very interpreter.

    Args:
        threads: of a kernel's computations; None: the machine's default.

    Returns:
        A subclass of jupyter_client's AsyncKernelManager. A machine may have another environment's kernel
        registered as `python3`, or none; this one asks nobody.
    """
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpec

    class CurrentInterpreter(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=40"]
            environment = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
            return KernelSpec(argv=argv, display_name="Python 3", language="python", env=environment)

    return CurrentInterpreter
