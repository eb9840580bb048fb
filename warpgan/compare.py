"""What the warping-block is worth: stage II trained with it and without it, then measured on the same pairs.

`make compare` calls `python -m warpgan.compare`. Both trainings start from the same weights, see the same batches
and use the same frozen parser and matcher; they run side by side, in one process each. Notebook 07 discusses the
answer.
"""

import argparse
import hashlib
import sys
import time
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch

from . import __version__, checkpoints, config, evaluation, training
from .files import atomic, write_json
from .transfer import PoseTransfer, find, load_network

ARMS = {"with": True, "without": False}  # folder of a training: is the warping-block in it?
WITH, WITHOUT = "with warping-block", "without warping-block"
METRICS = ("ssim", "l1", "clothing_l1")


def train_arm(arm: str, chosen: config.Config, out: Path, frozen: str, progress: bool = False) -> float:
    """Train one side of the comparison into `out/<arm>`, going on where it was interrupted.

    Args:
        arm: "with" or "without".
        chosen: configuration of both sides; its field `warping` is replaced.
        out: folder of the comparison.
        frozen: shipped weights or run folder that gives the trained parser and matcher.
        progress: show a progress bar.

    Returns:
        Seconds that the training took.
    """
    torch.set_num_threads(
        1
    )  # two trainings on two cores; and on a CPU results repeat only at one thread count
    chosen = chosen.replace(warping=ARMS[arm])
    # Both take the same number of steps; one bar is enough.
    run = training.train("gan", chosen, Path(out) / arm, frozen=frozen, progress=progress and arm == "with")
    return run.seconds


def scaled(chosen: config.Config, steps: int) -> config.Config:
    """The configuration with another number of steps; the discriminator joins at the same share of them.

    Args:
        chosen: a configuration with `gan_steps` of at least 1.
        steps: of stage II.
    """
    start = round(chosen.adversarial_from * steps / chosen.gan_steps)
    return chosen.replace(gan_steps=steps, adversarial_from=start)


def compare(
    chosen: config.Config,
    out: str | Path,
    *,
    frozen: str | Path = "rendered",
    pairs: int = 192,
    executor: Executor | None = None,
) -> dict:
    """Train both sides, measure them and write `table.csv`, `pairs.csv` and `compare.json` into a folder.

    Args:
        chosen: configuration of both sides; `gan_steps`, `seed` and the data are theirs alike.
        out: folder of the comparison.
        frozen: shipped weights or run folder that gives the trained parser and matcher.
        pairs: how many pairs of test people are measured.
        executor: a `concurrent.futures` executor that runs the two trainings; None: one process for each.

    Returns:
        What `compare.json` holds: settings, means with intervals, differences with intervals.

    Raises:
        ValueError: `out` holds a comparison with another configuration.
        FileNotFoundError: `frozen` is neither shipped weights nor a run folder.
    """
    out, frozen = Path(out), str(find(frozen).resolve())
    described = {stage: _describe(Path(frozen) / stage, stage) for stage in ("parser", "matcher")}
    for split in ("train", "val", "test"):  # rendered once, here; the two processes read the cache
        training.rendered(chosen, split, progress=True)
    pool = executor or ProcessPoolExecutor(len(ARMS), mp_context=get_context("spawn"))
    try:
        jobs = {arm: pool.submit(train_arm, arm, chosen, out, frozen, sys.stderr.isatty()) for arm in ARMS}
        seconds = {arm: round(job.result()) for arm, job in jobs.items()}
    finally:
        if executor is None:
            pool.shutdown(cancel_futures=True)
    frame = evaluation.table(methods(out, frozen), training.rendered(chosen, "test"), pairs)
    table = evaluation.summary(frame)
    record = {
        "warpgan": __version__,
        "config": chosen.to_dict(),
        "frozen": described,
        "training_seconds": seconds,
        "pairs": int(frame["pair"].nunique()),
        "people": int(frame["person"].nunique()),
        "means": table.round(5).to_dict(orient="index"),
        "difference": differences(frame),
    }
    for name, content in (("pairs.csv", frame), ("table.csv", table)):
        with atomic(out / name) as part:
            content.round(5).to_csv(part, index=name == "table.csv", index_label="method")
    write_json(out / "compare.json", record)
    return record


