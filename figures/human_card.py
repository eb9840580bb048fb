"""The human parser's part of the card of shipped weights, and the measurement it tells of.

    python -m figures.human_card

measures the shipped weights on people of the test split and writes figures/human_parser.json and the last part of
warpgan/weights/README.md: no number is typed by hand.
"""

import argparse
import hashlib
import sys
from pathlib import Path

from figures.card import row
from warpgan import checkpoints, config, human_parsing, metrics, models
from warpgan.files import atomic, read_json, write_json
from warpgan.human_batches import Pictures
from warpgan.labels import LABELS
from warpgan.transfer import find, load_human_parser

ROOT = Path(__file__).resolve().parents[1]
NUMBERS = "figures/human_parser.json"
CARD = "warpgan/weights/README.md"
TITLE = "## Weights `human_parser`"


def measure(parser: models.HumanParser, data) -> dict:
    """Measure a human parser on all pictures of a dataset.

    Args:
        parser: the network.
        data: as for `human_parsing.train`.

    Returns:
        `pictures`, `mean_iou`, `accuracy`, and `labels`: name to `share` of the true pixels, `iou` (None for a label
        that occurs nowhere) and whether it is `averaged` in the mean.
    """
    counts = human_parsing.confusion(parser, data)
    overlap, shares = metrics.class_iou(counts).tolist(), (counts.sum(dim=1) / counts.sum()).tolist()
    large = human_parsing.averaged(counts).tolist()
    labels = {
        name: {
            "share": round(shares[i], 6), "iou": None if overlap[i] != overlap[i] else round(overlap[i], 4),
            "averaged": large[i],
        }
        for i, name in enumerate(LABELS)
    }
    chosen = [overlap[i] for i in range(len(LABELS)) if large[i]]
    accuracy = (counts.trace() / counts.sum()).item()
    mean = round(sum(chosen) / len(chosen), 4)
    return {"pictures": len(data), "mean_iou": mean, "accuracy": round(accuracy, 4), "labels": labels}


def describe(checkpoint: checkpoints.Checkpoint) -> dict:
    """What a checkpoint says of its training, a note where one was added, and the SHA-256 and size of its file."""
    weights = (checkpoint.folder / checkpoints.WEIGHTS).read_bytes()
    facts = checkpoint.facts
    return {
        "sha256": hashlib.sha256(weights).hexdigest(),
        "bytes": len(weights),
        "parameters": models.parameter_count(models.build_human_parser(checkpoint.config)),
        "config": checkpoint.config.to_dict(),
        "step": checkpoint.step,
        "hours": round(facts.get("seconds", 0.0) / 3600, 2),
        "note": facts.get("note", ""),
    }


def section(root: Path = ROOT) -> str:
    """The part of the card, from the committed numbers; empty where there are none."""
    if not (Path(root) / NUMBERS).is_file():
        return ""
    found = read_json(Path(root) / NUMBERS, dict)
    trained, tests = found["weights"], found["tests"]
    chosen = config.from_dict(trained["config"], NUMBERS)
    styles = chosen.human_styles.split("+")
    mixed = " and ".join(f'"{style}"' for style in styles)
    pictures = chosen.people * chosen.poses * len(styles)
    measured = "; ".join(
        f'style "{style}": **{test["mean_iou"]:.3f}**, right label on {test["accuracy"]:.3f} of all pixels, '
        f"{test['pictures']} pictures"
        for style, test in tests.items()
    )
    changes = config.changes(chosen)
    lines = [
        "",
        TITLE,
        "",
        "The human parser of `human_parsing.load_human_parser()`: a picture in, the label of each pixel out. "
        f"{trained['parameters'] / 1e6:.2f} M parameters, {trained['bytes'] / 1e6:.1f} MB in half precision. This part "
        "is written by `python -m figures.human_card`.",
        "",
        "### Data and training of the human parser",
        "",
        f"{chosen.people} rendered people in {chosen.poses} poses in each of the styles {mixed} ({pictures:,} pictures "
        f"of {chosen.height}x{chosen.width}, height x width), no photo and no pretrained weights. {trained['step']:,} "
        f"steps of {chosen.batch} pictures, the first {chosen.human_small:.0%} of them at half size, in "
        f"{trained['hours']:.2f} hours on a machine that was shared with other work. "
        "Mirrored (left and right labels exchanged), "
        "brightness, contrast and colours varied; pixel-wise softmax with LIP's structure-sensitive factor.",
        *([trained["note"]] if trained["note"] else []),
        "",
        "```python",
        "from warpgan import checkpoints, config, human_parsing",
        "",
        f'human_parsing.train(config.preset("{chosen.preset}"{"".join(f", {k}={v!r}" for k, v in changes.items())}), '
        '"runs/mine")',
        'checkpoints.ship("runs/mine", "runs/mine-small", checkpoints.ALONE)',
        "```",
        "",
        "### What the human parser reaches",
        "",
        "Mean intersection over union on people of the test split, whom it has never seen, over the labels that cover "
        f"more than 0.1 % of the pixels: {measured}. Pixels are pooled over all pictures.",
        "",
        row("label", *(f"{what}, {style}" for style in tests for what in ("% of pixels", "IoU"))),
        "|---|" + "---|---|" * len(tests),
    ]
    for name in LABELS:
        cells = []
        for test in tests.values():
            label = test["labels"][name]
            iou = "does not occur" if label["iou"] is None else f"{label['iou']:.3f}"
            cells += [f"{100 * label['share']:.3f}", iou if label["averaged"] else f"({iou})"]
        lines.append(row(name, *cells))
    lines += [
        "",
        "In brackets: labels that are too small to be averaged. On photos expect much less: it has seen rendered "
        "people on quiet grounds alone. For photos train it on LIP or CIHP (`data.HumanParsing`).",
    ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Measure and write everything again from the command line; the exit code is 1 if something was wrong."""
    from warpgan.data import RenderedPeople

    parser = argparse.ArgumentParser(prog="python -m figures.human_card", description=__doc__.split("\n")[0])
    parser.add_argument("--weights", default="human_parser", help="shipped weights or run folder")
    parser.add_argument("--people", type=int, default=48, help="people of the test split to measure on")
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of figures/ and warpgan/")
    options = parser.parse_args(arguments)
    try:
        network = load_human_parser(options.weights)
        checkpoint = checkpoints.load(find(options.weights) / "human_parser", "human_parser")
        chosen = checkpoint.config
        tests = {
            style: measure(
                network, Pictures(RenderedPeople("test", chosen.size, options.people, chosen.poses, style=style))
            )
            for style in dict.fromkeys(chosen.human_styles.split("+"))
        }
        write_json(options.root / NUMBERS, {"weights": describe(checkpoint), "tests": tests})
        path = options.root / CARD
        before = path.read_text(encoding="utf-8").split(f"\n{TITLE}\n")[0] if path.is_file() else ""
        with atomic(path) as part:
            part.write_text(before + section(options.root), encoding="utf-8")
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"written: {NUMBERS}, {CARD}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
