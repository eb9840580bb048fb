"""The README's picture and numbers, and the card of the shipped weights: no number is typed by hand.

`python -m figures.results` measures the weights on test people as notebook 07 does and takes the picture out of that
notebook as it was last executed. It writes `figures/results.png`, `figures/results.json`, the results section of
README.md and `warpgan/weights/README.md`.
"""

import argparse
import base64
import sys
from pathlib import Path

import torch

from figures import human_card
from figures.card import card, fingerprints
from warpgan import config, evaluation, training
from warpgan.files import atomic, read_json, write_json
from warpgan.transfer import PoseTransfer, find

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- results -->", "<!-- /results -->"
NETWORK, RIVAL, ORACLE = "network", "paint by label", "paint by label, true parsing"
MEASURES = ("ssim", "l1", "clothing_l1", "ssim_patn", "clothing_detail")
NOTEBOOK = "07_evaluation_and_ablation.ipynb"
ALTERNATIVE = (
    "Six pairs of pictures of rendered people, one a row: the condition, the parsing that stage I draws for the target "
    "pose, paint by label, the network, the truth. The last three rows are the worst of three people."
)


def measure(transfer: PoseTransfer, test: torch.utils.data.Dataset, pairs: int) -> dict:
    """Measure networks and baselines on the same pairs of test people.

    Args:
        transfer: the trained networks.
        test: pairs with correspondences.
        pairs: how many, spread evenly.

    Returns:
        Plain numbers for `results.json`.
    """
    methods = {
        "copy the condition": evaluation.copy,
        ORACLE: evaluation.paint,
        RIVAL: evaluation.paint_synthesised(transfer),
        NETWORK: evaluation.network(transfer),
        "network, true parsing": evaluation.network(transfer, true_parsing=True),
    }
    frame = evaluation.table(methods, test, pairs, metrics=MEASURES)
    summary = evaluation.summary(frame)
    pairwise = {other: evaluation.difference(frame, NETWORK, other) for other in (RIVAL, ORACLE)}
    return {
        "pairs": int(frame["pair"].nunique()),
        "people": int(frame["person"].nunique()),
        "methods": {name: _rounded(row) for name, row in summary.to_dict(orient="index").items()},
        "network_minus": {other: [round(x, 4) for x in values] for other, values in pairwise.items()},
        "stage1": _rounded(evaluation.parser(transfer.parser, test, pairs)),
        "matcher": _rounded(evaluation.matcher(transfer.matcher, test, pairs)),
    }


def picture(notebook: Path, cell: str = "sheet") -> bytes:
    """The picture that a cell of an executed notebook shows.

    Args:
        notebook: the `.ipynb` file; here notebook 07, whose sheet has three rows as they come and the three worst.
        cell: the cell's id.

    Returns:
        The PNG's bytes.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the notebook has no such cell, or the cell shows no picture.
    """
    for found in read_json(notebook, expect=dict).get("cells", []):
        if found.get("id") == cell:
            for output in found.get("outputs", []):
                if "image/png" in output.get("data", {}):
                    return base64.b64decode("".join(output["data"]["image/png"]))
    raise ValueError(f"{notebook}: no picture under the cell {cell!r}; execute the notebook first")