def methods(out: str | Path, frozen: str) -> dict:
    """The methods of the table: the baselines, and both networks with synthesised and with true parsings."""
    parser, matcher = (load_network(name, frozen) for name in ("parser", "matcher"))
    one, other = (
        PoseTransfer(parser, matcher, load_network("generator", Path(out) / arm)).eval() for arm in ARMS
    )
    return {
        "copy the condition": evaluation.copy,
        "paint by label, true parsing": evaluation.paint,
        "paint by label": evaluation.paint_synthesised(one),
        WITH: evaluation.network(one),
        WITHOUT: evaluation.network(other),
        f"{WITH}, true parsing": evaluation.network(one, true_parsing=True),
        f"{WITHOUT}, true parsing": evaluation.network(other, true_parsing=True),
    }


def differences(frame) -> dict[str, dict[str, list[float]]]:
    """With minus without the block, for both kinds of parsing: each metric as mean, lower and upper end.

    Args:
        frame: as `evaluation.table` gives it for `methods`.
    """
    answer = {}
    for kind, suffix in (("synthesised parsing", ""), ("true parsing", ", true parsing")):
        rows = {
            metric: evaluation.difference(frame, WITH + suffix, WITHOUT + suffix, metric)
            for metric in METRICS
        }
        answer[kind] = {metric: [round(value, 5) for value in row] for metric, row in rows.items()}
    return answer


# Which networks were frozen, by what they are rather than by where they lay.
def _describe(folder: Path, stage: str) -> dict:
    found = checkpoints.load(folder, stage)
    digest = hashlib.sha256((folder / checkpoints.WEIGHTS).read_bytes()).hexdigest()
    return {"step": found.step, "seed": found.config.seed, "sha256": digest}


def report(record: dict) -> str:
    """The comparison in a few lines for the terminal."""
    import pandas

    table = pandas.DataFrame.from_dict(record["means"], orient="index")
    lines = [f"{record['pairs']} pairs of {record['people']} people never trained on", table.to_string(), ""]
    lines.append("clothing error, with minus without the warping-block (mean and 95 % interval over people)")
    for kind, metrics in record["difference"].items():
        mean, low, high = metrics["clothing_l1"]
        lines.append(f"  {kind}: {mean:+.4f} [{low:+.4f}, {high:+.4f}]")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the comparison from the command line; the exit code is 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m warpgan.compare", description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("runs/compare"), help="folder of the comparison")
    parser.add_argument("--preset", default="rendered", help="sizes and losses of both sides")
    parser.add_argument("--steps", type=int, default=2000, help="of stage II, on each side")
    parser.add_argument("--seed", type=int, default=0, help="of weights and batches, on both sides")
    parser.add_argument("--people", type=int, default=600, help="rendered people to train on")
    parser.add_argument(
        "--weights", default="rendered", help="whose parser and matcher: shipped weights or run folder"
    )
    parser.add_argument("--pairs", type=int, default=192, help="pairs of test people to measure")
    options = parser.parse_args(arguments)
    start = time.monotonic()
    try:
        chosen = scaled(config.preset(options.preset, seed=options.seed, people=options.people), options.steps)
        print(f"{options.steps} steps with and without the warping-block, into {options.out}", flush=True)
        record = compare(chosen, options.out, frozen=options.weights, pairs=options.pairs)
    except (ValueError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    minutes = (time.monotonic() - start) / 60
    print(f"\n{report(record)}\n\n{options.out / 'compare.json'}\nAll of it: {minutes:.1f} min")
    return 0


if __name__ == "__main__":
    sys.exit(main())
