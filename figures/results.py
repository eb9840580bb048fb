"""The README's picture and numbers, and the card of the shipped weights, all made from the weights themselves.

`python -m figures.results` measures them on test people as notebook 07 does, and writes `figures/results.png`,
`figures/results.json`, the results section of README.md and `warpgan/weights/README.md`. No number is typed by hand.
"""

import argparse
import sys
from pathlib import Path

import torch

from figures.card import card, fingerprints
from warpgan import baselines, config, evaluation, plots, training
from warpgan.batches import spread
from warpgan.files import atomic, read_json, write_json
from warpgan.transfer import PoseTransfer, find

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- results -->", "<!-- /results -->"
NETWORK, RIVAL, ORACLE = "network", "paint by label", "paint by label, true parsing"
ALTERNATIVE = (
    "Six pairs of pictures of rendered people, one a row: the condition, the parsing that stage I "
    "draws for the target "
    "pose, paint by label, the network, the truth. The last three rows are the worst of three people."
)


def measure(transfer: PoseTransfer, test: torch.utils.data.Dataset, pairs: int):
    """Measure networks and baselines on the same pairs of test people.

    Args:
        transfer: the trained networks.
        test: pairs with correspondences.
        pairs: how many, spread evenly.

    Returns:
        (DataFrame of `evaluation.table`, dict of plain numbers for `results.json`).
    """
    methods = {
        "copy the condition": evaluation.copy,
        ORACLE: evaluation.paint,
        RIVAL: evaluation.paint_synthesised(transfer),
        NETWORK: evaluation.network(transfer),
        "network, true parsing": evaluation.network(transfer, true_parsing=True),
    }
    frame = evaluation.table(methods, test, pairs)
    summary = evaluation.summary(frame)
    pairwise = {other: evaluation.difference(frame, NETWORK, other) for other in (RIVAL, ORACLE)}
    return frame, {
        "pairs": int(frame["pair"].nunique()),
        "people": int(frame["person"].nunique()),
        "methods": summary.round(4).to_dict(orient="index"),
        "network_minus": {other: [round(x, 4) for x in values] for other, values in pairwise.items()},
        "stage1": _rounded(evaluation.parser(transfer.parser, test, pairs)),
        "matcher": _rounded(evaluation.matcher(transfer.matcher, test, pairs)),
    }


