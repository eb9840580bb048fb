"""The notebooks as a series: their order, what a longer run of them changes, and the command that runs them.

`python -m warpgan.series run` executes the numbered notebooks in order with the parameters that
notebooks/series.toml gives under `run`, each into its own folder, and prints the table that the last of them
leaves. `make run` calls it.
"""

import argparse
import sys
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from warpgan.runs import RunError, run

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"


@dataclass(frozen=True)
class Entry:
    """What series.toml says of one notebook."""

    name: str
    needs: tuple[str, ...] = ()  # the notebooks to have read before
    seconds: int = 0  # measured at the committed parameters on two CPU cores
    run: Mapping[str, Any] = field(default_factory=dict)  # parameters of `make run`
    test: Mapping[str, Any] = field(default_factory=dict)  # changed parameters of the papermill tests


def read_series(path: str | Path = NOTEBOOKS / "series.toml") -> list[Entry]:
    """Read the series.

    Args:
        path: the TOML file: one `[[notebook]]` table each, in reading order.

    Returns:
        The entries in the file's order.

    Raises:
        FileNotFoundError: there is no such file; the notebooks are in the repository, not in a wheel.
        ValueError: the file is not TOML, an entry has an unknown or mistyped field, or a name stands twice.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; the notebooks are in the repository alone")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: not valid TOML: {error}") from error
    kinds = {"name": str, "needs": list, "seconds": int, "run": dict, "test": dict}
    words = {str: "a text", list: "a list", int: "a whole number", dict: "a table"}
    entries: list[Entry] = []
    for index, block in enumerate(content.get("notebook", [])):
        name = block.get("name", f"notebook {index + 1}")
        for key, value in block.items():
            if key not in kinds:
                raise ValueError(f"{path}: {name}: unknown field {key!r}; expected one of {', '.join(kinds)}")
            if not isinstance(value, kinds[key]):
                expected = words[kinds[key]]
                raise ValueError(f"{path}: {name}: {key} is {value!r} where {expected} is expected")
        if "name" not in block or name in [entry.name for entry in entries]:
            raise ValueError(f"{path}: {name}: every notebook needs a name of its own")
        entries.append(Entry(**{**block, "needs": tuple(block.get("needs", ()))}))
    return entries


def resolve(parameters: Mapping[str, Any], runs: Path) -> dict[str, Any]:
    """Put the series' folder where a text parameter says `{runs}`: a notebook can use an earlier one's run.

    Args:
        parameters: name -> value as in series.toml.
        runs: the folder that holds the runs of the series.

    Returns:
        The parameters, ready for `runs.run`.
    """
    return {k: v.replace("{runs}", str(runs)) if isinstance(v, str) else v for k, v in parameters.items()}


def run_entry(
    entry: Entry,
    out: str | Path,
    *,
    which: str = "run",
    folder: str | Path = NOTEBOOKS,
    progress: bool = False,
) -> Path:
    """Run one notebook of the series into `out/<name>`.

    Args:
        entry: of `read_series`.
        out: folder of the whole series.
        which: the parameters to use, "run" or "test".
        folder: where the notebooks are.
        progress: show a bar over the cells.

    Returns:
        The run's folder.

    Raises:
        ValueError, RunError: as `runs.run`.
    """
    out = Path(out).resolve()
    parameters = resolve(getattr(entry, which) or {}, out)
    return run(Path(folder) / f"{entry.name}.ipynb", parameters, out / entry.name, progress=progress)


def main(arguments: list[str] | None = None) -> int:
    """Run the series from the command line; the exit code is 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m warpgan.series", description=__doc__.split("\n")[0])
    parser.add_argument("which", choices=("run",), help="the whole series")
    parser.add_argument("--out", type=Path, default=Path("runs/series"), help="folder of the runs")
    options = parser.parse_args(arguments)
    out = options.out
    try:
        entries = read_series()
        if not entries:
            raise ValueError(f"{NOTEBOOKS / 'series.toml'}: no notebook has anything to {options.which}")
        print(f"{len(entries)} notebooks into {out}; trainings that were interrupted there go on", flush=True)
        start = time.monotonic()
        for index, entry in enumerate(entries):
            print(f"[{index + 1}/{len(entries)}] {entry.name} ...", end=" ", flush=True)
            begin = time.monotonic()
            run_entry(entry, out, which=options.which, progress=sys.stderr.isatty())
            print(f"{time.monotonic() - begin:.0f} s", flush=True)
        print(f"All of it: {(time.monotonic() - start) / 60:.1f} min\n")
    except (ValueError, RunError, FileNotFoundError) as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    report(out, [entry.name for entry in entries])
    return 0


def report(out: str | Path, names: list[str]) -> None:
    """Print the tables that runs have left (table.csv), and where their pictures are.

    Args:
        out: folder of the series.
        names: the runs to look at, in order.
    """
    import pandas as pd

    for name in names:
        path = Path(out) / name / "table.csv"
        if path.exists():
            table = pd.read_csv(path, index_col=0).to_string(na_rep="")
            print(f"{path}\n{table}\n")
    print("Pictures:")
    for name in names:
        for picture in sorted((Path(out) / name / "samples").glob("*.png")):
            print(f"  {picture}")
    print(f"Executed notebooks: {Path(out)}/*/*.ipynb")


if __name__ == "__main__":
    sys.exit(main())
