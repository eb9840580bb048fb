"""The picture, the numbers and the card of the weights come out of the weights, and are not older than they are."""

import json
import re
from pathlib import Path

import pytest
import torch

from figures import card, results
from warpgan import checkpoints, config, models
from warpgan.transfer import SHIPPED_FOLDER

ROOT = Path(__file__).resolve().parents[2]
SMALL = dict(
    height=64, width=32, parser_width=4, parser_blocks=1, matcher_width=4, generator_width=4, generator_blocks=1,
    discriminator_width=4,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Everything made from tiny untrained weights and what a run of notebook 07 left: the root folder."""
    root = tmp_path_factory.mktemp("root")
    chosen = config.preset("quick", **SMALL, gan_steps=7)
    torch.manual_seed(0)
    networks = models.build(chosen)
    facts = {"seconds": 3600.0, "metrics": {"before": {"ssim": 0.1, "step": 0}, "after": {"ssim": 0.25, "step": 7}}}
    for stage, name in checkpoints.SHIPPED.items():
        checkpoints.save(root / "w" / stage, {name: networks[name]}, stage=stage, config=chosen, step=7, facts=facts)
    (root / "README.md").write_text("# Title\n\n<!-- results -->\nold\n<!-- /results -->\n\nrest\n")
    asked = []

    def grid(notebook, parameters, out):
        asked.append((notebook, parameters))
        found = json.loads((ROOT / "figures" / "results.json").read_text())
        found["methods"]["network"] |= {"clothing_l1": 0.123, "clothing_l1_low": 0.1, "clothing_l1_high": 0.2}
        (root / "run").mkdir()
        (root / "run" / "results.json").write_text(json.dumps(found))
        (root / "run" / "metrics.json").write_text('{"network_ssim": 0.5}')
        return [root / "run"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(results.runs, "grid", grid)
        assert results.main(["--weights", str(root / "w"), "--root", str(root), "--machine", "a toaster"]) == 0
    assert asked == [(results.NOTEBOOK, {"weights": [str(root / "w")], "people": [48], "pairs": [576]})]
    return root


def test_the_picture_is_the_one_that_notebook_07_shows(made):
    from PIL import Image

    picture = Image.open(made / "figures" / "results.png")
    assert picture.height > 6 * 128 and picture.width > 5 * 64
    committed = (ROOT / "figures" / "results.png").read_bytes()
    assert (made / "figures" / "results.png").read_bytes() == committed, "run python -m figures.results"


def test_a_notebook_without_the_picture_is_refused(tmp_path):
    cells = [{"id": "sheet", "outputs": [{"data": {"text/plain": "nothing"}}]}, {"id": "other"}]
    (tmp_path / "n.ipynb").write_text(json.dumps({"cells": cells}))
    with pytest.raises(ValueError, match="n.ipynb: no picture under the cell 'sheet'"):
        results.picture(tmp_path / "n.ipynb")


def test_the_readme_takes_the_numbers_of_the_measurement(made):
    text = (made / "README.md").read_text()
    found = json.loads((made / "figures" / "results.json").read_text())
    assert text.startswith("# Title") and text.endswith("rest\n") and "old" not in text
    assert found["sha256"] == card.fingerprints(made / "w")
    assert "| 0.123 [0.100, 0.200] |" in text
    assert f"![{results.ALTERNATIVE}](figures/results.png)" in text
    mean, low, high = found["network_minus"][results.RIVAL]
    assert f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]" in text
    assert json.loads((made / "figures" / "metrics.json").read_text()) == {"network_ssim": 0.5}


def test_the_card_says_what_the_checkpoints_say(made):
    text = (made / "warpgan" / "weights" / "README.md").read_text()
    assert "Trained on a toaster." in text and "| 7 | 8 | 0 | 1.00 |" in text
    assert "| stage II, generator | ssim | 0.100 | 0.250 |" in text
    (line,) = [line for line in text.splitlines() if line.startswith("papermill") and "-p stage gan" in line]
    assert '-p preset quick -p people -1 -p steps -1 -p changes "height=64 width=32 ' in line and "gan_steps=7" in line


def test_each_training_that_weights_began_with_has_its_command(made, tmp_path):
    first = {"step": 20, "seconds": 900.0, "sha256": "0"}  # as it was noted before changes were
    second = {"step": 30, "seconds": 1800.0, "sha256": "1", "changes": {"seed": 4, "people": 9}, "earlier": first}
    for stage, name in checkpoints.SHIPPED.items():
        found = checkpoints.load(made / "w" / stage, stage)
        network = models.build(found.config)[name]
        found.load_into(name, network)
        facts = {**found.facts, **({"started_from": second} if stage == "gan" else {})}
        checkpoints.save(tmp_path / stage, {name: network}, stage=stage, config=found.config, step=7, facts=facts)
    text = card.card(tmp_path, json.loads((ROOT / "figures" / "results.json").read_text()))
    assert "| 20 + 10 + 7 | 8 | 0 | 1.50 |" in text
    commands = [line for line in text.splitlines() if line.startswith("papermill") and "-p stage gan" in line]
    assert [re.findall(r"-p (?:out|start) \$PWD/runs/(\w+)", line) for line in commands] == [
        ["earlier"], ["earlier1", "earlier"], ["mine", "earlier1"]
    ]  # fmt: skip
    assert ['-p frozen "$PWD/runs/mine"' in line for line in commands] == [True, True, False]
    assert ['"people=9 seed=4"' in line or '"seed=4 people=9"' in line for line in commands] == [True, True, False]
    assert [line.count("gan_steps=7") for line in commands] == [0, 0, 1]
    assert "mkdir -p runs/earlier runs/earlier1 runs/mine" in text


def test_a_readme_without_marks_is_refused(tmp_path):
    (tmp_path / "README.md").write_text("# Title\n")
    with pytest.raises(ValueError, match="README.md: the lines <!-- results -->"):
        results.put_section(tmp_path / "README.md", "text")


def test_what_is_committed_belongs_to_the_shipped_weights():
    found = json.loads((ROOT / "figures" / "results.json").read_text())
    assert found["sha256"] == card.fingerprints(SHIPPED_FOLDER / "rendered"), "run python -m figures.results"
    assert results.section(found) in (ROOT / "README.md").read_text(encoding="utf-8"), "run python -m figures.results"
