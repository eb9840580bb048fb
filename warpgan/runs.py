"""One papermill run of a notebook in its own folder, grids of runs, and the table that compares them.

A run is a folder: config.json (which notebook, which parameters, how it ended), the executed notebook, and
what the notebook writes: metrics.json, samples, trainings. Notebook 07 uses runs and grids.
"""

import itertools
import sys
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from warpgan import __version__
from warpgan.files import atomic, read_json, write_json
from warpgan.parameters import check_parameters, read_parameters


class RunError(RuntimeError):
    """A notebook failed; the message names the executed notebook, the cell and the exception."""


def run(
    notebook: str | Path,
    parameters: Mapping[str, Any],
    out: str | Path,
    *,
    timeout: int = 4 * 3600,
    progress: bool = False,
    cwd: str | Path | None = None,
) -> Path:
    """Execute a notebook with other parameters, into a folder of its own.

    The kernel is this interpreter's. It gets `out` as a parameter and
    writes metrics.json, samples and trainings there; config.json and the executed notebook come from here.
    A folder that holds a run with the same parameters is run again, so an interrupted training goes on.

    Args:
        notebook: the `.ipynb` file.
        parameters: name -> value, checked by `check_parameters`.
        out: the run's folder, made if it is missing.
        timeout: seconds that one cell may take.
        progress: show a bar over the cells.
        cwd: the folder that the kernel works in, if not the notebook's own.

    Returns:
        The run's folder, absolute.

    Raises:
        ValueError: a wrong parameter, or `out` holds a run of another notebook or with other parameters.
        RunError: a cell raised or took too long; the executed notebook shows where.
    """
    notebook, out = Path(notebook).resolve(), Path(out).resolve()
    config = {"notebook": notebook.stem, "parameters": check_parameters(notebook, parameters)}
    if "out" not in read_parameters(notebook):
        raise ValueError(f"{notebook.name}: has no parameter 'out', which tells it where to write")
    record = out / "config.json"
    if record.exists():
        found = read_json(record, expect=dict)
        if {key: found.get(key) for key in config} != config:
            difference = _difference(found, config)
            raise ValueError(f"{record}: holds another run, {difference}; choose another folder")
    config["warpgan"] = __version__
    write_json(record, {**config, "state": "running"})
    start = time.monotonic()
    state = "failed"
    try:
        options = {"execution_timeout": timeout, "progress_bar": progress}
        # Not papermill's own `cwd`: that moves this whole process, and threads would clash.
        options["resources"] = {"metadata": {"path": str(cwd or notebook.parent)}}
        _execute(notebook, {**config["parameters"], "out": str(out)}, out, options)
        state = "done"
    finally:
        write_json(record, {**config, "state": state, "seconds": round(time.monotonic() - start, 1)})
    return out


def _difference(found: dict, wanted: dict) -> str:
    if found.get("notebook") != wanted["notebook"]:
        return f"of {found.get('notebook')}"
    old, new = found.get("parameters", {}), wanted["parameters"]
    name = next(key for key in [*new, *old] if key not in old or key not in new or old[key] != new[key])
    return f"with {name} = {old.get(name)!r} where {new.get(name)!r} is asked for"


def _execute(notebook: Path, parameters: dict, out: Path, options: dict[str, Any]) -> None:
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
                kernel_manager_class=current_kernel_manager(),
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


def current_kernel_manager() -> type:
    """Give a class for `kernel_manager_class` of nbclient whose kernels are this very interpreter.

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
            return KernelSpec(argv=argv, display_name="Python 3", language="python")

    return CurrentInterpreter


def grid(
    notebook: str | Path,
    axes: Mapping[str, Iterable[Any]],
    out: str | Path,
    executor: Executor | None = None,
) -> list[Path]:
    """Run a notebook once for every combination of the values on the axes.

    Args:
        notebook: the `.ipynb` file.
        axes: parameter -> values; the last axis changes fastest.
        out: folder that gets one folder a run, named by its values.
        executor: any `concurrent.futures` executor; without one the runs follow each other here. A process
            pool should start its workers with the spawn method; on a cluster, submitit's executor fits.

    Returns:
        The run folders, in the order of the combinations.

    Raises:
        ValueError: a wrong parameter in any combination; nothing has been run then.
        RunError: runs failed; the others have been finished.
    """
    names = list(axes)
    plan = []
    for values in itertools.product(*(list(axes[name]) for name in names)):
        parameters = dict(zip(names, values))
        checked = check_parameters(notebook, parameters)
        label = ",".join(f"{name}={_label(checked[name])}" for name in names) or "defaults"
        plan.append((parameters, Path(out).resolve() / label))
    if len({folder for _, folder in plan}) < len(plan):
        raise ValueError("axes: a value stands twice on an axis")
    jobs = [executor.submit(run, notebook, *job) for job in plan] if executor else None
    faults = []
    for index, job in enumerate(plan):
        try:
            jobs[index].result() if jobs else run(notebook, *job)
        except RunError as error:
            faults.append(str(error))
    if faults:
        raise RunError(f"{len(faults)} of {len(plan)} runs failed:\n" + "\n".join(faults))
    return [folder for _, folder in plan]


def _label(value: Any) -> str:
    return "".join(c if c.isalnum() or c in "._-+" else "-" for c in str(value))


def table(folder: str | Path) -> Any:
    """Gather the runs below a folder: one row a run, its state, parameters and metrics.

    Args:
        folder: what `grid` or several calls of `run` were given, or one run's folder.

    Returns:
        A pandas DataFrame, indexed by the run's path inside `folder`; without runs it is empty.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: a config.json or metrics.json is not what a run leaves; names the file.
    """
    import pandas as pd

    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder")
    rows = {}
    for record in sorted(folder.rglob("config.json")):
        config = read_json(record, expect=dict)
        if "notebook" not in config:  # a training inside a run keeps a config.json of its own
            continue
        metrics = record.with_name("metrics.json")
        found = read_json(metrics, expect=dict) if metrics.exists() else {}
        row = {key: config.get(key) for key in ("notebook", "state", "seconds")}
        rows[record.parent.relative_to(folder).as_posix()] = row | config["parameters"] | found
    return pd.DataFrame.from_dict(rows, orient="index")
