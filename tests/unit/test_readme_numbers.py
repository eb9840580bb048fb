"""The numbers of the README's tables, read as a reader does, are those of the `metrics.json` that they came from.

`test_results` compares the section with what the code would write; here nothing of that code is used, so that a column
under the wrong heading is found, too.
"""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from warpgan.variants import VARIANTS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8").split("<!-- results -->")[1].split("<!-- /results -->")[0]
METRICS = json.loads((ROOT / "figures" / "metrics.json").read_text(encoding="utf-8"))
RESULTS = json.loads((ROOT / "figures" / "results.json").read_text(encoding="utf-8"))
KEPT = ROOT / "notebooks" / "assets" / "ablations"
HEADINGS = {
    "SSIM": "ssim", "SSIM as PATN, no padding": "ssim_patn", "error over clothing seen in both pictures": "clothing_l1",
    "its detail": "clothing_detail",
}  # fmt: skip
NUMBER = r"[+-]?\d+\.\d+"


def table(heading):
    """Rows of the README's table whose first heading this is: name -> heading -> text."""
    lines = README.split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    head, _, *body = rows
    return {name: dict(zip(head[1:], cells)) for name, *cells in body}


METHODS, TRAINED = table("method"), table("trained")


def key(method):
    """A method's name as notebook 07 writes it into metrics.json."""
    return method.replace(",", "").replace(" ", "_")


@pytest.mark.parametrize("method", METHODS)
def test_a_method_has_the_numbers_of_its_run(method):
    row = METHODS[method]
    assert list(row) == list(HEADINGS)
    for heading, name in HEADINGS.items():
        shown = [float(x) for x in re.findall(NUMBER, row[heading])]
        kept = RESULTS["methods"][method]
        assert shown == pytest.approx([kept[name], kept[f"{name}_low"], kept[f"{name}_high"]], abs=5.1e-4)
        if name in ("ssim", "clothing_l1"):
            assert shown[0] == pytest.approx(METRICS[f"{key(method)}_{name}"], abs=5.1e-4)


def test_every_measured_method_is_shown():
    assert list(METHODS) == list(RESULTS["methods"]) and len(METHODS) >= 7


def test_the_sentences_have_the_numbers_of_the_run():
    text = " ".join(README.split())
    told = {
        r"the right label on ({n}) of": METRICS["stage1_agreement"],
        r"agrees with the target's on ({n}) of them": METRICS["matcher_agreement"],
        r"the unwarped one on ({n})": METRICS["unwarped_agreement"],
        r"on the same drawn labels is ({n})": METRICS["network_minus_paint"],
    }
    for words, value in told.items():
        (shown,) = re.findall(words.replace("{n}", NUMBER), text)
        assert float(shown.strip(".")) == pytest.approx(value, abs=5.1e-4), words
    wins = METRICS["network_minus_paint_high"] < 0
    loses = METRICS["network_minus_paint_low"] > 0
    assert ("The network wins." in text, "Paint by label wins." in text) == (wins, loses)


def runs_of(variant):
    """What the kept runs of a variant have measured, one dict a seed."""
    found = []
    for path in sorted(KEPT.glob("*/config.json")):
        parameters = json.loads(path.read_text(encoding="utf-8"))["parameters"]
        if parameters["stage"] == "gan" and parameters["variant"] == variant.changes:
            found.append(json.loads((path.parent / "metrics.json").read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("name", TRAINED)
def test_an_equal_training_has_the_numbers_of_its_seeds(name):
    (variant,) = [variant for variant in VARIANTS if variant.name == name]
    runs, row = runs_of(variant), TRAINED[name]
    assert len(runs) == int(row["seeds"]) == len(variant.seeds)
    for heading, measure in (("SSIM", "ssim"), ("clothing error", "clothing_l1")):
        assert float(row[heading]) == pytest.approx(np.mean([run[measure] for run in runs]), abs=1.1e-3), heading


def test_the_differences_of_equal_trainings_are_those_of_their_pairs():
    full = {run["seed"]: run for run in map(dict, pairs_of("full"))}
    for name, row in TRAINED.items():
        if name == "full":
            continue
        gaps = [np.nanmean(run["errors"] - full[run["seed"]]["errors"]) for run in pairs_of(name)]
        shown = [float(x) for x in re.findall(NUMBER, row["minus that of full"])]
        assert shown[0] == pytest.approx(np.mean(gaps), abs=6e-4), name
        assert shown[1] <= shown[0] <= shown[2]


def pairs_of(name):
    """The clothing errors of a variant's runs, pair by pair: seed and array."""
    (variant,) = [variant for variant in VARIANTS if variant.name == name]
    found = []
    for path in sorted(KEPT.glob("*/config.json")):
        parameters = json.loads(path.read_text(encoding="utf-8"))["parameters"]
        if parameters["stage"] == "gan" and parameters["variant"] == variant.changes:
            lines = (path.parent / "pairs.csv").read_text(encoding="utf-8").splitlines()
            column = lines[0].split(",").index("clothing_l1")
            cells = [line.split(",")[column] for line in lines[1:]]
            errors = np.array([float(cell) if cell else np.nan for cell in cells])
            found.append({"seed": parameters["seed"], "errors": errors})
    return found
