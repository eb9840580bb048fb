"""The ablations: which variants are trained, as grids of papermill runs, and what their runs say (notebook 07).

Every variant is the same training but for the fields that it names: same pairs, steps, first weights wherever the
networks agree, frozen parser and matcher. `python -m warpgan.ablations --out runs/ablations` trains them all on two
cores, goes on where it was stopped, and writes the table.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch.utils.data import Dataset

from warpgan import config, evaluation, runs, training
from warpgan.changes import read_changes
from warpgan.files import atomic
from warpgan.metrics import bootstrap_interval
from warpgan.runs import RunError
from warpgan.series import NOTEBOOKS
from warpgan.transfer import PoseTransfer
from warpgan.variants import FULL, STAGES, VARIANTS, Variant

if TYPE_CHECKING:
    import pandas

NOTEBOOK = NOTEBOOKS / "training_run.ipynb"
FREE = "free.csv"
MEASURES = ("ssim", "l1", "clothing_l1", "clothing_detail", "ssim_patn", "psnr")
JUDGED = {
    "gan": ("clothing_l1", FULL),
    "parser": ("label_agreement", STAGES[0].name),
    "matcher": ("correspondence_error", STAGES[2].name),
}
"""By which measure, and against which of its variants, those of a stage are held."""


def run(
    out: str | Path, *, preset: str = "rendered", changes: str = "", variants: Sequence[Variant] = VARIANTS,
    executor: Executor | None = None, threads: int | None = None, **fixed: Any,
) -> list[Path]:
    """Train variants, a papermill run each, into folders of `out`; what was finished there is not repeated.

    Args:
        out: folder of the runs.
        preset, changes: the configuration that all variants share.
        variants: some of `VARIANTS`, or others.
        executor, threads: as for `runs.grid`.
        fixed: further parameters of the notebook `training_run`.

    Returns:
        The run folders.

    Raises:
        ValueError: a variant is no configuration; nothing has been run then.
        RunError: runs failed; the others have been finished.
    """
    for variant in variants:
        config.preset(preset, **{**read_changes(changes), **read_changes(variant.changes)})
    axes = [
        # A run of stage II is named by what makes it another one of its kind alone.
        ({} if variant.stage == "gan" else {"stage": [variant.stage]})
        | {"variant": [variant.changes], "seed": list(variant.seeds)}
        for variant in variants
    ]
    fixed = {"people": -1, "steps": -1} | fixed | {"preset": preset, "changes": changes}
    return runs.grid(NOTEBOOK, axes, out, executor, fixed=fixed, threads=threads)


def free(
    out: str | Path, data: Dataset, pairs: int, *, frozen: str | Path = "rendered", measures: Sequence[str] = MEASURES
) -> Path:
    """Measure what needs no training on the same pairs as the runs, into `free.csv`.

    Args:
        out: what `run` was given.
        data: the pairs that the runs were measured on.
        pairs: how many, as for the runs.
        frozen: shipped weights or run folder of the parser that draws for "paint by label".
        measures: columns, names of `metrics.MEASURES`.

    Returns:
        The file; `ablations.pairs` reads it with the runs' own.
    """
    transfer = PoseTransfer.from_pretrained(frozen)
    methods = {
        "copy the condition": evaluation.copy,
        "paint by label": evaluation.paint_synthesised(transfer),
        "paint by label, true parsing": evaluation.paint,
    }
    frame = evaluation.table(methods, data, pairs, metrics=measures)
    with atomic(Path(out) / FREE) as part:
        frame.round(5).to_csv(part, index=False)
    return Path(out) / FREE


def pairs(folder: str | Path, variants: Sequence[Variant] = VARIANTS, file: str = "pairs.csv") -> pandas.DataFrame:
    """Gather what the finished runs below a folder have measured, pair by pair.

    Args:
        folder: what `run` was given.
        variants: those whose runs are looked for, all of one stage.
        file: "pairs.csv", or "gates.csv" of those with a gate.

    Returns:
        DataFrame: `variant, seed` and the file's columns; without the file's rows where a run has none. What `free` has
        measured comes last, once for each seed, so that every variant can be held against it.

    Raises:
        FileNotFoundError: no such folder.
        ValueError: no run of these variants has been finished there.
    """
    import pandas

    done = runs.table(folder)
    names = {(variant.stage, variant.changes): variant.name for variant in variants}
    frames = []
    for where, row in done.iterrows():
        name = names.get((row.get("stage"), row.get("variant")))
        path = Path(folder) / str(where) / file
        if name is not None and row["state"] == "done" and path.is_file():
            frames.append(pandas.read_csv(path).assign(variant=name, seed=int(row["seed"])))
    if not frames:
        raise ValueError(f"{folder}: no finished run of these variants has left {file}")
    order = [variant.name for variant in variants]
    painted = any(variant.stage == "gan" for variant in variants)
    if painted and file == "pairs.csv" and (Path(folder) / FREE).is_file():
        found = pandas.read_csv(Path(folder) / FREE).rename(columns={"method": "variant"})
        order += list(found["variant"].unique())
        frames += [found.assign(seed=seed) for seed in sorted({int(frame["seed"].iloc[0]) for frame in frames})]
    frame = pandas.concat(frames, ignore_index=True)
    frame["variant"] = pandas.Categorical(frame["variant"], order, ordered=True)
    return frame.sort_values(["variant", "seed"], kind="stable").reset_index(drop=True)


def effects(frame: pandas.DataFrame, metric: str = "clothing_l1", reference: str = FULL) -> pandas.DataFrame:
    """Compare every variant with one of them, seed by seed and pair by pair.

    Args:
        frame: as `pairs` gives it.
        metric: one of its columns.
        reference: the variant that the others are held against.

    Returns:
        DataFrame, one row a variant: `seeds`, the mean of the metric, `difference` to the reference over the seeds that
        both have, `low, high` of its 95 % bootstrap interval over people, and `least, most` of the seeds' own
        differences.

    Raises:
        ValueError: the reference has no runs there.
    """
    import pandas

    table = frame.pivot_table(index=["seed", "pair", "person"], columns="variant", values=metric, observed=True)
    if reference not in table:
        raise ValueError(f"no run of {reference!r}, which the others are held against; there are {list(table)}")
    rows = {}
    for name in table:
        found = table[name].dropna()
        differences = (table[name] - table[reference]).dropna()
        by_seed = differences.groupby("seed").mean()
        rows[name] = {"seeds": found.index.get_level_values("seed").nunique(), metric: found.mean()}
        if name != reference and len(differences):
            people = differences.index.get_level_values("person")
            mean, low, high = bootstrap_interval(differences.to_numpy(), people)
            rows[name] |= {"difference": mean, "low": low, "high": high}
            rows[name] |= {"least": by_seed.min(), "most": by_seed.max()}
    return pandas.DataFrame.from_dict(rows, orient="index")


def main(arguments: list[str] | None = None) -> int:
    """Train the variants from the command line; the exit code is 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m warpgan.ablations", description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("runs/ablations"), help="folder of the runs")
    parser.add_argument("--preset", default="rendered", help="(%(default)s)")
    parser.add_argument("--changes", default="", help="of the preset in all variants, as 'gan_steps=800 people=600'")
    parser.add_argument("--frozen", default="rendered", help="whose parser and matcher: shipped weights or run folder")
    parser.add_argument("--groups", default="", help="only these, as 'core systems'")
    parser.add_argument("--pairs", type=int, default=192, help="of test people, measured (%(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="runs at once, a thread each (%(default)s)")
    options = parser.parse_args(arguments)
    groups = set(options.groups.split())
    frozen = str(Path(options.frozen).resolve()) if Path(options.frozen).is_dir() else options.frozen
    plan = [*VARIANTS, *STAGES]
    chosen = [variant for variant in plan if not groups or variant.group in groups]
    try:
        if groups - {variant.group for variant in plan}:
            raise ValueError(f"groups: expected some of {', '.join(dict.fromkeys(v.group for v in plan))}")
        with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
            shared = config.preset(options.preset, **read_changes(options.changes))
            for split in ("train", "val"):  # rendered once, here; the runs read the cache
                training.rendered(shared, split, progress=True)
            test = training.rendered(shared, "test", progress=True)
            run(options.out, preset=options.preset, changes=options.changes, variants=chosen, executor=pool, threads=1,
                frozen=frozen, measures=" ".join(MEASURES), measured_people=test.people, measured_pairs=options.pairs)
        if any(variant.stage == "gan" for variant in chosen):
            free(options.out, test, options.pairs, frozen=frozen)
        for stage in dict.fromkeys(variant.stage for variant in chosen):
            _report(options.out, stage)
    except (ValueError, FileNotFoundError, RunError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _report(out: Path, stage: str) -> None:
    metric, reference = JUDGED[stage]
    variants = [variant for variant in (*VARIANTS, *STAGES) if variant.stage == stage]
    table = effects(pairs(out, variants), metric, reference)
    path = out / f"effects-{stage}.csv"
    with atomic(path) as part:
        table.round(5).to_csv(part, index_label="variant")
    print(f"{table.round(4).to_string(na_rep='')}\n\n{path}\n")


if __name__ == "__main__":
    sys.exit(main())