def sheet(transfer: PoseTransfer, test: torch.utils.data.Dataset, pairs: int, frame, ordinary: int = 3, worst: int = 3):
    """Lay out pairs spread over the people, and below them the worst pairs of the people with the largest errors.

    Args:
        transfer, test, pairs: as in `measure`.
        frame: what `measure` returned.
        ordinary, worst: how many rows of each.

    Returns:
        A Pillow image with the columns condition, drawn parsing, paint by label, network, truth.
    """
    errors = frame[frame["method"] == NETWORK].sort_values("clothing_l1", ascending=False, na_position="last")
    bad = errors.drop_duplicates("person")["pair"].tolist()[:worst]
    names = frame["pair"].unique().tolist()
    usual = [name for name in names[:: max(1, len(names) // (2 * ordinary))] if name not in bad][:ordinary]
    found = {}
    for batch in spread(test, pairs, batch=1):
        if batch.names[0] in usual + bad:
            found[batch.names[0]] = batch
    rows = []
    for name in usual + bad:
        batch = found[name]
        answer = transfer.batch(batch.condition_image, batch.condition_onehot, batch.pose_map)
        painted = baselines.paint_by_label(batch.condition_image, batch.condition_parsing, answer.parsing)
        columns = (batch.condition_image, answer.parsing, painted, answer.image, batch.target_image)
        rows.append([column[0] for column in columns])
    titles = ["condition", "drawn by\nstage I", "paint by\nlabel", "network", "truth"]
    return plots.sheet(rows, labels=[""] * len(usual) + ["worst"] * len(bad), column_titles=titles)


def section(results: dict) -> str:
    """The results section of the README, in Markdown."""
    people, pairs = results["people"], results["pairs"]
    lines = [
        "## Results",
        "",
        f"![{ALTERNATIVE}](figures/results.png)",
        "",
        f"Made by the shipped weights on people never seen in training. Measured on {pairs} pairs of {people} such "
        "people; in brackets the 95 % bootstrap interval over people:",
        "",
        "| method | SSIM | error over clothing seen in both pictures |",
        "|---|---|---|",
    ]
    for name, row in results["methods"].items():
        cells = (f"{row[m]:.3f} [{row[m + '_low']:.3f}, {row[m + '_high']:.3f}]" for m in ("ssim", "clothing_l1"))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    stage1, matcher = results["stage1"], results["matcher"]
    mean, low, high = results["network_minus"][RIVAL]
    told = "The network wins." if high < 0 else "Paint by label wins." if low > 0 else "The two cannot be told apart."
    lines += [
        "",
        "SSIM is better when higher, the error (range of pictures 2) when lower. *Paint by label* has learned no "
        "pictures: it fills each label with the median colour that the label has in the condition; without *true "
        "parsing* the labels are those that stage I draws. Pair by pair, the network's clothing error minus that "
        f"of *paint by label* on the same drawn labels is {mean:+.3f} [{low:+.3f}, {high:+.3f}]. {told}",
        "",
        f"Stage I draws the right label on {stage1['label_agreement']:.3f} of the person's pixels. The matcher's "
        f"warped parsing agrees with the target's on {matcher['label_agreement']:.3f} of them, the unwarped one "
        f"on {matcher['unwarped_label_agreement']:.3f}.",
    ]
    record = ROOT / "notebooks" / "assets" / "compare.json"
    if record.is_file():
        compared = read_json(record, expect=dict)
        mean, low, high = compared["difference"]["synthesised parsing"]["clothing_l1"]
        lines += [
            "",
            f"Trained with and without the warping-block for {compared['config']['gan_steps']} equal steps (`make "
            f"compare`), the clothing error with it minus without it is {mean:+.3f} [{low:+.3f}, {high:+.3f}] on "
            f"{compared['pairs']} pairs.",
        ]
    lines += [
        "",
        "Notebook [07](notebooks/07_evaluation_and_ablation.ipynb) says what these numbers mean; "
        "`python -m figures.results` makes picture and numbers again, and `warpgan/weights/README.md` says how the "
        "weights were trained.",
    ]
    return "\n".join(lines)


def put_section(readme: Path, text: str) -> None:
    """Write the results between their marks in a README.

    Raises:
        ValueError: the marks are missing; names the file.
    """
    old = readme.read_text(encoding="utf-8")
    if BEGIN not in old or END not in old:
        raise ValueError(f"{readme}: the lines {BEGIN} and {END} are missing")
    with atomic(readme) as part:
        part.write_text(f"{old.split(BEGIN)[0]}{BEGIN}\n{text}\n{END}{old.split(END)[1]}", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Make everything again from the command line; the exit code is 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m figures.results", description=__doc__.split("\n")[0])
    parser.add_argument("--weights", default="rendered", help="shipped weights or run folder")
    parser.add_argument("--pairs", type=int, default=192, help="pairs of test people to measure")
    parser.add_argument("--machine", default="", help="what the weights were trained on, for the card")
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of README.md, figures/ and warpgan/")
    options = parser.parse_args(arguments)
    try:
        folder = find(options.weights)
        transfer = PoseTransfer.from_pretrained(folder)
        chosen = config.preset("rendered", height=transfer.size[0], width=transfer.size[1])
        test = training.rendered(chosen, "test", progress=True)
        frame, results = measure(transfer, test, options.pairs)
        results |= {"sha256": fingerprints(folder)}
        with atomic(options.root / "figures" / "results.png") as path:
            sheet(transfer, test, options.pairs, frame).save(path, optimize=True)
        write_json(options.root / "figures" / "results.json", results)
        with atomic(options.root / "warpgan" / "weights" / "README.md") as path:
            path.write_text(card(folder, results, machine=options.machine), encoding="utf-8")
        put_section(options.root / "README.md", section(results))
    except (ValueError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("written: figures/results.png, figures/results.json, README.md, warpgan/weights/README.md")
    return 0


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}


if __name__ == "__main__":
    sys.exit(main())
