"""One papermill run of a notebook in its own folder, grids of runs, and the table that compares them.

A run is a folder: config.json (which notebook, which parameters, how it ended), the executed notebook, and
what the notebook writes: metrics.json, samples, trainings. Notebook 07 uses runs and grids.
"""

import itertools
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from warpgan import __version__
from warpgan.execution import RunError, current_kernel_manager, execute, fingerprint
from warpgan.files import read_json, write_json
from warpgan.parameters import check_parameters, read_parameters

__all__ = ["RunError", "current_kernel_manager", "grid", "run", "table"]


def run(
    notebook: str | Path,
    parameters: Mapping[str, Any],
    out: str | Path,
    *,
    timeout: int | None = None,
    progress: bool = False,
    cwd: str | Path | None = None,
    threads: int | None = None,
) -> Path:
    """Execute a notebook with other parameters, into a folder of its own.

    The kernel is this interpreter's. It gets `out` as a parameter and
    writes metrics.json, samples and trainings there; config.json and the executed notebook come from here.
    A folder that holds a run with the same parameters is run again, so an interrupted training goes on.

    Args:
        notebook: the `.ipynb` file.
        parameters: name -> value, checked by `check_parameters`.
        out: the run's folder, made if it is missing.
        timeout: seconds that one cell may take; None: as many as it needs, a training may go on for days.
        progress: show a bar over the cells.
        cwd: the folder that the kernel works in, if not the notebook's own.
        threads: of the kernel's computations; None: the machine's default. One for each core that is left, where
            several runs share a machine; on a CPU results repeat to the bit only at one number of threads.

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
    config |= {"code": fingerprint(notebook), "warpgan": __version__}
    write_json(record, {**config, "state": "running"})
    start = time.monotonic()
    state = "failed"
    try:
        options = {"execution_timeout": timeout, "progress_bar": progress}
        # Not papermill's own `cwd`: that moves this whole process, and threads would clash.
        options["resources"] = {"metadata": {"path": str(cwd or notebook.parent)}}
        execute(notebook, {**config["parameters"], "out": str(out)}, out, options, threads=threads)
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


def grid(
    notebook: str | Path,
    axes: Mapping[str, Iterable[Any]] | Sequence[Mapping[str, Iterable[Any]]],
    out: str | Path,
    executor: Executor | None = None,
    *,
    fixed: Mapping[str, Any] | None = None,
    threads: int | None = None,
) -> list[Path]:
    """Run a notebook once for every combination of the values on the axes.

    Called again it repeats no run that was finished, unless the notebook's code has changed since; what was
    interrupted or failed is run again. A run that fails stops none of the others.

    Args:
        notebook: the `.ipynb` file.
        axes: parameter -> values; the last axis changes fastest. Several of these make one grid of them all.
        out: folder that gets one folder a run, named by its values.
        executor: any `concurrent.futures` executor; without one the runs follow each other here. A process
            pool should start its workers with the spawn method; on a cluster, submitit's executor fits.
        fixed: parameters that all runs have, and that no folder is named by.
        threads: of each run's kernel, as for `run`; 1 where as many workers as cores share a machine.

    Returns:
        The run folders, in the order of the combinations.

    Raises:
        ValueError: a wrong parameter in any combination, or one that stands twice; nothing has been run then.
        RunError: runs failed; the others have been finished.
    """
    notebook, plan = Path(notebook).resolve(), []
    for part in [axes] if isinstance(axes, Mapping) else axes:
        for values in itertools.product(*(list(choices) for choices in part.values())):
            chosen = dict(zip(part, values, strict=True))
            parameters = {**(fixed or {}), **chosen}
            checked = check_parameters(notebook, parameters)
            label = ",".join(f"{name}={_label(checked[name])}" for name in chosen) or "defaults"
            plan.append((parameters, Path(out).resolve() / label))
    folders = [folder for _, folder in plan]
    twice = next((folder.name for folder in folders if folders.count(folder) > 1), None)
    if twice:
        raise ValueError(f"axes: {twice} stands twice")
    left = [job for job in plan if not _finished(notebook, *job)]
    started = [executor.submit(run, notebook, *job, threads=threads) for job in left] if executor else []
    faults = []
    for index, job in enumerate(left):
        try:
            started[index].result() if executor else run(notebook, *job, threads=threads)
        except Exception as error:  # noqa: BLE001 - a full disk or a dead worker, like a fault in a cell, is that run's own
            faults.append(str(error) if isinstance(error, RunError) else f"{job[1]}: {type(error).__name__}: {error}")
    if faults:
        raise RunError(f"{len(faults)} of {len(plan)} runs failed:\n" + "\n".join(faults))
    return folders


def _finished(notebook: Path, parameters: dict, folder: Path) -> bool:
    if not (folder / "config.json").exists():
        return False
    found = read_json(folder / "config.json", expect=dict)
    wanted = {"notebook": notebook.stem, "parameters": check_parameters(notebook, parameters)}
    wanted |= {"code": fingerprint(notebook), "state": "done"}
    return {key: found.get(key) for key in wanted} == wanted


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
