"""The README's results and the card of the shipped weights: no number is typed by hand.

`python -m figures.results` runs notebook 07 on more pairs than are committed (a run that was finished is not repeated)
and writes what it found: `figures/results.json`, the run's `metrics.json` beside it, the results section of README.md
and `warpgan/weights/README.md`. The picture is the one that the committed notebook shows.
"""

import argparse
import base64
import sys
from pathlib import Path

from figures import human_card
from figures.card import card, fingerprints, row
from warpgan import ablations, runs
from warpgan.files import atomic, read_json, write_json
from warpgan.transfer import find

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- results -->", "<!-- /results -->"
NETWORK, RIVAL = "network", "paint by label"
NOTEBOOK = ROOT / "notebooks" / "07_evaluation_and_ablation.ipynb"
FOUND, METRICS = "results.json", "metrics.json"
ALTERNATIVE = (
    "Six pairs of pictures of rendered people, one a row: the condition, the parsing that stage I draws for the target "
    "pose, paint by label, the network, the truth. The last three rows are the worst of three people."
)
COLUMNS = {
    "ssim": "SSIM", "ssim_patn": "SSIM as PATN, no padding", "clothing_l1": "error over clothing seen in both pictures",
    "clothing_detail": "its detail",
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
    """The results section of the README, in Markdown.

    Args:
        results: what notebook 07 leaves in `results.json`.
    """
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
        row("method", *COLUMNS.values()),
        "|---" * (1 + len(COLUMNS)) + "|",
    ]
    for name, numbers in results["methods"].items():
        ends = ((numbers.get(m), numbers.get(f"{m}_low"), numbers.get(f"{m}_high")) for m in COLUMNS)
        lines.append(row(name, *("" if mean is None else _interval(mean, low, high) for mean, low, high in ends)))
    stage1, matcher = results["stage1"], results["matcher"]
    mean, low, high = results["network_minus"][RIVAL]
    told = "The network wins." if high < 0 else "Paint by label wins." if low > 0 else "The two cannot be told apart."
    lines += [
        "",
        "SSIM is better when higher, the error (range of pictures 2) when lower; detail is the correlation of what is "
        "finer than a blur, of which flat colour has none, but for what a wrongly drawn border between two labels "
        "brings (notebook 07 has the conventions). "
        "*Paint by label* has learned no pictures: it fills each label with the median colour that the label has in "
        "the condition; without *true parsing* the labels are those that stage I draws. *True correspondence* moves "
        "each pixel of the condition that the target shows to where it belongs, as only rendered people can tell, and "
        "paints the rest: the ceiling for what fetches colours from the condition. *Truth where stage I is right* is "
        "the true picture itself wherever the drawn label is the true one, and paint elsewhere: the ceiling for what "
        "paints from drawn outlines. Pair by pair, the network's clothing error minus that "
        f"of *paint by label* on the same drawn labels is {_interval(mean, low, high, sign='+')}. {told}",
        "",
        f"Stage I draws the right label on {stage1['label_agreement']:.3f} of the person's pixels. The matcher's "
        f"warped parsing agrees with the target's on {matcher['label_agreement']:.3f} of them, the unwarped one "
        f"on {matcher['unwarped_label_agreement']:.3f}. " + _misses(matcher),
        "",
        *_equal_trainings(results.get("ablations")),
        "Notebook [07](notebooks/07_evaluation_and_ablation.ipynb) says what these numbers mean and makes the first "
        "table; the second is read from what `make ablations` leaves after some hours. "
        "`python -m figures.results` runs the notebook and writes both here, and `warpgan/weights/README.md` says how "
        "the weights were trained.",
    ]
    return "\n".join(lines)


def _equal_trainings(grid: dict | None) -> list[str]:
    # The core of the ablations and the compared systems; notebook 07 has the others.
    if grid is None:
        return []
    groups = {variant.name: variant.group for variant in ablations.VARIANTS}
    how, found = grid["how"], grid["variants"]
    shown = {name: numbers for name, numbers in found.items() if groups.get(name) in ("core", "systems")}
    lines = [
        "What the block, its gate and its maps are worth, and other systems, is measured by **equal trainings**: as "
        f"many parameters within 10 %, the same pairs and steps (`{how['changes']}` of the preset "
        f"`{how['preset']}`, so fewer steps and a narrower network than those above), "
        f"measured on {how['measured_pairs']} pairs of {how['measured_people']} "
        "people. The last column is the clothing error minus that of *full*, pair by pair and seed by seed: positive "
        "is worse.",
        "",
        row("trained", "seeds", "SSIM", "clothing error", "minus that of full"),
        "|---|---|---|---|---|",
    ]
    for name, numbers in shown.items():
        ends = (numbers.get(key) for key in ("difference", "low", "high"))
        against = _interval(*ends, sign="+", digits=4) if "difference" in numbers else ""
        cells = (f"{numbers['ssim']:.3f}", f"{numbers['clothing_l1']:.3f}", against)
        lines.append(row(name, numbers["seeds"], *cells))
    return [*lines, ""]


def _interval(mean: float, low: float, high: float, *, sign: str = "", digits: int = 3) -> str:
    mean, low, high = (round(number, digits) + 0.0 for number in (mean, low, high))  # no minus before zero
    form = f"{sign}.{digits}f"
    return f"{mean:{form}} [{low:{form}}, {high:{form}}]"


def _misses(matcher: dict) -> str:
    name, ways = "median_correspondence_error", {"over all pairs": ""}
    if f"{name} front-front" in matcher:
        ways = {"from one front view to another": " front-front"} | ways
    told = [f"{words} {matcher[name + w]:.1f} ({matcher['unwarped_' + name + w]:.1f})" for words, w in ways.items()]
    return f"The map's median error in pixels, in brackets that of no map: {', '.join(told)}."


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
    parser.add_argument("--people", type=int, default=48, help="of the test split")
    parser.add_argument("--pairs", type=int, default=576, help="of theirs, measured")
    parser.add_argument("--machine", default="", help="what the weights were trained on, for the card")
    parser.add_argument("--out", type=Path, default=Path("runs/results"), help="folder of notebook 07's run")
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of README.md, figures/ and warpgan/")
    options = parser.parse_args(arguments)
    try:
        folder = find(options.weights)
        weights = options.weights if folder.name == options.weights else str(folder.resolve())
        parameters = {"weights": [weights], "people": [options.people], "pairs": [options.pairs]}
        (run,) = runs.grid(NOTEBOOK, parameters, options.out)
        results = read_json(run / FOUND, expect=dict) | {"sha256": fingerprints(folder)}
        with atomic(options.root / "figures" / "results.png") as path:
            path.write_bytes(picture(NOTEBOOK))
        write_json(options.root / "figures" / FOUND, results)
        write_json(options.root / "figures" / METRICS, read_json(run / METRICS, expect=dict))
        with atomic(options.root / "warpgan" / "weights" / "README.md") as path:
            text = card(folder, results, machine=options.machine) + human_card.section(options.root)
            path.write_text(text, encoding="utf-8")
        put_section(options.root / "README.md", section(results))
    except (ValueError, FileNotFoundError, runs.RunError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("written: figures/results.png, results.json, metrics.json, README.md, warpgan/weights/README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