def section(results: dict) -> str:
    """The results section of the README, in Markdown."""
    people, pairs = results["people"], results["pairs"]
    lines = [
        "## Results",
        "",
        f"![{ALTERNATIVE}](figures/results.png)",
        "",
        "Six pairs of people never seen in training, out of notebook [07](notebooks/07_evaluation_and_ablation.ipynb): "
        "three as they come, then the worst pairs of the three people on whom the network errs most. The shipped "
        f"weights, measured on {pairs} pairs of {people} such people, with the 95 % bootstrap interval over people in "
        "brackets:",
        "",
        "| method | SSIM | SSIM as PATN, no padding | error over clothing seen in both pictures | its detail |",
        "|---|---|---|---|---|",
    ]
    record = ROOT / "notebooks" / "assets" / "compare.json"
    compared = read_json(record, expect=dict) if record.is_file() else None
    for name, row in results["methods"].items():
        columns = ("ssim", "ssim_patn", "clothing_l1", "clothing_detail")
        cells = (f"{row[m]:.3f} [{row[m + '_low']:.3f}, {row[m + '_high']:.3f}]" if m in row else "" for m in columns)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    stage1, matcher = results["stage1"], results["matcher"]
    mean, low, high = results["network_minus"][RIVAL]
    told = "The network wins." if high < 0 else "Paint by label wins." if low > 0 else "The two cannot be told apart."
    lines += [
        "",
        "SSIM is better when higher, the error (range of pictures 2) when lower; detail is the correlation of what is "
        "finer than a blur, of which flat colour has none (notebook 07 has the conventions). "
        "*Paint by label* has learned no pictures: it fills each label with the median colour that the label has in "
        "the condition; without *true parsing* the labels are those that stage I draws. Pair by pair, the network's "
        "clothing error minus that "
        f"of *paint by label* on the same drawn labels is {mean:+.3f} [{low:+.3f}, {high:+.3f}]. {told}",
        "",
        f"Stage I draws the right label on {stage1['label_agreement']:.3f} of the person's pixels. The matcher's "
        f"warped parsing agrees with the target's on {matcher['label_agreement']:.3f} of them, the unwarped one "
        f"on {matcher['unwarped_label_agreement']:.3f}. " + _misses(matcher),
    ]
    if compared:
        steps = compared["config"]["gan_steps"]
        mean, low, high = compared["difference"]["synthesised parsing"]["clothing_l1"]
        lines += [
            "",
            f"An earlier form of the generator was trained with and without the warping-block for {steps} equal steps "
            f"from equal first weights (`python -m warpgan.compare --steps {steps}`): the clothing error with it minus "
            f"without it is {mean:+.3f} [{low:+.3f}, {high:+.3f}] on {compared['pairs']} pairs. One seed.",
        ]
    lines += [
        "",
        "Notebook [07](notebooks/07_evaluation_and_ablation.ipynb) says what these numbers mean; "
        "`python -m figures.results` makes picture and numbers again, and `warpgan/weights/README.md` says how the "
        "weights were trained.",
    ]
    return "\n".join(lines)


def _misses(matcher: dict) -> str:
    name, ways = "median_correspondence_error", {"over all pairs": ""}
    if f"{name} front-front" in matcher:
        ways = {"from one front view to another": " front-front"} | ways
    told = [f"{words} {matcher[name + w]:.1f} ({matcher['unwarped_' + name + w]:.1f})" for words, w in ways.items()]
    return f"Its median error in pixels, in brackets that of no map: {', '.join(told)}."


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
    parser.add_argument("--pairs", type=int, default=576, help="pairs of test people to measure")
    parser.add_argument("--machine", default="", help="what the weights were trained on, for the card")
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of README.md, figures/ and warpgan/")
    options = parser.parse_args(arguments)
    try:
        folder = find(options.weights)
        transfer = PoseTransfer.from_pretrained(folder)
        chosen = config.preset("rendered", height=transfer.size[0], width=transfer.size[1])
        test = training.rendered(chosen, "test", progress=True)
        results = measure(transfer, test, options.pairs)
        results |= {"sha256": fingerprints(folder)}
        with atomic(options.root / "figures" / "results.png") as path:
            path.write_bytes(picture(options.root / "notebooks" / NOTEBOOK))
        write_json(options.root / "figures" / "results.json", results)
        with atomic(options.root / "warpgan" / "weights" / "README.md") as path:
            text = card(folder, results, machine=options.machine) + human_card.section(options.root)
            path.write_text(text, encoding="utf-8")
        put_section(options.root / "README.md", section(results))
    except (ValueError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("written: figures/results.png, figures/results.json, README.md, warpgan/weights/README.md")
    return 0


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items() if value == value}  # what is known


if __name__ == "__main__":
    sys.exit(main())
